//! One journey: its share of the iterations, and the pauses of its users.

use std::time::Duration;

use egui::Ui;

use super::{InspectorView, name_field, pen::Pen, think_time::think_time_ui};
use crate::{
    app::{
        design::edit,
        theme,
        widgets::{self, labelled, parsed_field},
    },
    humanize,
    model::{Scenario, format_duration, parse_duration},
};

pub fn journey_ui(
    ui: &mut Ui,
    view: &mut InspectorView,
    (scenario, index): (&mut Scenario, usize),
    pen: &Pen<'_>,
) {
    let path = format!("journeys[{index}]");
    widgets::card(ui, |ui| {
        widgets::section_with(ui, "Journey", |ui| {
            ui.checkbox(&mut scenario.journeys[index].enabled, "Enabled")
                .on_hover_text("A journey that is switched off is kept, but no iteration walks it");
        });
        let name = scenario.journeys[index].name.clone();
        let width = ui.available_width().min(360.0);
        let field = labelled(ui, "Name", |ui| {
            let add = |ui: &mut Ui, text: &mut String| {
                pen.plain(ui, &format!("{path}.name"), ("Journey name", width), text)
            };
            let rename = |scenario: &mut Scenario, name: &str| edit::rename_journey(scenario, index, name);
            name_field(ui, scenario, &name, add, rename)
        });
        if std::mem::take(&mut view.wants_cursor) {
            field.request_focus();
        }
        weight_ui(ui, (scenario, index), (pen, &path));
        if scenario.journeys[index].steps.is_empty() {
            let words = "This journey has no step yet: Add step at the left gives it one.";
            pen.marks.list(ui, &format!("{path}.steps"), |ui| ui.label(theme::small(ui, words)));
        }
    });
    widgets::card(ui, |ui| {
        widgets::section(ui, "Pauses");
        let journey = &mut scenario.journeys[index];
        think_time_ui(ui, &mut journey.think_time, (pen, &format!("{path}.think_time")));
        // The open model has no use for it, but one that is set must be seen to be removed.
        if !scenario.load.model.is_open() || journey.pacing.is_some() {
            pacing_ui(ui, &mut journey.pacing, (pen, &format!("{path}.pacing")));
        }
    });
}

fn weight_ui(ui: &mut Ui, (scenario, index): (&mut Scenario, usize), (pen, path): (&Pen<'_>, &str)) {
    let total: u64 = scenario.enabled_journeys().map(|(_, journey)| u64::from(journey.weight)).sum();
    let journey = &mut scenario.journeys[index];
    ui.horizontal_top(|ui| {
        labelled(ui, "Weight", |ui| {
            pen.marks.field(ui, &format!("{path}.weight"), |ui| {
                parsed_field(ui, "Journey weight", &mut journey.weight, 80.0, ToString::to_string, |text| {
                    text.trim().parse().map_err(|_| "Write a whole number".to_owned())
                })
            })
        });
        let words = if journey.enabled && total > 0 {
            let share = humanize::percent(f64::from(journey.weight) / total as f64);
            format!("{share} of iterations walk this journey.")
        } else {
            "No iteration walks this journey.".to_owned()
        };
        labelled(ui, " ", |ui| {
            ui.horizontal(|ui| ui.label(theme::muted(ui, words)));
        });
    });
}

fn pacing_ui(ui: &mut Ui, pacing: &mut Option<Duration>, (pen, path): (&Pen<'_>, &str)) {
    let mut is_paced = pacing.is_some();
    let response = pen.marks.field(ui, path, |ui| ui.checkbox(&mut is_paced, "Pace iterations"));
    if response.changed() {
        *pacing = is_paced.then_some(Duration::from_secs(5));
    }
    let Some(pacing) = pacing else { return };
    labelled(ui, "Between starts", |ui| {
        parsed_field(ui, "Between starts", pacing, 96.0, |d| format_duration(*d), parse_duration)
    });
    let words = "A user's iterations are meant to start this far apart. One that comes late starts at once, and its \
                 response time counts from when it was meant to start.";
    ui.label(theme::small(ui, words));
}
