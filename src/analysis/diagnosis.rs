//! What a run means beyond its numbers, drawn from its seconds: the single source for screen, report and JSON.

use std::sync::Arc;

use crate::metrics::{HeatColumn, HistogramError, History, RunRecord};

use super::{Capacity, Resources, Summary};

/// What a run means beyond its numbers.
#[derive(Clone, Debug, Default)]
pub struct Diagnosis {
    /// The response times of each known second, in order, for a heatmap.
    pub heat: Vec<Arc<HeatColumn>>,
    /// What the machine that made the load had in use.
    pub resources: Resources,
    /// What the target can bear.
    pub capacity: Capacity,
}

impl Diagnosis {
    /// Of a kept run that was summed up with its intervals.
    pub fn new(record: &RunRecord, history: &History, summary: &Summary) -> Result<Self, HistogramError> {
        Ok(Self {
            heat: history.columns().to_vec(),
            resources: Resources::new(record),
            capacity: Capacity::new(record, summary)?,
        })
    }
}
