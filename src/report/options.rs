//! What of a report is asked for: its sections.

use serde::{Deserialize, Serialize};

/// A part of the report that can be left out; the order is that of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Section {
    Summary,
    Interleaved,
    Context,
    Quality,
    Steadiness,
    Baseline,
    ServiceLevels,
    Errors,
    Stages,
    Steps,
    Services,
    Phases,
    Appendix,
}

/// What of a report is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportOptions {
    /// The sections that it has, as far as the run has something for them.
    pub sections: Vec<Section>,
}

impl Default for ReportOptions {
    fn default() -> Self {
        Self { sections: Section::ALL.to_vec() }
    }
}

impl Section {
    pub const ALL: [Self; 13] = [
        Self::Summary,
        Self::Interleaved,
        Self::Context,
        Self::Quality,
        Self::Steadiness,
        Self::Baseline,
        Self::ServiceLevels,
        Self::Errors,
        Self::Stages,
        Self::Steps,
        Self::Services,
        Self::Phases,
        Self::Appendix,
    ];
}
