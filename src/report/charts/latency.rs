//! Percentiles of response time over time, with the limits that are set on them.

use std::time::Duration;

use super::{highest, lowest, over_time, when};
use crate::analysis::{limit_words, metric_words};
use crate::humanize;
use crate::metrics::{Outcome, SecondPoint};
use crate::model::{Metric, Scope, Threshold};
use crate::report::{
    Paper,
    chart::{Axis, Chart, Hue, Quantity, Shape, Target},
};

/// Always drawn.
const USUAL: [f64; 3] = [0.5, 0.95, 0.99];

/// From so many times the lowest value on, a linear axis would press most of a chart onto its ground.
const LOG_FROM: f64 = 40.0;

/// What a second tells of a percentile, and the hue that it has in the window too.
struct Line {
    quantile: f64,
    hue: usize,
    value: fn(&SecondPoint) -> Option<Duration>,
}

/// The percentiles that are known of each second.
const LINES: [Line; 6] = [
    Line { quantile: 0.5, hue: 2, value: |point| point.p50 },
    Line { quantile: 0.75, hue: 5, value: |point| point.p75 },
    Line { quantile: 0.9, hue: 4, value: |point| point.p90 },
    Line { quantile: 0.95, hue: 0, value: |point| point.p95 },
    Line { quantile: 0.99, hue: 3, value: |point| point.p99 },
    Line { quantile: 0.999, hue: 6, value: |point| point.p99_9 },
];

impl Line {
    fn name(&self) -> String {
        Metric::Quantile(self.quantile).to_string()
    }

    /// In seconds; none where timeouts hide it, or nothing succeeded.
    fn at(&self, point: &SecondPoint) -> Option<f64> {
        let n = |outcome: Outcome| point.n_by_outcome[outcome as usize] as f64;
        let n_hidden = n(Outcome::Timeout);
        let is_hidden =
            n_hidden > 0.0 && n_hidden / (n(Outcome::Ok) + n_hidden) >= 1.0 - self.quantile - 1e-12;
        (self.value)(point).filter(|_| !is_hidden).map(|latency| latency.as_secs_f64())
    }
}

/// p50, p95, p99, and whatever percentile has a limit, for each second.
pub fn latency(paper: &Paper<'_>) -> Option<Chart> {
    let points = &paper.record.points;
    let targets = targets(paper);
    let is_drawn = |line: &&Line| {
        let is_limited = targets.iter().any(|threshold| threshold.metric == Metric::Quantile(line.quantile));
        USUAL.contains(&line.quantile) || is_limited
    };
    let mut chart = Chart::new("latency", "Response time over time");
    over_time(&mut chart, paper);
    chart.y = Axis::of("Response time", Quantity::Latency);
    // The slowest first, as they lie on the paper.
    for line in LINES.iter().rev().filter(is_drawn) {
        let values = points.iter().map(|point| (point.second, line.at(point)));
        chart.add(line.name(), Hue::Series(line.hue), Shape::over_seconds(values));
    }
    let [p50, p95, p99] = [&LINES[0], &LINES[3], &LINES[4]];
    let is_wide = lowest(points, |point| p50.at(point)).zip(highest(points, |point| p99.at(point)));
    let is_log = is_wide.is_some_and(|(low, (high, _))| low > 0.0 && high / low >= LOG_FROM);
    if is_log {
        chart.y = chart.y.log();
    }
    chart.targets = targets
        .iter()
        .map(|threshold| Target {
            value: threshold.limit,
            label: format!("{} {}", threshold.metric, limit_words(threshold.metric, threshold.limit)),
        })
        .collect();
    let n_hidden =
        points.iter().filter(|point| p99.at(point).is_none() && (p99.value)(point).is_some()).count();
    chart.note = note(is_log, n_hidden);
    let (high, at) = highest(points, |point| p95.at(point))?;
    let low = lowest(points, |point| p95.at(point))?;
    let [low, high] = [low, high].map(humanize::latency_secs);
    let range = if low == high {
        format!("The p95 of every second was {high}.")
    } else {
        format!("The p95 of a second lay between {low} and {high}, highest {}.", when(paper.record, at))
    };
    chart.words = range + &limits_sentence(paper, &targets);
    Some(chart)
}

fn note(is_log: bool, n_hidden: usize) -> String {
    let scale = if is_log { ", logarithmic scale" } else { "" };
    let hidden = match n_hidden {
        0 => String::new(),
        n => format!(" Left out where timeouts hide it: p99 in {}.", humanize::counted(n as u64, "second")),
    };
    format!("Successful requests of all steps that ended in each second, whole run{scale}.{hidden}")
}

/// Limits on a percentile of the whole run's requests, one of each.
fn targets<'a>(paper: &Paper<'a>) -> Vec<&'a Threshold> {
    let mut targets: Vec<&Threshold> = Vec::new();
    for result in &paper.summary.thresholds {
        let threshold = &result.threshold;
        let is_alike =
            |other: &&&Threshold| other.metric == threshold.metric && other.limit == threshold.limit;
        let is_percentile = matches!(threshold.metric, Metric::Quantile(_)) && threshold.scope == Scope::Run;
        if is_percentile && !targets.iter().any(|other| is_alike(&other)) {
            targets.push(threshold);
        }
    }
    targets
}

/// In how many seconds the first limit was kept.
fn limits_sentence(paper: &Paper<'_>, targets: &[&Threshold]) -> String {
    let known = targets.iter().find_map(|threshold| {
        let line = LINES.iter().find(|line| threshold.metric == Metric::Quantile(line.quantile))?;
        Some((*threshold, line))
    });
    let Some((threshold, line)) = known else { return String::new() };
    let values: Vec<f64> = paper.record.points.iter().filter_map(|point| line.at(point)).collect();
    let n_within = values.iter().filter(|value| **value <= threshold.limit).count() as u64;
    format!(
        " {} was {} in {} of {} with answers.",
        metric_words(threshold.metric),
        limit_words(threshold.metric, threshold.limit),
        humanize::count(n_within),
        humanize::counted(values.len() as u64, "second")
    )
}
