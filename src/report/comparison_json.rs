//! A comparison as JSON: sizes as ratios (shares in points as ratios), null where a bound or figure is not there.

use serde_json::{Value, json};

use crate::analysis::comparison::{
    CandidateChange, Comparison, ComparisonRow, LoadPoint, Measured, ResourceChange, ResourceRow, RowScope,
    ShapeChange, SideFacts, StepMatch,
};
use crate::analysis::stats::CliffMagnitude;
use crate::metrics::RunId;
use crate::model::StepKey;

use super::json::{FORMAT, unit_name};

pub fn comparison(comparison: &Comparison) -> Value {
    let options = &comparison.options;
    let mut value = json!({
        "format": FORMAT,
        "baseline": side(comparison.baseline()),
        "candidates": comparison.candidates().iter().map(side).collect::<Vec<_>>(),
        "alignment": options.alignment.name(),
        "smallest_relevant_ratio": options.smallest_relevant,
        "window": comparison.window,
        "sentences": comparison.sentences,
        "cautions": comparison.cautions,
        "setup_differences": comparison.setup_differences,
        "changes": comparison.rows.iter().map(row).collect::<Vec<_>>(),
        "distributions": comparison.shapes.iter().map(shape).collect::<Vec<_>>(),
        "steps": comparison.steps.iter().map(step_match).collect::<Vec<_>>(),
    });
    // A key of its own, which comparisons of runs without monitors do not have.
    if !comparison.resources.is_empty() {
        value["resources"] = comparison.resources.iter().map(resource).collect();
    }
    value
}

/// Values and differences in the unit of the series.
fn resource(row: &ResourceRow) -> Value {
    let change = |change: &ResourceChange| {
        json!({
            "value": change.measured,
            "difference": change.difference,
            "interval_95": change.interval.map(|(low, high)| [low, high]),
        })
    };
    json!({
        "scope": scope_word(&row.scope),
        "monitor": row.info.monitor,
        "series": row.info.name,
        "statistic": row.statistic.name(),
        "unit": row.info.unit.name(),
        "baseline": row.baseline,
        "candidates": row.candidates.iter().map(change).collect::<Vec<_>>(),
    })
}

fn scope_word(scope: &RowScope) -> String {
    match scope {
        RowScope::Run => "run".to_owned(),
        RowScope::Stage(name) => format!("stage:{name}"),
        RowScope::Service(name) => format!("service:{name}"),
        RowScope::Step { name, .. } => format!("step:{name}"),
    }
}

fn side(side: &SideFacts) -> Value {
    let spectrum = side.spectrum.points.iter();
    json!({
        "run_ids": side.run_ids.iter().map(|RunId(id)| id).collect::<Vec<_>>(),
        "n_successful": side.spectrum.n_samples,
        "spectrum": spectrum.map(|(quantile, latency)| json!([quantile, latency.as_secs_f64()])).collect::<Vec<_>>(),
        "latency_at_throughput": side.load_curve.iter().map(load_point).collect::<Vec<_>>(),
    })
}

fn load_point(point: &LoadPoint) -> Value {
    json!({
        "stage": point.stage,
        "asked_level": point.asked_level,
        "throughput_per_sec": point.throughput_per_sec,
        "p50": point.p50.as_ref().map(measured),
        "p95": point.p95.as_ref().map(measured),
        "p99": point.p99.as_ref().map(measured),
    })
}

fn row(row: &ComparisonRow) -> Value {
    json!({
        "scope": scope_word(&row.scope),
        "metric": row.metric.to_string(),
        "unit": unit_name(row.metric),
        "baseline": row.baseline.as_ref().map(measured),
        "candidates": row.candidates.iter().map(candidate).collect::<Vec<_>>(),
    })
}

fn measured(measured: &Measured) -> Value {
    json!({
        "value": measured.value,
        "interval_95": [measured.low, measured.high],
        "n": measured.n_samples,
        "n_effective": measured.n_effective,
    })
}

fn candidate(candidate: &CandidateChange) -> Value {
    json!({
        "measured": candidate.measured.as_ref().map(measured),
        "change": candidate.change.map(|change| json!({
            "size": change.size,
            "interval_95": [change.low, change.high],
            "p": change.p_value,
            "p_holm": change.adjusted_p,
        })),
        "verdict": candidate.verdict,
    })
}

fn shape(shape: &ShapeChange) -> Value {
    let points = shape.shift.iter().map(|point| {
        json!({
            "quantile": point.quantile,
            "baseline_secs": point.base.as_secs_f64(),
            "candidate_secs": point.candidate.as_secs_f64(),
            "difference_secs": point.difference_secs,
            "interval_95": [point.interval_secs.0, point.interval_secs.1],
        })
    });
    json!({
        "cliffs_delta": shape.cliffs_delta,
        "magnitude": shape.cliffs_delta.map(|delta| CliffMagnitude::of(delta).word()),
        "shift": points.collect::<Vec<_>>(),
    })
}

fn step_match(step_match: &StepMatch) -> Value {
    let key = |key: &Option<StepKey>| key.as_ref().map(|key| json!(key));
    json!({
        "candidate": step_match.candidate,
        "step": key(&step_match.step),
        "baseline": key(&step_match.baseline),
        "by_hand": step_match.is_by_hand,
    })
}
