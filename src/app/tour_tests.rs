//! The guided tour by label and role, on kept runs and a stand-in for the sandbox.

use egui::accesskit::Role;
use egui_kittest::kittest::Queryable as _;

use super::{
    command::{Command, View},
    compare_tests::{record, window_with},
    sandbox_tests::StandIn,
    tests::Window,
    tour::{Optimisation, TOUR_SETTING, Tour, TourCommand, TourStep},
};
use crate::{
    metrics::{RunId, RunRecord},
    store::Library,
};

/// A run that says that this was on, and no other.
fn labelled(seed: u64, factor: f64, on: Option<Optimisation>) -> RunRecord {
    let mut record = record(seed, factor);
    for one in Optimisation::ALL {
        let word = if Some(one) == on { "on" } else { "off" };
        record.start.labels.insert(one.label().to_owned(), word.to_owned());
    }
    record
}

fn kept_tour(window: &Window) -> Tour {
    let library = Library::open(&window.library()).unwrap();
    Tour::read(&library.setting(TOUR_SETTING).unwrap().unwrap()).unwrap()
}

impl Window {
    fn tour(&mut self) -> &mut Tour {
        &mut self.harness.state_mut().state_mut().tour.tour
    }

    /// The step that is next, as the card says it.
    fn is_at(&self, step: TourStep) -> bool {
        self.shows(&format!("Step {} of 6: {}", step.number(), step.title()))
            && self.shows(&format!("Step {}, {}: next", step.number(), step.title()))
    }
}

#[test]
fn the_tour_begins_at_the_first_start_is_left_and_resumed() {
    let mut window = Window::open();
    window.click("Guided tour: Find it, fix it, prove it");
    assert!(window.is_at(TourStep::Start) && window.shows("Start the sandbox"));
    window.click("Fold the tour");
    assert!(!window.shows("three weaknesses on purpose"));
    window.click("Unfold the tour");
    window.click("Leave the tour");
    assert!(!window.shows("Step 1 of 6"));
    window.obey(Command::Show(View::Settings));
    window.click("Begin the guided tour");
    assert!(window.is_at(TourStep::Start));
    window.wait_for("the kept tour", |state| !state.jobs.is_under_way(&super::state::Slot::Listings));
    assert!(kept_tour(&window).is_shown());
}

#[test]
fn a_plain_sandbox_leads_to_the_run_with_what_a_shorter_one_costs() {
    let stand_in = StandIn::start();
    stand_in.state().switches.query_optimizer = true;
    let mut window = Window::open();
    window.obey(Command::Tour(TourCommand::Show));
    window.stand(&stand_in);
    assert!(window.is_at(TourStep::Start) && window.shows("Switched on now: query optimizer"));
    window.click("Switch all off");
    window.wait_for("a plain sandbox", |state| {
        let said = state.sandbox.standing().and_then(|up| up.state());
        said.is_some_and(|said| !said.switches.query_optimizer)
    });
    assert!(window.is_at(TourStep::FirstRun) && window.shows("Step 1, Start the sandbox, plain: done"));
    window.harness.get_by_role_and_label(Role::RadioButton, "Full, 11 min").click();
    window.settle();
    assert!(window.shows("every stage holds long enough"));
    window.harness.get_by_role_and_label(Role::RadioButton, "Short, 2 min 12 s").click();
    window.settle();
    assert!(window.shows("intervals are about twice as wide"));
}

fn is_refused(state: &crate::app::state::State) -> bool {
    matches!(state.tour.tour.projected, super::tour::Projected::Refused(_))
}

#[test]
fn from_the_kept_run_to_the_exported_report_each_step_is_done_by_what_happened() {
    use Optimisation::QueryOptimizer;
    let stand_in = StandIn::start();
    let mut window = window_with(&[
        labelled(1, 1.0, None),
        labelled(2, 0.7, Some(QueryOptimizer)),
        labelled(3, 0.7, None),
    ]);
    window.tour().first = Some(RunId(1));
    window.obey(Command::Tour(TourCommand::Show));
    window.stand(&stand_in);
    assert!(window.is_at(TourStep::Findings));
    window.click("Read the findings");
    window.wait_for("the meaning", |state| {
        state.shelf.loaded(RunId(1)).is_some_and(|run| run.precise().is_some())
    });
    assert!(window.is_at(TourStep::Switch), "the findings were shown");

    window.harness.get_by_role_and_label(Role::RadioButton, "Query optimizer").click();
    window.settle();
    assert!(window.shows("The what-if projects what one statement or two bring"));
    window.harness.get_by_label("Switch it on").click();
    window.wait_for("the switch", |state| {
        let said = state.sandbox.standing().and_then(|up| up.state());
        said.is_some_and(|said| said.switches.query_optimizer)
    });
    window.wait_for("what the what-if says", is_refused);
    assert!(window.is_at(TourStep::SecondRun) && window.shows("Query optimizer is on"));

    window.tour().second = Some(RunId(3));
    window.settle();
    assert!(window.shows("Run 3 was not made with Query optimizer alone"));
    window.tour().second = Some(RunId(2));
    window.settle();
    window.click("Compare them");
    window.wait_for("the comparison", |state| state.compare.shown().is_some());
    assert!(window.is_at(TourStep::Report));

    window.click("Open the report");
    window.wait_for("the second run", |state| {
        state.shelf.loaded(RunId(2)).is_some_and(|run| run.precise().is_some())
    });
    let path = window.folder.path().join("proof.md");
    window.fill("Path", path.to_str().unwrap());
    window.click("Export");
    window.wait_for("the report", |state| state.tour.tour.report.is_some());
    assert!(window.shows("All six steps are done") && window.shows("proof.md"));
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("Comparison with"), "the comparison is in the report");

    let expected = window.tour().clone();
    window.obey(Command::RefreshHistory);
    window.wait_for("the kept tour", |state| !state.jobs.is_under_way(&super::state::Slot::Listings));
    assert_eq!(kept_tour(&window), expected);
    window.click("Try another one");
    assert!(window.is_at(TourStep::Switch));
}

#[test]
fn a_cache_without_its_steps_has_no_projection_and_says_why() {
    let stand_in = StandIn::start();
    let mut window = window_with(&[labelled(1, 1.0, None)]);
    window.tour().first = Some(RunId(1));
    window.obey(Command::Tour(TourCommand::Show));
    window.stand(&stand_in);
    window.click("Read the findings");
    window.wait_for("the meaning", |state| {
        state.shelf.loaded(RunId(1)).is_some_and(|run| run.precise().is_some())
    });
    window.harness.get_by_label("Switch it on").click();
    window.wait_for("what the what-if says", is_refused);
    assert!(window.is_at(TourStep::SecondRun) && window.shows("No projection: "));
}
