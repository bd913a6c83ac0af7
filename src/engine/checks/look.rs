//! An answer as checks and extracts look at it, and what they are parsed with.

use std::{borrow::Cow, cell::OnceCell, time::Duration};

use regex::bytes::Regex;
use reqwest::header::HeaderName;
use serde_json::Value;
use serde_json_path::JsonPath;

use crate::engine::errors::clipped;
use crate::engine::request::Unsendable;
use crate::engine::transport::Answer;
use crate::metrics::Found;

/// One answer; its JSON is parsed when somebody asks for it, and once.
pub(super) struct Look<'a> {
    pub answer: &'a Answer,
    pub service_time: Duration,
    json: OnceCell<Value>,
}

impl<'a> Look<'a> {
    pub fn at(answer: &'a Answer, service_time: Duration) -> Self {
        Self { answer, service_time, json: OnceCell::new() }
    }

    /// The body as JSON. One that is no JSON has none of the paths.
    pub fn json(&self) -> &Value {
        self.json.get_or_init(|| serde_json::from_slice(&self.answer.body).unwrap_or(Value::Null))
    }
}

/// A value as text: that of a string without its quotes.
pub(super) fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

pub(super) fn clipped_text(text: &str) -> Found {
    Found::Text(clipped(text).to_owned())
}

pub(super) fn parse_path(path: &str) -> Result<JsonPath, Unsendable> {
    JsonPath::parse(path).map_err(|error| Unsendable(format!("`{path}` is no JSONPath: {error}")))
}

pub(super) fn parse_regex(pattern: &str) -> Result<Regex, Unsendable> {
    Regex::new(pattern).map_err(|error| Unsendable(format!("`{pattern}` is no regular expression: {error}")))
}

pub(super) fn header_name(name: &str) -> Result<HeaderName, Unsendable> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| Unsendable(format!("`{name}` is no header name")))
}
