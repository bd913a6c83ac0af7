//! A run's summary for a terminal: verdict with reasons, headline numbers, stages, budgets, thresholds.

use std::ops::Range;

use comfy_table::{CellAlignment, Table, TableComponent, presets::UTF8_HORIZONTAL_ONLY};

use crate::analysis::{StageRow, Summary, ThresholdVerdict};
use crate::humanize;
use crate::metrics::{Aggregate, Finish, RunRecord};
use crate::model::{Metric, ThresholdSeverity, Unit};

/// Verdict and reasons.
pub fn verdict_block(record: &RunRecord, summary: &Summary) -> String {
    let mut text = format!("{}  {}\n", summary.verdict.name(), record.start.scenario.name);
    for reason in &summary.reasons {
        text += &format!("  • {reason}\n");
    }
    text
}

/// Everything that a terminal shows of a run.
pub fn summary_text(record: &RunRecord, summary: &Summary) -> String {
    let is_open = record.plan().is_open();
    let mut text = verdict_block(record, summary);
    text += &format!(
        "  {} · {} · load for {}\n",
        humanize::moment(record.start.started_at_unix_millis),
        finish_name(record.end.finish),
        humanize::span(record.end.load_duration)
    );
    section(&mut text, &format!("Response time and rate ({})", summary.digest().window), &headline(summary));
    section(&mut text, "Stages (warm-up left out)", &stages(summary, is_open));
    if !summary.budgets.is_empty() {
        section(&mut text, &format!("Services ({})", summary.digest().window), &budgets(summary));
    }
    if !summary.thresholds.is_empty() {
        section(&mut text, "Thresholds", &thresholds(summary));
    }
    if !summary.caveats.is_empty() {
        text += "\nCaveats\n";
        for caveat in &summary.caveats {
            text += &format!("  • {}\n", caveat.text);
        }
    }
    text
}

/// A table in which the columns of `numbers` are aligned right.
pub fn table(header: &[&str], numbers: Range<usize>, rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let mut table = Table::new();
    // Without lines between rows: rows are many, and short.
    table.load_preset(UTF8_HORIZONTAL_ONLY).remove_style(TableComponent::HorizontalLines);
    table.set_header(header).add_rows(rows);
    for column in table.column_iter_mut().skip(numbers.start).take(numbers.len()) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

/// A metric's value or limit with its unit.
pub fn quantity(metric: Metric, value: Option<f64>) -> String {
    match value {
        None => humanize::MISSING.to_owned(),
        Some(value) => match metric.unit() {
            Unit::Seconds => humanize::latency_secs(value),
            Unit::Ratio => humanize::percent(value),
            Unit::PerSecond => humanize::rate(value),
        },
    }
}

/// The word for how a run ended.
pub fn finish_name(finish: Finish) -> &'static str {
    match finish {
        Finish::Running => "running",
        Finish::Completed => "completed",
        Finish::Stopped => "stopped",
        Finish::Aborted => "aborted",
        Finish::Interrupted => "interrupted",
    }
}

/// The word for what a threshold comes to.
pub fn threshold_verdict_name(verdict: ThresholdVerdict) -> &'static str {
    match verdict {
        ThresholdVerdict::Pass => "PASS",
        ThresholdVerdict::Fail => "FAIL",
        ThresholdVerdict::NotEnoughData => "not enough data",
    }
}

fn section(text: &mut String, title: &str, table: &Table) {
    *text += &format!("\n{title}\n{table}\n");
}

fn of(aggregate: &Aggregate, metric: Metric) -> String {
    quantity(metric, aggregate.metric(metric))
}

fn n_requests(aggregate: &Aggregate) -> String {
    humanize::count(aggregate.stats.counters.n_requests())
}

fn headline(summary: &Summary) -> Table {
    let aggregate = &summary.headline;
    let row = vec![
        n_requests(aggregate),
        of(aggregate, Metric::Throughput),
        of(aggregate, Metric::ErrorShare),
        of(aggregate, Metric::Quantile(0.5)),
        of(aggregate, Metric::Quantile(0.9)),
        of(aggregate, Metric::Quantile(0.95)),
        of(aggregate, Metric::Quantile(0.99)),
        of(aggregate, Metric::Max),
    ];
    table(&["Requests", "Throughput", "Errors", "p50", "p90", "p95", "p99", "Max"], 0..8, [row])
}

fn stages(summary: &Summary, is_open: bool) -> Table {
    let row = |stage: &StageRow| {
        vec![
            stage.name.clone(),
            humanize::levels(stage.start_level, stage.end_level, is_open),
            humanize::span(stage.measured),
            n_requests(&stage.aggregate),
            of(&stage.aggregate, Metric::Throughput),
            of(&stage.aggregate, Metric::Mean),
            of(&stage.aggregate, Metric::Quantile(0.95)),
            of(&stage.aggregate, Metric::ErrorShare),
            threshold_verdict_name(stage.verdict).to_owned(),
        ]
    };
    let header = ["Stage", "Level", "Measured", "Requests", "Throughput", "Mean", "p95", "Errors", "Verdict"];
    table(&header, 2..8, summary.stages.iter().map(row))
}

fn budgets(summary: &Summary) -> Table {
    let rows = summary.budgets.iter().map(|result| {
        let metric = result.budget.metric;
        vec![
            result.service.clone(),
            metric.to_string(),
            quantity(metric, Some(result.budget.limit)),
            quantity(metric, result.actual),
            threshold_verdict_name(result.verdict).to_owned(),
        ]
    });
    table(&["Service", "Metric", "Budget", "Measured", "Verdict"], 2..4, rows)
}

fn thresholds(summary: &Summary) -> Table {
    let rows = summary.thresholds.iter().map(|result| {
        let threshold = &result.threshold;
        let bound = if threshold.metric.higher_is_better() { "at least" } else { "at most" };
        vec![
            threshold.metric.to_string(),
            threshold.scope.to_string(),
            threshold.window.to_string(),
            severity_name(threshold.severity).to_owned(),
            format!("{bound} {}", quantity(threshold.metric, Some(threshold.limit))),
            quantity(threshold.metric, result.actual),
            threshold_verdict_name(result.verdict).to_owned(),
        ]
    });
    table(&["Threshold", "Scope", "Window", "Severity", "Limit", "Measured", "Verdict"], 4..6, rows)
}

fn severity_name(severity: ThresholdSeverity) -> &'static str {
    match severity {
        ThresholdSeverity::Must => "must",
        ThresholdSeverity::Should => "should",
        ThresholdSeverity::Info => "info",
    }
}
