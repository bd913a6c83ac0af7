//! Thresholds, steps, errors and log of the Run screen by label and role.

use std::{path::PathBuf, sync::Arc, time::Duration};

use egui::OutputCommand;
use egui_kittest::kittest::Queryable as _;

use super::{
    command::Command,
    run::{RunView, run_ui},
    screen_tests::{Screen, record},
    state::{LoadedRun, RunState, Shelf, Workbench},
    tests::start_run_with,
};
use crate::{
    analysis::sample,
    metrics::{Annotation, ExemplarText, RunRecord, ThresholdState},
    model::{Metric, Scope, Threshold, Window},
};

/// The Run screen with one kept run.
fn shown(record: RunRecord) -> Screen {
    let (run_id, mut view) = (record.run_id, RunView::default());
    view.shown = Some(run_id);
    let mut shelf = Shelf::new(PathBuf::from("library.sqlite"), true);
    shelf.take_listings(Vec::new());
    shelf.take_loaded(run_id, LoadedRun::new(record).map(Arc::new).map_err(|error| error.to_string()));
    let (state, bench) = (RunState::Idle, Workbench::default());
    Screen::new(move |ui, commands| run_ui(ui, &mut view, &state, &bench, &shelf, commands))
}

fn trend_of(row: &str) -> String {
    format!("p95 over the run: {row}")
}

/// Whether a row of the steps table is drawn, by its curve.
fn has_row(screen: &Screen, row: &str) -> bool {
    screen.harness.query_by_label(&trend_of(row)).is_some()
}

fn height_of(screen: &Screen, row: &str) -> f32 {
    screen.harness.get_by_label(&trend_of(row)).rect().top()
}

#[test]
fn a_service_hides_and_shows_its_steps() {
    let mut screen = shown(record(1));
    assert!(has_row(&screen, "auth") && has_row(&screen, "Sign in") && has_row(&screen, "All steps"));
    screen.click("Hide the steps of auth");
    assert!(has_row(&screen, "auth") && !has_row(&screen, "Sign in") && has_row(&screen, "List courses"));
    // By keyboard too.
    screen.harness.get_by_label("Show the steps of auth").focus();
    screen.harness.run();
    screen.harness.key_press(egui::Key::Enter);
    screen.harness.run();
    assert!(has_row(&screen, "Sign in"));
}

#[test]
fn steps_sort_by_any_figure_and_turn_around() {
    let mut screen = shown(record(1));
    assert!(height_of(&screen, "List courses") < height_of(&screen, "Sign in"));
    screen.click("Sort by p95");
    assert!(height_of(&screen, "Sign in") < height_of(&screen, "List courses"), "the slowest first");
    screen.click("Sort by p95");
    assert!(height_of(&screen, "List courses") < height_of(&screen, "Sign in"));
    screen.click("Sort by Errors");
    assert!(height_of(&screen, "Sign in") > height_of(&screen, "auth"), "steps stay with their service");
}

#[test]
fn budgets_show_what_is_used_of_them() {
    let mut run = record(1);
    run.start.scenario.services[1].budgets = vec![sample::budget_p95(90)];
    let screen = shown(run);
    screen.harness.get_by_label("Budget of auth: 76.0 of 90 ms");
    // Without a limit of its own the step is held against its service's.
    screen.harness.get_by_label("Budget of Sign in: 76.0 of 90 ms");
    assert!(!shown(record(1)).shows("Budget of"));
}

#[test]
fn an_error_opens_to_its_request_and_answer_which_can_be_copied() {
    let mut run = record(2);
    let part = |head: &str, body: &str, body_bytes| {
        Some(ExemplarText { head: head.to_owned(), body: body.to_owned(), body_bytes })
    };
    let exemplar = &mut run.error_groups[0].exemplars[0];
    exemplar.sent = part("POST /sign-in HTTP/1.1\nhost: 10.0.0.7", "{\"user\": \"ada\"}", 15);
    exemplar.answer = part("HTTP/1.1 503 Service Unavailable", "try again later", 2_048);
    let mut screen = shown(run);
    assert!(screen.shows("of all requests") && !screen.shows("host: 10.0.0.7"));
    screen.click("HTTP 503  ·  Sign in");
    for text in ["host: 10.0.0.7", "try again later", "First 15 B of a body of 2.0 KiB"] {
        assert!(screen.shows(text), "{text}");
    }
    screen.harness.get_by_label("Copy request 1 of HTTP 503").click();
    // What is copied is told in the frame of the click alone.
    let copied = (0..4).find_map(|_| {
        screen.harness.step();
        screen.harness.output().platform_output.commands.iter().find_map(|command| match command {
            OutputCommand::CopyText(text) => Some(text.clone()),
            _ => None,
        })
    });
    assert!(copied.is_some_and(|text| text.contains("POST /sign-in") && text.contains("try again later")));
}

#[test]
fn an_entry_of_the_log_selects_its_surroundings_and_everything_follows() {
    let mut run = record(2);
    let entry = |secs, text: &str| Annotation { at: Duration::from_secs(secs), text: text.to_owned() };
    run.annotations = vec![entry(30, "cache cleared"), entry(20, "Stopped")];
    run.start.scenario.thresholds = vec![sample::must(Metric::Quantile(0.95), 0.05)];
    let mut screen = shown(run);
    assert!(screen.shows("Missed") && !screen.shows("In selection"));
    screen.click("Note at 0:30: cache cleared");
    assert!(screen.shows("requests that ended from 0:25 to 0:35"));
    assert!(screen.shows("In selection"));
    assert!(screen.shows("From 0:25 to 0:35: no errors, of "));
    let stopped = "Stopped at 0:20: Stopped";
    assert!(screen.harness.query_by_label(stopped).is_some());
    screen.click("Notes only");
    assert!(screen.harness.query_by_label(stopped).is_none());
}

#[test]
fn a_run_without_targets_leads_to_them() {
    let mut screen = shown(record(1));
    assert!(screen.shows("This run had no targets"));
    screen.click("Set targets");
    assert_eq!(screen.asked(), [Command::ShowProblem("thresholds".to_owned())]);
}

#[test]
fn tables_stay_within_a_narrow_screen() {
    let mut run = record(2);
    run.start.scenario.services[1].budgets = vec![sample::budget_p95(90)];
    run.start.scenario.thresholds = vec![sample::must(Metric::Quantile(0.95), 0.05)];
    let mut screen = shown(run);
    screen.harness.set_size(egui::vec2(620.0, 4_000.0));
    screen.harness.run();
    assert!(screen.harness.query_by_label("Sort by Received").is_none());
    let errors = screen.harness.get_by_label("Sort by Errors").rect();
    assert!(errors.right() <= 620.0, "{errors}");
}

#[test]
fn thresholds_of_a_run_under_way_are_looked_at_every_second() {
    let threshold = |metric, limit| Threshold {
        scope: Scope::Run,
        window: Window::Run,
        abort_after: Some(Duration::from_secs(60)),
        ..sample::must(metric, limit)
    };
    let mut window = start_run_with(30, |scenario| {
        scenario.thresholds = vec![threshold(Metric::ErrorShare, 0.5), threshold(Metric::Throughput, 1e9)];
    });
    window.wait_for("the first look", |state| {
        state.run_state.live().is_some_and(|live| {
            let thresholds = &live.now.snapshot.thresholds;
            thresholds.len() == 2 && thresholds.iter().all(|threshold| threshold.actual.is_some())
        })
    });
    let live = window.state().run_state.live().unwrap().now.snapshot.thresholds.clone();
    assert_eq!((live[0].state, live[0].actual), (ThresholdState::Met, Some(0.0)));
    assert_eq!(live[1].state, ThresholdState::Missed);
    assert!(live[1].ends_in.is_some_and(|left| left <= Duration::from_secs(60)));
    window.ask(Command::AbortRun);
    window.wait_for("its end", |state| !state.run_state.is_busy());
}
