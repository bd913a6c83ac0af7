//! What the machine does to any program: how late a ticker woke up that had nothing else to do.

use crate::analysis::judge::is_thin;
use crate::analysis::limits::{HICCUP_FLOOR, HICCUP_SHARE};
use crate::analysis::quality::Finding;
use crate::analysis::words::listed;
use crate::humanize;
use crate::metrics::{HistogramError, LatencyHistogram, StepStats, Weight};
use crate::model::{Metric, Scenario, ThresholdSeverity};

use super::{Examined, finding};

/// A quantile of one in a thousand takes a thousand; that of fewer is their longest, which condemns nothing.
const N_HICCUPS_NEEDED: u64 = 1_000;

/// Percentiles whose readings are looked at.
const TAIL: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.999];

/// Hiccups weaken what they touch, and condemn a run whose verdict rests on it.
pub fn hiccups(run: &Examined) -> Result<Finding, HistogramError> {
    let mut hiccups = LatencyHistogram::default();
    for generator in run.seconds.iter().filter_map(|second| second.load.generator.as_ref()) {
        hiccups.merge_encoded(&generator.hiccups)?;
    }
    let (Some(late), Some(longest), Some(median)) = (hiccups.quantile(0.999), hiccups.max(), run.median())
    else {
        return Ok(Finding::default());
    };
    let stats = &run.headline.stats;
    let spoilt: Vec<f64> = TAIL.into_iter().filter(|q| is_spoilt(&hiccups, stats, *q)).collect();
    let is_judged = |quantile: &f64| spoilt.iter().any(|spoilt| spoilt <= quantile);
    let weight = if hiccups.n_samples() < N_HICCUPS_NEEDED {
        None
    } else if judged_quantiles(&run.record.start.scenario, stats).iter().any(is_judged) {
        Some(Weight::Invalid)
    } else {
        let share = late.as_secs_f64() / median.as_secs_f64();
        let is_weak = share > HICCUP_SHARE.weak && late.as_secs_f64() > HICCUP_FLOOR.weak;
        is_weak.then_some(Weight::Weak)
    };
    let (late, longest) = (humanize::latency(late), humanize::latency(longest));
    let text = format!(
        "One in a thousand times the generator's machine let a waiting program sleep {late} too long (at most \
         {longest}){}. Use a quieter or larger machine.",
        consequence(&spoilt)
    );
    let limit = format!(
        "≤ {}, or ≤ {} of the median response time",
        humanize::latency_limit(HICCUP_FLOOR.weak),
        humanize::percent(HICCUP_SHARE.weak)
    );
    Ok(finding(
        HICCUP_SHARE.kind,
        ("Hiccups of the machine, p99.9", format!("{late} (longest {longest})"), limit),
        weight.map(|weight| (weight, text)),
    ))
}

fn consequence(spoilt: &[f64]) -> String {
    if spoilt.is_empty() {
        return ": the slowest response times hold such pauses".to_owned();
    }
    let names: Vec<String> = spoilt.iter().map(|quantile| Metric::Quantile(*quantile).to_string()).collect();
    format!(": much of {} of the response time may be such pauses", listed(&names))
}

/// Whether a percentile of response time may be made of hiccups to a good part.
fn is_spoilt(hiccups: &LatencyHistogram, stats: &StepStats, quantile: f64) -> bool {
    let pair = hiccups.quantile(quantile).zip(stats.response_time.quantile(quantile));
    pair.filter(|_| !is_thin(stats, quantile)).is_some_and(|(late, latency)| {
        let late = late.as_secs_f64();
        late > HICCUP_SHARE.invalid * latency.as_secs_f64() && late > HICCUP_FLOOR.invalid
    })
}

/// The percentiles that the verdict rests on; without any, the highest that is reported.
fn judged_quantiles(scenario: &Scenario, stats: &StepStats) -> Vec<f64> {
    let highest = || [0.999, 0.99].into_iter().find(|quantile| !is_thin(stats, *quantile));
    let musts = scenario.thresholds.iter().filter(|threshold| threshold.severity == ThresholdSeverity::Must);
    let budgets = scenario.services.iter().flat_map(|service| &service.budgets);
    let metrics = musts.map(|threshold| threshold.metric).chain(budgets.map(|budget| budget.metric));
    let judged: Vec<f64> = metrics
        .filter_map(|metric| match metric {
            Metric::Quantile(quantile) => Some(quantile),
            Metric::Max => highest(),
            Metric::Mean => Some(0.5),
            _ => None,
        })
        .collect();
    if judged.is_empty() { highest().into_iter().collect() } else { judged }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::testing::{check, each_second, sentence};
    use super::*;
    use crate::analysis::sample;
    use crate::metrics::{CaveatKind, RunRecord};

    fn with_hiccups(n_prompt: u64, late_millis: u64) -> RunRecord {
        let mut record = sample::record(sample::scenario());
        let mut hiccups = LatencyHistogram::default();
        (0..n_prompt).for_each(|_| hiccups.record(Duration::from_micros(60)));
        (0..1_000 - n_prompt).for_each(|_| hiccups.record(Duration::from_millis(late_millis)));
        each_second(&mut record, |_, generator| generator.hiccups = hiccups.encode());
        record
    }

    #[test]
    fn hiccups_weaken_the_median_and_invalidate_the_tail() {
        // Median response time 39 ms; 800 requests have a p99 of 78 ms and no p99.9.
        let name = "Hiccups of the machine";
        for (millis, expected) in
            [(1, None), (3, Some(Weight::Weak)), (19, Some(Weight::Weak)), (21, Some(Weight::Invalid))]
        {
            check(&with_hiccups(980, millis), name, CaveatKind::Hiccups, expected);
        }
        let row = check(&with_hiccups(1_000, 0), name, CaveatKind::Hiccups, None);
        assert!(row.starts_with("60 µs (longest 60 µs) | "), "{row}");
    }

    #[test]
    fn one_long_stall_is_shown_and_condemns_nothing() {
        let mut record = with_hiccups(1_000, 0);
        let mut stall = LatencyHistogram::default();
        (0..999).for_each(|_| stall.record(Duration::from_micros(60)));
        stall.record(Duration::from_millis(80));
        let kept = &mut record.intervals[20].load.generator;
        kept.as_mut().unwrap().hiccups = stall.encode();
        let row = check(&record, "Hiccups of the machine", CaveatKind::Hiccups, None);
        assert!(row.contains("longest 80.1 ms"), "{row}");
    }

    #[test]
    fn too_few_hiccups_for_their_percentile_are_shown_and_condemn_nothing() {
        let mut record = with_hiccups(990, 21);
        record.intervals.iter_mut().for_each(|interval| {
            let stall = (0..10).fold(LatencyHistogram::default(), |mut stall, _| {
                stall.record(Duration::from_millis(80));
                stall
            });
            interval.load.generator.as_mut().unwrap().hiccups = stall.encode();
        });
        let row = check(&record, "Hiccups of the machine", CaveatKind::Hiccups, None);
        assert!(row.contains("longest 80.1 ms"), "{row}");
    }

    #[test]
    fn hiccups_beyond_what_is_judged_weaken_and_name_what_they_touch() {
        // 2 % of the hiccups take 80 ms: p95 stays clean, p99 (78 ms) does not.
        let mut record = with_hiccups(980, 80);
        for (quantile, expected) in [(0.95, Weight::Weak), (0.99, Weight::Invalid), (0.999, Weight::Invalid)]
        {
            record.start.scenario.thresholds = vec![sample::must(Metric::Quantile(quantile), 1.0)];
            check(&record, "Hiccups of the machine", CaveatKind::Hiccups, Some(expected));
        }
        assert!(sentence(&record, CaveatKind::Hiccups).contains(": much of p99 of the response time may be"));
        record.start.scenario.services[0].budgets = vec![sample::budget_p95(500)];
        record.start.scenario.thresholds.clear();
        check(&record, "Hiccups of the machine", CaveatKind::Hiccups, Some(Weight::Weak));
    }
}
