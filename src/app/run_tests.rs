//! The Run screen's numbers and charts by label and role: windows, selection, zoom, percentiles.

use std::{sync::Arc, time::Duration};

use egui::{
    Event, Key, Modifiers, PointerButton, Pos2,
    accesskit::{Role, Toggled},
    pos2,
};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::{
    command::{Command, ThemeChoice, View},
    run::{ResponseLines, TileWindow},
    state::{LoadedRun, State},
    tests::{Window, start_small_run},
};
use crate::{
    analysis::{Reading, sample, shortest_timeout},
    humanize,
    metrics::{Outcome, RunId},
    model::Metric,
};

const RATE: &str = "Chart: Requests per second";

/// A window that shows a kept run of 40 seconds.
struct Kept {
    window: Window,
    run: Arc<LoadedRun>,
}

impl Kept {
    fn open() -> Self {
        let mut record = sample::record(sample::scenario());
        record.run_id = RunId(7);
        sample::add(&mut record, 12, 0, &[(Outcome::Timeout, Duration::from_secs(30)); 2]);
        let run = Arc::new(LoadedRun::new(record).unwrap());
        let mut window = Window::open();
        let state = window.harness.state_mut().state_mut();
        state.shelf.take_loaded(RunId(7), Ok(Arc::clone(&run)));
        state.run.shown = Some(RunId(7));
        window.obey(Command::Show(View::Run));
        Self { window, run }
    }

    /// Where a second stands on the chart of rates.
    fn at(&self, secs: f32) -> Pos2 {
        let rect = self.window.harness.get_by_label(RATE).rect();
        pos2(rect.left() + rect.width() * secs / 40.0, rect.center().y)
    }

    fn drag(&mut self, from_secs: f32, to_secs: f32) {
        let (from, to) = (self.at(from_secs), self.at(to_secs));
        let harness = &mut self.window.harness;
        harness.hover_at(from);
        harness.step();
        harness.drag_at(from);
        harness.step();
        for part in 1..=4 {
            harness.hover_at(from + (to - from) * (part as f32 / 4.0));
            harness.step();
        }
        harness.drop_at(to);
        harness.run();
    }

    fn shows(&self, text: &str) -> bool {
        self.window.shows(text)
    }

    /// p95 of a stretch, computed from the kept histograms.
    fn p95(&self, from: u32, to: u32) -> String {
        let sums = self.run.history.sums(from..to).unwrap();
        let timeout = shortest_timeout(&self.run.record.start.scenario);
        Reading::of(&sums.aggregate(sums.all()), Metric::Quantile(0.95), timeout).unwrap().text()
    }
}

#[test]
fn a_drag_selects_and_numbers_and_tables_are_of_the_selection() {
    let mut kept = Kept::open();
    assert!(kept.shows("Drag across a chart to see those of any other stretch"));
    kept.drag(10.0, 20.0);
    assert!(kept.shows("Requests that ended from 0:10 to 0:20, 10 s"));
    let sums = kept.run.history.sums(10..20).unwrap();
    let sent = humanize::rate(sums.sent_per_sec().unwrap());
    for text in [&kept.p95(10, 20), &sent, "Completed rate", "0:10 to 0:20"] {
        assert!(kept.shows(text), "{text}");
    }
    // The line above the tables, and of the figures.
    assert!(kept.shows(&humanize::counted(sums.all().counters.n_requests(), "request")));
    kept.window.click("Zoom to selection");
    kept.window.click("Clear selection");
    assert!(!kept.shows("requests that ended"));
    kept.window.click("Select what is shown");
    assert!(kept.shows("Requests that ended from 0:10 to 0:20, 10 s"), "the zoom stayed");
}

#[test]
fn shift_moves_the_nearer_end_and_a_double_click_shows_everything() {
    let mut kept = Kept::open();
    kept.drag(10.0, 20.0);
    let hold = |modifiers| Event::ModifiersChanged(modifiers);
    kept.window.harness.input_mut().events.push(hold(Modifiers::SHIFT));
    kept.drag(19.0, 30.0);
    kept.window.harness.input_mut().events.push(hold(Modifiers::NONE));
    assert!(kept.shows("Requests that ended from 0:10 to 0:30, 20 s"));
    let at = kept.at(5.0);
    kept.window.harness.hover_at(at);
    kept.window.harness.step();
    // Within one frame, as frames of the harness are too far apart for a double click.
    let button = |pressed| Event::PointerButton {
        pos: at,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    kept.window.harness.input_mut().events.extend([true, false, true, false].map(button));
    kept.window.settle();
    assert!(!kept.shows("Requests that ended"));
}

#[test]
fn the_keyboard_selects_moves_zooms_and_clears() {
    let mut kept = Kept::open();
    kept.window.harness.get_by_label(RATE).focus();
    kept.window.settle();
    kept.window.press(Modifiers::NONE, Key::Space);
    assert!(kept.shows("Requests that ended from 0:00 to 0:40, 40 s"));
    kept.window.press(Modifiers::SHIFT, Key::ArrowLeft);
    kept.window.press(Modifiers::ALT, Key::ArrowRight);
    assert!(kept.shows("from 0:01 to 0:39, 38 s"));
    kept.window.press(Modifiers::NONE, Key::ArrowRight);
    assert!(kept.shows("from 0:02 to 0:40, 38 s"));
    kept.window.press(Modifiers::NONE, Key::Plus);
    kept.window.press(Modifiers::NONE, Key::Escape);
    assert!(!kept.shows("Requests that ended"));
    assert!(kept.shows("Select what is shown"), "zoomed");
    kept.window.press(Modifiers::NONE, Key::Num0);
    assert!(!kept.shows("Select what is shown"));
}

#[test]
fn ctrl_and_the_wheel_zoom_and_the_bar_shows_the_whole_run_again() {
    let mut kept = Kept::open();
    let at = kept.at(20.0);
    kept.window.harness.hover_at(at);
    kept.window.harness.step();
    kept.window.harness.input_mut().events.push(Event::Zoom(2.0));
    kept.window.settle();
    assert!(kept.shows("Select what is shown"));
    kept.window.click("Zoom in");
    kept.window.click("Zoom out");
    kept.window.click("Select what is shown");
    assert!(kept.shows("from 0:10 to 0:30, 20 s"), "twice as large about the pointer");
    kept.window.click("Show the whole run");
    kept.window.click("Clear selection");
    assert!(!kept.shows("Select what is shown"));
}

#[test]
fn every_chart_has_a_name_and_teaches_in_both_themes() {
    let mut kept = Kept::open();
    kept.window.harness.set_size(egui::vec2(1280.0, 2400.0));
    for theme in [ThemeChoice::Light, ThemeChoice::Dark] {
        kept.window.obey(Command::ChooseTheme(theme));
        for chart in [
            RATE,
            "Chart: Response time",
            "Chart: Response time heatmap",
            "Chart: How requests ended, per second",
            "Chart: Users and requests in flight",
            "Chart: Errors in each second",
            "Chart: Phases of a request, median",
            "Chart: Generator: start lag",
            "Chart: Generator: processor",
            "Chart: The generator’s machine",
        ] {
            kept.window.harness.get_by_label(chart);
        }
        for entry in ["Layer 2xx", "Line timeout", "Legend of the heatmap"] {
            kept.window.harness.get_by_label(entry);
        }
    }
    kept.window.click("Layer 2xx");
    let layer = kept.window.harness.get_by_label("Layer 2xx");
    assert_eq!(layer.accesskit_node().toggled(), Some(Toggled::False));
}

#[test]
fn percentiles_are_chosen_and_remembered_with_the_window_of_the_numbers() {
    let mut kept = Kept::open();
    assert!(kept.window.harness.query_by_label("Line p99.9").is_none());
    kept.window.click("Choose percentiles");
    kept.window.click("Show p99.9");
    kept.window.click("Show p50");
    kept.window.harness.get_by_label("Line p99.9");
    assert!(kept.window.harness.query_by_label("Line p50").is_none());
    kept.window.obey(Command::ChooseTileWindow(TileWindow::Run));
    kept.window.harness.state_mut().state_mut().jobs.finish();
    let library = kept.window.folder.path().join("library.sqlite");
    let again = State::new(&egui::Context::default(), library);
    assert_eq!(again.run.response_lines, ResponseLines::from_text("p95,p99,p99.9"));
    assert_eq!(again.run.tile_window, TileWindow::Run);
}

#[test]
fn the_numbers_of_a_live_run_cover_what_is_chosen() {
    let mut window = start_small_run(30);
    window.wait_for("two measured seconds", |state| {
        state.run_state.live().is_some_and(|live| live.now.snapshot.past.extent().end >= 2)
    });
    assert!(window.shows("requests, last "));
    for (choice, words) in [("This stage", "this stage, "), ("Run so far", "run so far, ")] {
        window.harness.get_by_role_and_label(Role::RadioButton, choice).click();
        window.wait_for("the chosen window", |_| true);
        assert!(window.shows(words), "{words}");
    }
    window.ask(Command::AbortRun);
    window.wait_for("the end", |state| !state.run_state.is_busy());
}
