//! Files of levels: concurrency, throughput and perhaps latency, line by line, or all that is wrong with them.

use std::path::Path;

use crate::analysis::{capacity::ScalingPoint, stats::Estimate};
use crate::humanize;

use super::{
    exit::CliError,
    series_csv::{csv_rows, read_text, told},
};

/// Reads `concurrency,throughput[,latency]` lines, with or without a header; a latency counts so many seconds.
pub fn read_levels(path: &Path, secs_per_unit: f64) -> Result<Vec<ScalingPoint>, CliError> {
    let text = read_text(path)?;
    let points = level_rows(&text, secs_per_unit).map_err(|faults| told(path, &faults))?;
    if points.is_empty() {
        return Err(CliError::BadInput(format!(
            "no line has a concurrency and a throughput: {}",
            path.display()
        )));
    }
    Ok(points)
}

fn level_rows(text: &str, secs_per_unit: f64) -> Result<Vec<ScalingPoint>, Vec<String>> {
    csv_rows(text, is_header, |_, record| point(record, secs_per_unit))
}

fn is_header(record: &csv::StringRecord) -> bool {
    (2..=3).contains(&record.len()) && record.iter().all(|cell| cell.parse::<f64>().is_err())
}

fn point(record: &csv::StringRecord, secs_per_unit: f64) -> Result<ScalingPoint, String> {
    let cells: Vec<&str> = record.iter().collect();
    let (concurrency, throughput, latency) = match cells[..] {
        [concurrency, throughput] => (concurrency, throughput, ""),
        [concurrency, throughput, latency] => (concurrency, throughput, latency),
        _ => {
            let columns = humanize::counted(cells.len() as u64, "column");
            return Err(format!("{columns}, where concurrency, throughput and perhaps latency are expected"));
        }
    };
    let level = number(concurrency)?;
    if level <= 0.0 {
        return Err(format!("a concurrency of {concurrency} is no level: it must be above nothing"));
    }
    let value = number(throughput)?;
    if value < 0.0 {
        return Err(format!("a throughput of {throughput} is below nothing"));
    }
    let latency_secs = match latency {
        "" => None,
        latency => Some(number(latency)? * secs_per_unit),
    };
    if latency_secs.is_some_and(|secs| secs < 0.0) {
        return Err(format!("a latency of {latency} is below nothing"));
    }
    let throughput = Estimate { value, low: None, high: None };
    Ok(ScalingPoint { name: String::new(), level, concurrency: level, throughput, latency_secs })
}

fn number(cell: &str) -> Result<f64, String> {
    let number = cell.parse::<f64>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| match cell {
        "" => "a number is missing; use 12.5".to_owned(),
        cell => format!("`{cell}` is no number; use 12.5"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(f64, f64, Option<f64>)> {
        let points = level_rows(text, 1e-3).unwrap();
        points.iter().map(|point| (point.concurrency, point.throughput.value, point.latency_secs)).collect()
    }

    #[test]
    fn headers_comments_other_delimiters_and_missing_latencies_are_read() {
        let expected = [(1.0, 64.9, None), (18.0, 995.9, Some(0.0125))];
        assert_eq!(read("users,throughput,p95\n1,64.9,\n18,995.9,12.5\n"), expected);
        assert_eq!(read("# SPEC\n1;64.9\n18;995.9;12.5\n"), expected);
        assert_eq!(read("\u{feff}\"N\"\t\"X\"\r\n1\t64.9\r\n18\t9.959e2\t12.5\r\n"), expected);
        assert!(read("N,X\n").is_empty());
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let text = "N,X\n1,2\nmany,3\n4,fast\n0,5\n6,-7\n8\n9,10,slow\n11,12,13,14\n15,\n16,inf\n17,18,-1\n";
        let faults = level_rows(text, 1.0).unwrap_err();
        let starts = [
            "line 3: `many` is no number",
            "line 4: `fast` is no number",
            "line 5: a concurrency of 0 is no level",
            "line 6: a throughput of -7 is below nothing",
            "line 7: 1 column",
            "line 8: `slow` is no number",
            "line 9: 4 columns",
            "line 10: a number is missing",
            "line 11: `inf` is no number",
            "line 12: a latency of -1 is below nothing",
        ];
        assert_eq!(faults.len(), starts.len(), "{faults:?}");
        for (fault, start) in faults.iter().zip(starts) {
            assert!(fault.starts_with(start), "{fault}");
        }
        // A second line without numbers is no header.
        assert_eq!(level_rows("N,X\nusers,rate\n1,2\n", 1.0).unwrap_err().len(), 1);
    }
}
