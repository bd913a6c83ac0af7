//! Monitors on the Design screen, by label and role.

use std::time::Duration;

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

use super::{
    command::{Command, ThemeChoice},
    design::DesignCommand,
    tests::Window,
};
use crate::{
    model::{
        Bound, MetricReading, Monitor, Probe, SeriesLimit, SeriesStatistic, SeriesUnit, ThresholdSeverity,
    },
    monitor::ConnectionTest,
};

fn monitors() -> Window {
    let mut window = Window::with_preset("quickstart");
    window.edit(1, |scenario| scenario.monitors.clear());
    window.open_tab("Monitors");
    window
}

impl Window {
    fn monitor(&self, index: usize) -> &Monitor {
        &self.scenario().monitors[index]
    }

    /// Adds a monitor by its kind's entry in the menu.
    fn add_monitor(&mut self, kind: &str) {
        self.reach("Add monitor");
        let entry = self.harness.get_all_by_role_and_label(Role::Button, kind).last().unwrap();
        entry.click();
        self.settle();
    }

    /// Clicks what may be below the edge of the window.
    fn reach(&mut self, label: &str) {
        self.harness.get_by_label(label).scroll_to_me();
        self.settle();
        self.click(label);
    }

    /// Chooses an entry of a menu of choices.
    fn choose(&mut self, name: &str, entry: &str) {
        let combo = self.harness.get_by_role_and_label(Role::ComboBox, name);
        combo.scroll_to_me();
        self.settle();
        self.harness.get_by_role_and_label(Role::ComboBox, name).click();
        self.settle();
        self.harness.get_all_by_label(entry).last().unwrap().scroll_to_me();
        self.settle();
        self.harness.get_all_by_label(entry).last().unwrap().click();
        self.settle();
    }

    fn rewrite(&mut self, label: &str, text: &str) {
        self.field(label).scroll_to_me();
        self.settle();
        self.fill(label, text);
    }
}

#[test]
fn an_empty_list_teaches_and_each_kind_is_one_click_away() {
    let mut window = monitors();
    assert!(window.shows("Nothing is watched yet") && window.shows("never a broken run"));
    window.click("Watch this machine");
    assert_eq!(window.monitor(0), &Monitor::new("machine", Probe::Machine));
    for (kind, word) in [
        ("Processes", "processes"),
        ("Exporter page", "metrics"),
        ("Prometheus", "prometheus"),
        ("PostgreSQL", "postgres"),
        ("Redis", "redis"),
    ] {
        window.add_monitor(kind);
        let last = window.scenario().monitors.last().unwrap();
        assert_eq!(last.probe.kind(), word);
        assert!(window.field("Monitor name").value().is_some_and(|name| name == last.name), "{kind}");
    }
    window.obey(Command::Undo);
    assert_eq!(window.scenario().monitors.len(), 5, "one addition is one step");
    window.obey(Command::Design(DesignCommand::AddMonitor));
    assert_eq!(window.monitor(5).name, "machine (2)");
}

#[test]
fn a_monitor_is_switched_off_named_duplicated_and_removed() {
    let mut window = monitors();
    window.click("Watch this machine");
    window.harness.get_by_role_and_label(Role::CheckBox, "Watch machine").click();
    window.settle();
    assert!(!window.monitor(0).enabled);
    window.rewrite("Monitor name", "generator");
    assert_eq!(window.monitor(0).name, "generator");
    window.click("Duplicate this monitor");
    assert_eq!(window.monitor(1).name, "generator (2)");
    window.click("Monitor generator, This machine");
    window.click("Remove this monitor");
    assert_eq!(window.scenario().monitors.len(), 1);
    assert_eq!(window.monitor(0).name, "generator (2)");
    window.click("Remove this monitor");
    assert!(window.shows("Nothing is watched yet"));
}

#[test]
fn limits_are_written_in_the_unit_of_their_series() {
    let mut window = monitors();
    window.click("Watch this machine");
    window.reach("Add limit");
    let limit = |series: &str, statistic, bound, severity| SeriesLimit {
        series: series.to_owned(),
        statistic,
        bound,
        severity,
    };
    let expected = limit("CPU", SeriesStatistic::P95, Bound::AtMost(0.7), ThresholdSeverity::Must);
    assert_eq!(window.monitor(0).limits, [expected]);
    window.rewrite("Limit 1 value", "85 %");
    assert_eq!(window.monitor(0).limits[0].bound, Bound::AtMost(0.85));
    window.choose("Limit 1 series", "disk wait");
    window.rewrite("Limit 1 value", "30ms");
    window.choose("Limit 1 statistic", "highest");
    window.choose("Limit 1 severity", "should");
    let expected = limit("disk wait", SeriesStatistic::Max, Bound::AtMost(0.03), ThresholdSeverity::Should);
    assert_eq!(window.monitor(0).limits, [expected]);
    window.rewrite("Limit 1 value", "much");
    assert_eq!(window.monitor(0).limits[0].bound, Bound::AtMost(0.03), "what cannot be read changes nothing");
    window.choose("Limit 1 side", "at least");
    assert_eq!(window.monitor(0).limits[0].bound, Bound::AtLeast(0.03));
    window.reach("Remove limit 1");
    assert!(window.monitor(0).limits.is_empty());
}

#[test]
fn a_written_password_is_cautioned_and_a_secret_takes_its_place() {
    let mut window = monitors();
    window.click("Watch PostgreSQL");
    window.rewrite("Password", "sesame");
    assert!(window.shows("password stands in the file"));
    window.reach("Use a secret instead");
    let Probe::Postgres(probe) = &window.monitor(0).probe else { panic!("not a database") };
    assert_eq!(probe.password, "{{monitor_password}}");
    assert!(window.scenario().secrets.contains_key("monitor_password"));
    assert!(!window.shows("password stands in the file"));
    window.rewrite("Pool size", "20");
    window.rewrite("Slow statement", "250ms");
    let Probe::Postgres(probe) = &window.monitor(0).probe else { panic!("not a database") };
    assert_eq!((probe.pool_size, probe.slow_statement), (Some(20), Some(Duration::from_millis(250))));
}

#[test]
fn series_of_a_page_are_written_and_limits_follow_a_new_name() {
    let mut window = monitors();
    window.click("Watch an exporter page");
    window.reach("Add limit");
    let first = window.monitor(0).limits[0].series.clone();
    window.rewrite("Series 1 name", "processors");
    assert_eq!(window.monitor(0).series()[0].name, "processors");
    assert_eq!((first.as_str(), window.monitor(0).limits[0].series.as_str()), ("CPU", "processors"));
    window.reach("Add series");
    let n = window.monitor(0).series().len();
    window.rewrite(&format!("Series {n} metric"), "http_requests_total");
    window.rewrite(&format!("Series {n} labels"), "code=\"500\"");
    window.choose(&format!("Series {n} reading"), "growth per second");
    window.choose(&format!("Series {n} unit"), "per second");
    let Probe::Metrics(probe) = &window.monitor(0).probe else { panic!("not a page") };
    let series = probe.series.last().unwrap();
    assert_eq!(series.metric, "http_requests_total");
    assert_eq!(series.labels, [("code".to_owned(), "500".to_owned())]);
    assert_eq!((&series.reading, series.unit), (&MetricReading::Rate, SeriesUnit::PerSec));
}

#[test]
fn ready_queries_are_added_to_a_prometheus_server() {
    let mut window = monitors();
    window.click("Watch Prometheus");
    let n_before = window.monitor(0).series().len();
    window.reach("Add a ready query");
    window.click("run queue (number)");
    let series = window.monitor(0).series();
    assert_eq!((series.len(), series.last().unwrap().name.as_str()), (n_before + 1, "run queue"));
}

/// What a page with one known and one unknown metric came to.
fn test_of(monitor: &Monitor) -> ConnectionTest {
    let values = monitor.series().into_iter().enumerate();
    crate::app::state::sample_test(
        values.map(|(index, series)| (series, (index > 0).then_some(0.25))).collect(),
        &["node_load1", "http_requests_total"],
    )
}

#[test]
fn a_test_shows_every_value_and_offers_what_the_page_has_and_a_stale_one_is_dropped() {
    let mut window = monitors();
    window.click("Watch an exporter page");
    let asked = window.monitor(0).clone();
    window.harness.state_mut().state_mut().probe_tests.ask(asked.probe.clone());
    window.harness.step();
    assert!(window.shows("Testing the connection"));
    let mut other = asked.probe.clone();
    if let Probe::Metrics(probe) = &mut other {
        probe.url = "http://127.0.0.1:1/other".to_owned();
    }
    let late = Err("nobody there".to_owned());
    window.harness.state_mut().state_mut().probe_tests.take(&other, late);
    window.harness.step();
    assert!(!window.shows("nobody there"), "it is of another address");
    window.harness.state_mut().state_mut().probe_tests.take(&asked.probe, Ok(Box::new(test_of(&asked))));
    window.settle();
    assert!(window.shows("node_exporter 1.9") && window.shows("25 %"), "values in their units");
    window.reach("Add from the page");
    window.click("Choose http_requests_total");
    let Probe::Metrics(probe) = &window.monitor(0).probe else { panic!("not a page") };
    let last = probe.series.last().unwrap();
    assert_eq!((last.metric.as_str(), last.unit), ("http_requests_total", SeriesUnit::PerSec));
    assert!(window.shows("node_exporter 1.9"), "another series does not take the result away");
    window.rewrite("Monitor address", "http://127.0.0.1:9101/metrics");
    assert!(!window.shows("node_exporter 1.9"), "another address does");
}

#[test]
fn a_test_that_fails_says_why_without_holding_the_window_up() {
    let mut window = monitors();
    window.click("Watch Redis");
    window.rewrite("Monitor address", "redis://127.0.0.1:1");
    window.harness.get_by_label("Test connection").click();
    window.harness.step();
    let probe = window.monitor(0).clone();
    window.wait_for("the end of the test", |state| state.probe_tests.end_of(&probe).is_some());
    let end = window.state().probe_tests.end_of(&probe).unwrap();
    let words = end.as_ref().unwrap_err().clone();
    assert!(window.shows(&words), "{words}");
}

#[test]
fn every_kind_is_drawn_in_both_themes_and_a_narrow_window() {
    let mut window = monitors();
    window.click("Watch this machine");
    for kind in ["Processes", "Exporter page", "Prometheus", "PostgreSQL", "Redis"] {
        window.add_monitor(kind);
    }
    for (theme, width) in [(ThemeChoice::Light, 1280.0), (ThemeChoice::Dark, 640.0)] {
        window.obey(Command::ChooseTheme(theme));
        window.harness.set_size(egui::vec2(width, 1600.0));
        window.settle();
        for (name, kind, field) in [
            ("machine", "This machine", "Monitor name"),
            ("processes", "Processes", "Processes"),
            ("exporter", "Exporter page", "Series 1 labels"),
            ("prometheus", "Prometheus", "Query 1 text"),
            ("database", "PostgreSQL", "Pool size"),
            ("cache", "Redis", "Password"),
        ] {
            window.reach(&format!("Monitor {name}, {kind}"));
            let right = window.field(field).rect().right();
            assert!(right <= width, "{field} ends at {right} of {width}");
            window.harness.get_by_label("Test connection");
        }
    }
}
