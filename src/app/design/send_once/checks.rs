//! What checks and extracts found, and checks learned from the answer.

use egui::{Label, Sense, Ui};
use egui_material_icons::{MaterialIcon, icons};

use super::{
    OnceView, Origin,
    learn::{Learning, learning_ui},
};
use crate::{
    analysis::{asked_words, found_words, source_words},
    app::{
        state::OnceStep,
        theme::{self, Weight, size},
        widgets,
    },
    model::Scenario,
};

pub(super) fn checks_ui(
    ui: &mut Ui,
    view: &mut OnceView,
    step: &OnceStep,
    (scenario, origin): (&mut Scenario, Option<&Origin>),
) {
    let exchange = &step.exchange;
    if exchange.answer.is_none() {
        ui.label(theme::muted(ui, "No answer came that could be checked."));
        return;
    }
    for check in &exchange.checks {
        let found = found_words(&check.found);
        line_ui(ui, check.passed, &asked_words(&check.asked), &found);
    }
    if !exchange.extracts.is_empty() {
        ui.label(theme::text("Values taken out", size::BODY, Weight::SemiBold));
    }
    for extract in &exchange.extracts {
        let words = format!("{{{{{}}}}} from {}", extract.name, source_words(&extract.source));
        let left_out = if extract.taken { "" } else { " (not taken)" };
        line_ui(ui, extract.taken, &words, &format!("{}{left_out}", found_words(&extract.found)));
    }
    let Some(origin) = origin else { return };
    match &mut view.learning {
        None => {
            let button = widgets::button(ui, icons::ICON_SCHOOL, "Learn checks");
            if button.on_hover_text("Proposes checks that hold for this answer").clicked() {
                view.learning = Some(Learning::from(exchange, origin.step(scenario)));
            }
        }
        Some(learning) => {
            if learning_ui(ui, learning, origin.step_mut(scenario)) {
                view.learning = None;
            }
        }
    }
}

fn line_ui(ui: &mut Ui, holds: bool, words: &str, found: &str) {
    let colors = theme::colors(ui);
    ui.horizontal(|ui| {
        let (icon, color): (MaterialIcon, _) =
            if holds { (icons::ICON_CHECK_CIRCLE, colors.ok) } else { (icons::ICON_CANCEL, colors.fail) };
        let (rect, response) = ui.allocate_exact_size(egui::Vec2::splat(18.0), Sense::hover());
        let font = theme::icon_font(16.0);
        ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, icon.codepoint, font, color);
        response.on_hover_text(if holds { "Holds" } else { "Does not hold" });
        ui.label(theme::text(words, size::BODY, Weight::Medium));
        ui.add(Label::new(theme::muted(ui, found)).truncate()).on_hover_text(found);
    });
}
