//! One monitor with all that can be said about it: its name, its source, its series and its limits.

use egui::{Align, Layout, Ui};
use egui_material_icons::icons;

use super::{MonitorsView, MonitorsWork, Start, limits, source, tested};
use crate::{
    app::{
        command::Command,
        design::{edit, inspector::Pen},
        theme,
        widgets::{self, labelled, text_field},
    },
    model::Scenario,
};

const NAME: f32 = 220.0;

/// What fields are written with: any may hold variables, some should hold nothing but a secret.
pub struct Pens<'a> {
    pub any: Pen<'a>,
    pub secret: Pen<'a>,
}

pub fn inspector_ui(
    ui: &mut Ui,
    view: &mut MonitorsView,
    scenario: &mut Scenario,
    pens: &Pens<'_>,
    work: &mut MonitorsWork<'_>,
) {
    let index = view.selected;
    let path = format!("monitors[{index}]");
    let mut asks_removal = false;
    widgets::card(ui, |ui| {
        let start = Start::of(&scenario.monitors[index].probe);
        widgets::section_with(ui, start.name(), |ui| {
            if widgets::icon_button(ui, icons::ICON_DELETE, "Remove this monitor").clicked() {
                asks_removal = true;
            }
            if widgets::icon_button(ui, icons::ICON_CONTENT_COPY, "Duplicate this monitor").clicked() {
                view.selected = duplicate(scenario, index);
            }
        });
        ui.add(egui::Label::new(theme::small(ui, format!("{}.", start.words()))).wrap());
        let monitor = &mut scenario.monitors[index];
        ui.horizontal_top(|ui| {
            labelled(ui, "Name", |ui| {
                work.marks.field(ui, &format!("{path}.name"), |ui| {
                    text_field(ui, "Monitor name", &mut monitor.name, NAME)
                })
            })
            .on_hover_text("Names it in charts, tables and reports");
        });
        source::source_ui(ui, (monitor, &path), pens, work.tests);
        test_ui(ui, scenario, index, work);
    });
    widgets::card(ui, |ui| {
        limits::limits_ui(ui, &mut scenario.monitors[index], &path, work.marks);
    });
    if asks_removal {
        scenario.monitors.remove(index);
    }
}

/// The button that tests the connection, and what came of it.
fn test_ui(ui: &mut Ui, scenario: &Scenario, index: usize, work: &mut MonitorsWork<'_>) {
    let monitor = &scenario.monitors[index];
    let is_under_way = work.tests.is_under_way(monitor);
    ui.separator();
    ui.horizontal(|ui| {
        let button = |ui: &mut Ui| widgets::button(ui, icons::ICON_CABLE, "Test connection");
        let test = ui.add_enabled_ui(!is_under_way, button).inner;
        let tip = "Reads it twice from this machine and shows every series; nothing is kept";
        if test.on_hover_text(tip).on_disabled_hover_text("It is being tested").clicked() {
            work.commands.push(Command::TestMonitor(index));
        }
        if is_under_way {
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.spinner();
                ui.label(theme::muted(ui, "Testing the connection…"));
            });
        }
    });
    if let Some(end) = work.tests.end_of(monitor) {
        tested::tested_ui(ui, monitor, end);
    }
}

/// Copies a monitor; returns where the copy stands.
fn duplicate(scenario: &mut Scenario, index: usize) -> usize {
    let mut copy = scenario.monitors[index].clone();
    copy.name = edit::unique_name(&copy.name, scenario.monitors.iter().map(|monitor| monitor.name.as_str()));
    scenario.monitors.insert(index + 1, copy);
    index + 1
}
