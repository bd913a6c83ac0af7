//! Everything that is wrong with the scenario, with what to do about it.

use egui::Ui;
use egui_material_icons::icons;

use crate::{
    app::{
        theme::{self, Weight, size, space},
        widgets,
    },
    model::Problem,
};

pub fn problems_ui(ui: &mut Ui, problems: &[Problem]) {
    if problems.is_empty() {
        let words = "The scenario can run as it is.";
        widgets::empty_state(ui, icons::ICON_CHECK_CIRCLE, "No problems", words, |_| ());
        return;
    }
    for problem in problems {
        widgets::card(ui, |ui| problem_ui(ui, problem));
    }
}

fn problem_ui(ui: &mut Ui, problem: &Problem) {
    let colors = theme::colors(ui);
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = space::S;
        if problem.is_error() {
            widgets::badge(ui, "Error", colors.fail, colors.fail_soft)
                .on_hover_text("Keeps the scenario from running");
        } else {
            widgets::badge(ui, "Warning", colors.warn, colors.warn_soft)
                .on_hover_text("Runs, but probably not as meant");
        }
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.label(theme::text(&problem.message, size::BODY, Weight::Medium));
            ui.label(&problem.remedy);
            ui.label(theme::small(ui, &problem.field));
        });
    });
}
