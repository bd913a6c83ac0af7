//! From document to scenario: journeys, steps, think times, bodies, checks.

use std::time::Duration;

use toml_edit::Item;

use super::keys;
use super::reader::{Field, Node, Reader};
use crate::model::{Body, Check, Extract, Journey, Step, ThinkTime};

const STEPS_REMEDY: &str = "Write each step as a [[journeys.steps]] table with name and path.";

pub(super) fn journeys(reader: &mut Reader, root: &Node<'_>) -> Vec<Journey> {
    let remedy = "Write each journey as a [[journeys]] table with name and steps.";
    let nodes = reader.tables(root, "journeys", keys::JOURNEY, remedy);
    nodes.iter().map(|node| journey(reader, node)).collect()
}

fn journey(reader: &mut Reader, node: &Node<'_>) -> Journey {
    let name = reader
        .required_text(node, "name", "Add a line such as name = \"Browse courses\".")
        .unwrap_or_default();
    let weight =
        reader.optional_integer(node, "weight", "Choose a whole number from 1 to 10,000.").unwrap_or(1);
    let think_time = reader
        .field(node, "think_time")
        .and_then(|field| think_time(reader, &field))
        .unwrap_or(ThinkTime::None);
    let pacing = reader.optional_duration(node, "pacing");
    let steps = reader.tables(node, "steps", keys::STEP, STEPS_REMEDY);
    let steps = steps.iter().map(|node| step(reader, node)).collect();
    Journey { name, weight, think_time, pacing, steps }
}

fn think_time(reader: &mut Reader, field: &Field<'_>) -> Option<ThinkTime> {
    const REMEDY: &str = "Write \"500ms\", or { uniform = [\"500ms\", \"1500ms\"] }, { normal = { mean = \"1s\", \
                          std_dev = \"200ms\" } } or { log_normal = { median = \"800ms\", p95 = \"3s\" } }.";
    if field.item.is_str() {
        return reader.duration(field).map(ThinkTime::Fixed);
    }
    let node = reader.table(field, keys::THINK_TIME, REMEDY)?;
    let keys = node.keys();
    let [key] = keys[..] else {
        reader.error(&field.path, "a think time is one of its kinds, no more and no less", REMEDY);
        return None;
    };
    let kind = reader.field(&node, key)?;
    match key {
        "fixed" => reader.duration(&kind).map(ThinkTime::Fixed),
        "uniform" => uniform(reader, &kind),
        "normal" => {
            let [mean, std_dev] = pair(reader, &kind, keys::NORMAL, REMEDY)?;
            Some(ThinkTime::Normal { mean, std_dev })
        }
        "log_normal" => {
            let [median, p95] = pair(reader, &kind, keys::LOG_NORMAL, REMEDY)?;
            Some(ThinkTime::LogNormal { median, p95 })
        }
        // Reported as unknown above.
        _ => None,
    }
}

fn uniform(reader: &mut Reader, field: &Field<'_>) -> Option<ThinkTime> {
    let remedy = "Write the shortest and the longest pause: { uniform = [\"500ms\", \"1500ms\"] }.";
    let bounds = field.item.as_array().filter(|array| array.len() == 2);
    let Some(bounds) = bounds else {
        reader.wrong_type(field, "a list of two durations", remedy);
        return None;
    };
    let mut durations = bounds.iter().enumerate().map(|(index, value)| {
        let item = Item::Value(value.clone());
        reader.duration(&Field { item: &item, path: format!("{}[{index}]", field.path) })
    });
    // Both are read before either is missed, so that both are reported.
    let (min, max) = (durations.next().flatten(), durations.next().flatten());
    Some(ThinkTime::Uniform { min: min?, max: max? })
}

/// Two durations of a table.
fn pair(reader: &mut Reader, field: &Field<'_>, keys: &[&str], remedy: &str) -> Option<[Duration; 2]> {
    let node = reader.table(field, keys, remedy)?;
    let mut both = keys.iter().map(|key| {
        let field = reader.required(&node, key, remedy)?;
        reader.duration(&field)
    });
    let (first, second) = (both.next().flatten(), both.next().flatten());
    Some([first?, second?])
}

fn step(reader: &mut Reader, node: &Node<'_>) -> Step {
    let name = reader.required_text(node, "name", "Add a line such as name = \"List courses\".");
    let path = reader.required_text(node, "path", "Add a line such as path = \"/courses?page=1\".");
    Step {
        name: name.unwrap_or_default(),
        service: reader.optional_text(node, "service"),
        method: reader.optional_text(node, "method").unwrap_or_else(|| "GET".into()),
        path: path.unwrap_or_else(|| "/".into()),
        headers: headers(reader, node),
        body: reader.field(node, "body").and_then(|field| body(reader, &field)).unwrap_or(Body::None),
        checks: checks(reader, node),
        extracts: extracts(reader, node),
        timeout: reader.optional_duration(node, "timeout"),
    }
}

fn headers(reader: &mut Reader, node: &Node<'_>) -> Vec<(String, String)> {
    let remedy = "Write headers = { accept = \"application/json\" }.";
    let Some(field) = reader.field(node, "headers") else { return Vec::new() };
    let Some(table) = reader.free_table(&field, remedy) else { return Vec::new() };
    let mut headers = Vec::new();
    for name in table.keys() {
        let Some(field) = reader.field(&table, name) else { continue };
        headers.extend(reader.loose_text(&field).map(|value| (name.to_owned(), value)));
    }
    headers
}

fn body(reader: &mut Reader, field: &Field<'_>) -> Option<Body> {
    let remedy = "Write { json = '{\"a\": 1}' } or { text = \"…\" }.";
    let node = reader.table(field, keys::BODY, remedy)?;
    let json = reader.optional_text(&node, "json");
    let text = reader.optional_text(&node, "text");
    match (node.has("json"), node.has("text")) {
        (true, false) => json.map(Body::Json),
        (false, true) => text.map(Body::Text),
        _ => {
            reader.error(&field.path, "a body is either `json` or `text`, one of them", remedy);
            None
        }
    }
}

fn checks(reader: &mut Reader, node: &Node<'_>) -> Vec<Check> {
    let nodes = reader.tables(node, "checks", keys::CHECK, "Write checks = [{ status = 200 }].");
    nodes.iter().filter_map(|node| check(reader, node)).collect()
}

fn check(reader: &mut Reader, node: &Node<'_>) -> Option<Check> {
    const REMEDY: &str = "Use one of { status = 200 }, { body_contains = \"…\" }, { jsonpath = \"$.id\", exists = true }, \
                          { jsonpath = \"$.id\", equals = \"7\" }, { header = \"content-type\", contains = \"json\" } \
                          or { max_duration = \"200ms\" }; several checks are several tables.";
    let mut keys = node.keys();
    keys.sort_unstable();
    match keys[..] {
        ["status"] => {
            reader.optional_integer(node, "status", "Choose a status such as 200.").map(Check::Status)
        }
        ["body_contains"] => reader.optional_text(node, "body_contains").map(Check::BodyContains),
        ["max_duration"] => reader.optional_duration(node, "max_duration").map(Check::MaxDuration),
        ["exists", "jsonpath"] => {
            let path = reader.optional_text(node, "jsonpath");
            let exists = reader.field(node, "exists")?;
            if exists.item.as_bool() != Some(true) {
                reader.error(&exists.path, "only `exists = true` can be checked", "Write exists = true.");
            }
            path.map(Check::JsonPathExists)
        }
        ["equals", "jsonpath"] => {
            let path = reader.optional_text(node, "jsonpath");
            let value = reader.field(node, "equals").and_then(|field| reader.loose_text(&field));
            Some(Check::JsonPathEquals { path: path?, value: value? })
        }
        ["contains", "header"] => {
            let name = reader.optional_text(node, "header");
            let text = reader.optional_text(node, "contains");
            Some(Check::HeaderContains { name: name?, text: text? })
        }
        _ => {
            // Where a key is unknown, that says enough.
            if keys.iter().all(|key| keys::CHECK.contains(key)) {
                reader.error(node.path(), "these keys do not make one check", REMEDY);
            }
            None
        }
    }
}

fn extracts(reader: &mut Reader, node: &Node<'_>) -> Vec<Extract> {
    let remedy = "Write extract = [{ name = \"course\", jsonpath = \"$.items[0].id\" }].";
    let nodes = reader.tables(node, "extract", keys::EXTRACT, remedy);
    nodes
        .iter()
        .map(|node| Extract {
            name: reader.required_text(node, "name", remedy).unwrap_or_default(),
            jsonpath: reader.required_text(node, "jsonpath", remedy).unwrap_or_else(|| "$".into()),
        })
        .collect()
}
