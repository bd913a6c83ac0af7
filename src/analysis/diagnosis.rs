//! What a run means beyond its numbers, drawn from its seconds: the single source for screen, report and JSON.

use crate::metrics::{HistogramError, History, RunRecord};

use super::Summary;

/// What a run means beyond its numbers.
#[derive(Clone, Debug, Default)]
pub struct Diagnosis {}

impl Diagnosis {
    /// Of a kept run that was summed up with its intervals.
    pub fn new(_record: &RunRecord, _history: &History, _summary: &Summary) -> Result<Self, HistogramError> {
        Ok(Self {})
    }
}
