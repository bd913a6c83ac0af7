//! What of a report is asked for: its variant and its sections.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::model::nearest;

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
    Resources,
    Capacity,
    Bottlenecks,
    Projections,
    Recommendations,
    Comparison,
    Checklist,
    Notes,
    Appendix,
}

/// For whom a report is: how much of it there is, and in which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Variant {
    /// Everything, for those who check it.
    #[default]
    Full,
    /// What decides, for those who decide.
    OnePage,
    /// A comment under a change, as Markdown of at most [`MAX_COMMENT`] letters.
    PullRequest,
}

/// Letters that a comment on a change may have.
pub const MAX_COMMENT: usize = 65_000;

/// What of a report is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportOptions {
    pub variant: Variant,
    /// The sections that it has, as far as the run has something for them.
    pub sections: Vec<Section>,
    /// Fewer rows than the variant allows, where it would be too long.
    #[serde(skip)]
    pub max_rows: Option<usize>,
}

impl Default for ReportOptions {
    fn default() -> Self {
        Self::of(Variant::Full)
    }
}

impl ReportOptions {
    /// A variant with all sections that it has by itself.
    pub fn of(variant: Variant) -> Self {
        Self { variant, sections: variant.sections(), max_rows: None }
    }

    /// The same with these sections, in the order of the report whatever order they were named in.
    pub fn with(mut self, sections: &[Section]) -> Self {
        self.sections = Section::ALL.into_iter().filter(|section| sections.contains(section)).collect();
        self
    }

    /// Rows that its tables have at most; none: all of them.
    pub fn max_rows(&self) -> Option<usize> {
        self.max_rows.or(self.variant.max_rows())
    }

    /// The same without these sections.
    pub fn without(mut self, sections: &[Section]) -> Self {
        self.sections.retain(|section| !sections.contains(section));
        self
    }
}

impl Variant {
    pub const ALL: [Self; 3] = [Self::Full, Self::OnePage, Self::PullRequest];

    /// As files and commands name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::OnePage => "one-page",
            Self::PullRequest => "pull-request",
        }
    }

    /// As screens name it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Full => "Full report",
            Self::OnePage => "One page",
            Self::PullRequest => "Pull-request comment",
        }
    }

    /// The sections that it has by itself.
    pub fn sections(self) -> Vec<Section> {
        use Section::{
            Baseline, Bottlenecks, Checklist, Comparison, Interleaved, Notes, Recommendations, Services,
            Summary,
        };
        match self {
            Self::Full => Section::ALL.to_vec(),
            Self::OnePage => {
                vec![
                    Summary,
                    Interleaved,
                    Baseline,
                    Bottlenecks,
                    Recommendations,
                    Comparison,
                    Checklist,
                    Notes,
                ]
            }
            Self::PullRequest => {
                vec![Summary, Interleaved, Baseline, Services, Bottlenecks, Recommendations, Comparison]
            }
        }
    }

    /// How many rows its tables have at most; none: all of them.
    fn max_rows(self) -> Option<usize> {
        match self {
            Self::Full => None,
            Self::OnePage => Some(10),
            Self::PullRequest => Some(24),
        }
    }
}

impl Section {
    /// In the order of the report.
    pub const ALL: [Self; 21] = [
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
        Self::Resources,
        Self::Capacity,
        Self::Bottlenecks,
        Self::Projections,
        Self::Recommendations,
        Self::Comparison,
        Self::Checklist,
        Self::Notes,
        Self::Appendix,
    ];

    /// Its heading.
    pub fn title(self) -> &'static str {
        self.words().1
    }

    /// As files and commands name it.
    pub fn name(self) -> &'static str {
        self.words().0
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Summary => ("summary", "Executive summary"),
            Self::Interleaved => ("interleaved", "Baseline and candidate by turns"),
            Self::Context => ("context", "Context and method"),
            Self::Quality => ("quality", "Measurement quality"),
            Self::Steadiness => ("steadiness", "Warm-up and steady state"),
            Self::Baseline => ("baseline", "Baseline metrics against targets"),
            Self::ServiceLevels => ("service-levels", "Availability, error budget and Apdex"),
            Self::Errors => ("errors", "Error and throughput analysis"),
            Self::Stages => ("stages", "Results per stage"),
            Self::Steps => ("steps", "Results per step"),
            Self::Services => ("services", "Results per service against budget"),
            Self::Phases => ("phases", "Phases of a request"),
            Self::Resources => ("resources", "Resources"),
            Self::Capacity => ("capacity", "Scaling capacity and headroom"),
            Self::Bottlenecks => ("bottlenecks", "Bottlenecks and other findings"),
            Self::Projections => ("projections", "What if"),
            Self::Recommendations => ("recommendations", "Recommendations"),
            Self::Comparison => ("comparison", "Comparison with another run"),
            Self::Checklist => ("checklist", "Production-readiness checklist"),
            Self::Notes => ("notes", "Notes by the analyst"),
            Self::Appendix => ("appendix", "Appendix"),
        }
    }
}

impl FromStr for Section {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|section| section.name() == name.trim());
        found.ok_or_else(|| unknown("section", name, Self::ALL.map(Self::name).as_slice()))
    }
}

impl FromStr for Variant {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|variant| variant.name() == name.trim());
        found.ok_or_else(|| unknown("variant", name, Self::ALL.map(Self::name).as_slice()))
    }
}

/// What to say of a name that nobody knows.
pub(super) fn unknown(kind: &str, name: &str, known: &[&str]) -> String {
    match nearest(name, known.iter().copied()) {
        Some(near) => format!("a report has no {kind} `{name}`; did you mean `{near}`?"),
        None => format!("a report has no {kind} `{name}`; there are {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_stand_in_the_order_of_the_report_however_they_were_named() {
        let options = ReportOptions::default().with(&[Section::Steps, Section::Summary]);
        assert_eq!(options.sections, [Section::Summary, Section::Steps]);
        assert_eq!(options.without(&[Section::Steps]).sections, [Section::Summary]);
        for variant in Variant::ALL {
            assert!(variant.sections().is_sorted(), "{variant:?}");
        }
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        for section in Section::ALL {
            assert_eq!(section.name().parse(), Ok(section));
            assert_eq!(serde_json::to_value(section).unwrap(), section.name());
        }
        for variant in Variant::ALL {
            assert_eq!(variant.name().parse(), Ok(variant));
            assert_eq!(serde_json::to_value(variant).unwrap(), variant.name());
        }
        let message = "sumary".parse::<Section>().unwrap_err();
        assert!(message.contains("did you mean `summary`"), "{message}");
        let message = "xyz".parse::<Variant>().unwrap_err();
        assert!(message.contains("full, one-page, pull-request"), "{message}");
    }
}
