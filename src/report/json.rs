//! Runs and comparisons as JSON: full precision, base units in the key names, null where nothing was measured.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::analysis::{
    self, BudgetResult, GeneratorFigures, Interleaved, Reading, ReplannedStage, ScopeRow, SideBySide,
    SideChange, StageEnd, StageRow, Summary, ThresholdResult, ThresholdVerdict, replanned_stages,
};
use crate::metrics::{
    Aggregate, Calibration, Caveat, CaveatKind, Counters, EngineFacts, ErrorGroup, LatencyHistogram, Outcome,
    PercentileInterval, RequestPhase, RunRecord, StepStats, Weight,
};
use crate::model::{Metric, ThresholdSeverity, Unit};

use super::{
    Paper, Provenance, projections_json, resources_json, service_levels_json::service_levels,
    steadiness_json::steadiness, texts_json,
};

/// Version of the format; raised when a key changes its meaning or goes.
pub(super) const FORMAT: u32 = 1;

const QUANTILES: [(f64, &str); 6] = [
    (0.5, "p50_millis"),
    (0.75, "p75_millis"),
    (0.9, "p90_millis"),
    (0.95, "p95_millis"),
    (0.99, "p99_millis"),
    (0.999, "p99_9_millis"),
];

pub fn run(paper: &Paper<'_>) -> Value {
    // In two halves: the macro's depth is bounded, and keys are in order of the alphabet either way.
    let halves = [results(paper), circumstances(paper)];
    let keys = halves.into_iter().filter_map(|half| match half {
        Value::Object(keys) => Some(keys),
        _ => None,
    });
    Value::Object(keys.flatten().collect())
}

/// Which run it was, and what came of it.
fn results(paper: &Paper<'_>) -> Value {
    let (record, summary) = (paper.record, paper.summary);
    let (start, end) = (&record.start, &record.end);
    json!({
        "format": FORMAT,
        "run_id": record.run_id,
        "scenario": start.scenario.name,
        "base_url": start.base_url,
        "scenario_environment": start.scenario.chosen_environment().map(|environment| &environment.name),
        "model": if start.scenario.load.model.is_open() { "open" } else { "closed" },
        "time_scale": start.time_scale,
        "started_at_unix_millis": start.started_at_unix_millis,
        "finish": end.finish,
        "planned_duration_secs": record.plan().duration().as_secs_f64(),
        "load_duration_secs": end.load_duration.as_secs_f64(),
        "n_abandoned": end.n_abandoned,
        "n_counted_by_target": end.n_counted_by_target,
        "verdict": summary.verdict,
        "reasons": summary.reasons,
        "quality": quality(summary),
        "load": load(record),
        "interleaved": summary.interleaved.as_ref().map(interleaved),
        "headline": { "window": summary.headline_words, "figures": aggregate(summary, &summary.headline), "intervals_95": intervals(&summary.headline_intervals) },
        "whole_run": aggregate(summary, &summary.whole),
        "stages": summary.stages.iter().map(|row| stage(summary, row)).collect::<Vec<_>>(),
        "steps": summary.steps.iter().map(|row| scope(summary, row)).collect::<Vec<_>>(),
        "services": summary.services.iter().map(|row| scope(summary, row)).collect::<Vec<_>>(),
        "steadiness": steadiness(&paper.diagnosis.steadiness),
        "service_levels": service_levels(&paper.diagnosis.service_levels),
        "budgets": summary.budgets.iter().map(budget).collect::<Vec<_>>(),
        "thresholds": summary.thresholds.iter().map(threshold).collect::<Vec<_>>(),
        "error_groups": record.error_groups.iter().map(error_group).collect::<Vec<_>>(),
        "capacity": super::capacity_json::of(&paper.diagnosis.capacity),
        "search": paper.diagnosis.search.as_ref().map(super::search_json::search),
        "findings": super::findings_json::findings(paper),
        "recommendations": super::findings_json::recommendations(paper),
        "checklist": super::findings_json::checklist(paper),
    })
}

/// Where, by what and on whose terms it was run and reported.
fn circumstances(paper: &Paper<'_>) -> Value {
    let (record, summary) = (paper.record, paper.summary);
    let start = &record.start;
    json!({
        "environment": start.environment,
        "engine": engine(&start.engine),
        "calibration": start.calibration.as_ref().map(calibration),
        "generator": generator(&summary.generator),
        "resources": resources_json::resources(paper),
        "annotations": annotations(record),
        "plan_changes": plan_changes(record),
        "stages_replanned": replanned(record),
        "projections": projections_json::projections(paper),
        "texts": texts_json::texts(paper),
        "made_of": Provenance::of(paper),
        "labels": start.labels,
        "tags": record.tags,
        "note": record.note,
    })
}

fn interleaved(sides: &Interleaved) -> Value {
    let side_by_side = |scope: &SideBySide| {
        json!({
            "name": scope.name,
            "changes": scope.changes.iter().map(side_change).collect::<Vec<_>>(),
        })
    };
    json!({
        "baseline": sides.baseline,
        "candidate": sides.candidate,
        "block_secs": sides.block.as_secs_f64(),
        "n_pairs": sides.n_pairs,
        "n_pairs_baseline_first": sides.n_baseline_first,
        "left_out_secs": sides.left_out.as_secs_f64(),
        "sentence": sides.sentence,
        "whole": side_by_side(&sides.whole),
        "steps": sides.steps.iter().map(side_by_side).collect::<Vec<_>>(),
    })
}

/// Durations in seconds, shares as ratios; a change is relative, of an error share the difference.
fn side_change(change: &SideChange) -> Value {
    let value = |reading: Option<Reading>| reading.map(|reading| reading.value);
    json!({
        "metric": change.metric.to_string(),
        "baseline": value(change.baseline),
        "candidate": value(change.candidate),
        "change": change.change,
        "change_low": change.interval.map(|(low, _)| low),
        "change_high": change.interval.map(|(_, high)| high),
        "p_value": change.p_value,
        "n_pairs": change.n_pairs,
        "verdict": change.verdict.name(),
        "verdict_words": change.verdict_words(),
    })
}

fn quality(summary: &Summary) -> Value {
    let check = |row: &crate::analysis::QualityRow| {
        json!({
            "name": row.name,
            "measured": row.measured,
            "limit": row.limit,
            "standing": row.standing.name(),
        })
    };
    let caveat = |caveat: &Caveat| json!({ "kind": kind_name(caveat.kind), "weight": weight_name(caveat.weight), "text": caveat.text });
    json!({
        "standing": summary.quality.standing.name(),
        "checks": summary.quality.rows.iter().map(check).collect::<Vec<_>>(),
        "caveats": summary.caveats.iter().map(caveat).collect::<Vec<_>>(),
    })
}

fn load(record: &RunRecord) -> Value {
    let sum = |figure: fn(&crate::metrics::LoadStats) -> u64| -> u64 {
        record.intervals.iter().map(|interval| figure(&interval.load)).sum()
    };
    json!({
        "n_iterations_due": record.plan().is_open().then(|| sum(|load| load.n_due)),
        "n_iterations_started": sum(|load| load.n_started),
        "n_iterations_dropped": sum(|load| load.n_dropped),
        "n_iterations_completed": sum(|load| load.n_completed),
        "n_requests_sent": sum(|load| load.n_sent),
    })
}

fn aggregate(summary: &Summary, aggregate: &Aggregate) -> Value {
    let counters = &aggregate.stats.counters;
    let outcomes: Map<String, Value> = Outcome::ALL
        .into_iter()
        .map(|outcome| (outcome.name().to_owned(), counters.n_of(outcome).into()))
        .collect();
    let connections = aggregate.stats.has_phases().then_some(counters);
    json!({
        "duration_secs": aggregate.duration.as_secs_f64(),
        "n_requests": counters.n_requests(),
        "n_requests_after_load": aggregate.n_after,
        "n_ok": counters.n_ok(),
        "n_errors": counters.n_errors(),
        "error_ratio": counters.error_ratio(),
        "throughput_per_sec": aggregate.throughput_per_sec(),
        "outcomes": outcomes,
        "bytes_sent": counters.bytes_sent,
        "bytes_received": counters.bytes_received,
        "response_time": latencies(&aggregate.stats.response_time),
        "service_time": latencies(&aggregate.stats.service_time),
        "failed_response_time": latencies(&aggregate.stats.error_time),
        "hidden_by_timeouts": hidden(summary, aggregate),
        "phases": phases(&aggregate.stats),
        "n_connections": connections.map(|counters| counters.n_connections),
        "n_reconnects": connections.map(|counters| counters.n_reconnects),
        "connection_reuse_ratio": connections.and_then(Counters::reuse_ratio),
    })
}

/// Phases that occurred, of successful requests.
fn phases(stats: &StepStats) -> Value {
    let occurred = RequestPhase::ALL.into_iter().filter(|phase| !stats.phase(*phase).is_empty());
    occurred.map(|phase| (phase.name().to_lowercase(), latencies(stats.phase(phase)))).collect()
}

fn engine(facts: &EngineFacts) -> Value {
    json!({
        "n_workers": facts.n_workers,
        "transport": facts.transport,
        "transport_reason": facts.transport_reason,
        "timer": facts.timer,
        "arrivals": facts.arrivals_told(),
        "clock_grain_micros": micros(facts.clock_grain),
        "max_open_files": facts.max_open_files,
    })
}

fn calibration(calibration: &Calibration) -> Value {
    json!({
        "measured_at_unix_millis": calibration.measured_at_unix_millis,
        "machine": calibration.machine,
        "transport": calibration.transport,
        "quick": calibration.quick,
        "n_workers": calibration.n_workers,
        "requests_per_sec": calibration.requests_per_sec,
        "requests_per_sec_per_worker": calibration.requests_per_sec_per_worker,
        "cpu_per_request_micros": micros(Some(calibration.cpu_per_request)),
        "floor_p50_micros": micros(Some(calibration.floor_p50)),
        "floor_p99_9_micros": micros(Some(calibration.floor_p99_9)),
        "start_lag_p50_micros": micros(Some(calibration.start_lag_p50)),
        "start_lag_p99_micros": micros(Some(calibration.start_lag_p99)),
    })
}

fn generator(figures: &GeneratorFigures) -> Value {
    json!({
        "start_lag_p50_millis": millis(figures.start_lag_p50),
        "start_lag_p99_millis": millis(figures.start_lag_p99),
        "cpu_per_request_micros": micros(figures.cpu_per_request),
        "busiest_worker_ratio": figures.busiest_worker_ratio,
        "mean_in_flight": figures.mean_in_flight,
        "max_connections": figures.peak_connections,
        "max_memory_bytes": figures.peak_memory_bytes,
        "hiccup_p99_9_millis": millis(figures.hiccup_p99_9),
        "hiccup_max_millis": millis(figures.hiccup_max),
    })
}

fn annotations(record: &RunRecord) -> Vec<Value> {
    let note =
        |note: &crate::metrics::Annotation| json!({ "at_secs": note.at.as_secs_f64(), "text": note.text });
    record.annotations.iter().map(note).collect()
}

fn plan_changes(record: &RunRecord) -> Vec<Value> {
    let change = |(at, words): (Duration, String)| json!({ "at_secs": at.as_secs_f64(), "change": words });
    analysis::plan_changes(record).into_iter().map(change).collect()
}

/// The stages as planned at the start and as changed; empty where nothing was changed.
fn replanned(record: &RunRecord) -> Vec<Value> {
    let end = |end: StageEnd| json!({ "end_secs": end.at.as_secs_f64(), "end_level": end.level });
    let stage = |stage: ReplannedStage| json!({ "name": stage.name, "planned": stage.planned.map(end), "changed": stage.changed.map(end) });
    replanned_stages(record).into_iter().map(stage).collect()
}

fn latencies(histogram: &LatencyHistogram) -> Value {
    let mut figures = Map::new();
    figures.insert("n_samples".to_owned(), histogram.n_samples().into());
    figures.insert("mean_millis".to_owned(), millis(histogram.mean()));
    figures.insert("max_millis".to_owned(), millis(histogram.max()));
    for (quantile, key) in QUANTILES {
        figures.insert(key.to_owned(), millis(histogram.quantile(quantile)));
    }
    Value::Object(figures)
}

/// Bounds of response time percentiles, with the requests that they stand on; null where a run is too short.
fn intervals(intervals: &analysis::Intervals) -> Value {
    let interval = |interval: &PercentileInterval| {
        let figures = json!({
            "low_millis": millis(interval.low),
            "high_millis": millis(interval.high),
            "n": interval.n_samples,
            "n_effective": interval.n_effective,
        });
        (Metric::Quantile(interval.quantile).to_string(), figures)
    };
    Value::Object(intervals.all().iter().map(interval).collect())
}

/// Figures of successful requests that would be longer than the timeout if it had not ended others.
fn hidden(summary: &Summary, aggregate: &Aggregate) -> Vec<String> {
    let is_hidden =
        |metric: &Metric| summary.reading(aggregate, *metric).is_some_and(|reading| reading.is_censored);
    let metrics = QUANTILES.map(|(quantile, _)| Metric::Quantile(quantile));
    metrics.into_iter().chain([Metric::Max]).filter(is_hidden).map(|metric| metric.to_string()).collect()
}

fn millis(latency: Option<Duration>) -> Value {
    latency.map(|latency| latency.as_nanos() as f64 / 1e6).into()
}

fn micros(time: Option<Duration>) -> Value {
    time.map(|time| time.as_nanos() as f64 / 1e3).into()
}

fn stage(summary: &Summary, row: &StageRow) -> Value {
    json!({
        "name": row.name,
        "planned_secs": row.planned.as_secs_f64(),
        "measured_secs": row.measured.as_secs_f64(),
        "start_level": row.start_level,
        "end_level": row.end_level,
        "verdict": (row.n_thresholds > 0).then(|| verdict_name(row.verdict)),
        "figures": aggregate(summary, &row.aggregate),
        "intervals_95": intervals(&row.intervals),
    })
}

fn scope(summary: &Summary, row: &ScopeRow) -> Value {
    json!({
        "name": row.name,
        "scope": row.scope.to_string(),
        "detail": row.detail,
        "figures": aggregate(summary, &row.aggregate),
        "intervals_95": intervals(&row.intervals),
    })
}

fn budget(result: &BudgetResult) -> Value {
    json!({
        "service": result.service,
        "metric": result.budget.metric.to_string(),
        "unit": unit_name(result.budget.metric),
        "limit": result.budget.limit,
        "actual": result.actual,
        "is_hidden_by_timeouts": result.is_censored,
        "verdict": verdict_name(result.verdict),
    })
}

fn threshold(result: &ThresholdResult) -> Value {
    let threshold = &result.threshold;
    json!({
        "metric": threshold.metric.to_string(),
        "unit": unit_name(threshold.metric),
        "scope": threshold.scope.to_string(),
        "window": threshold.window.to_string(),
        "severity": match threshold.severity {
            ThresholdSeverity::Must => "must",
            ThresholdSeverity::Should => "should",
            ThresholdSeverity::Info => "info",
        },
        "limit": threshold.limit,
        "actual": result.actual,
        "is_hidden_by_timeouts": result.is_censored,
        "verdict": verdict_name(result.verdict),
    })
}

fn error_group(group: &ErrorGroup) -> Value {
    json!({
        "step": group.step,
        "outcome": group.outcome.name(),
        "signature": group.signature,
        "n_errors": group.n_errors,
        "first_seen_secs": group.first_seen.as_secs_f64(),
        "last_seen_secs": group.last_seen.as_secs_f64(),
    })
}

pub(super) fn unit_name(metric: Metric) -> &'static str {
    match metric.unit() {
        Unit::Seconds => "secs",
        Unit::Ratio => "ratio",
        Unit::PerSecond => "per_sec",
    }
}

pub(super) fn verdict_name(verdict: ThresholdVerdict) -> &'static str {
    match verdict {
        ThresholdVerdict::Pass => "pass",
        ThresholdVerdict::Fail => "fail",
        ThresholdVerdict::NotEnoughData => "not_enough_data",
    }
}

fn weight_name(weight: Weight) -> &'static str {
    match weight {
        Weight::Note => "note",
        Weight::Weak => "weak",
        Weight::Invalid => "invalid",
    }
}

fn kind_name(kind: CaveatKind) -> &'static str {
    match kind {
        CaveatKind::StartLag => "start_lag",
        CaveatKind::SentShare => "sent_share",
        CaveatKind::GeneratorCpu => "generator_cpu",
        CaveatKind::Censored => "censored",
        CaveatKind::Unfinished => "unfinished",
        CaveatKind::Journal => "journal",
        CaveatKind::Count => "count",
        CaveatKind::FewSamples => "few_samples",
        CaveatKind::Gaps => "gaps",
        CaveatKind::InFlight => "in_flight",
        CaveatKind::Hiccups => "hiccups",
        CaveatKind::Floor => "floor",
        CaveatKind::Resources => "resources",
        CaveatKind::Clock => "clock",
        CaveatKind::Ceiling => "ceiling",
        CaveatKind::Monitor => "monitor",
    }
}
