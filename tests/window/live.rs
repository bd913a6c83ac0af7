//! Every control of a run in the real window: what is done shows in the notes of the run, on the screen and in the
//! library.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui::{Event, Key, Modifiers, pos2, vec2};
use stagewright::metrics::{Finish, RunRecord};
use stagewright::store::Library;
use tempfile::TempDir;

use crate::driver::{Widget, Window, turn};

const LIBRARY: &str = "library.sqlite";
/// Longest wait for a stopped run to be kept.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn every_control_of_a_run_leaves_its_note_in_the_window_and_in_the_library() {
    let _turn = turn();
    let (folder, mut window) = start_quickstart();
    let library = folder.path().join(LIBRARY);

    window.click("Pause");
    wait_for_words(&mut window, "PAUSED since");
    window.key(Key::P, Modifiers::COMMAND);
    wait_for_words(&mut window, "UNDER WAY");
    wait_for_words(&mut window, "Resumed");
    window.click("Extend");
    window.click_containing("+10 s");
    wait_for_words(&mut window, " by 10s");
    window.click("Skip stage");
    wait_for_words(&mut window, "Skipped the rest of");
    note_by_key(&mut window, "cache is warm now");
    window.screenshot("live-controls");
    window.click("Stop run");
    wait_for_words(&mut window, "STOPPED");

    let record = kept(&library);
    assert_eq!(record.end.finish, Finish::Stopped);
    let notes: Vec<&str> = record.annotations.iter().map(|note| note.text.as_str()).collect();
    let mut rest = notes.as_slice();
    for wanted in ["Paused", "Resumed", "Extended", "Skipped the rest of", "cache is warm now"] {
        let at = rest.iter().position(|note| note.contains(wanted));
        let at = at.unwrap_or_else(|| panic!("«{wanted}» is missing, or out of order, in {notes:?}"));
        rest = &rest[at + 1..];
    }
    assert_eq!(record.plan_changes.len(), 4, "{:?}", record.plan_changes);
    for note in &notes {
        wait_for_words(&mut window, note);
    }
}

#[test]
fn what_is_shown_of_a_run_is_chosen_by_pointer_and_keys() {
    let _turn = turn();
    let (folder, mut window) = start_quickstart();
    let library = folder.path().join(LIBRARY);

    let end_of_hold = window.rect_starting("End of Hold").center();
    window.drag(end_of_hold, end_of_hold + vec2(90.0, 0.0));
    wait_for_words(&mut window, "Hold now ends at 0:");
    window.click("This stage");
    wait_for_words(&mut window, "this stage, ");
    window.click("Run so far");
    wait_for_words(&mut window, "run so far, ");
    window.click("Choose percentiles");
    window.click("Show p99.9");
    wait_for_words(&mut window, "Line p99.9");
    window.key(Key::Escape, Modifiers::NONE);
    select_on_chart(&mut window);
    window.click("Zoom to selection");
    window.click("Clear selection");
    window.click("Select what is shown");
    wait_for_words(&mut window, SELECTED);
    window.click("Clear selection");
    window.click("Show the whole run");
    window.key(Key::F12, Modifiers::NONE);
    window.click("Hide what frames cost");

    window.key(Key::R, Modifiers::COMMAND | Modifiers::SHIFT);
    window.fill("Repetitions", "2");
    window.fill("Pause before each", "0");
    window.click("Queue 2 runs");
    // The panel has grown by its new entry before anything is clicked in it.
    window.find("Remove place 1");
    window.screenshot("live-queue");
    window.click("Remove place 1");
    window.wait_for("the empty queue", |widgets| widgets.iter().all(|w| w.label != "Remove place 1"));
    window.click("Close the queue");
    window.click("Abort run");
    wait_for_words(&mut window, "ABORTED");
    let record = kept(&library);
    assert_eq!((record.end.finish, record.plan_changes.len()), (Finish::Aborted, 1));
    select_on_chart(&mut window);
    window.click("Clear selection");

    window.click("Start run");
    wait_for_words(&mut window, "UNDER WAY");
    window.click("No ghost");
    window.click_containing("Run 1, ");
    wait_for_words(&mut window, "Ghost: run 1");
    wait_for_words(&mut window, "baseline run 1");
    window.screenshot("live-ghost");
    window.click("Stop run");
    wait_for_words(&mut window, "STOPPED");
}

/// What stands above the tables of a selection.
const SELECTED: &str = "Requests that ended from 0:0";

/// Drags across the first chart.
fn select_on_chart(window: &mut Window) {
    let chart = window.find("Chart: Requests per second").rect;
    let at = |share: f32| pos2(chart.left() + chart.width() * share, chart.center().y);
    window.drag(at(0.02), at(0.2));
    wait_for_words(window, SELECTED);
}

/// Opens the preset in a window with a library of its own, and starts it.
fn start_quickstart() -> (TempDir, Window) {
    let folder = tempfile::tempdir().unwrap();
    let shots = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("window");
    let mut window = Window::open(&folder.path().join(LIBRARY), &shots);
    window.screenshot("live-first-start");
    window.click("Presets");
    window.click_containing("quickstart");
    window.find("Point 3");
    window.click("Run");
    window.click("Start run");
    wait_for_words(&mut window, "UNDER WAY");
    (folder, window)
}

/// `N` goes to the field, Enter adds what stands in it.
fn note_by_key(window: &mut Window, text: &str) {
    window.key(Key::N, Modifiers::NONE);
    window.wait_for_focus("Note at this moment");
    window.apply(vec![Event::Text(text.to_owned())]);
    window.key(Key::Enter, Modifiers::NONE);
    wait_for_words(window, text);
}

fn wait_for_words(window: &mut Window, words: &str) {
    let has = |widget: &Widget| widget.label.contains(words) || widget.value.contains(words);
    window.wait_within(PATIENCE, &format!("«{words}»"), |widgets| widgets.iter().any(has));
}

/// The run as the library has it, once it has ended there.
fn kept(library: &std::path::Path) -> RunRecord {
    let since = Instant::now();
    loop {
        let library = Library::open(library).expect("the library can be opened beside the window");
        let run = library.runs().expect("it lists its runs").remove(0);
        if run.finish != Finish::Running {
            return library.load(run.run_id).expect("the run is kept");
        }
        assert!(since.elapsed() < PATIENCE, "the run was not kept");
        std::thread::sleep(Duration::from_millis(100));
    }
}
