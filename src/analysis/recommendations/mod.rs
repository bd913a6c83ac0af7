//! Recommendations: what to do now, soon, and later, each on evidence of the run, with what it would bring where a
//! model says so, and with what to measure first where none does.
//!
//! Words of the analyst are kept elsewhere, by the `id` of a recommendation, which is the same in every run.

mod of_findings;
mod of_run;
mod of_traffic;
mod projected;
#[cfg(test)]
mod tests;

use crate::metrics::RunRecord;

use super::{
    Capacity, Steadiness, Summary,
    findings::{Experiment, Figure, Finding},
};

/// Something to do.
#[derive(Clone, Debug, PartialEq)]
pub struct Recommendation {
    /// The same for the same reason and scope in every run.
    pub id: String,
    pub horizon: Horizon,
    /// What to do, in a few words.
    pub title: String,
    /// The same in full, one to three plain sentences.
    pub words: String,
    /// What it stands on; never nothing.
    pub stands_on: Vec<Basis>,
    pub effect: ProjectedEffect,
    /// What would tell more, where there is something to be run.
    pub experiment: Option<Experiment>,
    /// By it recommendations of one horizon are ordered, the heaviest first.
    pub weight: f64,
}

/// When something is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Horizon {
    /// Before anything else.
    Immediate,
    ShortTerm,
    LongTerm,
}

/// What a recommendation stands on.
#[derive(Clone, Debug, PartialEq)]
pub struct Basis {
    pub kind: BasisKind,
    /// The finding's or the threshold's id.
    pub id: String,
    /// What was found, in a sentence.
    pub words: String,
}

/// Which part of a report a basis stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BasisKind {
    Finding,
    Threshold,
    Quality,
    Verdict,
    Capacity,
    /// How the run was made: its stages, labels and length.
    Run,
}

/// What a change would bring.
#[derive(Clone, Debug, PartialEq)]
pub enum ProjectedEffect {
    /// By a model or plain arithmetic: never measured.
    Model {
        /// `p95 of step buy 80.0 ms → 52.1–71.0 ms`.
        words: String,
        /// What it takes for granted.
        assumption: String,
        figures: Vec<Figure>,
    },
    /// No model holds.
    MeasureFirst,
    /// Nothing of the target is changed by it.
    ChangesNothing,
}

/// What is said where no model holds.
pub const MEASURE_FIRST: &str = "No effect is projected: measure first.";

/// What stands before every projected effect.
pub const MODEL_LABEL: &str = "Model, not measured";

/// The id of the one that says that nothing presses.
const ALL_IS_WELL: &str = "watch";

impl Recommendation {
    /// Whether it says that nothing has to be changed now.
    pub fn is_all_well(&self) -> bool {
        self.id == ALL_IS_WELL
    }
}

impl Horizon {
    pub const ALL: [Self; 3] = [Self::Immediate, Self::ShortTerm, Self::LongTerm];

    /// The words for screen and report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Immediate => "Immediate",
            Self::ShortTerm => "Short term",
            Self::LongTerm => "Long term",
        }
    }

    /// The word for files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Immediate => "immediate",
            Self::ShortTerm => "short-term",
            Self::LongTerm => "long-term",
        }
    }
}

impl BasisKind {
    /// The word for files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Threshold => "threshold",
            Self::Quality => "quality",
            Self::Verdict => "verdict",
            Self::Capacity => "capacity",
            Self::Run => "run",
        }
    }
}

impl Basis {
    fn new(kind: BasisKind, id: impl Into<String>, words: impl Into<String>) -> Self {
        Self { kind, id: id.into(), words: words.into() }
    }

    fn of(finding: &Finding) -> Self {
        Self::new(BasisKind::Finding, finding.id(), finding.claim.clone())
    }
}

impl ProjectedEffect {
    /// What it says, with what it takes for granted; none where nothing of the target is changed.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Model { words, assumption, .. } => {
                Some(format!("{MODEL_LABEL}: {words}, if {assumption}."))
            }
            Self::MeasureFirst => Some(MEASURE_FIRST.to_owned()),
            Self::ChangesNothing => None,
        }
    }
}

/// A run with all that recommendations are drawn from.
#[derive(Clone, Copy)]
pub struct Advised<'a> {
    pub record: &'a RunRecord,
    pub summary: &'a Summary,
    pub capacity: &'a Capacity,
    pub steadiness: &'a Steadiness,
    pub findings: &'a [Finding],
}

/// What to do about a run, by horizon, the heaviest first.
pub fn recommendations(run: &Advised<'_>) -> Vec<Recommendation> {
    let mut all: Vec<Recommendation> =
        run.findings.iter().flat_map(|finding| of_findings::of_finding(run, finding)).collect();
    all.extend(of_run::of_run(run));
    all.sort_by(|a, b| {
        a.horizon.cmp(&b.horizon).then(b.weight.total_cmp(&a.weight)).then_with(|| a.id.cmp(&b.id))
    });
    all
}
