//! The run queue in the window: repetitions one after the other, held where something goes wrong, kept over a visit.

use std::time::Duration;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use super::{
    command::{Command, View},
    shell::Dialog,
    state::State,
    tests::{Window, small_scenario},
};
use crate::{launch, metrics::RunLabels};

fn is_done(state: &State) -> bool {
    state.queue.is_empty() && !state.run_state.is_busy() && state.queue.last_run.is_some()
}

/// The labels of all kept runs, oldest first.
fn labels(window: &Window) -> Vec<RunLabels> {
    let library = crate::store::Library::open(&window.library()).unwrap();
    let listings = library.runs().unwrap();
    let mut run_ids: Vec<_> = listings.iter().map(|listing| listing.run_id).collect();
    run_ids.sort();
    run_ids.into_iter().map(|run_id| library.load(run_id).unwrap().start.labels).collect()
}

/// A window with a scenario of so many seconds.
fn window(secs: u64) -> Window {
    let mut window = Window::with_preset("quickstart");
    let scenario = small_scenario(&window, secs);
    window.obey(Command::Edit { scenario: Box::new(scenario), step: 0 });
    window
}

fn queue(n_repetitions: u32, pause_secs: u64) -> Command {
    Command::QueueRuns { n_repetitions, pause: Duration::from_secs(pause_secs) }
}

#[test]
fn the_panel_queues_repetitions_that_run_one_after_the_other() {
    let mut window = window(1);
    window.press(Modifiers::COMMAND | Modifiers::SHIFT, Key::R);
    assert!(window.shows("Nothing waits"));
    window.fill("Repetitions", "two");
    assert!(window.shows("Write a number from 1 to 1,000"));
    window.fill("Repetitions", "2");
    window.fill("Pause before each", "0");
    window.harness.get_by_label("Queue 2 runs").click();
    window.wait_for("the first run", |state| state.run_state.is_live());
    assert!(window.shows("repetition 1 of 2"));
    assert_eq!(window.state().view, View::Design, "a queued run takes no screen");
    window.wait_for("both runs", is_done);
    let labels = labels(&window);
    let numbers: Vec<_> = labels.iter().map(|labels| labels[launch::REPETITION_LABEL].as_str()).collect();
    assert_eq!(numbers, ["1/2", "2/2"]);
    assert_eq!(labels[0][launch::SERIES_LABEL], labels[1][launch::SERIES_LABEL]);
}

#[test]
fn start_offers_to_queue_while_a_run_is_under_way_and_an_abort_holds_what_waits() {
    let mut window = window(30);
    window.ask(Command::StartRun);
    window.wait_for("the run", |state| state.run_state.is_live());
    assert_eq!(window.state().refusal(&Command::StartRun), None);
    window.ask(Command::StartRun);
    window.ask(queue(3, 0));
    window.wait_for("the panel", |state| matches!(state.dialog, Some(Dialog::Queue(_))));
    assert!(window.shows("the next starts once it is kept"));
    window.ask(Command::AbortRun);
    window.wait_for("the end", |state| !state.run_state.is_busy());
    assert_eq!(window.state().queue.held(), Some("run 1 was aborted"));
    assert!(window.shows("Held: run 1 was aborted"));
    window.click("Cancel all");
    assert!(window.state().queue.is_empty());
}

#[test]
fn what_waits_is_put_in_order_and_removed_by_hand() {
    let mut window = window(1);
    window.ask(Command::QueueRuns { n_repetitions: 1, pause: Duration::ZERO });
    window.ask(queue(2, 60));
    window.ask(queue(3, 60));
    window.wait_for("the first", |state| state.queue.entries().len() == 2);
    window.ask(Command::HoldQueue);
    window.wait_for("the end of the first", |state| !state.run_state.is_busy());
    window.obey(Command::ShowQueue);
    window.click("Move place 2 earlier");
    let left = |window: &Window| {
        window.state().queue.entries().iter().map(|entry| entry.n_left()).collect::<Vec<_>>()
    };
    assert_eq!(left(&window), [3, 2]);
    window.click("Remove place 1");
    assert_eq!(left(&window), [2]);
    window.harness.get_by_label("Close the queue").click();
    window.settle();
    assert!(window.state().dialog.is_none());
}

#[test]
fn a_pause_is_counted_down_and_need_not_be_waited_for() {
    let mut window = window(1);
    window.ask(queue(2, 3_000));
    window.ask(Command::ShowQueue);
    window.wait_for("the pause", |state| state.queue.n_waiting() == 1 && !state.run_state.is_busy());
    assert!(window.shows("The next run starts in "), "a count-down");
    window.harness.get_by_label("Start now").click();
    window.wait_for("the second run", |state| state.run_state.is_live());
    window.wait_for("its end", is_done);
}

#[test]
fn a_run_that_cannot_start_holds_the_queue_and_says_why() {
    let mut window = window(1);
    window.edit(1, |scenario| scenario.base_url = "http://127.0.0.1:9".to_owned());
    window.ask(queue(2, 0));
    window.wait_for("the failure", |state| state.queue.held().is_some());
    assert_eq!(window.state().queue.n_waiting(), 2, "none of them was made");
    let held = window.state().queue.held().unwrap();
    assert!(held.starts_with("its next run did not start: ") && held.contains("127.0.0.1"), "{held}");
}

#[test]
fn closing_says_what_waits_and_the_next_visit_offers_it_held() {
    let mut window = window(1);
    window.ask(queue(2, 3_000));
    window.wait_for("the pause", |state| state.queue.n_waiting() == 1 && !state.run_state.is_busy());
    window.request_close();
    assert!(matches!(window.state().dialog, Some(Dialog::Closing)));
    assert!(window.shows("1 run waits in the queue"));
    window.harness.get_by_label("Close the window").click();
    window.harness.run_ok();
    let Window { harness, folder } = window;
    drop(harness);
    let again = State::new(&egui::Context::default(), folder.path().join("library.sqlite"));
    assert_eq!((again.queue.n_waiting(), again.queue.goes_on()), (1, false), "nothing starts by itself");
    let said = again.messages.last().unwrap();
    assert!(said.contains("1 run waited in the queue when the last visit ended"), "{said}");
}
