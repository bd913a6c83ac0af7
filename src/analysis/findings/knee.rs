//! Latency knee: up to some level latency hardly rises with load, and beyond it climbs.

use std::time::Duration;

use crate::analysis::Standing;
use crate::humanize;
use crate::model::Scope;

use super::{
    Confidence, Evidence, Experiment, Figure, FigureKey, Finding, Grounds, LevelAxis, LoadLevel, Rule,
    ScenarioChange, weight,
};

/// The fewest levels that show a bend.
const MIN_LEVELS: usize = 3;

/// Times that of the lowest of three levels up to which the next counts as alike; ours.
const FLAT: f64 = 1.25;

/// Times that of the knee that the top has to be, by the bounds of both; ours.
const CLIMBED: f64 = 1.5;

/// Requests that a level's percentile has to stand on.
const MIN_REQUESTS: u64 = 200;

/// How long the experiment holds each of its levels.
const HOLD: Duration = Duration::from_secs(120);

pub fn latency_knee(grounds: &Grounds<'_>) -> Option<Finding> {
    let levels: Vec<(usize, &LoadLevel)> = grounds
        .levels
        .iter()
        .enumerate()
        .filter(|(_, level)| !level.is_ramp && level.stats.counters.n_ok() >= MIN_REQUESTS)
        .collect();
    let knee_at = knee_of(grounds, &levels)?;
    let ((knee_index, knee), (_, top)) = (levels[knee_at], levels[levels.len() - 1]);
    let (at_knee, at_top) = (p95(knee)?, p95(top)?);
    let bound = |level: &LoadLevel, low: bool| {
        let interval = level.point.p95_interval?;
        let bound = if low { interval.low } else { interval.high };
        bound.map(|bound| bound.as_secs_f64())
    };
    let (knee_high, top_low) = (bound(knee, false), bound(top, true));
    let is_sure = knee_high.zip(top_low).is_some_and(|(knee, top)| top >= CLIMBED * knee);
    // Without bounds only a rise that no bounds would take away counts.
    let has_no_bounds = knee_high.is_none() && at_top >= 2.0 * CLIMBED * at_knee;
    if !is_sure && !has_no_bounds {
        return None;
    }
    let (knee_text, top_text) =
        (grounds.level_text(knee.point.asked_level), grounds.level_text(top.point.asked_level));
    let confidence = confidence(grounds, is_sure, levels.len());
    let (seconds, window) = grounds.levels_window();
    let mut figures = vec![
        Figure::level("Level of the knee", knee.point.asked_level, grounds.is_open()).keyed(FigureKey::Level),
    ];
    for (_, level) in &levels {
        if let Some(p95) = level.point.p95 {
            let text = level.point.p95_interval.map_or_else(
                || humanize::latency(p95),
                |interval| format!("{} ({})", humanize::latency(p95), interval.short_text()),
            );
            let what = format!(
                "p95 at {}, {} completed",
                grounds.level_text(level.point.asked_level),
                humanize::rate(level.point.throughput_per_sec)
            );
            figures.push(Figure::latency(what, p95).told(text));
        }
    }
    Some(Finding {
        rule: Rule::LatencyKnee,
        scope: Scope::Run,
        claim: format!(
            "Up to {knee_text} p95 stays near {}, and beyond it climbs: {} at {top_text}, which is {} times as much for {} \
             times the load.",
            humanize::latency_secs(at_knee),
            humanize::latency_secs(at_top),
            humanize::number(at_top / at_knee),
            humanize::number(top.point.asked_level / knee.point.asked_level)
        ),
        evidence: Evidence {
            seconds,
            window,
            figures,
            chart: grounds.levels_chart(LevelAxis::LatencyAtThroughput, Some(knee_index)),
        },
        weight: weight(Rule::LatencyKnee, &confidence, (at_top / at_knee - 1.0) / 10.0),
        confidence,
        rests_on: None,
        other_explanations: vec![
            "The last levels came later in the run: what grows with time would look the same, unless a lower level is \
             held again at the end."
                .to_owned(),
            "A jump to a level is harder than the level itself: hold it longer.".to_owned(),
        ],
        next_experiment: experiment(grounds, knee.point.asked_level, top.point.asked_level),
    })
}

/// The place of the knee among the levels.
// From four levels on Kneedle says where it is, or that there is none, as the capacity section shows it. Three show
// one where the first two are alike and the last is not.
fn knee_of(grounds: &Grounds<'_>, levels: &[(usize, &LoadLevel)]) -> Option<usize> {
    let last = levels.len().checked_sub(1)?;
    let place = match levels.len() {
        MIN_LEVELS => {
            let (first, second) = (p95(levels[0].1)?, p95(levels[1].1)?);
            (second <= FLAT * first).then_some(1)?
        }
        n if n > MIN_LEVELS => {
            let level = grounds.capacity.scaling.latency_knee?;
            levels.iter().position(|(_, other)| other.point.asked_level == level)?
        }
        _ => return None,
    };
    (place < last).then_some(place)
}

fn p95(level: &LoadLevel) -> Option<f64> {
    level.point.p95.map(|latency| latency.as_secs_f64())
}

fn confidence(grounds: &Grounds<'_>, is_sure: bool, n_levels: usize) -> Confidence {
    if grounds.summary.quality.standing != Standing::Valid {
        Confidence::medium("the measurement is weak, and a generator near its limit looks the same")
    } else if is_sure {
        Confidence::high(format!("{n_levels} held levels, and the intervals at knee and top lie far apart"))
    } else {
        Confidence::medium("the stages are too short for intervals around their percentiles")
    }
}

/// Levels around the knee, in an order that time cannot make look like load.
fn experiment(grounds: &Grounds<'_>, knee: f64, top: f64) -> Experiment {
    let between = f64::midpoint(knee, top);
    let levels = [0.75 * knee, between, knee, top, knee];
    Experiment {
        name: "levels around the knee".to_owned(),
        words: format!(
            "Hold {}, {}, {}, {} and {} for {} each: the same level twice tells load from time, and the one in between \
             where the climb begins.",
            grounds.level_text(levels[0]),
            grounds.level_text(levels[1]),
            grounds.level_text(levels[2]),
            grounds.level_text(levels[3]),
            grounds.level_text(levels[4]),
            humanize::span(HOLD)
        ),
        changes: vec![ScenarioChange::staircase(&grounds.scenario().load, &levels, HOLD)],
    }
}
