//! Steps: requests, checks and extracts.

use std::collections::HashSet;

use super::templates::Known;
use super::{Findings, auth, text, transport};
use crate::model::problem::shown;
use crate::model::{Body, Check, ExtractSource, Part, PartContent, Scenario, Step};

pub(super) fn check<'a>(
    field: &str,
    step: &'a Step,
    scenario: &Scenario,
    known: &mut Known<'a>,
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
    if let Some(max_redirects) = step.max_redirects {
        transport::check_redirects(&format!("{field}.redirects"), max_redirects, findings);
    }
    // What another step that is switched off would extract for this one is not missed.
    for (key, text) in step.templates().into_iter().filter(|_| step.enabled) {
        known.check(&format!("{field}.{}", shown(&key)), text, findings);
    }
    if let Some(auth) = &step.auth {
        auth::check(&format!("{field}.auth"), auth, findings);
    }
    for (index, check) in step.checks.iter().enumerate() {
        check_check(format!("{field}.checks[{index}]"), check, findings);
    }
    check_extracts(field, step, findings);
    // A step that is switched off extracts nothing.
    if step.enabled {
        known.extend(step.extracts.iter().map(|extract| extract.name.as_str()));
    }
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
    match body {
        Body::None | Body::Text(_) => {}
        Body::Json(json) => {
            if let Err(reason) = text::check_json(json) {
                findings.warning(
                    format!("{field}.json"),
                    format!("the body is not JSON: {reason}"),
                    "Check quotes, commas and brackets; or use { text = … } for a body that is meant so.",
                );
            }
        }
        Body::Form(fields) => {
            for (name, _) in fields.iter().filter(|(name, _)| name.is_empty()) {
                let message = "a field of the form has no name";
                findings.error(format!("{field}.form.{name}"), message, "Give it a name, or remove it.");
            }
        }
        Body::Multipart(parts) => check_parts(&format!("{field}.multipart"), parts, findings),
        Body::File(path) => check_file(format!("{field}.file"), path, findings),
    }
}

fn check_parts(field: &str, parts: &[Part], findings: &mut Findings) {
    for (index, part) in parts.iter().enumerate() {
        let field = format!("{field}[{index}]");
        if part.name.trim().is_empty() || part.name.chars().any(char::is_control) {
            let message = "a part has no name, or one with line breaks in it";
            findings.error(format!("{field}.name"), message, "Give it the name that the target expects.");
        }
        if let PartContent::File(path) = &part.content {
            check_file(format!("{field}.file"), path, findings);
        }
        let is_media_type = |kind: &String| {
            kind.split_once('/').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty()) && kind.is_ascii()
        };
        if part.content_type.as_ref().is_some_and(|kind| !is_media_type(kind)) {
            findings.error(
                format!("{field}.content_type"),
                "this is no type of content",
                "Write one such as image/png, or remove the line.",
            );
        }
    }
}

pub(super) fn check_file(field: String, path: &str, findings: &mut Findings) {
    if path.trim().is_empty() || path.chars().any(char::is_control) {
        findings.error(
            field,
            "this names no file",
            "Write the path of a file, from the scenario's folder on.",
        );
    }
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
        Check::BodyMatches(pattern) => regex(format!("{field}.regex"), pattern, findings),
        Check::Size { min, max } => {
            if min.zip(*max).is_some_and(|(min, max)| min > max) || (min.is_none() && max.is_none()) {
                findings.error(
                    field,
                    "no body is of a size between these",
                    "Give min_size, max_size or both, the smaller first.",
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
        match &extract.source {
            ExtractSource::JsonPath(path) => json_path(format!("{extract_field}.jsonpath"), path, findings),
            ExtractSource::Regex(pattern) => regex(format!("{extract_field}.regex"), pattern, findings),
            ExtractSource::Header(name) => token(format!("{extract_field}.header"), name, "header", findings),
            ExtractSource::Cookie(name) => token(format!("{extract_field}.cookie"), name, "cookie", findings),
        }
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

fn regex(field: String, pattern: &str, findings: &mut Findings) {
    if let Err(reason) = text::check_regex(pattern) {
        findings.error(
            field,
            format!("`{}` is no regular expression: {reason}", shown(pattern)),
            "Write a pattern such as id=([0-9]+); a sign that is meant as such needs `\\` before it.",
        );
    }
}

fn token(field: String, name: &str, what: &str, findings: &mut Findings) {
    if !text::is_token(name) {
        let message = format!("`{}` cannot be the name of a {what}", shown(name));
        findings.error(field, message, "Use letters, digits and `-`.");
    }
}
