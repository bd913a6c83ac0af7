//! The trend by label and role, and by places of its chart.

use std::{cell::RefCell, path::PathBuf, rc::Rc};

use egui::{Key, Pos2, Rect, pos2};
use egui_kittest::kittest::Queryable as _;

use super::{
    command::Command,
    history::{HistoryView, history_ui, sample_listing},
    screen_tests::Screen,
    state::Shelf,
};
use crate::{
    metrics::RunId,
    model::{Metric, Scope, Threshold, ThresholdSeverity, Window},
    store::RunListing,
};

const CHART: &str = "Trend chart: p95 of response time";

/// Runs of about 40 ms, and of about 60 ms from run 13 on, newest first.
fn listings(n_runs: i64) -> Vec<RunListing> {
    let p95 = |run_id: i64| if run_id < 13 { 40 } else { 60 } + (run_id % 3) as u64;
    (1..=n_runs).rev().map(|run_id| sample_listing(run_id, "Search", Some(p95(run_id)))).collect()
}

fn screen_of(listings: Vec<RunListing>) -> (Screen, Rc<RefCell<Shelf>>) {
    let mut shelf = Shelf::new(PathBuf::from("library.sqlite"), true);
    shelf.take_listings(listings);
    let shelf = Rc::new(RefCell::new(shelf));
    let (shown, mut view) = (Rc::clone(&shelf), HistoryView::default());
    view.show_trend(Some("Search".to_owned()));
    let mut screen = Screen::sized([1280.0, 900.0], move |ui, commands| {
        history_ui(ui, &mut view, &shown.borrow(), commands);
    });
    let newest = shelf.borrow().listings()[0].run_id;
    assert!(screen.asked().contains(&Command::ReadThresholds(newest)));
    shelf.borrow_mut().take_thresholds(newest, Vec::new());
    screen.harness.run();
    screen.asked();
    (screen, shelf)
}

impl Screen {
    fn chart(&self) -> Rect {
        self.harness.get_by_label(CHART).rect()
    }

    fn click_at(&mut self, at: Pos2) {
        self.harness.hover_at(at);
        self.harness.step();
        self.harness.drag_at(at);
        self.harness.step();
        self.harness.drop_at(at);
        self.harness.run();
    }
}

/// Where a run stands across the chart, counted from the first as 0.
fn across(chart: Rect, place: f32, n_runs: f32) -> f32 {
    let (left, right) = (chart.left() + 64.0 + 10.0, chart.right() - 8.0 - 10.0);
    left + (right - left) * place / (n_runs - 1.0)
}

#[test]
fn a_change_is_named_and_opens_the_runs_on_both_sides() {
    let (mut screen, _) = screen_of(listings(24));
    assert!(screen.shows("p95 +4") && screen.shows("WORSE"));
    screen.click("Compare runs 12 and 13");
    let chart = screen.chart();
    // Upon its words, above its line.
    screen.click_at(pos2(across(chart, 11.5, 24.0), chart.top() + 8.0));
    let both = Command::Compare(vec![RunId(12), RunId(13)]);
    assert_eq!(screen.asked(), [both.clone(), both]);
}

#[test]
fn a_click_on_a_run_opens_it_and_so_does_enter() {
    let (mut screen, _) = screen_of(listings(24));
    let chart = screen.chart();
    screen.click_at(pos2(across(chart, 4.0, 24.0), chart.center().y));
    assert_eq!(screen.asked(), [Command::OpenRun(RunId(5))]);
    for key in [Key::End, Key::ArrowLeft, Key::ArrowLeft, Key::Enter] {
        screen.harness.key_press(key);
        screen.harness.run();
    }
    assert_eq!(screen.asked(), [Command::OpenRun(RunId(22))]);
}

#[test]
fn other_numbers_are_chosen_and_one_that_was_not_kept_says_so() {
    let (mut screen, _) = screen_of(listings(24));
    screen.click("Throughput");
    assert!(screen.shows("Trend chart: Requests completed per second"));
    assert!(screen.shows("No change found in 24 runs"));
    screen.click("p99");
    assert!(screen.shows("None of the 24 runs of this scenario has a p99"));
}

#[test]
fn too_few_runs_say_how_many_it_takes() {
    let (screen, _) = screen_of(listings(4));
    assert!(screen.shows("Too little history"));
    assert!(screen.shows("from 10 runs of one set-up on; there are 4 so far"));
}

#[test]
fn runs_of_another_set_up_stand_apart_and_can_be_chosen() {
    let mut all = listings(24);
    all[20].fingerprint = "another machine".to_owned();
    let (screen, _) = screen_of(all);
    assert!(screen.shows("1 run of another set-up"));
    assert!(screen.harness.query_by_label("Set-up").is_some());
}

#[test]
fn targets_of_the_newest_run_are_read_once() {
    let (mut screen, shelf) = screen_of(listings(24));
    let target = Threshold {
        metric: Metric::Quantile(0.95),
        scope: Scope::Run,
        window: Window::Steady,
        limit: 0.05,
        severity: ThresholdSeverity::Must,
        abort_after: None,
    };
    shelf.borrow_mut().take_thresholds(RunId(24), vec![target]);
    screen.harness.run();
    assert_eq!(screen.asked(), [], "they are known now");
    assert!(screen.shows("Targets of run 24: 50.0 ms"));
}
