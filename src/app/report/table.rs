//! A report's table: columns as wide as they need, numbers at the right, long words wrapped.

use std::sync::Arc;

use egui::{Galley, Role, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::{
    app::theme::{self, Weight, size},
    report::{Align, Table},
};

const PADDING: egui::Vec2 = vec2(10.0, 6.0);
/// No column is narrowed below this.
const MIN_COLUMN: f32 = 56.0;

/// Draws a table over at most the available width.
pub fn table_ui(ui: &mut Ui, table: &Table) {
    let colors = theme::colors(ui);
    let widths = column_widths(ui, table);
    let total: f32 = widths.iter().sum();
    ui.spacing_mut().item_spacing.y = 0.0;
    row_ui(ui, table, &titles(table), &widths, RowKind::Head);
    for row in &table.rows {
        row_ui(ui, table, row, &widths, RowKind::Body);
        let cursor = ui.cursor().min;
        ui.painter().hline(cursor.x..=cursor.x + total, cursor.y, Stroke::new(1.0, colors.border));
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum RowKind {
    Head,
    Body,
}

fn titles(table: &Table) -> Vec<String> {
    table.columns.iter().map(|column| column.title.clone()).collect()
}

fn galley(ui: &Ui, cell: &str, kind: RowKind, wrap_width: f32) -> Arc<Galley> {
    let colors = theme::colors(ui);
    let (weight, color) = match kind {
        RowKind::Head => (Weight::SemiBold, colors.muted),
        RowKind::Body => (Weight::Regular, verdict_color(ui, cell)),
    };
    let font = theme::font(if kind == RowKind::Head { size::SMALL } else { size::BODY }, weight);
    ui.painter().layout(cell.to_owned(), font, color, wrap_width)
}

/// Verdicts keep their colours in tables.
pub fn verdict_color(ui: &Ui, text: &str) -> egui::Color32 {
    let colors = theme::colors(ui);
    match text {
        "PASS" | "pass" => colors.ok,
        "FAIL" | "fail" => colors.fail,
        "INCONCLUSIVE" | "not enough data" => colors.warn,
        _ => colors.text,
    }
}

/// Natural widths; where they do not fit, the widest columns give way.
fn column_widths(ui: &Ui, table: &Table) -> Vec<f32> {
    let n_columns = table.columns.len();
    let titles = titles(table);
    let mut widths = vec![0.0_f32; n_columns];
    let rows =
        std::iter::once((&titles, RowKind::Head)).chain(table.rows.iter().map(|row| (row, RowKind::Body)));
    for (row, kind) in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = width.max(galley(ui, cell, kind, f32::INFINITY).size().x + 2.0 * PADDING.x);
        }
    }
    let available = ui.available_width();
    let mut excess = widths.iter().sum::<f32>() - available;
    while excess > 1.0 {
        let Some(widest) =
            widths.iter_mut().max_by(|a, b| a.total_cmp(b)).filter(|width| **width > MIN_COLUMN)
        else {
            break;
        };
        let cut = (*widest * 0.1).min(excess).min(*widest - MIN_COLUMN).max(0.5);
        *widest -= cut;
        excess -= cut;
    }
    // A table that nearly fills the page fills it.
    if excess < 0.0 && n_columns > 0 {
        let extra = (-excess).min(available * 0.35) / n_columns as f32;
        widths.iter_mut().for_each(|width| *width += extra);
    }
    widths
}

fn row_ui(ui: &mut Ui, table: &Table, row: &[String], widths: &[f32], kind: RowKind) {
    let colors = theme::colors(ui);
    let galleys: Vec<_> =
        row.iter().zip(widths).map(|(cell, width)| galley(ui, cell, kind, width - 2.0 * PADDING.x)).collect();
    let height = galleys.iter().map(|galley| galley.size().y).fold(0.0, f32::max) + 2.0 * PADDING.y;
    let (rect, response) = ui.allocate_exact_size(vec2(widths.iter().sum(), height), Sense::hover());
    let words = row.join(", ");
    response.widget_info(|| WidgetInfo::labeled(Role::Row, true, &words));
    if !ui.is_rect_visible(rect) {
        return;
    }
    if kind == RowKind::Head {
        ui.painter().rect_filled(rect, 4.0, colors.raised);
    }
    let mut left = rect.left();
    for (index, (galley, width)) in galleys.into_iter().zip(widths).enumerate() {
        let room = width - 2.0 * PADDING.x - galley.size().x;
        let shift = match table.columns.get(index).map(|column| column.align) {
            Some(Align::Right) => room,
            _ => 0.0,
        };
        let at = pos2(left + PADDING.x + shift.max(0.0), rect.top() + PADDING.y);
        ui.painter().galley(at, galley, colors.text);
        left += width;
    }
}
