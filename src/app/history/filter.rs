//! What the list of runs is filtered by, as the filter bar holds it; the library's own filter does the work.

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};

use crate::{
    metrics::{Standing, Verdict},
    store::RunFilter,
};

/// All filters; those that are set hold together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FilterChoice {
    pub text: String,
    pub scenario: Option<String>,
    pub environment: Option<String>,
    pub label: Option<(String, String)>,
    pub verdict: Option<Verdict>,
    pub quality: Option<Standing>,
    pub starred_only: bool,
    pub when: When,
}

/// A stretch of days, as all times of the window in UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    #[default]
    Any,
    /// So many days, the present one included.
    LastDays(u16),
    /// Both days included; one that is missing leaves that end open.
    Between { from: Option<Date>, to: Option<Date> },
}

impl When {
    /// What is offered by name.
    pub const PRESETS: [(Self, &'static str); 4] = [
        (Self::Any, "Any time"),
        (Self::LastDays(1), "Today"),
        (Self::LastDays(7), "Last 7 days"),
        (Self::LastDays(30), "Last 30 days"),
    ];

    /// The words for a stretch that is chosen; none where any time is.
    pub fn words(self) -> Option<String> {
        match self {
            Self::Any | Self::Between { from: None, to: None } => None,
            Self::LastDays(_) => {
                Self::PRESETS.iter().find(|(when, _)| *when == self).map(|(_, words)| (*words).to_owned())
            }
            Self::Between { from: Some(from), to: Some(to) } => Some(format!("{from} to {to}")),
            Self::Between { from: Some(from), to: None } => Some(format!("from {from}")),
            Self::Between { from: None, to: Some(to) } => Some(format!("to {to}")),
        }
    }

    /// The first millisecond and the first one after the stretch.
    fn bounds(self, today: Date) -> (Option<i64>, Option<i64>) {
        match self {
            Self::Any => (None, None),
            Self::LastDays(n_days) => {
                (today.checked_sub((i64::from(n_days) - 1).days()).ok().and_then(begin_of), None)
            }
            Self::Between { from, to } => {
                let after = |day: Date| day.tomorrow().ok().and_then(begin_of);
                (from.and_then(begin_of), to.and_then(after))
            }
        }
    }
}

fn begin_of(day: Date) -> Option<i64> {
    day.to_zoned(TimeZone::UTC).ok().map(|start| start.timestamp().as_millisecond())
}

/// The day that it is now, in UTC.
pub fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// Reads a day as it is shown; nothing written is no day.
pub fn read_day(text: &str) -> Result<Option<Date>, String> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| "Write a day as 2026-11-26".to_owned()),
    }
}

impl FilterChoice {
    pub fn is_set(&self) -> bool {
        *self != Self::default()
    }

    /// The same as the library knows it.
    pub fn filter(&self, today: Date) -> RunFilter {
        let (since_unix_millis, until_unix_millis) = self.when.bounds(today);
        RunFilter {
            scenario: self.scenario.clone(),
            environment: self.environment.clone(),
            label: self.label.clone(),
            verdict: self.verdict,
            quality: self.quality,
            starred_only: self.starred_only,
            since_unix_millis,
            until_unix_millis,
            text: self.text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const DAY: i64 = 86_400_000;

    #[test]
    fn stretches_of_days_begin_and_end_at_midnight() {
        let today = date(2026, 11, 26);
        let midnight = begin_of(today).unwrap();
        assert_eq!(When::LastDays(1).bounds(today), (Some(midnight), None));
        assert_eq!(When::LastDays(7).bounds(today), (Some(midnight - 6 * DAY), None));
        let between = When::Between { from: Some(date(2026, 11, 24)), to: Some(today) };
        assert_eq!(between.bounds(today), (Some(midnight - 2 * DAY), Some(midnight + DAY)));
        assert_eq!(When::Any.bounds(today), (None, None));
    }

    #[test]
    fn days_are_read_as_they_are_shown() {
        assert_eq!(read_day(" 2026-11-26 "), Ok(Some(date(2026, 11, 26))));
        assert_eq!(read_day(""), Ok(None));
        assert!(read_day("26.11.").is_err() && read_day("2026-13-01").is_err());
    }

    #[test]
    fn a_filter_without_a_choice_is_not_set() {
        let mut choice = FilterChoice::default();
        assert!(!choice.is_set());
        choice.when = When::LastDays(7);
        assert!(choice.is_set());
        assert_eq!(choice.when.words().as_deref(), Some("Last 7 days"));
    }
}
