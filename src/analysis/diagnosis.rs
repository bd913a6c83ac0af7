//! What a run means beyond its numbers, drawn from its seconds: the single source for screen, report and JSON.

use crate::metrics::{HistogramError, History, RunRecord};

use super::{
    Capacity, ServiceLevels, Steadiness, Summary,
    findings::{Finding, Grounds, findings},
};

/// What a run means beyond its numbers.
#[derive(Clone, Debug, Default)]
pub struct Diagnosis {
    /// Whether its held stages warmed up, and settled.
    pub steadiness: Steadiness,
    /// Availability, error budget and Apdex.
    pub service_levels: ServiceLevels,
    /// What the target can bear.
    pub capacity: Capacity,
    /// What seems to limit it, the heaviest first.
    pub findings: Vec<Finding>,
}

impl Diagnosis {
    /// Of a kept run that was summed up with its intervals.
    pub fn new(record: &RunRecord, history: &History, summary: &Summary) -> Result<Self, HistogramError> {
        let capacity = Capacity::new(record, summary)?;
        let findings = findings(&Grounds::new(record, history, summary, &capacity));
        Ok(Self {
            steadiness: Steadiness::of(record, history, summary)?,
            service_levels: ServiceLevels::of(record, history, summary)?,
            capacity,
            findings,
        })
    }
}
