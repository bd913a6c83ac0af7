//! How many users a rate of requests is the work of: Little's law over whole iterations, pauses included.

use std::time::Duration;

use super::{
    level::Level,
    slo::{CapacityEstimate, Demand},
};
use crate::analysis::{MeanIteration, stats::Estimate};
use crate::model::Scenario;

/// Users that were there and those that their rate comes to may differ by this share: ramps reach over the edges, and
/// pauses are drawn.
const AGREEMENT: f64 = 0.05;

/// What a capacity in requests per second comes to in iterations and in users.
#[derive(Clone, Debug, PartialEq)]
pub struct UsersSupported {
    /// One iteration on average over the journeys by weight, with answers as slow as at the capacity.
    pub iteration: MeanIteration,
    /// Mean response time at the capacity.
    pub mean_response: Duration,
    /// Whether some journey is paced, so that a user may wait for the next start.
    pub is_paced: bool,
    pub requests_per_sec: Estimate,
    pub iterations_per_sec: Estimate,
    /// Users who start again when they are done: X × (R + Z).
    pub derived_users: Estimate,
    /// Users that the level really had (closed model), which the derivation can be held against.
    pub tested_users: Option<f64>,
    /// The demand in iterations per second and in users, where there is one.
    pub demand_iterations_per_sec: Option<f64>,
    pub demand_users: Option<f64>,
}

impl UsersSupported {
    /// Of the level that met its targets; none where it has no answers, or the journeys send nothing.
    pub(super) fn new(
        scenario: &Scenario,
        level: &Level,
        capacity: &CapacityEstimate,
        demand: Option<Demand>,
    ) -> Option<Self> {
        let mean_response = level.mean_response?;
        let iteration = MeanIteration::of(scenario, mean_response)?;
        let requests_per_sec = capacity.requests_per_sec;
        let iterations = |rate: f64| (iteration.n_requests > 0.0).then(|| rate / iteration.n_requests);
        let users = |rate: f64| Some(iterations(rate)? * iteration.duration.as_secs_f64());
        let in_unit = |of: &dyn Fn(f64) -> Option<f64>| {
            Some(Estimate {
                value: of(requests_per_sec.value)?,
                low: requests_per_sec.low.and_then(of),
                high: requests_per_sec.high.and_then(of),
            })
        };
        let demand = demand.map(|demand| demand.requests_per_sec);
        Some(Self {
            mean_response,
            is_paced: scenario.enabled_journeys().any(|(_, journey)| journey.pacing.is_some()),
            requests_per_sec,
            iterations_per_sec: in_unit(&iterations)?,
            derived_users: in_unit(&users)?,
            tested_users: (!scenario.load.model.is_open()).then_some(level.offered),
            demand_iterations_per_sec: demand.and_then(iterations),
            demand_users: demand.and_then(users),
            iteration,
        })
    }

    /// Users to plan with: those that were tested, else the derived ones with their bounds.
    pub fn users(&self) -> Estimate {
        let as_tested = |users| Estimate { value: users, low: Some(users), high: Some(users) };
        self.tested_users.map_or(self.derived_users, as_tested)
    }

    /// Whether rate × time comes to the users that there were; none where they are not known.
    pub fn agrees(&self) -> Option<bool> {
        let tested = self.tested_users?;
        Some((self.derived_users.value - tested).abs() <= AGREEMENT * tested)
    }
}
