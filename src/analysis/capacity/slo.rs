//! Which levels met the scenario's targets, judged on confidence bounds, and the capacity that follows.
//!
//! A target is met where the whole interval keeps it, missed where the whole interval misses it, else undecided.

use std::time::Duration;

use super::{generator::MIN_ACHIEVED, level::Level};
use crate::analysis::{
    Reading, StageRow, is_thin,
    stats::{CONFIDENCE, Estimate, N_BLOCKS, t_upper},
    summary::is_put_to_stage,
};
use crate::model::{Metric, Scenario, Scope, Threshold, ThresholdSeverity};

/// A target put to one level.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetResult {
    pub metric: Metric,
    /// In the metric's [`Unit`](crate::model::Unit).
    pub limit: f64,
    pub severity: ThresholdSeverity,
    pub reading: Option<Reading>,
    /// Bounds at 95 % confidence, in the metric's unit.
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub verdict: TargetVerdict,
}

/// What a target comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TargetVerdict {
    Met,
    Missed,
    Undecided(TargetDoubt),
}

/// Why a target is undecided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TargetDoubt {
    /// Nothing was measured that it could be put to.
    NothingMeasured,
    /// The percentile would be the longest of its requests under another name.
    TooFewRequests,
    /// The stage is too short to be cut into blocks of time.
    NoInterval,
    /// So few requests lie beyond that nothing bounds it from above.
    NoUpperBound,
    /// The limit lies between the bounds.
    WithinBounds,
    /// Requests that timed out took longer than is known.
    HiddenByTimeouts,
}

/// What a level comes to by all its targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelVerdict {
    Met,
    Missed,
    Undecided,
}

/// The highest rate that met the targets; levels are told by their index.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum SloCapacity {
    /// Not worked out.
    #[default]
    Unknown,
    /// No stage held its level.
    NoLevels,
    /// The scenario sets no target that a level could be held to.
    NoTargets,
    /// None of the levels tells of the target.
    NoneCounts,
    /// The targets were met here, and at no tested level above.
    Reached(CapacityEstimate),
    /// Missed at the lowest level that tells something.
    BelowLowest { missed: usize },
    /// Met nowhere, and missed nowhere: there is too little data, or it lies too close.
    Undecided,
    /// Met at a level and missed at one no higher: there is no single number.
    NotMonotone { met: usize, missed: usize },
}

/// The highest level that met the targets.
#[derive(Clone, Debug, PartialEq)]
pub struct CapacityEstimate {
    /// The level that met them.
    pub met: usize,
    /// The lowest level above that missed them; none where nothing higher was tested, or nothing decided.
    pub missed: Option<usize>,
    /// Levels above the one that met them, and below the one that missed them, that decide nothing.
    pub undecided: Vec<usize>,
    /// Requests per second that were achieved there; its lower bound is the capacity to plan with.
    pub requests_per_sec: Estimate,
}

impl CapacityEstimate {
    /// Whether the end was not seen: the highest tested level met the targets.
    pub fn is_at_least(&self) -> bool {
        self.missed.is_none()
    }
}

/// Puts the scenario's targets to a level.
pub(super) fn judge_level(
    scenario: &Scenario,
    row: &StageRow,
    level: &Level,
    timeout: Duration,
) -> (Vec<TargetResult>, Option<LevelVerdict>) {
    let targets: Vec<TargetResult> = scenario
        .thresholds
        .iter()
        .filter(|threshold| is_put_to_stage(threshold, &row.name))
        .map(|threshold| target_result(threshold, row, level, timeout))
        .collect();
    let is = |verdict: fn(&TargetVerdict) -> bool| targets.iter().any(|target| verdict(&target.verdict));
    let verdict = if targets.is_empty() {
        None
    } else if is(|verdict| *verdict == TargetVerdict::Missed) || level.piles_up() {
        Some(LevelVerdict::Missed)
    } else if is(|verdict| matches!(verdict, TargetVerdict::Undecided(_))) {
        Some(LevelVerdict::Undecided)
    } else {
        Some(LevelVerdict::Met)
    };
    (targets, verdict)
}

impl Level {
    /// Whether more requests were sent than ended, beyond what the stage's edges explain: no rate that can be held.
    // Requests in flight at the end are missing, those at the start are too many: at most W / T of all of them.
    pub fn piles_up(&self) -> bool {
        let edge = self.mean_response.map_or(0.0, |mean| mean.as_secs_f64() / self.duration.as_secs_f64());
        self.ended_ratio.is_some_and(|ratio| ratio < MIN_ACHIEVED - edge)
    }
}

fn target_result(threshold: &Threshold, row: &StageRow, level: &Level, timeout: Duration) -> TargetResult {
    let (metric, limit) = (threshold.metric, threshold.limit);
    let reading = Reading::of(&row.aggregate, metric, timeout);
    let bounds = bounds(metric, row, level);
    let (low, high) = bounds.unwrap_or_default();
    TargetResult {
        metric,
        limit,
        severity: threshold.severity,
        reading,
        low,
        high,
        verdict: match reading {
            None => TargetVerdict::Undecided(TargetDoubt::NothingMeasured),
            // Longer than the timeout: over any limit up to it, and unknown beyond.
            Some(reading) if reading.is_censored && limit <= reading.value => TargetVerdict::Missed,
            Some(reading) if reading.is_censored => TargetVerdict::Undecided(TargetDoubt::HiddenByTimeouts),
            Some(_) if is_too_thin(row, metric) => TargetVerdict::Undecided(TargetDoubt::TooFewRequests),
            Some(_) => bounds.map_or(TargetVerdict::Undecided(TargetDoubt::NoInterval), |bounds| {
                verdict_by_bounds(metric, limit, bounds)
            }),
        },
    }
}

fn is_too_thin(row: &StageRow, metric: Metric) -> bool {
    matches!(metric, Metric::Quantile(quantile) if is_thin(&row.aggregate.stats, quantile))
}

fn verdict_by_bounds(metric: Metric, limit: f64, (low, high): (Option<f64>, Option<f64>)) -> TargetVerdict {
    // With the better side up, both kinds of limit read alike.
    let (best, worst, limit) = match metric.higher_is_better() {
        true => (high.map(|high| -high), low.map(|low| -low), -limit),
        false => (low, high, limit),
    };
    match (best, worst) {
        (_, Some(worst)) if worst <= limit => TargetVerdict::Met,
        (Some(best), _) if best > limit => TargetVerdict::Missed,
        (_, Some(_)) => TargetVerdict::Undecided(TargetDoubt::WithinBounds),
        (_, None) => TargetVerdict::Undecided(TargetDoubt::NoUpperBound),
    }
}

/// Bounds of a metric in its unit; none where the stage was too short for any.
fn bounds(metric: Metric, row: &StageRow, level: &Level) -> Option<(Option<f64>, Option<f64>)> {
    let secs = |bound: Option<Duration>| bound.map(|bound| bound.as_secs_f64());
    match metric {
        Metric::Quantile(_) => {
            row.intervals.at(metric).map(|interval| (secs(interval.low), secs(interval.high)))
        }
        Metric::Mean => mean_bounds(row),
        // The longest is a fact of these requests and says nothing of others: it has no bounds beside itself.
        Metric::Max => row.aggregate.metric(metric).map(|value| (Some(value), Some(value))),
        Metric::ErrorShare => level.error_interval.map(|(low, high)| (Some(low), Some(high))),
        Metric::Availability => level.error_interval.map(|(low, high)| (Some(1.0 - high), Some(1.0 - low))),
        Metric::Throughput | Metric::SentShare => None,
    }
}

/// Bounds of the mean by as many independent requests as the median's blocks tell.
fn mean_bounds(row: &StageRow) -> Option<(Option<f64>, Option<f64>)> {
    let response_time = &row.aggregate.stats.response_time;
    let n_effective = row.intervals.at(Metric::Quantile(0.5))?.n_effective;
    let mean = response_time.mean()?.as_secs_f64();
    let deviation = mean * response_time.cv_squared()?.sqrt();
    let reach = t_upper((1.0 - CONFIDENCE) / 2.0, N_BLOCKS as f64 - 1.0) * deviation / n_effective.sqrt();
    Some((Some((mean - reach).max(0.0)), Some(mean + reach)))
}

/// The capacity that levels tell, whatever order they were tested in.
pub(super) fn slo_capacity(levels: &[Level]) -> SloCapacity {
    if levels.is_empty() {
        return SloCapacity::NoLevels;
    }
    if levels.iter().all(|level| level.verdict.is_none()) {
        return SloCapacity::NoTargets;
    }
    let mut counted: Vec<(usize, LevelVerdict)> = levels
        .iter()
        .enumerate()
        .filter(|(_, level)| level.counts())
        .filter_map(|(index, level)| Some((index, level.verdict?)))
        .collect();
    counted.sort_by(|a, b| levels[a.0].offered.total_cmp(&levels[b.0].offered));
    let of = |verdict: LevelVerdict| {
        counted.iter().filter(move |(_, found)| *found == verdict).map(|(index, _)| *index)
    };
    let (met, missed) = (of(LevelVerdict::Met).next_back(), of(LevelVerdict::Missed).next());
    match (met, missed) {
        _ if counted.is_empty() => SloCapacity::NoneCounts,
        (None, None) => SloCapacity::Undecided,
        (None, Some(missed)) => SloCapacity::BelowLowest { missed },
        (Some(met), Some(missed)) if levels[missed].offered <= levels[met].offered => {
            SloCapacity::NotMonotone { met, missed }
        }
        (Some(met), missed) => {
            let is_between = |index: &usize| {
                levels[*index].offered >= levels[met].offered
                    && missed.is_none_or(|missed| levels[*index].offered <= levels[missed].offered)
            };
            // A level that met its targets had answers, and so a rate.
            let nothing = Estimate { value: 0.0, low: None, high: None };
            SloCapacity::Reached(CapacityEstimate {
                met,
                missed,
                undecided: of(LevelVerdict::Undecided).filter(is_between).collect(),
                requests_per_sec: levels[met].achieved.unwrap_or(nothing),
            })
        }
    }
}

/// Requests per second that the target has to bear, to hold headroom against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    pub requests_per_sec: f64,
    pub source: DemandSource,
}

/// Who says what the target has to bear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemandSource {
    /// The scenario's own threshold on throughput.
    Threshold,
    /// Somebody who asked.
    Stated,
}

/// What is left of the capacity beside the demand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Headroom {
    pub demand: Demand,
    /// The lower bound of the capacity, in requests per second.
    pub capacity_per_sec: f64,
    /// 1 − demand ÷ capacity; negative where the demand is more than was reached.
    pub ratio: f64,
    /// The end of the capacity was not seen, so there may be more.
    pub is_at_least: bool,
}

/// The highest throughput that the scenario asks of the whole run.
pub(super) fn demand_of(scenario: &Scenario) -> Option<Demand> {
    let limits = scenario.thresholds.iter().filter(|threshold| {
        threshold.metric == Metric::Throughput
            && threshold.scope == Scope::Run
            && threshold.severity != ThresholdSeverity::Info
    });
    let highest =
        limits.map(|threshold| threshold.limit).filter(|limit| *limit > 0.0).max_by(f64::total_cmp)?;
    Some(Demand { requests_per_sec: highest, source: DemandSource::Threshold })
}

/// Headroom of a capacity whose lower bound is known.
pub(super) fn headroom(slo: &SloCapacity, demand: Option<Demand>) -> Option<Headroom> {
    let (SloCapacity::Reached(capacity), Some(demand)) = (slo, demand) else { return None };
    let capacity_per_sec = capacity.requests_per_sec.low.filter(|low| *low > 0.0)?;
    Some(Headroom {
        demand,
        capacity_per_sec,
        ratio: 1.0 - demand.requests_per_sec / capacity_per_sec,
        is_at_least: capacity.is_at_least(),
    })
}
