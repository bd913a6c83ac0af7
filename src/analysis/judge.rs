//! From figures to verdicts: of one limit, and of the whole run.

use std::time::Duration;

use crate::humanize;
use crate::metrics::{Aggregate, Finish, StepStats, Verdict};
use crate::model::{Metric, ThresholdSeverity};

use super::{
    BudgetResult, Quality, Reading, SeriesResult, Standing, ThresholdResult,
    words::{capitalized, limit_text, listed, metric_words, scope_words, unfinished_words},
};

/// What one threshold comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThresholdVerdict {
    Pass,
    Fail,
    /// Nothing was measured that could decide it.
    NotEnoughData,
}

impl ThresholdVerdict {
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "Pass",
            Self::Fail => "Fail",
            Self::NotEnoughData => "Not enough data",
        }
    }
}

/// Whether an aggregate keeps a limit on one of its metrics, and the figure that decides it.
pub fn judge(
    aggregate: &Aggregate,
    metric: Metric,
    limit: f64,
    timeout: Duration,
) -> (Option<Reading>, ThresholdVerdict) {
    let reading = Reading::of(aggregate, metric, timeout);
    let verdict = match reading {
        None => ThresholdVerdict::NotEnoughData,
        Some(_) if too_few_samples(aggregate, metric) => ThresholdVerdict::NotEnoughData,
        // Longer than the timeout: over any limit up to it, and unknown beyond.
        Some(reading) if reading.is_censored && limit > reading.value => ThresholdVerdict::NotEnoughData,
        Some(reading) if reading.is_censored => ThresholdVerdict::Fail,
        Some(reading) if keeps(metric, reading.value, limit) => ThresholdVerdict::Pass,
        Some(_) => ThresholdVerdict::Fail,
    };
    (reading, verdict)
}

/// The fewest samples of which a percentile is more than their maximum under another name.
pub fn n_samples_needed(quantile: f64) -> u64 {
    // The tolerance forgives the last bit of 1 − 0.9.
    (1.0 / (1.0 - quantile) - 1e-6).ceil() as u64
}

/// Whether a percentile of these requests would be no more than their maximum under another name.
pub fn is_thin(stats: &StepStats, quantile: f64) -> bool {
    stats.response_time.n_samples() < n_samples_needed(quantile)
}

fn too_few_samples(aggregate: &Aggregate, metric: Metric) -> bool {
    match metric {
        Metric::Quantile(quantile) => is_thin(&aggregate.stats, quantile),
        _ => false,
    }
}

fn keeps(metric: Metric, actual: f64, limit: f64) -> bool {
    if metric.higher_is_better() { actual >= limit } else { actual <= limit }
}

/// What a run's verdict rests on.
pub struct Grounds<'a> {
    pub finish: Finish,
    pub quality: &'a Quality,
    pub headline: &'a Aggregate,
    pub thresholds: &'a [ThresholdResult],
    pub budgets: &'a [BudgetResult],
    /// Limits on what monitors read.
    pub series: &'a [SeriesResult],
}

/// The verdict of a run, and why, one plain sentence each.
// An invalid or unfinished measurement decides nothing, not even a failure. In a sound one, a must that
// fails is a failure even where another one lacks data: no further data could undo it. A run that a must
// with abort_after ended was judged while it went on, so it fails though its plan did not end.
pub fn run_verdict(grounds: &Grounds) -> (Verdict, Vec<String>) {
    let failures = sentences(grounds, ThresholdVerdict::Fail);
    let undecided = sentences(grounds, ThresholdVerdict::NotEnoughData);
    let mut reasons = unsound(grounds);
    let verdict = if !reasons.is_empty() {
        reasons.extend(failures);
        Verdict::Inconclusive
    } else if !failures.is_empty() {
        reasons = failures;
        reasons.extend(unfinished_words(grounds.finish).map(str::to_owned));
        Verdict::Fail
    } else if !undecided.is_empty() {
        Verdict::Inconclusive
    } else {
        reasons.push(pass_sentence(grounds));
        Verdict::Pass
    };
    reasons.extend(undecided);
    reasons.extend(grounds.thresholds.iter().filter_map(missed_should));
    reasons.extend(grounds.series.iter().filter_map(missed_should_of_series));
    if grounds.quality.standing == Standing::Weak {
        reasons.push("The measurement is weak: read its caveats before the numbers.".to_owned());
    }
    (verdict, reasons)
}

fn unsound(grounds: &Grounds) -> Vec<String> {
    let unfinished = unfinished_words(grounds.finish).filter(|_| !is_breached_by_must(grounds));
    let mut reasons: Vec<String> = unfinished.map(str::to_owned).into_iter().collect();
    reasons
        .extend(grounds.quality.invalid_texts().map(|text| format!("The measurement is not valid: {text}")));
    let counters = &grounds.headline.stats.counters;
    let is_judged = grounds.thresholds.iter().any(is_must) || !grounds.budgets.is_empty();
    if counters.n_requests() == 0 {
        reasons.push("No request was completed, so there is nothing to judge.".to_owned());
    } else if counters.n_ok() == 0 && !is_judged {
        reasons.push(format!(
            "None of {} succeeded, so there is no response time to judge.",
            humanize::counted(counters.n_requests(), "request")
        ));
    }
    reasons
}

/// Whether a must with `abort_after` ended the run and is still missed by all that was measured.
fn is_breached_by_must(grounds: &Grounds) -> bool {
    let is_breached = |result: &ThresholdResult| {
        is_must(result) && result.threshold.abort_after.is_some() && result.verdict == ThresholdVerdict::Fail
    };
    grounds.finish == Finish::Breached && grounds.thresholds.iter().any(is_breached)
}

/// One sentence for each must-threshold, budget and must-limit on a series that came out as `verdict`.
fn sentences(grounds: &Grounds, verdict: ThresholdVerdict) -> Vec<String> {
    let of_thresholds = grounds
        .thresholds
        .iter()
        .filter(|result| is_must(result) && result.verdict == verdict)
        .map(threshold_sentence);
    let of_budgets = grounds.budgets.iter().filter(|result| result.verdict == verdict).map(budget_sentence);
    let of_series = grounds.series.iter().filter(|result| result.is_must() && result.verdict == verdict);
    of_thresholds.chain(of_budgets).chain(of_series.map(SeriesResult::sentence)).collect()
}

fn is_must(result: &ThresholdResult) -> bool {
    result.threshold.severity == ThresholdSeverity::Must
}

fn threshold_sentence(result: &ThresholdResult) -> String {
    let threshold = &result.threshold;
    let subject = format!(
        "{} of {} ({})",
        capitalized(&metric_words(threshold.metric)),
        scope_words(&threshold.scope),
        result.window_words
    );
    limit_sentence(&subject, threshold.metric, threshold.limit, result.reading(), result.verdict)
}

fn budget_sentence(result: &BudgetResult) -> String {
    let subject =
        format!("{} of service {}", capitalized(&metric_words(result.budget.metric)), result.service);
    limit_sentence(&subject, result.budget.metric, result.budget.limit, result.reading(), result.verdict)
}

/// What stands before a sentence on what should hold and does not.
const SHOULD: &str = "Should hold, does not fail the run: ";

fn missed_should(result: &ThresholdResult) -> Option<String> {
    let is_missed =
        result.threshold.severity == ThresholdSeverity::Should && result.verdict == ThresholdVerdict::Fail;
    is_missed.then(|| format!("{SHOULD}{}", threshold_sentence(result)))
}

fn missed_should_of_series(result: &SeriesResult) -> Option<String> {
    let is_missed =
        result.limit.severity == ThresholdSeverity::Should && result.verdict == ThresholdVerdict::Fail;
    is_missed.then(|| format!("{SHOULD}{}", result.sentence()))
}

fn limit_sentence(
    subject: &str,
    metric: Metric,
    limit: f64,
    actual: Option<Reading>,
    verdict: ThresholdVerdict,
) -> String {
    let limit = limit_text(metric, limit);
    let (inside, outside) =
        if metric.higher_is_better() { ("at least", "below") } else { ("within", "above") };
    match (actual, verdict) {
        (Some(actual), ThresholdVerdict::Pass) => {
            format!("{subject} was {}, {inside} {limit}.", actual.text())
        }
        (Some(actual), ThresholdVerdict::Fail) => {
            format!("{subject} was {}, {outside} the limit of {limit}.", actual.text())
        }
        (Some(actual), ThresholdVerdict::NotEnoughData) if actual.is_censored => {
            format!(
                "{subject} is hidden by timeouts: all we know is {}, with a limit of {limit}.",
                actual.text()
            )
        }
        (Some(_), ThresholdVerdict::NotEnoughData) => {
            let needed = match metric {
                Metric::Quantile(quantile) => n_samples_needed(quantile),
                _ => 1,
            };
            let needed = humanize::counted(needed, "successful request");
            format!("{subject} cannot be held against {limit}: it takes at least {needed}.")
        }
        (None, _) => format!("{subject} cannot be held against {limit}: nothing was measured there."),
    }
}

fn pass_sentence(grounds: &Grounds) -> String {
    let n_musts = grounds.thresholds.iter().filter(|result| is_must(result)).count() as u64;
    let n_series = grounds.series.iter().filter(|result| result.is_must()).count() as u64;
    let counts = [
        (n_musts, "must-threshold"),
        (grounds.budgets.len() as u64, "service budget"),
        (n_series, "resource limit"),
    ];
    let set: Vec<(u64, &str)> = counts.into_iter().filter(|(n, _)| *n > 0).collect();
    match set[..] {
        [] if grounds.thresholds.is_empty() => "No threshold was set, and the run completed.".to_owned(),
        [] => "No must-threshold was set, and the run completed.".to_owned(),
        [(1, noun)] => format!("The {noun} holds."),
        [(n, noun)] => format!("All {} hold.", humanize::counted(n, noun)),
        _ => {
            let words: Vec<String> = set.iter().map(|(n, noun)| humanize::counted(*n, noun)).collect();
            format!("{}: all hold.", capitalized(&listed(&words)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Summary, sample, summarize};
    use crate::metrics::{Outcome, RunRecord};
    use crate::model::{Scenario, Threshold};

    const P95: Metric = Metric::Quantile(0.95);

    fn scenario(thresholds: Vec<Threshold>) -> Scenario {
        Scenario { thresholds, ..sample::scenario() }
    }

    fn check(record: &RunRecord, verdict: Verdict, reason: &str) -> Summary {
        let summary = summarize(record).unwrap();
        assert_eq!(summary.verdict, verdict, "{:?}", summary.reasons);
        assert!(summary.reasons.iter().any(|text| text == reason), "{:?}", summary.reasons);
        summary
    }

    #[test]
    fn thresholds_and_budgets_that_hold_pass() {
        let mut scenario = scenario(vec![sample::must(P95, 0.1), sample::must(Metric::ErrorShare, 0.001)]);
        scenario.services[0].budgets = vec![sample::budget_p95(40)];
        check(&sample::record(scenario), Verdict::Pass, "2 must-thresholds and 1 service budget: all hold.");
    }

    #[test]
    fn a_must_threshold_over_its_limit_fails() {
        check(
            &sample::record(scenario(vec![sample::must(P95, 0.05), sample::must(Metric::ErrorShare, 0.001)])),
            Verdict::Fail,
            "P95 response time of the run (steady stages, warm-up left out) was 74.0 ms, above the limit of \
             50 ms.",
        );
        check(
            &sample::record(scenario(vec![sample::must(Metric::Throughput, 1_000.0)])),
            Verdict::Fail,
            "Throughput of the run (steady stages, warm-up left out) was 40.0/s, below the limit of 1,000/s.",
        );
    }

    #[test]
    fn a_service_over_its_budget_fails() {
        let mut scenario = scenario(vec![sample::must(P95, 0.1)]);
        scenario.services[1].budgets = vec![sample::budget_p95(60)];
        let summary = check(
            &sample::record(scenario),
            Verdict::Fail,
            "P95 response time of service auth was 76.0 ms, above the limit of 60 ms.",
        );
        assert_eq!(summary.budgets[0].verdict, ThresholdVerdict::Fail);
    }

    #[test]
    fn what_should_hold_is_told_and_does_not_fail() {
        let mut should = sample::must(P95, 0.05);
        should.severity = ThresholdSeverity::Should;
        check(
            &sample::record(scenario(vec![should])),
            Verdict::Pass,
            "Should hold, does not fail the run: P95 response time of the run (steady stages, warm-up left out) \
             was 74.0 ms, above the limit of 50 ms.",
        );
    }

    #[test]
    fn without_thresholds_a_sound_run_passes_and_says_that_nothing_was_asked() {
        check(
            &sample::record(scenario(vec![])),
            Verdict::Pass,
            "No threshold was set, and the run completed.",
        );
    }

    #[test]
    fn a_run_that_did_not_finish_is_inconclusive_even_where_a_must_fails() {
        for (finish, reason) in [
            (Finish::Stopped, "The run was stopped before its plan ended."),
            (Finish::Aborted, "The run was aborted before its plan ended; requests in flight were given up."),
            (
                Finish::Interrupted,
                "The program ended during the run; what was kept up to then is all there is.",
            ),
            (Finish::Running, "The run is still going on."),
        ] {
            for limit in [0.05, 0.1] {
                let mut record = sample::record(scenario(vec![sample::must(P95, limit)]));
                sample::cut(&mut record, finish, 25);
                check(&record, Verdict::Inconclusive, reason);
            }
        }
    }

    #[test]
    fn a_run_that_a_must_ended_fails_and_one_that_a_should_ended_is_inconclusive() {
        let words = "A threshold with abort_after ended the run before its plan did; requests in flight were given up.";
        let breached = |severity| {
            let abort_after = Some(std::time::Duration::from_secs(5));
            let threshold = Threshold { abort_after, severity, ..sample::must(P95, 0.05) };
            let mut record =
                sample::record(scenario(vec![threshold, sample::must(Metric::Throughput, 1_000.0)]));
            sample::cut(&mut record, Finish::Breached, 25);
            record
        };
        let summary = check(&breached(ThresholdSeverity::Must), Verdict::Fail, words);
        assert!(summary.reasons[0].starts_with("P95 response time of the run"), "{:?}", summary.reasons);
        check(&breached(ThresholdSeverity::Should), Verdict::Inconclusive, words);
        check(&breached(ThresholdSeverity::Info), Verdict::Inconclusive, words);
    }

    #[test]
    fn a_must_without_data_is_inconclusive_unless_another_one_fails() {
        let mut nowhere = sample::must(P95, 0.1);
        nowhere.scope = crate::model::Scope::Step("Nobody does this".to_owned());
        let reason = "P95 response time of step Nobody does this (steady stages, warm-up left out) cannot be \
                      held against 100 ms: nothing was measured there.";
        check(&sample::record(scenario(vec![nowhere.clone()])), Verdict::Inconclusive, reason);
        let with_failure = scenario(vec![nowhere, sample::must(P95, 0.05)]);
        check(&sample::record(with_failure), Verdict::Fail, reason);
    }

    #[test]
    fn a_percentile_of_too_few_requests_decides_nothing() {
        let record = sample::record(scenario(vec![sample::must(Metric::Quantile(0.9999), 0.1)]));
        check(
            &record,
            Verdict::Inconclusive,
            "P99.99 response time of the run (steady stages, warm-up left out) cannot be held against 100 ms: \
             it takes at least 10,000 successful requests.",
        );
        assert_eq!([n_samples_needed(0.5), n_samples_needed(0.9), n_samples_needed(0.99)], [2, 10, 100]);
    }

    #[test]
    fn an_invalid_measurement_is_inconclusive_even_where_all_holds() {
        let mut record =
            sample::record(Scenario { thresholds: vec![sample::must(P95, 0.1)], ..sample::open_scenario() });
        record.intervals.iter_mut().for_each(|interval| interval.load.n_started /= 2);
        let summary = summarize(&record).unwrap();
        assert_eq!(summary.verdict, Verdict::Inconclusive);
        assert!(summary.reasons[0].starts_with("The measurement is not valid: "), "{:?}", summary.reasons);
    }

    #[test]
    fn nothing_measured_is_inconclusive() {
        let mut record = sample::record(scenario(vec![]));
        record.rows.clear();
        check(&record, Verdict::Inconclusive, "No request was completed, so there is nothing to judge.");
    }

    #[test]
    fn a_target_that_answers_nothing_does_not_pass_for_want_of_thresholds() {
        let mut record = sample::record(scenario(vec![]));
        record.rows.retain(|row| row.step == 0);
        for row in &mut record.rows {
            row.stats.counters.n_by_outcome = [0, 20, 0, 0, 0, 0, 0];
            row.stats.response_time = Default::default();
            row.stats.service_time = Default::default();
        }
        check(
            &record,
            Verdict::Inconclusive,
            "None of 400 requests succeeded, so there is no response time to judge.",
        );
    }

    #[test]
    fn a_percentile_hidden_by_timeouts_fails_limits_below_the_timeout_and_decides_none_above() {
        for (limit, verdict) in [(0.1, Verdict::Fail), (60.0, Verdict::Inconclusive)] {
            let mut record = sample::record(scenario(vec![sample::must(Metric::Quantile(0.99), limit)]));
            let timeouts = [(Outcome::Timeout, Duration::from_secs(30)); 40];
            sample::add(&mut record, 20, 0, &timeouts);
            assert_eq!(summarize(&record).unwrap().verdict, verdict);
        }
    }
}
