//! Service levels: an objective that leaves a budget, a time that it can stand over, and steps that are there.

use super::Findings;
use crate::model::problem::shown;
use crate::model::{Scenario, ServiceLevelOptions};

pub(super) fn check(scenario: &Scenario, findings: &mut Findings) {
    let options = &scenario.service_levels;
    if let Some(availability) = options.availability {
        check_objective(availability, findings);
    }
    if !(ServiceLevelOptions::MIN_PERIOD..=ServiceLevelOptions::MAX_PERIOD).contains(&options.period) {
        findings.error(
            "service_levels.period",
            "an objective stands over a time of one hour to 366 days",
            "Choose one such as 30d or 7d.",
        );
    }
    check_apdex(scenario, findings);
    check_window_error_share(options.window_error_share, findings);
    check_steps(scenario, findings);
}

fn check_objective(availability: f64, findings: &mut Findings) {
    let field = "service_levels.availability";
    if availability == 1.0 {
        findings.error(
            field,
            "an objective of 100 % leaves no error budget: the first bad request would miss it",
            "Choose one below, such as 99.9%; a threshold can still ask a run for 100%.",
        );
    } else if !(availability > 0.0 && availability < 1.0) {
        findings.error(
            field,
            format!("an objective of {availability} is no share of requests"),
            "Choose one between 0% and 100%, such as 99.9%.",
        );
    } else if availability < 0.5 {
        findings.warning(
            field,
            "this asks for fewer good requests than bad ones",
            "Write the share that is to be good, such as 99.9%, not the share that may fail.",
        );
    }
}

fn check_window_error_share(share: f64, findings: &mut Findings) {
    let field = "service_levels.window_error_share";
    let remedy = "Choose one above 0% and up to 100%; 5% is the default.";
    if share == 0.0 {
        findings.error(field, "with a share of nothing every second counts as down", remedy);
    } else if !(share > 0.0 && share <= 1.0) {
        findings.error(field, format!("{share} is no share of requests"), remedy);
    }
}

fn check_apdex(scenario: &Scenario, findings: &mut Findings) {
    let Some(satisfied) = scenario.service_levels.apdex else { return };
    let field = "service_levels.apdex";
    findings.at_most(field, satisfied);
    if satisfied.is_zero() {
        findings.error(field, "no answer is as fast as nothing", "Choose a response time such as 100ms.");
    } else if satisfied >= scenario.timeout && !scenario.timeout.is_zero() {
        findings.warning(
            field,
            "this is as long as the timeout, so every successful answer satisfies",
            "Choose the response time up to which users notice no wait, such as 100ms.",
        );
    }
}

fn check_steps(scenario: &Scenario, findings: &mut Findings) {
    let names = &scenario.service_levels.exclude_steps;
    let known: Vec<&str> = scenario.steps().map(|(_, step)| step.name.as_str()).collect();
    let field = |index: usize| format!("service_levels.exclude_steps[{index}]");
    for (index, name) in names.iter().enumerate() {
        if !known.contains(&name.as_str()) {
            findings.unknown_name(field(index), "step", name, known.iter().copied());
        } else if names[..index].contains(name) {
            findings.warning(field(index), format!("`{}` is named twice", shown(name)), "Name it once.");
        }
    }
    let is_left = |(_, _, step): (usize, usize, &crate::model::Step)| !names.contains(&step.name);
    if !names.is_empty() && scenario.sent_steps().next().is_some() && !scenario.sent_steps().any(is_left) {
        findings.error(
            "service_levels.exclude_steps",
            "every step that is sent is excluded, so no request counts",
            "Leave out the steps whose requests are to count.",
        );
    }
}
