//! What a model says: both lines beside what was measured, what moves them most, and what they take for granted.

use egui::{Label, RichText, Ui};

use crate::{
    analysis::{
        capitalized,
        what_if::{Line, Projection, percentile_words},
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

fn percentiles(projection: &Projection) -> Table {
    let titles = ["Percentile", "Measured", "Queue unchanged", "Queue rescaled"];
    let mut table = Table::new("", &titles, 1);
    for percentile in &projection.percentiles {
        table.row([
            percentile_words(percentile.quantile),
            percentile.base_text(),
            percentile.line_text(Line::Unchanged),
            percentile.line_text(Line::Rescaled),
        ]);
    }
    table
}

fn sensitivity(projection: &Projection) -> Table {
    let quantiles: Vec<f64> = projection.percentiles.iter().map(|percentile| percentile.quantile).collect();
    let names: Vec<String> = quantiles.iter().map(|quantile| percentile_words(*quantile)).collect();
    let titles: Vec<&str> = std::iter::once("Figure").chain(names.iter().map(String::as_str)).collect();
    let mut table = Table::new("", &titles, 1);
    for moved in &projection.sensitivity {
        let cells = quantiles.iter().map(|quantile| moved.moved_text(*quantile));
        table.row(std::iter::once(moved.input_text()).chain(cells));
    }
    table
}
