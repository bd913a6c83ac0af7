//! The analyst's words: who writes for whom, summary, notes, approval, and which of their numbers have changed.

use egui::{Label, Ui};

use super::{MadeReport, ReportView};
use crate::{
    app::{command::Commands, theme, widgets},
    report::TextPlace,
};

const PROSE_ROWS: usize = 5;

/// Draws the fields; what is written shows in the report at once, and is kept.
pub fn words_ui(ui: &mut Ui, view: &mut ReportView, commands: &mut Commands) {
    view.edit(commands, |texts, made| {
        widgets::section(ui, "Your words");
        if let Some(earlier) = texts.inherited_from {
            let words = format!(
                "Taken over from the report of run {earlier}; what you change is kept with this run."
            );
            ui.add(Label::new(theme::small(ui, words)).wrap());
        }
        line_ui(ui, "Title", &mut texts.title);
        line_ui(ui, "Author", &mut texts.author);
        line_ui(ui, "Audience", &mut texts.audience);
        prose_ui(ui, "Summary", &mut texts.summary);
        marks_ui(ui, made, &TextPlace::Summary);
        prose_ui(ui, "Notes", &mut texts.notes);
        marks_ui(ui, made, &TextPlace::Notes);
        line_ui(ui, "Approval", &mut texts.approval);
        for problem in &made.problems {
            let text = theme::small(ui, problem).color(theme::colors(ui).fail);
            ui.add(Label::new(text).wrap());
        }
        let hint =
            "{{p95}}, {{throughput}} and other names in double braces are filled with this run's figures.";
        ui.add(Label::new(theme::small(ui, hint)).wrap());
    });
}

fn line_ui(ui: &mut Ui, name: &str, text: &mut String) {
    widgets::labelled(ui, name, |ui| widgets::text_field(ui, name, text, f32::INFINITY));
}

fn prose_ui(ui: &mut Ui, name: &str, text: &mut String) {
    widgets::labelled(ui, name, |ui| widgets::text_area(ui, name, text, PROSE_ROWS));
}

/// What became of the numbers in a text.
pub fn marks_ui(ui: &mut Ui, made: &MadeReport, place: &TextPlace) {
    for (_, outdated) in made.outdated.iter().filter(|(of, _)| of == place) {
        let text = theme::small(ui, outdated.words()).color(theme::colors(ui).warn);
        ui.add(Label::new(text).wrap());
    }
    for (_, stranger) in made.strangers.iter().filter(|(of, _)| of == place) {
        ui.add(Label::new(theme::small(ui, stranger.words())).wrap());
    }
}
