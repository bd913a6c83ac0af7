//! Slow start: the first requests are slower than those that follow under as much load and more.

use std::ops::Range;
use std::time::Duration;

use crate::analysis::stats::median;
use crate::humanize;
use crate::metrics::{LatencyHistogram, SecondPoint};
use crate::model::Scope;

use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, FigureKey, Finding, Grounds, Rule,
    ScenarioChange, TimeLine, weight,
};

/// Times the median of later; ours.
const MIN_SLOWER: f64 = 1.5;

/// Seconds that it has to last; ours: the first seconds open connections, which is told elsewhere.
const MIN_SECS: usize = 5;

/// Requests that it has to be seen on.
const MIN_REQUESTS: u64 = 50;

/// Seconds of later that it is held against, at least.
const MIN_LATER: usize = 20;

/// The longest beginning that is looked at, in seconds.
const MAX_SECS: usize = 600;

/// The slow seconds and those that they are held against.
struct Start<'a> {
    slow: &'a [SecondPoint],
    later: Vec<&'a SecondPoint>,
}

pub fn slow_start(grounds: &Grounds<'_>) -> Option<Finding> {
    if grounds.is_interleaved() {
        return None;
    }
    let start = start_of(grounds)?;
    let seconds = start.slow.first()?.second..start.slow.last()?.second + 1;
    let later = start.later.first()?.second..start.later.last()?.second + 1;
    let (early, late) = (merged(grounds, &seconds)?, merged(grounds, &later)?);
    let (slow, usual) = (early.quantile(0.5)?, late.quantile(0.5)?);
    // What the seconds show one by one has to hold for all their requests together.
    let times = slow.as_secs_f64() / usual.as_secs_f64();
    if times < MIN_SLOWER || early.n_samples() < MIN_REQUESTS {
        return None;
    }
    let n_secs = u64::from(seconds.end - seconds.start);
    let lasted = humanize::span(Duration::from_secs(n_secs));
    let confidence = if times >= 2.0 * MIN_SLOWER && start.slow.len() >= 2 * MIN_SECS {
        Confidence::high("no later stretch of the same length was as slow, and it is several times slower")
    } else {
        Confidence::medium("no later stretch of the same length was as slow")
    };
    let quantile = |histogram: &LatencyHistogram, quantile| histogram.quantile(quantile).unwrap_or_default();
    Some(Finding {
        rule: Rule::SlowStart,
        scope: Scope::Run,
        claim: format!(
            "The first {lasted} were slow: the median response time was {}, and {} later under as much load or more.",
            humanize::latency(slow),
            humanize::latency(usual)
        ),
        evidence: Evidence {
            window: Grounds::stretch_words(&seconds),
            figures: vec![
                Figure::latency("Median response time at the start", slow).keyed(FigureKey::EarlyMedian),
                Figure::latency("Median response time later", usual).keyed(FigureKey::LaterMedian),
                Figure::latency("p95 at the start", quantile(&early, 0.95)),
                Figure::latency("p95 later", quantile(&late, 0.95)),
                Figure::times("Slower at the start", times),
                Figure::span("It lasted", n_secs as f64),
                Figure::count("Successful requests at the start", early.n_samples()),
            ],
            chart: EvidenceChart::OverTime {
                seconds: seconds.start..later.end,
                lines: vec![TimeLine::P50, TimeLine::P95, TimeLine::Asked],
                marks: vec![(seconds.end, "as fast as later".to_owned())],
                limit: None,
            },
            seconds,
        },
        weight: weight(Rule::SlowStart, &confidence, (times - 1.0) / 10.0),
        confidence,
        rests_on: None,
        other_explanations: vec![
            "Caches were empty, code was not yet compiled, or instances were still starting.".to_owned(),
            "Connections, sessions or tokens were made at the start, which the phases would show.".to_owned(),
            "Something else was still running when the test began.".to_owned(),
        ],
        next_experiment: experiment(grounds, n_secs, highest_level(&start.later)),
    })
}

/// The slow beginning; none where the run does not begin slowly.
fn start_of<'a>(grounds: &Grounds<'a>) -> Option<Start<'a>> {
    let points = grounds.points();
    let begins = points.iter().position(|point| point.p50.is_some())?;
    let end = beginning_ends(grounds, points);
    let zone = points.get(begins..end)?;
    let zone = &zone[..zone.len().min(MAX_SECS)];
    let later = &zone[zone.len() / 4..];
    let millis = |point: &SecondPoint| point.p50.map(|latency| latency.as_secs_f64());
    let reference: Vec<f64> = later.iter().filter_map(millis).collect();
    if reference.len() < MIN_LATER {
        return None;
    }
    let mut sorted = reference.clone();
    sorted.sort_by(f64::total_cmp);
    // Seconds that are seldom as slow later on, and slower than the usual one by far.
    let seldom = sorted[sorted.len() * 95 / 100];
    let limit = (MIN_SLOWER * median(&reference)?).max(seldom);
    // The median of three seconds: while few requests are sent, one of them may be fast by chance.
    let beginning = &zone[..zone.len() / 4];
    let around = |at: usize| {
        let near = &zone[at.saturating_sub(1)..(at + 2).min(zone.len())];
        median(&near.iter().filter_map(millis).collect::<Vec<_>>())
    };
    let is_slow = |at: &usize| around(*at).is_some_and(|p50| p50 >= limit);
    let n_slow = (0..beginning.len()).take_while(is_slow).count();
    let slow = &zone[..n_slow];
    if n_slow < MIN_SECS || slow.iter().map(n_ok).sum::<u64>() < MIN_REQUESTS {
        return None;
    }
    let highest = slow.iter().map(|point| point.asked_level).fold(0.0, f64::max);
    let later: Vec<&SecondPoint> = later.iter().filter(|point| point.asked_level >= highest).collect();
    let mean = |points: &[f64]| points.iter().sum::<f64>() / points.len() as f64;
    let slowness = mean(&slow.iter().filter_map(millis).collect::<Vec<_>>());
    let others: Vec<f64> = later.iter().filter_map(|point| millis(point)).collect();
    // A busy period of a queue may come first by chance, but then there are others like it.
    let is_slowest =
        others.len() >= MIN_LATER && others.windows(n_slow).all(|window| mean(window) < slowness);
    is_slowest.then_some(Start { slow, later })
}

/// Where the first stretch that held its load ends; the whole run where none does.
fn beginning_ends(grounds: &Grounds<'_>, points: &[SecondPoint]) -> usize {
    let first = grounds.plan.stages().iter().find(|stage| stage.holds() && stage.end_level > 0.0);
    first.map_or(points.len(), |stage| {
        points.partition_point(|point| u64::from(point.second) < stage.end.as_secs())
    })
}

fn highest_level(points: &[&SecondPoint]) -> f64 {
    points.iter().map(|point| point.asked_level).fold(0.0, f64::max)
}

fn n_ok(point: &SecondPoint) -> u64 {
    point.n_by_outcome[crate::metrics::Outcome::Ok as usize]
}

fn merged(grounds: &Grounds<'_>, seconds: &Range<u32>) -> Option<LatencyHistogram> {
    // A damaged second takes the finding with it, not the run.
    grounds.history.sums(seconds.clone()).ok().map(|sums| sums.all().response_time)
}

fn experiment(grounds: &Grounds<'_>, n_secs: u64, level: f64) -> Experiment {
    let load = &grounds.scenario().load;
    let warm_up = Duration::from_secs((3 * n_secs).max(30));
    let hold = Duration::from_secs(300);
    Experiment {
        name: "again with a warm-up".to_owned(),
        words: format!(
            "Run twice without restarting the target in between, with {} of warm-up: a second run that starts fast says \
             that the target was cold, and figures after the warm-up then speak of a warm one.",
            humanize::span(warm_up)
        ),
        changes: vec![ScenarioChange::hold_after(load, level, hold, warm_up)],
    }
}
