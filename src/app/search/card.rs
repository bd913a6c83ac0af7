//! How a search goes, and what it found: the answer, and every probe with what it came to.

use egui::{Label, ProgressBar, Role, Ui, WidgetInfo};

use super::SearchNow;
use crate::{
    analysis::search::{SearchOutcome, SearchSettings},
    app::{
        report::report_table_ui,
        theme::{self, Weight, size},
        widgets,
    },
    report::probes_table,
};

/// Draws where a search under way stands.
pub fn standing_ui(ui: &mut Ui, now: &SearchNow) {
    let standing = &now.standing;
    widgets::card(ui, |ui| {
        widgets::section_with(ui, "Search for the capacity", |ui| {
            ui.label(theme::small(ui, targets_words(&now.settings)));
        });
        ui.add(Label::new(theme::text(&standing.sentence, size::SECTION, Weight::Medium)).wrap());
        let bar = ProgressBar::new(standing.held_ratio as f32).desired_height(6.0);
        let bar = ui.add(bar.fill(theme::colors(ui).accent));
        bar.widget_info(|| WidgetInfo::labeled(Role::ProgressIndicator, true, "Hold of the probe"));
        if standing.probes.is_empty() {
            let words = "Each probe gets a row here once its hold is judged.";
            ui.label(theme::muted(ui, words));
        } else {
            report_table_ui(ui, &probes_table(&now.settings, &standing.probes));
        }
    });
}

/// Draws what a search found.
pub fn found_ui(ui: &mut Ui, outcome: &SearchOutcome) {
    widgets::card(ui, |ui| {
        widgets::section_with(ui, "Search for the capacity", |ui| {
            ui.label(theme::small(ui, targets_words(&outcome.settings)));
        });
        ui.add(Label::new(theme::text(&outcome.sentence, size::SECTION, Weight::Medium)).wrap());
        for note in &outcome.notes {
            ui.add(Label::new(theme::muted(ui, note)).wrap());
        }
        report_table_ui(ui, &probes_table(&outcome.settings, &outcome.probes));
    });
}

fn targets_words(settings: &SearchSettings) -> String {
    format!("targets: {}", settings.target_words())
}
