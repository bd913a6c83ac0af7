//! What is done to kept runs: star, tags, labels and notes, deleting and bringing back, files of single
//! runs, and the rule by which old runs may go.
//!
//! Changes show at once; the library's thread keeps them, and the list is read anew when it has.

use std::path::PathBuf;

use super::{
    command::{Command, Question, View},
    history::RetentionForm,
    shell::Dialog,
    state::{Outcome, State},
};
use crate::{
    humanize,
    metrics::{RunId, RunLabels},
    store::{Imported, Library, Prunable, Purged, RetentionRule, StoreError},
};

/// How the name of a file with one run ends.
pub const RUN_FILE_ENDING: &str = "stagewright";

impl State {
    pub fn star_runs(&mut self, runs: &[RunId], is_starred: bool) {
        for &run_id in runs {
            self.shelf.foresee(run_id, |listing| listing.is_starred = is_starred);
        }
        let runs = runs.to_vec();
        self.change_library(move |library| {
            runs.iter().try_for_each(|run_id| library.star(*run_id, is_starred))
        });
    }

    pub fn replace_tags(&mut self, run_id: RunId, tags: Vec<String>) {
        let before = self.shelf.listing(run_id).map(|listing| listing.tags.clone()).unwrap_or_default();
        self.shelf.foresee(run_id, |listing| listing.tags.clone_from(&tags));
        self.change_run(run_id, move |library| {
            for tag in before.iter().filter(|tag| !tags.contains(tag)) {
                library.remove_tag(run_id, tag)?;
            }
            tags.iter().filter(|tag| !before.contains(tag)).try_for_each(|tag| library.add_tag(run_id, tag))
        });
    }

    pub fn replace_labels(&mut self, run_id: RunId, labels: RunLabels) {
        let before = self.shelf.listing(run_id).map(|listing| listing.labels.clone()).unwrap_or_default();
        self.shelf.foresee(run_id, |listing| listing.labels.clone_from(&labels));
        self.change_run(run_id, move |library| {
            for name in before.keys().filter(|name| !labels.contains_key(*name)) {
                library.remove_label(run_id, name)?;
            }
            let mut changed = labels.iter().filter(|(name, value)| before.get(*name) != Some(*value));
            changed.try_for_each(|(name, value)| library.put_label(run_id, name, value))
        });
    }

    pub fn replace_note(&mut self, run_id: RunId, note: String) {
        self.shelf.foresee(run_id, |listing| listing.note.clone_from(&note));
        self.change_run(run_id, move |library| library.replace_note(run_id, &note));
    }

    /// The run that was the baseline of the same scenario and base URL is none any more.
    pub fn mark_baseline(&mut self, run_id: RunId, is_baseline: bool) {
        if let Some(marked) = self.shelf.listing(run_id) {
            let place = (marked.scenario_name.clone(), marked.base_url.clone());
            let others = self.shelf.listings().iter().filter(|listing| {
                listing.is_baseline && listing.scenario_name == place.0 && listing.base_url == place.1
            });
            for other in others.map(|listing| listing.run_id).collect::<Vec<_>>() {
                self.shelf.foresee(other, |listing| listing.is_baseline = false);
            }
            self.shelf.foresee(run_id, |listing| listing.is_baseline = is_baseline);
        }
        self.change_run(run_id, move |library| library.mark_baseline(run_id, is_baseline));
    }

    fn change_run(
        &mut self,
        run_id: RunId,
        change: impl FnOnce(&Library) -> Result<(), StoreError> + Send + 'static,
    ) {
        self.shelf.forget(run_id);
        self.change_library(change);
    }

    fn change_library(&mut self, change: impl FnOnce(&Library) -> Result<(), StoreError> + Send + 'static) {
        self.jobs.change(move |library| change(library).map(|()| None));
    }

    /// Deletes runs one by one: what cannot be deleted keeps none of the others.
    pub fn delete_runs(&mut self, runs: Vec<RunId>) {
        runs.iter().for_each(|run_id| self.shelf.forget(*run_id));
        let slot = self.jobs.change_slot();
        self.jobs.on_library(slot, move |library| {
            let (mut gone, mut trouble) = (Vec::new(), None);
            for run_id in runs {
                match library.delete(run_id) {
                    Ok(()) => gone.push(run_id),
                    Err(error) => trouble = Some(format!("Run {run_id} was not deleted: {error}")),
                }
            }
            Outcome::Deleted { runs: gone, trouble }
        });
    }

    /// Says what was deleted, and offers to bring it back.
    pub fn receive_deletion(&mut self, runs: Vec<RunId>, trouble: Option<String>) {
        trouble.into_iter().for_each(|trouble| self.messages.fail(trouble));
        let words = match runs.as_slice() {
            [] => return,
            [run_id] => format!("Run {run_id} was deleted"),
            runs => format!("{} were deleted", humanize::counted(runs.len() as u64, "run")),
        };
        self.history.deleted.push(runs.clone());
        self.messages.offer(words, ("Undo", Command::RestoreRuns(runs)));
        self.shelf.refresh(&mut self.jobs);
    }

    pub fn restore_runs(&mut self, runs: Vec<RunId>) {
        self.history.deleted.retain(|deleted| *deleted != runs);
        runs.iter().for_each(|run_id| self.shelf.forget(*run_id));
        self.change_library(move |library| runs.iter().try_for_each(|run_id| library.restore(*run_id)));
    }

    /// Asks before deleted runs are removed for good.
    pub fn ask_to_purge(&mut self) {
        let Some(disk_use) = self.shelf.disk_use().filter(|disk_use| disk_use.n_deleted > 0) else { return };
        let runs = humanize::counted(disk_use.n_deleted, "deleted run");
        self.dialog = Some(Dialog::Question(Question {
            title: format!("Remove {runs} for good?"),
            text: format!(
                "About {} become free. Nothing brings these runs back then, also not those that were deleted on earlier \
                 visits or in a terminal.",
                humanize::bytes(disk_use.n_deleted_bytes)
            ),
            yes: "Remove for good",
            command: Command::PurgeRuns,
        }));
    }

    pub fn purge_runs(&mut self) {
        let slot = self.jobs.change_slot();
        self.jobs
            .on_library(slot, |library| Outcome::Purged(library.purge().map_err(|error| error.to_string())));
    }

    pub fn receive_purge(&mut self, purged: Result<Purged, String>) {
        match purged {
            Ok(Purged { n_runs, n_freed_bytes }) => {
                self.history.deleted.clear();
                self.messages.withdraw(|command| matches!(command, Command::RestoreRuns(_)));
                let runs = humanize::counted(n_runs, "deleted run");
                let freed = humanize::bytes(n_freed_bytes);
                self.messages.ok(format!("{runs} removed for good; the library takes {freed} less"));
            }
            Err(error) => self.messages.fail(format!("Deleted runs were not removed: {error}")),
        }
        self.shelf.refresh(&mut self.jobs);
    }

    /// Shows the trend of a scenario, or of the open one where none is named.
    pub fn show_trend(&mut self, scenario_name: Option<String>) {
        self.view = View::History;
        let open = self.bench.scenario().map(|scenario| scenario.name.clone());
        self.history.show_trend(scenario_name.or(open));
    }

    pub fn export_run(&mut self, run_id: RunId, path: PathBuf) {
        self.jobs.change(move |library| {
            library.export(run_id, &path)?;
            Ok(Some(format!("Exported run {run_id} to {}", path.display())))
        });
    }

    pub fn import_run(&mut self, path: PathBuf) {
        self.jobs
            .change(move |library| library.import(&path).map(|imported| Some(imported_words(&imported))));
    }

    pub fn show_retention(&mut self) {
        self.dialog = Some(Dialog::Retention(Box::new(RetentionForm::new(self.retention))));
    }

    pub fn keep_retention(&mut self, rule: RetentionRule) {
        if rule == self.retention {
            return;
        }
        self.retention = rule;
        self.change_library(move |library| library.keep_retention(&rule));
    }

    /// Deletes what a rule lets go; what was marked meanwhile stays.
    pub fn prune_runs(&mut self, runs: Vec<Prunable>) {
        runs.iter().for_each(|run| self.shelf.forget(run.run_id));
        let slot = self.jobs.change_slot();
        self.jobs.on_library(slot, move |library| match library.prune(&runs) {
            Ok(runs) => Outcome::Deleted { runs, trouble: None },
            Err(error) => Outcome::Deleted { runs: Vec::new(), trouble: Some(error.to_string()) },
        });
    }
}

fn imported_words(imported: &Imported) -> String {
    match imported {
        Imported::As { run_id, original_id, scenario_name } if run_id == original_id => {
            format!("Imported run {run_id}, {scenario_name}")
        }
        Imported::As { run_id, original_id, scenario_name } => format!(
            "Imported run {run_id}, {scenario_name}. It was run {original_id} where it was exported, a number that \
             another run has or had here."
        ),
        Imported::AlreadyThere { run_id, is_deleted: false } => {
            format!("This very run is here already, as run {run_id}; nothing was changed")
        }
        Imported::AlreadyThere { run_id, is_deleted: true } => format!(
            "This very run is here already, as run {run_id}, which was deleted; nothing was changed. Restore it \
             instead."
        ),
    }
}
