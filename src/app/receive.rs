//! Takes in what jobs came to and watches the run under way.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use super::{
    command::{Command, Ending, FilePlace, PemFile, Purpose},
    state::{KeepNews, Live, Outcome, RunState, Slot, State},
};
use crate::{
    launch::LiveRun,
    metrics::Verdict,
    model::{Body, PartContent, Scenario},
    store::EditsKept,
};

impl State {
    /// Takes in what a job came to.
    pub fn receive(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Listings(Ok(listings)) => self.shelf.take_listings(listings),
            Outcome::Listings(Err(error)) => {
                self.messages.fail(format!("The runs cannot be listed: {error}"))
            }
            Outcome::Loaded(run_id, loaded) => {
                match &loaded {
                    Ok(run) => {
                        let run = Arc::clone(run);
                        self.jobs.spawn(Slot::Precise(run_id), move || {
                            let made = run.make_precise().map(drop);
                            Outcome::Precise(run_id, made.map_err(|error| error.to_string()))
                        });
                    }
                    Err(error) => self.messages.fail(error.clone()),
                }
                self.shelf.take_loaded(run_id, loaded);
                self.announce_verdict();
            }
            Outcome::Precise(_, Ok(())) => {}
            Outcome::Precise(run_id, Err(error)) => {
                self.messages.fail(format!("Run {run_id} has no intervals and no report: {error}"));
            }
            Outcome::Launched(launched) => self.receive_launch(launched),
            Outcome::SearchLaunched(launched) => self.receive_search(launched),
            Outcome::SentOnce(end) => self.once.take_end(end),
            Outcome::ProbeTested(probe, end) => self.probe_tests.take(&probe, end),
            Outcome::Opened(path, text) => {
                let name = path.display().to_string();
                self.take_scenario_text(&name, text, Some(path));
            }
            Outcome::Saved { path, scenario, text, result } => match result {
                Ok(()) => {
                    self.messages.ok(format!("Saved {}", path.display()));
                    self.bench.saved(scenario, text, path);
                    // What another program wrote there is gone by the analyst's own decision.
                    self.file_change = None;
                }
                Err(error) => self.messages.fail(format!("The scenario was not saved: {error}")),
            },
            Outcome::SaveNeedsAnswer(path) => self.ask_to_overwrite(path),
            Outcome::Chosen(purpose, path) => self.receive_path(purpose, path),
            Outcome::ChosenPem(file, path) => self.receive_pem(file, path),
            Outcome::DataSeen(seen) => self.design.take_data(seen),
            Outcome::ChosenFile(place, path) => self.receive_file(place, path),
            Outcome::Changed(Ok(words)) => {
                if let Some(words) = words {
                    self.messages.ok(words);
                }
                self.shelf.refresh(&mut self.jobs);
            }
            Outcome::Changed(Err(error)) => self.messages.fail(error),
            Outcome::Deleted { runs, trouble } => self.receive_deletion(runs, trouble),
            Outcome::ThresholdsRead(run_id, thresholds) => self.shelf.take_thresholds(run_id, thresholds),
            Outcome::SettingKept(Ok(())) => {}
            Outcome::SettingKept(Err(error)) => {
                self.messages.fail(format!("A setting could not be kept: {error}"));
            }
            Outcome::Presets(Ok(presets)) => self.gallery.take_own(&presets),
            Outcome::Presets(Err(error)) => self.messages.fail(error),
            Outcome::PresetRead(name, text) => self.take_scenario_text(&name, text, None),
            Outcome::PresetChanged(change) => self.receive_preset_change(change),
            Outcome::EditsKept(kept) => self.receive_kept(kept),
            Outcome::MachineKnown(Ok(known)) => self.machine.known = Some(known),
            Outcome::MachineKnown(Err(error)) => {
                self.messages.fail(format!("What this machine can do cannot be read: {error}"));
            }
            Outcome::Calibrated(measured) => match self.machine.take(measured, &mut self.jobs) {
                Ok(()) => self.messages.ok("This machine is calibrated: see Settings"),
                Err(error) => self.messages.fail(format!("This machine was not calibrated: {error}")),
            },
            Outcome::Exported(path, Ok(())) => {
                self.messages.ok(format!("Wrote {}", path.display()));
                self.tour_hears_of_file(&path);
            }
            Outcome::Exported(_, Err(error)) => {
                self.messages.fail(format!("Nothing was exported: {error}"));
            }
            Outcome::Compared(asked, compared) => self.compare.take(&asked, compared),
            Outcome::TextsKept(Ok(())) => {}
            Outcome::TextsKept(Err(error)) => {
                self.messages.fail(format!("Your words for the report are in this window only: {error}"));
            }
            Outcome::Projected(asked, projected) => self.receive_projection(&asked, projected),
            Outcome::ProjectionKept(run_id, kept) => self.receive_kept_projection(run_id, kept),
            Outcome::ReportMade(asked, made) => self.receive_report(&asked, made),
            Outcome::IntervalsFound(run_id, found) => self.receive_intervals(run_id, found),
            Outcome::Measured(revision, disk_use) => self.shelf.take_measured(revision, disk_use.ok()),
            Outcome::Purged(purged) => self.receive_purge(purged),
            Outcome::NoiseKnown(runs, noise) => self.receive_noise(&runs, noise),
            Outcome::StepsMatched(kept) => self.receive_matches(kept),
            Outcome::SandboxStarted(started) => self.receive_sandbox(started),
            Outcome::SandboxSaid(base_url, said) => self.receive_sandbox_state(&base_url, said),
            Outcome::SandboxChanged(base_url, said) => self.receive_sandbox_change(&base_url, said),
            Outcome::TourProjected(run_id, projected) => self.receive_tour_projection(run_id, projected),
        }
    }

    fn receive_kept(&mut self, kept: Result<EditsKept, String>) {
        match self.edit_keeper.receive(kept) {
            Some(KeepNews::Failed(error)) => self
                .messages
                .fail(format!("Your edits are in this window only, until they can be kept again: {error}")),
            Some(KeepNews::KeptAgain) => self.messages.ok("All edits are kept again"),
            None => {}
        }
    }

    pub(super) fn receive_launch(&mut self, launched: Result<LiveRun, String>) {
        let RunState::Starting(_) = std::mem::take(&mut self.run_state) else { return };
        self.tour_hears_of_launch(launched.as_ref().ok().map(LiveRun::run_id));
        match launched {
            Ok(run) => {
                match self.closing {
                    Some(Ending::Stop) => run.stop(),
                    Some(Ending::Abort) => run.abort(),
                    None => {}
                }
                let queued = self.queue.under_way();
                // Whoever looks at another run meanwhile goes on looking at it.
                if queued.is_none() || self.run.shown == self.queue.last_run {
                    self.run.shown = None;
                }
                let which = queued.and_then(|run| run.words());
                let which = which.map_or_else(String::new, |words| format!(", {words}"));
                self.messages.info(format!("Run {} started{which}", run.run_id()));
                self.run_state = RunState::Live(Box::new(Live::new(run)));
                self.shelf.refresh(&mut self.jobs);
            }
            Err(error) => {
                self.queue.launch_failed(&error);
                self.messages.fail(format!("The run did not start: {error}"));
            }
        }
    }

    fn receive_path(&mut self, purpose: Purpose, path: Option<PathBuf>) {
        let Some(path) = self.chosen(path) else { return };
        self.dialog = None;
        let ctx = self.jobs.ctx().clone();
        self.obey(
            &ctx,
            match purpose {
                Purpose::OpenScenario => Command::OpenScenario(path),
                // The desktop's dialog has asked already.
                Purpose::SaveScenario => Command::OverwriteScenario(path),
                Purpose::ExportReport(run_id) => Command::ExportReport(run_id, path),
                Purpose::ExportComparison => Command::ExportComparison(path),
                Purpose::ExportRun(run_id) => Command::ExportRun(run_id, path),
                Purpose::ImportRun => Command::ImportRun(path),
            },
        );
    }

    /// A path from a native dialog; says what to do where there is none.
    fn chosen(&mut self, path: Option<PathBuf>) -> Option<PathBuf> {
        if path.is_none() {
            self.messages
                .info("No file chosen. Where the desktop has no file dialog, write the path instead.");
        }
        path
    }

    /// Files beside the scenario are named from its folder, so that both can move together.
    fn named_from_scenario(&self, path: &Path) -> String {
        let folder = self.bench.path().and_then(|scenario| scenario.parent());
        folder.and_then(|folder| path.strip_prefix(folder).ok()).unwrap_or(path).display().to_string()
    }

    fn receive_file(&mut self, place: FilePlace, path: Option<PathBuf>) {
        let Some(path) = self.chosen(path) else { return };
        let text = self.named_from_scenario(&path);
        let Some(mut scenario) = self.bench.scenario().map(|scenario| Scenario::clone(scenario)) else {
            return;
        };
        // The place may be gone or changed since the dialog was opened; then there is nothing to do.
        if let Some(file) = file_at(&mut scenario, place) {
            *file = text;
            let step = self.design.next_gesture();
            self.bench.edit(scenario, step);
        }
    }

    fn receive_pem(&mut self, file: PemFile, path: Option<PathBuf>) {
        let Some(path) = self.chosen(path) else { return };
        let text = self.named_from_scenario(&path);
        let Some(mut scenario) = self.bench.scenario().map(|scenario| Scenario::clone(scenario)) else {
            return;
        };
        let tls = &mut scenario.transport.tls;
        match file {
            PemFile::Ca => tls.ca = Some(text),
            PemFile::Certificate => tls.certificate = Some(text),
            PemFile::Key => tls.key = Some(text),
        }
        let step = self.design.next_gesture();
        self.bench.edit(scenario, step);
    }

    /// Takes the newest view of the run under way, and notices when it is kept.
    pub fn watch_run(&mut self) {
        let RunState::Live(live) = &mut self.run_state else { return };
        live.renew();
        if !live.run.is_kept() {
            return;
        }
        let run_id = live.now.run_id;
        self.queue.run_ended(run_id, live.now.snapshot.finish, Instant::now());
        self.run_state = RunState::Idle;
        if self.run.shown.is_none() {
            self.run.shown = Some(run_id);
        }
        self.announce = Some(run_id);
        self.shelf.refresh(&mut self.jobs);
        // It may have been looked at while it was under way.
        self.shelf.forget(run_id);
        self.shelf.load(&mut self.jobs, run_id);
    }

    fn announce_verdict(&mut self) {
        let Some(run_id) = self.announce else { return };
        if let Some(run) = self.shelf.loaded(run_id) {
            let words = format!("Run {run_id} kept: {}", run.summary.verdict.name());
            match run.summary.verdict {
                Verdict::Pass => self.messages.ok(words),
                Verdict::Fail | Verdict::Inconclusive => self.messages.info(words),
            }
            self.announce = None;
        } else if self.shelf.trouble(run_id).is_some() {
            self.announce = None;
        }
    }
}

/// Where the scenario names a file, if that place still is one.
fn file_at(scenario: &mut Scenario, place: FilePlace) -> Option<&mut String> {
    match place {
        FilePlace::Feeder(index) => Some(&mut scenario.feeders.get_mut(index)?.file),
        FilePlace::Body { journey, step } => match body_at(scenario, journey, step)? {
            Body::File(file) => Some(file),
            _ => None,
        },
        FilePlace::Part { journey, step, part } => match body_at(scenario, journey, step)? {
            Body::Multipart(parts) => match &mut parts.get_mut(part)?.content {
                PartContent::File(file) => Some(file),
                PartContent::Text(_) => None,
            },
            _ => None,
        },
    }
}

fn body_at(scenario: &mut Scenario, journey: usize, step: usize) -> Option<&mut Body> {
    Some(&mut scenario.journeys.get_mut(journey)?.steps.get_mut(step)?.body)
}
