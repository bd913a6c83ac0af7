//! What a search found, as JSON: levels in users or arrivals per second, base units in the key names.

use std::time::Duration;

use serde_json::{Value, json};

use crate::analysis::search::{
    Probe, ProbeKind, ProbeVerdict, SearchEnd, SearchOutcome, SearchSettings, TargetStanding,
};
use crate::analysis::{scope_words, stats::slope};
use crate::model::{Metric, Unit};

pub fn search(outcome: &SearchOutcome) -> Value {
    let settings = &outcome.settings;
    json!({
        "end": end_name(outcome.end),
        "sentence": outcome.sentence,
        "notes": outcome.notes,
        "level_unit": if settings.is_open { "arrivals_per_sec" } else { "users" },
        "capacity": outcome.capacity.map(|found| json!({
            "level": found.level,
            "stops_at_level": found.stops_at,
            "is_at_least": found.stops_at.is_none(),
            "throughput_per_sec": found.throughput_per_sec,
            "confirming_hold_secs": found.held_secs,
            "probe": found.probe,
        })),
        "highest_passed_level": outcome.highest_pass,
        "lowest_not_passed_level": outcome.lowest_stop,
        "asked": {
            "start_level": settings.start,
            "max_level": settings.max,
            "hold_secs": settings.hold.as_secs_f64(),
            "settle_secs": settings.settle.as_secs_f64(),
            "confirm_secs": settings.confirm.as_secs_f64(),
            "resolution": settings.resolution,
            "max_probes": settings.max_probes,
        },
        "probes": outcome.probes.iter().map(|probe| self::probe(settings, probe)).collect::<Vec<_>>(),
    })
}

pub fn probe(settings: &SearchSettings, probe: &Probe) -> Value {
    let figures = &probe.figures;
    let trend = slope(&figures.in_flight);
    let millis = |time: Option<Duration>| time.map(|time| time.as_micros() as f64 / 1e3);
    json!({
        "number": probe.plan.number,
        "kind": match probe.plan.kind {
            ProbeKind::Search => "search",
            ProbeKind::Again => "again",
            ProbeKind::Confirm => "confirm",
        },
        "level": probe.plan.level,
        "verdict": match probe.verdict() {
            ProbeVerdict::Pass => "pass",
            ProbeVerdict::Fail => "fail",
            ProbeVerdict::Undecided => "undecided",
            ProbeVerdict::GeneratorLimited => "generator_limited",
        },
        "reasons": probe.judgement.reasons,
        "is_extended": probe.is_extended,
        "from_second": figures.seconds.start,
        "n_seconds": figures.seconds.end - figures.seconds.start,
        "offered_per_sec": figures.offered_per_sec(),
        "achieved_ratio": figures.achieved_ratio(),
        "throughput_per_sec": figures.throughput_per_sec(),
        "n_requests": figures.n_requests,
        "n_errors": figures.n_errors,
        "n_dropped": figures.n_dropped,
        "mean_in_flight": figures.mean_in_flight(),
        "in_flight_rise": trend.map(|trend| trend.over_all()),
        "in_flight_rise_p_value": trend.map(|trend| trend.p_of_rise()),
        "start_lag_p99_millis": millis(figures.start_lag_p99),
        "busiest_worker_ratio": figures.busiest_worker_ratio,
        "targets": targets(settings, probe),
    })
}

fn targets(settings: &SearchSettings, probe: &Probe) -> Vec<Value> {
    let targets = settings.targets.iter().zip(&probe.figures.targets);
    let target = targets.map(|(target, figures)| {
        json!({
            "metric": target.metric.to_string(),
            "scope": scope_words(&target.scope),
            "unit": unit(target.metric),
            "limit": target.limit,
            "value": figures.reading.map(|reading| reading.value),
            "is_censored": figures.reading.is_some_and(|reading| reading.is_censored),
            "low": figures.low,
            "high": figures.high,
            "n_requests": figures.n_requests,
            "standing": match figures.standing(target) {
                TargetStanding::Met => "met",
                TargetStanding::Missed => "missed",
                TargetStanding::Open => "open",
            },
        })
    });
    target.collect()
}

fn unit(metric: Metric) -> &'static str {
    match metric.unit() {
        Unit::Seconds => "seconds",
        Unit::Ratio => "ratio",
        Unit::PerSecond => "per_sec",
    }
}

fn end_name(end: SearchEnd) -> &'static str {
    match end {
        SearchEnd::Confirmed => "confirmed",
        SearchEnd::LowestFails => "lowest_fails",
        SearchEnd::LowestUndecided => "lowest_undecided",
        SearchEnd::NotConfirmed => "not_confirmed",
        SearchEnd::NotMonotone { .. } => "not_monotone",
        SearchEnd::GeneratorLimited => "generator_limited",
        SearchEnd::NeverDrained => "never_drained",
        SearchEnd::Interrupted => "interrupted",
    }
}
