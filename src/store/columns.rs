//! Values as columns: durations as nanoseconds, words and lists as text, counts as SQLite's signed numbers.

use std::time::Duration;

use rusqlite::{Row, types::Type};
use serde::{Serialize, de::DeserializeOwned};

/// Nanoseconds; more than 292 years saturate.
pub(super) fn nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}

pub(super) fn to_json(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

/// A unit variant's name as its type writes it, without JSON's quotes.
pub(super) fn to_word(value: &impl Serialize) -> rusqlite::Result<String> {
    to_json(value).map(|json| json.trim_matches('"').to_owned())
}

/// Reads the columns of a row one after the other, so that a statement and its reader list them once.
pub(super) struct Columns<'a> {
    row: &'a Row<'a>,
    next: usize,
}

impl<'a> Columns<'a> {
    pub(super) fn new(row: &'a Row<'a>) -> Self {
        Self { row, next: 0 }
    }

    pub(super) fn next<T: rusqlite::types::FromSql>(&mut self) -> rusqlite::Result<T> {
        self.next += 1;
        self.row.get(self.next - 1)
    }

    /// A blob where it lies.
    pub(super) fn bytes(&mut self) -> rusqlite::Result<&'a [u8]> {
        self.next += 1;
        let value = self.row.get_ref(self.next - 1)?;
        value.as_blob().map_err(|error| self.unreadable(error.into()))
    }

    pub(super) fn duration(&mut self) -> rusqlite::Result<Duration> {
        self.count().map(Duration::from_nanos)
    }

    /// A count kept bit by bit.
    pub(super) fn count(&mut self) -> rusqlite::Result<u64> {
        self.next::<i64>().map(i64::cast_unsigned)
    }

    /// A ratio; SQLite keeps "not a number" as null.
    pub(super) fn ratio(&mut self) -> rusqlite::Result<f64> {
        Ok(self.next::<Option<f64>>()?.unwrap_or(f64::NAN))
    }

    pub(super) fn json<T: DeserializeOwned>(&mut self) -> rusqlite::Result<T> {
        let text: String = self.next()?;
        serde_json::from_str(&text).map_err(|error| self.unreadable(error.into()))
    }

    pub(super) fn optional_json<T: DeserializeOwned>(&mut self) -> rusqlite::Result<Option<T>> {
        let text: Option<String> = self.next()?;
        text.map(|text| serde_json::from_str(&text).map_err(|error| self.unreadable(error.into())))
            .transpose()
    }

    pub(super) fn word<T: DeserializeOwned>(&mut self) -> rusqlite::Result<T> {
        let word: String = self.next()?;
        serde_json::from_value(word.into()).map_err(|error| self.unreadable(error.into()))
    }

    /// Says that the column read last holds something else than it should.
    pub(super) fn unreadable(&self, why: Box<dyn std::error::Error + Send + Sync>) -> rusqlite::Error {
        rusqlite::Error::FromSqlConversionFailure(self.next.saturating_sub(1), Type::Text, why)
    }
}
