//! Runs whose changes of level are known, and queues that have none.

use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::shape::Shape;
use super::*;
use crate::analysis::{sample, summarize_kept};
use crate::metrics::{Finish, KeptRun, LatencyHistogram, LoadStats, RunRecord, SecondPoint, StepStats};
use crate::model::{Candidate, Interleave, PlanChange, PlanChangeKind, Scenario, Shape as StageShape, Stage};

fn millis(millis: f64) -> Option<Duration> {
    Some(Duration::from_secs_f64(millis / 1e3))
}

/// A level with a zigzag of two hundredths around it.
fn wavy(level: f64, second: u32) -> Option<Duration> {
    millis(level * if second.is_multiple_of(2) { 1.01 } else { 0.99 })
}

fn steadiness(run: &KeptRun) -> Steadiness {
    Steadiness::of(&run.record, &run.history, &summarize_kept(run).unwrap()).unwrap()
}

/// The only stage of a run of so many seconds.
fn only(n_secs: u64, typical: impl Fn(u32) -> Option<Duration>) -> StageSteadiness {
    of_record(sample::record(sample::hold(n_secs)), typical)
}

fn of_record(record: RunRecord, typical: impl Fn(u32) -> Option<Duration>) -> StageSteadiness {
    let mut found = steadiness(&sample::paced(record, typical));
    assert_eq!(found.stages.len(), 1);
    found.stages.remove(0)
}

fn p95_millis(figures: &SteadinessFigures) -> f64 {
    figures.p95.unwrap().value * 1e3
}

fn seconds_of(stage: &StageSteadiness) -> Vec<Range<u32>> {
    stage.segments.iter().map(|segment| segment.seconds.clone()).collect()
}

/// Twice as slow for the first half minute.
fn warming(second: u32) -> Option<Duration> {
    wavy(if second < 30 { 80.0 } else { 40.0 }, second)
}

#[test]
fn a_warm_up_ends_where_the_level_is_reached_and_both_views_are_shown() {
    let stage = only(120, warming);
    assert_eq!((stage.class, stage.steady_from, stage.cut), (SteadinessClass::WarmUp, Some(30), Some(30)));
    assert_eq!(seconds_of(&stage), [0..30, 30..120]);
    assert_eq!(stage.mser, Some(MserCut { from: 30, is_at_limit: false }));
    let with_cut = stage.with_cut.as_ref().unwrap();
    assert_eq!((stage.as_counted.n_requests, with_cut.n_requests), (120 * 40, 90 * 40));
    // A quarter of all are of the slower level, whose p80 is 1.04 × 1.01 × 80 ms; of the others it is 1.07 × 1.01 × 40 ms.
    assert!((p95_millis(&stage.as_counted) - 84.03).abs() < 0.1, "{:?}", stage.as_counted);
    assert!((p95_millis(with_cut) - 43.23).abs() < 0.1, "{with_cut:?}");
    assert_eq!(
        stage.sentence,
        "Stage Hold warms up until 0:30: medians come down from 79.2 ms to 39.6 ms, and stay there until 2:00."
    );
    assert_eq!(
        stage.advice.as_deref(),
        Some(
            "The scenario has no warm-up: set warm_up = \"30s\" under [load] to leave it out of tables and verdicts."
        )
    );
}

#[test]
fn what_was_found_changes_neither_headline_nor_verdict() {
    let run = sample::paced(sample::record(sample::hold(120)), warming);
    let summary = summarize_kept(&run).unwrap();
    assert_eq!(summary.headline.stats.counters.n_requests(), 120 * 40);
    assert_eq!(summary.headline.stats, summary.stages[0].aggregate.stats);
    assert_eq!(steadiness(&run).stages[0].as_counted.n_requests, 120 * 40);
}

#[test]
fn a_warm_up_of_the_scenario_that_is_long_enough_leaves_nothing_to_cut() {
    let with_warm_up = |secs| {
        let mut scenario = sample::hold(120);
        scenario.load.warm_up = Duration::from_secs(secs);
        of_record(sample::record(scenario), warming)
    };
    let covered = with_warm_up(30);
    assert_eq!((covered.class, covered.cut), (SteadinessClass::WarmUp, Some(30)));
    assert_eq!((covered.with_cut, covered.as_counted.n_requests), (None, 90 * 40));
    assert_eq!(
        covered.advice.as_deref(),
        Some("The scenario's own warm-up, which ends at 0:30, leaves it out.")
    );
    let short = with_warm_up(10);
    assert_eq!((short.as_counted.n_requests, short.with_cut.unwrap().n_requests), (110 * 40, 90 * 40));
    let advice = short.advice.unwrap();
    assert!(
        advice.starts_with("The scenario's own warm-up ends at 0:10, before that: set warm_up = \"30s\""),
        "{advice}"
    );
}

#[test]
fn a_warm_up_of_a_later_stage_is_not_for_the_scenario_s_own() {
    let mut scenario = sample::hold(60);
    let later = Stage {
        name: "More".to_owned(),
        duration: Duration::from_secs(100),
        end_level: 100.0,
        shape: StageShape::Step,
    };
    scenario.load.stages.push(later);
    let run = sample::paced(sample::record(scenario), |second| {
        wavy(if (60..80).contains(&second) { 90.0 } else { 40.0 }, second)
    });
    let found = steadiness(&run);
    assert_eq!(found.sentence, "Of 2 stages that hold their level, 1 is flat and 1 warms up first.");
    let later = &found.stages[1];
    assert_eq!((later.class, later.cut, later.seconds.clone()), (SteadinessClass::WarmUp, Some(80), 60..160));
    let advice = later.advice.as_deref().unwrap();
    assert!(
        advice.contains("would take whole stages before with it") && advice.contains("first 20 s"),
        "{advice}"
    );
}

#[test]
fn a_scaled_run_asks_for_the_warm_up_that_its_scale_makes_long_enough() {
    let mut record = sample::record(sample::hold(240));
    record.start.time_scale = 0.5;
    record.end.load_duration = Duration::from_secs(120);
    record.intervals.truncate(120);
    let advice = of_record(record, warming).advice.unwrap();
    assert!(
        advice.contains("warm_up = \"1m\"") && advice.ends_with("(at this run's time scale of 0.5)."),
        "{advice}"
    );
}

#[test]
fn a_level_that_rises_and_stays_is_a_slowdown() {
    let stage = only(120, |second| wavy(if second < 50 { 40.0 } else { 60.0 }, second));
    assert_eq!((stage.class, stage.steady_from, stage.cut), (SteadinessClass::Slowdown, Some(50), Some(50)));
    assert_eq!(
        stage.sentence,
        "Stage Hold is slower from 0:50 on: medians go up from 39.6 ms to 59.4 ms, and stay there until 2:00."
    );
    // Slow, then fast, then slower again than that.
    let levels = |second: u32| {
        if second < 20 {
            90.0
        } else if second < 60 {
            40.0
        } else {
            60.0
        }
    };
    let stage = only(120, |second| wavy(levels(second), second));
    assert_eq!((stage.class, stage.steady_from), (SteadinessClass::Slowdown, Some(60)));
}

#[test]
fn a_level_that_begins_in_the_last_quarter_is_no_steady_state() {
    let changing =
        |change: u32| only(120, move |second| wavy(if second < change { 40.0 } else { 60.0 }, second));
    assert_eq!(changing(90).class, SteadinessClass::Slowdown);
    let stage = changing(91);
    assert_eq!((stage.class, stage.steady_from, stage.cut), (SteadinessClass::NeverSteady, None, None));
    assert_eq!(stage.with_cut, None);
    assert!(
        stage.sentence.contains("begins at 1:31, within the last quarter of 0:00 to 2:00"),
        "{}",
        stage.sentence
    );
}

#[test]
fn a_series_that_climbs_without_end_never_becomes_steady() {
    let stage = only(200, |second| wavy(40.0 + f64::from(second), second));
    assert_eq!(stage.class, SteadinessClass::NeverSteady);
    assert!(stage.mser.unwrap().is_at_limit);
}

#[test]
fn a_constant_series_is_flat() {
    let stage = only(120, |_| millis(40.0));
    assert_eq!((stage.class, stage.steady_from, stage.cut), (SteadinessClass::Flat, Some(0), None));
    assert_eq!((seconds_of(&stage).len(), stage.n_outliers, stage.with_cut), (1, 0, None));
    assert_eq!(stage.mser.unwrap().from, 0);
    assert_eq!(
        stage.sentence,
        "Stage Hold is flat: the medians of its seconds stay about 39.6 ms from 0:00 to 2:00."
    );
}

#[test]
fn a_change_too_small_to_matter_is_flat() {
    let stage = only(120, |second| millis(if second < 60 { 40.0 } else { 40.6 }));
    assert_eq!((stage.class, stage.segments.len()), (SteadinessClass::Flat, 2));
}

#[test]
fn what_passes_is_told_and_no_warm_up() {
    let stage = only(160, |second| wavy(if (60..70).contains(&second) { 120.0 } else { 40.0 }, second));
    assert_eq!((stage.class, stage.cut), (SteadinessClass::Flat, None));
    assert_eq!(stage.disturbances().count(), 1);
    assert!(stage.sentence.ends_with("; apart from 1:00 to 1:10 (119 ms)."), "{}", stage.sentence);
    let stage = only(160, |second| wavy(if matches!(second, 80 | 81 | 159) { 900.0 } else { 40.0 }, second));
    assert_eq!((stage.class, stage.n_outliers, stage.segments.len()), (SteadinessClass::Flat, 3, 1));
    assert!(stage.sentence.ends_with("; 3 seconds stand out alone or in pairs."), "{}", stage.sentence);
}

#[test]
fn seconds_that_are_missing_are_left_out_and_counted() {
    let stage = only(120, |second| warming(second).filter(|_| !matches!(second, 10..14 | 100)));
    assert_eq!((stage.n_points, stage.n_missing), (115, 5));
    assert_eq!((stage.class, stage.steady_from), (SteadinessClass::WarmUp, Some(30)));
    assert_eq!(seconds_of(&stage), [0..30, 30..120]);
}

#[test]
fn pauses_belong_to_no_stage() {
    let mut record = sample::record(sample::hold(120));
    record.end.load_duration = Duration::from_secs(120);
    record.plan_changes = [(40, PlanChangeKind::Pause), (60, PlanChangeKind::Resume)]
        .map(|(at, kind)| PlanChange { at: Duration::from_secs(at), kind })
        .into();
    let stage = of_record(record, warming);
    assert_eq!((stage.n_points, stage.n_missing, stage.class), (100, 0, SteadinessClass::WarmUp));
    assert_eq!(stage.seconds, 0..120);
}

#[test]
fn under_fifty_seconds_nothing_is_told() {
    assert_eq!(only(50, warming).class, SteadinessClass::WarmUp);
    let mut scenario = sample::hold(49);
    scenario.load.warm_up = Duration::from_secs(5);
    let stage = of_record(sample::record(scenario), warming);
    assert_eq!((stage.class, stage.segments.len(), stage.mser), (SteadinessClass::TooShort, 0, None));
    assert_eq!(stage.sentence, "Stage Hold is too short to tell: 49 seconds have a median, and it takes 50.");
    assert_eq!(stage.advice.as_deref(), Some("The scenario's own warm-up, 5 s, is all that is left out."));
}

#[test]
fn a_run_without_a_held_stage_or_with_turns_says_why_nothing_is_told() {
    let mut ramps: Scenario = sample::scenario();
    ramps.load.stages.remove(1);
    let found = steadiness(&KeptRun::from(sample::record(ramps)));
    assert_eq!(found.stages, []);
    assert_eq!(
        found.sentence,
        "No stage that holds its level was reached, so there is no steady state to look for."
    );
    let mut early = sample::record(sample::scenario());
    sample::cut(&mut early, Finish::Stopped, 8);
    assert_eq!(steadiness(&KeptRun::from(early)).stages, []);
    let mut sides = sample::hold(120);
    sides.interleave = Some(Interleave::with(Candidate::default()));
    let found = steadiness(&KeptRun::from(sample::record(sides.interleaved())));
    assert!(found.stages.is_empty() && found.sentence.contains("take turns"), "{found:?}");
}

#[test]
fn a_very_long_hold_is_looked_at_several_seconds_at_a_time() {
    let point = |second: u32| {
        let mut stats = StepStats::default();
        stats.response_time.record(Duration::from_millis(if second < 600 { 80 } else { 40 }));
        SecondPoint::new(second, &LoadStats::default(), &stats, &LatencyHistogram::default())
    };
    let points: Vec<SecondPoint> = (0..9_000).map(point).collect();
    let series = Series::of(&[(Duration::ZERO, Duration::from_secs(9_000))], &points);
    assert_eq!((series.n_points(), series.grain(), series.values().len()), (9_000, 8, 1_125));
    let shape = Shape::of(&series.values());
    assert_eq!((shape.class, shape.steady_from), (SteadinessClass::WarmUp, Some(75)));
    assert_eq!((series.second_of(75, 9_000), series.second_of(1_125, 9_000)), (600, 9_000));
}

/// The medians of the seconds of an M/M/1 queue in its steady state, served in order at 200 a second.
fn queue_medians(load: f64, n_secs: usize, seed: u64) -> Vec<f64> {
    const SERVED_PER_SEC: f64 = 200.0;
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut draw = |per_sec: f64| -(1.0 - random.random::<f64>()).ln() / per_sec;
    let mut work = (draw(1.0) + load.ln()).max(0.0) / (SERVED_PER_SEC * (1.0 - load));
    let mut seconds = vec![Vec::new(); n_secs];
    let mut now = 0.0;
    while now < n_secs as f64 {
        let gap = draw(SERVED_PER_SEC * load);
        now += gap;
        work = (work - gap).max(0.0) + draw(SERVED_PER_SEC);
        if let Some(second) = seconds.get_mut((now + work) as usize) {
            second.push(work);
        }
    }
    let median = |mut second: Vec<f64>| {
        second.sort_by(f64::total_cmp);
        second.get(second.len().div_ceil(2).saturating_sub(1)).copied()
    };
    seconds.into_iter().filter_map(median).collect()
}

// Of 300 runs each it is 96 % for a minute at nine tenths, and 98 to 100 % for all others; of 50 hours at nine tenths, all.
#[test]
fn queues_in_their_steady_state_are_flat_nearly_always() {
    const N_RUNS: u64 = 100;
    for (load, n_secs) in [(0.1, 60), (0.5, 60), (0.5, 300), (0.8, 60), (0.8, 120), (0.8, 300), (0.9, 120)] {
        let is_flat =
            |seed: &u64| Shape::of(&queue_medians(load, n_secs, *seed)).class == SteadinessClass::Flat;
        let n_flat = (0..N_RUNS).filter(is_flat).count();
        assert!(n_flat >= 95, "{n_flat} of {N_RUNS} runs of {n_secs} s at a load of {load}");
    }
}

#[test]
fn a_warm_up_within_the_noise_of_a_queue_is_found() {
    let mut cuts = Vec::new();
    for seed in 0..50 {
        let mut medians = queue_medians(0.5, 120, 1_000 + seed);
        medians[..30].iter_mut().for_each(|median| *median *= 1.5);
        let shape = Shape::of(&medians);
        if shape.class == SteadinessClass::WarmUp {
            cuts.push(shape.steady_from.unwrap());
        }
    }
    assert!(cuts.len() >= 48, "{} of 50", cuts.len());
    assert!(cuts.iter().all(|cut| (20..=40).contains(cut)), "{cuts:?}");
}
