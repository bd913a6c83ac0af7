//! Findings: what seems to limit a run, each by a rule of its own, with evidence, and an experiment that tells more.
//!
//! Rules rather stay silent than speak of noise: each asks for a least size, a least number of requests, and a chance
//! that counts how often it looked. Stages that held their load are looked at apart from ramps.

mod at_lag;
mod cacheable;
mod chart;
mod cliff;
mod connections;
mod experiment;
mod figure;
mod finding;
mod generator;
mod grounds;
mod knee;
mod large_payloads;
mod limiting;
#[cfg(test)]
pub(crate) mod made;
mod many_statements;
mod paging;
mod plateau;
mod queueing;
mod resource;
mod retry;
mod slow_start;
mod slow_statements;
mod spikes;
mod steady;
mod steps;
#[cfg(test)]
mod tests;
mod traffic;
#[cfg(test)]
mod traffic_tests;
mod transfer;
mod trend;
mod validators;

use std::cmp::Ordering;

pub use at_lag::{CorrelationAtLag, correlation_at_lag};
pub(super) use cacheable::HIT_SECS;
pub use chart::{EvidenceChart, LevelAxis, LevelPoint, SharePart, TimeLine};
pub use experiment::{Experiment, ScenarioChange};
pub use figure::{Figure, FigureKey, FigureUnit};
pub use finding::{Confidence, Evidence, Finding, Level, Rule};
pub use grounds::{Grounds, Hold, Known, LoadLevel};
pub(super) use paging::PAGE;
pub use resource::{LaggedCorrelation, Resource, Whose, lagged_correlation};

use super::Standing;

/// How much the size of what was found adds to its severity, which is told apart in steps of a few.
const SIZE: f64 = 4.0;

/// What a measurement that is invalid takes from what rests on it.
const ON_INVALID: f64 = 0.5;

/// Everything that the rules find in a run, the heaviest first.
pub fn findings(grounds: &Grounds<'_>) -> Vec<Finding> {
    let of_generator = generator::generator_bound(grounds);
    let mut found = of_target(grounds);
    if let Some(mut bound) = of_generator {
        let may_be_own = generator::made_the_numbers(grounds);
        let (mut held_back, kept): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|finding| may_be_own && finding.rule.is_also_made_by_the_generator());
        held_back.sort_by(heaviest_first);
        let rules: Vec<Rule> = held_back.iter().map(|finding| finding.rule).collect();
        generator::tell_held_back(&mut bound, &rules);
        found = kept;
        found.push(bound);
    }
    if grounds.summary.quality.standing == Standing::Invalid {
        found.iter_mut().filter(|finding| finding.rule != Rule::GeneratorBound).for_each(rest_on_invalid);
    }
    found.sort_by(heaviest_first);
    found
}

fn of_target(grounds: &Grounds<'_>) -> Vec<Finding> {
    let singles = [
        cliff::error_cliff,
        retry::retry_storm,
        limiting::rate_limiting,
        plateau::throughput_plateau,
        queueing::queueing_onset,
        trend::latency_trend,
        knee::latency_knee,
        spikes::periodic_spikes,
        steady::never_steady,
        connections::connection_churn,
        connections::tls_share,
        slow_start::slow_start,
        slow_statements::slow_statements,
    ];
    let several = [
        steps::over_budget,
        steps::dominating_steps,
        transfer::transfer_bound,
        resource::resource_ceilings,
        many_statements::many_statements,
        cacheable::cacheable_answers,
        large_payloads::large_payloads,
        paging::missing_paging,
        validators::missing_validators,
    ];
    let mut found: Vec<Finding> = singles.iter().filter_map(|rule| rule(grounds)).collect();
    found.extend(several.iter().flat_map(|rule| rule(grounds)));
    found
}

fn rest_on_invalid(finding: &mut Finding) {
    let reason = "it rests on a measurement that is not valid";
    finding.rests_on =
        Some("This rests on a measurement that is not valid: measure again before acting on it.".to_owned());
    finding.confidence = Confidence::low(reason);
    finding.weight *= ON_INVALID;
}

fn heaviest_first(a: &Finding, b: &Finding) -> Ordering {
    let scope = |finding: &Finding| finding.scope.to_string();
    b.weight.total_cmp(&a.weight).then(a.rule.cmp(&b.rule)).then_with(|| scope(a).cmp(&scope(b)))
}

/// What a finding weighs: its rule's severity as far as it is sure, and the size of what was found, from 0 to 1.
fn weight(rule: Rule, confidence: &Confidence, size: f64) -> f64 {
    let size = if size.is_finite() { size.clamp(0.0, 1.0) } else { 1.0 };
    rule.severity() * confidence.level.share() + SIZE * size
}
