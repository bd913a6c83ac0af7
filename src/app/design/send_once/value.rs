//! A value of an answer that was clicked: to be extracted into a variable, or to be checked.

use egui::Ui;
use egui_material_icons::icons;
use serde_json::Value as Json;

use super::{Origin, offer::offer_ui};
use crate::{
    app::widgets,
    engine::HIDDEN,
    model::{Check, Extract, ExtractSource, JsonPlace, Scenario, json_path, name_of_value},
};

/// A value with the name that a variable would have.
#[derive(Debug)]
pub(super) struct Value {
    path: String,
    /// None for what is more than a single value, or holds a secret.
    text: Option<String>,
    name: String,
}

impl Value {
    pub fn at(way: &[JsonPlace], json: &Json, scenario: &Scenario) -> Self {
        let found = way.iter().try_fold(json, |json, place| match place {
            JsonPlace::Key(key) => json.get(key),
            JsonPlace::Item(index) => json.get(index),
        });
        let text = match found {
            Some(Json::String(text)) => Some(text.clone()),
            Some(Json::Object(_) | Json::Array(_)) | None => None,
            Some(other) => Some(other.to_string()),
        };
        let is_taken = |name: &str| is_known(scenario, name);
        Self {
            path: json_path(way),
            text: text.filter(|text| !text.contains(HIDDEN)),
            name: name_of_value(way, is_taken),
        }
    }
}

/// Whether a name stands for something already.
pub(super) fn is_known(scenario: &Scenario, name: &str) -> bool {
    let extracted = scenario.steps().flat_map(|(_, step)| &step.extracts);
    scenario.variables.contains_key(name)
        || scenario.secrets.contains_key(name)
        || scenario.environments.iter().any(|place| place.variables.contains_key(name))
        || extracted.into_iter().any(|extract| extract.name == name)
}

/// Draws what can be done with a value; returns whether that is over.
pub(super) fn value_ui(ui: &mut Ui, value: &mut Value, scenario: &mut Scenario, origin: &Origin) -> bool {
    let path = value.path.clone();
    offer_ui(ui, &path, "Leave the value", |ui| actions_ui(ui, value, scenario, origin))
}

fn actions_ui(ui: &mut Ui, value: &mut Value, scenario: &mut Scenario, origin: &Origin) -> bool {
    widgets::text_field(ui, "Name of the variable", &mut value.name, 140.0);
    let name = value.name.trim().to_owned();
    let label = format!("Extract as {{{{{name}}}}}");
    let extracts = widgets::button(ui, icons::ICON_ADD, &label)
        .on_hover_text("Later steps of the journey may use it by this name");
    if extracts.clicked() && !name.is_empty() {
        let source = ExtractSource::JsonPath(value.path.clone());
        origin.step_mut(scenario).extracts.push(Extract { name, source });
        return true;
    }
    if widgets::button(ui, icons::ICON_CHECK, "Check that it exists").clicked() {
        origin.step_mut(scenario).checks.push(Check::JsonPathExists(value.path.clone()));
        return true;
    }
    let Some(text) = &value.text else { return false };
    let shown = &text[..text.floor_char_boundary(24)];
    let dots = if shown.len() < text.len() { "…" } else { "" };
    if widgets::button(ui, icons::ICON_CHECK, &format!("Check that it is {shown}{dots}")).clicked() {
        let check = Check::JsonPathEquals { path: value.path.clone(), value: text.clone() };
        origin.step_mut(scenario).checks.push(check);
        return true;
    }
    false
}
