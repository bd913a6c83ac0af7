//! How the generator itself did: what its self-checks rest on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::EncodedHistogram;

/// How the generator did in one second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GeneratorStats {
    /// Requests in flight, integrated over the second as they came and went: their mean number × the span.
    pub in_flight_time: Duration,
    /// Sum of end − sent over the requests that ended in this second, failed ones included.
    pub service_time_total: Duration,
    /// Connections open at the end of the second.
    pub n_connections: u32,
    /// Processor time of all workers; none where the system does not tell.
    pub worker_cpu: Option<Duration>,
    /// Processor time of the busiest worker ÷ the span.
    pub busiest_worker_ratio: Option<f64>,
    /// How long the worker that waited most was ready and had no processor, ÷ the span (Linux only).
    pub run_queue_ratio: Option<f64>,
    /// The share of time in which some task of the machine waited for a processor (Linux's pressure, 10 s mean).
    pub cpu_pressure_ratio: Option<f64>,
    /// How far the system's clock moved against the steady one: a jump, or a machine that slept.
    pub clock_jump: Duration,
    /// How late a thread woke up that did nothing but sleep, 2 ms at a time.
    #[serde(skip)]
    pub hiccups: EncodedHistogram,
}

/// Really measured starts of consecutive iterations of the open model: the evidence for the gaps' self-check.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StartsSample {
    /// Number of the first of them within the plan.
    pub first_iteration: u64,
    /// When each was sent; none for a dropped iteration.
    pub sent: Vec<Option<Duration>>,
}

/// What this machine can do against a target that answers at once, as `calibrate` measured it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Calibration {
    pub measured_at_unix_millis: i64,
    /// The machine and program that it holds for.
    pub machine: String,
    pub transport: String,
    /// Whether each figure was measured for a second only, which makes it rough.
    pub quick: bool,
    /// Requests per second of one worker that has a processor to itself.
    pub requests_per_sec_per_worker: f64,
    /// Requests per second of all workers that this machine gives, null target on the same machine.
    pub requests_per_sec: f64,
    pub n_workers: u32,
    /// Processor time of a worker per request; zero where the system does not tell.
    pub cpu_per_request: Duration,
    /// Service time against the null target at a low rate: what is in every reading.
    pub floor_p50: Duration,
    pub floor_p99_9: Duration,
    /// How late requests started at that low rate.
    pub start_lag_p50: Duration,
    pub start_lag_p99: Duration,
}
