//! Comparisons of runs that are drawn from known laws.

use std::time::Duration;

use rand::SeedableRng as _;
use rand_distr::{Distribution as _, LogNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;
use crate::analysis::{sample, summarize};
use crate::metrics::{Finish, KeptRun, Outcome, RunRecord};
use crate::model::{Arrivals, LoadModel, Shape, Stage};

/// A scenario that holds these levels for a minute each.
fn scenario(levels: &[(&str, f64)]) -> Scenario {
    let mut scenario = sample::scenario();
    scenario.load.warm_up = Duration::ZERO;
    let stage = |(name, level): &(&str, f64)| Stage {
        name: (*name).to_owned(),
        duration: Duration::from_secs(60),
        end_level: *level,
        shape: Shape::Step,
    };
    scenario.load.stages = levels.iter().map(stage).collect();
    scenario
}

/// A run with log-normal response times around 20 and 40 ms, times a factor for each step.
fn drawn(scenario: Scenario, seed: u64, factors: [f64; 2]) -> RunRecord {
    let mut record = sample::record(scenario);
    record.run_id = RunId(seed as i64);
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let times = LogNormal::new(0.0, 0.3).unwrap();
    sample::redraw(&mut record, 60, |step| {
        let secs = 0.02 * (step + 1) as f64 * factors[step] * times.sample(&mut random);
        (Outcome::Ok, Duration::from_secs_f64(secs))
    });
    record
}

fn measured(record: &RunRecord, stretches: &Stretches) -> ComparedRun {
    let kept = KeptRun::from(record.clone());
    ComparedRun::new(&kept.record, &summarize(&kept.record).unwrap(), &kept.history, stretches).unwrap()
}

fn single(record: &RunRecord) -> Side {
    Side { runs: vec![measured(record, &Stretches::Held)] }
}

fn compared(records: &[&RunRecord], options: &CompareOptions) -> Comparison {
    let sides: Vec<Side> = records.iter().map(|record| single(record)).collect();
    compare(&sides, options, &|| false).unwrap().unwrap()
}

fn two(baseline: &RunRecord, candidate: &RunRecord) -> Comparison {
    compared(&[baseline, candidate], &CompareOptions::default())
}

const HOLD: [(&str, f64); 1] = [("Hold", 50.0)];
const P95: Metric = Metric::Quantile(0.95);

fn verdicts(comparison: &Comparison) -> Vec<ChangeVerdict> {
    comparison.rows.iter().flat_map(|row| &row.candidates).map(|change| change.verdict).collect()
}

#[test]
fn the_same_run_twice_differs_in_nothing() {
    let run = drawn(scenario(&HOLD), 1, [1.0, 1.0]);
    let comparison = two(&run, &run);
    assert!(comparison.rows.iter().all(|row| row.candidates[0].change.unwrap().size == 0.0));
    assert!(comparison.setup_differences[0].is_empty() && comparison.cautions.is_empty());
    assert!(!verdicts(&comparison).iter().any(|v| matches!(v, ChangeVerdict::Better | ChangeVerdict::Worse)));
}

#[test]
fn two_runs_of_one_system_are_called_neither_better_nor_worse() {
    let n_called = (1..=10)
        .filter(|pair| {
            let (base, cand) = (2 * pair, 2 * pair + 1);
            let runs = [base, cand].map(|seed| drawn(scenario(&HOLD), seed, [1.0, 1.0]));
            let called = [ChangeVerdict::Better, ChangeVerdict::Worse];
            verdicts(&two(&runs[0], &runs[1])).iter().any(|verdict| called.contains(verdict))
        })
        .count();
    assert!(n_called <= 1, "{n_called}");
}

#[test]
fn a_slower_step_is_worse_and_the_other_is_the_same() {
    let (base, cand) = (drawn(scenario(&HOLD), 1, [1.0, 1.0]), drawn(scenario(&HOLD), 2, [1.0, 1.15]));
    let comparison = two(&base, &cand);
    let of_step = |name: &str| {
        let named =
            |row: &&ComparisonRow| matches!(&row.scope, RowScope::Step { name: own, .. } if own == name);
        let quantiles =
            comparison.rows.iter().filter(named).filter(|row| matches!(row.metric, Metric::Quantile(_)));
        quantiles.map(|row| row.candidates[0]).collect::<Vec<_>>()
    };
    assert!(of_step("Sign in").iter().all(|change| change.verdict == ChangeVerdict::Worse));
    assert!(of_step("List courses")[..2].iter().all(|change| change.verdict == ChangeVerdict::Same));
    let p50 = of_step("Sign in")[0].change.unwrap();
    assert!(p50.low.unwrap() < 0.15 && p50.high.unwrap() > 0.15, "{p50:?}");
    let sentence = &comparison.sentences[0];
    assert!(sentence.starts_with("Run 2 is worse than run 1: "), "{sentence}");
    assert!(sentence.contains("1 of 2 steps got worse, most of all Sign in: "), "{sentence}");
    assert!(comparison.has_worse());
}

#[test]
fn the_smallest_relevant_change_decides_what_matters() {
    let (base, cand) = (drawn(scenario(&HOLD), 1, [1.0, 1.0]), drawn(scenario(&HOLD), 2, [1.1, 1.1]));
    let with = |smallest_relevant| {
        let options = CompareOptions { smallest_relevant, ..CompareOptions::default() };
        compared(&[&base, &cand], &options).headline(Metric::Quantile(0.5)).unwrap().candidates[0].verdict
    };
    assert_eq!(with(0.05), ChangeVerdict::Worse);
    assert_eq!(with(0.2), ChangeVerdict::Same);
}

#[test]
fn a_comparison_shows_the_figures_of_the_runs_own_reports() {
    let run = drawn(scenario(&[("Low", 20.0), ("High", 80.0)]), 3, [1.0, 1.0]);
    let comparison = two(&run, &run);
    let summary = summarize(&run).unwrap();
    for metric in CompareOptions::default().metrics() {
        let value = comparison.headline(metric).unwrap().baseline.unwrap().value;
        assert_eq!(Some(value), summary.headline.metric(metric), "{metric}");
    }
    assert_eq!(comparison.window, summary.headline_words);
    let stages: Vec<_> =
        comparison.rows.iter().filter(|row| row.metric == P95).map(|row| row.scope.words()).collect();
    assert_eq!(stages[..3], ["the run", "stage Low", "stage High"]);
}

#[test]
fn errors_are_judged_by_newcombes_interval() {
    let base = drawn(scenario(&HOLD), 1, [1.0, 1.0]);
    let mut cand = drawn(scenario(&HOLD), 2, [1.0, 1.0]);
    (0..60)
        .for_each(|second| sample::add(&mut cand, second, 0, &[(Outcome::Status, Duration::from_millis(5))]));
    let row = |comparison: &Comparison| comparison.headline(Metric::ErrorShare).unwrap().candidates[0];
    let change = row(&two(&base, &cand));
    assert_eq!(change.verdict, ChangeVerdict::Worse);
    let size = 60.0 / (60.0 * 121.0);
    assert!((change.change.unwrap().size - size).abs() < 1e-12);
    assert_eq!(row(&two(&cand, &base)).verdict, ChangeVerdict::Better);
    assert_eq!(row(&two(&base, &base)).verdict, ChangeVerdict::Same);
}

#[test]
fn stages_belong_together_by_name_then_level_and_the_rest_is_left_out() {
    let base = drawn(scenario(&[("Low", 20.0), ("High", 80.0), ("Top", 90.0)]), 1, [1.0, 1.0]);
    let cand = drawn(scenario(&[("High", 80.0), ("Renamed", 20.0)]), 2, [1.0, 1.0]);
    let comparison = two(&base, &cand);
    assert_eq!(comparison.window, "stages in common: Low, High");
    assert!(
        comparison
            .cautions
            .iter()
            .any(|caution| caution.contains("Stage Top of the baseline has no counterpart"))
    );
    let alone = two(&base, &drawn(scenario(&[("Other", 7.0)]), 3, [1.0, 1.0]));
    assert!(alone.cautions[0].contains("align by rate or time"), "{:?}", alone.cautions);
    assert!(alone.sentences[0].contains("have no figure in common"), "{:?}", alone.sentences);
}

#[test]
fn runs_are_aligned_by_what_was_delivered() {
    // Both deliver 120 requests per second, whatever was asked.
    let base = drawn(scenario(&[("Low", 20.0)]), 1, [1.0, 1.0]);
    let cand = drawn(scenario(&[("Other", 70.0)]), 2, [1.0, 1.0]);
    let options = CompareOptions { alignment: Alignment::Rate, ..CompareOptions::default() };
    let comparison = compared(&[&base, &cand], &options);
    assert_eq!(comparison.window, "steady stages");
    assert!(comparison.headline(P95).unwrap().candidates[0].change.is_some());
    assert_eq!(comparison.candidates()[0].load_curve[0].throughput_per_sec, 120.0);
}

#[test]
fn by_time_runs_are_compared_as_far_as_both_went() {
    let base = drawn(scenario(&[("Low", 20.0), ("High", 80.0)]), 1, [1.0, 1.0]);
    let mut cand = drawn(scenario(&[("Low", 20.0), ("High", 80.0)]), 2, [1.2, 1.2]);
    cand.end.finish = Finish::Stopped;
    let side = |record: &RunRecord| Side { runs: vec![measured(record, &Stretches::Seconds(90))] };
    let options = CompareOptions { alignment: Alignment::Time, ..CompareOptions::default() };
    let comparison = compare(&[side(&base), side(&cand)], &options, &|| false).unwrap().unwrap();
    assert_eq!(comparison.window, "first 1 min 30 s of every run");
    assert_eq!(comparison.headline(P95).unwrap().candidates[0].verdict, ChangeVerdict::Worse);
    assert!(comparison.cautions.iter().any(|caution| caution.contains("did not run to the end of its plan")));
}

#[test]
fn with_five_repetitions_the_run_is_the_unit() {
    let side = |seeds: std::ops::Range<u64>, factor: f64| Side {
        runs: seeds
            // Runs differ by more than their requests tell.
            .map(|seed| {
                let drift = factor * (1.0 + 0.02 * (seed % 3) as f64);
                measured(&drawn(scenario(&HOLD), seed, [drift, drift]), &Stretches::Held)
            })
            .collect(),
    };
    let with = |factor| {
        let sides = [side(10..15, 1.0), side(20..25, factor)];
        compare(&sides, &CompareOptions::default(), &|| false).unwrap().unwrap()
    };
    let slower = with(1.15);
    let p95 = slower.headline(P95).unwrap();
    assert_eq!((p95.baseline.unwrap().n_samples, p95.candidates[0].verdict), (5, ChangeVerdict::Worse));
    assert!(
        slower.sentences[0].starts_with("Runs 20, 21, 22, 23, 24 are worse than runs 10, 11"),
        "{:?}",
        slower.sentences
    );
    assert!(!with(1.0).has_worse());
}

#[test]
fn several_candidates_stand_beside_one_baseline() {
    let runs: Vec<RunRecord> =
        (0..8).map(|index| drawn(scenario(&HOLD), 30 + index, [1.0 + 0.1 * index as f64; 2])).collect();
    let comparison = compared(&runs.iter().collect::<Vec<_>>(), &CompareOptions::default());
    let p50 = comparison.headline(Metric::Quantile(0.5)).unwrap();
    assert_eq!(p50.candidates.len(), 7);
    assert!(p50.candidates[2..].iter().all(|change| change.verdict == ChangeVerdict::Worse));
    assert_eq!((comparison.sentences.len(), comparison.setup_differences.len()), (7, 7));
}

#[test]
fn a_comparison_can_be_given_up() {
    let run = drawn(scenario(&HOLD), 1, [1.0, 1.0]);
    assert!(compare(&[single(&run), single(&run)], &CompareOptions::default(), &|| true).unwrap().is_none());
}

#[test]
fn a_stage_too_short_for_blocks_gives_values_and_no_verdict() {
    let mut short = scenario(&HOLD);
    short.load.stages[0].duration = Duration::from_secs(9);
    let (base, cand) = (drawn(short.clone(), 1, [1.0, 1.0]), drawn(short, 2, [2.0, 2.0]));
    let comparison = two(&base, &cand);
    let p95 = comparison.headline(P95).unwrap().candidates[0];
    assert!(p95.measured.is_some() && p95.verdict == ChangeVerdict::CannotTell, "{p95:?}");
    assert_eq!(p95.change.unwrap().interval_text(P95), "no bounds: run longer");
}

#[test]
fn steps_belong_together_by_method_and_path_and_by_hand() {
    let base = scenario(&HOLD);
    let mut cand = base.clone();
    for (step, path) in cand.journeys[0].steps.iter_mut().zip(["/courses", "/sign-in"]) {
        path.clone_into(&mut step.path);
    }
    let mut base = cand.clone();
    base.journeys[0].steps[0].name = "All courses".to_owned();
    cand.journeys[0].steps.reverse();
    assert_eq!(match_steps(&base, &cand, &StepMatches::new()), [Some(1), Some(0)]);
    let key = |scenario: &Scenario, index: usize| StepKey::of(&scenario.journeys[0].steps[index]);
    let crossed =
        StepMatches::from([(key(&cand, 0), Some(key(&base, 0))), (key(&cand, 1), Some(key(&base, 1)))]);
    assert_eq!(match_steps(&base, &cand, &crossed), [Some(0), Some(1)]);
    let alone = StepMatches::from([(key(&cand, 1), None)]);
    assert_eq!(match_steps(&base, &cand, &alone), [None, Some(0)]);
    cand.journeys[0].steps[0].enabled = false;
    assert_eq!(match_steps(&base, &cand, &StepMatches::new()), [Some(1), None]);
}

#[test]
fn steps_of_another_name_say_so() {
    let base = drawn(scenario(&HOLD), 1, [1.0, 1.0]);
    let mut other = scenario(&HOLD);
    for (step, path) in other.journeys[0].steps.iter_mut().zip(["/courses", "/sign-in"]) {
        path.clone_into(&mut step.path);
    }
    let mut base_scenario = other.clone();
    base_scenario.journeys[0].steps[0].name = "All courses".to_owned();
    let base = RunRecord {
        start: crate::metrics::RunStart { scenario: base_scenario, ..base.start.clone() },
        ..base
    };
    let comparison = two(&base, &drawn(other, 2, [1.0, 1.0]));
    let names: Vec<_> = comparison.rows.iter().map(|row| row.scope.words()).collect();
    assert!(names.contains(&"step All courses (List courses)".to_owned()), "{names:?}");
    assert_eq!(
        comparison.steps.iter().filter(|pair| pair.step.is_some() && pair.baseline.is_some()).count(),
        2
    );
}

#[test]
fn what_differs_in_the_set_up_and_what_stands_against_a_comparison_is_listed() {
    let base = drawn(scenario(&HOLD), 1, [1.0, 1.0]);
    let mut cand = drawn(scenario(&HOLD), 2, [1.0, 1.0]);
    cand.start.labels.insert("commit".to_owned(), "77aa001".to_owned());
    cand.start.environment.n_cpus = 2;
    let comparison = two(&base, &cand);
    assert_eq!(comparison.setup_differences[0], ["Processors: 8 → 2.", "Label commit: 4f2a9c1 → 77aa001."]);
    assert_eq!(comparison.cautions, ["The load came from different machines, whose own delays differ."]);

    let with = |model: LoadModel| {
        let mut scenario = scenario(&HOLD);
        scenario.load.model = model;
        drawn(scenario, 3, [1.0, 1.0])
    };
    let random = LoadModel::Open { arrivals: Arrivals::Poisson, max_users: 1_000, seed: 1 };
    let says = |comparison: &Comparison, text: &str| {
        assert!(comparison.cautions.iter().any(|c| c.contains(text)), "{:?}", comparison.cautions);
    };
    says(&two(&base, &with(LoadModel::open())), "An open and a closed model");
    says(&two(&with(LoadModel::open()), &with(random)), "Even and random arrivals");
}

#[test]
fn a_spectrum_ends_where_requests_do() {
    let run = drawn(scenario(&HOLD), 1, [1.0, 1.0]);
    let spectrum = two(&run, &run).baseline().spectrum.clone();
    assert_eq!(spectrum.n_samples, 60 * 60 * 2);
    assert!(spectrum.points.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1));
    let last = spectrum.points.last().unwrap().0;
    assert!(last > 0.999 && (1.0 - last) * spectrum.n_samples as f64 > 0.4, "{last}");
}
