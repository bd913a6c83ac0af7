//! What a run means beyond its numbers, drawn from its seconds: the single source for screen, report and JSON.

use crate::metrics::{HistogramError, History, RunRecord};

use super::{
    Capacity, Summary,
    findings::{Finding, Grounds, findings},
};

/// What a run means beyond its numbers.
#[derive(Clone, Debug, Default)]
pub struct Diagnosis {
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
        Ok(Self { capacity, findings })
    }
}
