//! Capacity of hand-made runs whose every figure is known.

use std::time::Duration;

use super::*;
use crate::analysis::{
    sample::{self, HeldLevel, held},
    summarize_precisely,
};
use crate::metrics::{Finish, KeptRun, RunRecord};
use crate::model::{Metric, Scenario, Threshold, ThresholdSeverity, Window};

const P95: Metric = Metric::Quantile(0.95);
const P99: Metric = Metric::Quantile(0.99);

fn capacity_of(record: RunRecord) -> Capacity {
    let run = KeptRun::from(record);
    Capacity::new(&run.record, &summarize_precisely(&run).unwrap()).unwrap()
}

fn level(level: f64, n_per_second: u64, mean_millis: f64) -> HeldLevel {
    HeldLevel { level, n_per_second, mean_millis, one_fails_in: 0 }
}

/// Four rates; p95 is three times the mean: 15, 18, 30 and 120 ms.
fn rates() -> [HeldLevel; 4] {
    [level(50.0, 50, 5.0), level(100.0, 100, 6.0), level(150.0, 150, 10.0), level(200.0, 200, 40.0)]
}

fn scenario(thresholds: Vec<Threshold>) -> Scenario {
    Scenario { thresholds, ..sample::open_scenario() }
}

fn users(thresholds: Vec<Threshold>) -> Scenario {
    Scenario { thresholds, ..sample::scenario() }
}

fn open_run(thresholds: Vec<Threshold>, levels: &[HeldLevel]) -> Capacity {
    capacity_of(held(scenario(thresholds), 30, levels))
}

fn verdicts(capacity: &Capacity) -> Vec<Option<LevelVerdict>> {
    capacity.levels.iter().map(|level| level.verdict).collect()
}

#[test]
fn the_capacity_is_the_highest_rate_that_met_the_targets_by_its_lower_bound() {
    let thresholds = vec![sample::must(P95, 0.05), sample::must(Metric::Throughput, 200.0)];
    let capacity = open_run(thresholds, &rates());
    use LevelVerdict::{Met, Missed};
    assert_eq!(verdicts(&capacity), [Some(Met), Some(Met), Some(Met), Some(Missed)]);
    let estimate = capacity.estimate().unwrap();
    assert_eq!((estimate.met, estimate.missed, estimate.is_at_least()), (2, Some(3), false));
    // Two steps an iteration, the same in each second.
    assert_eq!((estimate.requests_per_sec.value, estimate.requests_per_sec.low), (300.0, Some(300.0)));
    let headroom = capacity.headroom.unwrap();
    assert_eq!(headroom.demand.source, DemandSource::Threshold);
    assert!((headroom.ratio - 1.0 / 3.0).abs() < 1e-12 && !headroom.is_at_least);
    let sentence = capacity.slo_sentence();
    assert!(
        sentence.starts_with(
            "All targets were met up to 150/s, with 300/s of requests, and missed at 200/s (p95 "
        ),
        "{sentence}"
    );
    assert!(
        sentence.contains("limit 50 ms). The capacity lies between these levels; plan with 300/s"),
        "{sentence}"
    );
    assert_eq!(capacity.headroom.unwrap().text(), "33.3 %");
    assert_eq!(capacity.levels[0].offered_words(true), "50/s (100/s of requests)");
}

#[test]
fn a_rate_whose_blocks_sway_has_a_lower_bound_below_it() {
    let mut record = held(scenario(vec![sample::must(P95, 0.05)]), 30, &rates()[..1]);
    for second in 0..30 {
        let interval = &mut record.intervals[second];
        interval.load.span = Duration::from_millis(if second % 6 < 3 { 990 } else { 1_010 });
    }
    let capacity = capacity_of(record);
    let achieved = capacity.levels[0].achieved.unwrap();
    assert!((achieved.value - 100.0).abs() < 1e-9 && achieved.low.unwrap() < 99.9, "{achieved:?}");
    assert!(achieved.high.unwrap() > 100.1, "{achieved:?}");
    assert_eq!(capacity.headroom_sentence().unwrap().split(',').next(), Some("No demand is stated"));
}

#[test]
fn where_everything_was_met_the_end_was_not_seen() {
    let capacity = open_run(vec![sample::must(P95, 0.5)], &rates());
    assert!(capacity.estimate().unwrap().is_at_least());
    let sentence = capacity.slo_sentence();
    assert!(
        sentence.contains("it is at least 400/s of requests (95 % lower bound), the highest tested"),
        "{sentence}"
    );
    let capacity = capacity.with_demand(100.0, &scenario(Vec::new()));
    assert_eq!(capacity.headroom.unwrap().text(), "≥ 75 %");
    let beyond = capacity.with_demand(500.0, &scenario(Vec::new()));
    assert!((beyond.headroom.unwrap().ratio + 0.25).abs() < 1e-12);
    let sentence = beyond.headroom_sentence().unwrap();
    assert!(
        sentence.contains("500/s (as stated) is 25 % more than the capacity that was shown"),
        "{sentence}"
    );
}

#[test]
fn a_pass_above_a_fail_gives_no_single_number() {
    let levels = [level(50.0, 50, 5.0), level(100.0, 100, 60.0), level(150.0, 150, 10.0)];
    let capacity = open_run(vec![sample::must(P95, 0.05)], &levels);
    assert_eq!(capacity.slo, SloCapacity::NotMonotone { met: 2, missed: 1 });
    assert!(capacity.estimate().is_none() && capacity.headroom.is_none() && capacity.users.is_none());
    assert!(
        capacity.slo_sentence().contains("met at 150/s and missed at 100/s"),
        "{}",
        capacity.slo_sentence()
    );
    // The same level twice, once this way and once that.
    let twice = [level(50.0, 50, 5.0), level(50.0, 50, 60.0)];
    let mut record = held(scenario(vec![sample::must(P95, 0.05)]), 30, &twice);
    record.start.scenario.load.stages[1].name = "Again".to_owned();
    assert_eq!(capacity_of(record).slo, SloCapacity::NotMonotone { met: 0, missed: 1 });
}

#[test]
fn the_lowest_level_that_misses_bounds_the_capacity_from_above() {
    let capacity = open_run(vec![sample::must(P95, 0.005)], &rates());
    assert_eq!(capacity.slo, SloCapacity::BelowLowest { missed: 0 });
    assert!(capacity.slo_sentence().starts_with("The targets were missed at 50/s already"));
}

#[test]
fn a_limit_within_the_interval_decides_nothing() {
    let record = held(scenario(Vec::new()), 30, &rates()[..1]);
    let p95 = capacity_of(record).levels[0].percentile(0.95).unwrap().interval.unwrap();
    let between = (p95.low.unwrap() + p95.high.unwrap()).as_secs_f64() / 2.0;
    let capacity = open_run(vec![sample::must(P95, between)], &rates()[..1]);
    assert_eq!(capacity.slo, SloCapacity::Undecided);
    let doubt = capacity.levels[0].targets[0].doubt();
    assert_eq!(doubt, Some(TargetDoubt::WithinBounds));
    assert!(capacity.slo_sentence().contains("the limit lies within the 95 % interval"));
}

#[test]
fn stages_too_short_for_intervals_say_to_run_longer() {
    let capacity = capacity_of(held(scenario(vec![sample::must(P95, 0.5)]), 4, &rates()));
    assert_eq!(capacity.slo, SloCapacity::Undecided);
    assert_eq!(capacity.levels[0].targets[0].doubt(), Some(TargetDoubt::NoInterval));
    assert!(
        capacity.slo_sentence().contains("too short for an interval: run longer"),
        "{}",
        capacity.slo_sentence()
    );
    assert!(capacity.levels[0].verdict_words().starts_with("undecided: p95 response time, too short"));
    let few =
        capacity_of(held(scenario(vec![sample::must(Metric::Quantile(0.9999), 0.5)]), 4, &rates()[..1]));
    assert_eq!(few.levels[0].targets[0].doubt(), Some(TargetDoubt::TooFewRequests));
}

#[test]
fn a_percentile_without_an_upper_bound_says_how_long_to_hold() {
    let capacity = open_run(vec![sample::must(P99, 0.5)], &[level(50.0, 5, 5.0)]);
    let target = &capacity.levels[0].targets[0];
    assert_eq!(target.doubt(), Some(TargetDoubt::NoUpperBound));
    let note = capacity.notes.iter().find(|note| note.contains("hold it for about")).unwrap();
    // 300 requests that hardly depend on each other, where some 830 are needed.
    assert!(note.contains("p99 response time of At 50") && note.ends_with("instead of 30 s."), "{note}");
}

#[test]
fn without_targets_or_held_levels_the_reason_is_told() {
    let capacity = open_run(Vec::new(), &rates());
    assert_eq!(capacity.slo, SloCapacity::NoTargets);
    assert_eq!(capacity.levels.len(), 4, "levels are told all the same");
    let mut only_ramps = users(vec![sample::must(P95, 0.5)]);
    only_ramps.load.stages.remove(1);
    let capacity = capacity_of(sample::record(only_ramps));
    assert_eq!((&capacity.slo, capacity.levels.len()), (&SloCapacity::NoLevels, 0));
    assert_eq!(capacity.sentences().len(), 1);
    assert!(capacity.sentences()[0].starts_with("No stage held its level"));
    assert!(Capacity::default().sentences().is_empty() && Capacity::default().is_unknown());
}

#[test]
fn the_warm_up_and_ramps_are_no_levels() {
    let capacity = capacity_of(sample::record(users(vec![sample::must(P95, 0.5)])));
    let names: Vec<&str> = capacity.levels.iter().map(|level| level.name.as_str()).collect();
    assert_eq!(names, ["Sustain (50)"]);
    let level = &capacity.levels[0];
    assert_eq!((level.stage, level.offered, level.duration.as_secs()), (1, 50.0, 20));
    assert_eq!(level.in_flight.unwrap().source, InFlightSource::Counted);
    let mut in_warm_up = users(vec![sample::must(P95, 0.5)]);
    in_warm_up.load.warm_up = Duration::from_secs(30);
    assert_eq!(capacity_of(sample::record(in_warm_up)).slo, SloCapacity::NoLevels);
}

#[test]
fn thresholds_of_another_stage_or_for_information_are_no_targets() {
    let elsewhere = Threshold { window: Window::Stage("At 100".to_owned()), ..sample::must(P95, 0.001) };
    let told_only = Threshold { severity: ThresholdSeverity::Info, ..sample::must(P95, 0.001) };
    let should = Threshold { severity: ThresholdSeverity::Should, ..sample::must(P95, 0.05) };
    let capacity = open_run(vec![elsewhere, told_only, should], &rates()[..2]);
    let n_targets: Vec<usize> = capacity.levels.iter().map(|level| level.targets.len()).collect();
    assert_eq!(n_targets, [1, 2]);
    assert_eq!(verdicts(&capacity), [Some(LevelVerdict::Met), Some(LevelVerdict::Missed)]);
}

#[test]
fn errors_are_judged_by_their_interval() {
    let failing = |one_fails_in| [HeldLevel { one_fails_in, ..level(50.0, 50, 5.0) }];
    let verdict = |limit, one_fails_in| {
        let capacity = open_run(vec![sample::must(Metric::ErrorShare, limit)], &failing(one_fails_in));
        capacity.levels[0].targets[0].verdict
    };
    // 3,000 requests: none failed leaves 0.13 % not excluded.
    assert_eq!(verdict(0.001, 0), TargetVerdict::Undecided(TargetDoubt::WithinBounds));
    assert_eq!(verdict(0.002, 0), TargetVerdict::Met);
    assert_eq!(verdict(0.002, 50), TargetVerdict::Missed);
    let available = open_run(vec![sample::must(Metric::Availability, 0.95)], &failing(50));
    assert_eq!(available.levels[0].verdict, Some(LevelVerdict::Met));
    assert!(
        available.levels[0].errors_text().starts_with("2 % (1.5"),
        "{}",
        available.levels[0].errors_text()
    );
    assert!(!open_run(Vec::new(), &failing(0)).levels[0].errors_text().contains('−'));
}

#[test]
fn where_everything_fails_nothing_is_made_up() {
    let failing = rates().map(|level| HeldLevel { one_fails_in: 1, ..level });
    let capacity = open_run(vec![sample::must(Metric::ErrorShare, 0.01), sample::must(P95, 0.05)], &failing);
    assert_eq!(capacity.slo, SloCapacity::BelowLowest { missed: 0 });
    assert_eq!(capacity.levels[0].targets[1].doubt(), Some(TargetDoubt::NothingMeasured));
    assert_eq!(capacity.scaling.usl, Err(UslRefusal::NoThroughput));
    assert!(capacity.users.is_none());
    assert_eq!(capacity.levels[0].percentile(0.5).unwrap().text(), "–");
}

#[test]
fn mean_and_longest_have_their_own_bounds() {
    let capacity =
        open_run(vec![sample::must(Metric::Mean, 0.007), sample::must(Metric::Max, 1.0)], &rates()[..1]);
    let [mean, max] = &capacity.levels[0].targets[..] else { panic!("{capacity:?}") };
    assert!(mean.low.unwrap() < 0.006 && mean.high.unwrap() > 0.006, "{mean:?}");
    assert!((mean.high.unwrap() - mean.low.unwrap()) < 0.001, "{mean:?}");
    assert_eq!((mean.verdict, max.verdict), (TargetVerdict::Met, TargetVerdict::Met));
    assert_eq!(max.low, max.high);
}

#[test]
fn an_invalid_run_counts_nowhere() {
    let mut record = held(scenario(vec![sample::must(P95, 0.05)]), 30, &rates());
    record.intervals[3].load.generator.as_mut().unwrap().clock_jump = Duration::from_secs(9);
    let capacity = capacity_of(record);
    assert_eq!(capacity.slo, SloCapacity::NoneCounts);
    assert!(capacity.levels.iter().all(|level| level.not_counted == Some(NotCounted::InvalidRun)));
    assert_eq!(capacity.scaling.usl, Err(UslRefusal::TooFewLevels(0)));
    assert!(
        capacity.slo_sentence().contains("the run's measurement is invalid"),
        "{}",
        capacity.slo_sentence()
    );
}

#[test]
fn a_level_that_the_generator_limited_does_not_count_and_those_below_do() {
    let mut record = held(scenario(vec![sample::must(P95, 0.5)]), 30, &rates());
    for second in 90..120 {
        record.intervals[second].load.generator.as_mut().unwrap().busiest_worker_ratio = Some(0.97);
    }
    let capacity = capacity_of(record);
    assert!(matches!(capacity.levels[3].not_counted, Some(NotCounted::GeneratorCpu(_))));
    assert_eq!(capacity.estimate().unwrap().met, 2);
    assert_eq!(capacity.scaling.points.len(), 3, "nor does it bend the curve");
    assert!(
        capacity.notes[0].starts_with("At 200 (200/s) does not count: the generator was 97"),
        "{capacity:?}"
    );
    let words = capacity.levels[3].verdict_words();
    assert!(words.starts_with("not counted: the generator was"), "{words}");
}

#[test]
fn late_starts_of_one_level_take_only_that_level_away() {
    let mut record = held(scenario(vec![sample::must(P95, 0.5)]), 30, &rates());
    let mut lag = crate::metrics::LatencyHistogram::default();
    (0..40).for_each(|_| lag.record(Duration::from_millis(80)));
    for second in 90..120 {
        record.intervals[second].load.start_lag = lag.encode();
    }
    let capacity = capacity_of(record);
    assert!(matches!(capacity.levels[3].not_counted, Some(NotCounted::StartLag(_))), "{capacity:?}");
    assert_eq!(capacity.estimate().unwrap().met, 2);
}

#[test]
fn dropped_iterations_are_the_targets_doing_only_where_it_missed_its_targets() {
    let dropping = |limit| {
        let mut record = held(scenario(vec![sample::must(P95, limit)]), 30, &rates());
        for second in 90..120 {
            let load = &mut record.intervals[second].load;
            (load.n_started, load.n_dropped) = (load.n_due - 40, 40);
        }
        capacity_of(record)
    };
    let slow = dropping(0.05);
    assert_eq!((slow.levels[3].not_counted, slow.levels[3].verdict), (None, Some(LevelVerdict::Missed)));
    assert_eq!(slow.estimate().unwrap().missed, Some(3));
    let fast = dropping(0.5);
    assert_eq!(fast.levels[3].not_counted, Some(NotCounted::Dropped(0.8)));
    assert_eq!(fast.estimate().unwrap().met, 2);
    assert_eq!(fast.scaling.points.len(), 4, "what came through came through");
}

#[test]
fn requests_that_pile_up_are_no_rate_that_can_be_held() {
    let mut record = held(scenario(vec![sample::must(P95, 0.5)]), 30, &rates());
    for second in 90..120 {
        record.intervals[second].load.n_sent += 40;
    }
    let capacity = capacity_of(record);
    assert!(capacity.levels[3].piles_up() && !capacity.levels[2].piles_up());
    assert_eq!(capacity.estimate().unwrap().missed, Some(3));
    assert!(
        capacity.slo_sentence().contains("only 90.9 % of the requests sent ended meanwhile"),
        "{capacity:?}"
    );
}

#[test]
fn users_are_rate_times_the_time_of_an_iteration() {
    // 50 users, 2 requests of 100 ms and 400 ms of thinking after each: an iteration a second.
    let mut scenario = users(vec![sample::must(P95, 1.0), sample::must(Metric::Throughput, 80.0)]);
    scenario.journeys[0].think_time = crate::model::ThinkTime::Fixed(Duration::from_millis(400));
    let mut record = held(scenario, 30, &[level(50.0, 50, 1.0)]);
    sample::redraw(&mut record, 50, |_| (crate::metrics::Outcome::Ok, Duration::from_millis(100)));
    let capacity = capacity_of(record);
    let supported = capacity.users.as_ref().unwrap();
    assert!((supported.derived_users.value - 50.0).abs() < 0.05, "{supported:?}");
    assert_eq!(supported.tested_users, Some(50.0));
    assert!((supported.iterations_per_sec.value - 50.0).abs() < 1e-9);
    assert!((supported.demand_users.unwrap() - 40.0).abs() < 0.05);
    assert_eq!(supported.demand_iterations_per_sec, Some(40.0));
    let sentence = supported.sentence();
    assert!(
        sentence.contains("100/s of requests are 50.0/s of iterations of 2 requests on average"),
        "{sentence}"
    );
    assert!(sentence.starts_with("Users it supports: 50, as tested."), "{sentence}");
    assert!(
        sentence.contains("800 ms of think time), and rate × time comes to 50 users, which agrees"),
        "{sentence}"
    );
    assert_eq!((supported.n_users(), supported.agrees()), (50, Some(true)));
}

#[test]
fn a_paced_user_waits_for_the_next_start() {
    let mut scenario = scenario(vec![sample::must(P95, 0.5)]);
    scenario.journeys[0].pacing = Some(Duration::from_secs(10));
    let capacity = capacity_of(held(scenario, 30, &rates()[..2]));
    let supported = capacity.users.as_ref().unwrap();
    assert!((supported.derived_users.value - 1_000.0).abs() < 1e-6, "100 iterations/s, ten seconds each");
    assert_eq!((supported.n_users(), supported.tested_users), (1_000, None));
    assert!(supported.sentence().contains("no think time, and pacing"));
}

#[test]
fn an_open_run_is_fitted_over_its_requests_in_flight() {
    let capacity = open_run(Vec::new(), &rates());
    assert_eq!(capacity.scaling.concurrency, Concurrency::InFlight);
    let in_flight: Vec<f64> = capacity.scaling.points.iter().map(|point| point.concurrency).collect();
    assert!((in_flight[0] - 0.56).abs() < 1e-6 && (in_flight[3] - 16.24).abs() < 1e-6, "{in_flight:?}");
    assert_eq!(capacity.scaling.usl.as_ref().unwrap().n_levels, 4);
    assert!(capacity.scaling.usl_sentence().contains("Only 4 different levels"));
    let mut old = held(scenario(Vec::new()), 30, &rates());
    old.intervals.iter_mut().for_each(|interval| interval.load.generator = None);
    let level = &capacity_of(old).levels[0];
    assert_eq!(level.in_flight.unwrap().source, InFlightSource::LittlesLaw);
    assert!((level.in_flight.unwrap().mean - 0.56).abs() < 0.03, "{level:?}");
}

#[test]
fn an_interleaved_run_says_what_its_figures_cover() {
    let capacity = capacity_of(sample::interleaved(60, 5, &sample::drifting(1.1)));
    assert!(capacity.notes[0].contains("the capacity of neither"), "{:?}", capacity.notes);
}

#[test]
fn a_run_that_was_stopped_counts_as_far_as_its_levels_were_held() {
    let mut record = held(scenario(vec![sample::must(P95, 0.5)]), 30, &rates());
    record.end.finish = Finish::Stopped;
    record.end.load_duration = Duration::from_secs(75);
    record.intervals.truncate(75);
    record.rows.truncate(150);
    let capacity = capacity_of(record);
    assert_eq!(capacity.levels.len(), 3);
    assert_eq!(capacity.levels[2].duration.as_secs(), 15);
    assert!(capacity.notes[0].ends_with("Levels count as far as they were held."), "{:?}", capacity.notes);
}

#[test]
fn summaries_without_intervals_decide_nothing() {
    let record = held(scenario(vec![sample::must(P95, 0.5)]), 30, &rates());
    let run = KeptRun::from(record);
    let summary = crate::analysis::summarize(&run.record).unwrap();
    assert_eq!(Capacity::new(&run.record, &summary).unwrap().slo, SloCapacity::Undecided);
}

#[test]
fn users_whose_time_is_not_in_their_requests_are_told_apart() {
    let mut record = held(users(vec![sample::must(P95, 1.0)]), 30, &[level(50.0, 50, 10.0)]);
    record.start.scenario.journeys[0].think_time = crate::model::ThinkTime::Fixed(Duration::from_millis(100));
    let capacity = capacity_of(record);
    let supported = capacity.users.as_ref().unwrap();
    // 50 iterations of two requests of 11 ms and two pauses of 100 ms: eleven users.
    assert!((supported.derived_users.value - 11.1).abs() < 0.1, "{supported:?}");
    assert_eq!((supported.n_users(), supported.agrees()), (50, Some(false)));
    assert!(supported.sentence().contains("but rate × time comes to 11.1 users"), "{}", supported.sentence());
}
