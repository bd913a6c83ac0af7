//! A run's summary for a terminal: verdict with reasons, headline numbers, stages, budgets, thresholds.

use comfy_table::Table;

use crate::analysis::{
    Interleaved, Reading, SeriesResult, SeriesUse, SideBySide, SideChange, StageRow, Summary, limit_words,
    metric_text, metric_words, scope_words,
};
use crate::humanize::{self, MISSING};
use crate::metrics::PercentileInterval;
use crate::metrics::{Aggregate, Finish, RequestPhase, RunRecord};
use crate::model::{Metric, SeriesStatistic, ThresholdSeverity};

use super::tables::table;

/// Verdict and reasons.
pub fn verdict_block(record: &RunRecord, summary: &Summary) -> String {
    let mut text = format!("{}  {}\n", summary.verdict.name(), record.start.scenario.name);
    for reason in &summary.reasons {
        text += &format!("  • {reason}\n");
    }
    if let Some(sides) = &summary.interleaved {
        text += &format!("  • {}\n", sides.sentence);
    }
    text
}

/// Everything that a terminal shows of a run.
pub fn summary_text(record: &RunRecord, summary: &Summary) -> String {
    let plan = record.plan();
    let window = &summary.headline_words;
    let stages_title = if plan.warm_up().is_zero() { "Stages" } else { "Stages, warm-up left out" };
    let mut text = verdict_block(record, summary);
    text += &format!(
        "  {} · {} · load for {}\n",
        humanize::moment(record.start.started_at_unix_millis),
        finish_name(record.end.finish),
        humanize::span(record.end.load_duration)
    );
    section(&mut text, &format!("Response time and rate ({window})"), &headline(summary));
    text += &phases_line(&summary.headline);
    text += &generator_line(record, summary);
    if let Some(sides) = &summary.interleaved {
        text += &sides_text(sides);
    }
    section(&mut text, stages_title, &stages(summary, plan.is_open()));
    if !summary.budgets.is_empty() {
        section(&mut text, &format!("Services ({window})"), &budgets(summary));
    }
    if !summary.thresholds.is_empty() {
        section(&mut text, "Thresholds", &thresholds(summary));
    }
    text += &resources(summary);
    if !summary.caveats.is_empty() {
        text += "\nCaveats\n";
        for caveat in &summary.caveats {
            text += &format!("  • {}\n", caveat.text);
        }
    }
    text
}

/// A metric's value with its unit, or what stands where nothing was measured.
pub fn quantity(metric: Metric, value: Option<f64>) -> String {
    value.map_or_else(|| MISSING.to_owned(), |value| metric_text(metric, value))
}

/// The word for how a run ended.
pub fn finish_name(finish: Finish) -> &'static str {
    match finish {
        Finish::Running => "running",
        Finish::Completed => "completed",
        Finish::Stopped => "stopped",
        Finish::Aborted => "aborted",
        Finish::Breached => "ended by a threshold",
        Finish::Interrupted => "interrupted",
    }
}

fn section(text: &mut String, title: &str, table: &Table) {
    *text += &format!("\n{title}\n{table}\n");
}

fn reading_text(reading: Option<Reading>) -> String {
    reading.map_or_else(|| MISSING.to_owned(), |reading| reading.text())
}

/// Requests, then metrics of an aggregate.
fn figures(summary: &Summary, aggregate: &Aggregate, metrics: &[Metric]) -> Vec<String> {
    let n_requests = humanize::count(aggregate.stats.counters.n_requests());
    let readings = metrics.iter().map(|metric| reading_text(summary.reading(aggregate, *metric)));
    [n_requests].into_iter().chain(readings).collect()
}

fn headline(summary: &Summary) -> Table {
    let metrics = [
        Metric::Throughput,
        Metric::ErrorShare,
        Metric::Quantile(0.5),
        Metric::Quantile(0.9),
        Metric::Quantile(0.95),
        Metric::Quantile(0.99),
        Metric::Max,
    ];
    let row = figures(summary, &summary.headline, &metrics);
    let mut rows = vec![row];
    let intervals = &summary.headline_intervals;
    if !intervals.is_empty() {
        let bounds = metrics
            .map(|metric| intervals.at(metric).map_or_else(String::new, PercentileInterval::short_text));
        rows.push(["95 % interval".to_owned()].into_iter().chain(bounds).collect());
    }
    table(&["Requests", "Throughput", "Errors", "p50", "p90", "p95", "p99", "Max"], 0..8, rows)
}

/// Where the time of successful requests went; nothing where phases were not measured.
fn phases_line(headline: &Aggregate) -> String {
    let stats = &headline.stats;
    let phase = |phase: RequestPhase| {
        let latency = stats.phase(phase);
        let (p50, p95) = (latency.quantile(0.5)?, latency.quantile(0.95)?);
        let (p50, p95) = (humanize::latency(p50), humanize::latency(p95));
        Some(format!("{} p50 {p50}, p95 {p95}", phase.name()))
    };
    let reuse = stats
        .counters
        .reuse_ratio()
        .filter(|_| stats.has_phases())
        .map(|ratio| format!("connections reused {}", humanize::percent(ratio)));
    let parts = [phase(RequestPhase::Wait), phase(RequestPhase::Receive), reuse];
    line("Phases", parts)
}

/// What the load cost the generator; leaves out what was not measured.
fn generator_line(record: &RunRecord, summary: &Summary) -> String {
    let figures = &summary.generator;
    let engine = &record.start.engine;
    let parts = [
        (!engine.transport.is_empty()).then(|| format!("transport {}", engine.transport)),
        figures.cpu_per_request.map(|cpu| format!("CPU per request {}", humanize::fine_time(cpu))),
        figures.start_lag_p99.map(|lag| format!("start lag p99 {}", humanize::latency(lag))),
    ];
    line("Generator", parts)
}

fn line<const N: usize>(name: &str, parts: [Option<String>; N]) -> String {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { String::new() } else { format!("  {name}: {}\n", parts.join(" · ")) }
}

fn stages(summary: &Summary, is_open: bool) -> Table {
    /// The place of the p95 in a row.
    const P95: usize = 6;
    let row = |stage: &StageRow| {
        let metrics = [Metric::Throughput, Metric::Mean, Metric::Quantile(0.95), Metric::ErrorShare];
        let mut row = vec![
            stage.name.clone(),
            humanize::levels(stage.start_level, stage.end_level, is_open),
            humanize::span(stage.measured),
        ];
        row.extend(figures(summary, &stage.aggregate, &metrics));
        let p95 = summary.reading(&stage.aggregate, Metric::Quantile(0.95));
        row[P95] = p95.map_or_else(|| MISSING.to_owned(), |p95| stage.intervals.beside(p95));
        row.push(if stage.n_thresholds == 0 { MISSING } else { stage.verdict.name() }.to_owned());
        row
    };
    let header = ["Stage", "Level", "Measured", "Requests", "Throughput", "Mean", "p95", "Errors", "Verdict"];
    table(&header, 2..8, summary.stages.iter().map(row))
}

/// The sides of an interleaved run; steps stand below the whole.
fn sides_text(sides: &Interleaved) -> String {
    let or_missing = |text: Option<String>| text.unwrap_or_else(|| MISSING.to_owned());
    let row = |scope: &SideBySide, change: &SideChange| {
        vec![
            scope.name.clone(),
            metric_words(change.metric),
            reading_text(change.baseline),
            reading_text(change.candidate),
            or_missing(change.change_text()),
            or_missing(change.interval_text()),
            change.verdict_words(),
        ]
    };
    let rows = |scope| move |change| row(scope, change);
    let scopes = std::iter::once(&sides.whole).chain(&sides.steps);
    let all = scopes.flat_map(|scope| scope.changes.iter().map(rows(scope)));
    let header = ["Step", "Metric", "Baseline", "Candidate", "Change", "95 % interval", "Candidate is"];
    format!(
        "\nBaseline and candidate by turns\n  {}\n  Baseline: {}\n  Candidate: {}\n  {}\n{}\n",
        sides.sentence,
        sides.baseline,
        sides.candidate,
        sides.division_words(),
        table(&header, 2..6, all)
    )
}

fn budgets(summary: &Summary) -> Table {
    let rows = summary.budgets.iter().map(|result| {
        vec![
            result.service.clone(),
            metric_words(result.budget.metric),
            limit_words(result.budget.metric, result.budget.limit),
            reading_text(result.reading()),
            result.verdict.name().to_owned(),
        ]
    });
    table(&["Service", "Metric", "Budget", "Measured", "Verdict"], 2..4, rows)
}

fn thresholds(summary: &Summary) -> Table {
    let rows = summary.thresholds.iter().map(|result| {
        let threshold = &result.threshold;
        vec![
            metric_words(threshold.metric),
            scope_words(&threshold.scope),
            result.window_words.clone(),
            severity_name(threshold.severity).to_owned(),
            limit_words(threshold.metric, threshold.limit),
            reading_text(result.reading()),
            result.verdict.name().to_owned(),
        ]
    });
    table(&["Threshold", "Scope", "Window", "Severity", "Limit", "Measured", "Verdict"], 4..6, rows)
}

/// Series that a terminal lists.
const MAX_SERIES: usize = 24;

/// What monitors read: series with a limit, and shares of what there is; empty where nothing was watched.
fn resources(summary: &Summary) -> String {
    let watched = &summary.watched;
    let mut told: Vec<&SeriesUse> = watched.telling().collect();
    told.sort_by_key(|series| series.limit.is_none());
    let n_more = watched.series.len() - told.len().min(MAX_SERIES);
    told.truncate(MAX_SERIES);
    let mut rows: Vec<Vec<String>> = Vec::new();
    let is_told = |result: &SeriesResult| {
        told.iter().any(|one| one.info.monitor == result.monitor && one.info.name == result.limit.series)
    };
    for series in &told {
        let results = watched.results.iter();
        let mut of_series = results
            .filter(|one| one.monitor == series.info.monitor && one.limit.series == series.info.name)
            .peekable();
        if of_series.peek().is_none() {
            rows.push(resource_row(series, None));
        }
        rows.extend(of_series.map(|result| resource_row(series, Some(result))));
    }
    // A limit on what was never read has no series to stand at.
    rows.extend(watched.results.iter().filter(|result| !is_told(result)).map(|result| {
        let missing = || MISSING.to_owned();
        vec![
            result.name(),
            missing(),
            missing(),
            missing(),
            limit_of(result),
            result.verdict.name().to_owned(),
        ]
    }));
    if rows.is_empty() {
        return String::new();
    }
    let more = match n_more {
        0 => String::new(),
        n => format!("  {} more series: the report has all.\n", humanize::count(n as u64)),
    };
    let table = table(&["Resource", "Mean", "p95", "Max", "Limit", "Verdict"], 1..4, rows);
    let window = watched.results.first().map_or(summary.headline_words.as_str(), |one| &one.window_words);
    format!("\nResources ({window})\n{table}\n{more}")
}

fn resource_row(series: &SeriesUse, result: Option<&SeriesResult>) -> Vec<String> {
    let text = |statistic| {
        let value = series.steady.statistic(statistic);
        value.map_or_else(|| MISSING.to_owned(), |value| series.text(value))
    };
    vec![
        series.name(),
        text(SeriesStatistic::Mean),
        text(SeriesStatistic::P95),
        text(SeriesStatistic::Max),
        result.map_or_else(|| MISSING.to_owned(), limit_of),
        result.map_or(MISSING, |result| result.verdict.name()).to_owned(),
    ]
}

/// `p95 ≤ 70 %`, and whether that only should hold.
fn limit_of(result: &SeriesResult) -> String {
    let severity = match result.limit.severity {
        ThresholdSeverity::Must => "",
        ThresholdSeverity::Should => " (should)",
        ThresholdSeverity::Info => " (info)",
    };
    format!("{} {}{severity}", result.limit.statistic.name(), result.limit_words())
}

fn severity_name(severity: ThresholdSeverity) -> &'static str {
    match severity {
        ThresholdSeverity::Must => "must",
        ThresholdSeverity::Should => "should",
        ThresholdSeverity::Info => "info",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{sample, summarize};

    #[test]
    fn phases_and_the_generators_cost_have_a_line_each() {
        let record = sample::record(sample::scenario());
        let text = summary_text(&record, &summarize(&record).unwrap());
        let phases = "  Phases: wait p50 37.6 ms, p95 72.6 ms · receive p50 1.00 ms, p95 1.00 ms · connections reused \
                      97.5 %\n";
        assert!(text.contains(phases), "{text}");
        assert!(
            text.contains(
                "  Generator: transport reqwest · CPU per request 10.0 µs · start lag p99 400 µs\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn what_monitors_read_is_told_where_it_is_limited_or_a_share() {
        let mut record = sample::watched();
        record.start.scenario.monitors[1].limits[0].series = "expired keys".to_owned();
        let text = summary_text(&record, &summarize(&record).unwrap());
        let line = |start: &str| {
            let found = text.lines().find(|line| line.trim_start().starts_with(start));
            found
                .unwrap_or_else(|| panic!("{start}: {text}"))
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert!(text.contains("\nResources (steady stages, warm-up left out)\n"), "{text}");
        assert_eq!(line("CPU (machine)"), "CPU (machine) 60 % 60 % 60 % p95 ≤ 70 % Pass");
        assert_eq!(line("memory (machine)"), "memory (machine) 54.9 % 57 % 57.2 % – –");
        assert_eq!(line("expired keys (cache)"), "expired keys (cache) – – – mean ≥ 0.75/s Not enough data");
        assert_eq!(line("4 more"), "4 more series: the report has all.");
        let plain = sample::record(sample::scenario());
        assert!(!summary_text(&plain, &summarize(&plain).unwrap()).contains("Resources ("));
    }

    #[test]
    fn what_was_not_measured_has_no_line() {
        let mut record = sample::record(sample::scenario());
        record.start.engine.transport.clear();
        record.rows.clear();
        for interval in &mut record.intervals {
            interval.load.generator = None;
            interval.load.start_lag = Default::default();
        }
        let text = summary_text(&record, &summarize(&record).unwrap());
        assert!(!text.contains("Phases:") && !text.contains("Generator:"), "{text}");
    }
}
