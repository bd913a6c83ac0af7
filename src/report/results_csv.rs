//! All stages, steps and services of a run, and all its error groups: whatever a report has left out is here.

use std::time::Duration;

use super::{Paper, Provenance};
use crate::analysis::Intervals;
use crate::metrics::{Aggregate, ErrorGroup, PercentileInterval};
use crate::model::Metric;

const COLUMNS: [&str; 22] = [
    "kind",
    "name",
    "detail",
    "window",
    "duration_secs",
    "n_requests",
    "n_ok",
    "n_errors",
    "n_timeouts",
    "throughput_per_sec",
    "mean_millis",
    "p50_millis",
    "p75_millis",
    "p90_millis",
    "p95_millis",
    "p95_low_millis",
    "p95_high_millis",
    "p99_millis",
    "p99_9_millis",
    "max_millis",
    "bytes_sent",
    "bytes_received",
];

/// What the table was made of; the first line tells it, the others leave it empty.
const MADE_OF: &str = "made_of";

const ERROR_COLUMNS: [&str; 6] =
    ["signature", "outcome", "step", "n_errors", "first_seen_secs", "last_seen_secs"];

/// One line per stage, step and service; latencies are of successful requests, from their intended start.
pub fn results(paper: &Paper<'_>) -> String {
    let summary = paper.summary;
    let mut lines = Vec::new();
    for row in &summary.stages {
        let levels = format!("{} to {}", row.start_level, row.end_level);
        let names = ["stage", &row.name, &levels, "stage, warm-up left out"];
        lines.push(line(names, &row.aggregate, &row.intervals));
    }
    for (kind, rows) in [("step", &summary.steps), ("service", &summary.services)] {
        for row in rows {
            let names = [kind, &row.name, &row.detail, &summary.headline_words];
            lines.push(line(names, &row.aggregate, &row.intervals));
        }
    }
    table(paper, &COLUMNS, &lines)
}

/// A table with its titles, and with what it was made of in its first line.
pub(super) fn table(paper: &Paper<'_>, titles: &[&str], lines: &[String]) -> String {
    let mut text = format!("{},{MADE_OF}\n", titles.join(","));
    let mut made_of = format!("\"{}\"", Provenance::of(paper).line().replace('"', "\"\""));
    for line in lines {
        text += &format!("{line},{}\n", std::mem::take(&mut made_of));
    }
    text
}

fn line(names: [&str; 4], aggregate: &Aggregate, intervals: &Intervals) -> String {
    let counters = &aggregate.stats.counters;
    let millis = |latency: Option<Duration>| {
        latency.map_or_else(String::new, |latency| (latency.as_nanos() as f64 / 1e6).to_string())
    };
    let quantile = |quantile| millis(aggregate.stats.response_time.quantile(quantile));
    let interval = intervals.at(Metric::Quantile(0.95));
    let bound = |bound: fn(&PercentileInterval) -> Option<Duration>| millis(interval.and_then(bound));
    let mut cells: Vec<String> = names.iter().map(|name| quoted(name)).collect();
    cells.push(aggregate.duration.as_secs_f64().to_string());
    let n_timeouts = counters.n_of(crate::metrics::Outcome::Timeout);
    cells.extend(
        [counters.n_requests(), counters.n_ok(), counters.n_errors(), n_timeouts].map(|n| n.to_string()),
    );
    cells.push(aggregate.throughput_per_sec().map_or_else(String::new, |rate| rate.to_string()));
    cells.push(millis(aggregate.stats.response_time.mean()));
    cells.extend([0.5, 0.75, 0.9, 0.95].map(quantile));
    cells.extend([bound(|interval| interval.low), bound(|interval| interval.high)]);
    cells.extend([0.99, 0.999].map(quantile));
    cells.push(millis(aggregate.stats.response_time.max()));
    cells.extend([counters.bytes_sent, counters.bytes_received].map(|bytes| bytes.to_string()));
    cells.join(",")
}

/// One line per error group; none where nothing failed.
pub fn errors(paper: &Paper<'_>) -> Option<String> {
    let record = paper.record;
    if record.error_groups.is_empty() {
        return None;
    }
    let steps: Vec<&str> = record.start.scenario.steps().map(|(_, step)| step.name.as_str()).collect();
    let line = |group: &ErrorGroup| {
        let step = steps.get(usize::from(group.step)).copied().unwrap_or_default();
        let cells = [
            quoted(&group.signature),
            group.outcome.name().to_owned(),
            quoted(step),
            group.n_errors.to_string(),
            group.first_seen.as_secs_f64().to_string(),
            group.last_seen.as_secs_f64().to_string(),
        ];
        cells.join(",")
    };
    let lines: Vec<String> = record.error_groups.iter().map(line).collect();
    Some(table(paper, &ERROR_COLUMNS, &lines))
}

/// Text as one cell (RFC 4180), of which no spreadsheet makes a formula.
pub(super) fn quoted(text: &str) -> String {
    let text: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    // What starts with these is run by spreadsheets; an apostrophe before it is taken for text.
    let text = if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text };
    if text.contains([',', '"', '\'']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Diagnosis, sample, summarize_precisely};
    use crate::metrics::{KeptRun, Outcome};

    fn rows(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn every_stage_step_and_service_has_a_line_with_a_cell_for_each_column() {
        let mut scenario = sample::scenario();
        scenario.journeys[0].steps[0].name = "=List, \"all\"".to_owned();
        let mut record = sample::record(scenario);
        record.error_groups.push(ErrorGroup {
            step: 1,
            outcome: Outcome::Status,
            signature: "HTTP 503, busy".to_owned(),
            n_errors: 2,
            first_seen: Duration::from_secs(35),
            last_seen: Duration::from_millis(35_900),
            exemplars: Vec::new(),
        });
        let run = KeptRun::from(record);
        let summary = summarize_precisely(&run).unwrap();
        let diagnosis = Diagnosis::default();
        let paper = Paper::new(&run.record, &summary, &diagnosis);
        let rows = self::rows(&results(&paper));
        assert_eq!(
            rows.iter().map(|row| row[0].as_str()).collect::<Vec<_>>(),
            ["kind", "stage", "stage", "stage", "step", "step", "service", "service"]
        );
        assert!(rows.iter().all(|row| row.len() == COLUMNS.len() + 1));
        assert_eq!(rows[4][1], "'=List, \"all\"");
        let p95 = summary.steps[0].aggregate.stats.response_time.quantile(0.95).unwrap();
        assert_eq!(rows[4][14].parse::<f64>().unwrap(), p95.as_nanos() as f64 / 1e6);
        assert_eq!(rows[2][4], "20");
        let errors = self::rows(&errors(&paper).unwrap());
        assert_eq!(errors[1][..6], ["HTTP 503, busy", "status", "Sign in", "2", "35", "35.9"]);
        assert!(rows[1][22].starts_with("stagewright-report {") && rows[2][22].is_empty(), "{}", rows[1][22]);
    }
}
