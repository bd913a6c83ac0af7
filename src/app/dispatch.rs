//! The dispatcher: obeys what views asked for, one arm per command.

use std::{path::Path, sync::Arc, time::Duration};

use egui::Context;

use super::{
    command::{Command, Ending, FilePlace, PemFile, Purpose, Question, ThemeChoice, View},
    design::DataSeen,
    run::{ResponseLines, TileWindow},
    running::RunAsked,
    runs::RUN_FILE_ENDING,
    shell::Dialog,
    state::{Future, Outcome, Redraw, Slot, State, theme_name},
};
use crate::{
    engine::{EngineError, open_files_short},
    metrics::{RunId, RunLabels},
    model::{LoadModel, LoadProfile, PlanChangeKind, Scenario},
};

impl State {
    /// Does what was asked for.
    pub fn obey(&mut self, ctx: &Context, command: Command) {
        match command {
            Command::Show(view) => self.view = view,
            Command::ShowProblems => self.show_problems(),
            Command::ShowProblem(field) => self.show_problem(&field),
            Command::ToggleRail => self.toggle_rail(),
            Command::TogglePalette => self.palette.toggle(),
            Command::ToggleFrameCosts => self.frame_costs_shown = !self.frame_costs_shown,
            Command::ChooseTheme(theme) => self.choose_theme(ctx, theme),
            Command::ChooseScale(scale) => self.choose_scale(ctx, scale),
            Command::Enlarge(tenths) => self.choose_scale(ctx, self.scale + f32::from(tenths) / 10.0),
            Command::DismissMessage(number) => self.messages.dismiss(number),
            Command::OpenNativeDialog(purpose) => self.open_native_dialog(purpose),
            Command::Ask(question) => self.dialog = Some(Dialog::Question(*question)),
            Command::CloseDialog => self.close_dialog(),

            Command::ShowGallery => self.show_gallery(),
            Command::NewScenario => self.unless_dirty(Command::NewScenario, Self::new_scenario),
            Command::OpenPreset(name) => {
                self.unless_dirty(Command::OpenPreset(name.clone()), |state| state.open_preset(&name));
            }
            Command::BrowseForPreset => self.browse_for_preset(),
            Command::SavePreset { name, sentence } => self.save_preset(name, sentence),
            Command::DeletePreset(name) => self.delete_preset(name),
            Command::RestorePreset { name, text } => self.restore_preset(name, text),
            Command::BrowseForScenario => self.ask_path(Purpose::OpenScenario),
            Command::OpenScenario(path) => {
                self.unless_dirty(Command::OpenScenario(path.clone()), |state| state.open_scenario(path));
            }
            Command::Discard(command) => self.discard(ctx, *command),
            Command::SaveScenario => self.save_scenario(),
            Command::BrowseForSave => self.browse_for_save(),
            Command::SaveScenarioAs(path) => self.save_scenario_as(path),
            Command::OverwriteScenario(path) => self.overwrite_scenario(path),
            Command::ReloadFile => self.reload_file(ctx),
            Command::KeepMine => self.keep_mine(),
            Command::ShowDifference => self.show_difference(),
            Command::Edit { scenario, step } => self.bench.edit(*scenario, step),
            Command::Undo => self.bench.undo(),
            Command::Redo => self.bench.redo(),
            Command::SendOnce | Command::SendStepOnce => self.send_once(&command),
            Command::CancelSendOnce => self.once.cancel(),
            Command::TestMonitor(index) => self.test_monitor(index),
            Command::Design(command) => self.design(command),
            Command::BrowseForPem(file) => self.browse_for_pem(file),
            Command::BrowseForFile(place) => self.browse_for_file(place),
            Command::LookUpData => self.look_up_data(),
            Command::ChooseEnvironment(name) => self.choose_environment(name),

            Command::Sandbox(command) => self.obey_sandbox(command),
            Command::Tour(command) => self.obey_tour(ctx, command),

            Command::Calibrate => self.calibrate(),
            Command::StartRun if self.run_state.is_busy() => self.show_queue(),
            Command::StartRun => self.start_run(ctx),
            Command::AskSearch => self.ask_search(),
            Command::StartSearch(options) => self.start_search(ctx, *options),
            Command::ShowQueue => self.show_queue(),
            Command::QueueRuns { n_repetitions, pause } => self.queue_runs(n_repetitions, pause),
            Command::HoldQueue => self.queue.hold("you held it"),
            Command::ContinueQueue => self.queue.go_on(),
            Command::ClearQueue => self.queue.clear(),
            Command::RemoveQueued(series_id) => self.queue.remove(&series_id),
            Command::MoveQueued(series_id, by) => self.queue.move_by(&series_id, by),
            Command::StopRun => self.with_live(crate::launch::LiveRun::stop),
            Command::AbortRun => self.with_live(crate::launch::LiveRun::abort),
            Command::PauseOrResume => self.pause_or_resume(),
            Command::SkipStage => self.change_plan(PlanChangeKind::SkipStage),
            Command::ExtendStage(by) => self.change_plan(PlanChangeKind::ExtendStage(by)),
            Command::ApplyProfile => self.apply_profile(),
            Command::RedrawRun(drawn) => self.redraw_run(&drawn),
            Command::CloseWindow(ending) => self.close_window(ending),
            Command::ChooseTileWindow(window) => self.choose_tile_window(window),
            Command::ChooseResponseLines(lines) => self.choose_response_lines(lines),
            Command::Annotate(text) => self.with_live(|run| run.annotate(&text)),

            Command::RefreshHistory => self.shelf.refresh(&mut self.jobs),
            Command::LoadRun(run_id) => self.shelf.load(&mut self.jobs, run_id),
            Command::OpenRun(run_id) => self.open_run(run_id),
            Command::ShowLiveRun => self.run.shown = None,
            Command::ChooseGhost(run_id) => self.run.ghost.choose(run_id),
            Command::StarRuns(runs, is_starred) => self.star_runs(&runs, is_starred),
            Command::ReplaceTags(run_id, tags) => self.replace_tags(run_id, tags),
            Command::ReplaceLabels(run_id, labels) => self.replace_labels(run_id, labels),
            Command::ReplaceNote(run_id, note) => self.replace_note(run_id, note),
            Command::MarkBaseline(run_id, is_baseline) => self.mark_baseline(run_id, is_baseline),
            Command::DeleteRuns(runs) => self.delete_runs(runs),
            Command::RestoreRuns(runs) => self.restore_runs(runs),
            Command::ShowTrend(scenario_name) => self.show_trend(scenario_name),
            Command::ExportRun(run_id, path) => self.export_run(run_id, path),
            Command::ImportRun(path) => self.import_run(path),
            Command::ShowNoise(runs) => self.show_noise(runs),
            Command::ShowRetention => self.show_retention(),
            Command::MeasureLibrary => self.shelf.measure(&mut self.jobs),
            Command::AskToPurge => self.ask_to_purge(),
            Command::PurgeRuns => self.purge_runs(),
            Command::KeepRetention(rule) => self.keep_retention(rule),
            Command::PruneRuns(runs) => self.prune_runs(runs),
            Command::FindIntervals(run_id, seconds) => self.find_intervals(run_id, seconds),
            Command::ReadThresholds(run_id) => self.shelf.read_thresholds(&mut self.jobs, run_id),

            Command::Compare(runs) => self.compare_runs(&runs),
            Command::CompareAs(asked) => self.compare_as(*asked),
            Command::CancelComparison => self.compare.cancel(),
            Command::MatchSteps(matching) => self.match_steps(*matching),
            Command::ExportComparison(path) => self.export_comparison(path),
            Command::ShowReport(run_id) => self.show_report(run_id),
            Command::BrowseFor(purpose) => self.ask_path(purpose),
            Command::ExportReport(run_id, path) => self.export_report(run_id, path),
            Command::AskWhatIf(run_id) => self.ask_what_if(run_id),
            Command::Project(asked) => self.project(*asked),
            Command::KeepProjection(projection) => self.keep_projection(projection),
            Command::DesignExperiment(run_id, finding) => self.design_experiment(run_id, finding),
            Command::MakeReport(asked) => self.make_report(*asked),
            Command::EditReport(run_id, texts) => self.edit_report(run_id, *texts),
            Command::CancelReport => self.report.cancel(),
        }
    }

    fn close_dialog(&mut self) {
        if let Some(Dialog::Noise(view)) = self.dialog.take() {
            view.cancel();
        }
    }

    fn show_problems(&mut self) {
        self.view = View::Design;
        self.design.show_problems();
    }

    fn show_problem(&mut self, field: &str) {
        self.view = View::Design;
        self.design.show_field(field);
    }

    fn toggle_rail(&mut self) {
        self.rail_collapsed = !self.rail_collapsed;
        let state = if self.rail_collapsed { "collapsed" } else { "wide" };
        self.jobs.keep_setting("rail", state.to_owned());
    }

    fn choose_theme(&mut self, ctx: &Context, theme: ThemeChoice) {
        self.theme = theme;
        self.apply_look(ctx);
        self.jobs.keep_setting("theme", theme_name(theme).to_owned());
    }

    fn choose_scale(&mut self, ctx: &Context, scale: f32) {
        self.scale = ((scale * 20.0).round() / 20.0).clamp(0.8, 2.0);
        self.apply_look(ctx);
        self.jobs.keep_setting("scale", self.scale.to_string());
    }

    fn choose_tile_window(&mut self, window: TileWindow) {
        self.run.tile_window = window;
        self.jobs.keep_setting("tile_window", window.name().to_owned());
    }

    fn choose_response_lines(&mut self, lines: ResponseLines) {
        self.run.response_lines = lines;
        self.jobs.keep_setting("response_lines", lines.text());
    }

    fn ask_path(&mut self, purpose: Purpose) {
        let present = self.bench.path().map(|path| path.display().to_string());
        let text = match purpose {
            Purpose::OpenScenario => present.unwrap_or_default(),
            Purpose::SaveScenario => present.unwrap_or_else(|| format!("{}.toml", self.file_stem())),
            Purpose::ExportReport(run_id) => format!("report-{run_id}.md"),
            Purpose::ExportComparison => self.compare.file_name(),
            Purpose::ExportRun(run_id) => format!("run-{run_id}.{RUN_FILE_ENDING}"),
            Purpose::ImportRun => String::new(),
        };
        self.dialog = Some(Dialog::Path { purpose, text });
    }

    fn file_stem(&self) -> String {
        let name = self.bench.scenario().map(|scenario| scenario.name.to_lowercase()).unwrap_or_default();
        let words: Vec<&str> =
            name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        if words.is_empty() { "scenario".to_owned() } else { words.join("-") }
    }

    fn open_native_dialog(&mut self, purpose: Purpose) {
        let (stem, comparison) = (self.file_stem(), self.compare.file_name());
        self.jobs.spawn(Slot::Dialog, move || {
            let dialog = rfd::FileDialog::new();
            let path = match purpose {
                Purpose::OpenScenario => dialog.add_filter("Scenario", &["toml"]).pick_file(),
                Purpose::SaveScenario => dialog.set_file_name(format!("{stem}.toml")).save_file(),
                Purpose::ExportReport(run_id) => {
                    dialog.set_file_name(format!("report-{run_id}.md")).save_file()
                }
                Purpose::ExportComparison => dialog.set_file_name(comparison).save_file(),
                Purpose::ExportRun(run_id) => {
                    dialog.set_file_name(format!("run-{run_id}.{RUN_FILE_ENDING}")).save_file()
                }
                Purpose::ImportRun => {
                    let dialog = dialog.add_filter("Exported run", &[RUN_FILE_ENDING]);
                    dialog.add_filter("All files", &["*"]).pick_file()
                }
            };
            Outcome::Chosen(purpose, path)
        });
    }

    fn browse_for_pem(&mut self, file: PemFile) {
        self.jobs.spawn(Slot::Dialog, move || {
            let dialog = rfd::FileDialog::new().add_filter("PEM", &["pem", "crt", "cer", "key"]);
            Outcome::ChosenPem(file, dialog.add_filter("All files", &["*"]).pick_file())
        });
    }

    fn look_up_data(&mut self) {
        let Some(scenario) = self.bench.scenario().map(Arc::clone) else { return };
        let root = self.bench.path().and_then(|path| path.parent()).map(Path::to_owned);
        self.jobs.spawn(Slot::Data, move || Outcome::DataSeen(DataSeen::look(&scenario, root.as_deref())));
    }

    fn choose_environment(&mut self, name: Option<String>) {
        let Some(scenario) = self.bench.scenario() else { return };
        let edited = Scenario { environment: name, ..Scenario::clone(scenario) };
        let step = self.design.next_gesture();
        self.bench.edit(edited, step);
    }

    fn browse_for_file(&mut self, place: FilePlace) {
        self.jobs.spawn(Slot::Dialog, move || {
            let dialog = rfd::FileDialog::new();
            let dialog = match place {
                FilePlace::Feeder(_) => {
                    dialog.add_filter("Rows", &["csv", "jsonl", "ndjson"]).add_filter("All files", &["*"])
                }
                FilePlace::Body { .. } | FilePlace::Part { .. } => dialog,
            };
            Outcome::ChosenFile(place, dialog.pick_file())
        });
    }

    /// Asks before unsaved edits are replaced.
    pub(super) fn unless_dirty(&mut self, command: Command, act: impl FnOnce(&mut Self)) {
        if !self.bench.is_dirty() {
            act(self);
            return;
        }
        self.dialog = Some(Dialog::Question(Question {
            title: "Replace the open scenario?".to_owned(),
            text:
                "It has changes that are not saved to a file. They are lost when another scenario is opened."
                    .to_owned(),
            yes: "Discard changes",
            command: Command::Discard(Box::new(command)),
        }));
    }

    fn discard(&mut self, ctx: &Context, command: Command) {
        self.bench.forget_changes();
        self.obey(ctx, command);
    }

    fn new_scenario(&mut self) {
        self.bench.open(blank_scenario(), None, None);
        self.design.reset();
        self.once.reset();
        self.probe_tests.reset();
        self.view = View::Design;
    }

    /// Asks where to save.
    pub fn browse_for_save(&mut self) {
        self.ask_path(Purpose::SaveScenario);
    }

    fn calibrate(&mut self) {
        match self.refusal(&Command::Calibrate) {
            Some(reason) => self.messages.fail(format!("Nothing was measured. {reason}")),
            None => self.machine.calibrate(&mut self.jobs),
        }
    }

    fn start_run(&mut self, ctx: &Context) {
        if let Some(reason) = self.refusal(&Command::StartRun) {
            let words = format!("The run did not start. {reason}");
            match self.bench.n_errors() {
                0 => self.messages.fail(words),
                _ => self.messages.fail_with(words, ("Show problems", Command::ShowProblems)),
            }
            return;
        }
        let Some(scenario) = self.bench.scenario().map(Arc::clone) else { return };
        if let Some(warning) = self.machine.warning(&scenario) {
            self.messages.fail(format!("The run starts, but {warning}."));
        }
        self.view = View::Run;
        let files_root = self.bench.path().and_then(|path| path.parent()).map(Path::to_owned);
        let asked = RunAsked { scenario, files_root, labels: RunLabels::new(), time_scale: 1.0 };
        self.launch_run(ctx, asked);
    }

    fn with_live(&self, act: impl FnOnce(&crate::launch::LiveRun)) {
        if let Some(live) = self.run_state.live() {
            act(&live.run);
        }
    }

    /// What is asked for is the opposite of what is in force now, whatever the last snapshot shows.
    fn pause_or_resume(&mut self) {
        self.with_live(|run| {
            let _ = run.change_plan(PlanChangeKind::Pause) || run.change_plan(PlanChangeKind::Resume);
        });
    }

    fn change_plan(&mut self, kind: PlanChangeKind) {
        // Refused only where the load ended meanwhile, which the screen then says.
        self.with_live(|run| _ = run.change_plan(kind));
    }

    fn apply_profile(&mut self) {
        match self.applied_profile() {
            Ok(words) => self.messages.ok(words),
            Err(reason) => self.messages.fail(format!("The run goes on as it was planned. {reason}")),
        }
    }

    fn applied_profile(&mut self) -> Result<String, String> {
        if let Some(reason) = self.refusal(&Command::ApplyProfile) {
            return Err(reason);
        }
        let ended = || "The load has ended".to_owned();
        let (scenario, live) = self.bench.scenario().zip(self.run_state.live()).ok_or_else(ended)?;
        let mut future = Err(ended());
        live.run.change_plan_by(|plan, at| {
            future = Future::of(&scenario.load, plan, at);
            let stages = future.as_ref().ok()?.stages.clone();
            Some(PlanChangeKind::ReplaceFuture(stages).into())
        });
        let words = format!("Run {} {}", live.now.run_id, future?.words());
        if let Some(warning) = self.machine.warning(scenario) {
            self.messages.fail(format!("The run goes on, but {warning}."));
        }
        Ok(words)
    }

    fn redraw_run(&mut self, drawn: &Redraw) {
        match self.redrawn(drawn) {
            Ok(words) => self.messages.ok(words),
            Err(reason) => self.messages.fail(format!("The run goes on as it was planned. {reason}")),
        }
    }

    fn redrawn(&mut self, drawn: &Redraw) -> Result<String, String> {
        let ended = || "The load has ended".to_owned();
        let live = self.run_state.live().filter(|live| live.now.run_id == drawn.run_id).ok_or_else(ended)?;
        let scenario = Scenario { load: drawn.profile().clone(), ..Scenario::clone(&live.now.scenario) };
        if let Some(short) = open_files_short(&scenario) {
            return Err(EngineError::OpenFiles(short).to_string());
        }
        let mut words = Err(ended());
        live.run.change_plan_by(|plan, at| match drawn.order(plan, at) {
            Ok(order) => {
                words = Ok(order.words.clone().unwrap_or_default());
                Some(order)
            }
            Err(reason) => {
                words = Err(reason);
                None
            }
        });
        let words = words?;
        if let Some(warning) = self.machine.warning(&scenario) {
            self.messages.fail(format!("The run goes on, but {warning}."));
        }
        Ok(words)
    }

    fn close_window(&mut self, ending: Ending) {
        self.dialog = None;
        self.closing = Some(ending);
        self.with_live(|run| match ending {
            Ending::Stop => run.stop(),
            Ending::Abort => run.abort(),
        });
    }

    fn open_run(&mut self, run_id: RunId) {
        self.run.shown = Some(run_id);
        self.shelf.load(&mut self.jobs, run_id);
        self.view = View::Run;
    }

    fn show_report(&mut self, run_id: RunId) {
        self.report.shown = Some(run_id);
        self.shelf.load(&mut self.jobs, run_id);
        self.view = View::Report;
    }
}

/// What a new scenario starts from: nothing that could run by mistake.
fn blank_scenario() -> Scenario {
    let load = LoadProfile {
        model: LoadModel::Closed,
        warm_up: Duration::ZERO,
        graceful_stop: LoadProfile::DEFAULT_GRACEFUL_STOP,
        stages: Vec::new(),
    };
    Scenario::new("New scenario", "", load)
}
