//! The Compare screen by label and role: two and eight runs, other alignments, steps by hand, cancelling.

use std::time::Duration;

use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::{
    command::{Command, Question},
    compare::{Asked, CompareView, Compared},
    state::{Slot, State},
    tests::Window,
};
use crate::{
    analysis::{comparison::Alignment, sample},
    launch::SERIES_LABEL,
    metrics::{Journal as _, Outcome, RunId, RunRecord},
    model::{Shape, StepMatches},
    store::Library,
};

/// A minute at one level, with response times around 20 and 40 ms, times a factor.
pub(super) fn record(seed: u64, factor: f64) -> RunRecord {
    let mut scenario = sample::scenario();
    scenario.load.warm_up = Duration::ZERO;
    scenario.load.stages.truncate(1);
    scenario.load.stages[0].name = "Hold".to_owned();
    scenario.load.stages[0].duration = Duration::from_secs(60);
    scenario.load.stages[0].shape = Shape::Step;
    let mut record = sample::record(scenario);
    record.start.started_at_unix_millis += seed as i64 * 60_000;
    let mut random = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    sample::redraw(&mut record, 40, |step| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = (random >> 33) as f64 / f64::from(1u32 << 31);
        let secs = 0.02 * (step + 1) as f64 * factor * (0.7 + 0.6 * share);
        (Outcome::Ok, Duration::from_secs_f64(secs))
    });
    record
}

fn keep(library: &Library, record: &RunRecord) {
    let mut writer = library.begin_run(&record.start).unwrap();
    for interval in sample::intervals(record) {
        writer.interval(&interval, &[]).unwrap();
    }
    writer.finish(&record.end).unwrap();
}

/// A window whose library has these runs, numbered from 1 on.
pub(super) fn window_with(records: &[RunRecord]) -> Window {
    let mut window = Window::open();
    let library = Library::open(&window.library()).unwrap();
    records.iter().for_each(|record| keep(&library, record));
    window.ask(Command::RefreshHistory);
    window.wait_for("the runs", |state| state.shelf.listings().len() == records.len());
    window
}

/// Each even run takes a fifth longer.
fn window_of(n_runs: u64) -> Window {
    let factor = |run: u64| if run.is_multiple_of(2) { 1.2 } else { 1.0 };
    window_with(&(1..=n_runs).map(|run| record(run, factor(run))).collect::<Vec<_>>())
}

fn ids(runs: &[i64]) -> Vec<RunId> {
    runs.iter().copied().map(RunId).collect()
}

fn is_shown(state: &State) -> bool {
    state.compare.shown().is_some_and(|compared| compared.asked == *state.compare.asked())
}

impl Window {
    fn compare(&mut self, runs: &[i64]) {
        self.ask(Command::Compare(ids(runs)));
        self.wait_for("the comparison", is_shown);
    }

    fn compared(&self) -> &Compared {
        self.state().compare.shown().unwrap()
    }

    /// Drawn rows that name the metrics of something.
    fn n_rows(&self, metric: &str) -> usize {
        let rows = self.harness.query_all_by_label_contains(metric);
        rows.filter(|row| row.accesskit_node().role() == Role::Button).count()
    }
}

#[test]
fn two_runs_get_a_sentence_intervals_and_verdicts() {
    let mut window = window_of(2);
    window.compare(&[1, 2]);
    assert!(window.shows("Run 2 is worse than run 1: p50 response time +"));
    assert!(window.shows("p95 response time: Run 1 ") && window.shows("%), worse"));
    assert!(window.shows("Window: steady stages"));
    for side in ["Baseline", "Candidate"] {
        window.harness.get_by_role_and_label(Role::ComboBox, side);
    }
    let n_all = window.n_rows("throughput: Run 1");
    window.click("Sort by Verdict");
    assert!(window.shows("List courses, "), "sorted rows say what they are about");
    window.click("Sort by Metric");
    let n_worse = window
        .compared()
        .comparison
        .rows
        .iter()
        .filter(|row| row.candidates[0].verdict == crate::analysis::comparison::ChangeVerdict::Worse);
    let label = format!("Worse {}", n_worse.count());
    window.harness.get_by_role_and_label(Role::RadioButton, &label).click();
    window.settle();
    assert!(n_all > 0 && window.n_rows("throughput: Run 1") == 0, "throughput did not change");
}

#[test]
fn a_row_spells_out_what_its_figures_stand_on() {
    let mut window = window_of(2);
    window.compare(&[1, 2]);
    let row = window.harness.query_all_by_label_contains("p95 response time: Run 1").next().unwrap();
    row.click();
    window.settle();
    for words in ["Effective n", "p (Holm)", "4,800 requests", "Worse: real, and larger than ±5 %"] {
        assert!(window.shows(words), "{words}");
    }
    window.harness.get_by_label("Close the row's figures").click_accesskit();
    window.settle();
    assert!(!window.shows("Effective n"));
}

#[test]
fn eight_runs_stand_beside_each_other_and_any_can_be_the_baseline() {
    let mut window = window_of(8);
    window.compare(&[1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(window.compared().comparison.sentences.len(), 7);
    assert!(window.shows("Sort by Run 8") && !window.shows("Room for"));
    window.harness.get_by_role_and_label(Role::ComboBox, "Candidate 7");
    window.click("Make run 4 the baseline");
    window.wait_for("the other baseline", is_shown);
    assert_eq!(window.compared().asked.sides[0], ids(&[4]));
    assert!(window.shows("Run 3 is better than run 4"));
    window.click("Remove run 8 from the comparison");
    window.wait_for("the seven", is_shown);
    assert_eq!(window.compared().names.len(), 7);
    assert!(window.shows("Room for 1 candidate"));
}

#[test]
fn another_alignment_compares_anew_while_the_last_comparison_stays() {
    let mut window = window_of(2);
    window.compare(&[1, 2]);
    let asked = Asked { alignment: Alignment::Time, ..window.state().compare.asked().clone() };
    window.ask(Command::CompareAs(Box::new(asked)));
    assert_eq!(window.compared().asked.alignment, Alignment::Stage);
    assert_eq!(window.state().compare.asked().alignment, Alignment::Time);
    window.wait_for("the comparison by time", is_shown);
    assert_eq!(window.compared().comparison.options.alignment, Alignment::Time);
    assert!(window.shows("p95 of each second, by time since the start"));
    window.harness.get_by_role_and_label(Role::RadioButton, "Rate").click();
    window.harness.step();
    window.wait_for("the comparison by rate", is_shown);
    assert_eq!(window.compared().comparison.options.alignment, Alignment::Rate);
    window.fill("Smallest change that matters", "50 %");
    window.wait_for("another limit", is_shown);
    assert!(window.shows("shows no change that matters") || window.shows("No difference shown"));
}

#[test]
fn what_was_cancelled_or_asked_for_before_is_never_shown() {
    let mut window = window_of(2);
    window.ask(Command::Compare(ids(&[1, 2])));
    window.ask(Command::CancelComparison);
    window.wait_for("the end of the work", |state| !state.jobs.is_under_way(&Slot::Compare));
    assert!(window.state().compare.shown().is_none());
    assert!(window.shows("The comparison was cancelled."));
    window.click("Compare again");
    window.wait_for("the comparison", is_shown);
    let compared = window.compared();

    let (old, new) = (Asked::default().of_runs(&ids(&[1, 2])), Asked::default().of_runs(&ids(&[2, 1])));
    let outcome = || Ok(Some(Box::new(Compared::new(old.clone(), compared.comparison.clone()))));
    let mut view = CompareView::default();
    view.begin(old.clone());
    view.begin(new.clone());
    view.take(&old, outcome());
    assert!(view.shown().is_none(), "something else was asked for meanwhile");
    view.begin(old.clone());
    view.take(&old, outcome());
    assert!(view.shown().is_some());
}

#[test]
fn a_step_of_another_name_and_path_is_put_beside_by_hand_and_stays_there() {
    let mut other = record(2, 1.0);
    let step = &mut other.start.scenario.journeys[0].steps[1];
    (step.name, step.path) = ("Log in".to_owned(), "/session".to_owned());
    other.start.scenario.name = "Checkout, new".to_owned();
    let mut window = window_with(&[record(1, 1.0), other]);
    window.compare(&[1, 2]);
    let log_in = |window: &Window| {
        let steps = &window.compared().comparison.steps;
        steps.iter().find(|found| found.step.as_ref().is_some_and(|step| step.name == "Log in")).cloned()
    };
    assert!(log_in(&window).unwrap().baseline.is_none());
    assert!(window.shows("Which steps belong together: 2 steps stand alone"));
    let matching = {
        let comparison = &window.compared().comparison;
        let sign_in = comparison
            .steps
            .iter()
            .find_map(|found| found.baseline.clone().filter(|step| step.name == "Sign in"));
        let matches: StepMatches = [(log_in(&window).unwrap().step.unwrap(), sign_in)].into();
        super::compare::StepMatching {
            baseline: comparison.baseline().scenario_name.clone(),
            candidate: comparison.candidates()[0].scenario_name.clone(),
            matches,
        }
    };
    window.ask(Command::MatchSteps(Box::new(matching)));
    let is_matched = |state: &State| {
        let steps = state.compare.shown().map(|compared| &compared.comparison.steps);
        steps.is_some_and(|steps| steps.iter().any(|found| found.is_by_hand && found.baseline.is_some()))
    };
    window.wait_for("the step beside its like", is_matched);
    let library = Library::open(&window.library()).unwrap();
    assert_eq!(library.step_matches("Checkout, normal day", "Checkout, new").unwrap().len(), 1);
    // The next comparison knows it.
    window.ask(Command::Compare(ids(&[2, 1])));
    window.compare(&[1, 2]);
    assert!(is_matched(window.state()));
}

#[test]
fn repetitions_are_one_side_and_are_not_mixed_with_single_runs() {
    let mut records: Vec<RunRecord> =
        (1..=11).map(|run| record(run, if run > 5 { 1.2 } else { 1.0 })).collect();
    for (index, record) in records.iter_mut().take(10).enumerate() {
        let series = if index < 5 { "before" } else { "after" };
        record.start.labels.insert(SERIES_LABEL.to_owned(), series.to_owned());
    }
    let mut window = window_with(&records);
    window.compare(&[1, 11]);
    window.click("All 5 repetitions as baseline");
    window.wait_for("the refusal", |state| !state.jobs.is_under_way(&Slot::Compare));
    assert!(window.shows("repetitions compare with repetitions"));
    let sides = vec![(1..=5).map(RunId).collect(), (6..=10).map(RunId).collect()];
    let asked = Asked { sides, ..window.state().compare.asked().clone() };
    window.ask(Command::CompareAs(Box::new(asked)));
    window.wait_for("the comparison of runs", is_shown);
    assert_eq!(window.compared().names, ["Runs 1–5", "Runs 6–10"]);
    assert!(window.shows("Runs 6, 7, 8, 9, 10 are worse than runs 1, 2, 3, 4, 5"));
}

#[test]
fn repeated_runs_say_how_much_they_differ() {
    let mut records: Vec<RunRecord> = (1..=6).map(|run| record(run, 1.0 + 0.01 * run as f64)).collect();
    records[5].start.scenario.name = "Another".to_owned();
    let mut window = window_with(&records);
    window.ask(Command::ShowNoise(ids(&[1, 2, 3, 4, 5])));
    window.wait_for("the noise", |state| !state.jobs.is_under_way(&Slot::Noise));
    assert!(window.shows("5 runs a side show changes from") && window.shows("a change of 5 % needs"));
    for words in ["Between runs", "Shows from", "Runs for 5 %", "p95 response time", "throughput"] {
        assert!(window.shows(words), "{words}");
    }
    window.click("Close");
    assert!(window.state().dialog.is_none());
    // A dialog is as high as what it says, however large the one before it was.
    window.obey(Command::Ask(Box::new(Question {
        title: "Delete run 1?".to_owned(),
        text: "It leaves the list.".to_owned(),
        yes: "Delete run",
        command: Command::DeleteRuns(ids(&[1])),
    })));
    window.settle();
    let text = window.harness.get_by_label("It leaves the list.").rect();
    let answer = window.harness.get_by_label("Delete run").rect();
    assert!(answer.top() - text.bottom() < 40.0, "{text:?} {answer:?}");
    window.click("Cancel");
    window.ask(Command::ShowNoise(ids(&[1, 6])));
    window.wait_for("the refusal", |state| !state.jobs.is_under_way(&Slot::Noise));
    assert!(window.shows("runs 1 and 6 are of different scenarios"));
}

#[test]
fn noise_that_nobody_waits_for_is_given_up() {
    let mut window = window_with(&(1..=5).map(|run| record(run, 1.0)).collect::<Vec<_>>());
    window.ask(Command::ShowNoise(ids(&[1, 2, 3, 4, 5])));
    window.ask(Command::CloseDialog);
    window.wait_for("the end of the work", |state| !state.jobs.is_under_way(&Slot::Noise));
    assert!(window.state().dialog.is_none() && !window.shows("Between runs"));
}

#[test]
fn a_comparison_is_exported_by_its_ending() {
    let mut window = window_of(2);
    window.compare(&[1, 2]);
    window.click("Export…");
    assert_eq!(window.field("File path").value().unwrap(), "comparison-1-2.md");
    window.click("Cancel");
    for (name, start) in [("c.md", "# Comparison of run 2 with baseline run 1"), ("c.json", "{")] {
        let path = window.folder.path().join(name);
        window.ask(Command::ExportComparison(path.clone()));
        window.wait_for("the file", |state| !state.jobs.is_under_way(&Slot::Export));
        assert!(std::fs::read_to_string(&path).unwrap().starts_with(start), "{name}");
    }
}

#[test]
fn the_screen_offers_the_newest_run_against_its_baseline() {
    let mut window = window_of(3);
    window.obey(Command::MarkBaseline(RunId(1), true));
    window.wait_for("the mark", |state| state.shelf.listing(RunId(1)).is_some_and(|run| run.is_baseline));
    window.obey(Command::Show(super::command::View::Compare));
    window.click("Compare run 3 with baseline run 1");
    window.wait_for("the comparison", is_shown);
    assert_eq!(window.compared().names, ["Run 1", "Run 3"]);
}

#[test]
fn one_run_is_told_what_a_second_would_show() {
    let mut window = window_of(1);
    window.obey(Command::Show(super::command::View::Compare));
    assert!(window.shows("Nothing to compare yet") && window.shows("There is one run."));
}
