//! A capacity as JSON: full precision, base units in the key names, null where nothing was measured.

use serde_json::{Value, json};

use crate::analysis::capacity::{
    Capacity, Coefficient, Concurrency, DemandSource, InFlightSource, Level, LevelPercentile, LevelVerdict,
    Scaling, SloCapacity, TargetResult, TargetVerdict, UslRefusal,
};
use crate::analysis::stats::Estimate;
use crate::metrics::PercentileInterval;
use crate::model::{Metric, ThresholdSeverity};

use super::json::unit_name;

/// Of a report: null where nothing was worked out.
pub(super) fn of(found: &Capacity) -> Value {
    if found.is_unknown() { Value::Null } else { capacity(found) }
}

/// The capacity of a run.
pub fn capacity(capacity: &Capacity) -> Value {
    let users = capacity.users.as_ref();
    json!({
        "verdict": slo_name(&capacity.slo),
        "sentences": capacity.sentences(),
        "notes": capacity.notes,
        "met_level": met(capacity).map(|index| &capacity.levels[index].name),
        "missed_level": missed(capacity).map(|index| &capacity.levels[index].name),
        "is_at_least": capacity.estimate().map(|found| found.is_at_least()),
        "requests_per_sec": capacity.estimate().map(|found| estimate(found.requests_per_sec)),
        "iterations_per_sec": users.map(|users| estimate(users.iterations_per_sec)),
        "users": users.map(|users| estimate(users.users())),
        "derived_users": users.map(|users| estimate(users.derived_users)),
        "tested_users": users.and_then(|users| users.tested_users),
        "iteration": users.map(|users| json!({
            "n_requests": users.iteration.n_requests,
            "think_time_secs": users.iteration.think_time.as_secs_f64(),
            "duration_secs": users.iteration.duration.as_secs_f64(),
            "mean_response_secs": users.mean_response.as_secs_f64(),
        })),
        "demand": capacity.demand.map(|demand| json!({
            "requests_per_sec": demand.requests_per_sec,
            "iterations_per_sec": users.and_then(|users| users.demand_iterations_per_sec),
            "users": users.and_then(|users| users.demand_users),
            "source": match demand.source {
                DemandSource::Threshold => "threshold",
                DemandSource::Stated => "stated",
            },
        })),
        "headroom_ratio": capacity.headroom.map(|headroom| headroom.ratio),
        "levels": capacity.levels.iter().map(level).collect::<Vec<_>>(),
        "scaling": scaling(&capacity.scaling),
    })
}

fn slo_name(slo: &SloCapacity) -> &'static str {
    match slo {
        SloCapacity::Unknown => "unknown",
        SloCapacity::NoLevels => "no_levels",
        SloCapacity::NoTargets => "no_targets",
        SloCapacity::NoneCounts => "none_counts",
        SloCapacity::Reached(_) => "reached",
        SloCapacity::BelowLowest { .. } => "below_lowest",
        SloCapacity::Undecided => "undecided",
        SloCapacity::NotMonotone { .. } => "not_monotone",
    }
}

fn met(capacity: &Capacity) -> Option<usize> {
    match &capacity.slo {
        SloCapacity::Reached(found) => Some(found.met),
        SloCapacity::NotMonotone { met, .. } => Some(*met),
        _ => None,
    }
}

fn missed(capacity: &Capacity) -> Option<usize> {
    match &capacity.slo {
        SloCapacity::Reached(found) => found.missed,
        SloCapacity::NotMonotone { missed, .. } | SloCapacity::BelowLowest { missed } => Some(*missed),
        _ => None,
    }
}

fn level(level: &Level) -> Value {
    json!({
        "stage": level.name,
        "duration_secs": level.duration.as_secs_f64(),
        "offered": level.offered,
        "offered_requests_per_sec": level.offered_per_sec,
        "achieved_requests_per_sec": level.achieved.map(estimate),
        "successful_requests_per_sec": level.good.map(estimate),
        "started_ratio": level.started_ratio,
        "ended_ratio": level.ended_ratio,
        "response_time": percentiles(&level.percentiles),
        "mean_response_secs": level.mean_response.map(|mean| mean.as_secs_f64()),
        "error_ratio": level.error_ratio,
        "error_ratio_interval_95": level.error_interval.map(|(low, high)| [low, high]),
        "mean_in_flight": level.in_flight.map(|in_flight| in_flight.mean),
        "in_flight_by": level.in_flight.map(|in_flight| match in_flight.source {
            InFlightSource::Counted => "count",
            InFlightSource::LittlesLaw => "littles_law",
        }),
        "verdict": level.verdict.map(|verdict| match verdict {
            LevelVerdict::Met => "met",
            LevelVerdict::Missed => "missed",
            LevelVerdict::Undecided => "undecided",
        }),
        "not_counted": level.not_counted.map(|reason| reason.words()),
        "targets": level.targets.iter().map(target).collect::<Vec<_>>(),
    })
}

fn percentiles(percentiles: &[LevelPercentile]) -> Value {
    let percentile = |percentile: &LevelPercentile| {
        let millis = |secs: f64| secs * 1e3;
        let bound = |of: fn(&PercentileInterval) -> Option<std::time::Duration>| {
            percentile.interval.as_ref().and_then(of).map(|bound| bound.as_nanos() as f64 / 1e6)
        };
        let figures = json!({
            "value_millis": percentile.reading.map(|reading| millis(reading.value)),
            "is_hidden_by_timeouts": percentile.reading.is_some_and(|reading| reading.is_censored),
            "low_millis": bound(|interval| interval.low),
            "high_millis": bound(|interval| interval.high),
        });
        (Metric::Quantile(percentile.quantile).to_string(), figures)
    };
    Value::Object(percentiles.iter().map(percentile).collect())
}

fn target(target: &TargetResult) -> Value {
    json!({
        "metric": target.metric.to_string(),
        "unit": unit_name(target.metric),
        "limit": target.limit,
        "severity": match target.severity {
            ThresholdSeverity::Must => "must",
            ThresholdSeverity::Should => "should",
            ThresholdSeverity::Info => "info",
        },
        "value": target.reading.map(|reading| reading.value),
        "low": target.low,
        "high": target.high,
        "verdict": match target.verdict {
            TargetVerdict::Met => "met",
            TargetVerdict::Missed => "missed",
            TargetVerdict::Undecided(_) => "undecided",
        },
        "doubt": target.doubt().map(|doubt| doubt.words()),
    })
}

/// Throughput against concurrency with its curve.
pub fn scaling(scaling: &Scaling) -> Value {
    let points = scaling.points.iter().map(|point| {
        json!({
            "stage": (!point.name.is_empty()).then_some(&point.name),
            "level": point.level,
            "concurrency": point.concurrency,
            "successful_requests_per_sec": estimate(point.throughput),
            "latency_secs": point.latency_secs,
        })
    });
    json!({
        "concurrency": match scaling.concurrency {
            Concurrency::Users => "users",
            Concurrency::InFlight => "mean_in_flight",
            Concurrency::Stated => "stated",
        },
        "points": points.collect::<Vec<_>>(),
        "usl": usl(scaling),
        "usl_sentence": scaling.usl_sentence(),
        "throughput_knee_level": scaling.throughput_knee,
        "latency_knee_level": scaling.latency_knee,
    })
}

fn usl(scaling: &Scaling) -> Value {
    let usl = match &scaling.usl {
        Ok(usl) => usl,
        Err(refusal) => {
            let n_levels = match refusal {
                UslRefusal::TooFewLevels(n_levels) => Some(n_levels),
                UslRefusal::NoThroughput | UslRefusal::NoFit => None,
            };
            return json!({ "refused": refusal.words(), "n_levels": n_levels });
        }
    };
    json!({
        "refused": null,
        "n_points": usl.n_points,
        "n_levels": usl.n_levels,
        "alpha": coefficient(&usl.contention),
        "beta": coefficient(&usl.coherency),
        "gamma_per_sec": coefficient(&usl.of_one),
        "peak": usl.peak.map(|peak| json!({
            "concurrency": peak.concurrency,
            "low": peak.low,
            "high": peak.high,
            "throughput_per_sec": peak.throughput_per_sec,
            "is_extrapolated": peak.is_extrapolated,
        })),
        "limit_per_sec": usl.limit_per_sec,
        "optimum_concurrency": usl.optimum,
        "residual_per_sec": usl.residual_per_sec,
        "r_squared": usl.r_squared,
        "is_rough": usl.is_rough(),
        "may_have_no_peak": usl.may_have_no_peak(),
    })
}

fn coefficient(coefficient: &Coefficient) -> Value {
    json!({
        "value": coefficient.value,
        "standard_error": coefficient.standard_error,
        "low": coefficient.interval.map(|(low, _)| low),
        "high": coefficient.interval.map(|(_, high)| high),
    })
}

fn estimate(estimate: Estimate) -> Value {
    json!({ "value": estimate.value, "low": estimate.low, "high": estimate.high })
}
