//! Other places to run against, with what is different there.

use egui::{Ui, accesskit::Role};
use egui_material_icons::icons;

use super::{Sight, order::free_name};
use crate::{
    app::{
        design::{edit, inspector::name_field},
        theme::{self, space},
        widgets::{self, labelled, text_field},
    },
    model::{Environment, Scenario},
};

const NAME: f32 = 180.0;
/// What is chosen where no environment is.
pub const NO_ENVIRONMENT: &str = "None";

pub fn environments_ui(ui: &mut Ui, scenario: &mut Scenario, sight: &Sight<'_>) {
    widgets::section(ui, "Environments");
    let words = "Other places to run against, such as staging: what is different there stands here, all else stays as \
                 the scenario says.";
    ui.label(theme::small(ui, words));
    if !scenario.environments.is_empty() {
        labelled(ui, "In force", |ui| {
            sight.marks.list(ui, "environment", |ui| in_force_ui(ui, scenario));
        });
    }
    let mut removed = None;
    for index in 0..scenario.environments.len() {
        if environment_ui(ui, scenario, index, sight) {
            removed = Some(index);
        }
        ui.add_space(space::XS);
    }
    if let Some(index) = removed {
        let gone = scenario.environments.remove(index);
        if scenario.environment.as_ref() == Some(&gone.name) {
            scenario.environment = None;
        }
    }
    if widgets::button(ui, icons::ICON_ADD, "Add environment").clicked() {
        let names: Vec<String> = scenario.environments.iter().map(|place| place.name.clone()).collect();
        scenario.environments.push(Environment {
            name: free_name("environment", names.iter()),
            base_url: None,
            variables: Default::default(),
        });
    }
}

fn in_force_ui(ui: &mut Ui, scenario: &mut Scenario) -> egui::Response {
    let chosen = scenario.environment.clone();
    let combo = egui::ComboBox::from_id_salt("environment in force")
        .width(NAME)
        .truncate()
        .selected_text(chosen.as_deref().unwrap_or(NO_ENVIRONMENT))
        .show_ui(ui, |ui| {
            ui.selectable_value(&mut scenario.environment, None, NO_ENVIRONMENT);
            for environment in &scenario.environments {
                let value = Some(environment.name.clone());
                ui.selectable_value(&mut scenario.environment, value, &environment.name);
            }
        });
    combo.response.widget_info(|| egui::WidgetInfo::labeled(Role::ComboBox, true, "Environment in force"));
    combo.response
}

/// Draws one environment; returns whether it is to be removed.
fn environment_ui(ui: &mut Ui, scenario: &mut Scenario, index: usize, sight: &Sight<'_>) -> bool {
    let (label, path) = (format!("Environment {}", index + 1), format!("environments[{index}]"));
    let removed = ui
        .horizontal_top(|ui| {
            let name = scenario.environments[index].name.clone();
            labelled(ui, "Name", |ui| {
                let add = |ui: &mut Ui, text: &mut String| {
                    sight.marks.field(ui, &format!("{path}.name"), |ui| {
                        text_field(ui, &format!("{label} name"), text, NAME)
                    })
                };
                name_field(ui, scenario, &name, add, |scenario, to| {
                    edit::rename_environment(scenario, index, to);
                })
            });
            labelled(ui, "Base URL: empty for the scenario's", |ui| {
                ui.horizontal_top(|ui| {
                    let environment = &mut scenario.environments[index];
                    let mut base_url = environment.base_url.clone().unwrap_or_default();
                    let width = ui.available_width() - theme::CONTROL_HEIGHT - space::S;
                    let field = sight.marks.field(ui, &format!("{path}.base_url"), |ui| {
                        text_field(ui, &format!("{label} base URL"), &mut base_url, width)
                    });
                    if field.changed() {
                        environment.base_url = (!base_url.is_empty()).then_some(base_url);
                    }
                    let remove = format!("Remove environment {}", index + 1);
                    widgets::icon_button(ui, icons::ICON_DELETE, &remove).clicked()
                })
                .inner
            })
        })
        .inner;
    variables_ui(ui, scenario, index, sight);
    removed
}

/// The scenario's variables, each with what it is here if it is different.
fn variables_ui(ui: &mut Ui, scenario: &mut Scenario, index: usize, sight: &Sight<'_>) {
    let constants = scenario.variables.clone();
    let environment = &mut scenario.environments[index];
    let only_here: Vec<String> =
        environment.variables.keys().filter(|name| !constants.contains_key(*name)).cloned().collect();
    for name in constants.keys().chain(&only_here) {
        ui.horizontal_top(|ui| {
            let mut is_different = environment.variables.contains_key(name);
            let path = format!("environments[{index}].variables.{name}");
            let response = sight.marks.field(ui, &path, |ui| {
                ui.set_min_width(NAME);
                ui.set_max_width(NAME);
                ui.checkbox(&mut is_different, name)
                    .on_hover_text("Ticked: another value in this environment")
            });
            let constant = constants.get(name).cloned().unwrap_or_default();
            if response.changed() {
                if is_different {
                    environment.variables.insert(name.clone(), constant.clone());
                } else {
                    environment.variables.remove(name);
                }
            }
            match environment.variables.get_mut(name) {
                Some(value) => {
                    let width = ui.available_width() - theme::CONTROL_HEIGHT - space::S;
                    text_field(ui, &format!("Environment {} {name}", index + 1), value, width);
                }
                None => {
                    ui.add(egui::Label::new(theme::muted(ui, constant)).truncate());
                }
            }
        });
    }
}
