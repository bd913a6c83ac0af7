//! Whether a level tells of the target or of the generator that made it.
//!
//! A run that was driven to its end may drop iterations or run out of processor there and be sound below, so what the
//! self-checks find for the whole run is asked here of each level alone.

use std::time::Duration;

use super::level::{Level, NotCounted};
use super::slo::LevelVerdict;
use crate::analysis::{
    Summary,
    limits::{Limit, PROCESS_CPU, START_LAG_FLOOR, START_LAG_SHARE, WORKER_CPU},
};
use crate::metrics::{CaveatKind, HistogramError, IntervalLoad, LatencyHistogram, Weight};

/// Less than this share of what was offered is not what was offered. SCIENCE §6.
pub(super) const MIN_ACHIEVED: f64 = 0.99;

/// What is wrong with some levels only: each is asked about it alone.
const LOCAL: [CaveatKind; 3] = [CaveatKind::StartLag, CaveatKind::SentShare, CaveatKind::GeneratorCpu];

/// How the generator did over a level.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LevelGenerator {
    start_lag_p99: Option<Duration>,
    /// How busy the busiest worker was, waiting for a processor included.
    worker_ratio: Option<f64>,
    process_ratio: Option<f64>,
}

impl LevelGenerator {
    pub fn of(seconds: &[&IntervalLoad]) -> Result<Self, HistogramError> {
        let mut start_lag = LatencyHistogram::default();
        for second in seconds {
            start_lag.merge_encoded(&second.load.start_lag)?;
        }
        let of_generator = |second: &IntervalLoad| {
            let generator = second.load.generator.as_ref()?;
            Some(generator.busiest_worker_ratio? + generator.run_queue_ratio.unwrap_or(0.0))
        };
        Ok(Self {
            start_lag_p99: start_lag.quantile(0.99),
            worker_ratio: mean(seconds.iter().filter_map(|second| of_generator(second))),
            process_ratio: mean(
                seconds.iter().filter_map(|second| Some(second.load.host?.process_cpu_ratio)),
            ),
        })
    }
}

/// Whether the measurement is invalid for a reason that no level escapes.
pub(super) fn is_invalid_throughout(summary: &Summary) -> bool {
    let caveats = summary.quality.caveats.iter();
    caveats.filter(|caveat| caveat.weight == Weight::Invalid).any(|caveat| !LOCAL.contains(&caveat.kind))
}

/// Why a level says nothing of the target.
pub(super) fn not_counted(generator: &LevelGenerator, level: &Level) -> Option<NotCounted> {
    let is_condemned = |limit: Limit, figure: f64| limit.weight(figure) == Some(Weight::Invalid);
    if let Some((lag, median)) = generator.start_lag_p99.zip(median_secs(level)) {
        let secs = lag.as_secs_f64();
        if is_condemned(START_LAG_SHARE, secs / median) && is_condemned(START_LAG_FLOOR, secs) {
            return Some(NotCounted::StartLag(lag));
        }
    }
    let cpu = [(WORKER_CPU, generator.worker_ratio), (PROCESS_CPU, generator.process_ratio)];
    let busy = cpu.into_iter().find_map(|(limit, ratio)| ratio.filter(|ratio| is_condemned(limit, *ratio)));
    if let Some(ratio) = busy {
        return Some(NotCounted::GeneratorCpu(ratio.min(1.0)));
    }
    // A target that is too slow keeps all users busy. One that met its targets would have served more of them.
    let started = level.started_ratio.filter(|ratio| *ratio < MIN_ACHIEVED)?;
    (level.verdict != Some(LevelVerdict::Missed)).then_some(NotCounted::Dropped(started))
}

fn median_secs(level: &Level) -> Option<f64> {
    let reading = level.percentile(0.5)?.reading?;
    (!reading.is_censored && reading.value > 0.0).then_some(reading.value)
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = values.fold((0u32, 0.0), |(n, sum), value| (n + 1, sum + value));
    (n > 0).then(|| sum / f64::from(n))
}
