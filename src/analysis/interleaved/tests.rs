//! Runs whose sides are known to differ, or not to, while their surroundings drift.

use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;
use crate::analysis::sample::{self, SideAnswers, drifting};
use crate::analysis::stats::run_level;
use crate::metrics::{KeptRun, Outcome};

fn run(n_secs: u32, block_secs: u32, answers: SideAnswers<'_>) -> KeptRun {
    KeptRun::from(sample::interleaved(n_secs, block_secs, answers))
}

fn compared(run: &KeptRun) -> Interleaved {
    interleaved(&run.record, &run.history).unwrap().unwrap()
}

fn change(sides: &SideBySide, metric: Metric) -> &SideChange {
    sides.changes.iter().find(|change| change.metric == metric).unwrap()
}

const P50: Metric = Metric::Quantile(0.5);
const P95: Metric = Metric::Quantile(0.95);
const P99: Metric = Metric::Quantile(0.99);

#[test]
fn a_slower_candidate_is_found_where_drift_hides_it_from_an_unpaired_comparison() {
    let run = run(240, 10, &drifting(1.1));
    let sides = compared(&run);
    assert_eq!((sides.n_pairs, sides.left_out), (12, Duration::ZERO));
    for scope in std::iter::once(&sides.whole).chain(&sides.steps) {
        for metric in [P50, P95] {
            let change = change(scope, metric);
            assert_eq!(change.verdict, SideVerdict::Worse, "{} {change:?}", scope.name);
            let (low, high) = change.interval.unwrap();
            assert!((0.07..0.13).contains(&change.change.unwrap()) && low < 0.1 && high > 0.1, "{change:?}");
        }
    }
    assert!(sides.sentence.starts_with("The candidate is worse: p50 response time +"), "{}", sides.sentence);
    // The same figures, taken as two heaps.
    let scenario = &run.record.start.scenario;
    let pairs = run.record.plan().block_pairs(run.record.end.load_duration);
    let figures =
        PairedFigures::of(&pairs, sides.block, scenario, &run.history, run.record.end.load_duration).unwrap();
    let of_side = |side: usize| -> Vec<f64> {
        figures.whole.pairs.iter().map(|pair| pair.quantiles[0][side].unwrap()).collect()
    };
    assert!(run_level(&of_side(0), &of_side(1)).unwrap().p_value > 0.3);
}

#[test]
fn a_faster_candidate_is_better_and_the_same_one_the_same_whatever_drifts() {
    let faster = compared(&run(240, 10, &drifting(0.85)));
    assert_eq!(change(&faster.whole, P95).verdict, SideVerdict::Better);
    assert!(faster.sentence.starts_with("The candidate is better: "), "{}", faster.sentence);
    let same = compared(&run(240, 10, &drifting(1.0)));
    for scope in std::iter::once(&same.whole).chain(&same.steps) {
        for change in &scope.changes {
            assert!(!matches!(change.verdict, SideVerdict::Worse | SideVerdict::Better), "{change:?}");
        }
    }
    assert_eq!(change(&same.whole, P50).verdict, SideVerdict::Same);
    assert_eq!(change(&same.whole, Metric::Throughput).verdict, SideVerdict::Same);
    // No error in 7,200 requests a side.
    let errors = change(&same.whole, Metric::ErrorShare);
    assert_eq!((errors.verdict, errors.change), (SideVerdict::Same, Some(0.0)));
    let (low, high) = errors.interval.unwrap();
    assert!(low < -0.0003 && high > 0.0003, "none seen is not none at all: {errors:?}");
}

#[test]
fn a_small_change_that_is_not_excluded_is_told_with_its_size() {
    let sides = compared(&run(100, 10, &drifting(1.03)));
    let p99 = change(&sides.whole, P99);
    let SideVerdict::CannotTell(Doubt::NotExcluded(most)) = p99.verdict else { panic!("{p99:?}") };
    let (low, high) = p99.interval.unwrap();
    assert_eq!(most, low.abs().max(high.abs()));
    assert!(p99.verdict_words().starts_with("cannot tell: changes up to ±"), "{}", p99.verdict_words());
}

#[test]
fn errors_of_the_candidate_are_found_by_the_pair() {
    let failing = |second: u32, side: Side, random: &mut Xoshiro256PlusPlus| {
        let mut answers = drifting(1.0)(second, side, random);
        if side == Side::Candidate && second.is_multiple_of(2) {
            answers[0].0 = Outcome::Status;
        }
        answers
    };
    let sides = compared(&run(240, 10, &failing));
    let errors = change(&sides.whole, Metric::ErrorShare);
    assert_eq!(errors.verdict, SideVerdict::Worse);
    assert!((errors.change.unwrap() - 1.0 / 60.0).abs() < 1e-9, "{errors:?}");
    assert!(sides.sentence.contains("error share +1.67 pp"), "{}", sides.sentence);
}

#[test]
fn few_pairs_say_nothing_and_an_incomplete_one_does_not_count() {
    let sides = compared(&run(95, 10, &drifting(3.0)));
    assert_eq!((sides.n_pairs, sides.left_out), (4, Duration::from_secs(15)));
    let changes = || std::iter::once(&sides.whole).chain(&sides.steps).flat_map(|scope| &scope.changes);
    assert!(changes().all(|change| change.verdict == SideVerdict::CannotTell(Doubt::TooFewPairs)));
    assert!(sides.sentence.starts_with("Too few pairs to compare the sides: 4 can be compared, and 5 are"));
    let late = |second: u32, side: Side, random: &mut Xoshiro256PlusPlus| {
        let times = if second >= 120 && side == Side::Candidate { 9.0 } else { 1.0 };
        drifting(times)(second, side, random)
    };
    let sides = compared(&run(139, 10, &late));
    assert_eq!(sides.n_pairs, 6);
    assert!(change(&sides.whole, P50).change.unwrap().abs() < 0.05);
}

#[test]
fn percentiles_need_requests_in_each_block_and_none_that_timed_out() {
    let sides = compared(&run(60, 2, &drifting(1.0)));
    let verdict = |scope: &SideBySide, metric| change(scope, metric).verdict;
    // 30/s for two seconds; both steps together have twice that.
    assert_eq!(verdict(&sides.steps[0], P99), SideVerdict::CannotTell(Doubt::TooFewRequests));
    assert_ne!(verdict(&sides.whole, P99), SideVerdict::CannotTell(Doubt::TooFewRequests));
    let hanging = |second: u32, side: Side, random: &mut Xoshiro256PlusPlus| {
        let mut answers = drifting(1.0)(second, side, random);
        answers[0].0 = Outcome::Timeout;
        answers
    };
    let sides = compared(&run(120, 10, &hanging));
    assert_eq!(verdict(&sides.whole, P99), SideVerdict::CannotTell(Doubt::HiddenByTimeouts));
    assert!(!matches!(verdict(&sides.whole, P50), SideVerdict::CannotTell(Doubt::HiddenByTimeouts)));
}

#[test]
fn an_open_model_has_no_throughput_to_compare() {
    let mut record = sample::interleaved(120, 10, &drifting(1.0));
    record.start.scenario.load.model = crate::model::LoadModel::open();
    let sides = compared(&KeptRun::from(record));
    assert!(sides.whole.changes.iter().all(|change| change.metric != Metric::Throughput));
    assert_eq!(sides.whole.changes.len(), QUANTILES.len() + 1);
}

#[test]
fn a_run_of_one_side_has_nothing_to_compare() {
    let run = KeptRun::from(sample::record(sample::scenario()));
    assert_eq!(interleaved(&run.record, &run.history).unwrap(), None);
}
