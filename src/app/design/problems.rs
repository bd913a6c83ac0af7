//! Everything that is wrong with the scenario, with what to do about it; a click leads to the field.

use egui::{Align, Frame, Layout, Margin, Ui};
use egui_material_icons::icons;

use super::{Tab, marks::sentence, place::Place};
use crate::{
    app::{
        command::{Command, Commands},
        theme::{self, Weight, size, space},
        widgets,
    },
    model::Problem,
};

/// Problems named at the head of a tab; the rest are one click away.
const MAX_NAMED: usize = 3;

/// All problems; each leads to its field.
pub fn problems_ui(ui: &mut Ui, problems: &[Problem], commands: &mut Commands) {
    if problems.is_empty() {
        let words = "The scenario can run as it is.";
        widgets::empty_state(ui, icons::ICON_CHECK_CIRCLE, "No problems", words, |_| ());
        return;
    }
    for problem in problems {
        widgets::card(ui, |ui| {
            if problem_ui(ui, problem) {
                commands.push(Command::ShowProblem(problem.field.clone()));
            }
        });
    }
}

/// The problems of one tab by name, so that none hides below the edge or in another part of the tab.
pub fn tab_problems_ui(ui: &mut Ui, problems: &[Problem], tab: Tab, commands: &mut Commands) {
    let colors = theme::colors(ui);
    let mine: Vec<&Problem> =
        problems.iter().filter(|problem| Place::of(&problem.field).tab == tab).collect();
    let Some(worst) = mine.iter().map(|problem| problem.is_error()).max() else { return };
    let (color, ground) =
        if worst { (colors.fail, colors.fail_soft) } else { (colors.warn, colors.warn_soft) };
    Frame::new().fill(ground).corner_radius(8.0).inner_margin(Margin::symmetric(12, 6)).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.spacing_mut().button_padding = egui::vec2(0.0, 2.0);
        ui.spacing_mut().interact_size.y = 20.0;
        for problem in mine.iter().take(MAX_NAMED) {
            let text = egui::RichText::new(sentence(&problem.message)).color(color);
            let link = egui::Button::new(text).frame(false).truncate();
            let tip = format!("{}\nClick to go to {}", problem.remedy, problem.field);
            if ui.add(link).on_hover_text(tip).clicked() {
                commands.push(Command::ShowProblem(problem.field.clone()));
            }
        }
        if mine.len() > MAX_NAMED {
            let words = format!("and {} more under Problems", mine.len() - MAX_NAMED);
            let text = theme::small(ui, words).color(color);
            if ui.add(egui::Button::new(text).frame(false)).clicked() {
                commands.push(Command::ShowProblems);
            }
        }
    });
}

/// One problem; returns whether its place was asked for.
fn problem_ui(ui: &mut Ui, problem: &Problem) -> bool {
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
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            let tip = format!("Goes to {}", problem.field);
            let asked = widgets::link_button(ui, "Show").on_hover_text(tip).clicked();
            ui.vertical(|ui| {
                ui.set_width(ui.available_width());
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.label(theme::text(sentence(&problem.message), size::BODY, Weight::Medium));
                ui.label(&problem.remedy);
                ui.label(theme::small(ui, &problem.field));
            });
            asked
        })
        .inner
    })
    .inner
}
