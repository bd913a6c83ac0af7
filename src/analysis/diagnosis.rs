//! What a run means beyond its numbers, drawn from its seconds: the single source for screen, report and JSON.

use crate::metrics::{HistogramError, History, RunRecord};

use super::{ServiceLevels, Steadiness, Summary};

/// What a run means beyond its numbers.
#[derive(Clone, Debug, Default)]
pub struct Diagnosis {
    pub steadiness: Steadiness,
    pub service_levels: ServiceLevels,
}

impl Diagnosis {
    /// Of a kept run that was summed up with its intervals.
    pub fn new(record: &RunRecord, history: &History, summary: &Summary) -> Result<Self, HistogramError> {
        Ok(Self {
            steadiness: Steadiness::of(record, history, summary)?,
            service_levels: ServiceLevels::of(record, history, summary)?,
        })
    }
}
