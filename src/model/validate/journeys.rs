//! Journeys and their steps: requests, checks, and the variables they use.

use std::collections::HashSet;

use super::{Findings, list_of, template_names, text};
use crate::model::problem::{nearest, shown};
use crate::model::{Body, Check, Journey, Scenario, Step, ThinkTime};

const MAX_JOURNEYS: usize = 200;
const MAX_STEPS: usize = 5_000;
const MAX_WEIGHT: u32 = 10_000;
/// Weights together; the plan interleaves journeys in a cycle of this length.
const MAX_TOTAL_WEIGHT: u64 = 100_000;

pub(super) fn check(scenario: &Scenario, findings: &mut Findings) {
    let journeys = &scenario.journeys;
    if journeys.is_empty() {
        findings.error(
            "journeys",
            "the scenario has no journey, so there is nothing to send",
            "Add a [[journeys]] table with at least one [[journeys.steps]].",
        );
        return;
    }
    if journeys.len() > MAX_JOURNEYS || scenario.n_steps() > MAX_STEPS {
        findings.error(
            "journeys",
            "there are more than 200 journeys or 5,000 steps",
            "Split the scenario in several files.",
        );
        return;
    }
    if journeys.iter().map(|journey| u64::from(journey.weight)).sum::<u64>() > MAX_TOTAL_WEIGHT {
        findings.error(
            "journeys",
            "the weights add up to more than 100,000",
            "Use smaller weights in the same proportions.",
        );
    }
    for (index, journey) in journeys.iter().enumerate() {
        check_journey(&format!("journeys[{index}]"), journey, scenario, findings);
    }
    let named = journeys.iter().enumerate();
    findings.duplicates(
        named.map(|(index, journey)| (format!("journeys[{index}].name"), journey.name.as_str())),
        "journey",
    );
}

fn check_journey(field: &str, journey: &Journey, scenario: &Scenario, findings: &mut Findings) {
    findings.name(format!("{field}.name"), &journey.name, "journey");
    if !(1..=MAX_WEIGHT).contains(&journey.weight) {
        findings.error(
            format!("{field}.weight"),
            format!("a weight of {} is not possible", journey.weight),
            "Choose a whole number from 1 to 10,000, or remove the journey.",
        );
    }
    check_think_time(&format!("{field}.think_time"), &journey.think_time, findings);
    check_pacing(&format!("{field}.pacing"), journey, scenario, findings);
    if journey.steps.is_empty() {
        findings.error(
            format!("{field}.steps"),
            format!("the journey `{}` has no step", shown(&journey.name)),
            "Add a [[journeys.steps]] table with name and path.",
        );
    }
    let mut variables: HashSet<&str> = scenario.variables.keys().map(String::as_str).collect();
    for (index, step) in journey.steps.iter().enumerate() {
        check_step(&format!("{field}.steps[{index}]"), step, scenario, &mut variables, findings);
    }
    let named = journey.steps.iter().enumerate();
    findings.duplicates(
        named.map(|(index, step)| (format!("{field}.steps[{index}].name"), step.name.as_str())),
        "step of this journey",
    );
}

fn check_pacing(field: &str, journey: &Journey, scenario: &Scenario, findings: &mut Findings) {
    let Some(pacing) = journey.pacing else { return };
    findings.at_most(field, pacing);
    if pacing.is_zero() {
        findings.error(
            field,
            "iterations cannot start no time apart",
            "Choose how far apart a user's iterations are meant to start, such as 2s, or remove the line.",
        );
    } else if scenario.load.model.is_open() {
        findings.warning(
            field,
            "pacing has no effect in the open model, whose timetable starts the iterations",
            "Remove it, or set load.model = \"closed\".",
        );
    }
}

fn check_think_time(field: &str, think_time: &ThinkTime, findings: &mut Findings) {
    match think_time {
        ThinkTime::None => {}
        ThinkTime::Fixed(pause) => findings.at_most(field, *pause),
        ThinkTime::Uniform { min, max } => {
            findings.at_most(field, *max);
            if min > max {
                findings.error(
                    field,
                    "the shortest pause is longer than the longest",
                    "Write the shorter one first: { uniform = [\"500ms\", \"1500ms\"] }.",
                );
            }
        }
        ThinkTime::Normal { mean, std_dev } => {
            findings.at_most(field, *mean);
            findings.at_most(field, *std_dev);
        }
        ThinkTime::LogNormal { median, p95 } => {
            findings.at_most(field, *p95);
            if median.is_zero() || p95 < median {
                findings.error(
                    field,
                    "a log-normal pause needs a median above zero and a p95 that is not below it",
                    "Write for example { log_normal = { median = \"800ms\", p95 = \"3s\" } }.",
                );
            }
        }
    }
}

fn check_step<'a>(
    field: &str,
    step: &'a Step,
    scenario: &Scenario,
    variables: &mut HashSet<&'a str>,
    findings: &mut Findings,
) {
    findings.name(format!("{field}.name"), &step.name, "step");
    if let Some(service) = &step.service
        && !scenario.services.iter().any(|known| known.name == *service)
    {
        let known = scenario.services.iter().map(|service| service.name.as_str());
        findings.unknown_name(format!("{field}.service"), "service", service, known);
    }
    if step.method.is_empty() || !step.method.bytes().all(|b| b.is_ascii_uppercase() || b == b'-') {
        findings.error(
            format!("{field}.method"),
            format!("`{}` is no HTTP method", shown(&step.method)),
            "Write it in capitals: GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS.",
        );
    }
    if let Err(reason) = text::check_path(&step.path) {
        findings.error(
            format!("{field}.path"),
            format!("`{}` cannot be requested: {reason}", shown(&step.path)),
            "Write the path below the base URL, such as /courses?page=1.",
        );
    }
    if let Some(timeout) = step.timeout {
        findings.at_most(&format!("{field}.timeout"), timeout);
        if timeout.is_zero() {
            findings.error(
                format!("{field}.timeout"),
                "a timeout of zero ends the request at once",
                "Leave it out to use the scenario's.",
            );
        }
    }
    check_headers(&format!("{field}.headers"), step, findings);
    check_body(&format!("{field}.body"), &step.body, findings);
    check_templates(field, step, variables, findings);
    for (index, check) in step.checks.iter().enumerate() {
        check_check(format!("{field}.checks[{index}]"), check, findings);
    }
    check_extracts(field, step, findings);
    variables.extend(step.extracts.iter().map(|extract| extract.name.as_str()));
}

fn check_headers(field: &str, step: &Step, findings: &mut Findings) {
    let mut seen = HashSet::new();
    for (name, value) in &step.headers {
        let header_field = format!("{field}.{}", shown(name));
        if !text::is_token(name) {
            findings.error(
                &header_field,
                format!("`{}` cannot be the name of a header", shown(name)),
                "Use letters, digits and `-`, such as content-type.",
            );
        } else if !seen.insert(name.to_ascii_lowercase()) {
            findings.error(
                &header_field,
                format!("the header `{}` is given twice", shown(name)),
                "Keep one; upper and lower case make no difference.",
            );
        }
        if value.chars().any(|c| !(c == '\t' || c == ' ' || c.is_ascii_graphic())) {
            findings.error(
                &header_field,
                "the value of a header has characters that HTTP does not carry",
                "Use plain ASCII letters, digits and signs on one line.",
            );
        }
    }
}

fn check_body(field: &str, body: &Body, findings: &mut Findings) {
    if let Body::Json(json) = body
        && let Err(reason) = text::check_json(json)
    {
        findings.warning(
            format!("{field}.json"),
            format!("the body is not JSON: {reason}"),
            "Check quotes, commas and brackets; or use { text = … } for a body that is meant so.",
        );
    }
}

/// Each `{{name}}` is a variable of the scenario, or extracted by an earlier step.
fn check_templates(field: &str, step: &Step, variables: &HashSet<&str>, findings: &mut Findings) {
    let mut texts = vec![(format!("{field}.path"), step.path.as_str())];
    texts.extend(
        step.headers.iter().map(|(name, value)| (format!("{field}.headers.{}", shown(name)), &**value)),
    );
    match &step.body {
        Body::None => {}
        Body::Text(body) => texts.push((format!("{field}.body.text"), body)),
        Body::Json(body) => texts.push((format!("{field}.body.json"), body)),
    }
    for (text_field, text) in texts {
        if text::has_open_template(text) {
            findings.warning(
                text_field.as_str(),
                "`{{` is never closed and will be sent as it stands",
                "Close it with `}}` if a variable is meant.",
            );
        }
        let mut reported = HashSet::new();
        for name in template_names(text).filter(|name| !variables.contains(name)) {
            if reported.insert(name) {
                unknown_variable(&text_field, name, variables, findings);
            }
        }
    }
}

fn unknown_variable(field: &str, name: &str, variables: &HashSet<&str>, findings: &mut Findings) {
    let mut known: Vec<&str> = variables.iter().copied().collect();
    known.sort_unstable();
    let define = "define it under [variables], or extract it in an earlier step of this journey";
    let remedy = match (nearest(name, known.iter().copied()), list_of(known.into_iter())) {
        (Some(near), _) => format!("Did you mean {{{{{}}}}}? Otherwise {define}.", shown(near)),
        (None, Some(list)) => format!("Known here: {list}; otherwise {define}."),
        (None, None) => format!("To use it, {define}."),
    };
    findings.error(field, format!("nothing defines {{{{{}}}}}", shown(name)), remedy);
}

fn check_check(field: String, check: &Check, findings: &mut Findings) {
    match check {
        Check::Status(status) => {
            if !(100..=599).contains(status) {
                findings.error(
                    format!("{field}.status"),
                    format!("{status} is no HTTP status"),
                    "Choose one from 100 to 599, such as 200.",
                );
            }
        }
        Check::BodyContains(text) => {
            if text.is_empty() {
                findings.error(
                    format!("{field}.body_contains"),
                    "every body contains an empty text",
                    "Write the text to look for.",
                );
            }
        }
        Check::JsonPathExists(path) | Check::JsonPathEquals { path, .. } => {
            json_path(format!("{field}.jsonpath"), path, findings);
        }
        Check::HeaderContains { name, .. } => {
            if !text::is_token(name) {
                findings.error(
                    format!("{field}.header"),
                    format!("`{}` cannot be the name of a header", shown(name)),
                    "Use letters, digits and `-`, such as content-type.",
                );
            }
        }
        Check::MaxDuration(limit) => {
            let duration_field = format!("{field}.max_duration");
            findings.at_most(&duration_field, *limit);
            if limit.is_zero() {
                findings.error(
                    duration_field,
                    "no response takes no time",
                    "Choose a duration above zero, such as 200ms.",
                );
            }
        }
    }
}

fn check_extracts(field: &str, step: &Step, findings: &mut Findings) {
    for (index, extract) in step.extracts.iter().enumerate() {
        let extract_field = format!("{field}.extract[{index}]");
        if !text::is_variable_name(&extract.name) {
            findings.error(
                format!("{extract_field}.name"),
                format!("`{}` cannot be the name of a variable", shown(&extract.name)),
                "Use letters, digits, `_`, `-` and `.`.",
            );
        }
        json_path(format!("{extract_field}.jsonpath"), &extract.jsonpath, findings);
    }
    let named = step.extracts.iter().enumerate();
    findings.duplicates(
        named.map(|(index, extract)| (format!("{field}.extract[{index}].name"), extract.name.as_str())),
        "value extracted by this step",
    );
}

fn json_path(field: String, path: &str, findings: &mut Findings) {
    if let Err(reason) = text::check_json_path(path) {
        findings.error(
            field,
            format!("`{}` is no JSONPath: {reason}", shown(path)),
            "Start with `$`, such as $.items[0].id.",
        );
    }
}
