//! From document to scenario: journeys and think times.

use std::time::Duration;

use toml_edit::Item;

use super::reader::{Field, Node, Reader};
use super::{keys, read_steps};
use crate::model::{Journey, ThinkTime};

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
    let enabled = reader.optional_truth(node, "enabled").unwrap_or(true);
    let weight =
        reader.optional_integer(node, "weight", "Choose a whole number from 1 to 10,000.").unwrap_or(1);
    let think_time = reader
        .field(node, "think_time")
        .and_then(|field| think_time(reader, &field))
        .unwrap_or(ThinkTime::None);
    let pacing = reader.optional_duration(node, "pacing");
    let steps = reader.tables(node, "steps", keys::STEP, STEPS_REMEDY);
    let steps = steps.iter().map(|node| read_steps::step(reader, node)).collect();
    Journey { name, enabled, weight, think_time, pacing, side: None, steps }
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
