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
    Baseline,
    Errors,
    Stages,
    Steps,
    Services,
    Phases,
    Bottlenecks,
    Projections,
    Recommendations,
    Checklist,
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
    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Summary => "Executive summary",
            Self::Interleaved => "Baseline and candidate by turns",
            Self::Context => "Context and method",
            Self::Quality => "Measurement quality",
            Self::Baseline => "Baseline metrics against targets",
            Self::Errors => "Error and throughput analysis",
            Self::Stages => "Results per stage",
            Self::Steps => "Results per step",
            Self::Services => "Results per service against budget",
            Self::Phases => "Phases of a request",
            Self::Bottlenecks => "Bottlenecks and other findings",
            Self::Projections => "What if",
            Self::Recommendations => "Recommendations",
            Self::Checklist => "Production-readiness checklist",
            Self::Appendix => "Appendix",
        }
    }

    pub const ALL: [Self; 15] = [
        Self::Summary,
        Self::Interleaved,
        Self::Context,
        Self::Quality,
        Self::Baseline,
        Self::Errors,
        Self::Stages,
        Self::Steps,
        Self::Services,
        Self::Phases,
        Self::Bottlenecks,
        Self::Projections,
        Self::Recommendations,
        Self::Checklist,
        Self::Appendix,
    ];
}
