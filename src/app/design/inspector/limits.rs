//! How long a step may take, how many redirects it follows, and by which transport it travels.

use std::time::Duration;

use egui::Ui;

use super::pen::Pen;
use crate::{
    app::{
        theme::{self, Weight, size, space},
        widgets::{self, parsed_field},
    },
    model::{ChosenTransport, Step, format_duration, parse_duration},
};

/// What the scenario says where the step does not.
pub struct Around<'a> {
    pub timeout: Duration,
    pub max_redirects: u32,
    pub transport: &'a ChosenTransport,
}

/// Draws the limits; returns whether the analyst asked for the Transport tab.
pub fn limits_ui(ui: &mut Ui, step: &mut Step, around: &Around<'_>, (pen, path): (&Pen<'_>, &str)) -> bool {
    ui.horizontal_top(|ui| {
        let mut has_own = step.timeout.is_some();
        if ui.checkbox(&mut has_own, "Own timeout").changed() {
            step.timeout = has_own.then_some(around.timeout);
        }
        match &mut step.timeout {
            Some(timeout) => {
                pen.marks.field(ui, &format!("{path}.timeout"), |ui| {
                    parsed_field(ui, "Step timeout", timeout, 96.0, |d| format_duration(*d), parse_duration)
                });
            }
            None => {
                ui.label(theme::muted(
                    ui,
                    format!("{} as the scenario says", format_duration(around.timeout)),
                ));
            }
        }
    });
    ui.horizontal_top(|ui| {
        let mut has_own = step.max_redirects.is_some();
        if ui.checkbox(&mut has_own, "Own redirects").changed() {
            step.max_redirects = has_own.then_some(around.max_redirects);
        }
        match &mut step.max_redirects {
            Some(max_redirects) => {
                pen.marks.field(ui, &format!("{path}.redirects"), |ui| {
                    parsed_field(ui, "Step redirects", max_redirects, 64.0, ToString::to_string, |text| {
                        text.trim().parse().map_err(|_| "Write a whole number, 0 for none".to_owned())
                    })
                });
            }
            None => {
                let words = match around.max_redirects {
                    0 => "none is followed, as the scenario says".to_owned(),
                    n_redirects => format!("at most {n_redirects}, as the scenario says"),
                };
                ui.label(theme::muted(ui, words));
            }
        }
    });
    ui.add_space(space::XS);
    transport_ui(ui, around.transport)
}

fn transport_ui(ui: &mut Ui, chosen: &ChosenTransport) -> bool {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        ui.label(theme::muted(ui, "All steps travel by"));
        ui.label(theme::text(chosen.kind.name(), size::BODY, Weight::SemiBold));
        ui.label(theme::muted(ui, format!("because {}.", chosen.reason)));
        widgets::link_button(ui, "Choose the transport").clicked()
    })
    .inner
}
