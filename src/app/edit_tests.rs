//! Edits outlive the window: the journal of undo steps, and files that other programs change.

use std::{path::PathBuf, time::Duration, time::Instant};

use egui::Context;
use tempfile::TempDir;

use super::{command::Command, state::State};
use crate::model::{Scenario, Stage};

/// A window without its frames, on a library that outlives it.
struct Visit {
    state: State,
    ctx: Context,
}

impl Visit {
    fn begin(library: PathBuf) -> Self {
        let ctx = Context::default();
        Self { state: State::new(&ctx, library), ctx }
    }

    fn obey(&mut self, command: Command) {
        self.state.obey(&self.ctx, command);
    }

    fn edit(&mut self, step: u64, edit: impl FnOnce(&mut Scenario)) {
        let mut scenario = self.scenario().clone();
        edit(&mut scenario);
        self.obey(Command::Edit { scenario: Box::new(scenario), step });
    }

    fn scenario(&self) -> &Scenario {
        self.state.bench.scenario().unwrap()
    }

    /// What a frame does for edits, until all are kept; returns how long that took.
    fn keep(&mut self) -> Duration {
        let since = Instant::now();
        while !self.state.edit_keeper.is_kept(&self.state.bench) {
            assert!(since.elapsed() < Duration::from_secs(30), "the edits are not kept");
            self.look();
        }
        since.elapsed()
    }

    fn look(&mut self) {
        while let Some(outcome) = self.state.jobs.next() {
            self.state.receive(outcome);
        }
        self.state.edit_keeper.keep(&self.state.bench, &mut self.state.jobs, false);
        std::thread::sleep(Duration::from_millis(2));
    }

    /// Ends as by `kill -9`: nothing more is written.
    fn kill(self) {
        std::mem::forget(self);
    }
}

fn library(folder: &TempDir) -> PathBuf {
    folder.path().join("library.sqlite")
}

#[test]
fn a_killed_window_comes_back_with_its_edits_and_all_undo_and_redo_steps() {
    let folder = tempfile::tempdir().unwrap();
    let mut visit = Visit::begin(library(&folder));
    visit.obey(Command::OpenPreset("quickstart".to_owned()));
    let names = |n: u64| format!("Edit {n}");
    for step in 1..=5 {
        visit.edit(step, |scenario| scenario.name = names(step));
    }
    visit.keep();
    visit.obey(Command::Undo);
    visit.obey(Command::Undo);
    visit.keep();
    let before = visit.scenario().clone();
    visit.kill();

    let mut visit = Visit::begin(library(&folder));
    assert_eq!(*visit.scenario(), before);
    assert!(visit.state.bench.is_dirty());
    for expected in [4, 5] {
        visit.obey(Command::Redo);
        assert_eq!(visit.scenario().name, names(expected));
    }
    assert!(!visit.state.bench.can_redo());
    for expected in [4, 3, 2, 1] {
        visit.obey(Command::Undo);
        assert_eq!(visit.scenario().name, names(expected));
    }
    visit.obey(Command::Undo);
    assert_eq!(visit.scenario().name, "Quickstart");
    assert!(!visit.state.bench.is_dirty() && !visit.state.bench.can_undo());
    // An edit drops what was undone, in the journal too.
    visit.edit(1, |scenario| scenario.name = "Another".to_owned());
    visit.keep();
    visit.kill();
    let mut visit = Visit::begin(library(&folder));
    assert_eq!((visit.scenario().name.as_str(), visit.state.bench.can_redo()), ("Another", false));
    visit.obey(Command::Undo);
    assert_eq!((visit.scenario().name.as_str(), visit.state.bench.can_undo()), ("Quickstart", false));
}

#[test]
fn changes_that_go_on_do_not_hold_keeping_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut visit = Visit::begin(library(&folder));
    visit.obey(Command::OpenPreset("quickstart".to_owned()));
    visit.keep();
    let since = Instant::now();
    let mut n_edits = 0;
    // One gesture that never rests, as a drag.
    while since.elapsed() < Duration::from_millis(1_200) {
        n_edits += 1;
        visit.edit(1, |scenario| scenario.load.stages[0].duration = Duration::from_millis(10_000 + n_edits));
        visit.look();
    }
    visit.kill();
    let visit = Visit::begin(library(&folder));
    let kept = visit.scenario().load.stages[0].duration.as_millis();
    assert!(kept > 10_000, "a part of the drag is kept");
    assert!(visit.state.bench.can_undo());
}

#[test]
fn a_scenario_of_five_thousand_stages_is_kept_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let mut visit = Visit::begin(library(&folder));
    visit.obey(Command::OpenPreset("quickstart".to_owned()));
    visit.edit(1, |scenario| {
        let stage = scenario.load.stages[0].clone();
        let named = |n: u32| Stage { name: format!("Stage {n}"), end_level: f64::from(n), ..stage.clone() };
        scenario.load.stages = (0..5_000).map(named).collect();
    });
    visit.keep();
    for step in 2..5 {
        visit.edit(step, |scenario| scenario.load.stages[2_500].end_level += 1.0);
        let took = visit.keep();
        // Half a second in a release build; unoptimised writing of 400 KB takes longer on a busy machine.
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
    visit.kill();
    let mut visit = Visit::begin(library(&folder));
    assert_eq!(visit.scenario().load.stages[2_500].end_level, 2_503.0);
    visit.obey(Command::Undo);
    assert_eq!(visit.scenario().load.stages[2_500].end_level, 2_502.0);
}

#[test]
fn another_scenario_begins_another_history() {
    let folder = tempfile::tempdir().unwrap();
    let mut visit = Visit::begin(library(&folder));
    visit.obey(Command::OpenPreset("quickstart".to_owned()));
    visit.edit(1, |scenario| scenario.name = "Edited".to_owned());
    visit.keep();
    visit.state.bench.forget_changes();
    visit.obey(Command::OpenPreset("smoke".to_owned()));
    visit.keep();
    visit.kill();
    let visit = Visit::begin(library(&folder));
    assert_eq!(visit.scenario().name, "Smoke");
    assert!(!visit.state.bench.can_undo() && !visit.state.bench.is_dirty());
}

#[test]
fn edits_that_cannot_be_kept_stay_in_the_window_and_are_said_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut visit = Visit::begin(library(&folder));
    visit.obey(Command::OpenPreset("quickstart".to_owned()));
    visit.keep();
    let blocker = rusqlite::Connection::open(library(&folder)).unwrap();
    blocker.execute_batch("ALTER TABLE edits RENAME TO hidden").unwrap();
    visit.edit(1, |scenario| scenario.name = "Not kept".to_owned());
    let since = Instant::now();
    while visit.state.messages.shown().is_empty() {
        assert!(since.elapsed() < Duration::from_secs(30), "nothing is said");
        visit.look();
    }
    let said = visit.state.messages.shown()[0].text.clone();
    assert!(said.contains("in this window only"), "{said}");
    assert_eq!(visit.scenario().name, "Not kept");
    assert!(visit.state.bench.can_undo());
    blocker.execute_batch("ALTER TABLE hidden RENAME TO edits").unwrap();
    visit.keep();
    assert_eq!(visit.state.messages.last(), Some("All edits are kept again"));
}

#[test]
fn the_open_scenario_of_a_version_without_a_journal_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let old = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/library-v2.sqlite");
    std::fs::copy(old, library(&folder)).unwrap();
    let mut visit = Visit::begin(library(&folder));
    assert_eq!(visit.scenario().name, "Edited in version 2");
    assert!(visit.state.bench.is_dirty());
    assert_eq!(visit.state.bench.path(), Some(&PathBuf::from("/home/analyst/checkout.toml")));
    visit.keep();
    visit.kill();
    assert_eq!(Visit::begin(library(&folder)).scenario().name, "Edited in version 2");
}

/// The scenario of a preset, saved to a file.
fn visit_with_file(folder: &TempDir) -> (Visit, PathBuf) {
    let mut visit = Visit::begin(library(folder));
    let path = folder.path().join("checkout.toml");
    visit.obey(Command::OpenPreset("quickstart".to_owned()));
    visit.obey(Command::SaveScenarioAs(path.clone()));
    visit.wait_for("the saved file", |state| state.bench.path().is_some());
    (visit, path)
}

impl Visit {
    fn wait_for(&mut self, what: &str, is_met: impl Fn(&State) -> bool) {
        let since = Instant::now();
        while !is_met(&self.state) {
            assert!(since.elapsed() < Duration::from_secs(30), "{what} did not come");
            self.look();
        }
    }
}

#[test]
fn saving_over_a_file_that_another_program_changed_asks_first() {
    let folder = tempfile::tempdir().unwrap();
    let (mut visit, path) = visit_with_file(&folder);
    visit.edit(1, |scenario| scenario.name = "Mine".to_owned());
    std::fs::write(&path, "# theirs").unwrap();
    visit.obey(Command::SaveScenario);
    visit.wait_for("the question", |state| state.dialog.is_some());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "# theirs");
    assert!(visit.state.bench.is_dirty());
    visit.obey(Command::CloseDialog);
    visit.obey(Command::OverwriteScenario(path.clone()));
    visit.wait_for("the saved file", |state| !state.bench.is_dirty());
    assert!(std::fs::read_to_string(&path).unwrap().contains("\"Mine\""));
    // Nobody else wrote it since: the next save asks nothing.
    visit.edit(2, |scenario| scenario.name = "Mine again".to_owned());
    visit.obey(Command::SaveScenario);
    visit.wait_for("the saved file", |state| !state.bench.is_dirty());
    // A file that was never open is not replaced without a question either.
    let other = folder.path().join("other.toml");
    std::fs::write(&other, "# something").unwrap();
    visit.obey(Command::SaveScenarioAs(other.clone()));
    visit.wait_for("the question", |state| state.dialog.is_some());
    assert_eq!(std::fs::read_to_string(&other).unwrap(), "# something");
}
