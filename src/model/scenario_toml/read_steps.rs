//! From document to scenario: steps with their bodies, checks and extracts.

use super::reader::{Field, Node, Reader};
use super::{auth, keys};
use crate::model::{Body, Check, Extract, ExtractSource, Part, PartContent, Step};

pub(super) fn step(reader: &mut Reader, node: &Node<'_>) -> Step {
    let name = reader.required_text(node, "name", "Add a line such as name = \"List courses\".");
    let path = reader.required_text(node, "path", "Add a line such as path = \"/courses?page=1\".");
    Step {
        name: name.unwrap_or_default(),
        enabled: reader.optional_truth(node, "enabled").unwrap_or(true),
        service: reader.optional_text(node, "service"),
        method: reader.optional_text(node, "method").unwrap_or_else(|| "GET".into()),
        path: path.unwrap_or_else(|| "/".into()),
        query: query(reader, node),
        headers: headers(reader, node),
        body: reader.field(node, "body").and_then(|field| body(reader, &field)).unwrap_or(Body::None),
        auth: auth::read(reader, node),
        checks: checks(reader, node),
        extracts: extracts(reader, node),
        timeout: reader.optional_duration(node, "timeout"),
        max_redirects: reader.optional_integer(node, "redirects", "Choose a whole number from 0 to 50."),
    }
}

fn query(reader: &mut Reader, node: &Node<'_>) -> Vec<(String, String)> {
    let remedy = "Write query = { page = 1, tag = [\"new\", \"sale\"] }.";
    reader.field(node, "query").map(|field| pairs(reader, &field, remedy)).unwrap_or_default()
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

/// Names with a value each, or with a list of values where a name comes more than once.
fn pairs(reader: &mut Reader, field: &Field<'_>, remedy: &str) -> Vec<(String, String)> {
    let Some(table) = reader.free_table(field, remedy) else { return Vec::new() };
    let mut pairs = Vec::new();
    for name in table.keys() {
        let Some(field) = reader.field(&table, name) else { continue };
        for value in reader.loose_texts(&field) {
            pairs.push((name.to_owned(), value));
        }
    }
    pairs
}

fn body(reader: &mut Reader, field: &Field<'_>) -> Option<Body> {
    const REMEDY: &str = "Write { json = '{\"a\": 1}' }, { text = \"…\" }, { form = { a = \"1\" } }, { multipart = [{ name = \
                          \"photo\", file = \"photo.png\" }] } or { file = \"body.bin\" }.";
    let node = reader.table(field, keys::BODY, REMEDY)?;
    let known: Vec<&str> = node.keys().into_iter().filter(|key| keys::BODY.contains(key)).collect();
    let [key] = known[..] else {
        reader.error(&field.path, "a body is of one kind: json, text, form, multipart or file", REMEDY);
        return None;
    };
    match key {
        "json" => reader.optional_text(&node, key).map(Body::Json),
        "text" => reader.optional_text(&node, key).map(Body::Text),
        "file" => reader.optional_text(&node, key).map(Body::File),
        "form" => reader.field(&node, key).map(|field| Body::Form(pairs(reader, &field, REMEDY))),
        _ => {
            let parts = reader.tables(&node, key, keys::PART, REMEDY);
            Some(Body::Multipart(parts.iter().filter_map(|node| part(reader, node)).collect()))
        }
    }
}

fn part(reader: &mut Reader, node: &Node<'_>) -> Option<Part> {
    const REMEDY: &str = "Write { name = \"title\", value = \"…\" } or { name = \"photo\", file = \"photo.png\", \
                          content_type = \"image/png\" }.";
    let name = reader.required_text(node, "name", REMEDY);
    let content_type = reader.optional_text(node, "content_type");
    let content = match (node.has("value"), node.has("file")) {
        (true, false) => {
            reader.field(node, "value").and_then(|field| reader.loose_text(&field)).map(PartContent::Text)
        }
        (false, true) => reader.optional_text(node, "file").map(PartContent::File),
        _ => {
            reader.error(node.path(), "a part has either a `value` or a `file`", REMEDY);
            None
        }
    };
    Some(Part { name: name.unwrap_or_default(), content: content?, content_type })
}

fn checks(reader: &mut Reader, node: &Node<'_>) -> Vec<Check> {
    let nodes = reader.tables(node, "checks", keys::CHECK, "Write checks = [{ status = 200 }].");
    nodes.iter().filter_map(|node| check(reader, node)).collect()
}

fn check(reader: &mut Reader, node: &Node<'_>) -> Option<Check> {
    const REMEDY: &str = "Use one of { status = 200 }, { body_contains = \"…\" }, { jsonpath = \"$.id\", exists = true }, \
                          { jsonpath = \"$.id\", equals = \"7\" }, { header = \"content-type\", contains = \"json\" }, \
                          { regex = \"id=[0-9]+\" }, { max_size = 20000 } or { max_duration = \"200ms\" }; several checks are several tables.";
    let mut keys = node.keys();
    keys.sort_unstable();
    match keys[..] {
        ["status"] => {
            reader.optional_integer(node, "status", "Choose a status such as 200.").map(Check::Status)
        }
        ["body_contains"] => reader.optional_text(node, "body_contains").map(Check::BodyContains),
        ["regex"] => reader.optional_text(node, "regex").map(Check::BodyMatches),
        ["max_size"] | ["min_size"] | ["max_size", "min_size"] => {
            let remedy = "Write the number of bytes, such as max_size = 20000.";
            let min = reader.optional_integer(node, "min_size", remedy);
            let max = reader.optional_integer(node, "max_size", remedy);
            (min.is_some() || max.is_some()).then_some(Check::Size { min, max })
        }
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
    nodes.iter().map(|node| extract(reader, node)).collect()
}

fn extract(reader: &mut Reader, node: &Node<'_>) -> Extract {
    const REMEDY: &str = "Write { name = \"course\", jsonpath = \"$.items[0].id\" }, or regex, header or cookie in place of \
                          jsonpath.";
    let name = reader.required_text(node, "name", REMEDY).unwrap_or_default();
    let kinds = ["jsonpath", "regex", "header", "cookie"];
    let present: Vec<&str> = kinds.into_iter().filter(|kind| node.has(kind)).collect();
    let source = match present[..] {
        [kind] => reader.optional_text(node, kind).map(|text| match kind {
            "regex" => ExtractSource::Regex(text),
            "header" => ExtractSource::Header(text),
            "cookie" => ExtractSource::Cookie(text),
            _ => ExtractSource::JsonPath(text),
        }),
        [] => reader.required_text(node, "jsonpath", REMEDY).map(ExtractSource::JsonPath),
        _ => {
            reader.error(node.path(), "a value comes from one place", REMEDY);
            None
        }
    };
    // A stand-in keeps later steps that use the value from being blamed.
    Extract { name, source: source.unwrap_or_else(|| ExtractSource::JsonPath("$".to_owned())) }
}
