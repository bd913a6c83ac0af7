//! What a run means beyond its numbers, drawn from its seconds: the single source for screen, report and JSON.

use std::sync::Arc;

use crate::metrics::{HeatColumn, HistogramError, History, RunRecord};

use super::{
    Capacity, Checked, Checklist, Resources, ServiceLevels, Steadiness, Summary,
    findings::{Finding, Grounds, Known, findings},
    recommendations::{Advised, Recommendation, recommendations},
    search::{SearchOutcome, outcome_of},
};

/// What a run means beyond its numbers.
#[derive(Clone, Debug, Default)]
pub struct Diagnosis {
    /// The response times of each known second, in order, for a heatmap.
    pub heat: Vec<Arc<HeatColumn>>,
    /// Whether its held stages warmed up, and settled.
    pub steadiness: Steadiness,
    /// Availability, error budget and Apdex.
    pub service_levels: ServiceLevels,
    /// What the machine that made the load had in use.
    pub resources: Resources,
    /// What the target can bear.
    pub capacity: Capacity,
    /// What a search for the highest load found; none in other runs.
    pub search: Option<SearchOutcome>,
    /// What seems to limit it, the heaviest first.
    pub findings: Vec<Finding>,
    /// What to do about it, by horizon.
    pub recommendations: Vec<Recommendation>,
    /// Whether the target is ready for production, as far as the run shows.
    pub checklist: Checklist,
}

impl Diagnosis {
    /// Of a kept run that was summed up with its intervals.
    pub fn new(record: &RunRecord, history: &History, summary: &Summary) -> Result<Self, HistogramError> {
        let capacity = Capacity::new(record, summary)?;
        let steadiness = Steadiness::of(record, history, summary)?;
        let known = Known { capacity: &capacity, steadiness: &steadiness };
        let findings = findings(&Grounds::new(record, history, summary, known));
        let service_levels = ServiceLevels::of(record, history, summary)?;
        let recommendations = recommendations(&Advised {
            record,
            summary,
            capacity: &capacity,
            steadiness: &steadiness,
            findings: &findings,
        });
        let checklist = Checklist::new(&Checked {
            record,
            summary,
            capacity: &capacity,
            steadiness: &steadiness,
            service_levels: &service_levels,
            findings: &findings,
        });
        Ok(Self {
            heat: history.columns().to_vec(),
            steadiness,
            service_levels,
            resources: Resources::new(record),
            capacity,
            search: outcome_of(record, history)?,
            findings,
            recommendations,
            checklist,
        })
    }
}
