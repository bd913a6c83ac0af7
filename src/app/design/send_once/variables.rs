//! Variables before and after a step.

use egui::{Grid, Label, RichText, ScrollArea, Ui};

use crate::{
    app::theme::{self, space},
    metrics::StepExchange,
};

/// Longer values are cut in the table; the whole one shows when pointed at.
const MAX_SHOWN: usize = 32;

pub(super) fn variables_ui(ui: &mut Ui, exchange: &StepExchange) {
    if exchange.after.is_empty() && exchange.before.is_empty() {
        ui.label(theme::muted(ui, "The scenario has no variables, and this journey extracts none."));
        return;
    }
    ScrollArea::horizontal().show(ui, |ui| table_ui(ui, exchange));
}

fn table_ui(ui: &mut Ui, exchange: &StepExchange) {
    Grid::new("variables").num_columns(3).spacing([space::L, space::XS]).show(ui, |ui| {
        for head in ["Variable", "Before", "After"] {
            ui.label(theme::small(ui, head));
        }
        ui.end_row();
        for (name, after) in &exchange.after {
            let before = exchange.before.get(name).cloned().flatten();
            let has_changed = before != *after;
            ui.label(RichText::new(name).font(theme::mono()));
            value_ui(ui, before.as_deref(), false);
            value_ui(ui, after.as_deref(), has_changed);
            ui.end_row();
        }
    });
}

fn value_ui(ui: &mut Ui, value: Option<&str>, has_changed: bool) {
    let colors = theme::colors(ui);
    let Some(value) = value else {
        ui.label(theme::muted(ui, "no value"));
        return;
    };
    let shown = &value[..value.floor_char_boundary(MAX_SHOWN)];
    let dots = if shown.len() < value.len() { "…" } else { "" };
    let color = if has_changed { colors.ok } else { colors.text };
    let text = RichText::new(format!("{shown}{dots}")).font(theme::mono()).color(color);
    ui.add(Label::new(text).selectable(true)).on_hover_text(value);
}
