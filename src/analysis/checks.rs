//! The self-checks one by one: figure, limit, and the sentence when it is exceeded.

use std::{collections::BTreeSet, time::Duration};

use crate::humanize;
use crate::metrics::{Caveat, CaveatKind, Finish, HostSample, Outcome, RunRecord, RunTotals, Weight};
use crate::model::{Metric, Scope, Window};

use super::{
    QualityRow, Standing,
    judge::n_samples_needed,
    quality::{
        CENSORED, COUNT_MISMATCH, Finding, MACHINE_CPU, PROCESS_CPU, SECONDS_MISSING, SENT_SHARE,
        START_LAG_FLOOR, START_LAG_SHARE,
    },
    reading::censored_ratio,
    summary::{headline_window, shortest_timeout},
    words::{listed, unfinished_words},
};

/// Percentiles that every report prints.
const PRINTED_QUANTILES: [f64; 4] = [0.5, 0.9, 0.95, 0.99];

/// How many samples should lie beyond a percentile for it to be more than a handful of accidents.
const N_SAMPLES_BEYOND: f64 = 10.0;

/// All self-checks, in the order in which they are read.
pub fn run_all(record: &RunRecord, totals: &RunTotals) -> Vec<Finding> {
    vec![
        start_lag(totals),
        sent_share(record, totals),
        process_cpu(record, totals),
        machine_cpu(record, totals),
        censored(record, totals),
        few_samples(record, totals),
        unfinished(record),
        seconds_missing(record),
        count_mismatch(record, totals),
    ]
}

fn finding(
    kind: CaveatKind,
    (name, measured, limit): (&str, String, String),
    weight_and_text: Option<(Weight, String)>,
) -> Finding {
    let caveat = weight_and_text.map(|(weight, text)| Caveat { kind, weight, text });
    let standing = caveat.as_ref().map_or(Standing::Valid, |caveat| caveat.weight.into());
    Finding { row: Some(QualityRow { name: name.to_owned(), measured, limit, standing }), caveat }
}

fn start_lag(totals: &RunTotals) -> Finding {
    let headline = totals.select(&Scope::Run, &headline_window(totals));
    let (Some(lag), Some(median)) =
        (totals.start_lag().quantile(0.99), headline.stats.response_time.quantile(0.5))
    else {
        return Finding::default();
    };
    let share = lag.as_secs_f64() / median.as_secs_f64();
    let weight = START_LAG_SHARE.weight(share).min(START_LAG_FLOOR.weight(lag.as_secs_f64()));
    let (lag, share) = (humanize::latency(lag), humanize::percent(share));
    let limit = format!(
        "≤ {} of the median response time, or ≤ {}",
        humanize::percent(START_LAG_SHARE.weak),
        humanize::latency_limit(START_LAG_FLOOR.weak)
    );
    let text = format!(
        "1 % of the requests left {lag} or more after their intended start, which is {share} of the median \
         response time: that part was made by the generator or its machine, not by the target. Compare with \
         the service time; ask for less, or use a faster or quieter machine."
    );
    finding(
        START_LAG_SHARE.kind,
        ("Start lag, p99", format!("{lag} ({share} of the median response time)"), limit),
        weight.map(|weight| (weight, text)),
    )
}

fn sent_share(record: &RunRecord, totals: &RunTotals) -> Finding {
    let (n_started, n_due) = totals.n_started_and_due();
    if n_due == 0 {
        return Finding::default();
    }
    let share = n_started as f64 / n_due as f64;
    let n_dropped: u64 = record.intervals.iter().map(|interval| interval.load.n_dropped).sum();
    let text = format!(
        "{} of {} were started ({}), {} were dropped because all virtual users were busy: the target did not \
         get the load that was asked for. Raise max_users, or ask for less.",
        humanize::count(n_started),
        humanize::counted(n_due, "iteration"),
        humanize::percent(share),
        humanize::count(n_dropped)
    );
    let figures = format!(
        "{} of {} ({})",
        humanize::count(n_started),
        humanize::count(n_due),
        humanize::percent(share)
    );
    finding(
        SENT_SHARE.kind,
        ("Iterations started ÷ due", figures, format!("100 % ± {}", humanize::percent(SENT_SHARE.weak))),
        SENT_SHARE.weight((1.0 - share).abs()).map(|weight| (weight, text)),
    )
}

/// The mean over the seconds of the headline window; none where the machine could not be read.
fn mean_over_headline(
    record: &RunRecord,
    totals: &RunTotals,
    figure: impl Fn(&HostSample) -> f64,
) -> Option<f64> {
    let spans = totals.plan().window_spans(&headline_window(totals), record.end.load_duration);
    let is_within = |second: u32| {
        let start = Duration::from_secs(u64::from(second));
        spans.iter().any(|(from, until)| *from <= start && start < *until)
    };
    let figures: Vec<f64> = record
        .intervals
        .iter()
        .filter(|interval| is_within(interval.second))
        .filter_map(|interval| interval.load.host.as_ref().map(&figure))
        .collect();
    (!figures.is_empty()).then(|| figures.iter().sum::<f64>() / figures.len() as f64)
}

fn process_cpu(record: &RunRecord, totals: &RunTotals) -> Finding {
    let Some(share) = mean_over_headline(record, totals, |host| host.process_cpu_ratio) else {
        let text =
            "The generator's processor use could not be read, so nothing tells whether it was the limit.";
        let caveat = Caveat { kind: PROCESS_CPU.kind, weight: Weight::Note, text: text.to_owned() };
        return Finding { row: None, caveat: Some(caveat) };
    };
    let text = format!(
        "The generator used {} of its machine's processors: the latencies may be its own. Use a faster machine, \
         or ask for less.",
        humanize::percent(share)
    );
    finding(
        PROCESS_CPU.kind,
        (
            "Generator CPU, mean",
            humanize::percent(share),
            format!("≤ {}", humanize::percent(PROCESS_CPU.weak)),
        ),
        PROCESS_CPU.weight(share).map(|weight| (weight, text)),
    )
}

fn machine_cpu(record: &RunRecord, totals: &RunTotals) -> Finding {
    let Some(share) = mean_over_headline(record, totals, |host| host.machine_cpu_ratio) else {
        return Finding::default();
    };
    let is_shared = is_loopback(&record.start.base_url);
    let sharing = if is_shared { ", target included, since it ran on the same machine" } else { "" };
    let text = format!(
        "The generator's machine was {} busy{sharing}: requests may have waited for a processor.",
        humanize::percent(share)
    );
    let name = if is_shared { "Machine CPU, mean (target on it too)" } else { "Machine CPU, mean" };
    finding(
        MACHINE_CPU.kind,
        (name, humanize::percent(share), format!("≤ {}", humanize::percent(MACHINE_CPU.weak))),
        MACHINE_CPU.weight(share).map(|weight| (weight, text)),
    )
}

fn is_loopback(base_url: &str) -> bool {
    let host = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    ["127.", "localhost", "[::1]", "sandbox:"].iter().any(|start| host.starts_with(start))
}

fn censored(record: &RunRecord, totals: &RunTotals) -> Finding {
    let whole = totals.select(&Scope::Run, &Window::Run).stats;
    let (n_timeouts, n_requests) = (whole.counters.n_of(Outcome::Timeout), whole.counters.n_requests());
    if n_requests == 0 {
        return Finding::default();
    }
    let share = n_timeouts as f64 / n_requests as f64;
    let timeout = humanize::latency(shortest_timeout(&record.start.scenario));
    let headline = totals.select(&Scope::Run, &headline_window(totals)).stats;
    let hidden: Vec<String> = PRINTED_QUANTILES
        .into_iter()
        .filter(|quantile| censored_ratio(&headline) > 0.0 && censored_ratio(&headline) >= 1.0 - quantile)
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

fn few_samples(record: &RunRecord, totals: &RunTotals) -> Finding {
    let n_samples = totals.select(&Scope::Run, &headline_window(totals)).stats.response_time.n_samples();
    let of_thresholds = record.start.scenario.thresholds.iter().filter_map(|t| match t.metric {
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

fn unfinished(record: &RunRecord) -> Finding {
    let planned = record.plan().duration();
    let measured =
        format!("load for {} of {}", humanize::span(record.end.load_duration), humanize::span(planned));
    let caveat = unfinished_words(record.end.finish).map(|words| (Weight::Weak, words.to_owned()));
    finding(CaveatKind::Unfinished, ("Ran as planned", measured, "the whole plan".to_owned()), caveat)
}

fn seconds_missing(record: &RunRecord) -> Finding {
    let n_expected = record.end.load_duration.as_secs();
    let kept: BTreeSet<u64> = record.intervals.iter().map(|interval| u64::from(interval.second)).collect();
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
fn count_mismatch(record: &RunRecord, totals: &RunTotals) -> Finding {
    let is_running = record.end.finish == Finish::Running;
    let Some(n_counted) = record.end.n_counted_by_target.filter(|_| !is_running) else {
        return Finding::default();
    };
    let counters = totals.select(&Scope::Run, &Window::Run).stats.counters;
    let n_unconnected = counters.n_of(Outcome::Connect) + counters.n_of(Outcome::Tls);
    let n_sent = counters.n_requests() - n_unconnected;
    let (low, high) = (n_sent - counters.n_of(Outcome::Timeout), n_sent + record.end.n_abandoned);
    let n_apart = low.saturating_sub(n_counted) + n_counted.saturating_sub(high);
    let figures = format!(
        "{} by the target, {} reported, {} abandoned",
        humanize::count(n_counted),
        humanize::count(counters.n_requests()),
        humanize::count(record.end.n_abandoned)
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
    use super::*;
    use crate::analysis::{sample, summarize};

    /// Standing of the named row, and the weights of all caveats of its kind.
    fn check(record: &RunRecord, name: &str, kind: CaveatKind, expected: Option<Weight>) -> String {
        let quality = summarize(record).unwrap().quality;
        let found = quality.caveats.iter().find(|caveat| caveat.kind == kind);
        assert_eq!(found.map(|caveat| caveat.weight), expected, "{found:?}");
        let row = quality.rows.iter().find(|row| row.name.starts_with(name)).unwrap();
        assert_eq!(row.standing, expected.map_or(Standing::Valid, Standing::from));
        format!("{} | {}", row.measured, row.limit)
    }

    fn with_lag(micros: u64) -> RunRecord {
        let mut record = sample::record(sample::scenario());
        let mut lag = crate::metrics::LatencyHistogram::default();
        (0..100).for_each(|_| lag.record(Duration::from_micros(micros)));
        record.intervals.iter_mut().for_each(|interval| interval.load.start_lag = lag.encode());
        record
    }

    #[test]
    fn a_sound_run_is_valid() {
        let quality = summarize(&sample::record(sample::scenario())).unwrap().quality;
        assert_eq!(quality.standing, Standing::Valid);
        assert!(quality.caveats.iter().all(|caveat| caveat.weight == Weight::Note), "{:?}", quality.caveats);
    }

    #[test]
    fn late_starts_weaken_once_they_exceed_share_and_floor() {
        // The median response time is 39 ms, which makes 2 ms more than 5 % and less than the timer's grain.
        for (micros, expected) in [
            (400, None),
            (2_100, None),
            (3_000, Some(Weight::Weak)),
            (9_900, Some(Weight::Weak)),
            (11_000, Some(Weight::Invalid)),
        ] {
            check(&with_lag(micros), "Start lag", CaveatKind::StartLag, expected);
        }
    }

    #[test]
    fn iterations_that_did_not_start_weaken_and_then_invalidate() {
        for (n_missing, expected) in
            [(0, None), (1, None), (20, Some(Weight::Weak)), (60, Some(Weight::Invalid))]
        {
            let mut record = sample::record(sample::open_scenario());
            let load = &mut record.intervals[20].load;
            load.n_due += 1_000 - load.n_started;
            load.n_started = 1_000;
            for interval in record.intervals.iter_mut().filter(|interval| interval.second != 20) {
                (interval.load.n_due, interval.load.n_started) = (0, 0);
            }
            record.intervals[20].load.n_started -= n_missing;
            check(&record, "Iterations started", CaveatKind::SentShare, expected);
        }
    }

    #[test]
    fn the_closed_model_has_no_timetable_to_miss() {
        let quality = summarize(&sample::record(sample::scenario())).unwrap().quality;
        assert!(quality.rows.iter().all(|row| !row.name.starts_with("Iterations started")));
    }

    #[test]
    fn a_busy_generator_weakens_and_then_invalidates() {
        for (ratio, expected) in [(0.69, None), (0.75, Some(Weight::Weak)), (0.95, Some(Weight::Invalid))] {
            let mut record = sample::record(sample::scenario());
            for interval in &mut record.intervals {
                interval.load.host.as_mut().unwrap().process_cpu_ratio = ratio;
            }
            check(&record, "Generator CPU", CaveatKind::GeneratorCpu, expected);
        }
    }

    #[test]
    fn a_busy_machine_only_weakens_and_says_that_the_target_is_on_it() {
        let mut record = sample::record(sample::scenario());
        record.start.base_url = "http://127.0.0.1:4600".to_owned();
        for interval in &mut record.intervals {
            interval.load.host.as_mut().unwrap().machine_cpu_ratio = 0.99;
        }
        check(&record, "Machine CPU, mean (target on it too)", CaveatKind::GeneratorCpu, Some(Weight::Weak));
    }

    #[test]
    fn an_unread_generator_is_told() {
        let mut record = sample::record(sample::scenario());
        record.intervals.iter_mut().for_each(|interval| interval.load.host = None);
        let quality = summarize(&record).unwrap().quality;
        assert!(quality.caveats.iter().any(|caveat| caveat.kind == CaveatKind::GeneratorCpu));
        assert_eq!(quality.standing, Standing::Valid);
    }

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

    #[test]
    fn what_the_engine_says_stays_and_the_heaviest_comes_first() {
        let mut record = sample::record(sample::scenario());
        let text = "Two seconds could not be kept.".to_owned();
        record.end.caveats =
            vec![Caveat { kind: CaveatKind::Journal, weight: Weight::Weak, text: text.clone() }];
        let quality = summarize(&record).unwrap().quality;
        assert_eq!((quality.standing, &quality.caveats[0].text), (Standing::Weak, &text));
    }
}
