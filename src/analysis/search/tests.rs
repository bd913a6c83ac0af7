//! Probes of systems of which everything is known.

use std::time::Duration;

use super::*;
use crate::analysis::{Reading, sample};
use crate::model::{
    Budget, LoadModel, Metric, Scenario, SearchOptions, Threshold, ThresholdSeverity, Window,
};

const P95: Metric = Metric::Quantile(0.95);
const LIMIT: f64 = 0.1;

fn scenario() -> Scenario {
    Scenario {
        thresholds: vec![sample::must(P95, LIMIT), sample::must(Metric::ErrorShare, 0.01)],
        search: Some(SearchOptions { start: Some(50.0), ..SearchOptions::default() }),
        ..sample::open_scenario()
    }
}

fn settings() -> SearchSettings {
    SearchSettings::of(&scenario()).unwrap()
}

/// A minute at 200/s of a target whose p95 is known to 5 %.
fn figures(settings: &SearchSettings, p95_secs: f64) -> ProbeFigures {
    let reading = |metric, value| Some(Reading { metric, value, is_censored: false });
    let target = |target: &SearchTarget| match target.metric {
        Metric::ErrorShare => TargetFigures {
            reading: reading(target.metric, 0.0),
            low: Some(0.0),
            high: Some(0.0003),
            n_requests: 12_000,
        },
        metric => TargetFigures {
            reading: reading(metric, p95_secs),
            low: Some(0.95 * p95_secs),
            high: Some(1.05 * p95_secs),
            n_requests: 12_000,
        },
    };
    ProbeFigures {
        seconds: 10..70,
        span: Duration::from_secs(60),
        targets: settings.targets.iter().map(target).collect(),
        n_due: 12_000,
        n_started: 12_000,
        n_sent: 12_000,
        n_requests: 11_998,
        in_flight: (0..60).map(|second| 4.0 + f64::from(second % 3)).collect(),
        start_lag_p99: Some(Duration::from_micros(300)),
        median: Some(Duration::from_millis(20)),
        busiest_worker_ratio: Some(0.1),
        process_cpu_ratio: Some(0.1),
        ..ProbeFigures::default()
    }
}

/// Searches a target whose p95 is a function of level and of how many probes came before.
fn searched(
    settings: SearchSettings,
    probe: impl Fn(&SearchSettings, ProbePlan) -> ProbeFigures,
) -> SearchOutcome {
    let mut search = Search::new(settings.clone());
    for _ in 0..200 {
        match search.next() {
            Step::Hold(plan) | Step::Extend(plan) => _ = search.judge(probe(&settings, plan)),
            Step::Drain => search.drained(),
            Step::Done(end) => return SearchOutcome::new(settings, search.probes().to_vec(), end),
        }
    }
    panic!("the search has no end");
}

fn levels(outcome: &SearchOutcome) -> Vec<f64> {
    outcome.probes.iter().map(|probe| probe.plan.level).collect()
}

#[test]
fn levels_double_until_one_fails_and_the_distance_is_halved_and_the_answer_held_again() {
    let limit = |level: f64| if level <= 460.0 { 0.05 } else { 0.3 };
    let outcome = searched(settings(), |settings, plan| figures(settings, limit(plan.level)));
    assert_eq!(
        levels(&outcome),
        [50.0, 100.0, 200.0, 400.0, 800.0, 566.0, 476.0, 436.0, 456.0, 476.0, 456.0]
    );
    assert_eq!(outcome.end, SearchEnd::Confirmed);
    let found = outcome.capacity.unwrap();
    assert_eq!((found.level, found.stops_at, found.probe), (456.0, Some(476.0), 11));
    assert_eq!(outcome.probes[10].plan.kind, ProbeKind::Confirm);
    assert_eq!(outcome.probes[10].plan.hold_secs, 300);
    assert_eq!(
        outcome.sentence,
        "Capacity: 456/s. It met p95 ≤ 100 ms and error share ≤ 1 % over a confirming hold of 1 min; 476/s did not."
    );
    assert!(outcome.notes.is_empty(), "{:?}", outcome.notes);
}

#[test]
fn a_target_without_limit_is_at_least_as_good_as_the_highest_level() {
    let settings = SearchSettings { max: 300.0, ..settings() };
    let outcome = searched(settings, |settings, _| figures(settings, 0.02));
    assert_eq!(levels(&outcome), [50.0, 100.0, 200.0, 300.0, 300.0]);
    let found = outcome.capacity.unwrap();
    assert_eq!((found.level, found.stops_at), (300.0, None));
    assert!(outcome.sentence.starts_with("Capacity: at least 300/s"), "{}", outcome.sentence);
}

#[test]
fn a_target_that_fails_at_once_ends_the_search() {
    let outcome = searched(settings(), |settings, _| figures(settings, 0.5));
    assert_eq!((levels(&outcome), outcome.end), (vec![50.0], SearchEnd::LowestFails));
    assert_eq!(
        outcome.sentence,
        "The lowest level that was tried, 50/s, fails already (p95 ≤ 100 ms: it was 500 ms, at least 475 ms). Start lower \
         to find what the target can bear."
    );
}

#[test]
fn what_is_undecided_is_held_again_and_then_counts_as_not_passed() {
    let of = |level: f64| if level < 150.0 { 0.05 } else { 0.1 };
    let outcome = searched(settings(), |settings, plan| figures(settings, of(plan.level)));
    let second = &outcome.probes[2];
    assert_eq!(
        (second.plan.level, second.verdict(), second.is_extended),
        (200.0, ProbeVerdict::Undecided, true)
    );
    assert_eq!(second.judgement.reasons, ["p95 ≤ 100 ms: it was 100 ms, it may be as high as 105 ms"]);
    assert_eq!(outcome.end, SearchEnd::Confirmed);
    assert!(outcome.notes[0].starts_with("Undecided, however long it was held"), "{:?}", outcome.notes);
    let first = searched(settings(), |settings, _| figures(settings, 0.1));
    assert_eq!((first.end, first.probes.len()), (SearchEnd::LowestUndecided, 1));
}

#[test]
fn the_longest_hold_may_decide_what_the_others_left_open() {
    let of = |level: f64, decides: bool| if level < 150.0 || decides { 0.05 } else { 0.1 };
    let decides = |plan: ProbePlan| plan.kind == ProbeKind::Confirm && plan.level < 160.0;
    let outcome = searched(settings(), |settings, plan| figures(settings, of(plan.level, decides(plan))));
    let found = outcome.capacity.unwrap();
    assert!(found.level > 150.0 && found.stops_at.unwrap() > found.level, "{found:?}");
    let told = format!("counted as not passed: {}", outcome.settings.level_text(found.level));
    assert!(!outcome.notes[0].contains(&told), "{:?}", outcome.notes);
    // Where it decides nothing either, what passed is confirmed.
    let open = searched(settings(), |settings, plan| figures(settings, of(plan.level, false)));
    let confirms: Vec<f64> = open
        .probes
        .iter()
        .filter(|probe| probe.plan.kind == ProbeKind::Confirm)
        .map(|probe| probe.plan.level)
        .collect();
    assert_eq!((open.end, confirms.len()), (SearchEnd::Confirmed, 2));
    assert!(confirms[0] > 150.0 && open.capacity.unwrap().level == confirms[1] && confirms[1] < 150.0);
}

#[test]
fn a_fail_that_stands_alone_is_looked_at_again_and_a_pass_there_leaves_no_single_number() {
    // The fifth probe, at 800/s, meets a bad minute.
    let outcome =
        searched(settings(), |settings, plan| figures(settings, if plan.number == 5 { 0.4 } else { 0.05 }));
    assert_eq!(outcome.end, SearchEnd::NotMonotone { failed: 5, passed: 10 });
    assert_eq!((outcome.probes[9].plan.kind, outcome.probes[9].plan.level), (ProbeKind::Again, 800.0));
    assert_eq!(outcome.capacity, None);
    assert_eq!(
        outcome.sentence,
        "There is no single number: Probe 5 at 800/s failed, and later Probe 10 at 800/s passed. What the target can bear \
         changed meanwhile, or does not fall with the load."
    );
    // A fail that holds is looked at twice at most.
    let limit = |level: f64| if level < 800.0 { 0.05 } else { 0.3 };
    let held = searched(settings(), |settings, plan| figures(settings, limit(plan.level)));
    assert_eq!(held.end, SearchEnd::Confirmed);
    assert_eq!(held.probes.iter().filter(|probe| probe.plan.level == 800.0).count(), 2);
}

#[test]
fn what_the_generator_cannot_make_never_counts_as_capacity() {
    let busy = |settings: &SearchSettings, plan: ProbePlan| ProbeFigures {
        busiest_worker_ratio: Some(if plan.level > 250.0 { 0.97 } else { 0.4 }),
        ..figures(settings, 0.05)
    };
    let outcome = searched(settings(), busy);
    assert_eq!(
        (levels(&outcome), outcome.end),
        (vec![50.0, 100.0, 200.0, 400.0, 400.0], SearchEnd::GeneratorLimited)
    );
    assert_eq!(outcome.capacity, None);
    assert_eq!(
        outcome.sentence,
        "The search ended at the generator's end, not the target's: at 400/s the generator's busiest worker used 97 % of a \
         processor. So far 200/s passed, and nothing failed."
    );
}

#[test]
fn a_busy_moment_of_the_generator_is_held_once_more_and_changes_nothing() {
    let limit = |level: f64| if level < 300.0 { 0.05 } else { 0.3 };
    let undisturbed = searched(settings(), |settings, plan| figures(settings, limit(plan.level)));
    let n_probes = undisturbed.probes.len() as u32;
    // One of the first probes, one that decides, the one that confirms.
    for number in [2, 4, n_probes] {
        let outcome = searched(settings(), |settings, plan| ProbeFigures {
            start_lag_p99: (plan.number == number).then(|| Duration::from_millis(15)),
            ..figures(settings, limit(plan.level))
        });
        assert_eq!((outcome.end, outcome.probes.len() as u32), (SearchEnd::Confirmed, n_probes + 1));
        let (found, expected) = (outcome.capacity.unwrap(), undisturbed.capacity.unwrap());
        assert_eq!((found.level, found.stops_at), (expected.level, expected.stops_at), "{number}");
        let again = [number, number + 1].map(|number| outcome.probe(number).unwrap().plan);
        assert_eq!((again[0].level, again[0].kind), (again[1].level, again[1].kind));
        assert!(outcome.notes.iter().any(|note| note.starts_with("Held once more")), "{:?}", outcome.notes);
    }
}

fn judged(change: impl Fn(&mut ProbeFigures)) -> Judgement {
    let settings = settings();
    let mut figures = figures(&settings, 0.05);
    change(&mut figures);
    let mut search = Search::new(settings);
    search.judge(figures.clone());
    // Undecided ones are held again.
    search.judge(figures);
    search.probes()[0].judgement.clone()
}

#[test]
fn a_probe_passes_only_where_every_bound_holds_and_the_load_was_made_and_done() {
    let check = |change: &dyn Fn(&mut ProbeFigures), verdict, reason: &str| {
        let found = judged(change);
        assert_eq!(found.verdict, verdict, "{found:?}");
        assert_eq!(found.reasons.join("; "), reason);
    };
    check(&|_| {}, ProbeVerdict::Pass, "");
    check(
        &|figures| figures.targets[0].high = None,
        ProbeVerdict::Undecided,
        "p95 ≤ 100 ms: it was 50.0 ms, nothing bounds it from above, as too few requests lie beyond",
    );
    check(
        &|figures| {
            let errors = &mut figures.targets[1];
            (errors.reading, errors.low, errors.high) = (
                Some(Reading { metric: Metric::ErrorShare, value: 0.03, is_censored: false }),
                Some(0.027),
                Some(0.034),
            );
        },
        ProbeVerdict::Fail,
        "error share ≤ 1 %: it was 3 %, at least 2.7 %",
    );
    check(
        &|figures| figures.in_flight = (0..60).map(|second| 5.0 + 0.5 * f64::from(second)).collect(),
        ProbeVerdict::Fail,
        "requests in flight grew by 30.0 over the hold, 20.0 of them in the middle (p < 0.0001)",
    );
    // Less than a request more is no queue that grows, however clear it is.
    check(
        &|figures| figures.in_flight = (0..60).map(|second| 0.5 + 0.01 * f64::from(second)).collect(),
        ProbeVerdict::Pass,
        "",
    );
    check(
        &|figures| figures.n_started = 11_700,
        ProbeVerdict::GeneratorLimited,
        "300 of 12,000 iterations were not started, because all virtual users that may be there (1,000) were busy; raise \
         max_users",
    );
    check(
        &|figures| figures.n_requests = 11_800,
        ProbeVerdict::Undecided,
        "only 98.3 % of the requests sent were answered meanwhile",
    );
    check(
        &|figures| figures.was_paused = true,
        ProbeVerdict::Undecided,
        "the run was paused while it was held",
    );
    check(
        &|figures| figures.start_lag_p99 = Some(Duration::from_millis(15)),
        ProbeVerdict::GeneratorLimited,
        "1 % of the requests left 15.0 ms or more after their intended start (75 % of the median response time)",
    );
}

#[test]
fn a_percentile_that_timeouts_hide_misses_limits_up_to_the_timeout() {
    let found = judged(|figures| {
        let hidden = Reading { metric: P95, value: 30.0, is_censored: true };
        (figures.targets[0].reading, figures.targets[0].low, figures.targets[0].high) =
            (Some(hidden), Some(30.0), None);
    });
    assert_eq!(
        (found.verdict, found.reasons),
        (ProbeVerdict::Fail, vec!["p95 ≤ 100 ms: it was > 30.0 s".to_owned()])
    );
}

#[test]
fn what_does_not_pass_for_longer_is_tried_lower_and_then_not_confirmed() {
    let fails_for_long = |settings: &SearchSettings, plan: ProbePlan| {
        let is_slow = plan.level > 300.0 || plan.kind == ProbeKind::Confirm && plan.level > 285.0;
        figures(settings, if is_slow { 0.3 } else { 0.05 })
    };
    let outcome = searched(settings(), fails_for_long);
    assert_eq!(outcome.end, SearchEnd::Confirmed);
    let found = outcome.capacity.unwrap();
    assert!(found.level <= 285.0 && found.stops_at.unwrap() / found.level < 1.06, "{found:?}");
    assert!(outcome.notes.iter().any(|note| note.contains("passed a shorter hold")), "{:?}", outcome.notes);
    let never = |settings: &SearchSettings, plan: ProbePlan| {
        figures(settings, if plan.level > 300.0 || plan.kind == ProbeKind::Confirm { 0.3 } else { 0.05 })
    };
    let outcome = searched(settings(), never);
    assert_eq!((outcome.end, outcome.capacity), (SearchEnd::NotConfirmed, None));
}

#[test]
fn a_search_that_is_ended_says_what_is_known() {
    let mut search = Search::new(settings());
    for p95 in [0.05, 0.3] {
        search.judge(figures(search.settings(), p95));
        search.drained();
    }
    search.interrupted();
    let Step::Done(end) = search.next() else { panic!("{:?}", search.next()) };
    let outcome = SearchOutcome::new(settings(), search.probes().to_vec(), end);
    assert_eq!(
        outcome.sentence,
        "The search was ended before it had an answer. So far 50/s passed and 100/s did not."
    );
    search.never_drained();
    assert_eq!(search.next(), Step::Done(SearchEnd::NeverDrained));
}

#[test]
fn a_search_without_probes_left_confirms_what_it_has() {
    let settings = SearchSettings { max_probes: 4, ..settings() };
    let outcome =
        searched(settings, |settings, plan| figures(settings, if plan.level < 190.0 { 0.05 } else { 0.3 }));
    assert_eq!(levels(&outcome), [50.0, 100.0, 200.0, 141.0, 141.0]);
    assert!(outcome.notes[0].starts_with("The bounds are +41.8 % apart"), "{:?}", outcome.notes);
}

#[test]
fn users_are_whole_and_neighbours_end_the_search() {
    let mut closed = scenario();
    closed.load.model = LoadModel::Closed;
    closed.search = Some(SearchOptions { start: Some(2.0), ..SearchOptions::default() });
    let outcome = searched(SearchSettings::of(&closed).unwrap(), |settings, plan| {
        figures(settings, if plan.level <= 5.0 { 0.05 } else { 0.3 })
    });
    assert_eq!(levels(&outcome), [2.0, 4.0, 8.0, 6.0, 5.0, 5.0]);
    assert!(outcome.sentence.starts_with("Capacity: 5 users."), "{}", outcome.sentence);
}

#[test]
fn a_hold_is_as_long_as_its_percentiles_and_error_shares_need() {
    let mut scenario = scenario();
    scenario.thresholds = vec![sample::must(P95, LIMIT), sample::must(Metric::ErrorShare, 0.001)];
    let settings = SearchSettings::of(&scenario).unwrap();
    // Two steps an iteration: 4,000 requests for the error share take 200 s at 10/s.
    assert_eq!(settings.hold_secs(ProbeKind::Search, 10.0), 200);
    assert_eq!(settings.hold_secs(ProbeKind::Search, 400.0), 60);
    assert_eq!(settings.hold_secs(ProbeKind::Search, 0.1), 600);
    assert_eq!(settings.hold_secs(ProbeKind::Confirm, 400.0), 300);
}

#[test]
fn targets_are_limits_of_response_time_and_errors_and_there_has_to_be_one() {
    let mut scenario = scenario();
    let stage = Window::Stage("Spike (200)".to_owned());
    scenario.thresholds.push(sample::must(Metric::Throughput, 1_000.0));
    scenario.thresholds.push(Threshold { window: stage, ..sample::must(Metric::Max, 0.2) });
    scenario
        .thresholds
        .push(Threshold { severity: ThresholdSeverity::Info, ..sample::must(Metric::Mean, 0.2) });
    scenario.services[0].budgets = vec![Budget { metric: P95, limit: 0.04 }];
    let settings = SearchSettings::of(&scenario).unwrap();
    assert_eq!(
        settings.target_words(),
        "p95 ≤ 100 ms, error share ≤ 1 % and p95 of service education ≤ 40 ms"
    );
    let refusal = SearchSettings::of(&sample::open_scenario()).unwrap_err().to_string();
    assert!(refusal.contains("[[thresholds]]\nmetric = \"p95\""), "{refusal}");
}

#[test]
fn the_scenario_of_a_search_is_its_first_probe_and_can_be_read_again() {
    let mut scenario = scenario();
    scenario.thresholds[0].abort_after = Some(Duration::from_secs(5));
    scenario.thresholds.push(sample::must(Metric::Throughput, 1_000.0));
    scenario.search = None;
    let searched = search_scenario(&scenario).unwrap();
    assert!(searched.is_search() && !scenario.is_search());
    let names: Vec<_> = searched.load.stages.iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(names, ["Settle 1", "Probe 1: 20/s"]);
    assert_eq!(searched.thresholds.len(), 2);
    assert!(searched.thresholds.iter().all(|threshold| threshold.abort_after.is_none()));
    let text = crate::model::write_scenario(&searched, None);
    let (read, _) = crate::model::parse_scenario(&text).unwrap();
    assert_eq!(read, searched);
    assert_eq!(search_scenario(&read).unwrap(), searched, "a search of a search is the same");
    let plan = crate::model::Plan::new(&searched, 1.0);
    let steady = plan.window_spans(&Window::Steady, plan.duration());
    assert_eq!(steady, [(plan.stages()[1].start, plan.stages()[1].end)], "settling does not count");
    let mut sides = scenario;
    sides.interleave = Some(crate::model::Interleave::with(crate::model::Candidate::default()));
    assert!(search_scenario(&sides).unwrap_err().to_string().contains("leave out [interleave]"));
}
