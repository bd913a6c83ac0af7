//! What monitors read on the Run screen, by label and role: charts, table, troubles, correlation.

use std::sync::Arc;

use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::{
    command::{Command, ThemeChoice, View},
    compare_tests::{record, window_with},
    state::LoadedRun,
    tests::Window,
};
use crate::{
    analysis::sample,
    metrics::{MonitorFacts, RunId, RunRecord, SeriesInfo, SeriesPoint, WatchJournal as _, Watched},
    model::{Monitor, Probe},
    store::Library,
};

/// A window that shows a kept run, tall enough for all of it.
fn kept(mut record: RunRecord) -> Window {
    record.run_id = RunId(7);
    let run = Arc::new(LoadedRun::new(record).unwrap());
    let mut window = Window::open();
    let state = window.harness.state_mut().state_mut();
    state.shelf.take_loaded(RunId(7), Ok(run));
    state.run.shown = Some(RunId(7));
    window.obey(Command::Show(View::Run));
    window.harness.set_size(egui::vec2(1280.0, 6_000.0));
    window.settle();
    window
}

#[test]
fn a_run_shows_what_its_monitors_read_with_limits_gaps_and_cost() {
    let mut window = kept(sample::watched());
    for theme in [ThemeChoice::Light, ThemeChoice::Dark] {
        window.obey(Command::ChooseTheme(theme));
        for chart in ["Chart: CPU (machine)", "Chart: Network sent (machine)", "Chart: Hit share (cache)"] {
            window.harness.get_by_label(chart);
        }
    }
    assert!(window.shows("probes: 0.12 % of a core"));
    assert!(window.shows("Gap 0:20 to 0:25: the server refused the connection"));
    assert!(window.shows("read in 35 of 40 seconds"));
    assert!(window.shows("p95 ≤ 70 %"), "the limit stands in the table");
    assert!(window.harness.query_by_label("evictions (cache)").is_none(), "not among the telling ones");
    window.click("Show all 6");
    window.harness.get_by_label("evictions (cache)");
    window.harness.get_by_role_and_label(Role::CheckBox, "Stage by stage").click();
    window.settle();
    let n_stages = window.harness.query_all_by_label("Spike (200)").count();
    assert!(n_stages >= 6, "{n_stages}");
}

#[test]
fn a_run_without_monitors_says_what_they_would_tell() {
    let window = kept(sample::record(sample::scenario()));
    assert!(window.shows("No monitor was set up"));
    assert!(window.harness.query_by_label("Correlate…").is_none());
}

#[test]
fn a_series_is_set_beside_a_measure_at_a_chosen_lag() {
    let mut window = kept(sample::watched());
    window.click("Correlate…");
    window.harness.get_by_label("Chart: Seconds of the run");
    assert!(window.shows("A suspect, not a cause"));
    assert!(
        window.shows("No correlation can be told from 38 pairs of seconds"),
        "p95 never changes in this run"
    );
    assert!(window.shows("p95 response time"));
    window.harness.get_by_role_and_label(Role::RadioButton, "throughput").click();
    window.settle();
    window.harness.get_by_label("Chart: Completed per second");
    window.harness.get_by_role_and_label(Role::ComboBox, "Series to correlate").click();
    window.settle();
    // The table below has a row of this name too.
    let mut named = window.harness.query_all_by_label("hit share (cache)");
    named.find(|node| node.accesskit_node().role() != Role::Label).unwrap().click();
    drop(named);
    window.settle();
    window.harness.get_by_label("Chart: hit share (cache)");
    window.click("Hide correlation");
    assert!(!window.shows("A suspect, not a cause"));
}

#[test]
fn a_correlation_is_told_with_its_interval_and_lag() {
    let mut record = record(1, 1.0);
    let watched = sample::watched();
    let mut cpu = watched.watched.series("machine", "CPU").unwrap().clone();
    cpu.values = (0..60_u32).map(|second| f64::from(second * 37 % 23) / 23.0).collect();
    record.watched =
        Arc::new(Watched { monitors: watched.watched.monitors[..1].to_vec(), series: vec![cpu] });
    let mut window = kept(record);
    window.click("Correlate…");
    assert!(window.shows("95 % interval") && window.shows("in the same second, 59 pairs of seconds"));
    let strongest = window.harness.query_by_label_contains("Use the strongest");
    if let Some(button) = strongest {
        button.click();
        window.settle();
        assert!(window.shows(" later, ") || window.shows(" earlier, "));
    }
}

/// Keeps what a monitor of this machine saw of a run of a minute: its processors around a level, its memory at a half.
fn keep_watched(library: &Library, run_id: RunId, level: f64) {
    let described = Monitor::new("machine", Probe::Machine).series();
    let info = |name: &str| {
        let series = described.iter().find(|series| series.name == name).unwrap().clone();
        SeriesInfo {
            monitor: "machine".to_owned(),
            name: series.name,
            unit: series.unit,
            group: series.group,
            aspect: series.aspect,
            meaning: series.meaning,
        }
    };
    let mut writer = library.watch_writer(run_id).unwrap();
    writer.series(&[info("CPU"), info("memory"), info("disk reads")]).unwrap();
    let points = (0..60_u32).flat_map(|second| {
        let cpu = level + 0.02 * f64::from(second % 5);
        [cpu, 0.5, 1_000.0].into_iter().zip(0..).map(move |(value, series)| SeriesPoint {
            series,
            second,
            value,
        })
    });
    writer.points(&points.collect::<Vec<_>>()).unwrap();
    let name = "machine".to_owned();
    writer.facts(&[MonitorFacts { name, n_read: 60, n_asked: 60, ..MonitorFacts::default() }]).unwrap();
}

#[test]
fn two_runs_show_what_their_monitors_read_and_how_it_differs() {
    let mut window = window_with(&[record(1, 1.0), record(2, 1.0)]);
    let library = Library::open(&window.library()).unwrap();
    keep_watched(&library, RunId(1), 0.4);
    keep_watched(&library, RunId(2), 0.6);
    window.ask(Command::Compare(vec![RunId(1), RunId(2)]));
    window.wait_for("the comparison", |state| {
        state.compare.shown().is_some_and(|compared| compared.asked == *state.compare.asked())
    });
    window.harness.set_size(egui::vec2(1280.0, 4_000.0));
    window.settle();
    for words in ["CPU (machine)", "memory (machine)", "44 %", "64 %", "+20"] {
        assert!(window.shows(words), "{words}");
    }
    assert!(window.harness.query_by_label("disk reads (machine)").is_none());
    window.click("Show all series");
    window.harness.get_by_label("disk reads (machine)");
}

#[test]
fn two_runs_without_monitors_have_no_table_of_resources() {
    let mut window = window_with(&[record(1, 1.0), record(2, 1.0)]);
    window.ask(Command::Compare(vec![RunId(1), RunId(2)]));
    window.wait_for("the comparison", |state| state.compare.shown().is_some());
    assert!(window.harness.query_by_label("Show all series").is_none());
}
