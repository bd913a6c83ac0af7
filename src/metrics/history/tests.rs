//! Sums over any stretch are those of the kept histograms, whichever way the history was made.

use std::{ops::Range, time::Duration};

use hdrhistogram::{Histogram, serialization::Deserializer};
use proptest::prelude::*;
use rand::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;
use crate::metrics::{
    Counters, EncodedHistogram, GroupErrors, IntervalRow, LatencyHistogram, LoadStats, Outcome, StepStats,
};
use crate::model::Segment;

const N_STEPS: usize = 3;

const QUANTILES: [f64; 12] = [0.0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.0];

/// A run of so many seconds, some of them missing, with few requests in each.
fn seconds(n_seconds: u32, seed: u64) -> Vec<IntervalStats> {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let gap = 1 + random.random_range(0..n_seconds);
    let is_kept = |second: &u32| *second < gap || *second > gap + 300;
    (0..n_seconds).filter(is_kept).map(|second| interval(second, &mut random)).collect()
}

fn interval(second: u32, random: &mut Xoshiro256PlusPlus) -> IntervalStats {
    let mut rows = Vec::new();
    for step in 0..N_STEPS as u16 {
        for segment in [Segment { stage: 0, warm_up: false }, Segment { stage: 1, warm_up: false }] {
            if random.random_bool(0.6) {
                rows.push(IntervalRow { segment, step, stats: stats(random).encode() });
            }
        }
    }
    let mut start_lag = LatencyHistogram::default();
    (0..random.random_range(0..4))
        .for_each(|_| start_lag.record(Duration::from_micros(random.random_range(1..900))));
    let load = LoadStats {
        span: Duration::from_millis(if second.is_multiple_of(7) { 999 } else { 1_000 }),
        asked_level: random.random(),
        n_due: random.random_range(0..9),
        n_sent: random.random_range(0..9),
        start_lag: start_lag.encode(),
        ..LoadStats::default()
    };
    let mut errors = Vec::new();
    for group in 0..4 {
        if random.random_bool(0.3) {
            errors.push(GroupErrors { group, n_errors: random.random_range(1..500) });
        }
    }
    IntervalStats { second, rows, errors, load }
}

fn stats(random: &mut Xoshiro256PlusPlus) -> StepStats {
    let mut stats = StepStats::default();
    for _ in 0..random.random_range(1..5) {
        // From a tenth of a millisecond to a minute and more.
        let latency = Duration::from_secs_f64(10f64.powf(random.random_range(-4.0..2.0)));
        if random.random_bool(0.1) {
            stats.counters.n_by_outcome[Outcome::Timeout as usize] += 1;
            stats.error_time.record(latency);
            continue;
        }
        stats.counters.n_by_outcome[Outcome::Ok as usize] += 1;
        stats.counters.bytes_received += random.random_range(0..5_000);
        stats.response_time.record(latency);
        stats.service_time.record(latency / 2);
        stats.phases[random.random_range(0..6)].record(latency / 3);
    }
    stats
}

/// The merged kept seconds, without any history.
fn merged(intervals: &[IntervalStats], stretch: &Range<u32>) -> (Vec<StepStats>, LoadSums) {
    let (mut steps, mut load) = (vec![StepStats::default(); N_STEPS], LoadSums::default());
    for interval in intervals.iter().filter(|interval| stretch.contains(&interval.second)) {
        for row in &interval.rows {
            steps[usize::from(row.step)].merge_encoded(&row.stats).unwrap();
        }
        load.add(&sums::SecondLoad::of(&interval.load));
        load.start_lag.merge_encoded(&interval.load.start_lag).unwrap();
    }
    (steps, load)
}

fn responses_of(stats: &StepStats) -> StepStats {
    let mut responses = StepStats::default();
    responses.merge_responses(stats);
    responses
}

fn check_stretch(history: &History, intervals: &[IntervalStats], stretch: Range<u32>) {
    let (steps, load) = merged(intervals, &stretch);
    let sums = history.sums(stretch.clone()).unwrap();
    assert!(history.everything(&stretch).unwrap() == steps, "{stretch:?}");
    assert!(sums.steps == steps.iter().map(responses_of).collect::<Vec<_>>(), "{stretch:?}");
    assert_eq!(sums.load, load, "{stretch:?}");
    check_errors(&sums, intervals, &stretch);
}

/// The failures of a stretch are those of its seconds.
fn check_errors(sums: &WindowSums, intervals: &[IntervalStats], stretch: &Range<u32>) {
    for group in 0..5 {
        let within = intervals.iter().filter(|interval| stretch.contains(&interval.second));
        let of_group = within.flat_map(|interval| &interval.errors).filter(|errors| errors.group == group);
        let expected: u64 = of_group.map(|errors| errors.n_errors).sum();
        assert_eq!(
            sums.n_by_group.get(group as usize).copied().unwrap_or(0),
            expected,
            "{stretch:?} {group}"
        );
    }
}

/// What somebody would find who has nothing but the library and an HdrHistogram.
struct Offline {
    counters: Counters,
    response_time: Histogram<u64>,
    service_time: Histogram<u64>,
    wait: Histogram<u64>,
}

fn offline(intervals: &[IntervalStats], stretch: &Range<u32>, step: usize) -> Offline {
    let empty = || {
        let mut counts = Histogram::<u64>::new(3).unwrap();
        counts.auto(true);
        counts
    };
    let mut sums = Offline {
        counters: Counters::default(),
        response_time: empty(),
        service_time: empty(),
        wait: empty(),
    };
    let add = |sum: &mut Histogram<u64>, kept: &EncodedHistogram| {
        let bytes = kept.to_hdr();
        if !bytes.is_empty() {
            let counts: Histogram<u64> = Deserializer::new().deserialize(&mut &bytes[..]).unwrap();
            sum.add(&counts).unwrap();
        }
    };
    let within = intervals.iter().filter(|interval| stretch.contains(&interval.second));
    for row in within.flat_map(|interval| &interval.rows).filter(|row| usize::from(row.step) == step) {
        sums.counters.merge(&row.stats.counters);
        add(&mut sums.response_time, &row.stats.response_time);
        add(&mut sums.service_time, &row.stats.service_time);
        add(&mut sums.wait, &row.stats.phases[4]);
    }
    sums
}

fn check_histogram(mine: &LatencyHistogram, theirs: &Histogram<u64>) {
    assert_eq!(mine.n_samples(), theirs.len());
    for quantile in QUANTILES {
        let expected = Duration::from_micros(theirs.value_at_quantile(quantile * (1.0 - 1e-12)));
        assert_eq!(mine.quantile(quantile), (!theirs.is_empty()).then_some(expected), "{quantile}");
    }
    let of = |value: Duration| (!theirs.is_empty()).then_some(value);
    assert_eq!(mine.mean(), of(Duration::from_secs_f64(theirs.mean() / 1e6)));
    assert_eq!(mine.min(), of(Duration::from_micros(theirs.min())));
    assert_eq!(mine.max(), of(Duration::from_micros(theirs.max())));
}

fn check_offline(histories: [&History; 2], intervals: &[IntervalStats], stretch: Range<u32>) {
    let sums = histories.map(|history| history.sums(stretch.clone()).unwrap());
    let everything = histories.map(|history| history.everything(&stretch).unwrap());
    sums.iter().for_each(|sums| check_errors(sums, intervals, &stretch));
    for step in 0..N_STEPS {
        let expected = offline(intervals, &stretch, step);
        for (stats, responses) in
            everything.iter().zip(&sums).map(|(all, sums)| (&all[step], &sums.steps[step]))
        {
            assert!(*responses == responses_of(stats), "{stretch:?}");
            assert_eq!(stats.counters, expected.counters, "{stretch:?}");
            check_histogram(&stats.response_time, &expected.response_time);
            check_histogram(&stats.service_time, &expected.service_time);
            check_histogram(&stats.phases[4], &expected.wait);
        }
    }
}

/// The same history as it comes back from its packs.
fn reopened(history: &History) -> History {
    let chunks = history.chunks().iter().map(|chunk| Chunk::unpack(chunk.pack().into()).unwrap()).collect();
    History::of_packs(N_STEPS, chunks, history.columns().to_vec()).unwrap()
}

#[test]
fn memory_that_is_used_again_for_sums_holds_nothing_old() {
    let intervals = seconds(300, 5);
    let history = History::of(N_STEPS, &intervals).unwrap();
    let mut again = history.sums(0..300).unwrap();
    for stretch in [3..280, 40..41, 0..300, 299..300, 70..71, 500..501, 10..290] {
        history.sum_up(stretch.clone(), &mut again).unwrap();
        assert_eq!(again, history.sums(stretch).unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn sums_of_any_stretch_equal_the_merged_kept_histograms_to_the_last_digit(
        n_seconds in 1u32..900,
        seed in any::<u64>(),
        stretches in prop::collection::vec((0u32..1_000, 0u32..1_000), 2),
    ) {
        let intervals = seconds(n_seconds, seed);
        let live = History::of(N_STEPS, &intervals).unwrap();
        let kept = reopened(&live);
        for (from, length) in stretches {
            check_offline([&live, &kept], &intervals, from..from + length);
        }
    }
}

#[test]
fn sums_at_and_around_the_edges_of_blocks_and_chunks_are_exact() {
    let intervals = seconds(1_100, 5);
    let history = History::of(N_STEPS, &intervals).unwrap();
    let edges = [0, 1, 32, 127, 129, 255, 256, 513, 1_024, 1_099, 5_000];
    for from in edges {
        for until in edges {
            check_stretch(&history, &intervals, from..until);
        }
    }
}

#[test]
fn each_second_is_handed_out_with_its_counts_and_failures() {
    let intervals = seconds(600, 11);
    let history = reopened(&History::of(N_STEPS, &intervals).unwrap());
    let stretch = 100..550;
    let mut expected = intervals.iter().filter(|interval| stretch.contains(&interval.second));
    let take = |second: u32, steps: &[Counters], n_by_group: &[u64]| {
        let interval = expected.next().unwrap();
        assert_eq!((second, steps.len()), (interval.second, N_STEPS));
        for (step, counters) in steps.iter().enumerate() {
            let mut of_step = Counters::default();
            let rows = interval.rows.iter().filter(|row| usize::from(row.step) == step);
            rows.for_each(|row| of_step.merge(&row.stats.counters));
            assert_eq!(*counters, of_step);
        }
        let n_errors: u64 = interval.errors.iter().map(|errors| errors.n_errors).sum();
        assert_eq!(n_by_group.iter().sum::<u64>(), n_errors);
    };
    history.for_each_second(&stretch, take).unwrap();
    assert!(expected.next().is_none());
}

#[test]
fn a_reader_keeps_what_it_has_while_seconds_are_added() {
    let intervals = seconds(700, 9);
    let (first, rest) = intervals.split_at(intervals.len() / 2);
    let mut live = Arc::new(History::of(N_STEPS, first).unwrap());
    let reader = Arc::clone(&live);
    rest.iter().for_each(|interval| Arc::make_mut(&mut live).push(interval).unwrap());
    check_stretch(&reader, first, 0..u32::MAX);
    check_stretch(&live, &intervals, 0..u32::MAX);
    assert_eq!(live.columns().len(), intervals.len());
    assert_eq!(reader.extent().end, first.last().unwrap().second + 1);
}

#[test]
fn without_seconds_there_is_nothing_to_sum_up() {
    let history = History::new(2);
    assert_eq!((history.extent(), history.columns().len()), (0..0, 0));
    let sums = history.sums(0..100).unwrap();
    assert_eq!((sums.steps.len(), sums.all().is_empty()), (2, true));
    assert_eq!(sums.load, LoadSums::default());
}
