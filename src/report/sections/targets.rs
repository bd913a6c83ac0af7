//! Baseline metrics against targets, and the percentiles on both clocks.

use crate::analysis::{
    Reading, SeriesResult, ThresholdResult, ThresholdVerdict, is_thin, limit_words, metric_words,
    scope_words, statistic_words,
};
use crate::humanize;
use crate::metrics::PercentileInterval;
use crate::model::{Metric, Scope, ThresholdSeverity};
use crate::report::{
    chart::Chart,
    charts,
    document::{Document, Table},
    selection::{n_shown, others_words},
};

use super::{Subject, printed, status};

/// Metrics that are shown even where no target is set on them.
const BASELINE_METRICS: [Metric; 6] = [
    Metric::Quantile(0.5),
    Metric::Quantile(0.95),
    Metric::Quantile(0.99),
    Metric::ErrorShare,
    Metric::Throughput,
    Metric::Availability,
];

const PERCENTILES: [f64; 6] = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999];

pub fn write(document: &mut Document, subject: Subject) {
    document.heading(2, "Baseline metrics against targets");
    if subject.summary.thresholds.is_empty() && subject.summary.watched.results.is_empty() {
        document.paragraph("No thresholds were set: the figures stand without a target.");
    }
    document.table(metrics(subject));
    if subject.is_short() {
        // A comment has no room for pictures.
        let latency = charts::latency(subject.paper).filter(|_| subject.is_sheet());
        latency.into_iter().for_each(|chart| document.chart(Chart { is_low: true, ..chart }));
        return;
    }
    document.heading(3, "Latency over time");
    let over_time = [charts::latency(subject.paper), charts::heatmap(subject.paper)];
    over_time.into_iter().flatten().for_each(|chart| document.chart(chart));
    document.heading(3, "Latency percentiles");
    if let Some(chart) = charts::spectrum(subject.paper) {
        document.chart(chart);
    }
    document.table(percentiles(subject));
}

fn metrics(subject: Subject) -> Table {
    let titles = ["Metric", "Scope", "Window", "Value", "Target", "Severity", "Status"];
    let mut table = Table::new(
        format!("The window of each figure stands in its row.{}", subject.brackets_note()),
        &titles,
        7,
    );
    let shown = shown_targets(subject);
    for metric in BASELINE_METRICS {
        let of_metric: Vec<_> =
            shown.iter().copied().filter(|result| result.threshold.metric == metric).collect();
        if of_metric.iter().all(|result| result.threshold.scope != Scope::Run) {
            table.row(untargeted(subject, metric));
        }
        of_metric.into_iter().for_each(|result| table.row(targeted(subject, result)));
    }
    for result in shown.iter().filter(|result| !BASELINE_METRICS.contains(&result.threshold.metric)) {
        table.row(targeted(subject, result));
    }
    let n_more = subject.summary.thresholds.len() - shown.len();
    if n_more > 0 {
        let missing = std::iter::repeat_n(humanize::MISSING.to_owned(), 5);
        let n_failed = n_failed(subject.summary.thresholds.iter()) - n_failed(shown.iter().copied());
        let failed = format!("{} failed", humanize::count(n_failed));
        table.row([others_words(n_more as u64, "threshold")].into_iter().chain(missing).chain([failed]));
    }
    series_limits(&mut table, subject);
    table
}

/// Limits on what monitors read; of many those that do not hold first.
fn series_limits(table: &mut Table, subject: Subject) {
    let results = &subject.summary.watched.results;
    let most = subject.paper.options.max_rows().map(|most| most.saturating_sub(table.rows.len()).max(1));
    let mut order: Vec<&SeriesResult> = results.iter().collect();
    let n_shown = n_shown(order.len(), most);
    if n_shown < order.len() {
        order.sort_by_key(|result| result.verdict == ThresholdVerdict::Pass);
    }
    for result in &order[..n_shown] {
        table.row([
            format!("{} of {}", statistic_words(result.limit.statistic), result.limit.series),
            format!("monitor {}", result.monitor),
            result.window_words.clone(),
            result.actual_text(),
            result.limit_words(),
            severity_word(result.limit.severity).to_owned(),
            status(result.verdict),
        ]);
    }
    let others = &order[n_shown..];
    if !others.is_empty() {
        let missing = std::iter::repeat_n(humanize::MISSING.to_owned(), 5);
        let n_failed = others.iter().filter(|result| result.verdict == ThresholdVerdict::Fail).count() as u64;
        let failed = format!("{} failed", humanize::count(n_failed));
        let words = others_words(others.len() as u64, "resource limit");
        table.row([words].into_iter().chain(missing).chain([failed]));
    }
}

fn severity_word(severity: ThresholdSeverity) -> &'static str {
    match severity {
        ThresholdSeverity::Must => "must",
        ThresholdSeverity::Should => "should",
        ThresholdSeverity::Info => "info",
    }
}

fn n_failed<'a>(results: impl Iterator<Item = &'a ThresholdResult>) -> u64 {
    results.filter(|result| result.verdict == ThresholdVerdict::Fail).count() as u64
}

/// All thresholds; of many those of the run, and then those that failed, as far as there is room.
fn shown_targets(subject: Subject<'_>) -> Vec<&ThresholdResult> {
    let all = &subject.summary.thresholds;
    // The usual metrics have rows of their own where no threshold of the run is about them.
    let has_target = |metric: &Metric| {
        all.iter().any(|result| result.threshold.metric == *metric && result.threshold.scope == Scope::Run)
    };
    let n_others = BASELINE_METRICS.iter().filter(|metric| !has_target(metric)).count();
    let most = subject.paper.options.max_rows().map(|most| most.saturating_sub(n_others).max(1));
    let n_shown = n_shown(all.len(), most);
    if n_shown == all.len() {
        return all.iter().collect();
    }
    let rank = |result: &ThresholdResult| match (&result.threshold.scope, result.verdict) {
        (Scope::Run, _) => 0,
        (_, ThresholdVerdict::Fail) => 1,
        (_, ThresholdVerdict::NotEnoughData) => 2,
        (_, ThresholdVerdict::Pass) => 3,
    };
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by_key(|index| (rank(&all[*index]), *index));
    order.truncate(n_shown);
    order.sort_unstable();
    order.into_iter().map(|index| &all[index]).collect()
}

fn untargeted(subject: Subject, metric: Metric) -> [String; 7] {
    let summary = subject.summary;
    [
        metric_words(metric),
        scope_words(&Scope::Run),
        summary.headline_words.clone(),
        subject.sure(&summary.headline, &summary.headline_intervals, metric),
        "none set".to_owned(),
        humanize::MISSING.to_owned(),
        humanize::MISSING.to_owned(),
    ]
}

/// What was measured, with its interval where the window is that of the headline.
fn sure(subject: Subject, result: &ThresholdResult) -> String {
    let is_headline = result.threshold.window == subject.summary.headline_window;
    let intervals = subject.summary.intervals_of(&result.threshold.scope).filter(|_| is_headline);
    match (result.reading(), intervals) {
        (Some(reading), Some(intervals)) => intervals.beside(reading),
        (reading, _) => printed(reading),
    }
}

fn targeted(subject: Subject, result: &ThresholdResult) -> [String; 7] {
    let threshold = &result.threshold;
    let severity = severity_word(threshold.severity);
    let window = match threshold.metric {
        // Iterations are counted against the timetable over the whole run.
        Metric::SentShare => "whole run".to_owned(),
        _ => result.window_words.clone(),
    };
    [
        metric_words(threshold.metric),
        scope_words(&threshold.scope),
        window,
        sure(subject, result),
        limit_words(threshold.metric, threshold.limit),
        severity.to_owned(),
        status(result.verdict),
    ]
}

fn percentiles(subject: Subject) -> Table {
    let headline = &subject.summary.headline;
    let stats = &headline.stats;
    let note = format!(
        "{} {} successful requests.",
        subject.headline_note(),
        humanize::count(stats.response_time.n_samples())
    );
    let titles = ["Figure", "Response time", "95 % interval", "Independent requests", "Service time"];
    let mut table = Table::new(note, &titles, 1);
    let missing = || humanize::MISSING.to_owned();
    let shown = |latency: Option<std::time::Duration>| latency.map_or_else(missing, humanize::latency);
    for quantile in PERCENTILES {
        let metric = Metric::Quantile(quantile);
        let reading = subject.summary.reading(headline, metric);
        let is_thin = is_thin(stats, quantile);
        let cells = if is_thin {
            ["too few requests".to_owned(), "too few requests".to_owned()]
        } else {
            both_clocks(reading, shown(stats.service_time.quantile(quantile)))
        };
        let [response, service] = cells;
        let interval = subject.summary.headline_intervals.at(metric);
        let interval = interval.filter(|_| !is_thin && reading.is_some_and(|reading| !reading.is_censored));
        let bounds = interval.map_or_else(missing, PercentileInterval::text);
        let n_effective =
            interval.map_or_else(missing, |interval| humanize::count(interval.n_effective as u64));
        table.row([metric.to_string(), response, bounds, n_effective, service]);
    }
    let [response, service] =
        both_clocks(subject.summary.reading(headline, Metric::Max), shown(stats.service_time.max()));
    table.row(["longest".to_owned(), response, missing(), missing(), service]);
    let mean = subject.metric(headline, Metric::Mean);
    table.row(["mean".to_owned(), mean, missing(), missing(), shown(stats.service_time.mean())]);
    table
}

// What timeouts hide on one clock they hide on the other.
fn both_clocks(reading: Option<Reading>, service: String) -> [String; 2] {
    let is_censored = reading.is_some_and(|reading| reading.is_censored);
    let response = printed(reading);
    if is_censored { [response.clone(), response] } else { [response, service] }
}
