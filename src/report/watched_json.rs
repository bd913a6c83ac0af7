//! What monitors saw and what the traffic audit found, as JSON: values in the unit of their series, null for what was
//! not read.

use std::time::Duration;

use serde_json::{Value, json};

use crate::analysis::{SeriesResult, SeriesUse, StretchUse, WatchedUse};
use crate::metrics::{
    CacheFacts, CommandUse, MonitorFacts, PayloadFacts, ProbeTrouble, Repeats, RunFigure, StatementUse,
    TimingFacts, TrafficAudit, TtlFacts,
};
use crate::model::{Bound, ThresholdSeverity};

use super::{Paper, json::verdict_name, resources_json::spread};

/// Monitors, series and limits; none where nothing was watched.
pub fn watched(paper: &Paper<'_>) -> Option<Value> {
    let (seen, watched) = (&paper.record.watched, &paper.summary.watched);
    if watched.is_empty() && seen.is_empty() {
        return None;
    }
    Some(json!({
        "monitors": seen.monitors.iter().map(monitor).collect::<Vec<_>>(),
        "series": watched.series.iter().map(|one| series(watched, one)).collect::<Vec<_>>(),
        "limits": watched.results.iter().map(limit).collect::<Vec<_>>(),
    }))
}

fn secs(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

fn series(watched: &WatchedUse, series: &SeriesUse) -> Value {
    let info = &series.info;
    let stages = watched.stages.iter().zip(&series.stages);
    json!({
        "monitor": info.monitor,
        "name": info.name,
        "unit": info.unit.name(),
        "group": info.group.name(),
        "aspect": info.aspect.name(),
        "meaning": info.meaning,
        "peak_stage": series.peak_stage.map(|stage| &watched.stages[stage]),
        "whole_run": stretch(None, &series.whole),
        "judged": stretch(None, &series.steady),
        "stages": stages.map(|(name, one)| stretch(Some(name), one)).collect::<Vec<_>>(),
    })
}

fn stretch(stage: Option<&String>, stretch: &StretchUse) -> Value {
    json!({
        "stage": stage,
        "n_seconds": stretch.n_seconds,
        "n_read": stretch.n_read,
        "n_seconds_beyond_limit": stretch.n_beyond,
        "spread": stretch.spread.map(spread),
    })
}

fn limit(result: &SeriesResult) -> Value {
    let bound = match result.limit.bound {
        Bound::AtMost(_) => "at_most",
        Bound::AtLeast(_) => "at_least",
    };
    let severity = match result.limit.severity {
        ThresholdSeverity::Must => "must",
        ThresholdSeverity::Should => "should",
        ThresholdSeverity::Info => "info",
    };
    json!({
        "monitor": result.monitor,
        "series": result.limit.series,
        "statistic": result.limit.statistic.name(),
        "bound": bound,
        "limit": result.limit.bound.value(),
        "unit": result.unit.name(),
        "severity": severity,
        "window": result.window_words,
        "n_seconds": result.n_seconds,
        "n_read": result.n_read,
        "actual": result.actual,
        "verdict": verdict_name(result.verdict),
        "sentence": result.sentence(),
    })
}

fn monitor(facts: &MonitorFacts) -> Value {
    let trouble = |trouble: &ProbeTrouble| json!({ "from_second": trouble.from, "to_second": trouble.to, "text": trouble.text });
    json!({
        "name": facts.name,
        "kind": facts.kind,
        "address": facts.address,
        "version": facts.version,
        "n_read": facts.n_read,
        "n_asked": facts.n_asked,
        "cost": {
            "cpu_secs": facts.cost.cpu.map(secs),
            "median_reading_secs": secs(facts.cost.median_reading),
            "longest_reading_secs": secs(facts.cost.longest_reading),
            "bytes_read": facts.cost.bytes_read,
        },
        "clock": facts.clock.map(|clock| {
            json!({ "ahead_secs": clock.ahead_secs, "uncertainty_secs": clock.uncertainty_secs })
        }),
        "troubles": facts.troubles.iter().map(trouble).collect::<Vec<_>>(),
        "notes": facts.notes,
        "statements": facts.statements.iter().map(statement).collect::<Vec<_>>(),
        "commands": facts.commands.iter().map(command).collect::<Vec<_>>(),
        "totals": facts.totals.iter().map(total).collect::<Vec<_>>(),
    })
}

fn statement(statement: &StatementUse) -> Value {
    json!({
        "text": statement.text,
        "n_calls": statement.n_calls,
        "total_secs": secs(statement.total_time),
        "mean_secs": secs(statement.mean_time),
        "load_ratio": statement.load_ratio,
        "rows_per_call": statement.rows_per_call,
        "cache_hit_ratio": statement.cache_hit_ratio,
    })
}

fn command(command: &CommandUse) -> Value {
    json!({
        "name": command.name,
        "n_calls": command.n_calls,
        "total_secs": secs(command.total_time),
        "mean_secs": secs(command.mean_time),
    })
}

fn total(figure: &RunFigure) -> Value {
    json!({
        "name": figure.name,
        "value": figure.value,
        "unit": figure.unit.name(),
        "group": figure.group.name(),
        "meaning": figure.meaning,
    })
}

/// The audit of the run's traffic.
pub fn traffic(paper: &Paper<'_>, audit: &TrafficAudit) -> Value {
    let names: Vec<&str> = paper.record.start.scenario.steps().map(|(_, step)| step.name.as_str()).collect();
    let step = |step: &crate::metrics::StepTraffic| {
        json!({
            "step": names.get(usize::from(step.step)),
            "payload": step.payload.as_ref().map(payload),
            "cache": step.cache.as_ref().map(cache),
            "server_timings": step.timings.iter().map(timing).collect::<Vec<_>>(),
        })
    };
    json!({
        "key_ratio": audit.key_ratio,
        "steps": audit.steps.iter().map(step).collect::<Vec<_>>(),
    })
}

fn payload(facts: &PayloadFacts) -> Value {
    let array = |(path, n_items): &(String, f64)| json!({ "path": path, "n_items": n_items });
    let unused = |(path, bytes): &(String, f64)| json!({ "path": path, "bytes": bytes });
    let packing: serde_json::Map<String, Value> =
        facts.packing_time.iter().map(|(name, time)| (name.clone(), secs(*time).into())).collect();
    json!({
        "n_answers": facts.n_answers,
        "wire_bytes": facts.wire_bytes,
        "plain_bytes": facts.plain_bytes,
        "encoding": facts.encoding,
        "packed_bytes": facts.packed_bytes,
        "packing_secs": packing,
        "null_bytes": facts.null_bytes,
        "null_fields": facts.null_fields,
        "long_string_bytes": facts.long_string_bytes,
        "long_fields": facts.long_fields,
        "repeated_bytes": facts.repeated_bytes,
        "repeated_fields": facts.repeated_fields,
        "long_arrays": facts.long_arrays.iter().map(array).collect::<Vec<_>>(),
        "unused_bytes": facts.unused_bytes,
        "unused_fields": facts.unused_fields.iter().map(unused).collect::<Vec<_>>(),
    })
}

fn timing(facts: &TimingFacts) -> Value {
    json!({
        "name": facts.name,
        "n_answers": facts.n_answers,
        "mean_secs": secs(facts.took),
        "mean_number": facts.number,
    })
}

fn repeats(repeats: &Repeats) -> Value {
    let ttl = |ttl: &TtlFacts| json!({ "ttl_secs": ttl.ttl_secs, "n_served": ttl.n_served, "n_stale": ttl.n_stale });
    json!({
        "n_lookups": repeats.n_lookups,
        "n_keys": repeats.n_keys,
        "n_same": repeats.n_same,
        "n_changed": repeats.n_changed,
        "by_ttl": repeats.by_ttl.iter().map(ttl).collect::<Vec<_>>(),
    })
}

fn cache(facts: &CacheFacts) -> Value {
    json!({
        "own": repeats(&facts.own),
        "shared": facts.shared.as_ref().map(repeats),
        "etag_ratio": facts.etag_ratio,
        "last_modified_ratio": facts.last_modified_ratio,
        "cache_control_ratio": facts.cache_control_ratio,
        "cache_control": facts.cache_control,
    })
}
