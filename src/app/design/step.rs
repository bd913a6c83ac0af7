//! One step's fields: what is sent, what must hold, what is taken out.

use egui::Ui;
use egui_material_icons::icons;

use super::checks::checks_ui;
use crate::{
    app::{
        theme::{self, space},
        widgets::{self, labelled, parsed_field, text_area, text_field},
    },
    model::{Body, Extract, ExtractSource, Scenario, Scope, Step, format_duration, parse_duration},
};

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

pub fn step_ui(ui: &mut Ui, scenario: &mut Scenario, journey: usize, index: usize) {
    widgets::section(ui, "Step");
    let services: Vec<String> = scenario.services.iter().map(|service| service.name.clone()).collect();
    let mut name = scenario.journeys[journey].steps[index].name.clone();
    ui.horizontal_top(|ui| {
        let field = labelled(ui, "Name", |ui| text_field(ui, "Step name", &mut name, 240.0));
        if field.changed() {
            rename_step(scenario, journey, index, name);
        }
        let step = &mut scenario.journeys[journey].steps[index];
        labelled(ui, "Service", |ui| service_ui(ui, step, &services));
    });
    let step = &mut scenario.journeys[journey].steps[index];
    request_ui(ui, step);
    headers_ui(ui, step);
    body_ui(ui, step);
    ui.add_space(space::XS);
    checks_ui(ui, &mut step.checks);
    ui.add_space(space::XS);
    extracts_ui(ui, &mut step.extracts);
    timeout_ui(ui, step);
}

fn rename_step(scenario: &mut Scenario, journey: usize, index: usize, name: String) {
    let step = &mut scenario.journeys[journey].steps[index];
    let before = Scope::Step(std::mem::replace(&mut step.name, name.clone()));
    let is_shared = scenario.steps().any(|(_, step)| Scope::Step(step.name.clone()) == before);
    if is_shared {
        return;
    }
    for threshold in scenario.thresholds.iter_mut().filter(|threshold| threshold.scope == before) {
        threshold.scope = Scope::Step(name.clone());
    }
}

/// Any name may be written; those with a budget can be picked.
fn service_ui(ui: &mut Ui, step: &mut Step, services: &[String]) {
    ui.horizontal(|ui| {
        let mut name = step.service.clone().unwrap_or_default();
        if text_field(ui, "Service", &mut name, 150.0).changed() {
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

fn request_ui(ui: &mut Ui, step: &mut Step) {
    ui.horizontal_top(|ui| {
        labelled(ui, "Method", |ui| {
            let response = egui::ComboBox::from_id_salt("method")
                .selected_text(&step.method)
                .width(92.0)
                .show_ui(ui, |ui| {
                    for method in METHODS {
                        ui.selectable_value(&mut step.method, method.to_owned(), method);
                    }
                })
                .response;
            response
                .widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::ComboBox, true, "Method"));
        });
        labelled(ui, "Path and query below the base URL", |ui| {
            text_field(ui, "Path", &mut step.path, f32::INFINITY);
        });
    });
}

fn headers_ui(ui: &mut Ui, step: &mut Step) {
    ui.label(theme::small(ui, "Headers"));
    let mut removed = None;
    for (index, (name, value)) in step.headers.iter_mut().enumerate() {
        let number = index + 1;
        ui.horizontal(|ui| {
            text_field(ui, &format!("Header {number} name"), name, 160.0);
            let width = ui.available_width() - 60.0;
            text_field(ui, &format!("Header {number} value"), value, width);
            let label = format!("Remove header {number}");
            if widgets::icon_button(ui, icons::ICON_CLOSE, &label).clicked() {
                removed = Some(index);
            }
        });
    }
    if let Some(index) = removed {
        step.headers.remove(index);
    }
    if widgets::link_button(ui, "Add header").clicked() {
        step.headers.push((String::new(), String::new()));
    }
}

fn body_ui(ui: &mut Ui, step: &mut Step) {
    #[derive(Clone, Copy, PartialEq)]
    enum Kind {
        None,
        Text,
        Json,
    }
    let mut kind = match &step.body {
        Body::None | Body::Form(_) | Body::Multipart(_) | Body::File(_) => Kind::None,
        Body::Text(_) => Kind::Text,
        Body::Json(_) => Kind::Json,
    };
    let kinds = [(Kind::None, "None"), (Kind::Json, "JSON"), (Kind::Text, "Text")];
    if labelled(ui, "Body", |ui| widgets::segments(ui, &mut kind, &kinds)) {
        let text = match std::mem::replace(&mut step.body, Body::None) {
            Body::None | Body::Form(_) | Body::Multipart(_) | Body::File(_) => String::new(),
            Body::Text(text) | Body::Json(text) => text,
        };
        step.body = match kind {
            Kind::None => Body::None,
            Kind::Text => Body::Text(text),
            Kind::Json => Body::Json(text),
        };
    }
    if let Body::Text(text) | Body::Json(text) = &mut step.body {
        text_area(ui, "Body", text, 4);
    }
}

fn extracts_ui(ui: &mut Ui, extracts: &mut Vec<Extract>) {
    ui.label(theme::small(ui, "Extracts: values of the response for later steps, as {{name}}"));
    let mut removed = None;
    for (index, extract) in extracts.iter_mut().enumerate() {
        let number = index + 1;
        ui.horizontal(|ui| {
            text_field(ui, &format!("Extract {number} name"), &mut extract.name, 140.0);
            let width = ui.available_width() - 60.0;
            let (ExtractSource::JsonPath(source)
            | ExtractSource::Regex(source)
            | ExtractSource::Header(source)
            | ExtractSource::Cookie(source)) = &mut extract.source;
            text_field(ui, &format!("Extract {number} source"), source, width);
            let label = format!("Remove extract {number}");
            if widgets::icon_button(ui, icons::ICON_CLOSE, &label).clicked() {
                removed = Some(index);
            }
        });
    }
    if let Some(index) = removed {
        extracts.remove(index);
    }
    if widgets::link_button(ui, "Add extract").clicked() {
        extracts
            .push(Extract { name: "value".to_owned(), source: ExtractSource::JsonPath("$.id".to_owned()) });
    }
}

fn timeout_ui(ui: &mut Ui, step: &mut Step) {
    let mut has_own = step.timeout.is_some();
    if ui.checkbox(&mut has_own, "Own timeout").changed() {
        step.timeout = has_own.then_some(Scenario::DEFAULT_TIMEOUT);
    }
    if let Some(timeout) = &mut step.timeout {
        parsed_field(ui, "Step timeout", timeout, 96.0, |d| format_duration(*d), parse_duration);
    }
}
