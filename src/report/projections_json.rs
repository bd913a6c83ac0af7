//! Projections as JSON: seconds and ratios as they are kept, and earlier ones beside what was measured now.

use serde_json::{Value, json};

use crate::analysis::what_if::{
    Agreement, LABEL, NumberedProjection, PredictedAndMeasured, PredictedRow, Projection,
};
use crate::model::Metric;

use super::Paper;

/// Null where the run has none.
pub fn projections(paper: &Paper<'_>) -> Value {
    let Some(projections) = paper.projections.filter(|projections| !projections.is_empty()) else {
        return Value::Null;
    };
    json!({
        "label": LABEL,
        "from_this_run": projections.own.iter().map(numbered).collect::<Vec<_>>(),
        "predicted_before_measured_now": projections.measured.iter().map(measured).collect::<Vec<_>>(),
        "notes": projections.notes,
    })
}

/// As it is kept, with its title and what it comes to.
pub fn projection(projection: &Projection) -> Value {
    json!({
        "label": LABEL,
        "title": projection.title(),
        "sentence": projection.sentence(),
        "is_refused": projection.is_refused(),
        "projection": projection,
    })
}

fn numbered(numbered: &NumberedProjection) -> Value {
    json!({ "number": numbered.number, "of": projection(&numbered.projection) })
}

fn measured(measured: &PredictedAndMeasured) -> Value {
    let NumberedProjection { run_id, number, projection } = &measured.predicted;
    json!({
        "run_id": run_id,
        "number": number,
        "title": projection.title(),
        "scope": projection.scope.to_string(),
        "window": projection.window.to_string(),
        "projected_per_sec": projection.projected_per_sec,
        "measured_per_sec": measured.measured_per_sec,
        "obstacle": measured.obstacle,
        "sentence": measured.sentence,
        "percentiles": measured.rows.iter().map(row).collect::<Vec<_>>(),
    })
}

fn row(row: &PredictedRow) -> Value {
    json!({
        "metric": Metric::Quantile(row.quantile).to_string(),
        "line": row.line,
        "measured_before_secs": row.base_secs,
        "projected_secs": row.predicted.secs,
        "projected_low_secs": row.predicted.low_secs,
        "projected_high_secs": row.predicted.high_secs,
        "measured_secs": row.measured_secs,
        "measured_low_secs": row.low_secs,
        "measured_high_secs": row.high_secs,
        "agreement": match row.agreement {
            Agreement::Inside => "inside",
            Agreement::Touching => "touching",
            Agreement::Above => "above",
            Agreement::Below => "below",
        },
    })
}
