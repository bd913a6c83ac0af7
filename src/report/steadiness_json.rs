//! Warm-up and steady state as JSON; seconds count from the start of the run.

use std::ops::Range;

use serde_json::{Value, json};

use crate::analysis::{LevelSegment, Reading, StageSteadiness, Steadiness, SteadinessFigures};

pub fn steadiness(steadiness: &Steadiness) -> Value {
    if steadiness.sentence.is_empty() {
        return Value::Null;
    }
    json!({
        "sentence": steadiness.sentence,
        "stages": steadiness.stages.iter().map(stage).collect::<Vec<_>>(),
    })
}

fn stage(stage: &StageSteadiness) -> Value {
    let is_told = !stage.segments.is_empty();
    json!({
        "name": stage.name,
        "level": stage.level,
        "from_secs": stage.seconds.start,
        "until_secs": stage.seconds.end,
        "n_seconds": stage.n_points,
        "n_seconds_missing": stage.n_missing,
        "seconds_per_point": stage.grain,
        "class": stage.class.name(),
        "levels": stage.segments.iter().map(segment).collect::<Vec<_>>(),
        "n_outliers": is_told.then_some(stage.n_outliers),
        "mser_5": stage.mser.map(|mser| json!({ "from_secs": mser.from, "is_at_limit": mser.is_at_limit })),
        "steady_from_secs": stage.steady_from,
        "cut_secs": stage.cut,
        "as_counted": figures(&stage.as_counted),
        "with_cut": stage.with_cut.as_ref().map(figures),
        "sentence": stage.sentence,
        "advice": stage.advice,
    })
}

fn segment(segment: &LevelSegment) -> Value {
    let Range { start, end } = segment.seconds;
    json!({
        "from_secs": start,
        "until_secs": end,
        "mean_of_medians_millis": segment.level.as_nanos() as f64 / 1e6,
        "is_last_level": segment.is_last_level,
    })
}

fn figures(figures: &SteadinessFigures) -> Value {
    let reading = |reading: Option<Reading>| {
        reading.map(
            |reading| json!({ "millis": reading.value * 1e3, "is_hidden_by_timeouts": reading.is_censored }),
        )
    };
    json!({
        "n_requests": figures.n_requests,
        "n_errors": figures.n_errors,
        "p50": reading(figures.p50),
        "p95": reading(figures.p95),
        "p99": reading(figures.p99),
    })
}
