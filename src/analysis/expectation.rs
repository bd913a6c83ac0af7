//! What a load is likely to come to, from what an earlier run of the scenario measured. Estimates, never results.

use std::time::Duration;

use super::Summary;
use crate::{metrics::Aggregate, model::Scenario};

/// What an earlier run tells of the target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Experience {
    /// Mean service time of successful requests.
    pub service_time: Duration,
    /// Sent and received together.
    pub bytes_per_request: f64,
}

/// One iteration of a scenario on average over its journeys, by weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanIteration {
    pub n_requests: f64,
    /// Pauses between the steps.
    pub think_time: Duration,
    /// From one start to the next of a user that waits for its answers, pacing included.
    pub duration: Duration,
}

impl Experience {
    /// None where the run has no successful request.
    pub fn of(summary: &Summary) -> Option<Self> {
        Self::of_aggregate(&summary.headline)
    }

    fn of_aggregate(aggregate: &Aggregate) -> Option<Self> {
        let counters = &aggregate.stats.counters;
        let n_bytes = counters.bytes_sent + counters.bytes_received;
        Some(Self {
            service_time: aggregate.stats.service_time.mean()?,
            bytes_per_request: n_bytes as f64 / counters.n_requests() as f64,
        })
    }
}

impl MeanIteration {
    /// With requests that take `service_time` each; none without a journey that is walked.
    pub fn of(scenario: &Scenario, service_time: Duration) -> Option<Self> {
        let weight: f64 = scenario.enabled_journeys().map(|(_, journey)| f64::from(journey.weight)).sum();
        if weight <= 0.0 {
            return None;
        }
        let (mut n_requests, mut think_secs, mut secs) = (0.0, 0.0, 0.0);
        for (_, journey) in scenario.enabled_journeys() {
            let share = f64::from(journey.weight) / weight;
            let n_steps = journey.enabled_steps().count() as f64;
            let think = journey.think_time.mean().as_secs_f64() * n_steps;
            let walk = service_time.as_secs_f64() * n_steps + think;
            n_requests += share * n_steps;
            think_secs += share * think;
            secs += share * journey.pacing.map_or(walk, |pacing| walk.max(pacing.as_secs_f64()));
        }
        Some(Self {
            n_requests,
            think_time: Duration::try_from_secs_f64(think_secs).ok()?,
            duration: Duration::try_from_secs_f64(secs).ok()?,
        })
    }

    /// Iterations that users make who are there for so many seconds together.
    pub fn n_within(&self, user_secs: f64) -> Option<f64> {
        let secs = self.duration.as_secs_f64();
        (secs > 0.0).then(|| user_secs / secs)
    }

    /// Requests in flight at a level of the load, by Little's law: rate × service time.
    pub fn n_in_flight(&self, level: f64, is_open: bool, service_time: Duration) -> Option<f64> {
        let starts_per_sec = if is_open { level } else { self.n_within(level)? };
        Some(starts_per_sec * self.n_requests * service_time.as_secs_f64())
    }

    /// The level of the load that asks for so many requests per second.
    pub fn level_of(&self, requests_per_sec: f64, is_open: bool) -> Option<f64> {
        if self.n_requests <= 0.0 {
            return None;
        }
        let starts_per_sec = requests_per_sec / self.n_requests;
        if is_open {
            return Some(starts_per_sec);
        }
        let secs = self.duration.as_secs_f64();
        (secs > 0.0).then_some(starts_per_sec * secs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Journey, Step, ThinkTime, parse_scenario};

    fn scenario(journeys: &[(u32, usize, u64, Option<u64>)]) -> Scenario {
        let text = "format = 1\nname = \"a\"\nbase_url = \"sandbox:\"\n[load]\nmodel = \"closed\"\n\
                    [[load.stages]]\nname = \"a\"\nduration = \"1s\"\nusers = 1\n\
                    [[journeys]]\nname = \"a\"\n[[journeys.steps]]\nname = \"a\"\npath = \"/\"\n";
        let (mut scenario, _) = parse_scenario(text).unwrap();
        scenario.journeys = journeys
            .iter()
            .map(|(weight, n_steps, think_millis, pacing_secs)| Journey {
                weight: *weight,
                think_time: ThinkTime::Fixed(Duration::from_millis(*think_millis)),
                pacing: pacing_secs.map(Duration::from_secs),
                steps: vec![Step::get("s", "/"); *n_steps],
                ..Journey::new("j")
            })
            .collect();
        scenario
    }

    #[test]
    fn an_iteration_is_the_mean_over_the_journeys_by_weight() {
        let mut scenario = scenario(&[(3, 2, 400, None), (1, 6, 0, Some(4)), (9, 9, 0, None)]);
        scenario.journeys[2].enabled = false;
        let mean = MeanIteration::of(&scenario, Duration::from_millis(100)).unwrap();
        assert_eq!(mean.n_requests, 3.0);
        assert_eq!(mean.think_time, Duration::from_millis(600));
        assert_eq!(mean.duration, Duration::from_millis(1_750));
        assert_eq!(mean.n_within(175.0), Some(100.0));
    }

    #[test]
    fn little_says_how_much_is_in_flight_and_where_the_ceiling_lies() {
        let scenario = scenario(&[(1, 2, 400, None)]);
        let service_time = Duration::from_millis(100);
        let mean = MeanIteration::of(&scenario, service_time).unwrap();
        assert_eq!(mean.n_in_flight(50.0, true, service_time), Some(10.0));
        assert_eq!(mean.n_in_flight(50.0, false, service_time), Some(10.0));
        assert_eq!(mean.level_of(1_000.0, true), Some(500.0));
        assert_eq!(mean.level_of(1_000.0, false), Some(500.0));
        assert_eq!(MeanIteration::of(&self::scenario(&[]), service_time), None);
    }
}
