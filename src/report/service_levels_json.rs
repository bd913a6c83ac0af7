//! Availability, error budget and Apdex as JSON; shares are ratios.

use std::time::Duration;

use serde_json::{Value, json};

use crate::analysis::{
    Apdex, ApdexRow, BurnAlert, ErrorBudget, FastShare, GoodRequests, GoodSeconds, ServiceLevels,
};

pub fn service_levels(levels: &ServiceLevels) -> Value {
    if levels.sentences.is_empty() {
        return Value::Null;
    }
    json!({
        "window": levels.window,
        "objective": {
            "availability_ratio": levels.objective.ratio,
            "period_secs": levels.objective.period.as_secs_f64(),
            "source": levels.objective.source.name(),
        },
        "rules": levels.rules,
        "is_usual_rule": levels.is_usual_rule,
        "by_requests": levels.requests.as_ref().map(by_requests),
        "by_seconds": levels.seconds.as_ref().map(by_seconds),
        "error_budget": levels.budget.as_ref().map(error_budget),
        "fast_answers": levels.fast.as_ref().map(fast_answers),
        "apdex": levels.apdex.as_ref().map(apdex),
        "sentences": levels.sentences,
    })
}

fn bounds(bounds: Option<(f64, f64)>) -> Value {
    bounds.map(|(low, high)| json!({ "low": low, "high": high })).into()
}

fn by_requests(requests: &GoodRequests) -> Value {
    json!({
        "n_valid": requests.n_valid,
        "n_good": requests.n_good,
        "n_bad": requests.n_bad(),
        "n_of_excluded_steps": requests.n_excluded,
        "n_client_errors_not_bad": requests.n_client_errors,
        "n_left_out": requests.n_left_out(),
        "availability_ratio": requests.availability(),
        "interval_95": bounds(requests.interval),
        "n_effective": requests.n_effective,
    })
}

fn by_seconds(seconds: &GoodSeconds) -> Value {
    json!({
        "n_up": seconds.n_up,
        "n_down": seconds.n_down,
        "n_unknown": seconds.n_unknown,
        "down_from_error_ratio": seconds.limit_ratio,
        "availability_ratio": seconds.availability(),
    })
}

fn error_budget(budget: &ErrorBudget) -> Value {
    json!({
        "n_allowed": budget.n_allowed,
        "n_bad": budget.n_bad,
        "left_ratio": budget.left_ratio(),
        "allowed_in_period_secs": budget.allowed_time.as_secs_f64(),
        "burn_rate": budget.burn_rate,
        "burn_rate_interval_95": bounds(budget.burn_interval),
        "lasts_secs": secs(budget.lasts),
        "alerts": budget.alerts.iter().map(alert).collect::<Vec<_>>(),
    })
}

fn alert(alert: &BurnAlert) -> Value {
    json!({
        "long_window_secs": alert.long.as_secs_f64(),
        "short_window_secs": alert.short.as_secs_f64(),
        "budget_ratio": alert.budget_ratio,
        "burn_rate_limit": alert.burn_rate,
        "kind": if alert.is_page { "page" } else { "ticket" },
        "outcome": alert.outcome.name(),
        "after_secs": secs(alert.after),
    })
}

fn fast_answers(fast: &FastShare) -> Value {
    json!({
        "limit_millis": millis(fast.limit),
        "counted_up_to_millis": millis(fast.counted_up_to),
        "n_fast": fast.n_fast,
        "n_successful": fast.n,
        "ratio": fast.ratio(),
        "interval_95": bounds(fast.interval),
        "n_effective": fast.n_effective,
    })
}

fn apdex(apdex: &Apdex) -> Value {
    let target = &apdex.target;
    json!({
        "t_millis": millis(target.satisfied),
        "t_source": if target.is_of_threshold { "threshold" } else { "scenario" },
        "satisfied_up_to_millis": millis(target.satisfied_up_to),
        "tolerated_up_to_millis": millis(target.tolerated_up_to),
        "run": score(&apdex.run),
        "services": apdex.services.iter().map(score).collect::<Vec<_>>(),
        "steps": apdex.steps.iter().map(score).collect::<Vec<_>>(),
    })
}

fn score(row: &ApdexRow) -> Value {
    json!({
        "name": row.name,
        "scope": row.scope.to_string(),
        "n_satisfied": row.n_satisfied,
        "n_tolerating": row.n_tolerating,
        "n_frustrated": row.n_frustrated,
        "apdex": row.score(),
        "text": row.text(),
        "rating": row.rating(),
    })
}

fn millis(time: Duration) -> f64 {
    time.as_nanos() as f64 / 1e6
}

fn secs(time: Option<Duration>) -> Value {
    time.map(|time| time.as_secs_f64()).into()
}
