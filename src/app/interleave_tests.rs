//! Two sides by turns, by label and role: the form on the Design screen, and the card of a kept run.

use std::{path::PathBuf, sync::Arc, time::Duration};

use egui_kittest::kittest::Queryable as _;

use super::{
    command::Command,
    run::{RunView, run_ui},
    screen_tests::Screen,
    state::{LoadedRun, RunState, Shelf, Workbench},
    tests::Window,
};
use crate::{
    analysis::sample,
    metrics::{KeptRun, RunRecord},
    model::{Candidate, Environment, Interleave, parse_scenario, write_scenario},
};

fn basics() -> Window {
    let mut window = Window::with_preset("quickstart");
    window.edit(1, |scenario| scenario.load.stages[1].duration = Duration::from_secs(100));
    window.open_tab("Basics");
    window
}

#[test]
fn a_candidate_is_named_in_the_basics_and_undo_takes_it_away() {
    let mut window = basics();
    assert!(window.harness.query_by_label("Candidate base URL").is_none());
    window.click("Interleave with a candidate");
    assert_eq!(window.scenario().interleave, Some(Interleave::with(Candidate::default())));
    assert!(window.shows("pairs of blocks fit into the stages"));
    window.fill("Candidate base URL", "ftp://a");
    assert!(window.shows("cannot be the base URL"), "beside its field");
    window.click("Use a slower sandbox");
    window.fill("Block length", "500ms");
    assert!(window.shows("A block is shorter than a second"));
    window.fill("Block length", "5s");
    window.fill("Interleave seed", "7");
    let expected = Interleave {
        candidate: Candidate::BaseUrl("sandbox:?slower=0.1".to_owned()),
        block: Duration::from_secs(5),
        seed: 7,
    };
    assert_eq!(window.scenario().interleave, Some(expected));
    let text = write_scenario(window.scenario(), None);
    assert_eq!(parse_scenario(&text).unwrap().0, *window.scenario(), "{text}");
    window.click("Interleave with a candidate");
    assert_eq!(window.scenario().interleave, None);
    window.obey(Command::Undo);
    assert_eq!(window.scenario().interleave.as_ref().map(|sides| sides.seed), Some(7));
}

#[test]
fn an_environment_as_candidate_follows_its_name() {
    let mut window = basics();
    window.edit(2, |scenario| {
        let environment = |name: &str| Environment {
            name: name.to_owned(),
            base_url: Some(format!("http://{name}.example")),
            variables: Default::default(),
        };
        scenario.environments = vec![environment("old"), environment("new")];
    });
    window.click("Interleave with a candidate");
    window.click("An environment");
    let chosen = |window: &Window| window.scenario().interleave.as_ref().map(|sides| sides.candidate.clone());
    assert_eq!(chosen(&window), Some(Candidate::Environment("old".to_owned())));
    window.harness.get_by_label("Candidate environment").click();
    window.settle();
    window.harness.get_all_by_label("new").last().unwrap().click();
    window.settle();
    assert_eq!(chosen(&window), Some(Candidate::Environment("new".to_owned())));
    window.open_tab("Data");
    window.fill("Environment 2 name", "canary");
    assert_eq!(chosen(&window), Some(Candidate::Environment("canary".to_owned())));
}

/// The Run screen with one kept run.
fn shown(record: RunRecord) -> Screen {
    let (run_id, mut view) = (record.run_id, RunView::default());
    view.shown = Some(run_id);
    let mut shelf = Shelf::new(PathBuf::from("library.sqlite"), true);
    shelf.take_listings(Vec::new());
    let run = LoadedRun::new(KeptRun::from(record));
    shelf.take_loaded(run_id, run.map(Arc::new).map_err(|error| error.to_string()));
    let (state, bench) = (RunState::Idle, Workbench::default());
    Screen::new(move |ui, commands| run_ui(ui, &mut view, &state, &bench, &shelf, commands))
}

#[test]
fn a_kept_run_shows_its_sides_and_others_show_nothing_of_them() {
    let mut screen = shown(sample::interleaved(120, 10, &sample::drifting(1.1)));
    for text in [
        "Baseline and candidate by turns",
        "The candidate is worse: p50 response time +",
        "6 pairs of blocks",
    ] {
        assert!(screen.shows(text), "{text}");
    }
    let n_rows = |screen: &Screen| screen.harness.get_all_by_label("p95 response time").count();
    let n_of_run = n_rows(&screen);
    screen.click("Show 2 steps");
    assert_eq!(n_rows(&screen), n_of_run + 2);
    screen.click("Hide the steps");
    assert_eq!(n_rows(&screen), n_of_run);
    assert!(
        screen.shows("List courses · candidate"),
        "both sides have rows of their own in the table of steps"
    );
    assert!(!shown(sample::record(sample::scenario())).shows("by turns"));
}
