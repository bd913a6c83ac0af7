//! One extract, parsed once: the value that it finds in an answer.

use cookie_store::RawCookie;
use regex::bytes::Regex;
use reqwest::header::{HeaderName, SET_COOKIE};
use serde_json_path::JsonPath;

use super::look::{Look, header_name, parse_path, parse_regex, text_of};
use crate::engine::request::Unsendable;
use crate::model::ExtractSource;

/// An extract and the slot of its variable.
pub(super) struct PreparedExtract {
    pub slot: usize,
    source: Source,
}

enum Source {
    JsonPath(JsonPath),
    Regex(Regex),
    Header(HeaderName),
    Cookie(String),
}

impl PreparedExtract {
    pub fn new(slot: usize, source: &ExtractSource) -> Result<Self, Unsendable> {
        let source = match source {
            ExtractSource::JsonPath(path) => Source::JsonPath(parse_path(path)?),
            ExtractSource::Regex(pattern) => Source::Regex(parse_regex(pattern)?),
            ExtractSource::Header(name) => Source::Header(header_name(name)?),
            ExtractSource::Cookie(name) => Source::Cookie(name.clone()),
        };
        Ok(Self { slot, source })
    }

    pub fn looks_into_body(&self) -> bool {
        matches!(self.source, Source::JsonPath(_) | Source::Regex(_))
    }

    /// The value, where there is one.
    pub fn find(&self, look: &Look<'_>) -> Option<String> {
        match &self.source {
            Source::JsonPath(path) => {
                path.query(look.json()).first().map(|found| text_of(found).into_owned())
            }
            Source::Regex(pattern) => {
                let captures = pattern.captures(&look.answer.body)?;
                // An optional group may have taken no part in the match.
                let found = captures.get(usize::from(captures.len() > 1))?;
                Some(String::from_utf8_lossy(found.as_bytes()).into_owned())
            }
            Source::Header(name) => {
                look.answer.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into())
            }
            Source::Cookie(name) => cookie(look, name),
        }
    }
}

/// The value of a cookie as the answer sets it; where it does so more than once, the last counts, as for a browser.
fn cookie(look: &Look<'_>, name: &str) -> Option<String> {
    let set = look.answer.headers.get_all(&SET_COOKIE);
    let parsed = set.filter_map(|value| RawCookie::parse(std::str::from_utf8(value.as_bytes()).ok()?).ok());
    parsed.filter(|cookie| cookie.name() == name).last().map(|cookie| cookie.value().to_owned())
}
