//! Run, History, Compare and Report by label and role, on hand-made runs.

use std::{path::PathBuf, sync::Arc, time::Duration};

use egui::{Ui, accesskit::Role};
use egui_kittest::{Harness, kittest::Queryable as _};

use super::{
    command::{Command, Commands},
    compare::{CompareView, compare_ui},
    history::{HistoryView, history_ui},
    report::{MadeReport, ReportAsked, ReportView, report_ui},
    run::{RunView, run_ui},
    settings::machine_ui,
    state::{LoadedRun, Machine, RunState, Shelf, Workbench},
    theme,
};
use crate::{
    analysis::{ChecklistItem, sample},
    launch::KnownCalibration,
    metrics::{Calibration, ErrorExemplar, ErrorGroup, Finish, Outcome, RunId, RunRecord},
    report::{ReportTexts, Section, Variant},
    store::RunListing,
};

/// A run of the sample scenario; from run 2 on, three requests of each steady second take a second.
pub(super) fn record(run_id: i64) -> RunRecord {
    let mut record = sample::record(sample::scenario());
    record.run_id = RunId(run_id);
    record.start.started_at_unix_millis += run_id * 60_000;
    if run_id > 1 {
        for second in 10..30 {
            sample::add(&mut record, second, 0, &[(Outcome::Ok, Duration::from_secs(1)); 3]);
        }
        sample::add(&mut record, 12, 1, &[(Outcome::Status, Duration::from_millis(5)); 2]);
        record.error_groups = vec![ErrorGroup {
            step: 1,
            outcome: Outcome::Status,
            signature: "HTTP 503".to_owned(),
            n_errors: 2,
            first_seen: Duration::from_secs(12),
            last_seen: Duration::from_secs(12),
            exemplars: vec![ErrorExemplar {
                at: Duration::from_secs(12),
                request: "GET http://10.0.0.7:4600/".to_owned(),
                detail: "503 Service Unavailable".to_owned(),
                ..ErrorExemplar::default()
            }],
        }];
    }
    record
}

fn listing(run: &LoadedRun) -> RunListing {
    let record = &run.record;
    RunListing {
        run_id: record.run_id,
        started_at_unix_millis: record.start.started_at_unix_millis,
        scenario_name: record.start.scenario.name.clone(),
        base_url: record.start.base_url.clone(),
        environment: None,
        fingerprint: String::new(),
        finish: Finish::Completed,
        n_seconds: record.intervals.len() as u32,
        n_bytes: 0,
        tags: vec![format!("build-{}", record.run_id)],
        labels: record.start.labels.clone(),
        note: String::new(),
        is_baseline: record.run_id == RunId(1),
        is_starred: false,
        profile: vec![(0.0, 0.0), (10.0, 50.0), (30.0, 50.0), (40.0, 200.0)],
        digest: Some(run.digest.clone()),
        search_text: Default::default(),
    }
}

/// A shelf with runs 1 to 3, all of them read.
fn shelf() -> Shelf {
    let mut shelf = Shelf::new(PathBuf::from("library.sqlite"), true);
    let runs: Vec<_> = (1..=3).map(|run_id| Arc::new(LoadedRun::new(record(run_id)).unwrap())).collect();
    shelf.take_listings(runs.iter().rev().map(|run| listing(run)).collect());
    for run in runs {
        run.make_precise().unwrap();
        shelf.take_loaded(run.record.run_id, Ok(run));
    }
    shelf
}

/// One screen alone, with what it asked for.
pub(super) struct Screen {
    pub(super) harness: Harness<'static, Vec<Command>>,
}

impl Screen {
    pub(super) fn new(draw: impl FnMut(&mut Ui, &mut Commands) + 'static) -> Self {
        Self::sized([1400.0, 3600.0], draw)
    }

    pub(super) fn sized(size: [f32; 2], mut draw: impl FnMut(&mut Ui, &mut Commands) + 'static) -> Self {
        let mut is_installed = false;
        let harness = Harness::builder().with_size(size).build_ui_state(
            move |ui, asked: &mut Vec<Command>| {
                if !std::mem::replace(&mut is_installed, true) {
                    theme::install(ui.ctx());
                    // Fonts are there from the next frame on.
                    ui.ctx().request_repaint();
                    return;
                }
                let mut commands = Commands::default();
                draw(ui, &mut commands);
                asked.extend(commands.take());
            },
            Vec::new(),
        );
        let mut screen = Self { harness };
        screen.harness.run();
        screen
    }

    pub(super) fn click(&mut self, label: &str) {
        self.harness.get_by_label(label).click();
        self.harness.run();
    }

    pub(super) fn shows(&self, text: &str) -> bool {
        self.harness.query_all_by_label_contains(text).next().is_some()
    }

    pub(super) fn asked(&mut self) -> Vec<Command> {
        std::mem::take(self.harness.state_mut())
    }
}

fn history() -> Screen {
    let (shelf, mut view) = (shelf(), HistoryView::default());
    Screen::new(move |ui, commands| history_ui(ui, &mut view, &shelf, commands))
}

#[test]
fn history_lists_all_runs_with_their_actions() {
    let mut screen = history();
    assert!(screen.shows("3 runs"));
    screen.click("Run 2");
    screen.click("Report on run 3");
    screen.click("Compare run 3");
    screen.click("Set run 2 as baseline");
    assert_eq!(
        screen.asked(),
        [
            Command::OpenRun(RunId(2)),
            Command::ShowReport(RunId(3)),
            Command::Compare(vec![RunId(1), RunId(3)]),
            Command::MarkBaseline(RunId(2), true),
        ]
    );
}

#[test]
fn a_report_that_is_not_there_asks_to_be_made() {
    let (shelf, mut view) = (shelf(), ReportView::default());
    let mut screen = Screen::new(move |ui, commands| report_ui(ui, &mut view, &shelf, commands));
    assert!(screen.asked().contains(&Command::MakeReport(Box::new(ReportAsked::of(RunId(3))))));
}

/// The Report screen with the report of a run made, in these words.
fn report(texts: ReportTexts) -> Screen {
    let shelf = shelf();
    let mut view = ReportView::default();
    let asked = ReportAsked::of(RunId(3));
    let run = shelf.loaded(RunId(3)).unwrap();
    let document = crate::report::document(&run.paper(run.precise().unwrap()).with_texts(&texts));
    view.begin(asked.clone());
    let made = MadeReport {
        asked: asked.clone(),
        document,
        texts: Arc::new(texts),
        outdated: Vec::new(),
        strangers: Vec::new(),
        problems: Vec::new(),
        notes: Vec::new(),
        beside: None,
    };
    assert!(view.take(&asked, Ok(Some(Box::new(made)))).is_none(), "nothing was edited");
    Screen::new(move |ui, commands| report_ui(ui, &mut view, &shelf, commands))
}

/// What the screen asks to be written into the report.
fn edited(screen: &mut Screen) -> ReportTexts {
    let [Command::EditReport(RunId(3), texts)] = &screen.asked()[..] else { panic!("one edit is asked for") };
    ReportTexts::clone(texts)
}

#[test]
fn the_report_shows_its_headings_and_switches_its_sections() {
    let mut screen = report(ReportTexts::default());
    for heading in ["Executive summary", "Context and method", "Measurement quality"] {
        assert_eq!(
            screen.harness.query_all_by_label(heading).count(),
            2,
            "{heading}: a switch and a heading"
        );
    }
    screen.harness.get_by_role_and_label(Role::Button, "Export").click();
    screen.harness.run();
    assert_eq!(screen.asked(), [Command::ExportReport(RunId(3), PathBuf::from("report-3.md"))]);
    screen.harness.get_by_role_and_label(Role::CheckBox, "Phases of a request").click();
    screen.harness.run();
    assert_eq!(edited(&mut screen).left_out, [Section::Phases]);
}

#[test]
fn what_is_left_out_of_the_report_can_be_shown_again() {
    let mut screen = report(ReportTexts { left_out: vec![Section::Phases], ..ReportTexts::default() });
    assert_eq!(screen.harness.query_all_by_label("Phases of a request").count(), 1, "its switch");
    screen.click("Show all sections");
    assert_eq!(edited(&mut screen).left_out, []);
    screen.click("One page");
    assert_eq!(edited(&mut screen).variant, Variant::OnePage);
}

#[test]
fn words_for_the_report_are_asked_to_be_kept_as_they_are_written() {
    let mut screen = report(ReportTexts { title: "Checkout".to_owned(), ..ReportTexts::default() });
    screen.harness.get_by_role_and_label(Role::TextInput, "Author").focus();
    screen.harness.run();
    screen.harness.get_by_role_and_label(Role::TextInput, "Author").type_text("R. Moss");
    screen.harness.run();
    let texts = edited(&mut screen);
    assert_eq!((texts.author.as_str(), texts.title.as_str()), ("R. Moss", "Checkout"));
}

#[test]
fn lines_of_the_checklist_take_remarks_and_removed_ones_can_be_taken_back() {
    let item = ChecklistItem::LongEnough.name();
    let checklist = [(item.to_owned(), "Longer runs follow.".to_owned())].into();
    let mut screen = report(ReportTexts { checklist, ..ReportTexts::default() });
    screen.click(&format!("Remove the remark: {item}"));
    assert!(edited(&mut screen).checklist.is_empty());
    screen.click("Take them back");
    assert_eq!(edited(&mut screen).checklist[item], "Longer runs follow.");
    assert!(!screen.shows("Take them back"));
    let other = ChecklistItem::Measurement.name();
    screen.click(&format!("Write a remark: {other}"));
    assert!(edited(&mut screen).checklist.contains_key(other));
}

#[test]
fn a_kept_run_shows_the_reports_figures_and_its_errors() {
    let (shelf, mut view) = (shelf(), RunView::default());
    view.shown = Some(RunId(2));
    let p95 = {
        let run = shelf.loaded(RunId(2)).unwrap();
        let metric = crate::model::Metric::Quantile(0.95);
        run.summary.reading(&run.summary.headline, metric).unwrap().text()
    };
    let (state, bench) = (RunState::Idle, Workbench::default());
    let mut screen = Screen::new(move |ui, commands| run_ui(ui, &mut view, &state, &bench, &shelf, commands));
    assert!(screen.shows(&p95), "{p95}");
    for label in ["Asked for", "Requests", "Throughput", "p95 response time", "Error share"] {
        assert!(screen.shows(label), "{label}");
    }
    assert!(!screen.shows("503 Service Unavailable"));
    screen.click("HTTP 503  ·  Sign in");
    assert!(screen.shows("503 Service Unavailable"));
    screen.click("Sort by p95");
    screen.click("Report");
    assert_eq!(screen.asked(), [Command::ShowReport(RunId(2))]);
}

#[test]
fn a_kept_run_shows_its_phases_and_how_its_load_was_made() {
    let (shelf, mut view) = (shelf(), RunView::default());
    view.shown = Some(RunId(1));
    let (state, bench) = (RunState::Idle, Workbench::default());
    let screen = Screen::new(move |ui, commands| run_ui(ui, &mut view, &state, &bench, &shelf, commands));
    assert!(screen.shows("20 connections opened, 97.5 % of the requests reused one"));
    for label in ["Phases of a request", "connect", "wait", "receive", "37.6 ms"] {
        assert!(screen.shows(label), "{label}");
    }
    assert!(!screen.shows("TLS"));
    assert!(screen.shows("How the load was made") && screen.shows("Generator CPU per request"));
}

#[test]
fn without_runs_every_screen_says_what_to_do() {
    let empty = || {
        let mut shelf = Shelf::new(PathBuf::from("library.sqlite"), true);
        shelf.take_listings(Vec::new());
        shelf
    };
    let (shelf, mut view) = (empty(), HistoryView::default());
    assert!(
        Screen::new(move |ui, commands| history_ui(ui, &mut view, &shelf, commands)).shows("No runs yet")
    );
    let (shelf, mut view) = (empty(), CompareView::default());
    let compare = Screen::new(move |ui, commands| compare_ui(ui, &mut view, &shelf, commands));
    assert!(compare.shows("Nothing to compare yet"));
    let (shelf, mut view) = (empty(), ReportView::default());
    assert!(
        Screen::new(move |ui, commands| report_ui(ui, &mut view, &shelf, commands)).shows("No report yet")
    );
    let (shelf, mut view) = (empty(), RunView::default());
    let (state, bench) = (RunState::Idle, Workbench::default());
    let run = Screen::new(move |ui, commands| run_ui(ui, &mut view, &state, &bench, &shelf, commands));
    assert!(run.shows("Nothing is running"));
}

fn this_machine(known: KnownCalibration, refusal: Option<&'static str>) -> Screen {
    let mut machine = Machine::default();
    machine.known = Some(known);
    Screen::new(move |ui, commands| machine_ui(ui, &machine, refusal, commands))
}

#[test]
fn settings_offer_to_measure_a_machine_that_is_not_known() {
    let mut screen = this_machine(KnownCalibration::None, None);
    assert!(screen.shows("Not measured yet"));
    screen.click("Calibrate");
    assert_eq!(screen.asked(), [Command::Calibrate]);
    let mut screen = this_machine(KnownCalibration::None, Some("A run is under way"));
    screen.click("Calibrate");
    assert_eq!(screen.asked(), []);
}

#[test]
fn settings_show_what_this_machine_can_do_and_nothing_of_another() {
    let calibration = Calibration {
        transport: "wire".to_owned(),
        requests_per_sec_per_worker: 101_234.0,
        requests_per_sec: 150_000.0,
        n_workers: 2,
        cpu_per_request: Duration::from_nanos(4_620),
        floor_p50: Duration::from_micros(38),
        floor_p99_9: Duration::from_micros(210),
        ..Calibration::default()
    };
    let screen = this_machine(KnownCalibration::Current(calibration.clone()), None);
    for text in ["38 µs median · 210 µs p99.9", "101,234/s", "150,000/s · 2 workers", "4.62 µs"] {
        assert!(screen.shows(text), "{text}");
    }
    let screen = this_machine(KnownCalibration::Stale(calibration), None);
    assert!(screen.shows("another machine or version") && !screen.shows("101,234/s"));
}

#[test]
fn the_baseline_runs_along_as_a_ghost_and_another_run_or_none_can_be_chosen() {
    let (shelf, mut view) = (shelf(), RunView::default());
    view.shown = Some(RunId(2));
    let (state, bench) = (RunState::Idle, Workbench::default());
    let mut screen = Screen::new(move |ui, commands| {
        run_ui(ui, &mut view, &state, &bench, &shelf, commands);
        // What the dispatcher does with the choice.
        let mut queued = commands.take();
        for command in &queued {
            if let Command::ChooseGhost(run_id) = command {
                view.ghost.choose(*run_id);
            }
        }
        queued.drain(..).for_each(|command| commands.push(command));
    });
    assert!(screen.shows("Line baseline run 1"));
    assert!(screen.shows("p95 vs ghost"));
    screen.click("Ghost: run 1");
    screen.harness.get_by_label_contains("Run 3, ").click();
    screen.harness.run();
    assert!(screen.shows("Line baseline run 3"));
    screen.click("Ghost: run 3");
    screen.harness.get_by_label("No ghost").click();
    screen.harness.run();
    assert!(!screen.shows("Line baseline run"));
    assert!(!screen.shows("p95 vs ghost"));
    assert_eq!(screen.asked(), [Command::ChooseGhost(Some(RunId(3))), Command::ChooseGhost(None)]);
}
