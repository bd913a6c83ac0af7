//! The History screen: all runs of the library, to find, judge, mark, compare and delete.

mod order;
mod picker;
mod row;
mod thumbnail;

pub use picker::run_picker_ui;

use std::collections::BTreeSet;

use egui::{Align, Layout, Ui};
use egui_extras::{Column, TableBuilder};
use egui_material_icons::icons;

use self::order::{NEWEST_FIRST, RunColumn, choose};
use super::{
    command::{Command, Commands, View},
    state::Shelf,
    theme::{self, Weight, size, space},
    widgets::{
        self,
        table::{self, HEAD_HEIGHT, Sorting},
    },
};
use crate::{humanize, metrics::RunId};

const ROW_HEIGHT: f32 = 48.0;
const N_NUMBERS: usize = 4;
/// Room for tags and note.
const TAGS_WIDTH: f32 = 100.0;
const TAGS_AND_NOTE: &str = "Tags and note";
/// The table scrolls sideways below this width.
const MIN_TABLE_WIDTH: f32 = 1_048.0;

/// What the History screen remembers between frames.
pub struct HistoryView {
    search: String,
    sorting: Sorting<RunColumn>,
    selected: BTreeSet<RunId>,
    /// The tag being written, in the popup of a run.
    tag: String,
    /// The note being written, with its run.
    note: Option<(RunId, String)>,
    /// Runs deleted in this visit, which can still come back.
    pub deleted: Vec<RunId>,
}

impl Default for HistoryView {
    fn default() -> Self {
        Self {
            search: String::new(),
            sorting: NEWEST_FIRST,
            selected: BTreeSet::new(),
            tag: String::new(),
            note: None,
            deleted: Vec::new(),
        }
    }
}

const HEADS: [(&str, Option<RunColumn>, bool); 11] = [
    ("", None, false),
    ("Run", Some(RunColumn::When), false),
    ("Scenario", Some(RunColumn::Scenario), false),
    ("Profile", None, false),
    ("Verdict", Some(RunColumn::Verdict), false),
    ("p95", Some(RunColumn::P95), true),
    ("Throughput", Some(RunColumn::Throughput), true),
    ("Error share", Some(RunColumn::ErrorShare), true),
    ("Requests", Some(RunColumn::Requests), true),
    (TAGS_AND_NOTE, None, false),
    ("", None, false),
];

/// Draws the History screen.
pub fn history_ui(ui: &mut Ui, view: &mut HistoryView, shelf: &Shelf, commands: &mut Commands) {
    if !shelf.is_listed() {
        ui.vertical_centered(|ui| {
            ui.add_space(ui.available_height() * 0.3);
            if shelf.is_usable() {
                ui.spinner();
                ui.label(theme::muted(ui, "Reading the list of runs…"));
            } else {
                ui.label(theme::muted(ui, "The run library cannot be opened; the message says why"));
            }
        });
        return;
    }
    if shelf.listings().is_empty() {
        let words = "Every run is kept here by itself, second by second, \
                     so that you can look at it again, tag it, compare it and report on it.";
        widgets::empty_state(ui, icons::ICON_HISTORY, "No runs yet", words, |ui| {
            if widgets::primary_button(ui, icons::ICON_DRAW, "Go to Design").clicked() {
                commands.push(Command::Show(View::Design));
            }
        });
        return;
    }
    view.selected.retain(|run_id| shelf.listing(*run_id).is_some());
    egui::Frame::new().inner_margin(space::L).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::M;
        let chosen = choose(shelf.listings(), &view.search, view.sorting);
        let n_chosen = chosen.len();
        bar_ui(ui, view, shelf, n_chosen, commands);
        if n_chosen == 0 {
            ui.add_space(space::XL);
            ui.vertical_centered(|ui| {
                ui.label(theme::muted(ui, format!("No run matches «{}»", view.search.trim())));
                if widgets::link_button(ui, "Clear the search").clicked() {
                    view.search.clear();
                }
            });
        } else {
            widgets::card(ui, |ui| table_ui(ui, view, shelf, &chosen, commands));
        }
    });
}

/// Search at the left; what to do with the selected runs at the right.
fn bar_ui(ui: &mut Ui, view: &mut HistoryView, shelf: &Shelf, n_chosen: usize, commands: &mut Commands) {
    ui.horizontal(|ui| {
        ui.label(theme::text("History", size::HEADING, Weight::SemiBold));
        ui.add_space(space::S);
        let icon = egui::RichText::new(icons::ICON_SEARCH.codepoint).font(theme::icon_font(16.0));
        ui.label(icon.color(theme::colors(ui).muted));
        // On a narrow window the field gives way to the count and the button beside it.
        let width = (ui.available_width() - 290.0).clamp(100.0, 240.0);
        widgets::hinted_field(ui, "Search runs", &mut view.search, width);
        let n_all = shelf.listings().len();
        let words = if n_chosen == n_all {
            humanize::counted(n_all as u64, "run")
        } else {
            format!("{} of {}", humanize::count(n_chosen as u64), humanize::counted(n_all as u64, "run"))
        };
        ui.label(theme::muted(ui, words));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if let Some(run_id) = view.deleted.last()
                && widgets::link_button(ui, &format!("Restore run {run_id}")).clicked()
            {
                commands.push(Command::RestoreRun(*run_id));
            }
            let mut selected = view.selected.iter().copied();
            let pair = (selected.next(), selected.next(), selected.next());
            let hint = "Select two runs to compare them; the earlier one is the baseline";
            let can_compare = matches!(pair, (Some(_), Some(_), None));
            let button = ui
                .add_enabled_ui(can_compare, |ui| {
                    widgets::button(ui, icons::ICON_COMPARE_ARROWS, "Compare selected runs")
                })
                .inner
                .on_hover_text(hint)
                .on_disabled_hover_text(hint);
            if let ((Some(baseline), Some(candidate), None), true) = (pair, button.clicked()) {
                commands.push(Command::Compare { baseline, candidate });
            }
        });
    });
}

fn table_ui(
    ui: &mut Ui,
    view: &mut HistoryView,
    shelf: &Shelf,
    chosen: &[&crate::store::RunListing],
    commands: &mut Commands,
) {
    let height = ui.available_height();
    egui::ScrollArea::horizontal().id_salt("history table").auto_shrink(false).show(ui, |ui| {
        ui.set_min_width(MIN_TABLE_WIDTH.max(ui.available_width()));
        ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
        let builder = TableBuilder::new(ui)
            .id_salt("history")
            .striped(false)
            .auto_shrink(false)
            .max_scroll_height(height)
            .cell_layout(Layout::left_to_right(Align::Center))
            .column(Column::exact(30.0))
            .column(Column::exact(140.0))
            .column(Column::remainder().at_least(98.0).clip(true))
            .column(Column::exact(96.0))
            .column(Column::exact(112.0))
            .columns(Column::exact(80.0), N_NUMBERS)
            .column(Column::exact(TAGS_WIDTH).clip(true))
            .column(Column::exact(150.0));
        let table = builder.header(HEAD_HEIGHT, |mut row| {
            for (label, column, is_number) in HEADS {
                row.col(|ui| head_ui(ui, &mut view.sorting, label, column, is_number));
            }
        });
        table.body(|body| {
            body.rows(ROW_HEIGHT, chosen.len(), |mut row| {
                let listing = chosen[row.index()];
                row.set_overline(true);
                row.set_selected(view.selected.contains(&listing.run_id));
                row::row_ui(&mut row, view, shelf, listing, commands);
            });
        });
    });
}

fn head_ui(
    ui: &mut Ui,
    sorting: &mut Sorting<RunColumn>,
    label: &str,
    column: Option<RunColumn>,
    is_number: bool,
) {
    let Some(column) = column else {
        if label == TAGS_AND_NOTE {
            ui.add_space(space::L);
        }
        table::head(ui, label, is_number);
        return;
    };
    let order = (sorting.column == column).then_some(sorting.descending);
    if table::sort_head(ui, label, order, is_number).clicked() {
        sorting.choose(column, is_number || column == RunColumn::When);
    }
}
