//! What a run says of its service levels, one plain sentence each.

use std::time::Duration;

use super::{
    AlertOutcome, Apdex, BurnAlert, ErrorBudget, FastShare, GoodRequests, GoodSeconds, Objective,
    ServiceLevels,
};
use crate::humanize;
use crate::metrics::RunRecord;

pub fn sentences(levels: &ServiceLevels, record: &RunRecord) -> Vec<String> {
    let objective = &levels.objective;
    let Some(requests) = &levels.requests else {
        return vec![
            "No valid request was completed in this window, so nothing can be told of service levels."
                .to_owned(),
        ];
    };
    let mut sentences = vec![availability(requests, objective)];
    sentences.extend(levels.seconds.as_ref().and_then(by_seconds));
    match &levels.budget {
        Some(budget) => {
            sentences.push(burn(budget, objective));
            sentences.extend(alert(&budget.alerts));
        }
        None => sentences.push(
            "An objective of 100 % leaves no error budget: a single bad request misses it, and no burn rate can be told."
                .to_owned(),
        ),
    }
    sentences.push(format!(
        "A run of {} cannot prove an objective over {}: it shows how fast the budget would burn under this load.",
        humanize::span(record.end.load_duration),
        period(objective)
    ));
    sentences.extend(levels.fast.as_ref().map(fast));
    sentences.push(apdex(levels.apdex.as_ref()));
    sentences
}

fn period(objective: &Objective) -> String {
    humanize::span(objective.period)
}

fn availability(requests: &GoodRequests, objective: &Objective) -> String {
    let target = humanize::percent(objective.ratio);
    let interval = match requests.interval {
        Some((low, high)) => {
            format!(" (95 % interval {} to {})", humanize::percent(low), humanize::percent(high))
        }
        None => String::new(),
    };
    let against = match requests.interval {
        Some((low, _)) if low >= objective.ratio => "above the objective of",
        Some((_, high)) if high < objective.ratio => "below the objective of",
        Some(_) => "which this run cannot tell from the objective of",
        None => "measured for too short a time to be held against the objective of",
    };
    format!(
        "{} of {} were good{interval}, {against} {target}.",
        humanize::percent(requests.availability()),
        humanize::counted(requests.n_valid, "valid request")
    )
}

fn by_seconds(seconds: &GoodSeconds) -> Option<String> {
    let availability = humanize::percent(seconds.availability()?);
    let n_known = humanize::counted(seconds.n_up + seconds.n_down, "second");
    let limit = humanize::percent(seconds.limit_ratio);
    let unknown = match seconds.n_unknown {
        0 => String::new(),
        n => format!("; nothing is known of {} without any", humanize::counted(n, "second")),
    };
    Some(format!(
        "By time, {availability} of {n_known} with valid requests were up, with less than {limit} of them bad{unknown}."
    ))
}

fn burn(budget: &ErrorBudget, objective: &Objective) -> String {
    let rate = humanize::number(budget.burn_rate);
    let allowed = format!(
        "The budget of {} is {} of nothing but bad requests",
        period(objective),
        humanize::span(budget.allowed_time)
    );
    let interval = match budget.burn_interval {
        Some((low, high)) => {
            format!(" (95 % interval {} to {})", humanize::number(low), humanize::number(high))
        }
        None => String::new(),
    };
    match budget.lasts {
        None => match budget.burn_interval {
            Some((_, high)) => format!(
                "{allowed}; nothing of it was used here, and burn rates up to {} are not excluded.",
                humanize::number(high)
            ),
            None => format!("{allowed}; nothing of it was used here."),
        },
        Some(lasts) => format!(
            "{allowed}; it burned at {rate} times the rate that it lasts for{interval}, and would be used up in {} if it \
             went on.",
            humanize::span(lasts)
        ),
    }
}

/// What the fastest alert to trip would do, or that none would.
fn alert(alerts: &[BurnAlert]) -> Option<String> {
    let windows =
        |alert: &BurnAlert| format!("{} and {}", humanize::span(alert.long), humanize::span(alert.short));
    let trips = alerts.iter().filter(|alert| alert.outcome == AlertOutcome::Trips);
    let first = trips.min_by_key(|alert| alert.after.unwrap_or(Duration::MAX));
    if let Some((first, after)) = first.and_then(|alert| Some((alert, alert.after?))) {
        return Some(format!(
            "If it went on, the usual alert over {} (burn rate above {}) would trip after {}.",
            windows(first),
            humanize::number(first.burn_rate),
            humanize::span(after)
        ));
    }
    if alerts.is_empty() {
        return None;
    }
    let unclear = alerts.iter().filter(|alert| alert.outcome == AlertOutcome::CannotTell).count();
    Some(match unclear {
        0 => "If it went on, none of the usual alerts on burn rates would trip.".to_owned(),
        n if n == alerts.len() => {
            "Whether any of the usual alerts on burn rates would trip cannot be told from this run."
                .to_owned()
        }
        n => format!(
            "If it went on, {} of {} usual alerts on burn rates would stay silent; of the rest it cannot be told.",
            alerts.len() - n,
            alerts.len()
        ),
    })
}

fn fast(fast: &FastShare) -> String {
    let interval = match fast.interval {
        Some((low, high)) => {
            format!(" (95 % interval {} to {})", humanize::percent(low), humanize::percent(high))
        }
        None => String::new(),
    };
    format!(
        "{} of {} were answered within {}{interval}.",
        humanize::percent(fast.ratio()),
        humanize::counted(fast.n, "successful valid request"),
        humanize::latency_limit(fast.limit.as_secs_f64())
    )
}

fn apdex(apdex: Option<&Apdex>) -> String {
    let Some(apdex) = apdex else {
        return "Apdex is not told, as nothing says how fast an answer satisfies: set apdex = \"100ms\", or what it is, under \
                [service_levels], or a threshold on the run's p95."
            .to_owned();
    };
    let limit = |limit: Duration| humanize::latency_limit(limit.as_secs_f64());
    let target = &apdex.target;
    let origin = if target.is_of_threshold { ", the limit of the run's p95" } else { "" };
    match apdex.run.rating() {
        None => format!("Apdex is NS: no sample, with T = {}{origin}.", limit(target.satisfied)),
        Some(rating) => format!(
            "Apdex is {} with T = {}{origin}, which is {rating}: answers up to {} satisfy, up to {} are tolerated, and \
             slower ones and errors frustrate.",
            apdex.run.text(),
            limit(target.satisfied),
            limit(target.satisfied),
            limit(target.tolerated())
        ),
    }
}
