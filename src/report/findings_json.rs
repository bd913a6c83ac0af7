//! Findings, recommendations and the checklist as JSON: base units beside their values, null where nothing bounds.

use serde_json::{Value, json};

use crate::analysis::findings::{
    EvidenceChart, Experiment, Figure, FigureUnit, Finding, LevelPoint, ScenarioChange,
};
use crate::analysis::recommendations::{ProjectedEffect, Recommendation};
use crate::analysis::{Checklist, ChecklistRow};
use crate::metrics::PercentileInterval;
use crate::model::{Connections, Shape, Stage};

use super::Paper;

/// Every finding, the heaviest first.
pub fn findings(paper: &Paper<'_>) -> Value {
    let is_open = paper.record.start.scenario.load.model.is_open();
    paper.diagnosis.findings.iter().map(|one| finding(one, is_open)).collect()
}

fn finding(finding: &Finding, is_open: bool) -> Value {
    let evidence = &finding.evidence;
    json!({
        "id": finding.id(),
        "rule": finding.rule.key(),
        "name": finding.rule.name(),
        "scope": finding.scope.to_string(),
        "claim": finding.claim,
        "confidence": finding.confidence.level.name(),
        "confidence_reason": finding.confidence.reason,
        "rests_on": finding.rests_on,
        "window": evidence.window,
        "from_secs": evidence.seconds.start,
        "until_secs": evidence.seconds.end,
        "figures": evidence.figures.iter().map(figure).collect::<Vec<_>>(),
        "chart": chart(&evidence.chart, is_open),
        "other_explanations": finding.other_explanations,
        "next_experiment": experiment(&finding.next_experiment),
    })
}

fn figure(figure: &Figure) -> Value {
    json!({
        "what": figure.what,
        "printed": figure.text,
        "value": figure.value,
        "unit": figure.unit.key(),
    })
}

fn chart(chart: &EvidenceChart, is_open: bool) -> Value {
    match chart {
        EvidenceChart::OverTime { seconds, lines, .. } => json!({
            "kind": "over_time",
            "from_secs": seconds.start,
            "until_secs": seconds.end,
            "lines": lines.iter().map(|line| line.name()).collect::<Vec<_>>(),
        }),
        EvidenceChart::Levels { levels, marked, .. } => json!({
            "kind": "levels",
            "levels": levels.iter().map(|point| level(point, is_open)).collect::<Vec<_>>(),
            "marked": marked.and_then(|index| levels.get(index)).map(|level| level.asked_level),
        }),
        EvidenceChart::Shares { what, unit, parts } => json!({
            "kind": "shares",
            "what": what,
            "unit": unit.key(),
            "parts": parts.iter().map(|part| json!({ "name": part.name, "value": part.value })).collect::<Vec<_>>(),
        }),
    }
}

fn level(point: &LevelPoint, is_open: bool) -> Value {
    let unit = if is_open { FigureUnit::PerSecond } else { FigureUnit::Users };
    let millis =
        |latency: Option<std::time::Duration>| latency.map(|latency| latency.as_nanos() as f64 / 1e6);
    let bound = |of: fn(&PercentileInterval) -> Option<std::time::Duration>| {
        millis(point.p95_interval.as_ref().and_then(of))
    };
    json!({
        "name": point.name,
        "asked": point.asked_level,
        "asked_unit": unit.key(),
        "throughput_per_sec": point.throughput_per_sec,
        "throughput_low_per_sec": point.throughput_interval.map(|(low, _)| low),
        "throughput_high_per_sec": point.throughput_interval.map(|(_, high)| high),
        "p50_millis": millis(point.p50),
        "p95_millis": millis(point.p95),
        "p95_low_millis": bound(|interval| interval.low),
        "p95_high_millis": bound(|interval| interval.high),
    })
}

fn experiment(experiment: &Experiment) -> Value {
    json!({
        "name": experiment.name,
        "words": experiment.words,
        "changes": experiment.changes.iter().map(change).collect::<Vec<_>>(),
    })
}

fn change(change: &ScenarioChange) -> Value {
    match change {
        ScenarioChange::Load { model, warm_up, stages } => json!({
            "change": "load",
            "model": if model.is_open() { "open" } else { "closed" },
            "warm_up_secs": warm_up.as_secs_f64(),
            "stages": stages.iter().map(stage).collect::<Vec<_>>(),
        }),
        ScenarioChange::OnlyJourneys(names) => json!({ "change": "only_journeys", "journeys": names }),
        ScenarioChange::Connections(connections) => json!({
            "change": "connections",
            "connections": match connections {
                Connections::PerUser => "per_user",
                Connections::Pooled => "pooled",
                Connections::PerRequest => "per_request",
            },
        }),
        ScenarioChange::Compression(is_asked_for) => {
            json!({ "change": "compression", "compression": is_asked_for })
        }
    }
}

fn stage(stage: &Stage) -> Value {
    json!({
        "name": stage.name,
        "duration_secs": stage.duration.as_secs_f64(),
        "level": stage.end_level,
        "shape": match stage.shape {
            Shape::Ramp => "ramp",
            Shape::Step => "step",
        },
    })
}

/// Every recommendation, by horizon.
pub fn recommendations(paper: &Paper<'_>) -> Value {
    paper.diagnosis.recommendations.iter().map(recommendation).collect()
}

fn recommendation(one: &Recommendation) -> Value {
    let basis = |basis: &crate::analysis::recommendations::Basis| json!({ "kind": basis.kind.key(), "id": basis.id, "words": basis.words });
    let effect = match &one.effect {
        ProjectedEffect::Model { words, assumption, figures } => json!({
            "is_model": true,
            "words": words,
            "assumption": assumption,
            "figures": figures.iter().map(figure).collect::<Vec<_>>(),
        }),
        ProjectedEffect::MeasureFirst | ProjectedEffect::ChangesNothing => Value::Null,
    };
    json!({
        "id": one.id,
        "horizon": one.horizon.key(),
        "title": one.title,
        "words": one.words,
        "stands_on": one.stands_on.iter().map(basis).collect::<Vec<_>>(),
        "changes_the_target": one.effect != ProjectedEffect::ChangesNothing,
        "projected_effect": effect,
        "experiment": one.experiment.as_ref().map(experiment),
    })
}

/// The checklist, beside the comparison where the paper has one.
pub fn checklist(paper: &Paper<'_>) -> Value {
    let own = &paper.diagnosis.checklist;
    let checklist: &Checklist = match paper.comparison {
        Some(comparison) => &own.beside(comparison, paper.summary),
        None => own,
    };
    let row = |row: &ChecklistRow| {
        json!({
            "item": row.item.key(),
            "name": row.item.name(),
            "state": row.state.name(),
            "rests_on": row.rests_on,
        })
    };
    json!({
        "readiness": checklist.readiness.key(),
        "why": checklist.why,
        "rows": checklist.rows.iter().map(row).collect::<Vec<_>>(),
    })
}
