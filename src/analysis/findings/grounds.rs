//! What the rules look at: a kept run, cut into the stretches that held their load and the levels of load they make.

use std::{ops::Range, time::Duration};

use crate::analysis::stats::median;
use crate::humanize;
use crate::metrics::{History, LatencyHistogram, PercentileInterval, RunRecord, SecondPoint, StepStats};
use crate::model::{Metric, Plan, PlannedStage, Scenario};

use super::{EvidenceChart, LevelAxis, LevelPoint, resource::Resource};
use crate::analysis::{Capacity, Steadiness, Summary, requests_per_iteration, stats};

/// Seconds that a stage has to hold its level to say anything of that level.
pub(super) const MIN_HOLD_SECS: usize = 10;

/// Blocks that a stretch is cut into to tell how much a rate sways.
const N_BLOCKS: usize = 10;

/// Parts that a ramp is cut into where too few levels were held.
const N_RAMP_PARTS: u32 = 8;

/// Seconds that a ramp has to last for its parts to be levels.
const MIN_RAMP_SECS: u32 = 80;

/// A kept run as the rules see it.
pub struct Grounds<'a> {
    pub record: &'a RunRecord,
    pub history: &'a History,
    pub summary: &'a Summary,
    pub capacity: &'a Capacity,
    pub steadiness: &'a Steadiness,
    pub plan: Plan,
    /// Stages that held their level for a while, warm-up and pauses left out, in order of time.
    pub holds: Vec<Hold<'a>>,
    /// The levels of load that were held, the lowest first; parts of a ramp where fewer than two were held.
    pub levels: Vec<LoadLevel>,
    /// What may have been used up.
    pub resources: Vec<Resource>,
}

/// What else is known of a run, that findings agree with.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    pub capacity: &'a Capacity,
    pub steadiness: &'a Steadiness,
}

/// A stretch in which the load stayed the same.
pub struct Hold<'a> {
    /// Its index in the plan.
    pub stage: usize,
    pub name: &'a str,
    /// Users (closed) or arrivals per second (open).
    pub level: f64,
    /// The whole seconds of it.
    pub seconds: Range<u32>,
    pub points: Vec<&'a SecondPoint>,
}

/// A level of load with what it came to.
pub struct LoadLevel {
    pub point: LevelPoint,
    pub seconds: Range<u32>,
    /// Requests completed per second in blocks of time.
    pub throughput: Vec<f64>,
    /// Of all steps together.
    pub stats: StepStats,
    /// Whether it is a part of a ramp.
    pub is_ramp: bool,
}

impl<'a> Grounds<'a> {
    pub fn new(
        record: &'a RunRecord,
        history: &'a History,
        summary: &'a Summary,
        Known { capacity, steadiness }: Known<'a>,
    ) -> Self {
        let plan = record.plan();
        let holds: Vec<Hold<'a>> = plan
            .stages()
            .iter()
            .enumerate()
            .filter(|(_, stage)| stage.holds() && stage.end_level > 0.0)
            .filter_map(|(index, stage)| {
                // The plan is a copy; its stages are named as those of the summary.
                let name = summary.stages.get(index).map(|row| row.name.as_str())?;
                let seconds = whole_seconds(&plan, stage, record.end.load_duration);
                let points: Vec<_> = loaded(points_within(&record.points, &seconds)).collect();
                (points.len() >= MIN_HOLD_SECS).then_some(Hold {
                    stage: index,
                    name,
                    level: stage.end_level,
                    seconds,
                    points,
                })
            })
            .collect();
        let mut levels = held_levels(summary, &holds);
        if levels.len() < 2 {
            let ramp = ramp_levels(record, history, &plan);
            if ramp.len() > levels.len() {
                levels = ramp;
            }
        }
        let resources = Resource::of_run(record);
        Self { record, history, summary, capacity, steadiness, plan, holds, levels, resources }
    }

    pub fn is_open(&self) -> bool {
        self.plan.is_open()
    }

    pub fn scenario(&self) -> &'a Scenario {
        &self.record.start.scenario
    }

    /// All closed seconds.
    pub fn points(&self) -> &'a [SecondPoint] {
        &self.record.points
    }

    /// The closed seconds within a stretch.
    pub fn points_of(&self, seconds: &Range<u32>) -> &'a [SecondPoint] {
        points_within(&self.record.points, seconds)
    }

    /// From the first second to the end of the load.
    pub fn whole_run(&self) -> Range<u32> {
        let last = self.points().last().map_or(0, |point| point.second + 1);
        0..last
    }

    /// Whether two sides take turns, so that what varies over time may be the other side.
    pub fn is_interleaved(&self) -> bool {
        self.scenario().interleave.is_some()
    }

    /// A level in words: `50 users`, `200/s`.
    pub fn level_text(&self, level: f64) -> String {
        humanize::level(level, self.is_open())
    }

    /// Requests that a level asks for per second; none in the closed model, where answers decide.
    pub fn asked_per_sec(&self, level: f64) -> Option<f64> {
        requests_per_iteration(self.scenario()).map(|n| n * level)
    }

    /// A stretch in words: `0:30 to 2:00`.
    pub fn stretch_words(seconds: &Range<u32>) -> String {
        let clock = |second: u32| humanize::clock(Duration::from_secs(second.into()));
        format!("{} to {}", clock(seconds.start), clock(seconds.end))
    }

    /// The window of a hold in words: `stage Sustain (50), 0:30 to 2:00`.
    pub fn hold_words(hold: &Hold<'_>) -> String {
        format!("stage {}, {}", hold.name, Self::stretch_words(&hold.seconds))
    }

    /// The seconds and words of the headline window.
    pub fn headline_window(&self) -> (Range<u32>, String) {
        let spans = self.plan.window_spans(&self.summary.headline_window, self.record.end.load_duration);
        let from = spans.first().map_or(0, |(from, _)| from.as_secs() as u32);
        let until = spans.last().map_or(from, |(_, until)| until.as_secs_f64().ceil() as u32);
        (from..until, self.summary.headline_words.clone())
    }

    /// The levels as a chart.
    pub fn levels_chart(&self, shown: LevelAxis, marked: Option<usize>) -> EvidenceChart {
        let levels = self.levels.iter().map(|level| level.point.clone()).collect();
        EvidenceChart::Levels { shown, levels, marked }
    }

    /// The seconds that the levels cover, with words.
    pub fn levels_window(&self) -> (Range<u32>, String) {
        let from = self.levels.iter().map(|level| level.seconds.start).min().unwrap_or(0);
        let until = self.levels.iter().map(|level| level.seconds.end).max().unwrap_or(from);
        let is_ramp = self.levels.iter().any(|level| level.is_ramp);
        let words = if is_ramp {
            format!("a ramp in {} parts, {}", self.levels.len(), Self::stretch_words(&(from..until)))
        } else {
            format!(
                "{} that were held, {}",
                humanize::counted(self.levels.len() as u64, "level"),
                Self::stretch_words(&(from..until))
            )
        };
        (from..until, words)
    }
}

impl Hold<'_> {
    /// A figure of each second that has it.
    pub fn values(&self, figure: impl Fn(&SecondPoint) -> Option<f64>) -> Vec<(f64, f64)> {
        let value = |point: &&SecondPoint| Some((f64::from(point.second), figure(point)?));
        self.points.iter().filter_map(value).collect()
    }

    pub fn n_secs(&self) -> f64 {
        self.points.len() as f64
    }
}

/// Means of so many blocks of values in order of time, each at its mean time; none of fewer values than blocks.
pub(super) fn blocks(values: &[(f64, f64)], n_blocks: usize) -> Vec<(f64, f64)> {
    reduced(values, n_blocks, |within| within.iter().sum::<f64>() / within.len() as f64)
}

/// The same with medians, which a spike does not move.
pub(super) fn median_blocks(values: &[(f64, f64)], n_blocks: usize) -> Vec<(f64, f64)> {
    reduced(values, n_blocks, |within| median(within).unwrap_or(f64::NAN))
}

fn reduced(values: &[(f64, f64)], n_blocks: usize, of: impl Fn(&[f64]) -> f64) -> Vec<(f64, f64)> {
    if values.len() < n_blocks || n_blocks == 0 {
        return Vec::new();
    }
    let block = |block: usize| {
        let within = &values[values.len() * block / n_blocks..values.len() * (block + 1) / n_blocks];
        let time = within.iter().map(|(time, _)| time).sum::<f64>() / within.len() as f64;
        let ys: Vec<f64> = within.iter().map(|(_, y)| *y).collect();
        (time, of(&ys))
    };
    (0..n_blocks).map(block).collect()
}

/// The points of a stretch of seconds.
fn points_within<'a>(points: &'a [SecondPoint], seconds: &Range<u32>) -> &'a [SecondPoint] {
    let from = points.partition_point(|point| point.second < seconds.start);
    let until = points.partition_point(|point| point.second < seconds.end);
    points.get(from..until).unwrap_or_default()
}

/// Without the seconds of a pause.
fn loaded(points: &[SecondPoint]) -> impl Iterator<Item = &SecondPoint> {
    points.iter().filter(|point| point.asked_level > 0.0)
}

/// The whole seconds of a stage that are after the warm-up and before load ended.
fn whole_seconds(plan: &Plan, stage: &PlannedStage, load_end: Duration) -> Range<u32> {
    let (from, until) = (stage.start.max(plan.warm_up()), stage.end.min(load_end));
    let from = from.as_secs_f64().ceil() as u32;
    from..(until.as_secs() as u32).max(from)
}

fn held_levels(summary: &Summary, holds: &[Hold<'_>]) -> Vec<LoadLevel> {
    let mut by_level: Vec<&Hold<'_>> = holds.iter().collect();
    by_level.sort_by(|a, b| a.level.total_cmp(&b.level).then(a.stage.cmp(&b.stage)));
    by_level
        .chunk_by(|a, b| a.level == b.level)
        .map(|same| {
            let mut stats = StepStats::default();
            let mut throughput = Vec::new();
            for hold in same {
                stats.merge(&summary.stages[hold.stage].aggregate.stats);
                let values = hold.values(|point| Some(point.completed_per_sec));
                throughput.extend(blocks(&values, N_BLOCKS).into_iter().map(|(_, rate)| rate));
            }
            let names: Vec<&str> = same.iter().map(|hold| hold.name).collect();
            let p95_interval = match same {
                [only] => summary.stages[only.stage].intervals.at(Metric::Quantile(0.95)).copied(),
                _ => None,
            };
            let seconds = same[0].seconds.start..same[same.len() - 1].seconds.end;
            level(names.join(", "), same[0].level, (seconds, throughput), stats, (p95_interval, false))
        })
        .collect()
}

/// The parts of the longest rising ramp.
fn ramp_levels(record: &RunRecord, history: &History, plan: &Plan) -> Vec<LoadLevel> {
    let rising = plan.stages().iter().filter(|stage| stage.end_level >= 2.0 * stage.start_level.max(1.0));
    let Some(stage) = rising.max_by_key(|stage| (stage.duration(), std::cmp::Reverse(stage.start))) else {
        return Vec::new();
    };
    let seconds = whole_seconds(plan, stage, record.end.load_duration);
    let n_secs = seconds.len() as u32;
    if n_secs < MIN_RAMP_SECS || stage.holds() {
        return Vec::new();
    }
    let part = |part: u32| {
        let within =
            seconds.start + n_secs * part / N_RAMP_PARTS..seconds.start + n_secs * (part + 1) / N_RAMP_PARTS;
        let points: Vec<_> = loaded(points_within(&record.points, &within)).collect();
        let asked = points.iter().map(|point| point.asked_level).sum::<f64>() / points.len() as f64;
        let values: Vec<(f64, f64)> =
            points.iter().map(|point| (f64::from(point.second), point.completed_per_sec)).collect();
        let throughput = blocks(&values, N_BLOCKS.min(values.len() / 2)).into_iter().map(|(_, y)| y);
        // A damaged second leaves its part out, not the run.
        let stats = history.sums(within.clone()).ok()?.all();
        let name = format!("{} of {}", Grounds::stretch_words(&within), stage.name);
        let is_there = asked.is_finite() && points.len() >= MIN_HOLD_SECS;
        is_there.then(|| level(name, asked, (within, throughput.collect()), stats, (None, true)))
    };
    (0..N_RAMP_PARTS).filter_map(part).collect()
}

fn level(
    name: String,
    asked_level: f64,
    (seconds, throughput): (Range<u32>, Vec<f64>),
    stats: StepStats,
    (p95_interval, is_ramp): (Option<PercentileInterval>, bool),
) -> LoadLevel {
    let mean = stats::mean_interval(&throughput);
    let response_time: &LatencyHistogram = &stats.response_time;
    let point = LevelPoint {
        name,
        asked_level,
        throughput_per_sec: mean.map_or(0.0, |mean| mean.difference),
        throughput_interval: mean.map(|mean| (mean.low, mean.high)),
        p50: response_time.quantile(0.5),
        p95: response_time.quantile(0.95),
        p95_interval,
    };
    LoadLevel { point, seconds, throughput, stats, is_ramp }
}
