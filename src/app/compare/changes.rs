//! The table of changes: baseline, candidate, and what lies between them.

use egui::{Align, Color32, Label, Layout, RichText, Ui};
use egui_extras::{Column, TableBuilder, TableRow};

use crate::analysis::{Change, Comparison, metric_text, metric_words};
use crate::app::{
    theme::{self, Colors, Weight, size},
    widgets::{
        self,
        table::{self, HEAD_HEIGHT},
    },
};
use crate::humanize::{self, MISSING};
use crate::model::Scope;

const ROW_HEIGHT: f32 = 28.0;
/// Smaller changes keep quiet: two runs of the same thing differ as much.
const QUIET_RATIO: f64 = 0.01;
const HEADS: [(&str, bool); 6] = [
    ("Metric", false),
    ("Baseline", true),
    ("Candidate", true),
    ("Change", true),
    ("Relative", true),
    ("95 % interval", true),
];

/// A line of the table.
enum Line<'a> {
    Scope(&'a Scope),
    Change(&'a Change),
}

/// Draws all changes, grouped by what they are about.
pub fn changes_ui(ui: &mut Ui, comparison: &Comparison) {
    widgets::section_with(ui, "What changed", |ui| {
        let words = "Colour marks the direction only: without an interval, a small change may be noise";
        ui.add(Label::new(theme::small(ui, words)).truncate());
    });
    let mut lines = Vec::new();
    let mut scope = None;
    for change in &comparison.changes {
        if scope != Some(&change.scope) {
            scope = Some(&change.scope);
            lines.push(Line::Scope(&change.scope));
        }
        lines.push(Line::Change(change));
    }
    ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
    let builder = TableBuilder::new(ui)
        .id_salt("changes")
        .striped(false)
        .vscroll(false)
        .cell_layout(Layout::left_to_right(Align::Center))
        .column(Column::remainder().at_least(140.0).clip(true))
        .columns(Column::exact(112.0), HEADS.len() - 2)
        .column(Column::exact(150.0));
    let table = builder.header(HEAD_HEIGHT, |mut row| {
        for (label, is_number) in HEADS {
            row.col(|ui| table::head(ui, label, is_number));
        }
    });
    table.body(|body| {
        body.rows(ROW_HEIGHT, lines.len(), |mut row| match &lines[row.index()] {
            Line::Scope(scope) => scope_ui(&mut row, scope),
            Line::Change(change) => change_ui(&mut row, change),
        });
    });
}

fn scope_ui(row: &mut TableRow<'_, '_>, scope: &Scope) {
    row.set_overline(true);
    for index in 0..HEADS.len() {
        row.col(|ui| {
            if index == 0 {
                let words = theme::text(heading(scope), size::SMALL, Weight::SemiBold);
                ui.add(Label::new(words.color(theme::colors(ui).muted)).truncate());
            }
        });
    }
}

/// A scope's words as a heading.
fn heading(scope: &Scope) -> String {
    match scope {
        Scope::Run => "Whole run".to_owned(),
        Scope::Service(name) => format!("Service {name}"),
        Scope::Journey(name) => format!("Journey {name}"),
        Scope::Step(name) => format!("Step {name}"),
    }
}

fn change_ui(row: &mut TableRow<'_, '_>, change: &Change) {
    let value = |value: Option<f64>| {
        value.map_or_else(|| MISSING.to_owned(), |value| metric_text(change.metric, value))
    };
    row.col(|ui| {
        ui.add_space(theme::space::M);
        ui.add(Label::new(metric_words(change.metric)).truncate());
    });
    row.col(|ui| {
        table::number(ui, value(change.baseline));
    });
    row.col(|ui| {
        table::number(ui, value(change.candidate));
    });
    let relative = change.relative().map(humanize::change);
    for text in [change.absolute_text(), relative] {
        row.col(|ui| {
            let color = direction_color(change, theme::colors(ui));
            let text = text.unwrap_or_else(|| MISSING.to_owned());
            right_ui(ui, RichText::new(text).color(color));
        });
    }
    row.col(|ui| {
        let words = match change.interval {
            None => "not estimated yet".to_owned(),
            Some((low, high)) => {
                format!("{} to {}", metric_text(change.metric, low), metric_text(change.metric, high))
            }
        };
        let text = theme::small(ui, words);
        right_ui(ui, text.color(theme::colors(ui).faint));
    });
}

fn right_ui(ui: &mut Ui, text: RichText) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.add(Label::new(text).extend()));
}

/// Whether a change is for the better or the worse, as far as its direction says.
fn direction_color(change: &Change, colors: &Colors) -> Color32 {
    let is_quiet = change.relative().is_some_and(|relative| relative.abs() < QUIET_RATIO);
    match change.absolute() {
        Some(absolute) if absolute != 0.0 && !is_quiet => {
            if (absolute > 0.0) == change.metric.higher_is_better() { colors.ok } else { colors.fail }
        }
        _ => colors.muted,
    }
}
