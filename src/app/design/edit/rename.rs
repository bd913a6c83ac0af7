//! New names that follow to every place where the old ones stand.

use crate::model::{Candidate, Scenario, Scope, template_names};

/// Renames a journey, and the thresholds of it.
pub fn rename_journey(scenario: &mut Scenario, index: usize, name: &str) {
    let before = std::mem::replace(&mut scenario.journeys[index].name, name.to_owned());
    if scenario.journeys.iter().any(|journey| journey.name == before) {
        return;
    }
    rescope(scenario, &Scope::Journey(before), &Scope::Journey(name.to_owned()));
}

/// Renames a step, and the thresholds and service levels of it unless another step has the old name too.
pub fn rename_step(scenario: &mut Scenario, (journey, step): (usize, usize), name: &str) {
    let step = &mut scenario.journeys[journey].steps[step];
    let before = std::mem::replace(&mut step.name, name.to_owned());
    if scenario.steps().any(|(_, step)| step.name == before) {
        return;
    }
    for excluded in scenario.service_levels.exclude_steps.iter_mut().filter(|excluded| **excluded == before) {
        name.clone_into(excluded);
    }
    rescope(scenario, &Scope::Step(before), &Scope::Step(name.to_owned()));
}

/// Renames a service, and its steps and thresholds with it.
pub fn rename_service(scenario: &mut Scenario, index: usize, name: &str) {
    let before = std::mem::replace(&mut scenario.services[index].name, name.to_owned());
    for step in scenario.journeys.iter_mut().flat_map(|journey| &mut journey.steps) {
        if step.service.as_ref() == Some(&before) {
            step.service = Some(name.to_owned());
        }
    }
    rescope(scenario, &Scope::Service(before), &Scope::Service(name.to_owned()));
}

fn rescope(scenario: &mut Scenario, before: &Scope, after: &Scope) {
    for threshold in scenario.thresholds.iter_mut().filter(|threshold| threshold.scope == *before) {
        threshold.scope = after.clone();
    }
}

/// Renames a variable with its values in environments, its extracts and its uses.
// An extracted variable begins as the constant of its name, so that both are one.
pub fn rename_variable(scenario: &mut Scenario, from: &str, to: &str) {
    let environments = scenario.environments.iter_mut().map(|environment| &mut environment.variables);
    for variables in environments.chain([&mut scenario.variables]) {
        if let Some(value) = variables.remove(from) {
            variables.insert(to.to_owned(), value);
        }
    }
    for step in scenario.journeys.iter_mut().flat_map(|journey| &mut journey.steps) {
        for extract in step.extracts.iter_mut().filter(|extract| extract.name == from) {
            to.clone_into(&mut extract.name);
        }
    }
    rename_uses(scenario, |name| (name == from).then(|| to.to_owned()));
}

/// Renames a secret and its uses.
pub fn rename_secret(scenario: &mut Scenario, from: &str, to: &str) {
    if let Some(source) = scenario.secrets.remove(from) {
        scenario.secrets.insert(to.to_owned(), source);
    }
    rename_uses(scenario, |name| (name == from).then(|| to.to_owned()));
}

/// Renames a feeder, and the uses of its columns.
pub fn rename_feeder(scenario: &mut Scenario, index: usize, to: &str) {
    let from = std::mem::replace(&mut scenario.feeders[index].name, to.to_owned());
    rename_uses(scenario, |name| {
        let column = name.strip_prefix(from.as_str())?.strip_prefix('.')?;
        Some(format!("{to}.{column}"))
    });
}

/// Renames an environment, and the choice of it.
pub fn rename_environment(scenario: &mut Scenario, index: usize, to: &str) {
    let from = std::mem::replace(&mut scenario.environments[index].name, to.to_owned());
    if scenario.environment.as_ref() == Some(&from) {
        scenario.environment = Some(to.to_owned());
    }
    if let Some(Candidate::Environment(name)) = scenario.interleave.as_mut().map(|sides| &mut sides.candidate)
        && *name == from
    {
        to.clone_into(name);
    }
}

fn rename_uses(scenario: &mut Scenario, new_name: impl Fn(&str) -> Option<String>) {
    let steps = scenario.journeys.iter_mut().flat_map(|journey| &mut journey.steps);
    let texts = steps.flat_map(|step| step.templates_mut());
    let of_monitors = scenario.monitors.iter_mut().flat_map(|monitor| monitor.probe.templates_mut());
    for text in texts.chain(scenario.auth.templates_mut()).chain(of_monitors) {
        if let Some(renamed) = renamed(text, &new_name) {
            *text = renamed;
        }
    }
}

/// A text with the names within its `{{…}}` replaced; none where nothing changes.
fn renamed(text: &str, new_name: &impl Fn(&str) -> Option<String>) -> Option<String> {
    if !template_names(text).any(|name| new_name(name).is_some()) {
        return None;
    }
    let mut parts = text.split("{{");
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        result.push_str("{{");
        match part.split_once("}}") {
            Some((inside, rest)) => {
                let name = inside.trim();
                match new_name(name) {
                    Some(new_name) => result.push_str(&inside.replacen(name, &new_name, 1)),
                    None => result.push_str(inside),
                }
                result.push_str("}}");
                result.push_str(rest);
            }
            None => result.push_str(part),
        }
    }
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        let new_name = |name: &str| (name == "id").then(|| "order_id".to_owned());
        assert_eq!(renamed(text, &new_name).as_deref(), expected, "{text}");
    }

    #[test]
    fn only_the_name_within_braces_changes() {
        check("/id/{{id}}?x={{ id }}", Some("/id/{{order_id}}?x={{ order_id }}"));
        check("{{id}}{{other}}{{uuid()}}{{id", Some("{{order_id}}{{other}}{{uuid()}}{{id"));
        check("/ids/{{idx}}", None);
        check("", None);
    }

    #[test]
    fn a_step_that_counts_for_nothing_still_does_under_its_new_name() {
        let mut scenario = crate::analysis::sample::scenario();
        scenario.service_levels.exclude_steps = vec!["Sign in".to_owned(), "List courses".to_owned()];
        rename_step(&mut scenario, (0, 1), "Log in");
        assert_eq!(scenario.service_levels.exclude_steps, ["Log in", "List courses"]);
    }

    #[test]
    fn a_variable_is_renamed_wherever_it_stands() {
        let mut scenario = crate::analysis::sample::scenario();
        scenario.variables.insert("id".to_owned(), "1".to_owned());
        scenario.journeys[0].steps[0].path = "/a/{{id}}".to_owned();
        scenario.journeys[0].steps[0].headers = vec![("x-id".to_owned(), "{{id}}".to_owned())];
        scenario.auth = crate::model::Auth::Bearer { token: "t-{{id}}".to_owned() };
        let probe = crate::model::RedisProbe { url: "redis://{{id}}".to_owned(), password: String::new() };
        scenario.monitors = vec![crate::model::Monitor::new("cache", crate::model::Probe::Redis(probe))];
        rename_variable(&mut scenario, "id", "order_id");
        assert_eq!(scenario.monitors[0].probe.url(), "redis://{{order_id}}");
        assert_eq!(scenario.variables.keys().collect::<Vec<_>>(), ["order_id"]);
        assert_eq!(scenario.journeys[0].steps[0].path, "/a/{{order_id}}");
        assert_eq!(scenario.journeys[0].steps[0].headers[0].1, "{{order_id}}");
        assert_eq!(scenario.auth, crate::model::Auth::Bearer { token: "t-{{order_id}}".to_owned() });
    }
}
