//! Every control of a run under way in the real window: what is done shows in the notes of the run, on the screen and in
//! the library.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use egui::{Event, Key, Modifiers};
use stagewright::metrics::{Finish, RunRecord};
use stagewright::store::Library;

use crate::driver::{Widget, Window, turn};

/// Longest wait for a stopped run to be kept.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn every_control_of_a_run_leaves_its_note_in_the_window_and_in_the_library() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("library.sqlite");
    let shots = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("window");
    let mut window = Window::open(&library, &shots);
    window.screenshot("live-first-start");
    window.click("Presets");
    window.click_containing("quickstart");
    window.find("Point 3");
    window.click("Run");
    window.click("Start run");
    wait_for_words(&mut window, "UNDER WAY");

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
