//! Scenario files: opening, saving, and what to do when another program changed the open one.

use std::{path::PathBuf, sync::Arc};

use egui::Context;

use super::{
    command::{Command, Question, View},
    shell::{Dialog, FileChange},
    state::{FileNews, Outcome, Slot, State},
};
use crate::{
    metrics::RunId,
    model::{Problem, parse_scenario, write_scenario},
    store,
};

impl State {
    pub fn open_scenario(&mut self, path: PathBuf) {
        self.jobs.spawn(Slot::Open, move || {
            let text = store::read_scenario_file(&path).map_err(|error| error.to_string());
            Outcome::Opened(path, text)
        });
    }

    /// Opens a scenario that was read, or says all that is wrong with it.
    pub fn take_scenario_text(&mut self, name: &str, text: Result<String, String>, path: Option<PathBuf>) {
        let parsed = text.and_then(|text| match parse_scenario(&text) {
            Ok((scenario, _)) => Ok((scenario, text)),
            Err(problems) => {
                Err(format!("{name} is no scenario that can be opened:\n{}", list_of(&problems)))
            }
        });
        match parsed {
            Ok((scenario, text)) => {
                self.messages.note(format!("Opened {}", scenario.name));
                self.bench.open(scenario, Some(text), path);
                self.design.reset();
                self.once.reset();
                self.probe_tests.reset();
                self.view = View::Design;
            }
            Err(trouble) => self.messages.fail(trouble),
        }
    }

    /// Opens a run's scenario as changed by the next experiment of one of its findings; it has no file yet.
    pub fn design_experiment(&mut self, run_id: RunId, finding: usize) {
        let run = self.shelf.loaded(run_id).map(Arc::clone);
        let found = run.as_ref().and_then(|run| run.precise()?.diagnosis.findings.get(finding));
        let Some((run, found)) = run.as_ref().zip(found) else { return };
        let scenario = found.next_experiment.apply(&run.record.start.scenario);
        let name = format!("The experiment on run {run_id}");
        self.unless_dirty(Command::DesignExperiment(run_id, finding), |state| {
            state.take_scenario_text(&name, Ok(write_scenario(&scenario, None)), None);
        });
    }

    pub fn save_scenario(&mut self) {
        match self.bench.path().cloned() {
            Some(path) => self.save_scenario_as(path),
            None => self.browse_for_save(),
        }
    }

    /// Saves unless the file holds what the analyst does not know of; then it asks first.
    pub fn save_scenario_as(&mut self, path: PathBuf) {
        let known = self.bench.known_text().filter(|_| self.bench.path() == Some(&path)).cloned();
        self.save(path, move |path| match store::read_scenario_file(path) {
            Ok(text) => known.as_deref() != Some(text.as_str()),
            Err(_) => path.exists(),
        });
    }

    /// Saves whatever the file holds.
    pub fn overwrite_scenario(&mut self, path: PathBuf) {
        self.save(path, |_| false);
    }

    fn save(&mut self, path: PathBuf, holds_more: impl FnOnce(&std::path::Path) -> bool + Send + 'static) {
        let (Some(scenario), Some(text)) = (self.bench.scenario().map(Arc::clone), self.bench.text()) else {
            return;
        };
        self.jobs.spawn(Slot::Save, move || {
            if holds_more(&path) {
                return Outcome::SaveNeedsAnswer(path);
            }
            let result = store::write_file(&path, &text).map_err(|error| error.to_string());
            Outcome::Saved { path, scenario, text, result }
        });
    }

    /// The file holds something that would be lost.
    pub fn ask_to_overwrite(&mut self, path: PathBuf) {
        let name = file_name(&path);
        let is_open_one = self.bench.path() == Some(&path);
        let text = if is_open_one {
            format!("{name} was changed by another program. What it holds now is lost when you save over it.")
        } else {
            format!("There is a file {name} already. What it holds is lost when you save over it.")
        };
        self.dialog = Some(Dialog::Question(Question {
            title: format!("Save over {name}?"),
            text,
            yes: "Save over it",
            command: Command::OverwriteScenario(path),
        }));
    }

    /// Takes in what became of the open scenario's file.
    pub fn receive_file_news(&mut self, news: FileNews) {
        // Our own saving changes the file too; once it is done, the watch compares with what was saved.
        if self.jobs.is_under_way(&Slot::Save) {
            self.file_watch.look_again();
            return;
        }
        let known = self.bench.known_text();
        let is_known = matches!((&news.text, known), (Ok(Some(text)), Some(known)) if **known == **text);
        if self.bench.path() != Some(&news.path) || is_known {
            return;
        }
        let name = file_name(&news.path);
        match news.text {
            Ok(Some(text)) => match parse_scenario(&text) {
                Ok((scenario, _)) => {
                    let change = FileChange { path: news.path, name, scenario, text, difference: None };
                    self.file_change = Some(Box::new(change));
                }
                Err(problems) => {
                    self.bench.file_differs(Some(&text));
                    self.messages.fail(format!(
                        "{name} was changed by another program and cannot be read now. Nothing changes here, and \
                         saving replaces it:\n{}",
                        list_of(&problems)
                    ));
                }
            },
            Ok(None) => {
                self.bench.file_differs(None);
                self.messages.fail(format!(
                    "{name} was deleted or moved. The scenario is still open here: save to write the file again."
                ));
            }
            Err(error) => self.messages.fail(format!("{name} was changed by another program: {error}")),
        }
    }

    /// Asks about a changed file as soon as no other dialog is open.
    pub fn show_file_change(&mut self) {
        if self.dialog.is_none()
            && let Some(change) = self.file_change.take()
            // Another scenario may have been opened meanwhile.
            && self.bench.path() == Some(&change.path)
        {
            self.dialog = Some(Dialog::FileChanged(change));
        }
    }

    /// Takes the file's new text over; undo brings the scenario before it back.
    pub fn reload_file(&mut self, ctx: &Context) {
        let Some(Dialog::FileChanged(change)) = self.dialog.take() else { return };
        let step = self.design.next_gesture();
        self.bench.reload(change.scenario, &change.text, step);
        self.messages.ok(format!("Reloaded {}; undo brings back what was open before", change.name));
        ctx.request_repaint();
    }

    /// Leaves the scenario as it is; saving then replaces what the other program wrote.
    pub fn keep_mine(&mut self) {
        let Some(Dialog::FileChanged(change)) = self.dialog.take() else { return };
        self.bench.file_differs(Some(&change.text));
        self.messages
            .info(format!("Kept what is open here; {} holds something else until you save", change.name));
    }

    /// Works out what the file's new text changes, line by line.
    pub fn show_difference(&mut self) {
        let mine = self.bench.text().unwrap_or_default();
        if let Some(Dialog::FileChanged(change)) = &mut self.dialog {
            change.compare(&mine);
        }
    }
}

fn list_of(problems: &[Problem]) -> String {
    let list: Vec<String> = problems.iter().map(|problem| format!("• {problem}")).collect();
    list.join("\n")
}

fn file_name(path: &std::path::Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
