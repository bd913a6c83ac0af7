//! Name, description, base URL, timeout and variables of the scenario.

use egui::Ui;
use egui_material_icons::icons;

use super::{
    inspector::{Pen, scenario_auth_ui},
    marks::Marks,
    templated::{Columns, Offers},
};
use crate::{
    app::{
        theme,
        widgets::{self, labelled, parsed_field, text_area, text_field},
    },
    model::{SANDBOX_BASE_URL, Scenario, format_duration, parse_duration},
};

pub fn basics_ui(ui: &mut Ui, scenario: &mut Scenario, marks: &Marks<'_>, columns: &Columns) {
    widgets::column(ui, 760.0, |ui| parts_ui(ui, scenario, marks, columns));
}

fn parts_ui(ui: &mut Ui, scenario: &mut Scenario, marks: &Marks<'_>, columns: &Columns) {
    widgets::card(ui, |ui| {
        widgets::section(ui, "Scenario");
        labelled(ui, "Name", |ui| {
            marks.field(ui, "name", |ui| text_field(ui, "Scenario name", &mut scenario.name, f32::INFINITY))
        });
        labelled(ui, "Description", |ui| text_area(ui, "Description", &mut scenario.description, 3));
    });
    widgets::card(ui, |ui| {
        widgets::section(ui, "Where requests go");
        labelled(ui, "Base URL", |ui| {
            marks
                .field(ui, "base_url", |ui| text_field(ui, "Base URL", &mut scenario.base_url, f32::INFINITY))
        });
        ui.horizontal_wrapped(|ui| {
            let words = "An address such as https://shop.example, or the built-in target:";
            ui.label(theme::small(ui, words));
            if widgets::link_button(ui, "Use the sandbox").clicked() {
                scenario.base_url = SANDBOX_BASE_URL.to_owned();
            }
        });
        labelled(ui, "Timeout", |ui| {
            let timeout = &mut scenario.timeout;
            marks.field(ui, "timeout", |ui| {
                parsed_field(ui, "Timeout", timeout, 96.0, |d| format_duration(*d), parse_duration)
            })
        })
        .on_hover_text("A request without an answer after this long is a timeout");
    });
    widgets::card(ui, |ui| {
        widgets::section(ui, "Credentials");
        ui.label(theme::small(ui, "How requests prove who sends them, where a step does not say otherwise."));
        let offers = Offers::at(scenario, None, columns);
        let pen = Pen::new(marks, &offers);
        scenario_auth_ui(ui, &mut scenario.auth, &pen);
        pen.keep_secrets(scenario);
    });
    widgets::card(ui, |ui| variables_ui(ui, scenario, marks));
}

fn variables_ui(ui: &mut Ui, scenario: &mut Scenario, marks: &Marks<'_>) {
    widgets::section(ui, "Variables");
    ui.label(theme::small(ui, "Constant values for {{name}} in paths, headers and bodies."));
    // A map cannot be edited in place while its keys change, so that rows are edited and put back.
    let mut rows: Vec<(String, String)> =
        scenario.variables.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let mut removed = None;
    for (index, (name, value)) in rows.iter_mut().enumerate() {
        let number = index + 1;
        ui.horizontal_top(|ui| {
            marks.field(ui, &format!("variables.{name}"), |ui| {
                let label = format!("Variable {number} name");
                parsed_field(ui, &label, name, 180.0, Clone::clone, parse_variable_name)
            });
            text_field(ui, &format!("Variable {number} value"), value, 260.0);
            let label = format!("Remove variable {number}");
            if widgets::icon_button(ui, icons::ICON_DELETE, &label).clicked() {
                removed = Some(index);
            }
        });
    }
    if let Some(index) = removed {
        rows.remove(index);
    }
    if widgets::button(ui, icons::ICON_ADD, "Add variable").clicked() {
        let name = (1..)
            .map(|number| format!("variable{number}"))
            .find(|name| rows.iter().all(|(other, _)| other != name));
        rows.extend(name.map(|name| (name, String::new())));
    }
    let n_rows = rows.len();
    let variables: std::collections::BTreeMap<_, _> = rows.into_iter().collect();
    // Two rows of one name would silently become one: such an edit is not taken.
    if variables.len() == n_rows {
        scenario.variables = variables;
    }
}

fn parse_variable_name(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.contains(['{', '}']) {
        return Err("Write a name without braces".to_owned());
    }
    Ok(text.to_owned())
}
