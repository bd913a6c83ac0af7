//! Every series that monitors read, in every stretch of the run, and every limit upon them: one line each.

use crate::analysis::{SeriesResult, SeriesUse, StretchUse};
use crate::model::{Bound, ThresholdSeverity};

use super::Paper;
use super::results_csv::{quoted, table};

const COLUMNS: [&str; 19] = [
    "monitor",
    "series",
    "unit",
    "group",
    "aspect",
    "stretch",
    "n_seconds",
    "n_read",
    "min",
    "mean",
    "p95",
    "max",
    "n_seconds_beyond",
    "statistic",
    "at_most",
    "at_least",
    "severity",
    "actual",
    "verdict",
];

/// How many cells a stretch has behind those that name it, and a limit.
const N_OF_STRETCH: usize = 7;
const N_OF_LIMIT: usize = 6;

/// The table; none where nothing was watched.
pub fn resources(paper: &Paper<'_>) -> Option<String> {
    let watched = &paper.summary.watched;
    if watched.is_empty() {
        return None;
    }
    let mut lines = Vec::new();
    for series in &watched.series {
        lines.push(line(series, "whole run", &series.whole));
        lines.push(line(series, "judged", &series.steady));
        for (name, stage) in watched.stages.iter().zip(&series.stages) {
            lines.push(line(series, &format!("stage {name}"), stage));
        }
    }
    lines.extend(watched.results.iter().map(limit_line));
    Some(table(paper, &COLUMNS, &lines))
}

fn line(series: &SeriesUse, name: &str, stretch: &StretchUse) -> String {
    let info = &series.info;
    let mut cells = vec![
        quoted(&info.monitor),
        quoted(&info.name),
        info.unit.name().to_owned(),
        info.group.name().to_owned(),
        info.aspect.name().to_owned(),
        quoted(name),
        stretch.n_seconds.to_string(),
        stretch.n_read.to_string(),
    ];
    let figures = stretch.spread.map(|spread| [spread.min, spread.mean, spread.p95, spread.max]);
    cells.extend(figures.map_or_else(|| [const { String::new() }; 4], |all| all.map(|one| one.to_string())));
    cells.push(stretch.n_beyond.map_or_else(String::new, |n| n.to_string()));
    cells.extend(std::iter::repeat_n(String::new(), N_OF_LIMIT));
    cells.join(",")
}

fn limit_line(result: &SeriesResult) -> String {
    let (at_most, at_least) = match result.limit.bound {
        Bound::AtMost(value) => (value.to_string(), String::new()),
        Bound::AtLeast(value) => (String::new(), value.to_string()),
    };
    let severity = match result.limit.severity {
        ThresholdSeverity::Must => "must",
        ThresholdSeverity::Should => "should",
        ThresholdSeverity::Info => "info",
    };
    let mut cells = vec![
        quoted(&result.monitor),
        quoted(&result.limit.series),
        result.unit.name().to_owned(),
        String::new(),
        String::new(),
        quoted(&format!("limit, {}", result.window_words)),
        result.n_seconds.to_string(),
        result.n_read.to_string(),
    ];
    cells.extend(std::iter::repeat_n(String::new(), N_OF_STRETCH - 2));
    cells.extend([
        result.limit.statistic.name().to_owned(),
        at_most,
        at_least,
        severity.to_owned(),
        result.actual.map_or_else(String::new, |actual| actual.to_string()),
        result.verdict.name().to_owned(),
    ]);
    cells.join(",")
}
