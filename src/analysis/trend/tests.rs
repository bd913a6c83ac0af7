//! Histories made by hand, whose changes are known beforehand.

use super::*;

const P95: TrendMetric = TrendMetric::OfRuns(Metric::Quantile(0.95));

/// One run a day.
fn points(values: impl IntoIterator<Item = Option<f64>>) -> Vec<TrendPoint> {
    let point = |(day, value)| TrendPoint {
        at_unix_millis: day as i64 * 86_400_000,
        value,
        run_id: Some(RunId(day as i64 + 100)),
    };
    values.into_iter().enumerate().map(point).collect()
}

/// A level with a little noise that is the same each time.
fn noisy(level: f64, n: usize) -> impl Iterator<Item = Option<f64>> {
    const NOISE: [f64; 7] = [0.0, 0.011, -0.008, 0.004, -0.012, 0.007, -0.002];
    (0..n).map(move |run| Some(level * (1.0 + NOISE[run % NOISE.len()])))
}

fn trend(values: impl IntoIterator<Item = Option<f64>>) -> Trend {
    Trend::new(P95, points(values))
}

#[test]
fn a_step_up_of_a_latency_is_worse_and_names_the_runs_on_both_sides() {
    let trend = trend(noisy(0.100, 12).chain(noisy(0.115, 8)));
    assert_eq!(trend.verdict, TrendVerdict::Worse);
    let [change] = trend.change_points[..] else { panic!("{:?}", trend.change_points) };
    assert_eq!((change.index, change.index_before), (12, 11));
    assert_eq!((change.run_before, change.run_after), (Some(RunId(111)), Some(RunId(112))));
    assert!((change.change - 0.15).abs() < 0.005 && change.p_value < 1e-6, "{change:?}");
    assert!((change.before - 0.1).abs() < 0.001 && (change.after - 0.115).abs() < 0.001);
    assert!(!change.is_provisional && change.at_unix_millis == 12 * 86_400_000);
    let ends: Vec<_> = trend.segments.iter().map(|s| (s.first, s.last, s.n_values)).collect();
    assert_eq!(ends, [(0, 11, 12), (12, 19, 8)]);
}

#[test]
fn a_step_down_of_a_latency_is_better_and_of_a_rate_worse() {
    let values: Vec<_> = noisy(100.0, 12).chain(noisy(80.0, 8)).collect();
    assert_eq!(trend(values.clone()).verdict, TrendVerdict::Better);
    let throughput = TrendMetric::OfRuns(Metric::Throughput);
    assert_eq!(Trend::new(throughput, points(values.clone())).verdict, TrendVerdict::Worse);
    let plain = TrendMetric::Plain { higher_is_better: true };
    assert_eq!(Trend::new(plain, points(values)).verdict, TrendVerdict::Worse);
}

#[test]
fn a_change_is_provisional_until_three_runs_follow_its_first() {
    let after = |n| trend(noisy(0.1, 15).chain(noisy(0.15, n)));
    assert!(after(3).is_provisional());
    assert_eq!(after(3).verdict, TrendVerdict::Worse);
    assert!(!after(4).is_provisional());
    assert!(!trend(noisy(0.1, 15)).is_provisional());
}

#[test]
fn steps_below_five_percent_do_not_matter() {
    assert_eq!(trend(noisy(0.1, 20).chain(noisy(0.104, 20))).verdict, TrendVerdict::Same);
    assert_eq!(trend(noisy(0.1, 20).chain(noisy(0.106, 20))).verdict, TrendVerdict::Worse);
}

#[test]
fn fewer_than_ten_figures_are_too_little_history() {
    let few = trend(noisy(0.1, 5).chain(noisy(0.3, 4)).chain([None, None]));
    assert_eq!((few.verdict, few.n_values), (TrendVerdict::TooLittleHistory, 9));
    assert!(few.change_points.is_empty() && few.segments.len() == 1);
    let none = trend([]);
    assert!(none.segments.is_empty() && none.verdict == TrendVerdict::TooLittleHistory);
}

#[test]
fn missing_figures_are_passed_over_and_indices_are_those_of_the_points() {
    let gaps = [None, Some(f64::NAN), Some(0.0)];
    let values = noisy(0.1, 10).chain(gaps).chain(noisy(0.2, 10)).chain([None]);
    let trend = trend(values);
    let [change] = trend.change_points[..] else { panic!("{:?}", trend.change_points) };
    assert_eq!((change.index, change.index_before, trend.n_values), (13, 9, 20));
    assert_eq!((trend.segments[1].first, trend.segments[1].last), (13, 22));
}

#[test]
fn constant_histories_have_one_level() {
    for value in [0.0, 0.2] {
        let trend = Trend::new(TrendMetric::OfRuns(Metric::ErrorShare), points([Some(value); 30]));
        assert_eq!((trend.verdict, trend.outliers.len()), (TrendVerdict::Same, 0));
        assert!((trend.segments[0].level - value).abs() < 1e-12);
    }
    assert_eq!(trend([Some(0.25); 30]).verdict, TrendVerdict::Same);
}

#[test]
fn error_shares_change_by_differences_because_nothing_has_no_logarithm() {
    let share = |values: Vec<f64>| {
        let values = values.into_iter().map(Some);
        Trend::new(TrendMetric::OfRuns(Metric::ErrorShare), points(values))
    };
    let risen = share([vec![0.0; 12], vec![0.01, 0.012, 0.009, 0.011, 0.01]].concat());
    assert_eq!((risen.verdict, risen.scale), (TrendVerdict::Worse, TrendScale::Differences));
    assert!((risen.change_points[0].change - 0.0104).abs() < 1e-9, "{:?}", risen.change_points);
    assert_eq!(risen.change_points[0].before, 0.0);
    // A few errors in a million requests are no change that matters.
    assert_eq!(share([vec![0.0; 12], vec![0.00001; 8]].concat()).verdict, TrendVerdict::Same);
}

#[test]
fn plain_figures_below_nothing_change_by_differences() {
    let plain = TrendMetric::Plain { higher_is_better: false };
    let values = (0..24).map(|i| Some(if i < 12 { -1.0 } else { 2.0 } + 0.1 * (i % 3) as f64));
    let trend = Trend::new(plain, points(values));
    assert_eq!((trend.scale, trend.change_points[0].index), (TrendScale::Differences, 12));
}

#[test]
fn runs_that_stand_out_are_flagged_and_change_no_level() {
    let mut values: Vec<_> = noisy(0.1, 20).chain(noisy(0.2, 20)).collect();
    values[6] = Some(0.19);
    values[33] = Some(0.1);
    let trend = trend(values);
    assert_eq!(trend.outliers, [6, 33]);
    assert_eq!(trend.change_points.iter().map(|change| change.index).collect::<Vec<_>>(), [20]);
    assert_eq!(trend.points.len(), 40);
}

#[test]
fn points_are_put_in_order_of_time() {
    let mut reversed = points(noisy(0.1, 12).chain(noisy(0.2, 12)));
    reversed.reverse();
    assert_eq!(Trend::new(P95, reversed).change_points[0].run_after, Some(RunId(112)));
}

#[test]
fn a_sentence_says_how_the_newest_level_is() {
    let worse = trend(noisy(0.100, 14).chain(noisy(0.120, 3)));
    assert_eq!(
        worse.sentence(),
        "P95 response time is worse since run 114: 100 ms before, 120 ms since (+20.1 %). Provisional: fewer than 3 \
         more runs confirm it so far."
    );
    let same = trend(noisy(0.1, 14));
    assert_eq!(same.sentence(), "P95 response time is the same over 14 runs: 100 ms.");
    let few = trend(noisy(0.1, 1));
    assert_eq!(few.sentence(), "P95 response time: 1 run, too little history; changes show from 10 on.");
    assert_eq!(trend([]).sentence(), "P95 response time: nothing to look at.");
}

#[test]
fn shares_and_plain_figures_are_told_by_their_differences() {
    let share = points((0..20).map(|run| Some(if run < 12 { 0.0 } else { 0.01 })));
    let trend = Trend::new(TrendMetric::OfRuns(Metric::ErrorShare), share);
    assert_eq!(trend.sentence(), "Error share is worse since run 112: 0 % before, 1 % since (+1 pp).");
    let plain = (0..20).map(|day| TrendPoint {
        at_unix_millis: 86_400_000 * day,
        value: Some(if day < 12 { 4.0 } else { -2.0 }),
        run_id: None,
    });
    let trend = Trend::new(TrendMetric::Plain { higher_is_better: true }, plain.collect());
    assert_eq!(
        trend.sentence(),
        "Value is worse since 1970-01-13 00:00:00 UTC: 4.00 before, −2.00 since (−6.00)."
    );
}
