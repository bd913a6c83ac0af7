//! The two sides of a kept interleaved run beside each other.

use egui::{Color32, Label, RichText, Ui};
use egui_extras::{Column, TableBuilder};

use crate::analysis::{Interleaved, SideBySide, SideChange, SideVerdict, metric_words};
use crate::app::{
    theme::{self, Weight, size},
    widgets::{
        self,
        table::{self, HEAD_HEIGHT, ROW_HEIGHT},
    },
};
use crate::humanize;

/// Columns of numbers, with what they show.
const NUMBERS: [(&str, &str); 4] = [
    ("Baseline", "Over all blocks of the baseline"),
    ("Candidate", "Over all blocks of the candidate"),
    ("Change", "Geometric mean of the ratios within pairs; of error shares the mean difference"),
    ("95 % interval", "Where the change lies with 95 % confidence"),
];
const VERDICT_HINT: &str = "Worse or better: significant, after Holm's correction over the percentiles, and beyond 5 % \
                            (error shares: 0.1 pp). Same: the interval lies within that.";

/// Draws the card; steps show where they are asked for, so that charts stay near.
pub fn sides_ui(ui: &mut Ui, sides: &Interleaved, shows_steps: &mut bool) {
    widgets::card(ui, |ui| {
        widgets::section_with(ui, "Baseline and candidate by turns", |ui| {
            let n_steps = humanize::counted(sides.steps.len() as u64, "step");
            let label = if *shows_steps { "Hide the steps".to_owned() } else { format!("Show {n_steps}") };
            if widgets::link_button(ui, &label).clicked() {
                *shows_steps = !*shows_steps;
            }
        });
        ui.add(Label::new(theme::text(&sides.sentence, size::BODY, Weight::Medium)).wrap());
        let where_to = format!("Baseline {}  ·  candidate {}", sides.baseline, sides.candidate);
        ui.add(Label::new(theme::small(ui, where_to)).wrap());
        ui.add(Label::new(theme::small(ui, sides.division_words())).wrap());
        table_ui(ui, sides, *shows_steps);
    });
}

fn table_ui(ui: &mut Ui, sides: &Interleaved, shows_steps: bool) {
    let steps = if shows_steps { sides.steps.as_slice() } else { &[] };
    let scopes = std::iter::once(&sides.whole).chain(steps);
    let rows: Vec<(&SideBySide, usize)> =
        scopes.flat_map(|scope| (0..scope.changes.len()).map(move |index| (scope, index))).collect();
    ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
    let builder = TableBuilder::new(ui)
        .id_salt("sides")
        .striped(false)
        .vscroll(false)
        .cell_layout(egui::Layout::left_to_right(egui::Align::Center))
        .column(Column::initial(180.0).at_least(110.0).clip(true))
        .column(Column::initial(150.0).at_least(110.0).clip(true))
        .columns(Column::exact(90.0), 3)
        .column(Column::exact(150.0))
        .column(Column::remainder().at_least(120.0).clip(true));
    let drawn = builder.header(HEAD_HEIGHT, |mut row| {
        for title in ["Step", "Metric"] {
            row.col(|ui| table::head(ui, title, false));
        }
        for (title, hint) in NUMBERS {
            row.col(|ui| table::hinted_head(ui, title, hint, true));
        }
        row.col(|ui| {
            ui.add_space(theme::space::M);
            table::hinted_head(ui, "Candidate is", VERDICT_HINT, false);
        });
    });
    drawn.body(|body| {
        body.rows(ROW_HEIGHT, rows.len(), |mut row| {
            let (scope, index) = rows[row.index()];
            row.set_overline(index == 0);
            let change = &scope.changes[index];
            let name = if index == 0 { scope.name.as_str() } else { "" };
            row.col(|ui| {
                ui.add(Label::new(name).truncate());
            });
            row.col(|ui| {
                ui.add(Label::new(metric_words(change.metric)).truncate());
            });
            for number in numbers(change) {
                row.col(|ui| {
                    table::number(ui, number);
                });
            }
            row.col(|ui| {
                ui.add_space(theme::space::M);
                verdict_ui(ui, change);
            });
        });
    });
}

fn numbers(change: &SideChange) -> [String; NUMBERS.len()] {
    let or_missing = |text: Option<String>| text.unwrap_or_else(|| humanize::MISSING.to_owned());
    let reading =
        |reading: Option<crate::analysis::Reading>| or_missing(reading.map(|reading| reading.text()));
    [
        reading(change.baseline),
        reading(change.candidate),
        or_missing(change.change_text()),
        or_missing(change.interval_text()),
    ]
}

fn verdict_ui(ui: &mut Ui, change: &SideChange) {
    let words = change.verdict_words();
    let text = RichText::new(&words).color(color_of(ui, change.verdict));
    ui.add(Label::new(text).truncate()).on_hover_text(words);
}

fn color_of(ui: &Ui, verdict: SideVerdict) -> Color32 {
    let colors = theme::colors(ui);
    match verdict {
        SideVerdict::Worse => colors.fail,
        SideVerdict::Better => colors.ok,
        SideVerdict::Same => colors.text,
        SideVerdict::CannotTell(_) => colors.muted,
    }
}
