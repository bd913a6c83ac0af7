//! All figures of one row, spelt out: what is else said on hover, for those who do not hover.

use egui::{Frame, Grid, Label, Margin, Ui};
use egui_material_icons::icons;

use super::{Compared, looks, words};
use crate::analysis::comparison::{ComparisonRow, Measured};
use crate::analysis::metric_text;
use crate::app::{
    theme::{self, Weight, size},
    widgets,
};
use crate::humanize::{self, MISSING};

const HEADS: [&str; 9] = [
    "Side",
    "Value",
    "95 % interval",
    "n",
    "Effective n",
    "Change",
    "95 % interval of the change",
    "p (Holm)",
    "Verdict",
];

/// Draws a row's figures; returns whether they are to be closed.
pub fn detail_ui(ui: &mut Ui, compared: &Compared, row: &ComparisonRow) -> bool {
    let fill = theme::colors(ui).raised;
    let frame = Frame::new().fill(fill).corner_radius(theme::CORNERS).inner_margin(Margin::same(10));
    frame
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            let close = ui.horizontal(|ui| {
                ui.label(theme::text(words::row_words(row), size::BODY, Weight::SemiBold));
                widgets::icon_button(ui, icons::ICON_CLOSE, "Close the row's figures").clicked()
            });
            egui::ScrollArea::horizontal().id_salt("figures").show(ui, |ui| {
                Grid::new("figures of a row").spacing([18.0, 4.0]).show(ui, |ui| {
                    ui.spacing_mut().interact_size.y = 18.0;
                    for head in HEADS {
                        ui.label(theme::small(ui, head));
                    }
                    ui.end_row();
                    for side in 0..compared.names.len() {
                        side_ui(ui, compared, row, side);
                        ui.end_row();
                    }
                });
            });
            for (index, candidate) in row.candidates.iter().enumerate() {
                let Some(change) = &candidate.change else { continue };
                let relevant = compared.comparison.options.smallest_relevant;
                let why = words::verdict_words(row.metric, candidate.verdict, change, relevant);
                let text = match row.candidates.len() {
                    1 => why,
                    _ => format!("{}: {why}", compared.names[index + 1]),
                };
                ui.add(Label::new(theme::small(ui, text)).wrap());
            }
            close.inner
        })
        .inner
}

fn side_ui(ui: &mut Ui, compared: &Compared, row: &ComparisonRow, side: usize) {
    ui.horizontal(|ui| {
        looks::sample_ui(ui, side);
        ui.label(&compared.names[side]);
    });
    let candidate = side.checked_sub(1).map(|index| &row.candidates[index]);
    let measured = candidate.map_or(row.baseline, |candidate| candidate.measured);
    let missing = || MISSING.to_owned();
    let of = |text: &dyn Fn(Measured) -> Option<String>| measured.and_then(text).unwrap_or_else(missing);
    let value = |value: f64| metric_text(row.metric, value);
    ui.label(of(&|measured| Some(value(measured.value))));
    ui.label(of(&|measured| match (measured.low, measured.high) {
        (Some(low), Some(high)) => Some(format!("{} to {}", value(low), value(high))),
        (Some(low), None) => Some(format!("from {}; no upper bound: run longer", value(low))),
        (None, Some(high)) => Some(format!("to {}; no lower bound: run longer", value(high))),
        (None, None) => None,
    }));
    let unit = if compared.comparison.sides[side].run_ids.len() > 1 { "run" } else { "request" };
    ui.label(of(&|measured| Some(humanize::counted(measured.n_samples, unit))));
    ui.label(of(&|measured| measured.n_effective.map(|n| humanize::count(n.round() as u64))));
    let Some(candidate) = candidate else { return };
    let change = candidate.change;
    ui.label(change.map_or_else(missing, |change| change.text(row.metric)));
    ui.label(change.map_or_else(missing, |change| change.interval_text(row.metric)));
    let p_value = change.and_then(|change| change.adjusted_p.or(change.p_value));
    ui.label(p_value.map_or_else(missing, humanize::p_value));
    let color = looks::verdict_color(theme::colors(ui), candidate.verdict);
    ui.label(egui::RichText::new(candidate.verdict.name()).color(color));
}
