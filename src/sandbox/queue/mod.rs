//! The queue at `/queue`: workers, service times, a cache and faults by choice, so that what is to be measured is known.
//!
//! Requests wait in one line for the next free worker, first come, first served. With Poisson arrivals that is M/M/c by
//! construction, and [`QueueTruth`] says what response times are to be found; faults come on top of it.

mod answer;
mod desk;
mod draws;
mod line;
mod pauses;
mod truth;

use std::time::Duration;

use super::SandboxError;

pub(super) use answer::{answer, stats};
pub(super) use desk::Desk;
pub use truth::QueueTruth;

/// How the queue is.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueOptions {
    /// Requests worked on at once.
    pub n_workers: usize,
    /// The mean.
    pub service_time: Duration,
    pub service: ServiceTimes,
    pub cache: Option<QueueCache>,
    pub faults: QueueFaults,
    /// The length of each answer's body; none for the few bytes that it needs.
    pub body_bytes: Option<usize>,
    /// How fast each answer's body is sent; none for as fast as it goes.
    pub bytes_per_sec: Option<f64>,
}

/// How service times are distributed around their mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ServiceTimes {
    #[default]
    Exponential,
    Constant,
}

/// What answers in place of a worker. Each request is for a thing; the cache has the most popular ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QueueCache {
    /// The share of requests for what it has, 0 to 1.
    pub hit_ratio: f64,
    /// How long it takes, always.
    pub latency: Duration,
}

/// What can be wrong with the queue. Times count from its first request.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct QueueFaults {
    /// So many requests are let in each second; the others are answered with 429.
    pub limit_per_sec: Option<u64>,
    /// So many requests may wait; those beyond are answered with 503.
    pub max_waiting: Option<usize>,
    pub stall: Option<QueueStall>,
    pub slow_start: Option<SlowStart>,
    /// Service times grow by this share of their mean each second.
    pub growth_per_sec: f64,
    /// Each answer closes its connection.
    pub closes: bool,
}

/// Everything stops from time to time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueStall {
    /// From the beginning of one pause to that of the next; the first begins as long after the first request.
    pub every: Duration,
    pub pause: Duration,
}

/// The beginning is slow, less and less so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlowStart {
    pub lasts: Duration,
    /// How many times longer service times are at first.
    pub times: f64,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self {
            n_workers: 4,
            service_time: Duration::from_millis(20),
            service: ServiceTimes::default(),
            cache: None,
            faults: QueueFaults::default(),
            body_bytes: None,
            bytes_per_sec: None,
        }
    }
}

impl QueueOptions {
    /// What is to be measured, faults left out.
    pub fn truth(&self) -> QueueTruth {
        QueueTruth::of(self)
    }

    /// How long an answer's body is on its way.
    pub fn transfer_time(&self) -> Duration {
        match (self.body_bytes, self.bytes_per_sec) {
            (Some(bytes), Some(per_sec)) => Duration::from_secs_f64(bytes as f64 / per_sec),
            _ => Duration::ZERO,
        }
    }

    /// Says what of it cannot be.
    pub(super) fn check(&self) -> Result<(), SandboxError> {
        let is_share = |ratio: f64| (0.0..=1.0).contains(&ratio);
        let wrong = if self.n_workers == 0 || self.service_time.is_zero() {
            "its queue needs a worker and a service time above zero"
        } else if self.cache.is_some_and(|cache| !is_share(cache.hit_ratio)) {
            "the share of its cache is not between 0 and 1"
        } else if self.faults.stall.is_some_and(|stall| stall.pause >= stall.every) {
            "its queue would stop for ever: a pause must be shorter than its period"
        } else if !(0.0..f64::INFINITY).contains(&self.faults.growth_per_sec)
            || self.faults.slow_start.is_some_and(|start| !(1.0..f64::INFINITY).contains(&start.times))
        {
            "its queue can become slower, not faster"
        } else if self.bytes_per_sec.is_some_and(|per_sec| per_sec.is_nan() || per_sec < 1.0) {
            "its answers need a bandwidth of a byte per second"
        } else {
            return Ok(());
        };
        Err(SandboxError::Queue(wrong))
    }
}
