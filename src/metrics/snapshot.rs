//! The immutable live view of a run that the engine publishes; the newest replaces the last.

use std::{sync::Arc, time::Duration};

use super::{Annotation, ErrorGroup, Finish, HostSample, N_OUTCOMES};
use crate::model::Plan;

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
    /// One entry per step, over the whole run so far; renewed once a second.
    pub steps: Arc<Vec<StepLive>>,
    pub error_groups: Arc<Vec<ErrorGroup>>,
    pub annotations: Arc<Vec<Annotation>>,
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
#[derive(Clone, Debug, PartialEq)]
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
    pub p50: Option<Duration>,
    pub p90: Option<Duration>,
    pub p95: Option<Duration>,
    pub p99: Option<Duration>,
    pub max: Option<Duration>,
    pub service_p95: Option<Duration>,
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

/// How much of a run's past its snapshots hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookBack {
    /// All of it: memory grows with every second.
    All,
    /// The last second.
    Second,
}

/// One step over the run so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StepLive {
    pub n_requests: u64,
    pub n_errors: u64,
    pub per_sec: f64,
    pub p50: Option<Duration>,
    pub p95: Option<Duration>,
    pub p99: Option<Duration>,
    pub max: Option<Duration>,
    pub bytes_received: u64,
}
