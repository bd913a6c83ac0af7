//! Name, description, base URL, timeout and credentials of the scenario.

use std::sync::Arc;

use egui::Ui;

use super::{
    inspector::{Pen, scenario_auth_ui},
    interleave,
    marks::Marks,
    templated::{Columns, Offers},
};
use crate::{
    app::{
        theme,
        widgets::{self, labelled, parsed_field, text_area, text_field},
    },
    model::{Plan, SANDBOX_BASE_URL, Scenario, format_duration, parse_duration},
};

/// Draws the Basics tab; `plan` is that of the scenario where it is valid.
pub fn basics_ui(
    ui: &mut Ui,
    scenario: &mut Scenario,
    (marks, plan): (&Marks<'_>, Option<&Arc<Plan>>),
    columns: &Columns,
) {
    widgets::column(ui, 760.0, |ui| parts_ui(ui, scenario, (marks, plan), columns));
}

fn parts_ui(
    ui: &mut Ui,
    scenario: &mut Scenario,
    (marks, plan): (&Marks<'_>, Option<&Arc<Plan>>),
    columns: &Columns,
) {
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
    widgets::card(ui, |ui| interleave::interleave_ui(ui, scenario, marks, plan.map(AsRef::as_ref)));
    widgets::card(ui, |ui| {
        widgets::section(ui, "Credentials");
        ui.label(theme::small(ui, "How requests prove who sends them, where a step does not say otherwise."));
        let offers = Offers::at(scenario, None, columns);
        let pen = Pen::new(marks, &offers);
        scenario_auth_ui(ui, &mut scenario.auth, &pen);
        pen.keep_secrets(scenario);
    });
}
