//! The window by label and role, without a display.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    time::{Duration, Instant},
};

use egui::{Key, Modifiers, ViewportCommand, ViewportEvent, ViewportId, accesskit::Role};
use egui_kittest::{Harness, Node, kittest::Queryable as _};
use tempfile::TempDir;

use super::{command::Command, state::State, window::StagewrightApp};
use crate::{
    metrics::{Finish, Phase},
    model::{LoadModel, Plan, Scenario, Stage},
    store,
};

/// A window with its own library.
pub(super) struct Window {
    pub harness: Harness<'static, StagewrightApp>,
    // Removed with the window.
    pub folder: TempDir,
}

impl Window {
    pub fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("library.sqlite");
        let harness = Harness::builder()
            .with_size([1280.0, 900.0])
            // Outcomes of jobs may arrive while the window settles.
            .with_max_steps(30)
            .build_eframe(move |cc| StagewrightApp::new(&cc.egui_ctx, library));
        let mut window = Self { harness, folder };
        window.wait_for("the list of runs", |state| state.shelf.is_listed());
        window
    }

    pub fn with_preset(name: &str) -> Self {
        let mut window = Self::open();
        window.obey(Command::OpenPreset(name.to_owned()));
        window
    }

    pub fn obey(&mut self, command: Command) {
        let ctx = self.harness.ctx.clone();
        self.harness.state_mut().state_mut().obey(&ctx, command);
        self.settle();
    }

    /// For what leaves the window busy, which `run` would wait out.
    pub fn ask(&mut self, command: Command) {
        let ctx = self.harness.ctx.clone();
        self.harness.state_mut().state_mut().obey(&ctx, command);
    }

    pub fn library(&self) -> PathBuf {
        self.folder.path().join("library.sqlite")
    }

    /// What the desktop does when the window's cross is clicked.
    pub fn request_close(&mut self) {
        let root = self.harness.input_mut().viewports.entry(ViewportId::ROOT).or_default();
        root.events.push(ViewportEvent::Close);
        self.harness.step();
        self.harness.step();
    }

    pub fn state(&self) -> &State {
        self.harness.state().state()
    }

    fn start(&mut self, scenario: Scenario) {
        self.obey(Command::Edit { scenario: Box::new(scenario), step: 0 });
        self.ask(Command::StartRun);
        self.wait_for("the run", |state| state.run_state.is_live());
    }

    pub fn edit(&mut self, step: u64, edit: impl FnOnce(&mut Scenario)) {
        let mut scenario = self.scenario().clone();
        edit(&mut scenario);
        self.ask(Command::Edit { scenario: Box::new(scenario), step });
    }

    pub fn scenario(&self) -> &Scenario {
        self.state().bench.scenario().unwrap()
    }

    pub fn plan(&self) -> &Plan {
        self.state().bench.plan().unwrap()
    }

    /// Frames until nothing moves, however long a job takes that shows that it is at work.
    pub fn settle(&mut self) {
        let since = Instant::now();
        while self.harness.run_ok().is_none() {
            assert!(since.elapsed() < Duration::from_secs(30), "the window does not come to rest");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    pub fn wait_for(&mut self, what: &str, is_met: impl Fn(&State) -> bool) {
        let since = Instant::now();
        while !is_met(self.state()) {
            assert!(since.elapsed() < Duration::from_secs(30), "{what} did not come");
            self.harness.step();
            std::thread::sleep(Duration::from_millis(2));
        }
        self.harness.run_ok();
    }

    pub fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.settle();
    }

    pub fn open_tab(&mut self, tab: &str) {
        self.harness.get_by_role_and_label(Role::RadioButton, tab).click();
        self.settle();
    }

    pub fn field<'a>(&'a self, label: &'a str) -> Node<'a> {
        self.harness.get_by_role_and_label(Role::TextInput, label)
    }

    pub fn fill(&mut self, label: &str, text: &str) {
        self.field(label).focus();
        self.settle();
        self.press(Modifiers::COMMAND, Key::A);
        self.field(label).type_text(text);
        self.settle();
    }

    pub fn press(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.settle();
    }

    pub fn drag(&mut self, label: &str, by: egui::Vec2) {
        let from = self.harness.get_by_label(label).rect().center();
        self.harness.hover_at(from);
        self.harness.step();
        self.harness.drag_at(from);
        self.harness.step();
        for part in 1..=4 {
            self.harness.hover_at(from + by * (part as f32 / 4.0));
            self.harness.step();
        }
        self.harness.drop_at(from + by);
        self.settle();
    }

    pub fn shows(&self, text: &str) -> bool {
        self.harness.query_all_by_label_contains(text).next().is_some()
    }
}

#[test]
fn a_first_start_greets_with_three_doors_and_the_sandbox_is_one_click_away() {
    let mut window = Window::open();
    assert!(window.shows("Start from a preset") && window.shows("Open a scenario file"));
    window.click("Try the sandbox");
    assert_eq!(window.scenario().name, "Quickstart");
    assert!(window.state().refusal(&Command::StartRun).is_none());
}

#[test]
fn a_drag_makes_one_undo_step_and_the_table_follows() {
    let mut window = Window::with_preset("quickstart");
    let before = window.scenario().clone();
    window.drag("Point 1", egui::vec2(60.0, -40.0));
    let after = window.scenario().clone();
    assert_ne!(after.load.stages[0], before.load.stages[0]);
    assert_eq!(after.load.duration(), before.load.duration(), "the end stays where it is");
    let shown = window.field("Stage 1 duration").value().unwrap();
    assert_eq!(shown, crate::model::format_duration(after.load.stages[0].duration));
    window.click("Undo");
    assert_eq!(*window.scenario(), before, "one step takes the whole drag back");
    assert!(!window.state().bench.can_undo());
    window.click("Redo");
    assert_eq!(*window.scenario(), after);
}

#[test]
fn dragging_the_last_point_changes_the_duration() {
    let mut window = Window::with_preset("quickstart");
    let before = window.scenario().load.duration();
    window.drag("Point 3", egui::vec2(40.0, -30.0));
    assert!(window.scenario().load.duration() > before);
    assert!(window.scenario().load.stages[2].end_level > 0.0);
}

#[test]
fn a_table_cell_changes_the_plan() {
    let mut window = Window::with_preset("quickstart");
    let planned = window.plan().n_planned_iterations().unwrap();
    window.fill("Stage 2 duration", "1:00");
    assert_eq!(window.scenario().load.stages[1].duration, Duration::from_secs(60));
    window.fill("Stage 2 level", "40/s");
    assert_eq!(window.scenario().load.stages[1].end_level, 40.0);
    assert!(window.plan().n_planned_iterations().unwrap() > planned);
}

#[test]
fn a_bad_duration_shows_why_and_changes_nothing() {
    let mut window = Window::with_preset("quickstart");
    let before = window.scenario().clone();
    window.fill("Stage 2 duration", "soon");
    let problem = crate::model::parse_duration("soon").unwrap_err();
    assert!(window.shows(&problem), "the problem stands beside the cell");
    assert_eq!(*window.scenario(), before);
    window.fill("Stage 2 duration", "25s");
    assert!(!window.shows(&problem));
    assert_eq!(window.scenario().load.stages[1].duration, Duration::from_secs(25));
}

#[test]
fn writing_in_one_field_is_one_undo_step() {
    let mut window = Window::with_preset("quickstart");
    window.fill("Stage 1 name", "Warm");
    window.field("Stage 1 name").type_text(" welcome");
    window.settle();
    assert_eq!(window.scenario().load.stages[0].name, "Warm welcome");
    window.field("Stage 2 duration").focus();
    window.settle();
    window.obey(Command::Undo);
    assert_eq!(window.scenario().load.stages[0].name, "Ramp-up");
}

#[test]
fn shortcuts_undo_and_redo() {
    let mut window = Window::with_preset("quickstart");
    window.click("Add stage");
    window.click("Add stage");
    assert_eq!(window.scenario().load.stages.len(), 5);
    window.press(Modifiers::COMMAND, Key::Z);
    assert_eq!(window.scenario().load.stages.len(), 4);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    assert_eq!(window.scenario().load.stages.len(), 5);
}

#[test]
fn a_focused_point_moves_with_the_arrows_and_goes_with_delete() {
    let mut window = Window::with_preset("quickstart");
    window.harness.get_by_label("Point 1").focus();
    window.settle();
    window.press(Modifiers::NONE, Key::ArrowRight);
    window.press(Modifiers::NONE, Key::ArrowUp);
    let stage = &window.scenario().load.stages[0];
    assert!(stage.duration > Duration::from_secs(10) && stage.end_level > 20.0, "{stage:?}");
    window.press(Modifiers::NONE, Key::Insert);
    assert_eq!(window.scenario().load.stages.len(), 4);
    window.press(Modifiers::NONE, Key::Delete);
    window.press(Modifiers::NONE, Key::Delete);
    assert_eq!(window.scenario().load.stages.len(), 2);
}

#[test]
fn a_click_on_the_empty_canvas_adds_a_point() {
    let mut window = Window::with_preset("quickstart");
    let (one, two) = (
        window.harness.get_by_label("Point 1").rect().center(),
        window.harness.get_by_label("Point 2").rect().center(),
    );
    let at = one.lerp(two, 0.5) + egui::vec2(0.0, 60.0);
    window.harness.hover_at(at);
    window.harness.step();
    window.harness.drag_at(at);
    window.harness.step();
    window.harness.drop_at(at);
    window.settle();
    assert_eq!(window.scenario().load.stages.len(), 4);
    assert_eq!(window.scenario().load.duration(), Duration::from_secs(35));
}

#[test]
fn the_palette_finds_and_runs_a_command() {
    let mut window = Window::open();
    window.press(Modifiers::COMMAND, Key::K);
    window.field("Find a command").type_text("show settings");
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
    assert!(!window.state().palette.is_open);
    assert_eq!(window.state().view, super::command::View::Settings);
    assert!(window.shows("Run library"));
}

#[test]
fn a_scenario_with_problems_does_not_start_and_says_why() {
    let mut window = Window::open();
    window.obey(Command::NewScenario);
    let reason = window.state().refusal(&Command::StartRun).unwrap();
    window.obey(Command::StartRun);
    assert!(!window.state().run_state.is_busy());
    assert!(window.shows(&reason), "the reason is shown: {reason}");
    window.obey(Command::ShowProblems);
    let first = window.state().bench.problems()[0].remedy.clone();
    assert!(window.shows(&first));
}

#[test]
fn every_preset_opens_without_problems() {
    assert!(!store::presets().is_empty());
    let mut window = Window::open();
    for preset in store::presets() {
        window.obey(Command::OpenPreset(preset.name.to_owned()));
        assert_eq!(window.state().bench.n_errors(), 0, "{}", preset.name);
        assert!(window.state().refusal(&Command::StartRun).is_none(), "{}", preset.name);
    }
}

#[test]
fn every_part_of_a_scenario_can_be_looked_at() {
    let mut window = Window::with_preset("comprehensive");
    for (tab, shown) in [
        ("Journeys", "One iteration walks"),
        ("Targets", "Service budgets"),
        ("Transport", "Requests travel by"),
        ("Basics", "Where requests go"),
        ("Problems", "The scenario can run as it is"),
        ("Load profile", "This load"),
    ] {
        window.open_tab(tab);
        assert!(window.shows(shown), "{tab}");
    }
}

#[test]
fn switching_the_model_changes_what_levels_mean() {
    let mut window = Window::with_preset("quickstart");
    window.click("Closed: users");
    assert!(!window.scenario().load.model.is_open());
    assert!(window.shows("each user waits for its answer"));
}

#[test]
fn unsaved_changes_are_not_replaced_without_a_question() {
    let mut window = Window::with_preset("quickstart");
    window.click("Add stage");
    window.obey(Command::OpenPreset("smoke".to_owned()));
    assert_eq!(window.scenario().name, "Quickstart");
    window.click("Discard changes");
    assert_ne!(window.scenario().name, "Quickstart");
}

#[test]
fn a_scenario_is_saved_where_the_path_field_says_and_is_clean_afterwards() {
    let mut window = Window::with_preset("quickstart");
    window.click("Add stage");
    assert!(window.state().bench.is_dirty());
    window.click("Save");
    let path = window.folder.path().join("mine.toml");
    window.fill("File path", &path.display().to_string());
    window.click("Save file");
    window.wait_for("the saved file", |state| !state.bench.is_dirty());
    let text = std::fs::read_to_string(&path).unwrap();
    assert_eq!(crate::model::parse_scenario(&text).unwrap().0, *window.scenario());
    assert!(text.contains("# Quickstart"), "comments survive");
}

#[test]
fn an_edit_survives_a_closed_window_even_with_problems_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("library.sqlite");
    let ctx = egui::Context::default();
    let kept = {
        let mut state = State::new(&ctx, library.clone());
        state.obey(&ctx, Command::OpenPreset("quickstart".to_owned()));
        let mut edited = Scenario::clone(state.bench.scenario().unwrap());
        edited.load.stages.clear();
        edited.name = String::new();
        state.obey(&ctx, Command::Edit { scenario: Box::new(edited), step: 1 });
        assert!(state.bench.n_errors() > 0);
        state.edit_keeper.keep(&state.bench, &mut state.jobs, true);
        state.jobs.finish();
        Scenario::clone(state.bench.scenario().unwrap())
    };
    let state = State::new(&ctx, library);
    assert_eq!(**state.bench.scenario().unwrap(), kept);
    assert!(state.bench.is_dirty());
}

#[test]
fn look_and_size_are_kept_with_the_library() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("library.sqlite");
    let ctx = egui::Context::default();
    {
        let mut state = State::new(&ctx, library.clone());
        state.obey(&ctx, Command::ChooseTheme(super::command::ThemeChoice::Dark));
        state.obey(&ctx, Command::ChooseScale(1.5));
    }
    let state = State::new(&ctx, library);
    assert_eq!((state.theme, state.scale), (super::command::ThemeChoice::Dark, 1.5));
}

#[test]
fn all_screens_fit_small_windows_and_large_scales() {
    let mut window = Window::with_preset("comprehensive");
    for scale in [0.8, 2.0] {
        window.obey(Command::ChooseScale(scale));
        window.harness.set_size(egui::vec2(960.0, 620.0) / scale);
        for (view, ..) in super::actions::VIEWS {
            window.obey(Command::Show(view));
            let start = window.harness.get_by_label("Start run").rect();
            assert!(start.right() <= 960.0 / scale, "Start run is in sight at {scale}: {start}");
        }
    }
}

/// A target that answers every request at once, for as long as the test lives.
fn target() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || answer_all(stream.unwrap()));
        }
    });
    base_url
}

fn answer_all(mut stream: TcpStream) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    while let Some(Ok(line)) = lines.next() {
        // An empty line ends the head of a request without a body.
        if line.is_empty() && stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").is_err() {
            return;
        }
    }
}

/// The quickstart with one step, against a target within this test.
pub(super) fn small_scenario(window: &Window, secs: u64) -> Scenario {
    let mut scenario = window.scenario().clone();
    scenario.base_url = target();
    scenario.services.clear();
    scenario.thresholds.clear();
    scenario.load.warm_up = Duration::ZERO;
    scenario.load.stages.truncate(1);
    scenario.load.stages[0].duration = Duration::from_secs(secs);
    scenario.journeys[0].steps.truncate(1);
    scenario.journeys[0].steps[0].service = None;
    scenario
}

pub(super) fn start_small_run(secs: u64) -> Window {
    start_run_with(secs, |_| {})
}

/// A small run of a scenario with something changed in it.
pub(super) fn start_run_with(secs: u64, change: impl FnOnce(&mut Scenario)) -> Window {
    let mut window = Window::with_preset("quickstart");
    let mut scenario = small_scenario(&window, secs);
    change(&mut scenario);
    window.start(scenario);
    window
}

#[test]
fn a_run_is_kept_listed_and_said() {
    let mut window = start_small_run(1);
    assert_eq!(window.state().view, super::command::View::Run);
    window.wait_for("its end", |state| !state.run_state.is_busy());
    window.wait_for("the kept run", |state| {
        state.shelf.listings().iter().any(|run| run.finish == Finish::Completed)
    });
    window
        .wait_for("the verdict", |state| state.messages.last().is_some_and(|words| words.contains("kept: ")));
}

#[test]
fn closing_the_window_during_a_run_asks_and_keeps_what_was_measured() {
    let mut window = start_small_run(30);
    window.wait_for("a measured second", |state| {
        state.run_state.live().is_some_and(|live| !live.now.snapshot.history.is_empty())
    });
    let root = window.harness.input_mut().viewports.entry(ViewportId::ROOT).or_default();
    root.events.push(ViewportEvent::Close);
    window.harness.step();
    let sent = window.harness.output().viewport_output[&ViewportId::ROOT].commands.clone();
    assert!(sent.contains(&ViewportCommand::CancelClose), "{sent:?}");
    window.harness.step();
    window.harness.get_by_label("Stop and keep").click();
    window.wait_for("the kept run", |state| {
        state.shelf.listings().iter().any(|run| run.finish == Finish::Stopped && run.n_seconds > 0)
    });
    assert!(!window.state().run_state.is_busy());
}

#[test]
fn a_run_that_ends_while_closing_is_asked_about_is_told_of() {
    let mut window = start_small_run(1);
    window.request_close();
    assert!(window.shows("A run is under way"));
    window.wait_for("its end", |state| !state.run_state.is_busy());
    assert!(window.shows("The run has ended") && !window.shows("Stop and keep"));
    window.harness.get_by_label("Close the window").click();
    window.harness.step();
    window.harness.step();
    let sent = &window.harness.output().viewport_output[&ViewportId::ROOT].commands;
    assert!(sent.contains(&ViewportCommand::Close), "{sent:?}");
}

#[test]
fn the_plan_of_the_run_under_way_is_changed_from_the_top_bar() {
    let mut window = start_small_run(30);
    let is_paused =
        |state: &State| state.run_state.live().is_some_and(|live| live.now.snapshot.paused_since().is_some());
    window.harness.get_by_label("Pause").click();
    window.wait_for("the pause", is_paused);
    assert!(window.shows("PAUSED since 0:0") && window.shows("left once it is resumed"));
    window.harness.get_by_label("Resume").click();
    window.wait_for("the load", |state| !is_paused(state));
    window.harness.set_size(egui::vec2(480.0, 310.0));
    window.wait_for("a view of the small window", |state| !is_paused(state));
    let rail = window.harness.get_by_label("Collapse or widen the rail").rect();
    let controls = ["Pause", "Skip stage", "Extend", "Stop run", "Abort run"];
    for control in controls.map(|label| window.harness.get_by_label(label).rect()) {
        assert!(control.left() > rail.right() && control.right() <= 480.0, "{control} beside {rail}");
    }
    window.harness.set_size(egui::vec2(1280.0, 900.0));
    let shown = |state: &State| state.run_state.live().map(|live| live.now.plan.duration());
    let before = shown(window.state()).unwrap();
    window.harness.key_press_modifiers(Modifiers::COMMAND, Key::E);
    window.wait_for("the longer plan", |state| shown(state) == Some(before + Duration::from_secs(30)));
    window.harness.get_by_label("Skip stage").click();
    window.wait_for("the end of the only stage", |state| !state.run_state.is_busy());
    assert_eq!(window.state().refusal(&Command::SkipStage).as_deref(), Some("No run is under way"));
    let run_id = window.state().run.shown.unwrap();
    window.wait_for("the kept run", |state| state.shelf.loaded(run_id).is_some());
    let record = &window.state().shelf.loaded(run_id).unwrap().record;
    assert_eq!((record.plan_changes.len(), record.end.finish), (4, Finish::Completed));
}

#[test]
fn a_point_dragged_on_the_ribbon_is_what_the_run_goes_on_with() {
    let mut window = start_small_run(30);
    let name = window.scenario().load.stages[0].name.clone();
    let before = window.state().run_state.live().unwrap().now.plan.duration();
    window.drag(&format!("End of {name}"), egui::vec2(-200.0, 0.0));
    let end = |state: &State| state.run_state.live().map(|live| live.now.plan.duration());
    window.wait_for("the shorter plan", |state| end(state).is_some_and(|end| end < before));
    assert!(window.shows("now ends at 0:"), "said and noted");
    window.ask(Command::AbortRun);
    window.wait_for("the end", |state| !state.run_state.is_busy());
    let run_id = window.state().run.shown.unwrap();
    window.wait_for("the kept run", |state| state.shelf.loaded(run_id).is_some());
    let record = &window.state().shelf.loaded(run_id).unwrap().record;
    let noted =
        record.annotations.iter().any(|note| note.text.starts_with(&format!("{name} now ends at 0:")));
    assert!(noted && record.plan_changes.len() == 1, "{:?}", record.annotations);
    assert_eq!(Plan::new(&record.start.scenario, 1.0).duration(), before, "both plans are kept");
}

#[test]
fn the_edited_profile_is_applied_to_the_run_under_way_and_that_is_no_edit() {
    let mut window = start_small_run(30);
    let before = window.scenario().clone();
    let reason = |window: &Window| window.state().refusal(&Command::ApplyProfile);
    assert_eq!(reason(&window).as_deref(), Some("The run has the same stages still before it"));
    window.edit(1, |scenario| {
        let stages = &mut scenario.load.stages;
        let named = |name: &str| Stage { name: name.to_owned(), ..stages[0].clone() };
        let later = [named("Later"), named("Last")];
        stages.extend(later);
    });
    let edited = window.scenario().clone();
    assert_eq!(reason(&window), None);
    window.ask(Command::Show(super::command::View::Design));
    window.harness.step();
    window.harness.get_by_label("Apply profile to run").click();
    let names = |state: &State| -> Vec<String> {
        let stages = state.run_state.live().map(|live| live.now.plan.stages().to_vec());
        stages.unwrap_or_default().into_iter().map(|stage| stage.name).collect()
    };
    window.wait_for("the changed plan", |state| names(state).len() == 3);
    assert_eq!(names(window.state())[1..], ["Later", "Last"]);
    assert!(window.shows("Run 1 goes on with 2 new stages from 0:30"));
    assert_eq!(reason(&window).as_deref(), Some("The run has the same stages still before it"));
    assert_eq!(*window.scenario(), edited);
    window.ask(Command::Undo);
    assert_eq!(*window.scenario(), before, "only the edit is a step");
    window.ask(Command::Redo);
    assert_eq!(*window.scenario(), edited);
    window.ask(Command::AbortRun);
    window.wait_for("the end", |state| !state.run_state.is_busy());
    assert!(
        window.harness.query_by_label("Apply profile to run").is_none(),
        "there is no run to apply it to"
    );
}

#[test]
fn a_profile_that_the_run_cannot_go_on_with_says_why() {
    let mut window = Window::with_preset("quickstart");
    let check = |window: &Window, expected: &str| {
        let reason = window.state().refusal(&Command::ApplyProfile);
        assert!(reason.as_deref().is_some_and(|reason| reason.contains(expected)), "{expected}: {reason:?}");
    };
    check(&window, "No run is under way");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut scenario = small_scenario(&window, 30);
    scenario.base_url = format!("http://{}", silent.local_addr().unwrap());
    window.start(scenario);
    window.edit(1, |scenario| scenario.load.model = LoadModel::Closed);
    check(&window, "The run goes by the open model");
    window.ask(Command::Undo);
    window.edit(2, |scenario| scenario.load.stages[0].end_level = -1.0);
    let problem = window.state().bench.problems()[0].to_string();
    check(&window, &problem);
    window.ask(Command::ApplyProfile);
    assert!(window.state().messages.last().is_some_and(|words| words.contains(&problem)), "{problem}");
    window.ask(Command::Undo);
    window.edit(3, |scenario| scenario.name = "Another".to_owned());
    check(&window, "is a run of Quickstart, which is not the scenario that is open");
    window.ask(Command::Undo);
    window.wait_for("requests without an answer", |state| {
        state.run_state.live().is_some_and(|live| live.now.snapshot.n_in_flight > 0)
    });
    window.ask(Command::StopRun);
    window.wait_for("the drain", |state| {
        state.run_state.live().is_some_and(|live| live.now.snapshot.phase == Phase::Draining)
    });
    check(&window, "The load has ended");
    window.ask(Command::AbortRun);
    window.wait_for("the end", |state| !state.run_state.is_busy());
}

#[test]
fn f12_shows_what_frames_cost_and_hides_it_again() {
    let mut window = Window::open();
    assert!(!window.shows("What frames cost"));
    window.press(Modifiers::NONE, Key::F12);
    assert!(window.shows("What frames cost"));
    assert!(window.shows("Window's thread"));
    window.click("Hide what frames cost");
    assert!(!window.shows("What frames cost"));
    window.press(Modifiers::NONE, Key::F12);
    window.press(Modifiers::NONE, Key::F12);
    assert!(!window.shows("What frames cost"));
}
