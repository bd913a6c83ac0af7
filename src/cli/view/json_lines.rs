//! Progress for programs: one JSON object per closed second, units in the key names.

use std::time::Duration;

use serde_json::{Value, json};

use crate::metrics::{LiveSnapshot, Outcome, SecondPoint};
use crate::model::Plan;

use super::{View, tell};

/// One JSON object per closed second.
pub struct JsonLines {
    plan: Plan,
    n_told: usize,
}

impl JsonLines {
    pub fn new(plan: Plan) -> Self {
        Self { plan, n_told: 0 }
    }
}

impl View for JsonLines {
    fn show(&mut self, snapshot: &LiveSnapshot) {
        for point in snapshot.history.iter().skip(self.n_told) {
            tell(&second(point, &self.plan).to_string());
        }
        self.n_told = snapshot.history.len().max(self.n_told);
    }
}

fn second(point: &SecondPoint, plan: &Plan) -> Value {
    let millis = |latency: Option<Duration>| latency.map(|latency| latency.as_micros() as f64 / 1e3);
    let outcomes: serde_json::Map<String, Value> = Outcome::ALL
        .into_iter()
        .map(|outcome| (outcome.name().to_owned(), point.n_by_outcome[outcome as usize].into()))
        .collect();
    let stage = plan.stage_at(Duration::from_secs(point.second.into()));
    json!({
        "event": "second",
        "second": point.second,
        "stage": plan.stages().get(stage).map(|stage| &stage.name),
        "asked": point.asked_level,
        "asked_unit": if plan.is_open() { "arrivals_per_sec" } else { "users" },
        "started_per_sec": point.started_per_sec,
        "dropped_per_sec": point.dropped_per_sec,
        "sent_per_sec": point.sent_per_sec,
        "completed_per_sec": point.completed_per_sec,
        "errors_per_sec": point.errors_per_sec,
        "n_requests_by_outcome": outcomes,
        "response_time_p50_millis": millis(point.p50),
        "response_time_p90_millis": millis(point.p90),
        "response_time_p95_millis": millis(point.p95),
        "response_time_p99_millis": millis(point.p99),
        "response_time_max_millis": millis(point.max),
        "service_time_p95_millis": millis(point.service_p95),
        "start_lag_p99_millis": millis(point.start_lag_p99),
        "n_users": point.n_users,
        "n_in_flight": point.n_in_flight,
        "mean_in_flight": point.mean_in_flight,
        "n_connections": point.n_connections,
        "busiest_worker_ratio": point.busiest_worker_ratio,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::view::tests::{plan, snapshot};

    #[test]
    fn a_second_names_its_stage_and_units() {
        let event = second(&snapshot(11_000).history[10], &plan());
        assert_eq!(event["second"], 10);
        assert_eq!(event["stage"], "Second");
        assert_eq!(event["asked"], 20.0);
        assert_eq!(event["asked_unit"], "arrivals_per_sec");
        assert_eq!(event["response_time_p95_millis"], 9.0);
        assert_eq!(event["n_requests_by_outcome"]["ok"], 20);
        assert!(event["start_lag_p99_millis"].is_null());
    }
}
