//! The table of runs: which columns there is room for, their heads, and rows drawn only where they are seen.

use egui::{Align, Layout, Role, Ui, WidgetInfo};
use egui_extras::{Column, TableBuilder};

use super::{
    HistoryView,
    list::RunList,
    order::RunColumn,
    row::{self, Rows},
    selection::Selection,
};
use crate::app::{
    command::Commands,
    state::Shelf,
    widgets::table::{self, ColumnPlan, HEAD_HEIGHT, Sorting},
};
use crate::metrics::RunId;

const ROW_HEIGHT: f32 = 48.0;

/// A column as it is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cell {
    Select,
    Star,
    Run,
    Scenario,
    Verdict,
    P95,
    Throughput,
    ErrorShare,
    Requests,
    Size,
    Labels,
    Words,
    Actions,
}

/// Columns that give way where there is little room; below that the table scrolls sideways.
const COLUMNS: [ColumnPlan<Cell>; 13] = [
    ColumnPlan::new(Cell::Select, "", 30.0, 0, ""),
    ColumnPlan::new(Cell::Star, "", 28.0, 0, ""),
    ColumnPlan::new(Cell::Run, "Run", 158.0, 0, "A run's name or number, and when it began"),
    ColumnPlan::new(
        Cell::Scenario,
        "Scenario",
        186.0,
        0,
        "The load profile, the scenario and its environment",
    ),
    ColumnPlan::new(Cell::Verdict, "Verdict", 120.0, 0, "Verdict, and how far the numbers can be trusted"),
    ColumnPlan::new(
        Cell::P95,
        "p95",
        84.0,
        0,
        "95th percentile of response time, successful requests, and where it lies with 95 % confidence",
    ),
    ColumnPlan::new(Cell::Throughput, "Throughput", 88.0, 0, "Requests completed per second"),
    ColumnPlan::new(Cell::ErrorShare, "Errors", 70.0, 0, "Share of requests that failed"),
    ColumnPlan::new(Cell::Requests, "Requests", 92.0, 3, "Requests of the whole run"),
    ColumnPlan::new(Cell::Size, "On disk", 84.0, 2, "What the run takes of the library's file"),
    ColumnPlan::new(Cell::Labels, "Labels", 150.0, 1, "Build, commit and other labels; click to edit"),
    ColumnPlan::new(Cell::Words, "Tags and note", 168.0, 0, "Click to edit"),
    ColumnPlan::new(Cell::Actions, "", 122.0, 0, ""),
];

/// How room that is left over is shared out.
const SHARES: [(Cell, f32); 4] =
    [(Cell::Scenario, 0.3), (Cell::Words, 0.35), (Cell::Labels, 0.25), (Cell::Run, 0.1)];

impl Cell {
    fn sorts_by(self) -> Option<RunColumn> {
        Some(match self {
            Self::Run => RunColumn::When,
            Self::Scenario => RunColumn::Scenario,
            Self::Verdict => RunColumn::Verdict,
            Self::P95 => RunColumn::P95,
            Self::Throughput => RunColumn::Throughput,
            Self::ErrorShare => RunColumn::ErrorShare,
            Self::Requests => RunColumn::Requests,
            Self::Size => RunColumn::Size,
            Self::Select | Self::Star | Self::Labels | Self::Words | Self::Actions => return None,
        })
    }

    fn is_number(self) -> bool {
        matches!(self, Self::P95 | Self::Throughput | Self::ErrorShare | Self::Requests | Self::Size)
    }
}

/// Draws the table over all the room that there is.
pub fn table_ui(ui: &mut Ui, view: &mut HistoryView, shelf: &Shelf, commands: &mut Commands) {
    let HistoryView { list, selection, edit, sorting, .. } = view;
    let list: &RunList = list;
    edit.begin_frame();
    let height = ui.available_height();
    let room = ui.available_width() - ui.spacing().scroll.allocated_width();
    let columns = laid_out(room);
    egui::ScrollArea::horizontal().id_salt("history table").auto_shrink(false).show(ui, |ui| {
        ui.set_min_width(table::total_width(&columns));
        ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
        let mut builder = TableBuilder::new(ui)
            .id_salt("history")
            .striped(false)
            .auto_shrink(false)
            .max_scroll_height(height)
            .cell_layout(Layout::left_to_right(Align::Center));
        for plan in &columns {
            builder = builder.column(Column::exact(plan.width).clip(true));
        }
        let table = builder.header(HEAD_HEIGHT, |mut row| {
            for plan in &columns {
                row.col(|ui| head_ui(ui, plan, sorting, selection, (list, shelf)));
            }
        });
        table.body(|body| {
            let cells: Vec<Cell> = columns.iter().map(|plan| plan.column).collect();
            let n_rows = list.rows().len();
            let mut rows = Rows { selection, edit, offers: list.offers(), clicked: None, commands };
            body.rows(ROW_HEIGHT, n_rows, |mut row| {
                let listing = &shelf.listings()[list.rows()[row.index()]];
                row.set_overline(true);
                row.set_selected(rows.selection.contains(listing.run_id));
                row::row_ui(&mut row, &mut rows, listing, &cells);
            });
            if let Some((run_id, extends)) = rows.clicked {
                select(selection, run_id, extends, (list, shelf));
            }
        });
    });
    edit.end_frame(shelf, commands);
}

/// The columns that fit, with the room left over shared out.
fn laid_out(room: f32) -> Vec<ColumnPlan<Cell>> {
    let mut columns = table::fitting(&COLUMNS, 0.0, room);
    let left = (room - table::total_width(&columns)).max(0.0);
    for column in &mut columns {
        let share = SHARES.iter().find(|(cell, _)| *cell == column.column);
        column.width += share.map_or(0.0, |(_, share)| (left * share).floor());
    }
    columns
}

fn head_ui(
    ui: &mut Ui,
    plan: &ColumnPlan<Cell>,
    sorting: &mut Sorting<RunColumn>,
    selection: &mut Selection,
    (list, shelf): (&RunList, &Shelf),
) {
    let is_number = plan.column.is_number();
    if plan.column == Cell::Select {
        all_ui(ui, selection, (list, shelf));
        return;
    }
    if plan.column == Cell::Words || plan.column == Cell::Labels {
        ui.add_space(row::WORDS_INSET + 4.0);
    }
    let Some(column) = plan.column.sorts_by() else {
        table::hinted_head(ui, plan.label, plan.hint, is_number);
        return;
    };
    let order = (sorting.column == column).then_some(sorting.descending);
    let response = table::sort_head(ui, plan.label, order, is_number).on_hover_text(plan.hint);
    if response.clicked() {
        sorting.choose(column, is_number || column == RunColumn::When);
    }
}

/// Selects all rows of the list, or none.
fn all_ui(ui: &mut Ui, selection: &mut Selection, (list, shelf): (&RunList, &Shelf)) {
    let mut is_all = !list.rows().is_empty() && selection.len() >= list.rows().len();
    let response = ui.checkbox(&mut is_all, "");
    response.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, is_all, "Select all listed runs"));
    if response.on_hover_text("Selects all listed runs, or none").changed() {
        selection.toggle_all(&run_ids(list, shelf));
    }
}

fn select(selection: &mut Selection, run_id: RunId, extends: bool, (list, shelf): (&RunList, &Shelf)) {
    if extends {
        selection.extend_to(run_id, &run_ids(list, shelf));
    } else {
        selection.toggle(run_id);
    }
}

fn run_ids(list: &RunList, shelf: &Shelf) -> Vec<RunId> {
    list.rows().iter().map(|place| shelf.listings()[*place].run_id).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_fill_the_room_and_those_of_least_weight_give_way() {
        let cells = |room: f32| laid_out(room).iter().map(|plan| plan.column).collect::<Vec<_>>();
        assert_eq!(cells(1_680.0).len(), COLUMNS.len());
        assert!(!cells(1_050.0).contains(&Cell::Requests) && !cells(1_050.0).contains(&Cell::Labels));
        let width = table::total_width(&laid_out(1_680.0));
        assert!((1_675.0..=1_680.0).contains(&width), "{width}");
        assert!(table::total_width(&laid_out(640.0)) > 640.0, "it scrolls sideways");
    }
}
