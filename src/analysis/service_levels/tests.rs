//! Runs whose requests are counted by hand, and published figures.

use std::time::Duration;

use super::alerts::alerts;
use super::*;
use crate::analysis::sample::{self, N_PER_SECOND};
use crate::analysis::{summarize_kept, summarize_precisely};
use crate::metrics::{
    ErrorGroup, GroupErrors, IntervalStats, KeptRun, LatencyHistogram, OTHER_ERRORS, Outcome, RunRecord,
    StepStats,
};
use crate::model::{Check, ClientErrors, Metric, Scenario, Scope, ServiceLevelOptions};

const DAY: u64 = 86_400;

/// Failures of one kind in one second of a step.
#[derive(Clone, Copy)]
struct Failed {
    second: u32,
    step: usize,
    n: u64,
    status: u16,
}

fn failed(second: u32, step: usize, n: u64, status: u16) -> Failed {
    Failed { second, step, n, status }
}

/// A minute at one level, 40 requests a second, with failures by status.
fn run(scenario: Scenario, failures: &[Failed]) -> KeptRun {
    changed(scenario, failures, Some)
}

/// The same with something else done to its seconds.
fn changed(
    scenario: Scenario,
    failures: &[Failed],
    mut change: impl FnMut(IntervalStats) -> Option<IntervalStats>,
) -> KeptRun {
    // More kinds of failures than are told apart have no status.
    let signature = |status| if status == 499 { OTHER_ERRORS.to_owned() } else { format!("HTTP {status}") };
    let mut record = sample::record(scenario);
    for failure in failures {
        record.error_groups.push(ErrorGroup {
            step: failure.step as u16,
            outcome: Outcome::Status,
            signature: signature(failure.status),
            n_errors: failure.n,
            first_seen: Duration::from_secs(failure.second.into()),
            last_seen: Duration::from_secs(failure.second.into()),
            exemplars: Vec::new(),
        });
    }
    sample::kept(record, |mut interval| {
        let second = interval.second;
        for (group, failure) in failures.iter().enumerate().filter(|(_, failure)| failure.second == second) {
            add(&mut interval, failure, Outcome::Status);
            interval.errors.push(GroupErrors { group: group as u32, n_errors: failure.n });
        }
        change(interval)
    })
}

fn add(interval: &mut IntervalStats, failure: &Failed, outcome: Outcome) {
    let counters = &mut interval.rows[failure.step].stats.counters;
    counters.n_by_outcome[outcome as usize] += failure.n;
    counters.n_by_status_class[usize::from(failure.status / 100)] += failure.n;
}

fn minute() -> Scenario {
    sample::hold(60)
}

fn with(options: ServiceLevelOptions) -> Scenario {
    Scenario { service_levels: options, ..minute() }
}

fn client_errors(client_errors: ClientErrors) -> Scenario {
    with(ServiceLevelOptions { client_errors, ..ServiceLevelOptions::default() })
}

fn levels(run: &KeptRun) -> ServiceLevels {
    ServiceLevels::of(&run.record, &run.history, &summarize_kept(run).unwrap()).unwrap()
}

/// Requests that succeeded in a minute.
const N_OK: u64 = 60 * 2 * N_PER_SECOND;

#[track_caller]
fn check(run: &KeptRun, n_valid: u64, n_good: u64) {
    let requests = levels(run).requests.unwrap();
    assert_eq!((requests.n_valid, requests.n_good), (n_valid, n_good));
}

#[test]
fn by_the_usual_rule_availability_is_that_of_the_tables() {
    let run = run(minute(), &[failed(3, 0, 7, 503), failed(9, 1, 4, 404), failed(20, 0, 2, 429)]);
    let summary = summarize_kept(&run).unwrap();
    let levels = levels(&run);
    let requests = levels.requests.as_ref().unwrap();
    assert!(levels.is_usual_rule);
    assert_eq!(Some(requests.availability()), summary.headline.metric(Metric::Availability));
    assert_eq!((requests.n_valid, requests.n_bad()), (N_OK + 13, 13));
}

#[test]
fn client_errors_count_as_the_rule_says_and_429_is_bad_whatever_it_says() {
    let failures = [failed(3, 0, 7, 503), failed(9, 1, 4, 404), failed(20, 1, 2, 429)];
    let of = |rule| run(client_errors(rule), &failures);
    check(&of(ClientErrors::Bad), N_OK + 13, N_OK);
    check(&of(ClientErrors::Good), N_OK + 13, N_OK + 4);
    check(&of(ClientErrors::Excluded), N_OK + 9, N_OK);
    let excluded = levels(&of(ClientErrors::Excluded));
    assert!(!excluded.is_usual_rule);
    assert_eq!(excluded.requests.unwrap().n_left_out(), 4);
    assert_eq!(levels(&of(ClientErrors::Good)).requests.unwrap().n_left_out(), 0);
    let rules = excluded.rules.join(" ");
    assert!(
        rules.contains("does not count, as client_errors = \"excluded\" says; but 429 is bad"),
        "{rules}"
    );
    assert!(rules.contains("429 is told from other statuses by the second"), "{rules}");
}

#[test]
fn a_status_that_a_step_expects_is_no_client_error() {
    let mut scenario = client_errors(ClientErrors::Good);
    scenario.journeys[0].steps[0].checks = vec![Check::Status(404), Check::Status(429)];
    // Successes that were answered with 404 and 429, as is asked for.
    let run = changed(scenario, &[failed(9, 0, 4, 410)], |mut interval| {
        let n_by_status_class = &mut interval.rows[0].stats.counters.n_by_status_class;
        n_by_status_class[4] += std::mem::take(&mut n_by_status_class[2]);
        Some(interval)
    });
    let levels = levels(&run);
    assert_eq!(levels.requests.unwrap().n_client_errors, 4);
}

#[test]
fn without_knowing_when_errors_occurred_a_step_with_429_is_not_split() {
    let failures = [failed(9, 0, 4, 404), failed(9, 1, 4, 404), failed(20, 1, 2, 429)];
    // As runs of before were kept.
    let run = changed(client_errors(ClientErrors::Good), &failures, |mut interval| {
        interval.errors.clear();
        Some(interval)
    });
    let levels = levels(&run);
    assert_eq!(levels.requests.as_ref().unwrap().n_good, N_OK + 4, "of the first step only");
    let rules = levels.rules.join(" ");
    assert!(rules.contains("all statuses of 400 to 499 of «Sign in» count as bad"), "{rules}");
}

#[test]
fn errors_that_are_no_longer_told_apart_count_as_bad() {
    let run = run(client_errors(ClientErrors::Good), &[failed(9, 0, 4, 404), failed(10, 0, 3, 499)]);
    check(&run, N_OK + 7, N_OK + 4);
    assert!(levels(&run).rules.join(" ").contains("«List courses» had more kinds of errors"));
}

#[test]
fn excluded_steps_count_for_nothing() {
    let options =
        ServiceLevelOptions { exclude_steps: vec!["Sign in".to_owned()], ..ServiceLevelOptions::default() };
    let run = run(with(options), &[failed(3, 0, 1, 500), failed(4, 1, 40, 500)]);
    let levels = levels(&run);
    let requests = levels.requests.as_ref().unwrap();
    assert_eq!((requests.n_valid, requests.n_good), (N_OK / 2 + 1, N_OK / 2));
    assert_eq!((requests.n_excluded, requests.n_left_out()), (N_OK / 2 + 40, N_OK / 2 + 40));
    assert_eq!(levels.seconds.as_ref().unwrap().n_down, 0, "1 of 21 is below 5 %");
    let rules = levels.rules.join(" ");
    assert!(rules.contains("Requests of «Sign in» do not count"), "{rules}");
}

#[test]
fn a_second_is_up_by_its_share_of_bad_requests_and_unknown_without_any() {
    // 40 successes a second: 2 bad of 42 are 4.8 %, 3 of 43 are 7 %.
    let failures = [failed(3, 0, 2, 500), failed(4, 0, 3, 500)];
    let run = changed(minute(), &failures, |mut interval| {
        if interval.second == 20 {
            interval.rows.iter_mut().for_each(|row| row.stats = StepStats::default().encode());
        }
        Some(interval).filter(|interval| interval.second != 10)
    });
    let seconds = levels(&run).seconds.unwrap();
    assert_eq!((seconds.n_up, seconds.n_down, seconds.n_unknown), (57, 1, 2));
    assert_eq!(seconds.availability(), Some(57.0 / 58.0));
}

#[test]
fn errors_in_a_burst_tell_less_than_as_many_spread_out() {
    let requests = |failures: &[Failed]| levels(&run(minute(), failures)).requests.unwrap();
    let spread: Vec<Failed> = (0..40).map(|second| failed(second, 0, 1, 500)).collect();
    let (spread, burst) = (requests(&spread), requests(&[failed(30, 0, 40, 500)]));
    assert_eq!(spread.availability(), burst.availability());
    assert!(spread.n_effective.unwrap() > 10.0 * burst.n_effective.unwrap(), "{burst:?}");
    let (low, high) = burst.interval.unwrap();
    let (spread_low, spread_high) = spread.interval.unwrap();
    assert!(low < spread_low && high > spread_high);
    let clean = requests(&[]);
    assert_eq!((clean.availability(), clean.n_effective), (1.0, Some(N_OK as f64)));
    // Wilson's upper bound of nothing in n is z² ÷ (n + z²).
    let (low, high) = clean.interval.unwrap();
    assert!((1.0 - low - 3.841_458 / (2_400.0 + 3.841_458)).abs() < 1e-8 && high == 1.0, "{low}");
}

#[test]
fn a_window_too_short_for_blocks_has_no_interval_and_says_so() {
    let levels = levels(&run(sample::hold(8), &[]));
    assert_eq!(levels.requests.as_ref().unwrap().interval, None);
    assert!(levels.sentences[0].contains("measured for too short a time"), "{}", levels.sentences[0]);
}

#[test]
fn where_nothing_was_completed_nothing_is_told() {
    let mut record: RunRecord = sample::record(minute());
    record.intervals.clear();
    let levels = levels(&sample::kept(record, Some));
    assert_eq!((levels.requests, levels.budget, levels.seconds), (None, None, None));
    assert_eq!(levels.sentences.len(), 1);
}

#[test]
fn the_objective_is_the_scenario_s_or_a_threshold_s_or_three_nines() {
    let mut scenario = minute();
    assert_eq!(Objective::of(&scenario), Objective::default());
    let of_service = crate::model::Threshold {
        scope: Scope::Service("auth".to_owned()),
        ..sample::must(Metric::Availability, 0.9)
    };
    scenario.thresholds = vec![of_service, sample::must(Metric::Availability, 0.995)];
    let objective = Objective::of(&scenario);
    assert_eq!((objective.ratio, objective.source), (0.995, ObjectiveSource::Threshold));
    scenario.service_levels.availability = Some(0.99);
    scenario.service_levels.period = Duration::from_secs(7 * DAY);
    let objective = Objective::of(&scenario);
    assert_eq!((objective.ratio, objective.source), (0.99, ObjectiveSource::Scenario));
    assert_eq!(objective.period, Duration::from_secs(7 * DAY));
}

#[test]
fn three_nines_over_thirty_days_allow_43_minutes_and_12_seconds() {
    assert_eq!(Objective::default().budget_time(), Duration::from_secs(2_592));
    assert_eq!(Objective::default().budget_ratio(), 0.001);
}

// The SRE Workbook, chapter 5, table 5-4: burn rates and time to complete budget exhaustion, 99.9 % over 30 days.
#[test]
fn a_budget_lasts_as_long_as_the_workbook_says() {
    let days = |burn_rate| {
        budget::lasts(Duration::from_secs(30 * DAY), burn_rate).unwrap().as_secs_f64() / DAY as f64
    };
    assert_eq!([days(1.0), days(2.0), days(10.0)], [30.0, 15.0, 3.0]);
    assert_eq!((days(1_000.0) * 24.0 * 60.0).floor(), 43.0);
    assert_eq!(budget::lasts(Duration::from_secs(30 * DAY), 0.0), None);
}

// The same chapter: 2 % in one hour, 5 % in six, 10 % in three days.
#[test]
fn alerts_trip_above_the_workbook_s_burn_rates() {
    let limits = |days: u64| -> Vec<f64> {
        let alerts = alerts(Duration::from_secs(days * DAY), 0.0, None);
        alerts.iter().map(|alert| (alert.burn_rate * 1e4).round() / 1e4).collect()
    };
    assert_eq!(limits(30), [14.4, 6.0, 1.0]);
    assert_eq!(limits(28), [13.44, 5.6, 0.9333]);
    assert_eq!(limits(1), [0.48, 0.2], "three days do not fit into one");
}

#[test]
fn whether_an_alert_trips_goes_by_the_interval_of_the_burn_rate() {
    let month = Duration::from_secs(30 * DAY);
    let outcomes = |rate, low, high| -> Vec<AlertOutcome> {
        alerts(month, rate, Some((low, high))).iter().map(|alert| alert.outcome).collect()
    };
    use AlertOutcome::{CannotTell, StaysSilent, Trips};
    assert_eq!(outcomes(8.0, 6.5, 12.0), [StaysSilent, Trips, Trips]);
    assert_eq!(outcomes(8.0, 0.5, 20.0), [CannotTell; 3]);
    assert_eq!(outcomes(0.0, 0.0, 1.0), [StaysSilent; 3]);
    assert_eq!(alerts(month, 8.0, None)[0].outcome, CannotTell);
    // All requests bad: 14.4 ÷ 1,000 of an hour.
    let total = alerts(month, 1_000.0, Some((900.0, 1_000.0)));
    assert_eq!(total[0].after.map(|after| after.as_secs_f64()), Some(51.84));
    assert_eq!(alerts(month, 8.0, None)[0].after, None);
}

#[test]
fn a_budget_tells_what_is_left_and_how_fast_it_burns() {
    let run = run(minute(), &[failed(3, 0, 24, 500)]);
    let levels = levels(&run);
    let budget = levels.budget.as_ref().unwrap();
    assert!((budget.n_allowed - 2.424).abs() < 1e-9, "{}", budget.n_allowed);
    assert!((budget.left_ratio() - (1.0 - 24.0 / 2.424)).abs() < 1e-9);
    assert!((budget.burn_rate - 24.0 / 2_424.0 * 1_000.0).abs() < 1e-9);
    let (low, high) = budget.burn_interval.unwrap();
    assert!(low < budget.burn_rate && budget.burn_rate < high);
    assert!(
        levels
            .sentences
            .iter()
            .any(|sentence| sentence.starts_with("A run of 1 min cannot prove an objective over 30 d"))
    );
}

#[test]
fn an_objective_of_everything_leaves_no_budget() {
    let mut scenario = minute();
    scenario.thresholds = vec![sample::must(Metric::Availability, 1.0)];
    let levels = levels(&run(scenario, &[]));
    assert_eq!(levels.budget, None);
    assert!(levels.sentences.iter().any(|sentence| sentence.contains("leaves no error budget")));
}

fn row(n_satisfied: u64, n_tolerating: u64, n_frustrated: u64) -> ApdexRow {
    ApdexRow { name: String::new(), scope: Scope::Run, n_satisfied, n_tolerating, n_frustrated }
}

#[test]
fn apdex_is_as_published() {
    // 100 samples with T = 3 s: 60 within, 30 up to 12 s, 10 beyond.
    assert_eq!((row(60, 30, 10).score(), row(60, 30, 10).text()), (Some(0.75), "0.75".to_owned()));
    // 288 samples with T = 500 ms, 40, 200 and 48 of them.
    assert_eq!(row(40, 200, 48).text(), "0.49");
    assert_eq!(
        (row(0, 0, 0).score(), row(0, 0, 0).text(), row(0, 0, 0).rating()),
        (None, "NS".to_owned(), None)
    );
    assert_eq!((row(99, 0, 0).text(), row(100, 0, 0).text()), ("1.00*".to_owned(), "1.00".to_owned()));
    let rating = |n| row(n, 0, 100 - n).rating().unwrap();
    let ratings = [94, 93, 85, 84, 70, 69, 50, 49, 0].map(rating);
    let expected =
        ["excellent", "good", "good", "fair", "fair", "poor", "poor", "unacceptable", "unacceptable"];
    assert_eq!(ratings, expected);
    // 0.935 prints as 0.94, and is what it prints as.
    assert_eq!((row(935, 0, 65).text(), row(935, 0, 65).rating()), ("0.94".to_owned(), Some("excellent")));
    assert_eq!((row(845, 0, 155).text(), row(845, 0, 155).rating()), ("0.84".to_owned(), Some("fair")));
}

#[test]
fn errors_frustrate_however_fast_and_the_run_is_the_sum_of_its_steps() {
    // T = 30 ms: of the first step's 20 to 39 ms eleven are within, of the second's 40 to 78 ms none; 4 T holds all.
    let options =
        ServiceLevelOptions { apdex: Some(Duration::from_millis(30)), ..ServiceLevelOptions::default() };
    let levels = levels(&run(with(options), &[failed(3, 1, 10, 500)]));
    let apdex = levels.apdex.unwrap();
    let counts = |row: &ApdexRow| (row.n_satisfied, row.n_tolerating, row.n_frustrated);
    assert_eq!(apdex.steps.iter().map(counts).collect::<Vec<_>>(), [(660, 540, 0), (0, 1_200, 10)]);
    assert_eq!(counts(&apdex.run), (660, 1_740, 10));
    assert_eq!(apdex.services.iter().map(counts).collect::<Vec<_>>(), [(660, 540, 0), (0, 1_200, 10)]);
    assert_eq!(apdex.run.text(), "0.63");
}

#[test]
fn without_a_t_apdex_is_not_told_and_says_how_to_set_it() {
    let bare = levels(&run(minute(), &[]));
    assert_eq!((bare.apdex, bare.fast), (None, None));
    assert!(bare.sentences.last().unwrap().contains("set apdex = \"100ms\""));
    let mut scenario = minute();
    scenario.thresholds = vec![sample::must(Metric::Quantile(0.95), 0.1)];
    let apdex = levels(&run(scenario, &[])).apdex.unwrap();
    assert!(apdex.target.is_of_threshold);
    assert_eq!(apdex.target.satisfied, Duration::from_millis(100));
}

#[test]
fn fast_answers_are_counted_to_the_end_of_a_bucket() {
    let options =
        ServiceLevelOptions { apdex: Some(Duration::from_millis(60)), ..ServiceLevelOptions::default() };
    let run = run(with(options), &[]);
    let summary = summarize_precisely(&run).unwrap();
    let fast = ServiceLevels::of(&run.record, &run.history, &summary).unwrap().fast.unwrap();
    // All of the first step and the second's 40, 42 … 60 ms.
    assert_eq!((fast.n_fast, fast.n), (60 * (20 + 11), N_OK));
    assert!(fast.counted_up_to >= fast.limit && fast.counted_up_to < fast.limit.mul_f64(1.001));
    let (low, high) = fast.interval.unwrap();
    assert!(low < fast.ratio() && fast.ratio() < high, "{fast:?}");
    // Without intervals of percentiles nothing is known of how far requests depend on each other.
    let plain = levels(&run).fast.unwrap();
    assert_eq!((plain.n_fast, plain.interval, plain.n_effective), (fast.n_fast, None, None));
}

#[test]
fn small_latencies_have_a_bucket_each_and_large_ones_share() {
    let micros = |limit| LatencyHistogram::counted_up_to(Duration::from_micros(limit)).as_micros();
    assert_eq!([micros(1), micros(2_047), micros(2_048), micros(100_000)], [1, 2_047, 2_049, 100_031]);
    let mut histogram = LatencyHistogram::default();
    [100_000, 100_031, 100_032].into_iter().for_each(|value| histogram.record(Duration::from_micros(value)));
    assert_eq!(histogram.count_at_most(Duration::from_micros(100_000)), 2);
}
