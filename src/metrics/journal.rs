//! Where a run is written while it happens.

use super::{Annotation, ErrorGroup, IntervalStats, MonitorFacts, RunEnd, SeriesInfo, SeriesPoint};
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

/// Takes what monitors see; each call returns once it is safe, and may be made again with the same.
pub trait WatchJournal: Send {
    /// Keeps which series there are, before any of their points.
    fn series(&mut self, series: &[SeriesInfo]) -> Result<(), JournalError>;

    /// Keeps values of seconds; one of a series and second takes the place of the one before.
    fn points(&mut self, points: &[SeriesPoint]) -> Result<(), JournalError>;

    /// Keeps what the monitors came to so far, in the order of the scenario, in the place of what was kept before.
    fn facts(&mut self, facts: &[MonitorFacts]) -> Result<(), JournalError>;
}

/// Why measurements could not be kept; the run goes on and they are offered again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct JournalError(pub String);
