//! What a model says: both lines beside what was measured, what moves them most, and what they take for granted.

use egui::{Label, RichText, Ui};

use crate::{
    analysis::{
        capitalized,
        what_if::{Projection, percentile_words},
    },
    app::{
        report::report_table_ui,
        theme::{self, Weight, size},
    },
    report::Table,
};

/// Draws a projection.
pub fn projection_ui(ui: &mut Ui, projection: &Projection) {
    ui.add(Label::new(theme::text(projection.title(), size::SECTION, Weight::SemiBold)).wrap());
    for refusal in &projection.refusals {
        let text = RichText::new(format!("Not told: {}", refusal.text)).color(theme::colors(ui).warn);
        ui.add(Label::new(text).wrap());
    }
    if projection.speaking_line().is_some() {
        ui.add(Label::new(projection.sentence()).wrap());
        ui.push_id("percentiles", |ui| report_table_ui(ui, &percentiles(projection)));
        if let Some(words) = projection.queue_words() {
            ui.add(Label::new(theme::muted(ui, words)).wrap());
        }
        if !projection.sensitivity.is_empty() {
            ui.add(Label::new(theme::small(ui, "How far each figure alone moves the result")).wrap());
            ui.push_id("sensitivity", |ui| report_table_ui(ui, &sensitivity(projection)));
        }
    }
    egui::CollapsingHeader::new(theme::small(ui, "What it takes for granted")).show(ui, |ui| {
        for words in &projection.assumptions {
            ui.add(Label::new(words).wrap());
        }
        for case in &projection.cases {
            ui.add(Label::new(format!("{}: {}", capitalized(&case.name), case.meaning)).wrap());
        }
    });
}

/// What it says of each percentile; cases are told in words.
const N_COLUMNS: usize = 4;

fn percentiles(projection: &Projection) -> Table {
    let heads = projection.percentile_heads();
    let titles: Vec<&str> = heads.iter().take(N_COLUMNS).map(String::as_str).collect();
    let mut table = Table::new("", &titles, 1);
    for row in projection.percentile_rows() {
        table.row(row.into_iter().take(N_COLUMNS));
    }
    table
}

fn sensitivity(projection: &Projection) -> Table {
    let names = projection.percentiles.iter().map(|percentile| percentile_words(percentile.quantile));
    let heads: Vec<String> = std::iter::once("Figure".to_owned()).chain(names).collect();
    let titles: Vec<&str> = heads.iter().map(String::as_str).collect();
    let mut table = Table::new("", &titles, 1);
    projection.sensitivity_rows().into_iter().for_each(|row| table.row(row));
    table
}
