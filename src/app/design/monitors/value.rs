//! Labels as people write them, and what names of metrics and units suggest.

use crate::model::{Combine, MetricReading, SeriesUnit};

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
