//! What a target can bear: the levels that a run held, the rate that kept its targets, the users that this is the work
//! of, and how throughput grows with concurrency.
//!
//! A number of capacity rests on levels that were held and judged on their bounds, never on a curve or a processor's
//! share; the curve says where throughput would end, the knee is an aid for the eye.

mod generator;
mod knee;
mod level;
pub mod queueing;
mod scaling;
mod slo;
#[cfg(test)]
mod tests;
mod users;
mod usl;
mod words;

use crate::metrics::{HistogramError, RunRecord};
use crate::model::Scenario;

use super::Summary;

pub use knee::{Bend, knee};
pub use level::{InFlight, InFlightSource, Level, LevelPercentile, NotCounted, QUANTILES};
pub use scaling::{Concurrency, Scaling, ScalingPoint};
pub use slo::{
    CapacityEstimate, Demand, DemandSource, Headroom, LevelVerdict, SloCapacity, TargetDoubt, TargetResult,
    TargetVerdict,
};
pub use users::UsersSupported;
pub use usl::{
    Coefficient, MAX_EXTRAPOLATION, MIN_LEVELS, N_GOOD_LEVELS, Usl, UslPeak, UslPoint, UslRefusal,
};
pub use words::CAPACITY_NOTE;

/// What a run tells of its target's capacity.
#[derive(Clone, Debug, Default)]
pub struct Capacity {
    pub is_open: bool,
    /// The stages that held their level, in the order of the run.
    pub levels: Vec<Level>,
    /// The highest rate that met the scenario's targets.
    pub slo: SloCapacity,
    /// What the target has to bear: a threshold on throughput, or what somebody stated.
    pub demand: Option<Demand>,
    pub headroom: Option<Headroom>,
    /// The same capacity in iterations and users.
    pub users: Option<UsersSupported>,
    pub scaling: Scaling,
    /// What the figures cover where that is not plain, and what weakens them.
    pub notes: Vec<String>,
}

impl Capacity {
    /// Of a kept run that was summed up with its intervals.
    ///
    /// # Errors
    /// Where a kept histogram cannot be read.
    pub fn new(record: &RunRecord, summary: &Summary) -> Result<Self, HistogramError> {
        let scenario = &record.start.scenario;
        let levels = level::levels(record, summary)?;
        let is_open = scenario.load.model.is_open();
        let capacity = Self {
            is_open,
            slo: slo::slo_capacity(&levels),
            scaling: scaling_of(&levels, is_open),
            notes: words::notes(record, summary, &levels),
            levels,
            ..Self::default()
        };
        let demand = slo::demand_of(scenario);
        Ok(capacity.against(demand, scenario))
    }

    /// The same capacity held against a demand that somebody states, in requests per second.
    pub fn with_demand(self, requests_per_sec: f64, scenario: &Scenario) -> Self {
        self.against(Some(Demand { requests_per_sec, source: DemandSource::Stated }), scenario)
    }

    fn against(self, demand: Option<Demand>, scenario: &Scenario) -> Self {
        let users = self
            .estimate()
            .and_then(|estimate| UsersSupported::new(scenario, &self.levels[estimate.met], estimate, demand));
        Self { headroom: slo::headroom(&self.slo, demand), demand, users, ..self }
    }

    /// The highest level that met the targets, where there is one number.
    pub fn estimate(&self) -> Option<&CapacityEstimate> {
        match &self.slo {
            SloCapacity::Reached(estimate) => Some(estimate),
            _ => None,
        }
    }

    /// Whether there is nothing to be told, because nothing was worked out.
    pub fn is_unknown(&self) -> bool {
        self.slo == SloCapacity::Unknown
    }
}

/// What came through at the levels that the generator did not make itself.
fn scaling_of(levels: &[Level], is_open: bool) -> Scaling {
    let point = |level: &Level| {
        let in_flight = level.in_flight.map(|in_flight| in_flight.mean);
        Some(ScalingPoint {
            name: level.name.clone(),
            level: level.offered,
            concurrency: if is_open { in_flight? } else { level.offered },
            throughput: level.good?,
            latency_secs: level
                .percentile(0.95)?
                .reading
                .filter(|reading| !reading.is_censored)
                .map(|r| r.value),
        })
    };
    let concurrency = if is_open { Concurrency::InFlight } else { Concurrency::Users };
    let is_of_target = |level: &&Level| level.not_counted.is_none_or(|reason| !reason.is_of_generator());
    Scaling::new(concurrency, levels.iter().filter(is_of_target).filter_map(point).collect())
}
