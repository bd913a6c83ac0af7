//! The immutable live view of a run that the engine publishes; the newest replaces the last.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use super::{Annotation, ErrorGroup, Finish, History, HostSample, N_OUTCOMES, N_REQUEST_PHASES, Recent};
use crate::model::{Plan, PlanChange};

/// Where a run is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Preparing,
    Running,
    /// No new iterations; those in flight may finish.
    Draining,
    Finished,
}

/// Immutable view of a run at a moment.
#[derive(Clone, Debug)]
pub struct LiveSnapshot {
    pub phase: Phase,
    /// Set once `phase` is finished.
    pub finish: Option<Finish>,
    pub elapsed: Duration,
    /// With the changes so far.
    pub plan: Arc<Plan>,
    /// Index of the present stage.
    pub stage: usize,
    /// One point per closed second, from the first.
    pub history: Arc<Vec<SecondPoint>>,
    /// The same seconds with their histograms; empty unless snapshots look back at all of it.
    pub past: Arc<History>,
    /// The last seconds and the run so far in figures, where snapshots do not look back at all of it; renewed once a second.
    pub recent: Arc<Recent>,
    /// How the run stands against its thresholds, in the order of the scenario; renewed once a second.
    pub thresholds: Arc<Vec<ThresholdLive>>,
    pub error_groups: Arc<Vec<ErrorGroup>>,
    pub annotations: Arc<Vec<Annotation>>,
    /// What was changed in the plan so far; each has an annotation of its moment.
    pub plan_changes: Arc<Vec<PlanChange>>,
    pub n_requests: u64,
    pub n_errors: u64,
    pub n_started: u64,
    pub n_dropped: u64,
    pub n_users: u32,
    pub n_in_flight: u32,
    /// What could not be kept, in plain words; empty when all is well.
    pub journal_trouble: Option<String>,
}

impl LiveSnapshot {
    /// Since when the load is paused; it is not once the load has ended.
    pub fn paused_since(&self) -> Option<Duration> {
        let is_loaded = matches!(self.phase, Phase::Preparing | Phase::Running);
        self.plan.paused_since().filter(|from| is_loaded && *from <= self.elapsed)
    }
}

/// One closed second for charts: rates per second, quantiles of this second's successful requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecondPoint {
    pub second: u32,
    /// Users (closed) or arrivals per second (open).
    pub asked_level: f64,
    pub started_per_sec: f64,
    pub dropped_per_sec: f64,
    pub sent_per_sec: f64,
    pub completed_per_sec: f64,
    pub errors_per_sec: f64,
    pub n_by_outcome: [u64; N_OUTCOMES],
    /// By the answer's first digit; index 0 counts requests without an answer.
    pub n_by_status_class: [u64; 6],
    pub p50: Option<Duration>,
    pub p75: Option<Duration>,
    pub p90: Option<Duration>,
    pub p95: Option<Duration>,
    pub p99: Option<Duration>,
    pub p99_9: Option<Duration>,
    pub max: Option<Duration>,
    pub service_p95: Option<Duration>,
    /// Median of each [`RequestPhase`](super::RequestPhase) that occurred.
    pub phase_p50: [Option<Duration>; N_REQUEST_PHASES],
    pub start_lag_p99: Option<Duration>,
    pub n_users: u32,
    pub n_in_flight: u32,
    /// Mean number of requests in flight, counted as they came and went.
    pub mean_in_flight: Option<f64>,
    /// Connections open at the end of the second.
    pub n_connections: Option<u32>,
    /// Share of a processor that the busiest worker used.
    pub busiest_worker_ratio: Option<f64>,
    pub host: Option<HostSample>,
}

/// How a run under way stands against one of its thresholds.
#[derive(Clone, Debug, PartialEq)]
pub struct ThresholdLive {
    /// Index into [`Scenario::thresholds`](crate::model::Scenario::thresholds).
    pub threshold: usize,
    /// In the unit of its metric, over its window so far; none where nothing was measured.
    pub actual: Option<f64>,
    /// Timeouts hide the value: all that is known is that it is longer than `actual`.
    pub is_censored: bool,
    pub state: ThresholdState,
    /// Since when it has been missed without a break.
    pub missed_since: Option<Duration>,
    /// For how long it was missed in all, pauses left out.
    pub missed_for: Duration,
    /// How long it may be missed without a break until the run is ended, where that is asked for.
    pub patience: Option<Duration>,
    /// How long it may go on being missed until the run is ended, where that is asked for and it is being missed.
    pub ends_in: Option<Duration>,
}

/// What a look at a run's thresholds found after a closed second.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WatchNews {
    /// In the order of the scenario.
    pub thresholds: Vec<ThresholdLive>,
    /// Why the run is to end now; said once.
    pub breach: Option<String>,
}

/// Whether a limit is kept so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThresholdState {
    Met,
    Missed,
    /// Its window has not begun, or too little was measured in it to tell.
    NoData,
}

/// How much of a run's past its snapshots hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookBack {
    /// All of it: memory grows with every second.
    All,
    /// All of it, and the last seconds and the run so far in figures.
    AllAndRecent,
    /// One point per second, without histograms.
    Points,
    /// The last second.
    Second,
}
