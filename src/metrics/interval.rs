//! Closed seconds of a run.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::Segment;

use super::{EncodedHistogram, EncodedStats, GeneratorStats, HostSample};

/// One closed second of a run: what completed in it, and how the load stood.
#[derive(Clone, Debug, PartialEq)]
pub struct IntervalStats {
    /// Seconds since the start of the run: 0 covers the first second.
    pub second: u32,
    pub rows: Vec<IntervalRow>,
    /// What failed in it, in the order of the groups; empty in runs from before it was kept.
    pub errors: Vec<GroupErrors>,
    pub load: LoadStats,
}

/// Failures of one error group within a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupErrors {
    /// Index into the error groups of the run.
    pub group: u32,
    pub n_errors: u64,
}

/// Requests of one step that completed within a stretch of time, kept apart by the segment they were intended for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntervalRow {
    pub segment: Segment,
    /// Index into [`Scenario::steps`](crate::model::Scenario::steps).
    pub step: u16,
    pub stats: EncodedStats,
}

/// What is read of a closed second beside the sums over all seconds: how the load stood.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IntervalLoad {
    /// Seconds since the start of the run: 0 covers the first second.
    pub second: u32,
    /// Requests of all steps that completed within the second.
    pub n_requests: u64,
    pub load: LoadStats,
}

/// How the load stood in one second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LoadStats {
    /// How much of the second was measured (the last one may be short).
    pub span: Duration,
    /// Level the profile asks for at the middle of the second: users (closed) or arrivals per second (open).
    pub asked_level: f64,
    /// Iterations due by the plan in this second (open model).
    pub n_due: u64,
    pub n_started: u64,
    pub n_dropped: u64,
    /// Iterations that went through all their steps.
    pub n_completed: u64,
    /// Requests sent.
    pub n_sent: u64,
    /// Virtual users at the end of the second: present (closed) or busy (open).
    pub n_users: u32,
    /// Requests sent and not finished at the end of the second.
    pub n_in_flight: u32,
    /// Sent − intended start, of every request sent in this second; a paced user's counts from when it was free.
    pub start_lag: EncodedHistogram,
    /// The generator's machine, where it could be read.
    pub host: Option<HostSample>,
    /// None in runs kept by versions that did not measure it.
    pub generator: Option<GeneratorStats>,
}

impl From<IntervalStats> for IntervalLoad {
    fn from(interval: IntervalStats) -> Self {
        let n_requests = interval.rows.iter().map(|row| row.stats.counters.n_requests()).sum();
        Self { second: interval.second, n_requests, load: interval.load }
    }
}
