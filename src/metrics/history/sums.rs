//! What a stretch of a run comes to.

use std::{ops::Range, time::Duration};

use crate::metrics::{Aggregate, Counters, HistogramError, LatencyHistogram, LoadStats, StepStats, varint};

/// Counts and response times of what ended within a stretch of seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WindowSums {
    /// Seconds since the start of the run, as asked for.
    pub seconds: Range<u32>,
    /// One entry per step of the scenario; histograms other than that of response times are left empty.
    pub steps: Vec<StepStats>,
    /// Failures by error group, in the order of the run's groups; those at the end that had none are left out.
    pub n_by_group: Vec<u64>,
    pub load: LoadSums,
}

/// How the load stood within a stretch of seconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadSums {
    /// How much of the stretch was measured.
    pub span: Duration,
    pub n_due: u64,
    pub n_started: u64,
    pub n_dropped: u64,
    /// Iterations that went through all their steps.
    pub n_completed: u64,
    /// Requests sent.
    pub n_sent: u64,
    /// The asked level × the time for which it was asked: divided by `span` it is the mean level.
    pub asked_area: f64,
    /// Sent − intended start.
    pub start_lag: LatencyHistogram,
}

impl WindowSums {
    /// Counts and response times of all steps together.
    pub fn all(&self) -> StepStats {
        self.of_steps(|_| true)
    }

    /// Counts of all steps together.
    pub fn counters(&self) -> Counters {
        let mut counters = Counters::default();
        self.steps.iter().for_each(|step| counters.merge(&step.counters));
        counters
    }

    /// Counts and response times of the steps for which `includes` says so, by their index.
    pub fn of_steps(&self, includes: impl Fn(usize) -> bool) -> StepStats {
        let mut all = StepStats::default();
        self.steps
            .iter()
            .enumerate()
            .filter(|(step, _)| includes(*step))
            .for_each(|(_, step)| all.merge_responses(step));
        all
    }

    /// Measurements of this stretch with its length, so that metrics can be asked of them.
    pub fn aggregate(&self, stats: StepStats) -> Aggregate {
        let LoadSums { n_due, n_started, .. } = self.load;
        let sent_ratio = (n_due > 0).then(|| n_started as f64 / n_due as f64);
        Aggregate { stats, n_after: 0, duration: self.load.span, sent_ratio }
    }

    /// Requests sent per second; none where nothing was measured.
    pub fn sent_per_sec(&self) -> Option<f64> {
        self.load.per_sec(self.load.n_sent as f64)
    }

    /// The mean level that was asked for: users (closed) or arrivals per second (open).
    pub fn asked_level(&self) -> Option<f64> {
        self.load.per_sec(self.load.asked_area)
    }
}

/// How the load stood in one second, as far as sums need it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct SecondLoad {
    span: Duration,
    asked_level: f64,
    n_due: u64,
    n_started: u64,
    n_dropped: u64,
    n_completed: u64,
    n_sent: u64,
}

impl SecondLoad {
    pub fn of(load: &LoadStats) -> Self {
        let LoadStats { span, asked_level, n_due, n_started, n_dropped, n_completed, n_sent, .. } = *load;
        Self { span, asked_level, n_due, n_started, n_dropped, n_completed, n_sent }
    }

    pub fn pack(&self, bytes: &mut Vec<u8>) {
        let span = u64::try_from(self.span.as_nanos()).unwrap_or(u64::MAX);
        let Self { n_due, n_started, n_dropped, n_completed, n_sent, .. } = *self;
        bytes.extend_from_slice(&self.asked_level.to_bits().to_le_bytes());
        for figure in [span, n_due, n_started, n_dropped, n_completed, n_sent] {
            varint::put(bytes, figure);
        }
    }

    pub fn unpack(bytes: &mut &[u8]) -> Option<Self> {
        let (asked_level, rest) = bytes.split_first_chunk()?;
        *bytes = rest;
        Some(Self {
            asked_level: f64::from_bits(u64::from_le_bytes(*asked_level)),
            span: Duration::from_nanos(varint::take(bytes)?),
            n_due: varint::take(bytes)?,
            n_started: varint::take(bytes)?,
            n_dropped: varint::take(bytes)?,
            n_completed: varint::take(bytes)?,
            n_sent: varint::take(bytes)?,
        })
    }
}

impl LoadSums {
    /// Adds a second with the start lag of all that was sent in it.
    pub(in crate::metrics) fn add_load(&mut self, load: &LoadStats) -> Result<(), HistogramError> {
        self.add(&SecondLoad::of(load));
        self.start_lag.merge_encoded(&load.start_lag)
    }

    /// Adds all of a second but its start lag.
    pub(super) fn add(&mut self, load: &SecondLoad) {
        self.span += load.span;
        self.n_due += load.n_due;
        self.n_started += load.n_started;
        self.n_dropped += load.n_dropped;
        self.n_completed += load.n_completed;
        self.n_sent += load.n_sent;
        self.asked_area += load.asked_level * load.span.as_secs_f64();
    }

    pub(in crate::metrics) fn merge(&mut self, other: &Self) {
        self.span += other.span;
        self.n_due += other.n_due;
        self.n_started += other.n_started;
        self.n_dropped += other.n_dropped;
        self.n_completed += other.n_completed;
        self.n_sent += other.n_sent;
        self.asked_area += other.asked_area;
        self.start_lag.merge(&other.start_lag);
    }

    /// Empties everything and keeps the memory.
    pub(in crate::metrics) fn clear(&mut self) {
        let mut start_lag = std::mem::take(&mut self.start_lag);
        start_lag.clear();
        *self = Self { start_lag, ..Self::default() };
    }

    pub(in crate::metrics) fn per_sec(&self, total: f64) -> Option<f64> {
        (!self.span.is_zero()).then(|| total / self.span.as_secs_f64())
    }
}
