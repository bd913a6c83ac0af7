//! What a run means beyond its numbers, drawn from its seconds: the single source for screen, report and JSON.

use crate::metrics::{HistogramError, History, RunRecord};

use super::{
    Summary,
    findings::{Finding, Grounds, findings},
};

/// What a run means beyond its numbers.
#[derive(Clone, Debug, Default)]
pub struct Diagnosis {
    /// What seems to limit it, the heaviest first.
    pub findings: Vec<Finding>,
}

impl Diagnosis {
    /// Of a kept run that was summed up with its intervals.
    pub fn new(record: &RunRecord, history: &History, summary: &Summary) -> Result<Self, HistogramError> {
        Ok(Self { findings: findings(&Grounds::new(record, history, summary)) })
    }
}
