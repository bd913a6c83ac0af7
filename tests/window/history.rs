//! The library in the real window: filter, star, tag, baseline and trend, on runs written through the store's door.

use std::path::{Path, PathBuf};
use std::time::Duration;

use egui::Key;
use egui::Modifiers;
use stagewright::metrics::{Journal as _, RunDigest, RunEnd, RunId, RunStart, Standing, Verdict};
use stagewright::model::{Journey, LoadModel, LoadProfile, Scenario, Shape, Stage, Step};
use stagewright::store::Library;

use crate::driver::{Window, has, turn};

const N_RUNS: usize = 40;
/// From this run on Checkout takes half as long again.
const SLOWER_FROM: usize = 25;

#[test]
fn an_analyst_finds_marks_and_follows_runs_in_the_window() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.sqlite");
    write(&path);
    let shots = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("window");
    let mut window = Window::open(&path, &shots);
    window.click("History");
    window.wait_for("the runs", |widgets| has(widgets, &format!("{N_RUNS} runs, ")));
    window.screenshot("history-library");

    filter(&mut window);
    star(&mut window);
    tag(&mut window);
    baseline(&mut window);
    trend(&mut window);
    for theme in ["Light", "Dark"] {
        window.click("Settings");
        window.click(theme);
        window.click("History");
        window.click("Trend");
        window.find("Compare runs 23 and 25");
        window.screenshot(&format!("trend-{}", theme.to_lowercase()));
        window.click("Runs");
        window.find("Filter by scenario");
        window.screenshot(&format!("history-library-{}", theme.to_lowercase()));
    }
    drop(window);

    let library = Library::open(&path).unwrap();
    let listings = library.runs().unwrap();
    let run = |run_id: i64| listings.iter().find(|listing| listing.run_id == RunId(run_id)).unwrap();
    assert!(run(39).is_starred && run(39).tags == ["cache", "nightly"]);
    assert!(run(1).is_baseline);
}

fn filter(window: &mut Window) {
    window.click("Filter by scenario");
    window.click("Checkout");
    window.wait_for("the runs of one scenario", |widgets| has(widgets, "20 of 40 runs"));
    window.click("Filter by verdict");
    window.click("FAIL");
    window.wait_for("those that failed", |widgets| has(widgets, "2 of 40 runs"));
    window.screenshot("history-filtered");
    window.click("Clear");
    window.wait_for("all runs", |widgets| has(widgets, "40 runs, "));
    window.fill("Search runs", "commit=c0ffee7");
    window.wait_for("the run that was searched for", |widgets| has(widgets, "1 of 40 runs"));
    window.click("Clear");
}

fn star(window: &mut Window) {
    window.click("Star run 39");
    window.find("Take the star from run 39");
    window.click("Starred only");
    window.wait_for("the starred run", |widgets| has(widgets, "1 of 40 runs"));
    window.click("Starred only");
}

fn tag(window: &mut Window) {
    window.click("Tags of run 39");
    window.wait_for_focus("Tags of run 39");
    window.type_over("nightly, cache");
    window.wait_for("both tags", |widgets| has(widgets, "cache") && has(widgets, "nightly"));
    // Escape leaves what there is.
    window.click("Note of run 39");
    window.wait_for_focus("Note of run 39");
    window.apply(vec![egui::Event::Text("never kept".to_owned())]);
    window.key(Key::Escape, Modifiers::NONE);
    window.wait_for("the note as it was", |widgets| !has(widgets, "never kept"));
}

fn baseline(window: &mut Window) {
    window.click("Sort by Run");
    window.click("Set run 1 as baseline");
    window.find("Run 1 is the baseline");
    window.click("Sort by Run");
    window.find("Compare run 39");
}

fn trend(window: &mut Window) {
    window.click("More for run 39");
    window.click("Trend of this scenario");
    window.wait_for("the chart", |widgets| has(widgets, "Trend chart: p95 of response time"));
    // Every other run is one of Checkout.
    window.wait_for("the change", |widgets| has(widgets, "Compare runs 23 and 25"));
    window.click("p99");
    window.wait_for("the chart of p99", |widgets| has(widgets, "Trend chart: p99 of response time"));
    window.click("By date");
    window.screenshot("trend-by-date");
    window.click("Compare runs 23 and 25");
    window.find("Swap baseline and candidate");
    window.click("History");
    window.click("Runs");
}

/// Runs by turns of two scenarios.
fn write(path: &Path) {
    let library = Library::open(path).unwrap();
    for number in 1..=N_RUNS {
        let mut writer = library.begin_run(&start(number)).unwrap();
        let run_id = writer.run_id();
        let end = RunEnd::completed(Duration::from_secs(60));
        writer.finish(&end).unwrap();
        library.keep_digest(run_id, &digest(number)).unwrap();
    }
}

fn start(number: usize) -> RunStart {
    let stage =
        Stage { name: "Hold".into(), duration: Duration::from_secs(60), end_level: 50.0, shape: Shape::Ramp };
    let load = LoadProfile {
        model: LoadModel::Closed,
        warm_up: Duration::ZERO,
        graceful_stop: LoadProfile::DEFAULT_GRACEFUL_STOP,
        stages: vec![stage],
    };
    let name = if number % 2 == 1 { "Checkout" } else { "Search" };
    let mut scenario = Scenario::new(name, "http://127.0.0.1:9", load);
    scenario.journeys = vec![Journey { steps: vec![Step::get("Ask", "/")], ..Journey::new("Browse") }];
    RunStart {
        labels: [("commit".to_owned(), format!("c0ffee{number}"))].into(),
        ..RunStart::new(scenario, 1_795_000_000_000 + number as i64 * 3_600_000)
    }
}

fn digest(number: usize) -> RunDigest {
    let slower = if number >= SLOWER_FROM { 3 } else { 2 };
    let millis =
        |base: usize| Some(Duration::from_micros((base * slower * 1_000 + number * 37 % 500) as u64));
    RunDigest {
        verdict: if number % 20 == 19 { Verdict::Fail } else { Verdict::Pass },
        window: "steady stages".to_owned(),
        n_requests: 60_000 + number as u64,
        p95: millis(20),
        throughput_per_sec: 900.0 + number as f64,
        error_ratio: Some(0.001),
        mean: millis(6),
        p50: millis(5),
        p90: millis(15),
        p99: millis(40),
        quality: Some(if number % 10 == 3 { Standing::Weak } else { Standing::Valid }),
        p95_interval: None,
        p95_beyond: None,
    }
}
