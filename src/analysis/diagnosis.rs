//! What a run means beyond its numbers, drawn from its seconds: the single source for screen, report and JSON.

use crate::metrics::{HistogramError, History, RunRecord};

use super::{Capacity, Summary};

/// What a run means beyond its numbers.
#[derive(Clone, Debug, Default)]
pub struct Diagnosis {
    /// What the target can bear.
    pub capacity: Capacity,
}

impl Diagnosis {
    /// Of a kept run that was summed up with its intervals.
    pub fn new(record: &RunRecord, _history: &History, summary: &Summary) -> Result<Self, HistogramError> {
        Ok(Self { capacity: Capacity::new(record, summary)? })
    }
}
