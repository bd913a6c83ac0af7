//! Is everything counted, and is it enough?

use std::collections::BTreeSet;

use crate::analysis::judge::n_samples_needed;
use crate::analysis::limits::{CENSORED, COUNT_MISMATCH, SECONDS_MISSING};
use crate::analysis::quality::Finding;
use crate::analysis::reading::censored_ratio;
use crate::analysis::summary::shortest_timeout;
use crate::analysis::words::{listed, unfinished_words};
use crate::humanize;
use crate::metrics::{CaveatKind, Finish, Outcome, Weight};
use crate::model::{Metric, Scope, Window};

use super::{Examined, finding};

/// Percentiles that every report prints.
const PRINTED_QUANTILES: [f64; 4] = [0.5, 0.9, 0.95, 0.99];

/// How many samples should lie beyond a percentile for it to be more than a handful of accidents.
const N_SAMPLES_BEYOND: f64 = 10.0;

pub fn censored(run: &Examined) -> Finding {
    let whole = run.totals.select(&Scope::Run, &Window::Run).stats;
    let (n_timeouts, n_requests) = (whole.counters.n_of(Outcome::Timeout), whole.counters.n_requests());
    if n_requests == 0 {
        return Finding::default();
    }
    let share = n_timeouts as f64 / n_requests as f64;
    let timeout = humanize::latency(shortest_timeout(&run.record.start.scenario));
    let headline = &run.headline.stats;
    let hidden: Vec<String> = PRINTED_QUANTILES
        .into_iter()
        .filter(|quantile| censored_ratio(headline) > 0.0 && censored_ratio(headline) >= 1.0 - quantile)
        .map(|quantile| Metric::Quantile(quantile).to_string())
        .collect();
    let consequence = if hidden.is_empty() {
        "percentiles are of successful requests only".to_owned()
    } else {
        format!("{} can only be given as longer than {timeout}", listed(&hidden))
    };
    let text = format!(
        "{} ({}) ended by the timeout, so how long they would have taken is unknown: {consequence}.",
        humanize::counted(n_timeouts, "request"),
        humanize::percent(share)
    );
    finding(
        CENSORED.kind,
        (
            "Requests ended by the timeout",
            format!("{} ({})", humanize::count(n_timeouts), humanize::percent(share)),
            "none".to_owned(),
        ),
        CENSORED.weight(share).map(|weight| (weight, text)),
    )
}

pub fn few_samples(run: &Examined) -> Finding {
    let n_samples = run.headline.stats.response_time.n_samples();
    let of_thresholds = run.record.start.scenario.thresholds.iter().filter_map(|t| match t.metric {
        Metric::Quantile(quantile) => Some(quantile),
        _ => None,
    });
    let mut quantiles: Vec<f64> = PRINTED_QUANTILES.into_iter().chain(of_thresholds).collect();
    quantiles.sort_by(f64::total_cmp);
    quantiles.dedup();
    let thin: Vec<String> = quantiles
        .iter()
        .filter(|quantile| n_samples < n_samples_wanted(**quantile))
        .map(|quantile| Metric::Quantile(*quantile).to_string())
        .collect();
    let highest = quantiles.last().copied().unwrap_or(0.5);
    let weight = if n_samples < n_samples_needed(0.95) { Weight::Weak } else { Weight::Note };
    let text = format!(
        "{} are few for {}: fewer than ten lie beyond, so a handful of requests decides the figure. Run longer.",
        humanize::counted(n_samples, "successful request"),
        listed(&thin)
    );
    let limit = format!("≥ {} for {}", humanize::count(n_samples_wanted(highest)), Metric::Quantile(highest));
    finding(
        CaveatKind::FewSamples,
        ("Successful requests behind the percentiles", humanize::count(n_samples), limit),
        (!thin.is_empty()).then_some((weight, text)),
    )
}

fn n_samples_wanted(quantile: f64) -> u64 {
    // The tolerance forgives the last bit of 1 − 0.9.
    (N_SAMPLES_BEYOND / (1.0 - quantile) - 1e-6).ceil() as u64
}

pub fn unfinished(run: &Examined) -> Finding {
    let planned = run.record.plan().duration();
    let measured =
        format!("load for {} of {}", humanize::span(run.record.end.load_duration), humanize::span(planned));
    let caveat = unfinished_words(run.record.end.finish).map(|words| (Weight::Weak, words.to_owned()));
    finding(CaveatKind::Unfinished, ("Ran as planned", measured, "the whole plan".to_owned()), caveat)
}

pub fn seconds_missing(run: &Examined) -> Finding {
    let n_expected = run.record.end.load_duration.as_secs();
    let kept: BTreeSet<u64> =
        run.record.intervals.iter().map(|interval| u64::from(interval.second)).collect();
    let n_kept = kept.range(..n_expected).count() as u64;
    let n_missing = n_expected - n_kept;
    let text = format!(
        "{} of the run's {} are not in the record: figures leave out what happened in them.",
        humanize::counted(n_missing, "second"),
        humanize::count(n_expected)
    );
    finding(
        SECONDS_MISSING.kind,
        (
            "Seconds in the record",
            format!("{} of {}", humanize::count(n_kept), humanize::count(n_expected)),
            "all".to_owned(),
        ),
        SECONDS_MISSING.weight(n_missing as f64).map(|weight| (weight, text)),
    )
}

// A request that timed out or was abandoned may or may not have arrived; one without a connection did not.
pub fn count_mismatch(run: &Examined) -> Finding {
    let is_running = run.record.end.finish == Finish::Running;
    let Some(n_counted) = run.record.end.n_counted_by_target.filter(|_| !is_running) else {
        return Finding::default();
    };
    let counters = run.totals.select(&Scope::Run, &Window::Run).stats.counters;
    let n_unconnected = counters.n_of(Outcome::Connect) + counters.n_of(Outcome::Tls);
    let n_sent = counters.n_requests() - n_unconnected;
    // One sent again may have been counted the first time too.
    let n_possible = n_sent + run.record.end.n_abandoned + counters.n_reconnects;
    let (low, high) = (n_sent - counters.n_of(Outcome::Timeout), n_possible);
    let n_apart = low.saturating_sub(n_counted) + n_counted.saturating_sub(high);
    let figures = format!(
        "{} by the target, {} reported, {} abandoned",
        humanize::count(n_counted),
        humanize::count(counters.n_requests()),
        humanize::count(run.record.end.n_abandoned)
    );
    let text = format!(
        "Target and report count differently: {figures}. Another client may use the target, or requests were \
         lost or sent twice on the way."
    );
    finding(
        COUNT_MISMATCH.kind,
        ("Requests counted", figures, "no difference".to_owned()),
        COUNT_MISMATCH.weight(n_apart as f64).map(|weight| (weight, text)),
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::check;
    use super::*;
    use crate::analysis::{sample, summarize};

    #[test]
    fn timeouts_weaken_and_name_what_they_hide() {
        let mut record = sample::record(sample::scenario());
        sample::add(&mut record, 20, 0, &[(Outcome::Timeout, Duration::from_secs(30)); 20]);
        let measured = check(&record, "Requests ended by", CaveatKind::Censored, Some(Weight::Weak));
        assert_eq!(measured, "20 (1.23 %) | none");
        let caveats = summarize(&record).unwrap().caveats;
        assert!(
            caveats[0].text.ends_with("p99 can only be given as longer than 30.0 s."),
            "{}",
            caveats[0].text
        );
    }

    #[test]
    fn thin_percentiles_are_named() {
        let record = sample::record(sample::scenario());
        let measured = check(&record, "Successful requests", CaveatKind::FewSamples, Some(Weight::Note));
        assert_eq!(measured, "800 | ≥ 1,000 for p99");
        let caveats = summarize(&record).unwrap().caveats;
        assert!(
            caveats[0].text.starts_with("800 successful requests are few for p99:"),
            "{}",
            caveats[0].text
        );
    }

    #[test]
    fn seconds_that_were_not_kept_weaken() {
        let mut record = sample::record(sample::scenario());
        record.intervals.remove(12);
        let measured = check(&record, "Seconds in the record", CaveatKind::Journal, Some(Weight::Weak));
        assert_eq!(measured, "39 of 40 | all");
    }

    #[test]
    fn an_unfinished_run_is_weak() {
        let mut record = sample::record(sample::scenario());
        sample::cut(&mut record, Finish::Stopped, 25);
        let measured = check(&record, "Ran as planned", CaveatKind::Unfinished, Some(Weight::Weak));
        assert_eq!(measured, "load for 25 s of 40 s | the whole plan");
    }

    #[test]
    fn counts_agree_when_abandoned_and_timed_out_requests_explain_the_difference() {
        // 40 seconds of two steps with 20 requests each, of which 3 found no connection.
        for (n_counted, n_abandoned, expected) in [
            (1_600, 0, None),
            (1_599, 0, Some(Weight::Weak)),
            (1_605, 5, None),
            (1_606, 5, Some(Weight::Weak)),
        ] {
            let mut record = sample::record(sample::scenario());
            sample::add(&mut record, 20, 0, &[(Outcome::Connect, Duration::from_millis(1)); 3]);
            record.end.n_abandoned = n_abandoned;
            record.end.n_counted_by_target = Some(n_counted);
            check(&record, "Requests counted", CaveatKind::Count, expected);
        }
    }
}
