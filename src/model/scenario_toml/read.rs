//! From document to scenario: the head, load, services and thresholds.
//!
//! What cannot be read is reported and replaced by a stand-in, so that the rest is checked all the same.

use std::{str::FromStr, time::Duration};

use toml_edit::TableLike;

use super::reader::{Field, Node, Reader};
use super::{auth, interleave, keys, monitors, read_data, read_journeys, search, service_levels, transport};
use crate::model::problem::shown;
use crate::model::{
    Arrivals, Budget, LoadModel, LoadProfile, Metric, SANDBOX_BASE_URL, Scenario, Scope, Service, Shape,
    Stage, Threshold, ThresholdSeverity, Unit, Window, parse_duration,
};

/// Stands in for a stage's duration that cannot be read; long enough for any warm-up.
const STAND_IN_DURATION: Duration = Duration::from_secs(24 * 3_600);

/// The scenario of a document; none if the file is of a newer format.
pub(super) fn scenario(reader: &mut Reader, table: &dyn TableLike) -> Option<Scenario> {
    let root = Node::root(table);
    if !format(reader, &root) {
        return None;
    }
    reader.known_keys(&root, keys::ROOT);
    Some(Scenario {
        name: reader
            .required_text(&root, "name", "Add a line such as name = \"Normal day\".")
            .unwrap_or_default(),
        description: reader.optional_text(&root, "description").unwrap_or_default(),
        base_url: reader
            .required_text(
                &root,
                "base_url",
                "Say where requests go: base_url = \"http://127.0.0.1:8080\", or \"sandbox:\" for the built-in \
                 target.",
            )
            .unwrap_or_else(|| SANDBOX_BASE_URL.into()),
        timeout: reader.optional_duration(&root, "timeout").unwrap_or(Scenario::DEFAULT_TIMEOUT),
        variables: read_data::variables(reader, &root),
        secrets: read_data::secrets(reader, &root),
        environments: read_data::environments(reader, &root),
        environment: reader.optional_text(&root, "environment"),
        feeders: read_data::feeders(reader, &root),
        auth: auth::read(reader, &root).unwrap_or_default(),
        transport: transport::read(reader, &root),
        interleave: interleave::read(reader, &root),
        search: search::read(reader, &root),
        load: load(reader, &root),
        journeys: read_journeys::journeys(reader, &root),
        services: services(reader, &root),
        thresholds: thresholds(reader, &root),
        service_levels: service_levels::read(reader, &root),
        monitors: monitors::read(reader, &root),
    })
}

/// Whether the file's format is one that is understood; other problems aside.
fn format(reader: &mut Reader, root: &Node<'_>) -> bool {
    let remedy = "Add `format = 1` as the first line.";
    let Some(field) = reader.required(root, "format", remedy) else { return true };
    match field.item.as_integer() {
        Some(Scenario::FORMAT) => true,
        Some(newer) if newer > Scenario::FORMAT => {
            let message = format!("the file has format {newer}, and this version reads format 1 only");
            reader.error(
                &field.path,
                message,
                "Open it with a newer Stagewright, or save it there as format 1.",
            );
            false
        }
        Some(other) => {
            reader.error(&field.path, format!("there is no format {other}"), "Write `format = 1`.");
            true
        }
        None => {
            reader.wrong_type(&field, "a whole number", "Write `format = 1`.");
            true
        }
    }
}

fn load(reader: &mut Reader, root: &Node<'_>) -> LoadProfile {
    let mut load = LoadProfile {
        model: LoadModel::Closed,
        warm_up: Duration::ZERO,
        graceful_stop: LoadProfile::DEFAULT_GRACEFUL_STOP,
        stages: Vec::new(),
    };
    let remedy = "Add a [load] table with model = \"closed\" or \"open\", and [[load.stages]].";
    let Some(field) = reader.required(root, "load", remedy) else { return load };
    let Some(node) = reader.table(&field, keys::LOAD, remedy) else { return load };
    load.warm_up = reader.optional_duration(&node, "warm_up").unwrap_or(load.warm_up);
    load.graceful_stop = reader.optional_duration(&node, "graceful_stop").unwrap_or(load.graceful_stop);
    let is_open = model_word(reader, &node).map(|word| word == "open");
    load.model = model(reader, &node, is_open);
    let remedy = "Write each stage as a [[load.stages]] table with name, duration and users or rate.";
    for stage in reader.tables(&node, "stages", keys::STAGE, remedy) {
        load.stages.push(self::stage(reader, &stage, is_open));
    }
    load
}

fn model_word(reader: &mut Reader, load: &Node<'_>) -> Option<&'static str> {
    let remedy =
        "Add model = \"closed\" (a set number of virtual users) or model = \"open\" (arrivals per second).";
    let field = reader.required(load, "model", remedy)?;
    reader.word(&field, keys::MODELS)
}

fn model(reader: &mut Reader, load: &Node<'_>, is_open: Option<bool>) -> LoadModel {
    if is_open == Some(false) {
        for key in ["max_users", "arrivals", "seed"] {
            if let Some(field) = reader.field(load, key) {
                reader.error(
                    &field.path,
                    format!("`{key}` belongs to the open model, and this load profile is closed"),
                    "Remove it, or set model = \"open\".",
                );
            }
        }
        return LoadModel::Closed;
    }
    let max_users = reader.optional_integer(load, "max_users", "Choose a whole number from 1 to 10,000,000.");
    let arrivals = match reader.optional_word(load, "arrivals", keys::ARRIVALS) {
        Some("poisson") => Arrivals::Poisson,
        _ => Arrivals::Constant,
    };
    let seed = reader.optional_integer(load, "seed", "Choose a whole number that is not negative.");
    if is_open == Some(true) {
        LoadModel::Open {
            arrivals,
            max_users: max_users.unwrap_or(LoadModel::DEFAULT_MAX_USERS),
            seed: seed.unwrap_or(LoadModel::DEFAULT_SEED),
        }
    } else {
        LoadModel::Closed
    }
}

fn stage(reader: &mut Reader, node: &Node<'_>, is_open: Option<bool>) -> Stage {
    let name =
        reader.required_text(node, "name", "Add a line such as name = \"Ramp-up\".").unwrap_or_default();
    let duration = reader
        .required(node, "duration", "Add a line such as duration = \"1m\".")
        .and_then(|field| reader.duration(&field))
        .unwrap_or(STAND_IN_DURATION);
    let shape = match reader.optional_word(node, "shape", keys::SHAPES) {
        Some("step") => Shape::Step,
        _ => Shape::Ramp,
    };
    Stage { name, duration, end_level: level(reader, node, is_open), shape }
}

/// The level of a stage, in the word of its model.
fn level(reader: &mut Reader, node: &Node<'_>, is_open: Option<bool>) -> f64 {
    let is_open = is_open.unwrap_or_else(|| node.has("rate"));
    let (right, wrong, remedy) = if is_open {
        ("rate", "users", "Write rate = 20 for twenty iterations per second at the end of the stage.")
    } else {
        ("users", "rate", "Write users = 50 for fifty virtual users at the end of the stage.")
    };
    if let Some(field) = reader.field(node, wrong) {
        let (model, other) = if is_open { ("open", "closed") } else { ("closed", "open") };
        reader.error(
            &field.path,
            format!("`{wrong}` and `{right}` cannot be mixed: the {model} model's stages have `{right}`"),
            format!("Write `{right}` in every stage, or set load.model = \"{other}\"."),
        );
        if !node.has(right) {
            return 1.0;
        }
    }
    let field = reader.required(node, right, remedy);
    field.and_then(|field| reader.number(&field, remedy)).unwrap_or(1.0)
}

fn services(reader: &mut Reader, root: &Node<'_>) -> Vec<Service> {
    let remedy =
        "Write each service as a [[services]] table with name and, if wanted, budget = { p95 = \"40ms\" }.";
    let nodes = reader.tables(root, "services", keys::SERVICE, remedy);
    nodes.iter().map(|node| service(reader, node)).collect()
}

fn service(reader: &mut Reader, node: &Node<'_>) -> Service {
    let remedy = "Add a line such as name = \"education\".";
    let name = reader.required_text(node, "name", remedy).unwrap_or_default();
    let mut budgets = Vec::new();
    let remedy = "Write budget = { p95 = \"40ms\" }.";
    let budget = reader.field(node, "budget").and_then(|field| reader.free_table(&field, remedy));
    if let Some(budget) = budget {
        for key in budget.keys() {
            let Some(field) = reader.field(&budget, key) else { continue };
            match Metric::from_str(key) {
                Ok(metric) => {
                    if let Some(limit) = limit(reader, &field, metric) {
                        budgets.push(Budget { metric, limit });
                    }
                }
                Err(_) => reader.error(
                    &field.path,
                    format!("`{}` is no percentile", shown(key)),
                    "Use one such as p50, p95 or p99, written as budget = { p95 = \"40ms\" }.",
                ),
            }
        }
    }
    Service { name, budgets }
}

fn thresholds(reader: &mut Reader, root: &Node<'_>) -> Vec<Threshold> {
    let remedy = "Write each threshold as a [[thresholds]] table with metric and limit.";
    let nodes = reader.tables(root, "thresholds", keys::THRESHOLD, remedy);
    nodes.iter().filter_map(|node| threshold(reader, node)).collect()
}

/// None only where the metric is unreadable, which leaves nothing to check.
fn threshold(reader: &mut Reader, node: &Node<'_>) -> Option<Threshold> {
    let scope = parsed(reader, node, "scope").unwrap_or(Scope::Run);
    let window = parsed(reader, node, "window").unwrap_or(Window::Steady);
    let severity = match reader.optional_word(node, "severity", keys::SEVERITIES) {
        Some("should") => ThresholdSeverity::Should,
        Some("info") => ThresholdSeverity::Info,
        _ => ThresholdSeverity::Must,
    };
    let abort_after = reader.optional_duration(node, "abort_after");
    let limit_field = reader.required(node, "limit", "Add a line such as limit = \"100ms\".");
    reader.required(node, "metric", "Add a line such as metric = \"p95\".");
    let metric: Metric = parsed(reader, node, "metric")?;
    let limit = limit_field.and_then(|field| limit(reader, &field, metric));
    // A stand-in that suits every metric.
    Some(Threshold { metric, scope, window, limit: limit.unwrap_or(1.0), severity, abort_after })
}

/// A text that a type of the model reads; its refusal names the possible words.
fn parsed<T: FromStr<Err = String>>(reader: &mut Reader, node: &Node<'_>, key: &str) -> Option<T> {
    let field = reader.field(node, key)?;
    let text = reader.text(&field)?;
    T::from_str(&text).map_err(|refusal| reader.refused(&field.path, &refusal, "Use another word.")).ok()
}

/// A limit in the metric's unit.
fn limit(reader: &mut Reader, field: &Field<'_>, metric: Metric) -> Option<f64> {
    match metric.unit() {
        Unit::Seconds => reader.duration(field).map(|duration| duration.as_secs_f64()),
        Unit::Ratio => {
            amount(reader, field, "%", "Write a percentage such as \"0.1%\", or a ratio such as 0.001.")
        }
        Unit::PerSecond => {
            amount(reader, field, "/s", "Write a rate such as \"1000/s\", or the number alone.")
        }
    }
}

/// A share of requests as a percentage, or as a ratio.
pub(super) fn optional_share(reader: &mut Reader, node: &Node<'_>, key: &str) -> Option<f64> {
    let remedy = "Write a percentage such as \"99.9%\", or a ratio such as 0.999.";
    let field = reader.field(node, key)?;
    let Some(text) = field.item.as_str() else { return reader.number(&field, remedy) };
    let share = number_of(text, "%");
    if share.is_none() {
        reader.error(&field.path, format!("`{}` is no share", shown(text)), remedy);
    }
    share
}

/// The number that a text is, with or without its unit.
fn number_of(text: &str, unit: &str) -> Option<f64> {
    let digits = text.trim().strip_suffix(unit).map(str::trim_end);
    let number = digits.unwrap_or(text.trim());
    let is_plain = number.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'-');
    // The exponent makes a percentage as exact as the ratio it stands for.
    let exponent = if digits.is_some() && unit == "%" { "e-2" } else { "" };
    format!("{number}{exponent}").parse().ok().filter(|_| is_plain)
}

/// A number, or text of a number with or without its unit.
fn amount(reader: &mut Reader, field: &Field<'_>, unit: &str, remedy: &str) -> Option<f64> {
    let Some(text) = field.item.as_str() else { return reader.number(field, remedy) };
    let value = number_of(text, unit);
    if value.is_none() {
        let wrong_unit = parse_duration(text).is_ok() && text.trim().ends_with('s');
        let message = if wrong_unit {
            format!("`{}` is a duration, which does not suit this metric", shown(text))
        } else {
            format!("`{}` is no limit for this metric", shown(text))
        };
        reader.error(&field.path, message, remedy);
    }
    value
}
