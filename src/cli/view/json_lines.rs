//! Progress for programs: one JSON object per closed second, units in the key names.
//!
//! The newest of them also says how the run stands by then: the last seconds and the run so far, and its thresholds.

use std::time::Duration;

use serde_json::{Value, json};

use crate::metrics::{LiveSnapshot, Outcome, SecondPoint, StretchFigures, ThresholdLive, ThresholdState};
use crate::model::{Plan, Scenario, Unit};

use super::{View, tell};
use crate::analysis::scope_words;

/// One JSON object per closed second.
pub struct JsonLines {
    scenario: Scenario,
    n_told: usize,
}

impl JsonLines {
    pub fn new(scenario: Scenario) -> Self {
        Self { scenario, n_told: 0 }
    }
}

impl View for JsonLines {
    fn show(&mut self, snapshot: &LiveSnapshot) {
        for point in snapshot.history.iter().skip(self.n_told) {
            let mut event = second(point, &snapshot.plan);
            if snapshot.recent.run.seconds.end == point.second + 1 {
                self.add_standing(&mut event, snapshot);
            }
            tell(&event.to_string());
        }
        self.n_told = snapshot.history.len().max(self.n_told);
    }
}

impl JsonLines {
    fn add_standing(&self, event: &mut Value, snapshot: &LiveSnapshot) {
        event["last_seconds"] = stretch(&snapshot.recent.last);
        event["run_so_far"] = stretch(&snapshot.recent.run);
        let thresholds = snapshot.thresholds.iter();
        event["thresholds"] = thresholds.filter_map(|live| self.threshold(live)).collect();
    }

    fn threshold(&self, live: &ThresholdLive) -> Option<Value> {
        let threshold = self.scenario.thresholds.get(live.threshold)?;
        let unit = match threshold.metric.unit() {
            Unit::Seconds => "seconds",
            Unit::Ratio => "ratio",
            Unit::PerSecond => "per_sec",
        };
        let state = match live.state {
            ThresholdState::Met => "met",
            ThresholdState::Missed => "missed",
            ThresholdState::NoData => "no_data",
        };
        let secs = |span: Duration| span.as_secs_f64();
        Some(json!({
            "index": live.threshold,
            "metric": threshold.metric.to_string(),
            "scope": scope_words(&threshold.scope),
            "unit": unit,
            "limit": threshold.limit,
            "actual": live.actual,
            "is_censored": live.is_censored,
            "state": state,
            "missed_since_secs": live.missed_since.map(secs),
            "missed_for_secs": secs(live.missed_for),
            "ends_run_in_secs": live.ends_in.map(secs),
        }))
    }
}

/// A stretch of the run, from merged histograms.
fn stretch(figures: &StretchFigures) -> Value {
    json!({
        "from_second": figures.seconds.start,
        "n_seconds": figures.n_seconds(),
        "asked": figures.asked_level,
        "sent_per_sec": figures.sent_per_sec,
        "completed_per_sec": figures.completed_per_sec,
        "n_requests": figures.counters.n_requests(),
        "n_errors": figures.counters.n_errors(),
        "error_ratio": figures.counters.error_ratio(),
        "n_requests_by_status_class": status_classes(&figures.counters.n_by_status_class),
        "response_time_p50_millis": millis(figures.p50),
        "response_time_p75_millis": millis(figures.p75),
        "response_time_p90_millis": millis(figures.p90),
        "response_time_p95_millis": millis(figures.p95),
        "response_time_p99_millis": millis(figures.p99),
        "response_time_p99_9_millis": millis(figures.p99_9),
        "response_time_max_millis": millis(figures.max),
        "start_lag_p99_millis": millis(figures.start_lag_p99),
    })
}

fn status_classes(counts: &[u64; 6]) -> Value {
    let names = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];
    let counted = names.into_iter().zip(counts).map(|(name, n)| (name.to_owned(), (*n).into()));
    Value::Object(counted.collect())
}

fn millis(latency: Option<Duration>) -> Option<f64> {
    latency.map(|latency| latency.as_micros() as f64 / 1e3)
}

fn second(point: &SecondPoint, plan: &Plan) -> Value {
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
        "n_requests_by_status_class": status_classes(&point.n_by_status_class),
        "response_time_p50_millis": millis(point.p50),
        "response_time_p75_millis": millis(point.p75),
        "response_time_p90_millis": millis(point.p90),
        "response_time_p95_millis": millis(point.p95),
        "response_time_p99_millis": millis(point.p99),
        "response_time_p99_9_millis": millis(point.p99_9),
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
    use crate::cli::view::tests::{plan, scenario, snapshot};

    #[test]
    fn a_second_names_its_stage_and_units() {
        let event = second(&snapshot(11_000).history[10], &plan());
        assert_eq!(event["second"], 10);
        assert_eq!(event["stage"], "Second");
        assert_eq!(event["asked"], 20.0);
        assert_eq!(event["asked_unit"], "arrivals_per_sec");
        assert_eq!(event["response_time_p95_millis"], 9.0);
        assert_eq!(event["n_requests_by_outcome"]["ok"], 20);
        assert_eq!(event["response_time_p99_9_millis"], 14.0);
        assert_eq!(event["n_requests_by_status_class"]["2xx"], 20);
        assert!(event["start_lag_p99_millis"].is_null());
    }

    #[test]
    fn the_newest_second_says_how_the_run_stands() {
        let snapshot = snapshot(11_000);
        let mut event = second(&snapshot.history[10], &plan());
        JsonLines::new(scenario()).add_standing(&mut event, &snapshot);
        assert_eq!(
            (&event["last_seconds"]["from_second"], &event["last_seconds"]["n_seconds"]),
            (&json!(6), &json!(5))
        );
        assert_eq!(event["run_so_far"]["n_requests"], 220);
        assert_eq!(event["run_so_far"]["response_time_p95_millis"], 9.0);
        assert_eq!(event["thresholds"], json!([]));
    }
}
