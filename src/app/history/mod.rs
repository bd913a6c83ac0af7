//! The History screen: all runs of the library, to find, judge, mark, compare and delete; and how a scenario moves.

mod filter;
mod filter_bar;
mod in_place;
mod list;
mod noise;
mod order;
mod picker;
mod retention;
mod row;
mod selection;
mod table;

pub use noise::{NOISE_WIDTH, NoiseView, noise_ui};
#[cfg(test)]
pub use order::tests::listing as sample_listing;
pub use picker::{run_combo_ui, run_picker_ui, run_words};
pub use retention::{RetentionForm, retention_ui};

use egui::{Align, Layout, Ui};
use egui_material_icons::icons;

use self::{
    filter::{FilterChoice, today},
    filter_bar::filter_bar_ui,
    in_place::{Editing, run_name},
    list::RunList,
    order::{NEWEST_FIRST, RunColumn},
    selection::{Selection, selection_ui},
};
use super::{
    command::{Command, Commands, Purpose, View},
    state::Shelf,
    theme::{self, Weight, size, space},
    trend::{TrendView, trend_ui},
    widgets::{self, table::Sorting},
};
use crate::{humanize, metrics::RunId, store::RunListing};

/// What the History screen remembers between frames.
pub struct HistoryView {
    tab: Tab,
    filter: FilterChoice,
    sorting: Sorting<RunColumn>,
    list: RunList,
    selection: Selection,
    edit: Editing,
    /// What is being looked for in a filter's menu.
    search: String,
    trend: TrendView,
    /// Runs deleted in this visit, which can still come back; those deleted together come back together.
    pub deleted: Vec<Vec<RunId>>,
}

/// What the screen shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tab {
    #[default]
    Runs,
    Trend,
}

impl Default for HistoryView {
    fn default() -> Self {
        Self {
            tab: Tab::default(),
            filter: FilterChoice::default(),
            sorting: NEWEST_FIRST,
            list: RunList::default(),
            selection: Selection::default(),
            edit: Editing::default(),
            search: String::new(),
            trend: TrendView::default(),
            deleted: Vec::new(),
        }
    }
}

impl HistoryView {
    /// Shows how a scenario's numbers moved from run to run.
    pub fn show_trend(&mut self, scenario_name: Option<String>) {
        self.tab = Tab::Trend;
        scenario_name.into_iter().for_each(|name| self.trend.show(name));
    }
}

/// The name that a run was given, or its number.
pub fn run_title(listing: &RunListing) -> String {
    run_name(listing).map_or_else(|| format!("Run {}", listing.run_id), str::to_owned)
}

/// Draws the History screen.
pub fn history_ui(ui: &mut Ui, view: &mut HistoryView, shelf: &Shelf, commands: &mut Commands) {
    if !shelf.is_listed() {
        waiting_ui(ui, shelf);
        return;
    }
    if shelf.listings().is_empty() {
        empty_ui(ui, view, commands);
        return;
    }
    view.list.renew(shelf, view.filter.filter(today()), view.sorting);
    view.selection.keep_listed(shelf);
    egui::Frame::new().inner_margin(space::L).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = space::M;
        head_ui(ui, view, shelf, commands);
        if view.tab == Tab::Trend {
            let preferred = view.filter.scenario.as_deref();
            trend_ui(ui, &mut view.trend, shelf, preferred, commands);
            return;
        }
        filter_bar_ui(ui, &mut view.filter, view.list.offers(), &mut view.search);
        // A filter that was changed just now shows its rows in this very frame.
        view.list.renew(shelf, view.filter.filter(today()), view.sorting);
        if view.list.rows().is_empty() {
            nothing_found_ui(ui, &mut view.filter);
        } else {
            widgets::card(ui, |ui| table::table_ui(ui, view, shelf, commands));
        }
    });
}

fn waiting_ui(ui: &mut Ui, shelf: &Shelf) {
    ui.vertical_centered(|ui| {
        ui.add_space(ui.available_height() * 0.3);
        if shelf.is_usable() {
            ui.spinner();
            ui.label(theme::muted(ui, "Reading the list of runs…"));
        } else {
            ui.label(theme::muted(ui, "The run library cannot be opened; the message says why"));
        }
    });
}

fn empty_ui(ui: &mut Ui, view: &HistoryView, commands: &mut Commands) {
    let words = "Every run is kept here by itself, second by second, so that you can look at it again, name and tag \
                 it, compare it and report on it. After some runs of a scenario, Trend shows how it moves.";
    widgets::empty_state(ui, icons::ICON_HISTORY, "No runs yet", words, |ui| {
        if widgets::primary_button(ui, icons::ICON_DRAW, "Go to Design").clicked() {
            commands.push(Command::Show(View::Design));
        }
        import_ui(ui, commands);
        restore_ui(ui, view, commands);
    });
}

fn nothing_found_ui(ui: &mut Ui, filter: &mut FilterChoice) {
    let words = "All filters hold together: a run is listed when it meets every one of them.";
    widgets::empty_state(ui, icons::ICON_FILTER_LIST, "No run meets the filters", words, |ui| {
        if widgets::button(ui, icons::ICON_CLOSE, "Clear the filters").clicked() {
            *filter = FilterChoice::default();
        }
    });
}

/// Title and view at the left; what there is, or what can be done with what is selected, at the right.
fn head_ui(ui: &mut Ui, view: &mut HistoryView, shelf: &Shelf, commands: &mut Commands) {
    ui.horizontal(|ui| {
        ui.label(theme::text("History", size::HEADING, Weight::SemiBold));
        ui.add_space(space::S);
        widgets::segments(ui, &mut view.tab, &[(Tab::Runs, "Runs"), (Tab::Trend, "Trend")]);
        if view.tab == Tab::Trend {
            return;
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if view.selection.is_empty() {
                tools_ui(ui, commands);
                restore_ui(ui, view, commands);
                ui.add_space(space::XS);
                count_ui(ui, view, shelf);
            } else {
                selection_ui(ui, &mut view.selection, shelf, commands);
            }
        });
    });
}

fn count_ui(ui: &mut Ui, view: &HistoryView, shelf: &Shelf) {
    let (n_all, n_chosen) = (shelf.listings().len() as u64, view.list.rows().len() as u64);
    let (all_bytes, bytes) = (view.list.offers().n_bytes, view.list.n_bytes());
    let words = if n_chosen == n_all {
        format!("{}, {}", humanize::counted(n_all, "run"), humanize::bytes(all_bytes))
    } else {
        let runs = humanize::counted(n_all, "run");
        format!(
            "{} of {runs}, {} of {}",
            humanize::count(n_chosen),
            humanize::bytes(bytes),
            humanize::bytes(all_bytes)
        )
    };
    ui.label(theme::muted(ui, words)).on_hover_text("Runs listed, and what they take on disk");
}

/// What concerns the library as a whole.
fn tools_ui(ui: &mut Ui, commands: &mut Commands) {
    let tip = "Which runs are kept: limits, and what would go by them";
    if widgets::bare_icon_button(ui, icons::ICON_AUTO_DELETE, "Which runs are kept")
        .on_hover_text(tip)
        .clicked()
    {
        commands.push(Command::ShowRetention);
    }
    import_ui(ui, commands);
}

fn import_ui(ui: &mut Ui, commands: &mut Commands) {
    let tip = "Takes in a run that was exported as one file, here or on another machine";
    if widgets::button(ui, icons::ICON_UPLOAD_FILE, "Import run…").on_hover_text(tip).clicked() {
        commands.push(Command::BrowseFor(Purpose::ImportRun));
    }
}

/// What was deleted last comes back first.
fn restore_ui(ui: &mut Ui, view: &HistoryView, commands: &mut Commands) {
    let Some(runs) = view.deleted.last() else { return };
    let words = match runs.as_slice() {
        [run_id] => format!("Restore run {run_id}"),
        runs => format!("Restore {}", humanize::counted(runs.len() as u64, "run")),
    };
    if widgets::link_button(ui, &words).clicked() {
        commands.push(Command::RestoreRuns(runs.clone()));
    }
}
