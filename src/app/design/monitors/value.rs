//! Values of series as people write them: `70%`, `512MB`, `20ms`, `200/s`, `10MB/s`.

use std::time::Duration;

use crate::model::{Combine, MetricReading, SeriesUnit, format_duration, parse_duration};

const DECIMAL: [(&str, f64); 4] = [("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)];
const BINARY: [(&str, f64); 4] =
    [("TiB", 1_099_511_627_776.0), ("GiB", 1_073_741_824.0), ("MiB", 1_048_576.0), ("KiB", 1_024.0)];

/// A value as it is written.
pub fn value_text(unit: SeriesUnit, value: f64) -> String {
    match unit {
        SeriesUnit::Ratio => format!("{}%", tidy(value * 100.0)),
        SeriesUnit::Bytes => bytes_text(value),
        SeriesUnit::BytesPerSec => format!("{}/s", bytes_text(value)),
        SeriesUnit::PerSec => format!("{}/s", tidy(value)),
        SeriesUnit::Seconds => format_duration(Duration::try_from_secs_f64(value).unwrap_or_default()),
        SeriesUnit::Number => tidy(value).to_string(),
    }
}

/// Reads what [`value_text`] writes.
pub fn parse_value(unit: SeriesUnit, text: &str) -> Result<f64, String> {
    let text = text.trim();
    let (found, example) = match unit {
        SeriesUnit::Ratio => (
            text.strip_suffix('%')
                .and_then(number)
                .map(|percent| tidy(percent / 100.0))
                .or_else(|| number(text)),
            "a share such as 70%",
        ),
        SeriesUnit::Bytes => (bytes(text), "a size such as 512MB or 1GiB"),
        SeriesUnit::BytesPerSec => (bytes(text.trim_end_matches("/s")), "a rate such as 10MB/s"),
        SeriesUnit::PerSec => (number(text.trim_end_matches("/s")), "a rate such as 200/s"),
        SeriesUnit::Seconds => return parse_duration(text).map(|time| time.as_secs_f64()),
        SeriesUnit::Number => (number(text), "a number such as 20"),
    };
    found.ok_or_else(|| format!("Write {example}"))
}

/// A limit to begin with.
pub fn usual_limit(unit: SeriesUnit) -> f64 {
    match unit {
        SeriesUnit::Ratio => 0.7,
        SeriesUnit::Bytes => 1e9,
        SeriesUnit::BytesPerSec => 1e7,
        SeriesUnit::PerSec => 1.0,
        SeriesUnit::Seconds => 0.02,
        SeriesUnit::Number => 10.0,
    }
}

/// Without the binary noise of 0.07 × 100.
fn tidy(number: f64) -> f64 {
    (number * 1e9).round() / 1e9
}

fn number(text: &str) -> Option<f64> {
    text.trim().replace(',', "").parse::<f64>().ok().filter(|number| number.is_finite() && *number >= 0.0)
}

fn bytes(text: &str) -> Option<f64> {
    let text = text.trim();
    let lower = text.to_lowercase();
    for (suffix, factor) in BINARY.iter().chain(&DECIMAL) {
        if let Some(written) = lower.strip_suffix(&suffix.to_lowercase()) {
            return number(written).map(|written| (written * factor).round());
        }
    }
    number(text.trim_end_matches(['B', 'b']))
}

/// In the largest unit in which it has no long fraction.
fn bytes_text(bytes: f64) -> String {
    for (suffix, factor) in DECIMAL.iter().chain(&BINARY) {
        let in_unit = bytes / factor;
        if in_unit >= 1.0 && (in_unit * 10.0).fract() == 0.0 {
            return format!("{in_unit}{suffix}");
        }
    }
    format!("{}B", bytes.round())
}

/// Labels as they stand on a page: `mode="idle", cpu="0"`.
pub fn labels_text(labels: &[(String, String)]) -> String {
    let label = |(name, value): &(String, String)| {
        format!("{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
    };
    labels.iter().map(label).collect::<Vec<_>>().join(", ")
}

/// Reads what [`labels_text`] writes; quotes may be left out where a value has neither comma nor quote.
pub fn parse_labels(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut labels = Vec::new();
    let mut rest = text.trim().trim_matches(['{', '}']).trim();
    while !rest.is_empty() {
        let (name, after) =
            rest.split_once('=').ok_or_else(|| "Write labels such as mode=\"idle\"".to_owned())?;
        let (value, after) = label_value(after.trim_start())?;
        if name.trim().is_empty() {
            return Err("A label needs a name before its =".to_owned());
        }
        labels.push((name.trim().to_owned(), value));
        rest = after.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    Ok(labels)
}

/// A label's value, quoted or not, and what follows it.
fn label_value(text: &str) -> Result<(String, &str), String> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(',').unwrap_or(text.len());
        return Ok((text[..end].trim().to_owned(), &text[end..]));
    };
    let (mut value, mut escaped) = (String::new(), false);
    for (at, letter) in quoted.char_indices() {
        match letter {
            _ if escaped => {
                value.push(if letter == 'n' { '\n' } else { letter });
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Ok((value, &quoted[at + 1..])),
            _ => value.push(letter),
        }
    }
    Err("A quote is not closed".to_owned())
}

/// Unit and reading that a metric's name suggests, by the conventions of Prometheus.
pub fn suggested(metric: &str) -> (SeriesUnit, MetricReading, Combine) {
    let name = metric.to_lowercase();
    let (unit, reading) = match name.strip_suffix("_total") {
        Some(counted) if counted.ends_with("_bytes") => (SeriesUnit::BytesPerSec, MetricReading::Rate),
        // So many seconds within a second are a share of it.
        Some(counted) if counted.ends_with("_seconds") => (SeriesUnit::Ratio, MetricReading::Rate),
        Some(_) => (SeriesUnit::PerSec, MetricReading::Rate),
        None if name.ends_with("_bytes") => (SeriesUnit::Bytes, MetricReading::Declared),
        None if name.ends_with("_seconds") => (SeriesUnit::Seconds, MetricReading::Declared),
        None if name.ends_with("_ratio") => (SeriesUnit::Ratio, MetricReading::Declared),
        None => (SeriesUnit::Number, MetricReading::Declared),
    };
    (unit, reading, Combine::Sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_they_are_written() {
        let check = |unit, text: &str, value: f64| {
            assert_eq!(parse_value(unit, text), Ok(value), "{text}");
            assert_eq!(parse_value(unit, &value_text(unit, value)), Ok(value), "{text} again");
        };
        check(SeriesUnit::Ratio, "70 %", 0.7);
        check(SeriesUnit::Ratio, "0.07", 0.07);
        check(SeriesUnit::Ratio, "150%", 1.5);
        check(SeriesUnit::Bytes, "512MB", 512e6);
        check(SeriesUnit::Bytes, "1.5 GiB", 1_610_612_736.0);
        check(SeriesUnit::Bytes, "1234567", 1_234_567.0);
        check(SeriesUnit::BytesPerSec, "10 MB/s", 1e7);
        check(SeriesUnit::PerSec, "1,200/s", 1_200.0);
        check(SeriesUnit::Seconds, "20ms", 0.02);
        check(SeriesUnit::Number, "2.5", 2.5);
        assert_eq!(value_text(SeriesUnit::Bytes, 512e6), "512MB");
        assert_eq!(value_text(SeriesUnit::Bytes, 1_073_741_824.0), "1GiB");
        for (unit, text) in [
            (SeriesUnit::Ratio, "much"),
            (SeriesUnit::Bytes, "-1MB"),
            (SeriesUnit::Seconds, "soon"),
            (SeriesUnit::Number, "inf"),
        ] {
            assert!(parse_value(unit, text).is_err(), "{text}");
        }
    }

    #[test]
    fn labels_read_as_they_stand_on_a_page_with_or_without_quotes() {
        let pairs = |labels: &[(&str, &str)]| -> Vec<(String, String)> {
            labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let odd = pairs(&[("a", r#"with "quotes", a comma"#), ("b", r"back\slash")]);
        assert_eq!(parse_labels(&labels_text(&odd)), Ok(odd));
        assert_eq!(parse_labels("{mode=\"idle\",cpu=0}"), Ok(pairs(&[("mode", "idle"), ("cpu", "0")])));
        assert_eq!(parse_labels(" "), Ok(Vec::new()));
        assert!(parse_labels("mode").is_err() && parse_labels("mode=\"idle").is_err());
        assert!(parse_labels("=idle").is_err());
    }

    #[test]
    fn a_name_of_a_metric_suggests_what_it_is_read_as() {
        let check = |metric: &str, unit| assert_eq!(suggested(metric).0, unit, "{metric}");
        check("node_network_transmit_bytes_total", SeriesUnit::BytesPerSec);
        check("node_disk_io_time_seconds_total", SeriesUnit::Ratio);
        check("http_requests_total", SeriesUnit::PerSec);
        check("process_resident_memory_bytes", SeriesUnit::Bytes);
        check("node_load1", SeriesUnit::Number);
    }
}
