//! One check, parsed once: whether an answer holds it, and what stands where it looks.

use std::time::Duration;

use regex::bytes::Regex;
use reqwest::header::HeaderName;
use serde_json_path::JsonPath;

use super::look::{Look, clipped_text, header_name, parse_path, parse_regex, text_of};
use crate::engine::request::Unsendable;
use crate::metrics::Found;
use crate::model::{Check, format_duration};

/// A check other than on the status.
pub(super) struct PreparedCheck {
    /// Its index among the step's checks.
    pub place: usize,
    /// What failures of it have in common.
    pub signature: String,
    test: Test,
}

// Cheapest first: the order in which they are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Clock,
    Size,
    Headers,
    Body,
}

enum Test {
    Duration(Duration),
    Size { min: Option<u64>, max: Option<u64> },
    Header { name: HeaderName, text: String },
    Contains(String),
    Matches(Regex),
    Exists(JsonPath),
    Equals { path: JsonPath, value: String },
}

impl PreparedCheck {
    /// Prepares a check; none for one on the status.
    pub fn new(place: usize, check: &Check) -> Result<Option<Self>, Unsendable> {
        let (test, signature) = match check {
            Check::Status(_) => return Ok(None),
            Check::BodyContains(text) => {
                (Test::Contains(text.clone()), format!("body does not contain `{text}`"))
            }
            Check::BodyMatches(pattern) => {
                (Test::Matches(parse_regex(pattern)?), format!("body does not match `{pattern}`"))
            }
            Check::JsonPathExists(path) => {
                (Test::Exists(parse_path(path)?), format!("`{path}` is not in the answer"))
            }
            Check::JsonPathEquals { path, value } => {
                let test = Test::Equals { path: parse_path(path)?, value: value.clone() };
                (test, format!("`{path}` is not `{value}`"))
            }
            Check::HeaderContains { name, text } => {
                let test = Test::Header { name: header_name(name)?, text: text.clone() };
                (test, format!("header `{name}` does not contain `{text}`"))
            }
            Check::Size { min, max } => (Test::Size { min: *min, max: *max }, size_signature(*min, *max)),
            Check::MaxDuration(limit) => {
                (Test::Duration(*limit), format!("took longer than {}", format_duration(*limit)))
            }
        };
        Ok(Some(Self { place, signature, test }))
    }

    /// Sorts checks so that the cheapest are made first.
    pub fn sort(checks: &mut [Self]) {
        checks.sort_by_key(|check| check.kind());
    }

    pub fn looks_into_body(&self) -> bool {
        self.kind() == Kind::Body
    }

    pub fn looks_into_headers(&self) -> bool {
        self.kind() == Kind::Headers
    }

    fn kind(&self) -> Kind {
        match &self.test {
            Test::Duration(_) => Kind::Clock,
            Test::Size { .. } => Kind::Size,
            Test::Header { .. } => Kind::Headers,
            Test::Contains(_) | Test::Matches(_) | Test::Exists(_) | Test::Equals { .. } => Kind::Body,
        }
    }

    /// Whether the answer is as the check asks; one on the body is to be asked only of a body that is whole.
    pub fn holds(&self, look: &Look<'_>) -> bool {
        let body = &look.answer.body;
        match &self.test {
            Test::Duration(limit) => look.service_time <= *limit,
            Test::Size { min, max } => {
                let n_bytes = look.answer.n_body_bytes;
                min.is_none_or(|min| n_bytes >= min) && max.is_none_or(|max| n_bytes <= max)
            }
            Test::Header { name, text } => {
                let mut values = look.answer.headers.get_all(name);
                values.any(|value| contains(value.as_bytes(), text.as_bytes()))
            }
            Test::Contains(text) => contains(body, text.as_bytes()),
            Test::Matches(pattern) => pattern.is_match(body),
            Test::Exists(path) => path.query(look.json()).first().is_some(),
            Test::Equals { path, value } => {
                path.query(look.json()).first().is_some_and(|found| text_of(found) == *value)
            }
        }
    }

    /// What stands where the check looks, whether it holds or not.
    pub fn found(&self, look: &Look<'_>) -> Found {
        match &self.test {
            Test::Duration(_) => Found::Time(look.service_time),
            Test::Size { .. } => Found::Size(look.answer.n_body_bytes),
            Test::Header { name, .. } => {
                let values = look.answer.headers.get_all(name).map(|value| value.as_bytes());
                let values: Vec<_> = values.map(String::from_utf8_lossy).collect();
                if values.is_empty() { Found::Nothing } else { clipped_text(&values.join(", ")) }
            }
            Test::Contains(text) if self.holds(look) => clipped_text(text),
            Test::Contains(_) => Found::Nothing,
            Test::Matches(pattern) => pattern
                .find(&look.answer.body)
                .map_or(Found::Nothing, |found| clipped_text(&String::from_utf8_lossy(found.as_bytes()))),
            Test::Exists(path) | Test::Equals { path, .. } => {
                path.query(look.json()).first().map_or(Found::Nothing, |found| clipped_text(&text_of(found)))
            }
        }
    }
}

fn size_signature(min: Option<u64>, max: Option<u64>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!("body is not between {min} and {max} bytes long"),
        (Some(min), None) => format!("body is shorter than {min} bytes"),
        (None, Some(max)) => format!("body is longer than {max} bytes"),
        (None, None) => "body has no size".to_owned(),
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    needle.is_empty() || haystack.windows(needle.len()).any(|window| window == needle)
}
