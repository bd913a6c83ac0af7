//! Two runs beside each other: what changed, in absolute and relative terms.

use crate::metrics::RunId;
use crate::model::{Metric, Scope};

use super::Summary;

/// A candidate run relative to a baseline run.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub baseline: RunId,
    pub candidate: RunId,
    /// Headline numbers first, then per step and per service where both runs have them.
    pub changes: Vec<Change>,
    /// What differs in the set-up, one plain sentence each.
    pub setup_differences: Vec<String>,
    /// Why the two should not be compared without thought; empty when nothing stands against it.
    pub cautions: Vec<String>,
    /// The comparison in one plain sentence.
    pub sentence: String,
}

/// One metric of one scope in both runs, in the metric's unit.
#[derive(Clone, Debug)]
pub struct Change {
    pub scope: Scope,
    pub metric: Metric,
    pub baseline: Option<f64>,
    pub candidate: Option<f64>,
    /// Bounds of candidate − baseline at 95 % confidence, once they are estimated.
    pub interval: Option<(f64, f64)>,
}

impl Change {
    /// Candidate − baseline.
    pub fn absolute(&self) -> Option<f64> {
        Some(self.candidate? - self.baseline?)
    }

    /// (Candidate − baseline) ÷ baseline.
    pub fn relative(&self) -> Option<f64> {
        let baseline = self.baseline.filter(|baseline| *baseline != 0.0)?;
        Some(self.absolute()? / baseline)
    }
}

/// Compares two summed-up runs.
pub fn compare(
    baseline: (&crate::metrics::RunRecord, &Summary),
    candidate: (&crate::metrics::RunRecord, &Summary),
) -> Comparison {
    let _ = (baseline, candidate);
    todo!()
}
