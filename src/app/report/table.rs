//! A report's table: columns as wide as they need, numbers at the right and never broken.

use std::sync::Arc;

use egui::{Galley, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::{
    app::theme::{self, Weight, size},
    report::{Align, Mood, Table},
};

/// How a table is set; a wide one closer and smaller.
#[derive(Clone, Copy)]
struct Setting {
    padding: egui::Vec2,
    body: f32,
}

const USUAL: Setting = Setting { padding: vec2(10.0, 6.0), body: size::BODY };
const CLOSE: Setting = Setting { padding: vec2(6.0, 5.0), body: size::SMALL };

/// A word longer than this is broken.
const LONGEST_WORD: f32 = 220.0;

/// Draws a table over the available width; one whose words do not fit is scrolled sideways.
pub fn table_ui(ui: &mut Ui, table: &Table) {
    let available = ui.available_width();
    let (mut setting, mut least) = (USUAL, widths(ui, table, USUAL, widest_word));
    if least.iter().sum::<f32>() > available {
        (setting, least) = (CLOSE, widths(ui, table, CLOSE, widest_word));
    }
    let natural = widths(ui, table, setting, |ui, cell, kind, setting| {
        galley(ui, cell, (kind, setting), f32::INFINITY).size().x
    });
    let widths = fitted(natural, &least, available);
    if widths.iter().sum::<f32>() > available + 1.0 {
        ScrollArea::horizontal().show(ui, |ui| rows_ui(ui, table, &widths, setting));
    } else {
        rows_ui(ui, table, &widths, setting);
    }
}

fn rows_ui(ui: &mut Ui, table: &Table, widths: &[f32], setting: Setting) {
    let colors = theme::colors(ui);
    let total: f32 = widths.iter().sum();
    ui.spacing_mut().item_spacing.y = 0.0;
    row_ui(ui, table, &titles(table), widths, (RowKind::Head, setting));
    for row in &table.rows {
        row_ui(ui, table, row, widths, (RowKind::Body, setting));
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

fn galley(ui: &Ui, cell: &str, (kind, setting): (RowKind, Setting), wrap_width: f32) -> Arc<Galley> {
    let colors = theme::colors(ui);
    let (weight, color) = match kind {
        RowKind::Head => (Weight::SemiBold, colors.muted),
        RowKind::Body => (Weight::Regular, verdict_color(ui, cell)),
    };
    let font = theme::font(if kind == RowKind::Head { size::SMALL } else { setting.body }, weight);
    ui.painter().layout(cell.to_owned(), font, color, wrap_width)
}

/// Verdicts keep their colours in tables.
pub fn verdict_color(ui: &Ui, text: &str) -> egui::Color32 {
    let colors = theme::colors(ui);
    match Mood::of(text) {
        Some(Mood::Good) => colors.ok,
        Some(Mood::Bad) => colors.fail,
        Some(Mood::Doubtful) => colors.warn,
        None => colors.text,
    }
}

/// The widest of each column's cells, by how wide a cell is.
fn widths(
    ui: &Ui,
    table: &Table,
    setting: Setting,
    width_of: impl Fn(&Ui, &str, RowKind, Setting) -> f32,
) -> Vec<f32> {
    let titles = titles(table);
    let mut widths = vec![0.0_f32; table.columns.len()];
    let rows =
        std::iter::once((&titles, RowKind::Head)).chain(table.rows.iter().map(|row| (row, RowKind::Body)));
    for (row, kind) in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = width.max(width_of(ui, cell, kind, setting) + 2.0 * setting.padding.x);
        }
    }
    widths
}

/// Numbers and names are never broken.
fn widest_word(ui: &Ui, cell: &str, kind: RowKind, setting: Setting) -> f32 {
    let of = |word: &str| galley(ui, word, (kind, setting), f32::INFINITY).size().x;
    cell.split_whitespace().map(of).fold(0.0, f32::max).min(LONGEST_WORD)
}

/// Natural widths; where they do not fit, the widest columns give way as far as their words allow.
fn fitted(mut widths: Vec<f32>, least: &[f32], available: f32) -> Vec<f32> {
    let mut excess = widths.iter().sum::<f32>() - available;
    while excess > 1.0 {
        let give = widths.iter_mut().zip(least).filter(|(width, least)| **width > **least + 0.5);
        let Some((widest, least)) = give.max_by(|(a, _), (b, _)| a.total_cmp(b)) else { break };
        let cut = (*widest * 0.1).min(excess).min(*widest - least).max(0.5);
        *widest -= cut;
        excess -= cut;
    }
    // A table that nearly fills the page fills it.
    if excess < 0.0 && !widths.is_empty() {
        let extra = (-excess).min(available * 0.35) / widths.len() as f32;
        widths.iter_mut().for_each(|width| *width += extra);
    }
    widths
}

fn row_ui(ui: &mut Ui, table: &Table, row: &[String], widths: &[f32], (kind, setting): (RowKind, Setting)) {
    let colors = theme::colors(ui);
    let padding = setting.padding;
    let galleys: Vec<_> = row
        .iter()
        .zip(widths)
        .map(|(cell, width)| galley(ui, cell, (kind, setting), width - 2.0 * padding.x))
        .collect();
    let height = galleys.iter().map(|galley| galley.size().y).fold(0.0, f32::max) + 2.0 * padding.y;
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
        let room = width - 2.0 * padding.x - galley.size().x;
        let shift = match table.columns.get(index).map(|column| column.align) {
            Some(Align::Right) => room,
            _ => 0.0,
        };
        let at = pos2(left + padding.x + shift.max(0.0), rect.top() + padding.y);
        ui.painter().galley(at, galley, colors.text);
        left += width;
    }
}
