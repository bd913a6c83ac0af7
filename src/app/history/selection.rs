//! The selected runs, and what can be done with all of them at once.

use std::collections::BTreeSet;

use egui::Ui;
use egui_material_icons::icons;

use crate::analysis::comparison::MAX_SIDES;
use crate::app::{
    command::{Command, Commands, Question},
    state::Shelf,
    theme, widgets,
};
use crate::humanize;
use crate::metrics::RunId;
use crate::store::RunListing;

/// Selected runs.
#[derive(Debug, Default)]
pub struct Selection {
    chosen: BTreeSet<RunId>,
    /// From where Shift extends.
    anchor: Option<RunId>,
}

impl Selection {
    pub fn contains(&self, run_id: RunId) -> bool {
        self.chosen.contains(&run_id)
    }

    pub fn is_empty(&self) -> bool {
        self.chosen.is_empty()
    }

    pub fn len(&self) -> usize {
        self.chosen.len()
    }

    pub fn clear(&mut self) {
        self.chosen.clear();
        self.anchor = None;
    }

    /// Selects a run or takes it out.
    pub fn toggle(&mut self, run_id: RunId) {
        if !self.chosen.remove(&run_id) {
            self.chosen.insert(run_id);
        }
        self.anchor = Some(run_id);
    }

    /// Selects all rows from the one chosen last to this one.
    pub fn extend_to(&mut self, run_id: RunId, rows: &[RunId]) {
        let place = |wanted: RunId| rows.iter().position(|row| *row == wanted);
        let anchor = self.anchor.and_then(place);
        let (Some(from), Some(to)) = (anchor, place(run_id)) else { return self.toggle(run_id) };
        self.chosen.extend(&rows[from.min(to)..=from.max(to)]);
    }

    /// Selects these rows, or none where all of them are selected.
    pub fn toggle_all(&mut self, rows: &[RunId]) {
        if rows.iter().all(|row| self.chosen.contains(row)) {
            self.clear();
        } else {
            self.chosen.extend(rows);
        }
    }

    /// Forgets what is gone from the list.
    pub fn keep_listed(&mut self, shelf: &Shelf) {
        self.chosen.retain(|run_id| shelf.listing(*run_id).is_some());
    }

    fn listings<'a>(&'a self, shelf: &'a Shelf) -> impl Iterator<Item = &'a RunListing> {
        self.chosen.iter().filter_map(|run_id| shelf.listing(*run_id))
    }

    /// The selected runs as they are compared, the baseline first.
    pub fn compared(&self, shelf: &Shelf) -> Vec<RunId> {
        compared(self.listings(shelf).collect())
    }
}

/// The marked baseline first, or the earliest run where none or several are marked; the rest in order of time.
fn compared(mut runs: Vec<&RunListing>) -> Vec<RunId> {
    runs.sort_by_key(|run| (run.started_at_unix_millis, run.run_id));
    let mut marked = runs.iter().enumerate().filter(|(_, run)| run.is_baseline).map(|(place, _)| place);
    if let (Some(place), None) = (marked.next(), marked.next()) {
        runs[..=place].rotate_right(1);
    }
    runs.into_iter().map(|run| run.run_id).collect()
}

/// In less room, what can be done with the selected runs has icons alone.
const ROOM_FOR_WORDS: f32 = 640.0;

/// What can be done with the selected runs.
pub fn selection_ui(ui: &mut Ui, selection: &mut Selection, shelf: &Shelf, commands: &mut Commands) {
    let n_selected = selection.len();
    let has_room = ui.available_width() >= ROOM_FOR_WORDS;
    let button = |ui: &mut Ui, icon, words| match has_room {
        true => widgets::button(ui, icon, words),
        false => widgets::bare_icon_button(ui, icon, words),
    };
    if widgets::icon_button(ui, icons::ICON_CLOSE, "Select no run").clicked() {
        selection.clear();
        return;
    }
    if widgets::icon_button(ui, icons::ICON_DELETE, "Delete selected runs").clicked() {
        let runs: Vec<&RunListing> = selection.listings(shelf).collect();
        commands.push(Command::Ask(Box::new(delete_question(&runs))));
    }
    let is_starred = selection.listings(shelf).all(|run| run.is_starred);
    let words = if is_starred { "Take the star from selected runs" } else { "Star selected runs" };
    if widgets::icon_button(ui, icons::ICON_STAR, words).clicked() {
        let runs = selection.listings(shelf).map(|run| run.run_id).collect();
        commands.push(Command::StarRuns(runs, !is_starred));
    }
    let hint = format!(
        "Select 2 to {MAX_SIDES} runs to compare them. The marked baseline among them is measured against, \
         else the earliest",
    );
    let can_compare = (2..=MAX_SIDES).contains(&n_selected);
    let compare = ui
        .add_enabled_ui(can_compare, |ui| button(ui, icons::ICON_COMPARE_ARROWS, "Compare selected runs"))
        .inner
        .on_hover_text(&hint)
        .on_disabled_hover_text(&hint);
    if compare.clicked() && can_compare {
        commands.push(Command::Compare(selection.compared(shelf)));
    }
    let tip = "Select two or more runs of one scenario, best five or more of one set-up: how much they differ, and \
               which change they could show";
    let mut names = selection.listings(shelf).map(|run| run.scenario_name.as_str());
    let first = names.next();
    let can_tell = n_selected >= 2 && names.all(|name| Some(name) == first);
    let noise = ui
        .add_enabled_ui(can_tell, |ui| button(ui, icons::ICON_GRAPHIC_EQ, "How much they differ…"))
        .inner
        .on_hover_text(tip)
        .on_disabled_hover_text(tip);
    if noise.clicked() && can_tell {
        commands.push(Command::ShowNoise(selection.compared(shelf)));
    }
    let n_bytes = selection.listings(shelf).map(|run| run.n_bytes).sum();
    let words = format!("{} selected, {}", humanize::count(n_selected as u64), humanize::bytes(n_bytes));
    ui.label(theme::muted(ui, words));
}

/// Asks before runs leave the list.
pub fn delete_question(runs: &[&RunListing]) -> Question {
    let n_baselines = runs.iter().filter(|run| run.is_baseline).count();
    let n_starred = runs.iter().filter(|run| run.is_starred).count();
    let mut text = match runs {
        [_] => "It leaves the list with its measurements.".to_owned(),
        _ => "They leave the list with their measurements.".to_owned(),
    };
    let mut marked = Vec::new();
    if n_baselines > 0 {
        marked.push(humanize::counted(n_baselines as u64, "baseline"));
    }
    if n_starred > 0 {
        marked.push(format!("{} with a star", humanize::counted(n_starred as u64, "run")));
    }
    if !marked.is_empty() {
        text.push_str(&format!(" Among what goes: {}.", marked.join(" and ")));
    }
    text.push_str(" You can bring all of it back until you close the window.");
    let (title, yes) = match runs {
        [run] => (format!("Delete run {}?", run.run_id), "Delete run"),
        _ => (format!("Delete {}?", humanize::counted(runs.len() as u64, "run")), "Delete runs"),
    };
    let runs = runs.iter().map(|run| run.run_id).collect();
    Question { title, text, yes, command: Command::DeleteRuns(runs) }
}

#[cfg(test)]
mod tests {
    use super::super::order::tests::listing;
    use super::*;

    fn ids(runs: &[i64]) -> Vec<RunId> {
        runs.iter().copied().map(RunId).collect()
    }

    #[test]
    fn the_marked_baseline_leads_and_else_the_earliest() {
        let mut all = [3, 1, 2].map(|run_id| listing(run_id, "Search", None));
        assert_eq!(compared(all.iter().collect()), ids(&[1, 2, 3]));
        all[0].is_baseline = true;
        assert_eq!(compared(all.iter().collect()), ids(&[3, 1, 2]));
        all[2].is_baseline = true;
        assert_eq!(compared(all.iter().collect()), ids(&[1, 2, 3]), "two baselines say nothing");
    }

    #[test]
    fn shift_selects_all_rows_up_to_the_one_clicked() {
        let rows = ids(&[9, 8, 7, 6, 5]);
        let mut selection = Selection::default();
        selection.toggle(RunId(8));
        selection.extend_to(RunId(5), &rows);
        assert_eq!(selection.chosen.iter().copied().collect::<Vec<_>>(), ids(&[5, 6, 7, 8]));
        selection.toggle_all(&rows);
        assert_eq!(selection.len(), 5);
        selection.toggle_all(&rows);
        assert!(selection.is_empty());
    }

    #[test]
    fn a_deletion_says_what_is_marked_among_the_runs() {
        let mut all = [listing(1, "Search", None), listing(2, "Search", None)];
        let words = |all: &[RunListing]| delete_question(&all.iter().collect::<Vec<_>>()).text;
        assert!(!words(&all).contains("Among what goes"));
        all[0].is_baseline = true;
        all[1].is_starred = true;
        assert!(words(&all).contains("Among what goes: 1 baseline and 1 run with a star."));
    }
}
