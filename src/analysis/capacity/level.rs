//! The held levels of a run: what each asked for, what came of it, and how sure its figures are.

use std::{ops::Range, time::Duration};

use super::{
    generator::{LevelGenerator, not_counted},
    slo::{LevelVerdict, TargetResult, judge_level},
};
use crate::analysis::{
    Reading, StageRow, Summary,
    stats::{Estimate, N_BLOCKS, ShareCount, dispersion, mean_interval, wilson},
    words::requests_per_iteration,
};
use crate::metrics::{HistogramError, IntervalLoad, Outcome, PercentileInterval, RunRecord, SecondPoint};
use crate::model::{Metric, Plan, Window};

/// The percentiles that are told of each level.
pub const QUANTILES: [f64; 3] = [0.5, 0.95, 0.99];

/// A stage that held its level, warm-up left out.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    pub name: String,
    /// Index of the stage in the plan.
    pub stage: u16,
    /// How long load was made and counted.
    pub duration: Duration,
    /// Users (closed) or arrivals per second (open).
    pub offered: f64,
    /// Requests per second that the arrivals come to (open model).
    pub offered_per_sec: Option<f64>,
    /// Requests that ended within the stage's seconds, per second, failed ones included.
    pub achieved: Option<Estimate>,
    /// The successful ones of them, per second.
    pub good: Option<Estimate>,
    /// Iterations started ÷ due (open model).
    pub started_ratio: Option<f64>,
    /// Requests ended ÷ sent within the stage's seconds: where it is below 1, they pile up.
    pub ended_ratio: Option<f64>,
    /// By [`QUANTILES`].
    pub percentiles: [LevelPercentile; 3],
    /// Of successful requests.
    pub mean_response: Option<Duration>,
    pub error_ratio: Option<f64>,
    /// Bounds of the error share at 95 % confidence; none where the stage is too short to be cut into blocks.
    pub error_interval: Option<(f64, f64)>,
    pub in_flight: Option<InFlight>,
    /// Why it tells nothing of the target; none where it counts.
    pub not_counted: Option<NotCounted>,
    pub targets: Vec<TargetResult>,
    /// Whether its targets were met; none where there are no targets.
    pub verdict: Option<LevelVerdict>,
}

/// A percentile of a level as it may be printed, and how sure it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LevelPercentile {
    pub quantile: f64,
    pub reading: Option<Reading>,
    pub interval: Option<PercentileInterval>,
}

/// Requests in flight over a level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InFlight {
    pub mean: f64,
    pub source: InFlightSource,
}

/// Where a number of requests in flight comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InFlightSource {
    /// Counted as they came and went.
    Counted,
    /// Throughput × mean service time, where it was not counted.
    LittlesLaw,
}

/// Why a level tells nothing of the target.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum NotCounted {
    /// The run's measurement is invalid throughout.
    InvalidRun,
    /// Its requests left so late that the generator made the latencies (p99).
    StartLag(Duration),
    /// The generator used this share of the processors that it can use.
    GeneratorCpu(f64),
    /// So many of the iterations started, though the targets were met: the scenario allows too few users at once.
    Dropped(f64),
}

/// The held levels of a run, in the order of its stages.
pub(super) fn levels(record: &RunRecord, summary: &Summary) -> Result<Vec<Level>, HistogramError> {
    let plan = record.plan();
    let is_run_invalid = super::generator::is_invalid_throughout(summary);
    let mut levels: Vec<Level> = Vec::new();
    for (index, (stage, row)) in plan.stages().iter().zip(&summary.stages).enumerate() {
        let is_first = levels.iter().all(|level| level.name != row.name);
        if !stage.holds() || stage.end_level <= 0.0 || row.measured.is_zero() || !is_first {
            continue;
        }
        let held = Held::of(record, &plan, index, row);
        let generator = held.generator()?;
        let mut level = held.level(record, summary);
        (level.targets, level.verdict) = judge_level(&record.start.scenario, row, &level, summary.timeout);
        level.not_counted = match is_run_invalid {
            true => Some(NotCounted::InvalidRun),
            false => not_counted(&generator, &level),
        };
        levels.push(level);
    }
    Ok(levels)
}

/// A held stage with its seconds.
struct Held<'a> {
    stage: u16,
    row: &'a StageRow,
    /// The seconds that lie within it as a whole.
    loads: Vec<&'a IntervalLoad>,
    points: Vec<&'a SecondPoint>,
}

impl<'a> Held<'a> {
    fn of(record: &'a RunRecord, plan: &Plan, index: usize, row: &'a StageRow) -> Self {
        let window = Window::Stage(row.name.clone());
        let spans = plan.window_spans(&window, record.end.load_duration);
        let ranges: Vec<Range<u32>> = spans.iter().map(whole_seconds).collect();
        Self {
            stage: u16::try_from(index).unwrap_or(u16::MAX),
            row,
            loads: within(&record.intervals, &ranges, |interval| interval.second),
            points: within(&record.points, &ranges, |point| point.second),
        }
    }

    fn level(&self, record: &RunRecord, summary: &Summary) -> Level {
        let (scenario, stats) = (&record.start.scenario, &self.row.aggregate.stats);
        let sum = |figure: fn(&IntervalLoad) -> u64| self.loads.iter().map(|second| figure(second)).sum();
        let (n_due, n_started): (u64, u64) =
            (sum(|second| second.load.n_due), sum(|second| second.load.n_started));
        let (n_sent, n_ended): (u64, u64) =
            (sum(|second| second.load.n_sent), sum(|second| second.n_requests));
        let ratio = |of: u64, all: u64| (all > 0).then(|| of as f64 / all as f64);
        let percentile = |quantile| LevelPercentile {
            quantile,
            reading: summary.reading(&self.row.aggregate, Metric::Quantile(quantile)),
            interval: self.row.intervals.at(Metric::Quantile(quantile)).copied(),
        };
        let is_open = scenario.load.model.is_open();
        Level {
            name: self.row.name.clone(),
            stage: self.stage,
            duration: self.row.measured,
            offered: self.row.end_level,
            offered_per_sec: requests_per_iteration(scenario).map(|factor| factor * self.row.end_level),
            achieved: self.achieved(),
            good: self.good(),
            started_ratio: ratio(n_started, n_due),
            ended_ratio: ratio(n_ended, n_sent).filter(|_| is_open),
            percentiles: QUANTILES.map(percentile),
            mean_response: stats.response_time.mean(),
            error_ratio: stats.counters.error_ratio(),
            error_interval: self.error_interval(),
            in_flight: self.in_flight(),
            not_counted: None,
            targets: Vec::new(),
            verdict: None,
        }
    }

    /// Ended requests per second, with the bounds that ten blocks of time give; by intended start where the stage has
    /// no whole second.
    fn achieved(&self) -> Option<Estimate> {
        let by_stage = self.row.aggregate.throughput_per_sec();
        rate_of(&self.loads, |second| (second.n_requests, second.load.span), by_stage)
    }

    /// The same of successful requests.
    fn good(&self) -> Option<Estimate> {
        let secs = self.row.measured.as_secs_f64();
        let n_ok = self.row.aggregate.stats.counters.n_ok() as f64;
        let by_stage = (secs > 0.0).then(|| n_ok / secs);
        let seconds: Vec<(&IntervalLoad, &SecondPoint)> =
            self.loads.iter().copied().zip(self.points.iter().copied()).collect();
        let n_ok = |point: &SecondPoint| point.n_by_outcome[Outcome::Ok as usize];
        rate_of(&seconds, |(second, point)| (n_ok(point), second.load.span), by_stage)
    }

    /// Wilson's interval with as many independent requests as the blocks of time tell: errors come in bursts.
    fn error_interval(&self) -> Option<(f64, f64)> {
        let counters = &self.row.aggregate.stats.counters;
        let count = |seconds: &[&SecondPoint]| {
            let n: u64 = seconds.iter().flat_map(|point| point.n_by_outcome).sum();
            let n_ok: u64 = seconds.iter().map(|point| point.n_by_outcome[Outcome::Ok as usize]).sum();
            ShareCount { n_hits: n - n_ok, n }
        };
        let counts: Vec<ShareCount> = blocks(&self.points).map(count).filter(|count| count.n > 0).collect();
        let n = counters.n_requests();
        let phi = dispersion(&[counts], n, counters.error_ratio()?)?.phi;
        wilson(counters.n_errors() as f64 / phi, n as f64 / phi)
    }

    fn in_flight(&self) -> Option<InFlight> {
        let counted: Vec<f64> = self.points.iter().filter_map(|point| point.mean_in_flight).collect();
        if !counted.is_empty() {
            let mean = counted.iter().sum::<f64>() / counted.len() as f64;
            return Some(InFlight { mean, source: InFlightSource::Counted });
        }
        let secs_within = self.row.aggregate.stats.service_time.mean()?.as_secs_f64();
        let throughput = self.row.aggregate.throughput_per_sec()?;
        let mean = super::queueing::mean_in_flight(throughput, secs_within);
        Some(InFlight { mean, source: InFlightSource::LittlesLaw })
    }

    fn generator(&self) -> Result<LevelGenerator, HistogramError> {
        LevelGenerator::of(&self.loads)
    }
}

impl Level {
    /// What it asked for: `50 users`, `200/s`.
    pub fn offered_text(&self, is_open: bool) -> String {
        crate::humanize::level(self.offered, is_open)
    }

    /// Whether it tells something of the target.
    pub fn counts(&self) -> bool {
        self.not_counted.is_none()
    }

    /// The percentile at one of [`QUANTILES`].
    pub fn percentile(&self, quantile: f64) -> Option<&LevelPercentile> {
        self.percentiles.iter().find(|percentile| percentile.quantile == quantile)
    }
}

/// The seconds that lie within a span as a whole.
fn whole_seconds((start, end): &(Duration, Duration)) -> Range<u32> {
    let second = |secs: u64| u32::try_from(secs).unwrap_or(u32::MAX);
    second(start.as_secs() + u64::from(start.subsec_nanos() > 0))..second(end.as_secs())
}

/// What lies within ranges of seconds, of things in order of their second.
fn within<'a, T>(all: &'a [T], ranges: &[Range<u32>], second: impl Fn(&T) -> u32) -> Vec<&'a T> {
    let of_range = |range: &Range<u32>| {
        let from = all.partition_point(|one| second(one) < range.start);
        let until = all.partition_point(|one| second(one) < range.end);
        all.get(from..until).unwrap_or_default()
    };
    ranges.iter().flat_map(of_range).collect()
}

/// How many a second there were over some seconds, with the bounds that ten blocks of them give.
fn rate_of<T>(
    seconds: &[T],
    figures: impl Fn(&T) -> (u64, Duration),
    without_seconds: Option<f64>,
) -> Option<Estimate> {
    let rate = |seconds: &[T]| {
        let (n, span) = seconds
            .iter()
            .map(&figures)
            .fold((0, Duration::ZERO), |(n, span), (more, longer)| (n + more, span + longer));
        (!span.is_zero()).then(|| n as f64 / span.as_secs_f64())
    };
    let value = rate(seconds).or(without_seconds)?;
    let rates: Option<Vec<f64>> = blocks(seconds).map(rate).collect();
    let interval = rates.and_then(|rates| mean_interval(&rates));
    Some(Estimate {
        value,
        // The mean of blocks of unlike length is not that of the seconds.
        low: interval.map(|interval| (value + interval.low - interval.difference).max(0.0)),
        high: interval.map(|interval| value + interval.high - interval.difference),
    })
}

/// Ten equal blocks of seconds; none of fewer seconds.
fn blocks<T>(seconds: &[T]) -> impl Iterator<Item = &[T]> {
    let n_blocks = if seconds.len() < N_BLOCKS { 0 } else { N_BLOCKS };
    (0..n_blocks)
        .map(|block| &seconds[seconds.len() * block / N_BLOCKS..seconds.len() * (block + 1) / N_BLOCKS])
}

impl NotCounted {
    /// Whether the generator made the figures, so that not even its rate is the target's.
    pub fn is_of_generator(self) -> bool {
        !matches!(self, Self::Dropped(_))
    }
}
