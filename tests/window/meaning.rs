//! What a run means in the real window: findings, what-if, a report as one page of HTML, and a search.

use std::path::PathBuf;
use std::time::Duration;

use stagewright::metrics::RunId;
use stagewright::store::Library;

use crate::driver::{Window, has, turn};

/// A short run of the sandbox, or a short search on it, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);

#[test]
fn an_analyst_reads_what_a_run_means_asks_what_if_and_takes_the_report_out() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.sqlite");
    let shots = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("window");
    let mut window = Window::open(&path, &shots);
    window.screenshot("first-start-of-meaning");
    crate::open_the_quickstart(&mut window);
    // Long enough that ten seconds of one stage count.
    for (stage, duration) in [(1, "2s"), (2, "20s"), (3, "1s")] {
        window.fill(&format!("Stage {stage} duration"), duration);
    }
    window.click("Start run");
    window.wait_within(PATIENCE, "the end of the run", |widgets| has(widgets, "What it means"));
    window.click_containing("What it means");
    window.find("What if…");
    window.screenshot("run-meaning");
    what_if(&mut window);
    take_the_report_out(&mut window, &folder.path().join("report.html"));
    drop(window);

    let library = Library::open(&path).unwrap();
    assert_eq!(library.projections(RunId(1)).unwrap().len(), 1);
}

fn what_if(window: &mut Window) {
    window.click("What if…");
    window.find("Share of hits");
    window.fill("Share of hits", "60%");
    window.click("Project it");
    window.wait_for("the projection", |widgets| has(widgets, "Queue rescaled"));
    window.screenshot("what-if");
    window.click("Keep with the run");
    window.wait_for("the kept projection", |widgets| has(widgets, "Kept with the run"));
    window.click("Close");
}

fn take_the_report_out(window: &mut Window, path: &std::path::Path) {
    window.click("Report");
    window.wait_for("the report", |widgets| has(widgets, "Executive summary"));
    window.fill("Path", path.to_str().expect("a temporary path is text"));
    window.click("Export");
    window.wait_for("the exported file", |_| path.exists());
    let text = std::fs::read_to_string(path).expect("the report can be read");
    for words in ["<svg", "What if", "Scaling capacity and headroom"] {
        assert!(text.contains(words), "{words} is missing in the exported report");
    }
}

#[test]
fn a_search_is_started_and_shows_each_probe() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let shots = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("window");
    let mut window = Window::open(&folder.path().join("library.sqlite"), &shots);
    window.screenshot("first-start-of-search");
    window.click("Presets");
    window.wait_for("the presets", |widgets| has(widgets, "knee"));
    window.click_containing("knee");
    window.click("Search for the capacity");
    window.find("Start the search");
    for (field, text) in [("Hold of a probe", "10s"), ("Settle before it", "1s"), ("Hold to confirm", "10s")]
    {
        window.fill(field, text);
    }
    window.screenshot("search-form");
    window.click("Start the search");
    window.wait_within(PATIENCE, "the first probe", |widgets| has(widgets, "Probe 1"));
    window.wait_within(PATIENCE, "a judged probe", |widgets| has(widgets, "Achieved of offered"));
    window.screenshot("search-under-way");
    // On a busy machine it has ended by itself: a generator that is held up says nothing of the target.
    if window.widgets().iter().any(|widget| widget.label == "Stop run") {
        window.click("Stop run");
    }
    window.wait_within(PATIENCE, "what the search came to", |widgets| has(widgets, "Run 1 kept"));
    window.wait_for("its probes", |widgets| has(widgets, "Achieved of offered"));
    window.screenshot("search-ended");
}
