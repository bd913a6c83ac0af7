//! Files of times and values: what they say line by line, or all that is wrong with them.

use std::{fmt::Write as _, path::Path};

use super::exit::CliError;

/// How many faults are told; more tell no more.
const N_FAULTS_TOLD: usize = 10;

/// Numbers from here on count milliseconds since 1970, below seconds: the border is 1973 and 5138.
const FIRST_MILLIS: f64 = 1e11;

/// One line of a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeriesRow {
    pub line: u64,
    pub at_unix_millis: i64,
    /// None where the cell is empty or says that it is.
    pub value: Option<f64>,
}

/// Reads `time,value` lines, with or without a header.
pub fn read_series(path: &Path) -> Result<Vec<SeriesRow>, CliError> {
    let text = read_text(path)?;
    let rows = series_rows(&text).map_err(|faults| told(path, &faults))?;
    if rows.is_empty() {
        return Err(CliError::BadInput(format!("no line has a time and a value: {}", path.display())));
    }
    Ok(rows)
}

/// A file's text; what is no text is said.
pub fn read_text(path: &Path) -> Result<String, CliError> {
    let bytes = std::fs::read(path)
        .map_err(|error| CliError::BadInput(format!("cannot be read ({error}): {}", path.display())))?;
    String::from_utf8(bytes)
        .map_err(|_| CliError::BadInput(format!("this is no text in UTF-8: {}", path.display())))
}

/// Faults of a file as one error, each on a line of its own.
pub fn told(path: &Path, faults: &[String]) -> CliError {
    let mut text = format!("{} cannot be used:", path.display());
    for fault in faults.iter().take(N_FAULTS_TOLD) {
        // Writing into a string does not fail.
        let _ = write!(text, "\n  {fault}");
    }
    if let Some(n_more @ 1..) = faults.len().checked_sub(N_FAULTS_TOLD) {
        let _ = write!(text, "\n  and {n_more} more");
    }
    CliError::BadInput(text)
}

fn series_rows(text: &str) -> Result<Vec<SeriesRow>, Vec<String>> {
    csv_rows(text, is_header, row)
}

/// The rows of a file, or all that is wrong with them by line; a first line that is no row may be a header.
pub fn csv_rows<T>(
    text: &str,
    is_header: impl Fn(&csv::StringRecord) -> bool,
    row: impl Fn(u64, &csv::StringRecord) -> Result<T, String>,
) -> Result<Vec<T>, Vec<String>> {
    let (mut rows, mut faults, mut n_before) = (Vec::new(), Vec::new(), 0);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .delimiter(delimiter(text))
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                faults.push(error.to_string());
                break;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        match row(line, &record) {
            Ok(row) => rows.push(row),
            Err(_) if n_before == 0 && is_header(&record) => {}
            Err(fault) => faults.push(format!("line {line}: {fault}")),
        }
        n_before += 1;
    }
    if faults.is_empty() { Ok(rows) } else { Err(faults) }
}

/// What stands between the cells of a file: semicolons, tabs or commas.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.starts_with('#') && !line.trim().is_empty());
    let has = |delimiter: char| first.is_some_and(|line| line.contains(delimiter));
    match () {
        () if has(';') => b';',
        () if has('\t') => b'\t',
        () => b',',
    }
}

fn is_header(record: &csv::StringRecord) -> bool {
    record.len() == 2 && record.iter().all(|cell| cell.parse::<f64>().is_err() && moment(cell).is_none())
}

fn row(line: u64, record: &csv::StringRecord) -> Result<SeriesRow, String> {
    let (2, Some(time), Some(cell)) = (record.len(), record.get(0), record.get(1)) else {
        let columns = crate::humanize::counted(record.len() as u64, "column");
        return Err(format!("{columns}, where a time and a value are expected"));
    };
    let at_unix_millis = moment(time).ok_or_else(|| {
        format!(
            "`{time}` is no time; use seconds or milliseconds since 1970, or 2026-11-24T07:20:34Z, 2026-11-24"
        )
    })?;
    let value = value(cell).map_err(|()| format!("`{cell}` is no number; use 12.5, or leave it empty"))?;
    Ok(SeriesRow { line, at_unix_millis, value })
}

fn value(cell: &str) -> Result<Option<f64>, ()> {
    if ["", "-", "nan", "null", "none", "na", "n/a"].contains(&cell.to_ascii_lowercase().as_str()) {
        return Ok(None);
    }
    let value: f64 = cell.parse().map_err(|_| ())?;
    if value.is_finite() { Ok(Some(value)) } else { Err(()) }
}

/// A moment in milliseconds since 1970; without a zone it is in UTC.
fn moment(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse::<f64>() {
        let millis = if number.abs() < FIRST_MILLIS { number * 1e3 } else { number };
        // Beyond that no calendar knows it.
        return (millis.abs() < 2.5e14).then_some(millis.round() as i64);
    }
    if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
        return Some(timestamp.as_millisecond());
    }
    let civil = text.parse::<jiff::civil::DateTime>().ok()?;
    civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(i64, Option<f64>)> {
        series_rows(text).unwrap().iter().map(|row| (row.at_unix_millis, row.value)).collect()
    }

    #[test]
    fn times_are_seconds_milliseconds_or_written_out() {
        let expected = [(1_795_504_834_000, Some(12.5))];
        for time in [
            "1795504834",
            "1795504834000",
            "2026-11-24T07:20:34Z",
            "2026-11-24 07:20:34",
            "2026-11-24T09:20:34+02:00",
        ] {
            assert_eq!(read(&format!("{time},12.5\n")), expected, "{time}");
        }
        assert_eq!(read("2026-11-24,1"), [(1_795_478_400_000, Some(1.0))]);
        assert_eq!(read("1795504834.25,1"), [(1_795_504_834_250, Some(1.0))]);
    }

    #[test]
    fn headers_comments_other_delimiters_and_gaps_are_read() {
        let expected = [(1_000, Some(1.0)), (2_000, None), (3_000, Some(-2.5e-3))];
        assert_eq!(read("time,p95\n1,1\n2,\n3,-2.5e-3\n"), expected);
        assert_eq!(read("# nightly\n1;1\n2;NaN\n3;-0.0025\n"), expected);
        assert_eq!(read("\u{feff}\"when\"\t\"p95\"\r\n1\t1\r\n2\tnull\r\n3\t-2.5e-3\r\n"), expected);
        assert!(read("time,value\n").is_empty());
    }

    #[test]
    fn every_fault_is_told_with_its_line() {
        let faults = series_rows("time,value\n1,2\nyesterday,3\n4,fast\n5\n6,7,8\n9,inf\n").unwrap_err();
        assert_eq!(faults.len(), 5, "{faults:?}");
        assert!(faults[0].starts_with("line 3: `yesterday` is no time"), "{faults:?}");
        assert!(faults[1].starts_with("line 4: `fast` is no number"), "{faults:?}");
        assert_eq!(faults[2], "line 5: 1 column, where a time and a value are expected");
        assert!(faults[3].starts_with("line 6: 3 columns"), "{faults:?}");
        assert!(faults[4].starts_with("line 7: `inf`"), "{faults:?}");
        // A second line without numbers is no header.
        assert_eq!(series_rows("time,value\nsecs,ms\n1,2\n").unwrap_err().len(), 1);
    }

    #[test]
    fn many_faults_are_told_in_part() {
        let faults: Vec<String> = (0..25).map(|n| format!("line {n}: no")).collect();
        let text = told(Path::new("x.csv"), &faults).to_string();
        assert!(text.starts_with("x.csv cannot be used:\n  line 0: no\n"), "{text}");
        assert!(text.ends_with("\n  and 15 more") && text.lines().count() == 12, "{text}");
    }
}
