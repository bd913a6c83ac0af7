//! Where a run is written while it happens.

use super::{Annotation, ErrorGroup, IntervalStats, RunEnd};
use crate::model::PlanChange;

/// Takes a run's measurements as they close; each call returns once they are safe.
pub trait Journal: Send {
    /// Keeps one closed second, and the present state of the error groups that changed in it.
    fn interval(&mut self, interval: &IntervalStats, changed: &[ErrorGroup]) -> Result<(), JournalError>;

    fn annotation(&mut self, annotation: &Annotation) -> Result<(), JournalError>;

    /// Keeps a change of the plan.
    fn plan_change(&mut self, change: &PlanChange) -> Result<(), JournalError>;

    /// Keeps how the run ended; nothing follows.
    fn finish(&mut self, end: &RunEnd) -> Result<(), JournalError>;
}

/// Why measurements could not be kept; the run goes on and they are offered again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JournalError(pub String);
