//! A figure of a what-if as people write it: `0.6`, `50% to 70%`, `1ms..3ms`, `10Mbit to 100Mbit`.

use crate::model::parse_duration;

use super::inputs::{InputRange, Quantity};

/// What stands between the two ends of a range.
const BETWEEN: [&str; 3] = ["..", " to ", "–"];

impl Quantity {
    /// Reads one value, or a range of them.
    ///
    /// # Errors
    /// In words: what cannot be read, and how it is written.
    pub fn read(self, text: &str) -> Result<InputRange, String> {
        let ends = BETWEEN.iter().find_map(|between| text.split_once(between));
        match ends {
            Some((one, other)) => Ok(InputRange::between(self.read_one(one)?, self.read_one(other)?)),
            None => self.read_one(text).map(InputRange::exactly),
        }
    }

    fn read_one(self, text: &str) -> Result<f64, String> {
        let text = text.trim();
        let value = match self {
            Self::Share => match text.strip_suffix('%') {
                Some(percent) => number(percent).map(|percent| percent / 100.0),
                None => number(text),
            },
            Self::Secs => parse_duration(text).ok().map(|time| time.as_secs_f64()),
            Self::BitsPerSec => bits_per_sec(text),
            Self::Times => number(text.trim_end_matches(['x', '×', ' '])),
            Self::Workers => number(text).filter(|count| count.fract() == 0.0),
            Self::Number => number(text),
        };
        value.ok_or_else(|| format!("`{text}` cannot be read: write {}", self.example()))
    }

    fn example(self) -> &'static str {
        match self {
            Self::Share => "a share such as 60% or 0.6, or 50% to 70%",
            Self::Secs => "a time such as 2ms, or 1ms to 3ms",
            Self::BitsPerSec => "a bandwidth such as 10Mbit, or 10Mbit to 100Mbit",
            Self::Times => "a number such as 2 or 1.5, or 1.5 to 2",
            Self::Workers => "a whole number such as 8, or 8 to 12",
            Self::Number => "a number such as 1, or 0.5 to 1",
        }
    }
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|value| value.is_finite())
}

/// Decimal prefixes, as networks count.
fn bits_per_sec(text: &str) -> Option<f64> {
    let text = text.strip_suffix("/s").unwrap_or(text).trim();
    let units = [("kbit", 1e3), ("Mbit", 1e6), ("Gbit", 1e9), ("bit", 1.0)];
    units.iter().find_map(|(unit, factor)| {
        let number = text.len().checked_sub(unit.len()).filter(|at| text.is_char_boundary(*at))?;
        let (value, suffix) = text.split_at(number);
        suffix.eq_ignore_ascii_case(unit).then(|| self::number(value).map(|value| value * factor)).flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(quantity: Quantity, text: &str, low: f64, high: f64) {
        let range = quantity.read(text).unwrap();
        assert!((range.low - low).abs() < 1e-9 * low.abs().max(1.0), "{text}: {range:?}");
        assert!((range.high - high).abs() < 1e-9 * high.abs().max(1.0), "{text}: {range:?}");
    }

    #[test]
    fn figures_are_read_as_people_write_them() {
        check(Quantity::Share, "0.6", 0.6, 0.6);
        check(Quantity::Share, "70% to 50%", 0.5, 0.7);
        check(Quantity::Secs, "1ms..3ms", 0.001, 0.003);
        check(Quantity::BitsPerSec, "10Mbit – 1Gbit/s", 10e6, 1e9);
        check(Quantity::BitsPerSec, "64 kbit/s", 64e3, 64e3);
        check(Quantity::Times, "1.5× to 2x", 1.5, 2.0);
        check(Quantity::Workers, "8", 8.0, 8.0);
    }

    #[test]
    fn what_cannot_be_read_says_how_it_is_written() {
        let error = Quantity::BitsPerSec.read("10 MB").unwrap_err();
        assert_eq!(error, "`10 MB` cannot be read: write a bandwidth such as 10Mbit, or 10Mbit to 100Mbit");
        for (quantity, text) in [
            (Quantity::Share, "half"),
            (Quantity::Secs, "1ms to soon"),
            (Quantity::Workers, "1.5"),
            (Quantity::Times, ""),
            (Quantity::Share, "inf"),
        ] {
            assert!(quantity.read(text).is_err(), "{text}");
        }
    }
}
