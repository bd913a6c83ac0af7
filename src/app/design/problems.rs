//! Everything that is wrong with the scenario, with what to do about it.

use egui::Ui;
use egui_material_icons::icons;

use super::Tab;
use crate::{
    app::{
        theme::{self, Weight, size, space},
        widgets,
    },
    model::Problem,
};

/// Problems said on the tab itself; the rest are one click away.
const MAX_SAID: usize = 3;

/// All problems; returns the part of the scenario that the analyst wants to see.
pub fn problems_ui(ui: &mut Ui, problems: &[Problem]) -> Option<Tab> {
    if problems.is_empty() {
        let words = "The scenario can run as it is.";
        widgets::empty_state(ui, icons::ICON_CHECK_CIRCLE, "No problems", words, |_| ());
        return None;
    }
    let mut asked = None;
    for problem in problems {
        widgets::card(ui, |ui| {
            if problem_ui(ui, problem) {
                asked = Some(tab_of(problem));
            }
        });
    }
    asked
}

/// The problems of one part, said where they can be solved.
pub fn tab_problems_ui(ui: &mut Ui, problems: &[Problem], tab: Tab) {
    let colors = theme::colors(ui);
    let mine: Vec<&Problem> = problems.iter().filter(|problem| tab_of(problem) == tab).collect();
    if mine.is_empty() {
        return;
    }
    let has_error = mine.iter().any(|problem| problem.is_error());
    let (color, ground) =
        if has_error { (colors.fail, colors.fail_soft) } else { (colors.warn, colors.warn_soft) };
    egui::Frame::new().fill(ground).corner_radius(8.0).inner_margin(egui::Margin::symmetric(12, 8)).show(
        ui,
        |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = space::XS;
            for problem in mine.iter().take(MAX_SAID) {
                let words = format!("{}. {}", sentence(&problem.message), problem.remedy);
                ui.label(egui::RichText::new(words).color(color)).on_hover_text(&problem.field);
            }
            if mine.len() > MAX_SAID {
                let words = format!("and {} more under Problems", mine.len() - MAX_SAID);
                ui.label(theme::small(ui, words).color(color));
            }
        },
    );
}

/// Where a problem can be solved, by the path of its field.
fn tab_of(problem: &Problem) -> Tab {
    let root = problem.field.split(['.', '[']).next().unwrap_or_default();
    match root {
        "load" => Tab::Load,
        "journeys" => Tab::Journeys,
        "services" | "thresholds" => Tab::Targets,
        "transport" => Tab::Transport,
        _ => Tab::Basics,
    }
}

fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
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
        let width = (ui.available_width() - 80.0).max(80.0);
        ui.vertical(|ui| {
            ui.set_width(width);
            ui.spacing_mut().item_spacing.y = 2.0;
            ui.label(theme::text(sentence(&problem.message), size::BODY, Weight::Medium));
            ui.label(&problem.remedy);
            ui.label(theme::small(ui, &problem.field));
        });
        widgets::link_button(ui, "Show").clicked()
    })
    .inner
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Severity;

    #[test]
    fn a_problem_shows_where_it_can_be_solved() {
        for (field, tab) in [
            ("load.stages[2].duration", Tab::Load),
            ("journeys[0].steps[1].path", Tab::Journeys),
            ("thresholds[0].scope", Tab::Targets),
            ("transport.proxy", Tab::Transport),
            ("base_url", Tab::Basics),
        ] {
            let problem = Problem {
                line: None,
                field: field.to_owned(),
                message: String::new(),
                remedy: String::new(),
                severity: Severity::Error,
            };
            assert_eq!(tab_of(&problem), tab, "{field}");
        }
    }
}
