//! One line per second of a run, for spreadsheets and scripts.

use std::time::Duration;

use super::{Provenance, results_csv::quoted};
use crate::metrics::{HistogramError, Outcome, RunRecord, SecondPoint, SeriesInfo};

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

/// What the generator says of itself; behind the rest, so that older readers find their columns where they were.
const GENERATOR_COLUMNS: [&str; 4] =
    ["mean_in_flight", "n_connections", "busiest_worker_ratio", "hiccup_p99_9_millis"];

/// What the table was made of; the first line tells it, the others leave it empty.
const PROVENANCE_COLUMN: &str = "made_of";

/// The seconds of a run; empty where nothing was measured.
pub fn seconds(record: &RunRecord, provenance: &Provenance) -> Result<String, HistogramError> {
    let outcomes = Outcome::ALL.map(|outcome| format!("n_{}", outcome.name()));
    let mut text = format!(
        "{},{},{}{},{PROVENANCE_COLUMN}\n",
        COLUMNS.join(","),
        outcomes.join(","),
        GENERATOR_COLUMNS.join(","),
        record
            .watched
            .series
            .iter()
            .map(|series| format!(",{}", series_title(&series.info)))
            .collect::<String>()
    );
    let mut made_of = format!("\"{}\"", provenance.line().replace('"', "\"\""));
    for (interval, point) in record.intervals.iter().zip(&*record.points) {
        let hiccups = interval.load.generator.as_ref().map(|generator| generator.hiccups.decode());
        let hiccup = hiccups.transpose()?.and_then(|hiccups| hiccups.quantile(0.999));
        let watched: String = record
            .watched
            .series
            .iter()
            .map(|series| series.at(point.second).map_or_else(|| ",".to_owned(), |value| format!(",{value}")))
            .collect();
        text += &format!("{}{watched},{}\n", line(point, hiccup), std::mem::take(&mut made_of));
    }
    Ok(text)
}

/// `machine: CPU (ratio)`: a series of a monitor with its unit, as one cell.
fn series_title(info: &SeriesInfo) -> String {
    quoted(&format!("{}: {} ({})", info.monitor, info.name, info.unit.name()))
}

fn line(point: &SecondPoint, hiccup: Option<Duration>) -> String {
    let millis = |latency: Option<Duration>| {
        latency.map_or_else(String::new, |l| (l.as_nanos() as f64 / 1e6).to_string())
    };
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
    cells.push(ratio(point.mean_in_flight));
    cells.push(point.n_connections.map_or_else(String::new, |n| n.to_string()));
    cells.push(ratio(point.busiest_worker_ratio));
    cells.push(millis(hiccup));
    cells.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Diagnosis, sample, summarize};
    use crate::metrics::KeptRun;
    use crate::report::Paper;

    fn table(record: &RunRecord) -> String {
        let (summary, diagnosis) = (summarize(record).unwrap(), Diagnosis::default());
        seconds(record, &Provenance::of(&Paper::new(record, &summary, &diagnosis))).unwrap()
    }

    #[test]
    fn every_second_has_a_line_with_a_cell_for_each_column() {
        let text = table(&sample::record(sample::scenario()));
        let rows =
            csv::Reader::from_reader(text.as_bytes()).into_records().collect::<Result<Vec<_>, _>>().unwrap();
        assert_eq!(rows.len(), 40);
        assert!(rows.iter().all(|row| row.len() == 30), "{:?}", rows[0]);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].starts_with("0,2.5,20,0,40,40,0,"), "{}", lines[1]);
        assert!(lines[2].ends_with(",50,0.02,0.06,"), "{}", lines[2]);
        assert!(rows[0][29].starts_with("stagewright-report {"), "{:?}", rows[0]);
        assert!(rows.iter().skip(1).all(|row| row[29].is_empty()), "told once");
    }

    #[test]
    fn what_monitors_read_has_columns_and_gaps_are_empty() {
        let text = table(&sample::watched());
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let place = reader.headers().unwrap().iter().position(|title| title == "cache: hit share (ratio)");
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let cell = |second: usize| rows[second].get(place.unwrap()).unwrap();
        assert_eq!([cell(0), cell(19), cell(20), cell(24), cell(25)], ["0.9", "0.8", "", "", "0.8"]);
        assert!(rows.iter().all(|row| row.len() == 36), "{:?}", rows[0]);
    }

    #[test]
    fn what_was_not_measured_is_empty() {
        let mut record = sample::record(sample::scenario());
        record.rows[..2].iter_mut().for_each(|row| row.stats = Default::default());
        record.intervals[0].load.host = None;
        let text = table(&KeptRun::from(record).record);
        assert!(text.lines().nth(1).unwrap().starts_with("0,2.5,20,0,40,0,0,,,,,,,0.4"), "{text}");
    }
}
