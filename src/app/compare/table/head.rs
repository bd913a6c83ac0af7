//! The head of the table: titles that sort, and the scale of the picture.

use egui::{Align, Layout, Rect, Sense, Stroke, Ui, UiBuilder, vec2};

use super::{
    TALL_HEAD,
    columns::{Column, Columns},
    forest,
    lines::SortBy,
};
use crate::app::compare::{Compared, looks};
use crate::app::theme;
use crate::app::widgets::table::{HEAD_HEIGHT, Sorting, head, hinted_head, sort_head};

/// Draws all titles; a click on one sorts by it, or takes the order of the scenario again.
pub fn head_ui(ui: &mut Ui, columns: &Columns, compared: &Compared, order: &mut Option<Sorting<SortBy>>) {
    let (row, _) = ui.allocate_exact_size(vec2(columns.width, TALL_HEAD), Sense::hover());
    let colors = theme::colors(ui);
    ui.painter().hline(row.x_range(), row.bottom(), Stroke::new(1.0, colors.border));
    let mut cell = titled(ui, columns.label_cell(row));
    if sort_head(&mut cell, "Metric", None, false).on_hover_text("In the order of the scenario").clicked() {
        *order = None;
    }
    for (column, rect) in columns.cells(row) {
        let mut cell = titled(ui, rect);
        match column {
            Column::Baseline => {
                let words = "The baseline's value with its 95 % interval";
                if columns.is_single {
                    hinted_head(&mut cell, &format!("{} (baseline)", compared.names[0]), words, true);
                } else {
                    hinted_head(&mut cell, &compared.names[0], words, true);
                    line_below(ui, rect, 0);
                }
            }
            Column::Candidate => {
                let hint = "The candidate's value with its 95 % interval";
                hinted_head(&mut cell, &compared.names[1], hint, true);
            }
            Column::Interval => {
                let hint = "In which the change lies, with 95 % confidence; not widened for several metrics";
                hinted_head(&mut cell, "95 % interval", hint, true);
            }
            Column::Picture => {
                if rect.width() > 220.0 {
                    head(&mut cell, "Change against the baseline", false);
                }
                forest::head_ui(ui, compared.scale, rect);
                let hint = forest::hint(compared.scale);
                ui.interact(rect, ui.scope_id().with("picture's head"), Sense::hover()).on_hover_text(hint);
            }
            Column::Change(candidate) => change_ui(&mut cell, columns, compared, (candidate, rect), order),
            Column::Verdict => {
                sorting_ui(&mut cell, "Verdict", SortBy::Verdict(0), false, order);
            }
        }
    }
}

/// The upper part of a cell, without its edges.
fn titled(ui: &mut Ui, cell: Rect) -> Ui {
    let rect = Rect::from_min_size(cell.min, vec2(cell.width(), HEAD_HEIGHT)).shrink2(vec2(6.0, 0.0));
    ui.new_child(UiBuilder::new().max_rect(rect).layout(Layout::left_to_right(Align::Center)))
}

fn change_ui(
    ui: &mut Ui,
    columns: &Columns,
    compared: &Compared,
    (candidate, rect): (usize, Rect),
    order: &mut Option<Sorting<SortBy>>,
) {
    let by = SortBy::Change(candidate);
    if columns.is_single {
        sorting_ui(ui, "Change", by, true, order);
        return;
    }
    sorting_ui(ui, &compared.names[candidate + 1], by, true, order);
    line_below(ui, rect, candidate + 1);
}

/// A piece of a side's line below its name.
fn line_below(ui: &Ui, rect: Rect, side: usize) {
    let y = rect.bottom() - 9.0;
    let ends = [egui::pos2(rect.right() - 46.0, y), egui::pos2(rect.right() - 8.0, y)];
    let stroke = Stroke::new(2.5, looks::color(theme::colors(ui), side));
    ui.painter().with_clip_rect(rect).extend(looks::dash(side).sample(ends, stroke));
}

fn sorting_ui(ui: &mut Ui, label: &str, by: SortBy, is_number: bool, order: &mut Option<Sorting<SortBy>>) {
    let present = order.filter(|order| order.column == by);
    let response = sort_head(ui, label, present.map(|order| order.descending), is_number);
    let hint = "Sorts the worst first, then the best first, then by the scenario again";
    if response.on_hover_text(hint).clicked() {
        *order = match present {
            None => Some(Sorting { column: by, descending: true }),
            Some(Sorting { descending: true, .. }) => Some(Sorting { column: by, descending: false }),
            Some(_) => None,
        };
    }
}
