//! One step: its head, and the part of it that is open.

use egui::{Ui, accesskit::Role};
use egui_material_icons::icons;

use super::{
    InspectorView, auth, body, checks, extracts, limits, name_field,
    pairs::{self, Table},
    parts::{Part, parts_ui},
    pen::Pen,
    preview,
};
use crate::{
    app::{
        design::{Tab, edit, journeys::Work},
        theme::{self, Weight, size, space},
        widgets::{self, labelled},
    },
    model::{Scenario, Step},
};

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const METHOD: f32 = 92.0;

/// Draws a step; returns another tab that the analyst asked for.
pub fn step_ui(
    ui: &mut Ui,
    view: &mut InspectorView,
    (scenario, place): (&mut Scenario, (usize, usize)),
    pen: &Pen<'_>,
    work: &mut Work<'_>,
) -> Option<Tab> {
    let (journey, index) = place;
    let path = format!("journeys[{journey}].steps[{index}]");
    widgets::card(ui, |ui| head_ui(ui, view, (scenario, place), (pen, &path)));
    let mut asked = None;
    widgets::card(ui, |ui| {
        parts_ui(ui, &mut view.part, &scenario.journeys[journey].steps[index], (pen.marks, &path));
        asked = part_ui(ui, view.part, (scenario, place), (pen, &path), work);
    });
    preview::preview_ui(ui, &mut view.preview);
    asked
}

fn head_ui(
    ui: &mut Ui,
    view: &mut InspectorView,
    (scenario, place): (&mut Scenario, (usize, usize)),
    (pen, path): (&Pen<'_>, &str),
) {
    let (journey, index) = place;
    widgets::section_with(ui, "Step", |ui| {
        let step = &mut scenario.journeys[journey].steps[index];
        ui.checkbox(&mut step.enabled, "Enabled")
            .on_hover_text("A step that is switched off is kept but not sent");
    });
    let services: Vec<String> = scenario.services.iter().map(|service| service.name.clone()).collect();
    ui.horizontal_top(|ui| {
        let width = ui.available_width();
        let service = (width * 0.4).clamp(110.0, 230.0);
        let name = scenario.journeys[journey].steps[index].name.clone();
        let field = labelled(ui, "Name", |ui| {
            ui.set_width(width - service - space::S);
            let add = |ui: &mut Ui, text: &mut String| {
                pen.plain(ui, &format!("{path}.name"), ("Step name", f32::INFINITY), text)
            };
            name_field(ui, scenario, &name, add, |scenario, name| edit::rename_step(scenario, place, name))
        });
        if std::mem::take(&mut view.wants_cursor) {
            field.request_focus();
        }
        let step = &mut scenario.journeys[journey].steps[index];
        labelled(ui, "Service", |ui| service_ui(ui, step, &services, (pen, path)));
    });
    let step = &mut scenario.journeys[journey].steps[index];
    ui.horizontal_top(|ui| {
        labelled(ui, "Method", |ui| method_ui(ui, step, (pen, path)));
        labelled(ui, "Path and query below the base URL", |ui| {
            pen.line(ui, &format!("{path}.path"), ("Path", f32::INFINITY), &mut step.path);
        });
    });
}

/// Any name may be written; those with a budget can be picked.
fn service_ui(ui: &mut Ui, step: &mut Step, services: &[String], (pen, path): (&Pen<'_>, &str)) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 2.0;
        let mut name = step.service.clone().unwrap_or_default();
        let picks = if services.is_empty() { 0.0 } else { theme::CONTROL_HEIGHT + 2.0 };
        let width = (ui.available_width() - picks).max(60.0);
        if pen.plain(ui, &format!("{path}.service"), ("Service", width), &mut name).changed() {
            step.service = (!name.is_empty()).then_some(name);
        }
        if services.is_empty() {
            return;
        }
        let pick = widgets::icon_button(ui, icons::ICON_KEYBOARD_ARROW_DOWN, "Pick a service");
        egui::Popup::menu(&pick).show(|ui| {
            for service in services {
                if ui.add(egui::Button::new(service).frame_when_inactive(false)).clicked() {
                    step.service = Some(service.clone());
                }
            }
        });
    });
}

fn method_ui(ui: &mut Ui, step: &mut Step, (pen, path): (&Pen<'_>, &str)) {
    pen.marks.field(ui, &format!("{path}.method"), |ui| {
        let color = theme::method_color(theme::colors(ui), &step.method);
        let chosen = theme::text(&step.method, size::BODY, Weight::SemiBold).color(color);
        let response = egui::ComboBox::from_id_salt("method")
            .selected_text(chosen)
            .width(METHOD)
            .show_ui(ui, |ui| {
                for method in METHODS {
                    ui.selectable_value(&mut step.method, method.to_owned(), method);
                }
            })
            .response;
        response.widget_info(|| egui::WidgetInfo::labeled(Role::ComboBox, true, "Method"));
        response
    });
}

fn part_ui(
    ui: &mut Ui,
    part: Part,
    (scenario, place): (&mut Scenario, (usize, usize)),
    (pen, path): (&Pen<'_>, &str),
    work: &mut Work<'_>,
) -> Option<Tab> {
    let (journey, index) = place;
    let inherited = scenario.auth.clone();
    let chosen = scenario.chosen_transport();
    let max_redirects = scenario.transport.max_redirects;
    let timeout = scenario.timeout;
    let step = &mut scenario.journeys[journey].steps[index];
    match part {
        Part::Query => {
            let words = "Added to the path's own query, percent-encoded, in this order.";
            let path = format!("{path}.query");
            pairs::pairs_ui(ui, &Table { what: "Query parameter", path, words }, &mut step.query, pen);
        }
        Part::Headers => {
            let words = "Sent with this step. Accept, user-agent, host and lengths are filled in where they are missing.";
            let path = format!("{path}.headers");
            pairs::pairs_ui(ui, &Table { what: "Header", path, words }, &mut step.headers, pen);
        }
        Part::Body => {
            body::body_ui(ui, (&mut step.body, place), (pen, &format!("{path}.body")), work.commands)
        }
        Part::Auth => auth::step_auth_ui(ui, (&mut step.auth, &inherited), (pen, &format!("{path}.auth"))),
        Part::Checks => checks::checks_ui(ui, &mut step.checks, (pen, &format!("{path}.checks"))),
        Part::Extracts => extracts::extracts_ui(ui, &mut step.extracts, (pen, &format!("{path}.extract"))),
        Part::Limits => {
            let around = limits::Around { timeout, max_redirects, transport: &chosen };
            return limits::limits_ui(ui, step, &around, (pen, path)).then_some(Tab::Transport);
        }
    }
    None
}
