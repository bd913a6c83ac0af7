//! Values of series as people write them: `70%`, `512MB`, `20ms`, `100/s`.

use std::time::Duration;

use super::{SeriesUnit, format_duration, parse_duration};

/// Sizes by their names, the largest first.
const SIZES: [(&str, f64); 8] = [
    ("TB", 1e12),
    ("GB", 1e9),
    ("MB", 1e6),
    ("kB", 1e3),
    ("GiB", (1_u64 << 30) as f64),
    ("MiB", (1_u64 << 20) as f64),
    ("KiB", 1024.0),
    ("B", 1.0),
];

impl SeriesUnit {
    /// Reads a value in this unit, or says how it is written.
    pub fn parse(self, text: &str) -> Result<f64, String> {
        let text = text.trim();
        let value = match self {
            Self::Ratio => ratio(text),
            Self::Bytes => bytes(text),
            Self::BytesPerSec => bytes(text.strip_suffix("/s").unwrap_or(text)),
            Self::PerSec => plain(text.strip_suffix("/s").unwrap_or(text)),
            Self::Seconds => parse_duration(text).ok().map(|duration| duration.as_secs_f64()),
            Self::Number => plain(text),
        };
        value.ok_or_else(|| format!("write {} such as {}", self.what(), self.example()))
    }

    /// The value as [`parse`](Self::parse) reads it again, to the last bit.
    pub fn write(self, value: f64) -> String {
        match self {
            Self::Ratio => {
                let percent = format!("{:.12}", value * 100.0);
                let percent = percent.trim_end_matches('0').trim_end_matches('.');
                match ratio(&format!("{percent}%")) == Some(value) {
                    true => format!("{percent}%"),
                    false => format!("{value}"),
                }
            }
            Self::Bytes => size(value),
            Self::BytesPerSec => format!("{}/s", size(value)),
            Self::PerSec => format!("{value}/s"),
            Self::Seconds => match Duration::try_from_secs_f64(value) {
                Ok(duration) if duration.as_secs_f64() == value => format_duration(duration),
                _ => format!("{value}"),
            },
            Self::Number => format!("{value}"),
        }
    }

    /// A value as one writes it.
    pub fn example(self) -> &'static str {
        match self {
            Self::Ratio => "70%",
            Self::Bytes => "512MB",
            Self::BytesPerSec => "20MB/s",
            Self::PerSec => "100/s",
            Self::Seconds => "20ms",
            Self::Number => "50",
        }
    }

    fn what(self) -> &'static str {
        match self {
            Self::Ratio => "a percentage, or a ratio as 0.7,",
            Self::Bytes => "a size",
            Self::BytesPerSec => "a size per second",
            Self::PerSec => "a rate",
            Self::Seconds => "a duration",
            Self::Number => "a number",
        }
    }
}

/// The shortest way to write a size exactly, by thousands.
fn size(value: f64) -> String {
    let exact = |&&(name, size): &&(&str, f64)| {
        !name.contains('i') && value.abs() >= size && bytes(&format!("{}{name}", value / size)) == Some(value)
    };
    match SIZES.iter().find(exact) {
        Some((name, size)) => format!("{}{name}", value / size),
        None => format!("{value}B"),
    }
}

fn bytes(text: &str) -> Option<f64> {
    let found = SIZES.iter().find_map(|(name, size)| Some((text.strip_suffix(name)?, size)));
    let (digits, size) = found.unwrap_or((text, &1.0));
    plain(digits.trim_end()).map(|number| number * size)
}

fn ratio(text: &str) -> Option<f64> {
    match text.strip_suffix('%') {
        // The exponent makes a percentage as exact as the ratio that it stands for.
        Some(percent) if plain(percent.trim_end()).is_some() => {
            format!("{}e-2", percent.trim_end()).parse().ok()
        }
        Some(_) => None,
        None => plain(text),
    }
}

fn plain(text: &str) -> Option<f64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    text.parse().ok().filter(|number: &f64| is_plain && number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_people_write_them_and_written_so_that_they_read_the_same() {
        for (unit, text, value) in [
            (SeriesUnit::Ratio, "70%", 0.7),
            (SeriesUnit::Ratio, " 99.95 % ", 0.9995),
            (SeriesUnit::Ratio, "0.8", 0.8),
            (SeriesUnit::Bytes, "512 MB", 512e6),
            (SeriesUnit::Bytes, "2GiB", 2_147_483_648.0),
            (SeriesUnit::Bytes, "17", 17.0),
            (SeriesUnit::BytesPerSec, "1.5MB/s", 1.5e6),
            (SeriesUnit::PerSec, "100/s", 100.0),
            (SeriesUnit::Seconds, "20ms", 0.02),
            (SeriesUnit::Number, "12.5", 12.5),
        ] {
            assert_eq!(unit.parse(text), Ok(value), "{text}");
            assert_eq!(unit.parse(&unit.write(value)), Ok(value), "{}", unit.write(value));
            assert!(unit.parse(unit.example()).is_ok());
        }
        assert_eq!(SeriesUnit::Ratio.write(0.7), "70%");
        assert_eq!(SeriesUnit::Bytes.write(512e6), "512MB");
        assert_eq!(SeriesUnit::BytesPerSec.write(1.5e6), "1.5MB/s");
        assert_eq!(SeriesUnit::Seconds.write(0.02), "20ms");
    }

    #[test]
    fn what_is_no_value_of_the_unit_is_answered_with_one_that_is() {
        let refused = |unit: SeriesUnit, text: &str| unit.parse(text).expect_err(text);
        assert!(refused(SeriesUnit::Ratio, "much").contains("70%"));
        assert!(refused(SeriesUnit::Bytes, "20ms").contains("512MB"));
        assert!(refused(SeriesUnit::Seconds, "70%").contains("20ms"));
        assert!(refused(SeriesUnit::Number, "1e3").contains("50"));
        assert!(refused(SeriesUnit::PerSec, "").contains("100/s"));
    }
}
