//! What was measured while a probe was held: from closed seconds, live or kept, which are the same.

use std::{ops::Range, time::Duration};

use super::settings::{SearchSettings, SearchTarget};
use crate::analysis::{
    Reading,
    comparison::{ScopeSample, part_of_time},
    stats::{ShareCount, dispersion, mean_interval, percentile_interval, wilson},
};
use crate::metrics::{
    Aggregate, ErrorGroup, HistogramError, History, OUT_OF_DESCRIPTORS, OUT_OF_PORTS, SecondPoint, StepStats,
};
use crate::model::Metric;

/// What was measured in the whole seconds of a probe's hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProbeFigures {
    /// Since the start of the run.
    pub seconds: Range<u32>,
    pub span: Duration,
    /// In the order of the settings.
    pub targets: Vec<TargetFigures>,
    /// Iterations due by the plan (open model), and started.
    pub n_due: u64,
    pub n_started: u64,
    pub n_dropped: u64,
    /// Requests sent, and ended.
    pub n_sent: u64,
    pub n_requests: u64,
    pub n_errors: u64,
    /// Mean number of requests in flight, second by second.
    pub in_flight: Vec<f64>,
    pub start_lag_p99: Option<Duration>,
    /// Median response time of all steps.
    pub median: Option<Duration>,
    /// Mean share of a processor that the busiest worker used.
    pub busiest_worker_ratio: Option<f64>,
    /// Mean share of the machine's processors that the generator used.
    pub process_cpu_ratio: Option<f64>,
    /// Requests that failed for want of descriptors or ports of the generator's machine.
    pub n_ran_out: u64,
    /// Whether somebody paused the run meanwhile.
    pub was_paused: bool,
}

/// What a target's metric was, with its bounds at 95 % confidence in the metric's unit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TargetFigures {
    pub reading: Option<Reading>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub n_requests: u64,
}

impl ProbeFigures {
    /// Iterations started ÷ due, times requests ended ÷ sent; none without a timetable.
    pub fn achieved_ratio(&self) -> Option<f64> {
        (self.n_due > 0 && self.n_sent > 0).then(|| {
            self.n_started as f64 / self.n_due as f64 * (self.n_requests as f64 / self.n_sent as f64)
        })
    }

    /// Iterations due per second (open model).
    pub fn offered_per_sec(&self) -> Option<f64> {
        (self.n_due > 0 && !self.span.is_zero()).then(|| self.n_due as f64 / self.span.as_secs_f64())
    }

    /// Requests ended per second.
    pub fn throughput_per_sec(&self) -> Option<f64> {
        (!self.span.is_zero()).then(|| self.n_requests as f64 / self.span.as_secs_f64())
    }

    /// Mean number of requests in flight over the whole hold.
    pub fn mean_in_flight(&self) -> Option<f64> {
        let n = self.in_flight.len();
        (n > 0).then(|| self.in_flight.iter().sum::<f64>() / n as f64)
    }
}

/// Measures a stretch of closed seconds against the targets.
///
/// # Errors
/// Where a kept histogram cannot be read.
pub fn measure(
    settings: &SearchSettings,
    history: &History,
    points: &[SecondPoint],
    error_groups: &[ErrorGroup],
    seconds: Range<u32>,
) -> Result<ProbeFigures, HistogramError> {
    let mut figures = ProbeFigures { seconds: seconds.clone(), ..ProbeFigures::default() };
    let sums = history.sums(seconds.clone())?;
    let load = &sums.load;
    (figures.span, figures.n_due, figures.n_started) = (load.span, load.n_due, load.n_started);
    (figures.n_dropped, figures.n_sent) = (load.n_dropped, load.n_sent);
    let all = sums.all();
    (figures.n_requests, figures.n_errors) = (all.counters.n_requests(), all.counters.n_errors());
    figures.median = all.response_time.quantile(0.5);
    figures.start_lag_p99 = load.start_lag.quantile(0.99);
    figures.n_ran_out = n_ran_out(error_groups, &sums.n_by_group);
    let from = points.partition_point(|point| point.second < seconds.start);
    let within: Vec<&SecondPoint> =
        points[from..].iter().take_while(|point| point.second < seconds.end).collect();
    let in_flight =
        |point: &&SecondPoint| point.mean_in_flight.unwrap_or_else(|| f64::from(point.n_in_flight));
    figures.in_flight = within.iter().map(in_flight).collect();
    figures.busiest_worker_ratio = mean(within.iter().filter_map(|point| point.busiest_worker_ratio));
    figures.process_cpu_ratio =
        mean(within.iter().filter_map(|point| point.host).map(|host| host.process_cpu_ratio));
    if let Some(stretch) = part_of_time(history, seconds)? {
        for target in &settings.targets {
            let mut sample = ScopeSample::default();
            sample.add(&stretch, &target.steps)?;
            let stats = sums.of_steps(|step| target.steps.contains(&step));
            figures.targets.push(target_figures(target, &sample, stats, settings.timeout));
        }
    }
    Ok(figures)
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn n_ran_out(groups: &[ErrorGroup], n_by_group: &[u64]) -> u64 {
    let is_ours = |group: &ErrorGroup| {
        [OUT_OF_DESCRIPTORS, OUT_OF_PORTS].iter().any(|words| group.signature.contains(words))
    };
    groups.iter().zip(n_by_group).filter(|(group, _)| is_ours(group)).map(|(_, n)| n).sum()
}

fn target_figures(
    target: &SearchTarget,
    sample: &ScopeSample,
    stats: StepStats,
    timeout: Duration,
) -> TargetFigures {
    let n_requests = stats.counters.n_requests();
    let aggregate = Aggregate { stats, duration: sample.duration, ..Aggregate::default() };
    let reading = Reading::of(&aggregate, target.metric, timeout);
    let (low, high) = match reading {
        // All that is known is that it is longer than the timeout.
        Some(reading) if reading.is_censored => (Some(reading.value), None),
        None => (None, None),
        Some(reading) => bounds(target.metric, sample, reading.value),
    };
    TargetFigures { reading, low, high, n_requests }
}

fn bounds(metric: Metric, sample: &ScopeSample, value: f64) -> (Option<f64>, Option<f64>) {
    let secs = |bound: Option<Duration>| bound.map(|bound| bound.as_secs_f64());
    match metric {
        Metric::Quantile(quantile) => percentile_interval(&sample.response_time, &sample.blocks, quantile)
            .map_or((None, None), |interval| (secs(interval.low), secs(interval.high))),
        Metric::Mean => {
            let means: Vec<f64> =
                sample.strata.iter().flat_map(|stratum| &stratum.means).flatten().copied().collect();
            mean_interval(&means).map_or((None, None), |of| (Some(of.low), Some(of.high)))
        }
        // The longest is a fact of these requests: it has no bounds beside itself.
        Metric::Max => (Some(value), Some(value)),
        Metric::ErrorShare => error_bounds(sample),
        Metric::Availability => {
            let (low, high) = error_bounds(sample);
            (high.map(|high| 1.0 - high), low.map(|low| 1.0 - low))
        }
        Metric::Throughput | Metric::SentShare => (None, None),
    }
}

/// Wilson's bounds, of as many requests as tell something of their own.
fn error_bounds(sample: &ScopeSample) -> (Option<f64>, Option<f64>) {
    let (n, n_errors) = (sample.n_requests, sample.n_errors);
    let strata = sample.strata.iter().map(|stratum| {
        let counts = stratum.n_errors.iter().zip(&stratum.n_requests).filter(|(_, n)| **n > 0);
        counts.map(|(n_hits, n)| ShareCount { n_hits: *n_hits, n: *n }).collect()
    });
    let blocks: Vec<Vec<ShareCount>> = strata.collect();
    let Some(found) = dispersion(&blocks, n, n_errors as f64 / n.max(1) as f64) else { return (None, None) };
    match wilson(n_errors as f64 / found.phi, n as f64 / found.phi) {
        Some((low, high)) => (Some(low), Some(high)),
        None => (None, None),
    }
}
