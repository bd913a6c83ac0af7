//! Services with their budgets, and thresholds: do they name what exists and ask what can be answered?

use std::time::Duration;

use super::{Findings, MAX_DURATION};
use crate::model::problem::shown;
use crate::model::{Metric, Scenario, Scope, Step, Threshold, Unit, Window};

const MAX_SERVICES: usize = 1_000;
const MAX_THRESHOLDS: usize = 1_000;

pub(super) fn check_services(scenario: &Scenario, findings: &mut Findings) {
    let services = &scenario.services;
    if services.len() > MAX_SERVICES {
        findings.error("services", "there are more than 1,000 services", "Merge some.");
        return;
    }
    for (index, service) in services.iter().enumerate() {
        let field = format!("services[{index}]");
        findings.name(format!("{field}.name"), &service.name, "service");
        if !scenario.sent_steps().any(|(_, _, step)| step.service.as_ref() == Some(&service.name)) {
            findings.warning(
                format!("{field}.name"),
                format!(
                    "no step belongs to the service `{}`, so it will have no results",
                    shown(&service.name)
                ),
                "Name it in a step's `service`, or remove it.",
            );
        }
        for budget in &service.budgets {
            let budget_field = format!("{field}.budget.{}", budget.metric);
            if !matches!(budget.metric, Metric::Quantile(_)) {
                findings.error(
                    budget_field,
                    format!("a budget cannot stand on `{}`", budget.metric),
                    "Use a percentile such as p95, or a threshold with scope = \"service:NAME\".",
                );
            } else {
                check_limit(budget_field, budget.metric, budget.limit, findings);
            }
        }
        let metrics: Vec<String> = service.budgets.iter().map(|budget| budget.metric.to_string()).collect();
        let named = metrics.iter().map(|metric| (format!("{field}.budget.{metric}"), metric.as_str()));
        findings.duplicates(named, "budget of this service");
    }
    let named = services.iter().enumerate();
    findings.duplicates(
        named.map(|(index, service)| (format!("services[{index}].name"), service.name.as_str())),
        "service",
    );
}

pub(super) fn check_thresholds(scenario: &Scenario, findings: &mut Findings) {
    if scenario.thresholds.len() > MAX_THRESHOLDS {
        findings.error("thresholds", "there are more than 1,000 thresholds", "Remove some.");
        return;
    }
    for (index, threshold) in scenario.thresholds.iter().enumerate() {
        let field = format!("thresholds[{index}]");
        check_limit(format!("{field}.limit"), threshold.metric, threshold.limit, findings);
        check_scope(format!("{field}.scope"), &threshold.scope, scenario, findings);
        check_window(format!("{field}.window"), &threshold.window, scenario, findings);
        check_abort_after(format!("{field}.abort_after"), threshold, scenario, findings);
        if threshold.metric == Metric::SentShare {
            check_sent_share(&field, threshold, scenario, findings);
        }
    }
}

fn check_abort_after(field: String, threshold: &Threshold, scenario: &Scenario, findings: &mut Findings) {
    let Some(patience) = threshold.abort_after else { return };
    findings.at_most(&field, patience);
    let planned = scenario.load.duration();
    if patience.is_zero() {
        findings.error(
            field,
            "one bad moment would end the run",
            "Choose for how long the limit may be missed without a break, such as 10s.",
        );
    } else if patience >= planned && !planned.is_zero() && patience <= MAX_DURATION {
        findings.warning(
            field,
            "this is as long as all stages together, so the threshold never ends the run",
            "Choose a shorter time, or remove the line.",
        );
    }
}

fn check_limit(field: String, metric: Metric, limit: f64, findings: &mut Findings) {
    let (is_possible, remedy) = match metric.unit() {
        Unit::Seconds => (
            limit > 0.0 && limit <= MAX_DURATION.as_secs_f64(),
            "Choose a duration above zero and up to seven days, such as 100ms.",
        ),
        Unit::Ratio => ((0.0..=1.0).contains(&limit), "Choose 0% to 100%, or a number from 0 to 1."),
        Unit::PerSecond => (limit >= 0.0 && limit.is_finite(), "Choose a rate such as 1000/s."),
    };
    if !is_possible {
        findings.error(field, format!("the limit {limit} is not possible for {metric}"), remedy);
    }
}

fn check_scope(field: String, scope: &Scope, scenario: &Scenario, findings: &mut Findings) {
    let services = scenario.services.iter().map(|service| service.name.as_str());
    let journeys = scenario.journeys.iter().map(|journey| journey.name.as_str());
    let steps = scenario.steps().map(|(_, step)| step.name.as_str());
    match scope {
        Scope::Run => {}
        Scope::Service(name) if services.clone().all(|known| known != name) => {
            findings.unknown_name(field, "service", name, services);
        }
        Scope::Journey(name) if journeys.clone().all(|known| known != name) => {
            findings.unknown_name(field, "journey", name, journeys);
        }
        Scope::Step(name) if scenario.steps().all(|(_, step)| step.name != *name) => {
            let steps: Vec<&str> = steps.collect();
            findings.unknown_name(field, "step", name, steps.iter().copied());
        }
        Scope::Service(_) | Scope::Journey(_) | Scope::Step(_) => {
            check_is_sent(field, scope, scenario, findings)
        }
    }
}

/// What is switched off gives no data, and a threshold without data no verdict.
fn check_is_sent(field: String, scope: &Scope, scenario: &Scenario, findings: &mut Findings) {
    let covers = |(_, journey, step): (usize, usize, &Step)| match scope {
        Scope::Run => true,
        Scope::Service(name) => step.service.as_ref() == Some(name),
        Scope::Journey(name) => scenario.journeys[journey].name == *name,
        Scope::Step(name) => step.name == *name,
    };
    if !scenario.sent_steps().any(covers) {
        findings.warning(
            field,
            format!("nothing of `{}` is sent, so this cannot be judged", shown(&scope.to_string())),
            "Switch a step of it on, or remove this threshold.",
        );
    }
}

fn check_window(field: String, window: &Window, scenario: &Scenario, findings: &mut Findings) {
    let Window::Stage(name) = window else { return };
    let stages = &scenario.load.stages;
    if stages.iter().all(|stage| stage.name != *name) {
        findings.unknown_name(field, "stage", name, stages.iter().map(|stage| stage.name.as_str()));
        return;
    }
    let warm_up = scenario.load.warm_up;
    let mut end = Duration::ZERO;
    let is_judged = stages.iter().any(|stage| {
        end = end.saturating_add(stage.duration);
        stage.name == *name && !stage.duration.is_zero() && end > warm_up
    });
    // A warm-up without end is a problem of its own.
    if !is_judged && warm_up < scenario.load.duration() {
        findings.warning(
            field,
            format!(
                "nothing of the stage `{}` counts after the warm-up, so this cannot be judged",
                shown(name)
            ),
            "Shorten the warm-up, or judge a later stage.",
        );
    }
}

fn check_sent_share(field: &str, threshold: &Threshold, scenario: &Scenario, findings: &mut Findings) {
    if !scenario.load.model.is_open() {
        findings.error(
            format!("{field}.metric"),
            "sent_share compares with a timetable, and the closed model has none",
            "Set load.model = \"open\", or remove this threshold.",
        );
    }
    if threshold.scope != Scope::Run {
        findings.error(
            format!("{field}.scope"),
            "sent_share counts iterations of the whole run, not of a part",
            "Set scope = \"run\" or leave it out.",
        );
    }
    if threshold.window != Window::Run {
        findings.error(
            format!("{field}.window"),
            format!("sent_share is judged over the whole run, not over `{}`", threshold.window),
            "Set window = \"run\".",
        );
    }
}
