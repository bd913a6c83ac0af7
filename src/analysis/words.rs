//! The words that sentences about metrics, scopes and windows are made of.

use crate::humanize;
use crate::metrics::Finish;
use crate::model::{
    Metric, Plan, PlanChangeKind, Scenario, Scope, Shape, Stage, Unit, Window, format_duration,
};

/// A metric's name for people: `p95 response time`, `error share`.
pub fn metric_words(metric: Metric) -> String {
    match metric {
        Metric::Quantile(_) => format!("{metric} response time"),
        Metric::Mean => "mean response time".to_owned(),
        Metric::Max => "longest response time".to_owned(),
        Metric::ErrorShare => "error share".to_owned(),
        Metric::Availability => "availability".to_owned(),
        Metric::Throughput => "throughput".to_owned(),
        Metric::SentShare => "sent share".to_owned(),
    }
}

/// A measured value of a metric with its unit.
pub fn metric_text(metric: Metric, value: f64) -> String {
    match metric.unit() {
        Unit::Seconds => humanize::latency_secs(value),
        Unit::Ratio => humanize::percent(value),
        Unit::PerSecond => humanize::rate(value),
    }
}

/// A difference of two values of a metric with sign and unit.
pub fn difference_text(metric: Metric, difference: f64) -> String {
    match metric.unit() {
        Unit::Seconds => humanize::latency_change(difference),
        Unit::Ratio => humanize::percent_change(difference),
        Unit::PerSecond => humanize::rate_change(difference),
    }
}

/// A limit with its direction: `≤ 100 ms`, `≥ 99.9 %`.
pub fn limit_words(metric: Metric, limit: f64) -> String {
    let direction = if metric.higher_is_better() { '≥' } else { '≤' };
    format!("{direction} {}", limit_text(metric, limit))
}

/// A limit with its unit, without zeros that nobody wrote.
pub fn limit_text(metric: Metric, limit: f64) -> String {
    match metric.unit() {
        Unit::Seconds => humanize::latency_limit(limit),
        Unit::Ratio => humanize::percent(limit),
        Unit::PerSecond => humanize::level(limit, true),
    }
}

/// A scope within a sentence: `the run`, `service education`.
pub fn scope_words(scope: &Scope) -> String {
    match scope {
        Scope::Run => "the run".to_owned(),
        Scope::Service(name) => format!("service {name}"),
        Scope::Journey(name) => format!("journey {name}"),
        Scope::Step(name) => format!("step {name}"),
    }
}

/// A window, said so that nobody has to know the plan.
pub fn window_words(window: &Window, plan: &Plan) -> String {
    let without_warm_up = if plan.warm_up().is_zero() { "" } else { ", warm-up left out" };
    match window {
        Window::Run if plan.warm_up().is_zero() => "whole run".to_owned(),
        Window::Run => "whole run, warm-up included".to_owned(),
        Window::Steady if plan.has_steady_stages() => format!("steady stages{without_warm_up}"),
        Window::Steady => format!("all stages{without_warm_up}"),
        Window::Stage(name) => {
            let overlaps = plan.stages().iter().any(|s| s.name == *name && s.start < plan.warm_up());
            if overlaps { format!("stage {name}{without_warm_up}") } else { format!("stage {name}") }
        }
    }
}

/// Why a run that did not end by its plan carries no verdict; none for one that did.
pub fn unfinished_words(finish: Finish) -> Option<&'static str> {
    match finish {
        Finish::Completed => None,
        Finish::Running => Some("The run is still going on."),
        Finish::Stopped => Some("The run was stopped before its plan ended."),
        Finish::Aborted => {
            Some("The run was aborted before its plan ended; requests in flight were given up.")
        }
        Finish::Breached => Some(
            "A threshold with abort_after ended the run before its plan did; requests in flight were given up.",
        ),
        Finish::Interrupted => {
            Some("The program ended during the run; what was kept up to then is all there is.")
        }
    }
}

/// What a change made of the plan, as far as it can be told without the plan.
pub(super) fn plan_change_words(kind: &PlanChangeKind, is_open: bool) -> String {
    match kind {
        PlanChangeKind::Pause => "paused".to_owned(),
        PlanChangeKind::Resume => "resumed".to_owned(),
        PlanChangeKind::SkipStage => "skipped the rest of the stage".to_owned(),
        PlanChangeKind::ExtendStage(by) => format!("extended the stage by {}", format_duration(*by)),
        PlanChangeKind::ReplaceFuture(stages) if stages.is_empty() => {
            "dropped the stages that were to follow".to_owned()
        }
        PlanChangeKind::ReplaceFuture(stages) => {
            format!("replaced the stages that were to follow by: {}", stages_text(stages, is_open))
        }
        PlanChangeKind::Redraw { .. } => "redrew what was to come".to_owned(),
    }
}

/// Stages in short: `10s to 50 users, 20s at 50 users`.
pub fn stages_text(stages: &[Stage], is_open: bool) -> String {
    let stage = |stage: &Stage| {
        let shape = match stage.shape {
            Shape::Ramp => "to",
            Shape::Step => "at",
        };
        format!("{} {shape} {}", format_duration(stage.duration), humanize::level(stage.end_level, is_open))
    };
    stages.iter().map(stage).collect::<Vec<_>>().join(", ")
}

/// Requests that an iteration of the open model sends on average; none for the closed model, which asks for users.
pub fn requests_per_iteration(scenario: &Scenario) -> Option<f64> {
    let weight: f64 = scenario.enabled_journeys().map(|(_, journey)| f64::from(journey.weight)).sum();
    let n_steps = scenario
        .enabled_journeys()
        .map(|(_, journey)| f64::from(journey.weight) * journey.enabled_steps().count() as f64);
    (scenario.load.model.is_open() && weight > 0.0).then(|| n_steps.sum::<f64>() / weight)
}

/// The highest rate of requests that a plan of the open model asks for.
pub fn peak_requests_per_sec(scenario: &Scenario, plan: &Plan) -> Option<f64> {
    requests_per_iteration(scenario).map(|factor| plan.peak_level() * factor)
}

/// Words joined as in a sentence: `a`, `a and b`, `a, b and c`.
pub fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// A sentence's first letter in capitals.
pub fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A text within a sentence; `TLS` and the like stay as they are.
pub fn uncapitalized(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(_), Some(second)) if second.is_uppercase() => text.to_owned(),
        (Some(first), _) => first.to_lowercase().chain(letters).collect(),
        (None, _) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;

    #[test]
    fn windows_mention_the_warm_up_only_where_there_is_one() {
        let check =
            |plan: &Plan, window: Window, expected: &str| assert_eq!(window_words(&window, plan), expected);
        let stage = |name: &str| Window::Stage(name.to_owned());
        let with_warm_up = sample::record(sample::scenario()).plan();
        check(&with_warm_up, Window::Run, "whole run, warm-up included");
        check(&with_warm_up, Window::Steady, "steady stages, warm-up left out");
        check(&with_warm_up, stage("Ramp-up (50)"), "stage Ramp-up (50), warm-up left out");
        check(&with_warm_up, stage("Spike (200)"), "stage Spike (200)");
        let mut scenario = sample::scenario();
        scenario.load.warm_up = std::time::Duration::ZERO;
        scenario.load.stages.remove(1);
        let ramps_only = Plan::new(&scenario, 1.0);
        check(&ramps_only, Window::Run, "whole run");
        check(&ramps_only, Window::Steady, "all stages");
    }

    #[test]
    fn changes_of_the_plan_are_told_in_words() {
        let check =
            |kind: PlanChangeKind, expected: &str| assert_eq!(plan_change_words(&kind, true), expected);
        check(PlanChangeKind::Pause, "paused");
        check(PlanChangeKind::ExtendStage(std::time::Duration::from_secs(90)), "extended the stage by 1m30s");
        check(PlanChangeKind::ReplaceFuture(Vec::new()), "dropped the stages that were to follow");
        check(
            PlanChangeKind::ReplaceFuture(sample::scenario().load.stages[..2].to_vec()),
            "replaced the stages that were to follow by: 10s to 50/s, 20s to 50/s",
        );
    }

    #[test]
    fn words_join_as_in_a_sentence() {
        let words: Vec<String> = ["p90", "p95", "p99"].map(str::to_owned).into();
        assert_eq!(listed(&words), "p90, p95 and p99");
        assert_eq!(listed(&words[..1]), "p90");
        assert_eq!(capitalized("éa"), "Éa");
    }
}
