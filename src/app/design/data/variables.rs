//! Constant values for `{{name}}`.

use egui::Ui;
use egui_material_icons::icons;

use super::{
    Sight,
    order::{Order, free_name, parse_name},
};
use crate::{
    app::{
        design::{edit, inspector::name_field},
        theme::{self, space},
        widgets::{self, parsed_field, text_field},
    },
    model::Scenario,
};

const USES: f32 = 110.0;

pub fn variables_ui(ui: &mut Ui, order: &mut Order, scenario: &mut Scenario, sight: &Sight<'_>) {
    widgets::section(ui, "Variables");
    let words = "Constant values for {{name}} in paths, queries, headers, bodies and credentials. A new name follows \
                 to every place where the old one stands.";
    ui.label(theme::small(ui, words));
    let mut removed = None;
    for (index, name) in order.rows(&scenario.variables).into_iter().enumerate() {
        let label = format!("Variable {}", index + 1);
        ui.horizontal_top(|ui| {
            let room = ui.available_width() - theme::CONTROL_HEIGHT - USES - 3.0 * space::S;
            let (first, second) = (room * 0.38, room * 0.62);
            let table = scenario.variables.clone();
            let add = |ui: &mut Ui, text: &mut String| {
                sight.marks.field(ui, &format!("variables.{name}"), |ui| {
                    let parse = |text: &str| parse_name(text, &name, &table);
                    parsed_field(ui, &format!("{label} name"), text, first, Clone::clone, parse)
                })
            };
            name_field(ui, scenario, &name, add, |scenario, to| {
                edit::rename_variable(scenario, &name, to);
                order.rename(&name, to);
            });
            if let Some(value) = scenario.variables.get_mut(&name) {
                text_field(ui, &format!("{label} value"), value, second);
            }
            uses_ui(ui, &sight.uses.words(&name), USES);
            if widgets::icon_button(ui, icons::ICON_DELETE, &format!("Remove variable {}", index + 1))
                .clicked()
            {
                removed = Some(name);
            }
        });
    }
    if let Some(name) = removed {
        scenario.variables.remove(&name);
    }
    if widgets::button(ui, icons::ICON_ADD, "Add variable").clicked() {
        let name = free_name("variable", scenario.variables.keys().chain(scenario.secrets.keys()));
        scenario.variables.insert(name, String::new());
    }
}

/// Where a name is used, beside its row.
pub fn uses_ui(ui: &mut Ui, words: &str, width: f32) {
    let size = egui::vec2(width, theme::CONTROL_HEIGHT);
    ui.allocate_ui_with_layout(size, egui::Layout::left_to_right(egui::Align::Center), |ui| {
        ui.set_min_width(width);
        ui.add(egui::Label::new(theme::small(ui, words)).truncate());
    });
}
