//! Variables, secrets, environments and feeders.

use super::templates::Known;
use super::{Findings, steps, text};
use crate::model::problem::shown;
use crate::model::{AtEnd, FeedOrder, Feeder, Scenario, SecretSource};

pub(super) fn check(scenario: &Scenario, findings: &mut Findings) {
    for name in scenario.variables.keys() {
        check_name(format!("variables.{}", shown(name)), name, "variable", findings);
    }
    check_secrets(scenario, findings);
    check_environments(scenario, findings);
    for (index, feeder) in scenario.feeders.iter().enumerate() {
        check_feeder(&format!("feeders[{index}]"), feeder, findings);
    }
    let named = scenario.feeders.iter().enumerate();
    findings.duplicates(
        named.map(|(index, feeder)| (format!("feeders[{index}].name"), feeder.name.as_str())),
        "feeder",
    );
    let known = Known::of(scenario);
    for (key, text) in scenario.auth.templates() {
        known.check(&format!("auth.{key}"), text, findings);
    }
    super::auth::check("auth", &scenario.auth, findings);
}

fn check_name(field: String, name: &str, what: &str, findings: &mut Findings) {
    if !text::is_variable_name(name) {
        findings.error(
            field,
            format!("the name of a {what} has letters, digits, `_`, `-` and `.` only"),
            "Rename it, here and where it is used as {{name}}.",
        );
    }
}

fn check_secrets(scenario: &Scenario, findings: &mut Findings) {
    for (name, source) in &scenario.secrets {
        let field = format!("secrets.{}", shown(name));
        check_name(field.clone(), name, "secret", findings);
        if scenario.variables.contains_key(name) {
            findings.error(
                field.clone(),
                format!("`{}` is a variable too", shown(name)),
                "Keep one of them, so that it is clear which value is sent.",
            );
        }
        let is_empty = match source {
            SecretSource::Env(name) => name.trim().is_empty() || name.contains(['=', '\0']),
            SecretSource::Keyring { service, user } => service.trim().is_empty() || user.trim().is_empty(),
        };
        if is_empty {
            findings.error(
                field,
                "this does not say where the secret is",
                "Name an environment variable, or a service and a user of the keyring.",
            );
        }
    }
}

fn check_environments(scenario: &Scenario, findings: &mut Findings) {
    for (index, environment) in scenario.environments.iter().enumerate() {
        let field = format!("environments[{index}]");
        findings.name(format!("{field}.name"), &environment.name, "environment");
        if let Some(base_url) = &environment.base_url {
            findings.base_url(format!("{field}.base_url"), base_url);
        }
        for name in environment.variables.keys() {
            check_name(format!("{field}.variables.{}", shown(name)), name, "variable", findings);
        }
    }
    let named = scenario.environments.iter().enumerate();
    findings.duplicates(
        named.map(|(index, environment)| (format!("environments[{index}].name"), environment.name.as_str())),
        "environment",
    );
    if let Some(name) = &scenario.environment
        && scenario.chosen_environment().is_none()
    {
        let known = scenario.environments.iter().map(|environment| environment.name.as_str());
        findings.unknown_name("environment".to_owned(), "environment", name, known);
    }
}

fn check_feeder(field: &str, feeder: &Feeder, findings: &mut Findings) {
    findings.name(format!("{field}.name"), &feeder.name, "feeder");
    if feeder.name.contains('.') || !(feeder.name.is_empty() || text::is_variable_name(&feeder.name)) {
        findings.error(
            format!("{field}.name"),
            "the name of a feeder has letters, digits, `_` and `-` only",
            "Rename it, here and where it is used as {{feeder.column}}.",
        );
    }
    steps::check_file(format!("{field}.file"), &feeder.file, findings);
    match (feeder.order, feeder.at_end) {
        (FeedOrder::Unique, AtEnd::Wrap) => findings.error(
            format!("{field}.at_end"),
            "rows that begin again are not unique",
            "Choose stop or error, or another order.",
        ),
        (FeedOrder::Random, AtEnd::Stop | AtEnd::Error) => findings.warning(
            format!("{field}.at_end"),
            "random rows never come to an end",
            "Leave it out, or choose another order.",
        ),
        _ => {}
    }
}
