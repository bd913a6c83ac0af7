//! Self-checks: does the measurement describe the target, or the generator?

use crate::metrics::{Caveat, CaveatKind, RunRecord, RunTotals, Weight};

/// The limits of one self-check.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    pub kind: CaveatKind,
    /// What is measured, in words.
    pub what: &'static str,
    pub weak: f64,
    pub invalid: f64,
}

/// All limits in one table (SCIENCE: measurement self-checks).
pub const LIMITS: &[Limit] = &[];

/// How the self-checks came out.
#[derive(Clone, Debug)]
pub struct Quality {
    /// The worst of the caveats, as a word: valid, weak, invalid.
    pub standing: Standing,
    /// One row per self-check: name, measured figure, limit, standing; texts are ready to print.
    pub rows: Vec<QualityRow>,
    pub caveats: Vec<Caveat>,
}

/// One self-check with its figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualityRow {
    pub name: String,
    pub measured: String,
    pub limit: String,
    pub standing: Standing,
}

/// How far the numbers can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Valid,
    Weak,
    Invalid,
}

impl From<Weight> for Standing {
    fn from(weight: Weight) -> Self {
        match weight {
            Weight::Note => Self::Valid,
            Weight::Weak => Self::Weak,
            Weight::Invalid => Self::Invalid,
        }
    }
}

/// Runs all self-checks on a run.
pub fn assess(record: &RunRecord, totals: &RunTotals) -> Quality {
    let _ = (record, totals);
    todo!()
}
