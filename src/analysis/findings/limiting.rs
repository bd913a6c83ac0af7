//! Rate limiting: the target says itself that it was asked too much, by status 429 (RFC 6585).

use std::{collections::BTreeMap, ops::Range, time::Duration};

use crate::analysis::stats::{median, wilson};
use crate::humanize;
use crate::metrics::SecondPoint;
use crate::model::Scope;

use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, Finding, Grounds, Rule, ScenarioChange,
    TimeLine, weight,
};

/// How such errors are grouped.
const SIGNATURE: &str = "HTTP 429";

/// The fewest answers that are told; ours: one user that was blocked is no limit of the target.
const MIN_ANSWERS: u64 = 10;

/// The least share of the requests that is told; ours.
const MIN_SHARE: f64 = 0.001;

/// How long the experiment holds each of its levels.
const HOLD: Duration = Duration::from_secs(120);

/// Whether a group of errors is the target's answer to being asked too much.
pub(super) fn is_rate_limit(signature: &str) -> bool {
    signature.strip_prefix(SIGNATURE).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()))
}

pub fn rate_limiting(grounds: &Grounds<'_>) -> Option<Finding> {
    let groups = || {
        grounds.record.error_groups.iter().enumerate().filter(|(_, group)| is_rate_limit(&group.signature))
    };
    let n_limited: u64 = groups().map(|(_, group)| group.n_errors).sum();
    let n_requests = grounds.summary.whole.stats.counters.n_requests();
    if n_limited < MIN_ANSWERS || (n_limited as f64) < MIN_SHARE * n_requests as f64 {
        return None;
    }
    let first = groups().map(|(_, group)| group.first_seen).min()?;
    let last = groups().map(|(_, group)| group.last_seen).max()?;
    let seconds = first.as_secs() as u32..last.as_secs() as u32 + 1;
    let share = n_limited as f64 / n_requests as f64;
    let level = grounds.plan.level_at(first);
    let passed = let_through(grounds, &seconds);
    let ceiling = passed
        .map_or(String::new(), |(rate, _)| format!(" Meanwhile {} were let through.", humanize::rate(rate)));
    let confidence = Confidence::high("status 429 is the target's own word for it");
    let mut figures = vec![
        Figure::count("Answers with status 429", n_limited),
        Figure::share("Share of all requests", share),
        Figure::moment("First of them at", seconds.start),
        Figure::level("Load at that time", level, grounds.is_open()),
    ];
    if let Some((low, high)) = wilson(n_limited as f64, n_requests as f64) {
        figures[1] = Figure::share("Share of all requests, with its 95 % interval", share).told(format!(
            "{} ({} to {})",
            humanize::percent(share),
            humanize::percent(low),
            humanize::percent(high)
        ));
    }
    if let Some((rate, spread)) = passed {
        figures.push(Figure::rate("Requests let through per second meanwhile, median", rate));
        figures.push(
            Figure::share("Half of the seconds lie within", spread)
                .told(format!("± {} of it", humanize::percent(spread))),
        );
    }
    figures.extend(by_step(grounds));
    Some(Finding {
        rule: Rule::RateLimiting,
        scope: Scope::Run,
        claim: format!(
            "The target limits the rate: {} ({}) were answered with status 429, from {} on, at {}.{ceiling}",
            humanize::counted(n_limited, "request"),
            humanize::percent(share),
            humanize::clock(first),
            grounds.level_text(level)
        ),
        evidence: Evidence {
            window: Grounds::stretch_words(&seconds),
            figures,
            chart: EvidenceChart::OverTime {
                seconds: grounds.whole_run(),
                lines: vec![TimeLine::Completed, TimeLine::Errors, TimeLine::Asked],
                marks: vec![(seconds.start, "first status 429".to_owned())],
                limit: None,
            },
            seconds,
        },
        weight: weight(Rule::RateLimiting, &confidence, share),
        confidence,
        rests_on: None,
        other_explanations: vec![
            "The limit is one per client or address, which many real users would never meet: they come from many \
             addresses, the generator from one."
                .to_owned(),
            "The limit stands in a gateway or firewall before the target, which itself has room.".to_owned(),
        ],
        next_experiment: experiment(grounds, level),
    })
}

/// Successful requests per second while others were turned away: the median, and how far half of the seconds are
/// from it at most, as a share.
fn let_through(grounds: &Grounds<'_>, seconds: &Range<u32>) -> Option<(f64, f64)> {
    let passed = |point: &SecondPoint| point.completed_per_sec - point.errors_per_sec;
    let rates: Vec<f64> = grounds.points_of(seconds).iter().map(passed).collect();
    let rate = median(&rates).filter(|rate| *rate > 0.0)?;
    let distances: Vec<f64> = rates.iter().map(|other| (other - rate).abs() / rate).collect();
    Some((rate, median(&distances)?))
}

fn by_step(grounds: &Grounds<'_>) -> Vec<Figure> {
    let mut by_step: BTreeMap<u16, u64> = BTreeMap::new();
    for group in grounds.record.error_groups.iter().filter(|group| is_rate_limit(&group.signature)) {
        *by_step.entry(group.step).or_default() += group.n_errors;
    }
    let mut by_step: Vec<(u16, u64)> = by_step.into_iter().collect();
    by_step.sort_by_key(|(step, n)| (std::cmp::Reverse(*n), *step));
    let names: Vec<&str> = grounds.scenario().steps().map(|(_, step)| step.name.as_str()).collect();
    let figure = |(step, n): &(u16, u64)| {
        let name = names.get(usize::from(*step)).copied().unwrap_or("an unknown step");
        Figure::count(format!("of them step {name}"), *n)
    };
    by_step.iter().take(3).map(figure).collect()
}

fn experiment(grounds: &Grounds<'_>, level: f64) -> Experiment {
    // At the very beginning the level is that of a ramp's first second, which says nothing.
    let top = if level > 0.0 { level } else { grounds.plan.peak_level() };
    let levels = [0.5, 0.65, 0.8, 0.9, 1.0].map(|share| share * top);
    Experiment {
        name: "levels below the limit".to_owned(),
        words: format!(
            "Hold levels up to {} for {} each: the highest without status 429 is what the limit allows. Ask who set it, \
             and for whom, before capacity is read off this run.",
            grounds.level_text(top),
            humanize::span(HOLD)
        ),
        changes: vec![ScenarioChange::staircase(&grounds.scenario().load, &levels, HOLD)],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_status_429_is_a_rate_limit() {
        let found = ["HTTP 429", "HTTP 429 Too Many Requests", "HTTP 4290", "HTTP 503", "429"];
        assert_eq!(found.map(is_rate_limit), [true, true, false, false, false]);
    }
}
