//! From steps to canonical text.

use super::auth;
use super::write::{Lines, duration, key, text};
use crate::model::{Body, Check, Extract, ExtractSource, Part, PartContent, Step};

pub(super) fn step(out: &mut Lines, step: &Step) {
    out.header("[[journeys.steps]]");
    out.pair("name", text(&step.name));
    if !step.enabled {
        out.pair("enabled", false);
    }
    if let Some(service) = &step.service {
        out.pair("service", text(service));
    }
    if step.method != "GET" {
        out.pair("method", text(&step.method));
    }
    out.pair("path", text(&step.path));
    if !step.query.is_empty() {
        out.pair("query", pairs(&step.query));
    }
    if !step.headers.is_empty() {
        out.pair("headers", headers(&step.headers));
    }
    if let Some(value) = body(&step.body) {
        out.pair("body", value);
    }
    if let Some(auth) = &step.auth {
        out.pair("auth", auth::value(auth));
    }
    if let Some(timeout) = step.timeout {
        out.pair("timeout", duration(timeout));
    }
    if let Some(max_redirects) = step.max_redirects {
        out.pair("redirects", max_redirects);
    }
    if !step.checks.is_empty() {
        out.pair("checks", list(step.checks.iter().map(check)));
    }
    if !step.extracts.is_empty() {
        out.pair("extract", list(step.extracts.iter().map(extract)));
    }
}

fn body(body: &Body) -> Option<String> {
    Some(match body {
        Body::None => return None,
        Body::Text(body) => format!("{{ text = {} }}", text(body)),
        Body::Json(body) => format!("{{ json = {} }}", text(body)),
        Body::Form(fields) => format!("{{ form = {} }}", pairs(fields)),
        Body::Multipart(parts) => format!("{{ multipart = {} }}", list(parts.iter().map(part))),
        Body::File(path) => format!("{{ file = {} }}", text(path)),
    })
}

fn part(part: &Part) -> String {
    let content = match &part.content {
        PartContent::Text(value) => format!("value = {}", text(value)),
        PartContent::File(path) => format!("file = {}", text(path)),
    };
    let kind = part.content_type.as_ref();
    let kind = kind.map_or_else(String::new, |kind| format!(", content_type = {}", text(kind)));
    format!("{{ name = {}, {content}{kind} }}", text(&part.name))
}

/// Names with their values; a table holds each name once, so that its values stand in a list where there are more.
fn pairs(pairs: &[(String, String)]) -> String {
    let mut written: Vec<String> = Vec::new();
    for (index, (name, _)) in pairs.iter().enumerate() {
        if pairs[..index].iter().any(|(earlier, _)| earlier == name) {
            continue;
        }
        let mut values: Vec<String> =
            pairs.iter().filter(|(other, _)| other == name).map(|(_, value)| text(value)).collect();
        let value = if values.len() == 1 { values.remove(0) } else { format!("[{}]", values.join(", ")) };
        written.push(format!("{} = {value}", key(name)));
    }
    if written.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", written.join(", ")) }
}

fn extract(extract: &Extract) -> String {
    let (kind, source) = match &extract.source {
        ExtractSource::JsonPath(path) => ("jsonpath", path),
        ExtractSource::Regex(pattern) => ("regex", pattern),
        ExtractSource::Header(name) => ("header", name),
        ExtractSource::Cookie(name) => ("cookie", name),
    };
    format!("{{ name = {}, {kind} = {} }}", text(&extract.name), text(source))
}

fn list(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(", "))
}

fn headers(headers: &[(String, String)]) -> String {
    let mut pairs: Vec<String> = Vec::new();
    for (index, (name, value)) in headers.iter().enumerate() {
        // A table holds each name once; validation refuses a second one.
        if !headers[..index].iter().any(|(earlier, _)| earlier == name) {
            pairs.push(format!("{} = {}", key(name), text(value)));
        }
    }
    format!("{{ {} }}", pairs.join(", "))
}

fn check(check: &Check) -> String {
    match check {
        Check::Status(status) => format!("{{ status = {status} }}"),
        Check::BodyContains(part) => format!("{{ body_contains = {} }}", text(part)),
        Check::JsonPathExists(path) => format!("{{ jsonpath = {}, exists = true }}", text(path)),
        Check::JsonPathEquals { path, value } => {
            format!("{{ jsonpath = {}, equals = {} }}", text(path), text(value))
        }
        Check::HeaderContains { name, text: part } => {
            format!("{{ header = {}, contains = {} }}", text(name), text(part))
        }
        Check::BodyMatches(pattern) => format!("{{ regex = {} }}", text(pattern)),
        Check::Size { min, max } => {
            let limits = [("min_size", min), ("max_size", max)];
            let limits =
                limits.iter().filter_map(|(key, limit)| Some(format!("{key} = {}", limit.as_ref()?)));
            format!("{{ {} }}", limits.collect::<Vec<_>>().join(", "))
        }
        Check::MaxDuration(limit) => format!("{{ max_duration = {} }}", duration(*limit)),
    }
}
