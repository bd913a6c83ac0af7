//! The options that say which runs are meant.

use std::str::FromStr;

use clap::{Args, ValueEnum};
use jiff::{Timestamp, ToSpan as _, civil, tz::TimeZone};

use super::args::Assignment;
use crate::metrics::{Standing, Verdict};
use crate::model::parse_duration;
use crate::store::RunFilter;

/// Which runs are meant; all that is given must hold.
#[derive(Debug, Default, Args)]
pub struct FilterArgs {
    /// Runs of the scenario of this name
    #[arg(long, value_name = "NAME")]
    pub scenario: Option<String>,
    /// Runs in this environment, or against this base URL
    #[arg(long = "env", value_name = "NAME")]
    pub environment: Option<String>,
    /// Runs with this label
    #[arg(long, value_name = "KEY[=VALUE]")]
    pub label: Option<LabelChoice>,
    /// Runs with this verdict
    #[arg(long, value_enum)]
    pub verdict: Option<VerdictChoice>,
    /// Runs whose measurement is this good
    #[arg(long, value_enum)]
    pub quality: Option<QualityChoice>,
    /// Runs that began on this day (2026-11-26, UTC) or later, at this moment (2026-11-26T14:30) or later, or no longer ago
    /// than this (7d, 12h)
    #[arg(long, value_name = "WHEN")]
    pub since: Option<When>,
    /// Runs that began before the end of this day, before this moment, or longer ago than this
    #[arg(long, value_name = "WHEN")]
    pub until: Option<When>,
    /// Runs in which all these words occur: in number, scenario, environment, note, tags, labels or verdict
    #[arg(long, value_name = "WORDS")]
    pub text: Option<String>,
    /// Starred runs
    #[arg(long)]
    pub starred: bool,
}

impl FilterArgs {
    pub fn to_filter(&self) -> RunFilter {
        RunFilter {
            scenario: self.scenario.clone(),
            environment: self.environment.clone(),
            label: self.label.as_ref().map(|label| (label.0.name.clone(), label.0.value.clone())),
            verdict: self.verdict.map(Verdict::from),
            quality: self.quality.map(Standing::from),
            starred_only: self.starred,
            since_unix_millis: self.since.map(|when| when.begin.as_millisecond()),
            until_unix_millis: self.until.map(|when| when.end.as_millisecond()),
            text: self.text.clone().unwrap_or_default(),
        }
    }
}

/// A verdict to choose runs by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum VerdictChoice {
    Pass,
    Fail,
    Inconclusive,
}

/// A quality of measurements to choose runs by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum QualityChoice {
    Valid,
    Weak,
    Invalid,
}

/// A label with its value, or with any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelChoice(Assignment);

/// A moment, or a day from its begin to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    begin: Timestamp,
    end: Timestamp,
}

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub u64);

impl From<VerdictChoice> for Verdict {
    fn from(choice: VerdictChoice) -> Self {
        match choice {
            VerdictChoice::Pass => Self::Pass,
            VerdictChoice::Fail => Self::Fail,
            VerdictChoice::Inconclusive => Self::Inconclusive,
        }
    }
}

impl From<QualityChoice> for Standing {
    fn from(choice: QualityChoice) -> Self {
        match choice {
            QualityChoice::Valid => Self::Valid,
            QualityChoice::Weak => Self::Weak,
            QualityChoice::Invalid => Self::Invalid,
        }
    }
}

impl FromStr for LabelChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains('=') {
            return text.parse().map(Self);
        }
        match text.trim() {
            "" => Err("write it as KEY or KEY=VALUE".to_owned()),
            name => Ok(Self(Assignment { name: name.to_owned(), value: String::new() })),
        }
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        when(text, Timestamp::now()).ok_or_else(|| {
            "write a day such as 2026-11-26, a moment such as 2026-11-26T14:30, or 7d or 12h ago".to_owned()
        })
    }
}

fn when(text: &str, now: Timestamp) -> Option<When> {
    if let Ok(day) = text.parse::<civil::Date>()
        && !text.contains(['T', 't', ' ', ':'])
    {
        let begin = day.to_zoned(TimeZone::UTC).ok()?;
        let end = begin.checked_add(1.day()).ok()?;
        return Some(When { begin: begin.timestamp(), end: end.timestamp() });
    }
    let moment = text.strip_suffix([' ', 'Z', 'z']).unwrap_or(text);
    let moment = match moment.parse::<civil::DateTime>() {
        Ok(moment) => moment.to_zoned(TimeZone::UTC).ok()?.timestamp(),
        Err(_) => {
            let ago = match text.strip_suffix('d') {
                Some(n_days) => std::time::Duration::from_secs(n_days.parse::<u32>().ok()?.into()) * 86_400,
                None => parse_duration(text).ok()?,
            };
            now.checked_sub(ago).ok()?
        }
    };
    Some(When { begin: moment, end: moment })
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || "write a size such as 500MiB or 2GiB".to_owned();
        let text = text.trim();
        let at = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
        let number: f64 = text[..at].parse().map_err(|_| refused())?;
        // As sizes are shown; the short forms mean the same.
        let exponent = match text[at..].trim().to_ascii_lowercase().as_str() {
            "" | "b" => 0,
            "k" | "kb" | "kib" => 1,
            "m" | "mb" | "mib" => 2,
            "g" | "gb" | "gib" => 3,
            "t" | "tb" | "tib" => 4,
            _ => return Err(refused()),
        };
        Ok(Self((number * 1024f64.powi(exponent)) as u64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_a_begin_and_an_end_and_a_moment_is_one() {
        let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
        let check = |text: &str, begin: &str, end: &str| {
            let found = when(text, now).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (found.begin.to_string().as_str(), found.end.to_string().as_str()),
                (begin, end),
                "{text}"
            );
        };
        check("2026-11-24", "2026-11-24T00:00:00Z", "2026-11-25T00:00:00Z");
        check("2026-11-24T14:30", "2026-11-24T14:30:00Z", "2026-11-24T14:30:00Z");
        check("2026-11-24 14:30:05", "2026-11-24T14:30:05Z", "2026-11-24T14:30:05Z");
        check("7d", "2026-11-19T12:00:00Z", "2026-11-19T12:00:00Z");
        check("1h30m", "2026-11-26T10:30:00Z", "2026-11-26T10:30:00Z");
        for bad in ["", "yesterday", "2026-13-01", "d", "-7d", "99999999999d"] {
            assert_eq!(when(bad, now), None, "{bad}");
        }
    }

    #[test]
    fn sizes_are_read_as_they_are_shown() {
        for (text, expected) in [
            ("100", 100),
            ("1 KiB", 1_024),
            ("500MB", 500 << 20),
            ("2GiB", 2 << 30),
            ("1.5g", 3 << 29),
            ("0", 0),
        ] {
            assert_eq!(text.parse(), Ok(Size(expected)), "{text}");
        }
        for bad in ["", "GiB", "-1", "2 fast", "1e3"] {
            assert!(bad.parse::<Size>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_label_has_a_value_or_any() {
        let label = |text: &str| text.parse::<LabelChoice>().map(|label| (label.0.name, label.0.value));
        assert_eq!(label("commit=4f2a"), Ok(("commit".to_owned(), "4f2a".to_owned())));
        assert_eq!(label("commit"), Ok(("commit".to_owned(), String::new())));
        assert!(label("").is_err() && label("=a").is_err());
    }
}
