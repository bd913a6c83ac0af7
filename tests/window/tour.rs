//! The guided tour in the real window, from the first start to the exported report, with a restart in between.

use std::path::{Path, PathBuf};
use std::time::Duration;

use egui::{Key, Modifiers};
use stagewright::metrics::RunId;
use stagewright::store::Library;

use crate::driver::{Window, has, turn};

/// A quick look at the comprehensive preset takes 40 s, and its drain and the summing-up on a busy machine as long.
const PATIENCE: Duration = Duration::from_secs(120);
/// Until what was done is kept.
const A_SECOND: Duration = Duration::from_secs(1);

#[test]
fn an_analyst_finds_it_fixes_it_and_proves_it() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("library.sqlite");
    let shots = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("window");
    let mut window = Window::open(&library, &shots);
    window.screenshot("tour-first-start");
    window.click("Guided tour: Find it, fix it, prove it");
    wait_for_words(&mut window, "Step 1 of 6: Start the sandbox, plain");
    window.screenshot("tour-1");
    run_on_the_plain_sandbox(&mut window);
    read_what_it_means(&mut window);
    std::thread::sleep(A_SECOND);
    window.kill();

    let mut window = Window::open(&library, &shots);
    window.wait_for("the tour where it was left", |widgets| has(widgets, "The sandbox was stopped"));
    window.click("Start the sandbox");
    window.wait_for("the sandbox", |widgets| has(widgets, "The sandbox is up at"));
    // What is told of it moves the card once more; a click on the way would miss.
    std::thread::sleep(A_SECOND);
    switch_the_cache_manager_on(&mut window);
    run_again_and_compare(&mut window);
    export_the_proof(&mut window, &folder.path().join("proof.md"));
    look_at_it(&mut window);
    drop(window);
    check_what_was_kept(&library);
}

fn wait_for_words(window: &mut Window, words: &str) {
    window.wait_for(words, |widgets| has(widgets, words));
}

fn run_on_the_plain_sandbox(window: &mut Window) {
    window.click("Start the sandbox");
    wait_for_words(window, "Step 2 of 6: Run the comprehensive preset on it");
    window.click_containing("Quick look");
    window.screenshot("tour-2");
    window.click("Run it");
    window.wait_for("the first run", |widgets| has(widgets, "UNDER WAY"));
    std::thread::sleep(3 * A_SECOND);
    window.screenshot("tour-2-live");
    window.wait_within(PATIENCE, "the kept run", |widgets| has(widgets, "Step 3 of 6"));
    window.screenshot("tour-3");
}

fn read_what_it_means(window: &mut Window) {
    window.click("Read the findings");
    window.wait_for("the findings", |widgets| has(widgets, "Hide what it means"));
    wait_for_words(window, "Step 4 of 6: Switch on one optimisation");
    window.screenshot("tour-4");
}

fn switch_the_cache_manager_on(window: &mut Window) {
    window.click("Switch it on");
    wait_for_words(window, "Step 5 of 6: Run again and compare");
    window.wait_within(PATIENCE, "what the what-if projects", |widgets| has(widgets, "kept with run 1"));
    window.screenshot("tour-5");
}

fn run_again_and_compare(window: &mut Window) {
    window.click("Run it");
    window.wait_for("the second run", |widgets| has(widgets, "UNDER WAY"));
    window.wait_within(PATIENCE, "both runs", |widgets| has(widgets, "Compare them"));
    window.click("Compare them");
    window.wait_for("the comparison", |widgets| has(widgets, "What changed"));
    wait_for_words(window, "Step 6 of 6: Export the report");
    window.screenshot("tour-6-compare");
}

fn export_the_proof(window: &mut Window, path: &Path) {
    window.click("Open the report");
    window.wait_for("the report", |widgets| has(widgets, "Executive summary"));
    window.screenshot("tour-6-report");
    window.fill("Path", path.to_str().expect("a temporary path is text"));
    window.click("Export");
    window.wait_for("the exported file", |_| path.exists());
    wait_for_words(window, "All six steps are done");
    let text = std::fs::read_to_string(path).expect("the report can be read");
    for words in ["## Comparison with", "cache_manager", "Predicted and measured"] {
        assert!(text.contains(words), "{words} is missing in the exported report");
    }
}

/// The card and the Sandbox panel in both themes, and at twice the size.
fn look_at_it(window: &mut Window) {
    for theme in ["Light", "Dark"] {
        window.click("Settings");
        window.click(theme);
        window.click("Sandbox panel");
        window.find("Stop the sandbox");
        std::thread::sleep(2 * A_SECOND);
        window.screenshot(&format!("tour-panel-{}", theme.to_lowercase()));
        window.click("Close the Sandbox panel");
    }
    window.click("Design");
    for _ in 0..10 {
        window.key(Key::Plus, Modifiers::COMMAND);
    }
    window.screenshot("tour-twice-the-size");
    window.click("Target: the sandbox");
    window.find("Stop the sandbox");
    window.screenshot("tour-panel-twice-the-size");
}

fn check_what_was_kept(library: &Path) {
    let library = Library::open(library).unwrap();
    let runs = library.runs().unwrap();
    let switched = |run_id| {
        let run = runs.iter().find(|run| run.run_id == RunId(run_id)).unwrap();
        ["cache_manager", "query_optimizer", "payload_optimizer"].map(|label| run.labels[label].clone())
    };
    assert_eq!(
        (switched(1), switched(2)),
        (["off"; 3].map(str::to_owned), ["on", "off", "off"].map(str::to_owned))
    );
    assert!(!library.projections(RunId(1)).unwrap().is_empty());
}
