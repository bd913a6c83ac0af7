//! One line per second of a run, for spreadsheets and scripts.

use std::time::Duration;

use crate::metrics::{HistogramError, Outcome, RunRecord, SecondPoint};

const COLUMNS: [&str; 18] = [
    "second",
    "asked_level",
    "started_per_sec",
    "dropped_per_sec",
    "sent_per_sec",
    "completed_per_sec",
    "errors_per_sec",
    "p50_millis",
    "p90_millis",
    "p95_millis",
    "p99_millis",
    "max_millis",
    "service_p95_millis",
    "start_lag_p99_millis",
    "n_users",
    "n_in_flight",
    "process_cpu_ratio",
    "machine_cpu_ratio",
];

/// The seconds of a run; empty where nothing was measured.
pub fn seconds(record: &RunRecord) -> Result<String, HistogramError> {
    let outcomes = Outcome::ALL.map(|outcome| format!("n_{}", outcome.name()));
    let mut text = format!("{},{}\n", COLUMNS.join(","), outcomes.join(","));
    for interval in &record.intervals {
        text += &line(&SecondPoint::from_interval(interval)?);
    }
    Ok(text)
}

fn line(point: &SecondPoint) -> String {
    let millis =
        |latency: Option<Duration>| latency.map_or_else(String::new, |l| (l.as_secs_f64() * 1e3).to_string());
    let ratio = |ratio: Option<f64>| ratio.map_or_else(String::new, |ratio| ratio.to_string());
    let mut cells = vec![point.second.to_string()];
    cells.extend(
        [
            point.asked_level,
            point.started_per_sec,
            point.dropped_per_sec,
            point.sent_per_sec,
            point.completed_per_sec,
            point.errors_per_sec,
        ]
        .map(|figure| figure.to_string()),
    );
    cells.extend(
        [point.p50, point.p90, point.p95, point.p99, point.max, point.service_p95, point.start_lag_p99]
            .map(millis),
    );
    cells.extend([point.n_users, point.n_in_flight].map(|count| count.to_string()));
    cells.push(ratio(point.host.map(|host| host.process_cpu_ratio)));
    cells.push(ratio(point.host.map(|host| host.machine_cpu_ratio)));
    cells.extend(point.n_by_outcome.map(|count| count.to_string()));
    cells.join(",") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;

    #[test]
    fn every_second_has_a_line_with_a_cell_for_each_column() {
        let record = sample::record(sample::scenario());
        let text = seconds(&record).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 41);
        assert!(lines.iter().all(|line| line.split(',').count() == 25), "{}", lines[1]);
        assert!(lines[1].starts_with("0,2.5,20,0,40,40,0,"), "{}", lines[1]);
    }

    #[test]
    fn what_was_not_measured_is_empty() {
        let mut record = sample::record(sample::scenario());
        record.intervals[0].rows.clear();
        record.intervals[0].load.host = None;
        let text = seconds(&record).unwrap();
        assert!(text.lines().nth(1).unwrap().starts_with("0,2.5,20,0,40,0,0,,,,,,,0.4"), "{text}");
    }
}
