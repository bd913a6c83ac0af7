//! Latency at throughput, and throughput against concurrency with the fitted scalability law.

use super::{CurveChart, MeasuredPoint, ValueWithBounds};
use crate::analysis::capacity::{
    Capacity, Concurrency, Level, LevelPercentile, QUANTILES, Scaling, ScalingPoint, TargetResult, Usl,
};
use crate::analysis::{limit_words, metric_words};
use crate::humanize;
use crate::metrics::PercentileInterval;
use crate::model::Metric;
use crate::report::chart::{Axis, Chart, Hue, Mark, Quantity, Target};

/// From so many times the lowest value on, a linear axis would press most points onto its ground.
const LOG_FROM: f64 = 40.0;

/// More names would lie upon each other.
const MAX_NAMES: usize = 12;

/// The hues that p50, p95 and p99 have in all charts.
const HUES: [usize; 3] = [2, 0, 3];

/// Points of the curve: it is smooth.
const N_CURVE_POINTS: usize = 80;

/// A point for each level that counts: p50, p95 and p99 with their intervals at the rate that was achieved.
pub fn latency_at_throughput(capacity: &Capacity) -> Option<Chart> {
    let levels: Vec<&Level> = capacity
        .levels
        .iter()
        .filter(|level| level.not_counted.is_none_or(|reason| !reason.is_of_generator()))
        .collect();
    let with_names = levels.len() <= MAX_NAMES;
    let point = |level: &Level, quantile: f64| {
        let percentile = level.percentile(quantile)?;
        let is_named = with_names && quantile == 0.99;
        Some(MeasuredPoint {
            x: level.achieved?.value,
            y: bounded(percentile)?,
            label: if is_named { level.name.clone() } else { String::new() },
        })
    };
    let measured: Vec<(String, Vec<MeasuredPoint>)> = QUANTILES
        .map(|quantile| {
            let points = levels.iter().filter_map(|level| point(level, quantile)).collect();
            (Metric::Quantile(quantile).to_string(), points)
        })
        .into();
    let values = || measured.iter().flat_map(|(_, points)| points).map(|point| point.y.value);
    let (low, high) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
    let is_log = low > 0.0 && high / low >= LOG_FROM;
    let y = Axis::of("Response time", Quantity::Latency);
    let scale = if is_log { ", logarithmic scale" } else { "" };
    (high > 0.0).then(|| {
        let mut chart = CurveChart {
            id: "latency-at-throughput",
            title: "Latency at throughput",
            note: &format!(
                "Each stage that held its level, warm-up left out; whiskers are 95 % intervals{scale}. Levels that the \
                 generator limited are left out."
            ),
            words: &latency_words(capacity, &levels),
            x: Axis::of("Requests achieved", Quantity::Rate),
            y: if is_log { y.log() } else { y },
            measured,
            targets: targets(&levels),
            marks: capacity_mark(capacity),
            ..CurveChart::default()
        }
        .chart();
        for (series, hue) in chart.series.iter_mut().zip(HUES) {
            series.hue = Hue::Series(hue);
        }
        chart
    })
}

fn bounded(percentile: &LevelPercentile) -> Option<ValueWithBounds> {
    let reading = percentile.reading.filter(|reading| !reading.is_censored)?;
    let bound = |of: fn(&PercentileInterval) -> Option<std::time::Duration>| {
        percentile.interval.as_ref().and_then(of).map(|bound| bound.as_secs_f64())
    };
    Some(ValueWithBounds {
        value: reading.value,
        low: bound(|interval| interval.low),
        high: bound(|interval| interval.high),
    })
}

/// Limits on the percentiles that are drawn, one of each.
fn targets(levels: &[&Level]) -> Vec<Target> {
    let is_drawn = |target: &&TargetResult| matches!(target.metric, Metric::Quantile(quantile) if QUANTILES.contains(&quantile));
    let mut targets: Vec<Target> = Vec::new();
    for target in levels.iter().flat_map(|level| &level.targets).filter(is_drawn) {
        let label = format!("{} {}", target.metric, limit_words(target.metric, target.limit));
        if targets.iter().all(|known| known.label != label) {
            targets.push(Target { value: target.limit, label });
        }
    }
    targets
}

/// Where the capacity lies along the axis of rates.
fn capacity_mark(capacity: &Capacity) -> Vec<Mark> {
    let mark = capacity.estimate().map(|estimate| {
        let at = estimate.requests_per_sec.low.unwrap_or(estimate.requests_per_sec.value);
        let at_least = if estimate.is_at_least() { "≥ " } else { "" };
        Mark { at, label: format!("capacity {at_least}{}", humanize::rate(at)) }
    });
    mark.into_iter().collect()
}

fn latency_words(capacity: &Capacity, levels: &[&Level]) -> String {
    let figure = |level: &&&Level| {
        let reading = level.percentile(0.95)?.reading?;
        Some(format!("{} at {}", reading.text(), humanize::rate(level.achieved?.value)))
    };
    let slowest_last = |a: &&&Level, b: &&&Level| {
        let rate = |level: &&&Level| level.achieved.map_or(0.0, |achieved| achieved.value);
        rate(a).total_cmp(&rate(b))
    };
    let ends = [levels.iter().min_by(slowest_last), levels.iter().max_by(slowest_last)];
    let [Some(first), Some(last)] = ends.map(|level| level.as_ref().and_then(figure)) else {
        return capacity.slo_sentence();
    };
    let p95 = metric_words(Metric::Quantile(0.95));
    let ends = if first == last { first } else { format!("{first} and {last}") };
    format!("Latency against the rate that was achieved: {p95} was {ends}. {}", capacity.slo_sentence())
}

/// Successful requests per second against concurrency, with the fitted curve.
pub fn scalability(scaling: &Scaling) -> Option<Chart> {
    let with_names = scaling.points.len() <= MAX_NAMES;
    let point = |point: &ScalingPoint| MeasuredPoint {
        x: point.concurrency,
        y: ValueWithBounds {
            value: point.throughput.value,
            low: point.throughput.low,
            high: point.throughput.high,
        },
        label: match scaling.concurrency {
            // Users stand along the axis already.
            Concurrency::InFlight if with_names => point.name.clone(),
            _ => String::new(),
        },
    };
    let measured: Vec<MeasuredPoint> = scaling.points.iter().map(point).collect();
    let usl = scaling.usl.as_ref().ok();
    let (title, quantity) = match scaling.concurrency {
        Concurrency::Users => ("Users", Quantity::Users),
        Concurrency::InFlight => ("Mean requests in flight", Quantity::Number),
        Concurrency::Stated => ("Concurrency", Quantity::Number),
    };
    (!measured.is_empty()).then(|| {
        CurveChart {
            id: "scalability",
            title: "Throughput against concurrency",
            note: "Successful requests per second; whiskers are 95 % intervals. The dashed curve is a model, not \
                   measured.",
            words: &scaling.usl_sentence(),
            x: Axis::of(title, quantity),
            y: Axis::of("Throughput", Quantity::Rate),
            measured: vec![("measured".to_owned(), measured)],
            curves: usl.map(|usl| ("fitted law".to_owned(), curve(usl))).into_iter().collect(),
            marks: usl.map(peak_mark).unwrap_or_default(),
            ..CurveChart::default()
        }
        .chart()
    })
}

/// The curve somewhat beyond the points, and as far as a peak that was seen.
fn curve(usl: &Usl) -> Vec<(f64, f64)> {
    let seen = usl.peak.filter(|peak| !peak.is_extrapolated).map_or(0.0, |peak| peak.concurrency);
    let until = (1.1 * usl.max_concurrency).max(1.1 * seen);
    let at = |index: usize| until * index as f64 / N_CURVE_POINTS as f64;
    (0..=N_CURVE_POINTS).map(at).map(|n| (n, usl.throughput_at(n))).collect()
}

fn peak_mark(usl: &Usl) -> Vec<Mark> {
    let seen = usl.peak.filter(|peak| !peak.is_extrapolated);
    let mark = |at: f64| Mark { at, label: format!("peak of the curve {}", humanize::number(at)) };
    seen.map(|peak| mark(peak.concurrency)).into_iter().collect()
}
