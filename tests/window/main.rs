//! The main job in the real window: `cargo test --features inspection --test window` (needs Xvfb).
//!
//! Pictures of every screen in both themes are left in the target folder's `tmp/window`.

mod compare;
mod driver;
mod gestures;
mod history;
mod live;
mod meaning;
mod tour;

use std::path::PathBuf;
use std::time::Duration;

use driver::{Widget, Window};
use egui::{Rect, Vec2};

/// A shortened quickstart with its drain and the summing-up, on a busy machine.
const RUN_PATIENCE: Duration = Duration::from_secs(90);

const SCREENS: [&str; 6] = ["Design", "Run", "History", "Compare", "Report", "Settings"];

#[test]
fn an_analyst_does_the_main_job_in_the_window() {
    let _turn = driver::turn();
    let folder = tempfile::tempdir().unwrap();
    let shots = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("window");
    let mut window = Window::open(&folder.path().join("library.sqlite"), &shots);

    window.screenshot("first-start");
    open_the_quickstart(&mut window);
    drag_a_point(&mut window);
    shorten(&mut window);
    choose_theme(&mut window, "Light");
    run_and_watch(&mut window, 1);
    find_in_history(&mut window, 1);
    choose_theme(&mut window, "Dark");
    run_and_watch(&mut window, 2);
    compare(&mut window);
    let report = folder.path().join("report.md");
    export_the_report(&mut window, &report);
    look_at_all_screens(&mut window);
}

/// Longest loss that a killed window may cost.
const A_SECOND: Duration = Duration::from_secs(1);

#[test]
fn edits_and_undo_steps_outlive_a_killed_window() {
    let _turn = driver::turn();
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("library.sqlite");
    let shots = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("window");
    let mut window = Window::open(&library, &shots);
    // Settles the window: its first frames may lose a click.
    window.screenshot("first-start-of-two");
    open_the_quickstart(&mut window);
    for duration in ["11s", "12s", "13s"] {
        window.fill("Stage 1 duration", duration);
    }
    window.click("Undo");
    assert_eq!(window.find("Stage 1 duration").value, "12s");
    std::thread::sleep(A_SECOND);
    window.kill();

    let mut window = Window::open(&library, &shots);
    assert_eq!(window.find("Stage 1 duration").value, "12s");
    window.screenshot("killed-and-back");
    for (button, expected) in
        [("Redo", "13s"), ("Undo", "12s"), ("Undo", "11s"), ("Undo", "10s"), ("Redo", "11s")]
    {
        window.click(button);
        window.wait_for(&format!("{expected} after {button}"), |widgets| {
            widgets.iter().any(|widget| widget.label == "Stage 1 duration" && widget.value == expected)
        });
    }
}

fn open_the_quickstart(window: &mut Window) {
    window.click("Presets");
    window.wait_for("the quickstart preset", |widgets| has(widgets, "quickstart"));
    window.click_containing("quickstart");
    window.find("Point 3");
}

fn drag_a_point(window: &mut Window) {
    let before = window.find("Stage 3 duration").value;
    let profile_before = window.label_starting("Load profile:");
    let point = window.find("Point 3").rect.center();
    window.drag(point, point - Vec2::new(60.0, 0.0));
    let after = window.find("Stage 3 duration").value;
    assert_ne!(before, after, "the table follows the canvas");
    assert_ne!(profile_before, window.label_starting("Load profile:"), "the duration follows the canvas");
    window.screenshot("design-dragged");
    window.click("Undo");
    assert_eq!(window.find("Stage 3 duration").value, before, "a drag is one undo step");
    window.click("Redo");
    assert_eq!(window.find("Stage 3 duration").value, after);
}

fn shorten(window: &mut Window) {
    for (field, text) in
        [("Stage 1 duration", "4s"), ("Stage 2 duration", "10"), ("Stage 3 duration", "0:02")]
    {
        window.fill(field, text);
    }
    window.wait_for("the new duration", |widgets| has(widgets, "16 s"));
}

fn run_and_watch(window: &mut Window, run: u32) {
    window.click("Run");
    window.click("Start run");
    window.wait_for("the run", |widgets| has(widgets, "UNDER WAY"));
    // The first seconds have closed once a completed rate stands on the screen.
    std::thread::sleep(Duration::from_secs(6));
    let early = window.picture();
    window.screenshot(&format!("run-{run}-live"));
    std::thread::sleep(Duration::from_secs(3));
    let later = window.picture();
    let chart = chart_area(&early);
    assert!(differs(&early, &later, chart), "the charts move while the run goes on");
    pause_and_resume(window, run);
    apply_an_edit(window, run);
    window.wait_within(RUN_PATIENCE, "the kept run", |widgets| {
        // Which verdict it is depends on how busy the machine is; that one stands there does not.
        !has(widgets, "UNDER WAY") && ["PASS", "FAIL", "INCONCLUSIVE"].iter().any(|word| has(widgets, word))
    });
    window.screenshot(&format!("run-{run}-kept"));
}

fn pause_and_resume(window: &mut Window, run: u32) {
    window.click("Pause");
    window.wait_for("the pause", |widgets| has(widgets, "PAUSED since"));
    std::thread::sleep(Duration::from_secs(2));
    window.screenshot(&format!("run-{run}-paused"));
    window.click("Extend");
    window.wait_for("the extensions", |widgets| has(widgets, "+10 s"));
    window.screenshot(&format!("run-{run}-extend"));
    window.click_containing("+10 s");
    window.click("Resume");
    window.wait_for("the load", |widgets| has(widgets, "UNDER WAY"));
    std::thread::sleep(Duration::from_secs(3));
    window.screenshot(&format!("run-{run}-resumed"));
}

fn apply_an_edit(window: &mut Window, run: u32) {
    window.click("Design");
    window.fill("Stage 3 duration", &format!("{}s", 2 + run));
    window.screenshot(&format!("design-{run}-live"));
    window.click("Apply profile to run");
    window.wait_for("the new stage", |widgets| has(widgets, "goes on with 1 new stage from"));
    std::thread::sleep(Duration::from_secs(1));
    window.screenshot(&format!("design-{run}-applied"));
    window.click("Run");
}

fn choose_theme(window: &mut Window, theme: &str) {
    window.click("Settings");
    window.click(theme);
}

fn find_in_history(window: &mut Window, run: u32) {
    window.click("History");
    window.find(&format!("Run {run}"));
    window.click(&format!("Set run {run} as baseline"));
    window.find(&format!("Run {run} is the baseline"));
}

fn compare(window: &mut Window) {
    window.click("History");
    window.click("Compare run 2");
    window.wait_for("the comparison", |widgets| has(widgets, "What changed"));
}

fn export_the_report(window: &mut Window, path: &std::path::Path) {
    window.click("History");
    window.click("Report on run 2");
    window.wait_for("the report", |widgets| has(widgets, "Executive summary"));
    window.fill("Path", path.to_str().expect("a temporary path is text"));
    window.click("Export");
    window.wait_for("the exported file", |_| path.exists());
    let text = std::fs::read_to_string(path).expect("the report can be read");
    for heading in ["## Executive summary", "## Measurement quality", "## Results per stage"] {
        assert!(text.contains(heading), "{heading} is missing in the exported report");
    }
}

fn look_at_all_screens(window: &mut Window) {
    for theme in ["Light", "Dark"] {
        choose_theme(window, theme);
        for screen in SCREENS {
            window.click(screen);
            std::thread::sleep(Duration::from_millis(400));
            window.screenshot(&format!("{}-{}", screen.to_lowercase(), theme.to_lowercase()));
        }
    }
}

fn has(widgets: &[Widget], text: &str) -> bool {
    widgets.iter().any(|widget| widget.label.contains(text) || widget.value.contains(text))
}

/// The middle of the window, where the charts are.
fn chart_area(picture: &image::RgbaImage) -> Rect {
    let (width, height) = (picture.width() as f32, picture.height() as f32);
    Rect::from_min_max([width * 0.2, height * 0.5].into(), [width * 0.95, height * 0.9].into())
}

/// Whether two pictures show something else within `area`.
fn differs(one: &image::RgbaImage, other: &image::RgbaImage, area: Rect) -> bool {
    let (x, y) = (area.left() as u32..area.right() as u32, area.top() as u32..area.bottom() as u32);
    let n_different = y
        .flat_map(|row| x.clone().map(move |column| (column, row)))
        .filter(|(column, row)| one.get_pixel(*column, *row) != other.get_pixel(*column, *row))
        .count();
    n_different > 50
}
