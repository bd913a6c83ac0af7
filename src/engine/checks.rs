//! What a step asks of its answer: checks, and values taken out into variables.

use std::{borrow::Cow, time::Duration};

use reqwest::header::HeaderName;
use serde_json::Value;
use serde_json_path::JsonPath;

use super::request::{Slots, Unsendable, Values};
use super::transport::{Answer, MAX_KEPT_BODY};
use crate::metrics::Outcome;
use crate::model::{Check, ExtractSource, Step, format_duration};

/// A step's checks and extracts, parsed once.
pub(super) struct Expectations {
    /// Allowed status codes; empty allows everything below 400.
    statuses: Vec<u16>,
    on_body: Vec<BodyCheck>,
    on_headers: Vec<HeaderCheck>,
    max_duration: Option<MaxDuration>,
    extracts: Vec<PreparedExtract>,
    parses_json: bool,
}

enum BodyCheck {
    Contains { text: String, signature: String },
    Exists { path: JsonPath, signature: String },
    Equals { path: JsonPath, value: String, signature: String },
}

struct HeaderCheck {
    name: HeaderName,
    text: String,
    signature: String,
}

struct MaxDuration {
    limit: Duration,
    signature: String,
}

struct PreparedExtract {
    slot: usize,
    path: JsonPath,
}

/// Why an answer is not what the step asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault<'a> {
    pub outcome: Outcome,
    pub signature: Cow<'a, str>,
}

impl Expectations {
    pub fn prepare(step: &Step, slots: &mut Slots<'_>) -> Result<Self, Unsendable> {
        let mut expectations = Self {
            statuses: Vec::new(),
            on_body: Vec::new(),
            on_headers: Vec::new(),
            max_duration: None,
            extracts: Vec::new(),
            parses_json: false,
        };
        for check in &step.checks {
            expectations.add(check)?;
        }
        for extract in &step.extracts {
            let ExtractSource::JsonPath(path) = &extract.source else {
                return Err(Unsendable(format!("`{}` cannot be extracted yet", extract.name)));
            };
            let path = parse_path(path)?;
            expectations.extracts.push(PreparedExtract { slot: slots.slot_of(&extract.name), path });
            expectations.parses_json = true;
        }
        Ok(expectations)
    }

    fn add(&mut self, check: &Check) -> Result<(), Unsendable> {
        match check {
            Check::Status(status) => self.statuses.push(*status),
            Check::BodyContains(text) => {
                let signature = format!("body does not contain `{text}`");
                self.on_body.push(BodyCheck::Contains { text: text.clone(), signature });
            }
            Check::JsonPathExists(path) => {
                let signature = format!("`{path}` is not in the answer");
                self.on_body.push(BodyCheck::Exists { path: parse_path(path)?, signature });
                self.parses_json = true;
            }
            Check::JsonPathEquals { path, value } => {
                let signature = format!("`{path}` is not `{value}`");
                let (path, value) = (parse_path(path)?, value.clone());
                self.on_body.push(BodyCheck::Equals { path, value, signature });
                self.parses_json = true;
            }
            Check::HeaderContains { name, text } => {
                let signature = format!("header `{name}` does not contain `{text}`");
                let name = HeaderName::from_bytes(name.as_bytes())
                    .map_err(|_| Unsendable(format!("`{name}` is no header name")))?;
                self.on_headers.push(HeaderCheck { name, text: text.clone(), signature });
            }
            Check::BodyMatches(_) | Check::Size { .. } => {
                return Err(Unsendable("this check cannot be made yet".to_owned()));
            }
            Check::MaxDuration(limit) => {
                let limit = self.max_duration.as_ref().map_or(*limit, |other| other.limit.min(*limit));
                let signature = format!("took longer than {}", format_duration(limit));
                self.max_duration = Some(MaxDuration { limit, signature });
            }
        }
        Ok(())
    }

    /// Whether the answer's whole body is needed.
    pub fn want_body(&self) -> bool {
        !self.on_body.is_empty() || !self.extracts.is_empty()
    }

    /// Whether the answer's headers are needed.
    pub fn want_headers(&self) -> bool {
        !self.on_headers.is_empty()
    }

    /// Judges an answer, and takes values out of it if it is right; the first fault counts.
    pub fn judge(
        &self,
        answer: &Answer,
        service_time: Duration,
        values: &mut Values,
    ) -> Result<(), Fault<'_>> {
        self.judge_status(answer.status)?;
        if let Some(max) = self.max_duration.as_ref().filter(|max| service_time > max.limit) {
            return Err(failed_check(&max.signature));
        }
        for check in &self.on_headers {
            let mut headers = answer.headers.get_all(&check.name);
            if !headers.any(|value| contains(value.as_bytes(), check.text.as_bytes())) {
                return Err(failed_check(&check.signature));
            }
        }
        if self.want_body() { self.judge_body(answer, values) } else { Ok(()) }
    }

    fn judge_status(&self, status: u16) -> Result<(), Fault<'_>> {
        let right = if self.statuses.is_empty() { status < 400 } else { self.statuses.contains(&status) };
        if right {
            return Ok(());
        }
        let signature = match self.statuses.first() {
            Some(expected) if status < 400 => format!("HTTP {status} instead of {expected}"),
            _ => format!("HTTP {status}"),
        };
        Err(Fault { outcome: Outcome::Status, signature: Cow::Owned(signature) })
    }

    fn judge_body(&self, answer: &Answer, values: &mut Values) -> Result<(), Fault<'_>> {
        if !answer.body_complete {
            let signature = format!("body longer than {MAX_KEPT_BODY} bytes: not looked into");
            return Err(Fault { outcome: Outcome::Check, signature: Cow::Owned(signature) });
        }
        // A body that is no JSON has none of the paths.
        let json = if self.parses_json {
            serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
        } else {
            Value::Null
        };
        for check in &self.on_body {
            let (holds, signature) = match check {
                BodyCheck::Contains { text, signature } => {
                    (contains(&answer.body, text.as_bytes()), signature)
                }
                BodyCheck::Exists { path, signature } => (path.query(&json).first().is_some(), signature),
                BodyCheck::Equals { path, value, signature } => {
                    (path.query(&json).first().is_some_and(|found| text_of(found) == *value), signature)
                }
            };
            if !holds {
                return Err(failed_check(signature));
            }
        }
        for extract in &self.extracts {
            values[extract.slot] = extract.path.query(&json).first().map(|found| text_of(found).into_owned());
        }
        Ok(())
    }
}

fn failed_check(signature: &str) -> Fault<'_> {
    Fault { outcome: Outcome::Check, signature: Cow::Borrowed(signature) }
}

fn parse_path(path: &str) -> Result<JsonPath, Unsendable> {
    JsonPath::parse(path).map_err(|error| Unsendable(format!("`{path}` is no JSONPath: {error}")))
}

fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    needle.is_empty() || haystack.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bytes::Bytes;
    use reqwest::header::HeaderMap;

    use super::*;
    use crate::engine::testing::step;
    use crate::model::Extract;

    fn answer(status: u16, body: &'static str) -> Answer {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "application/json; charset=utf-8".parse().unwrap());
        Answer {
            status,
            headers: headers.into(),
            body: Bytes::from_static(body.as_bytes()),
            body_complete: true,
        }
    }

    fn check(checks: Vec<Check>, answer: &Answer, expected: Option<(Outcome, &str)>) {
        let mut described = step("/");
        described.checks = checks;
        let constants = BTreeMap::new();
        let mut slots = Slots { constants: &constants, names: vec![] };
        let expectations = Expectations::prepare(&described, &mut slots).unwrap();
        let fault = expectations.judge(answer, Duration::from_millis(50), &mut vec![]).err();
        assert_eq!(
            fault
                .map(|fault| (fault.outcome, fault.signature.into_owned()))
                .as_ref()
                .map(|(o, s)| (*o, s.as_str())),
            expected
        );
    }

    #[test]
    fn statuses_of_400_and_more_are_errors_unless_asked_for() {
        check(vec![], &answer(302, ""), None);
        check(vec![], &answer(404, ""), Some((Outcome::Status, "HTTP 404")));
        check(vec![Check::Status(404)], &answer(404, ""), None);
        check(vec![Check::Status(201)], &answer(200, ""), Some((Outcome::Status, "HTTP 200 instead of 201")));
        check(vec![Check::Status(200), Check::Status(201)], &answer(201, ""), None);
    }

    #[test]
    fn bodies_and_headers_are_looked_into() {
        let right = answer(200, r#"{"items": [{"id": 4}], "state": "open"}"#);
        check(vec![Check::BodyContains("items".into())], &right, None);
        check(vec![Check::JsonPathExists("$.items[0].id".into())], &right, None);
        check(
            vec![Check::JsonPathExists("$.items[1]".into())],
            &right,
            Some((Outcome::Check, "`$.items[1]` is not in the answer")),
        );
        let equals =
            |path: &str, value: &str| vec![Check::JsonPathEquals { path: path.into(), value: value.into() }];
        check(equals("$.state", "open"), &right, None);
        check(equals("$.items[0].id", "4"), &right, None);
        check(equals("$.state", "shut"), &right, Some((Outcome::Check, "`$.state` is not `shut`")));
        let header =
            |text: &str| vec![Check::HeaderContains { name: "Content-Type".into(), text: text.into() }];
        check(header("json"), &right, None);
        check(header("xml"), &right, Some((Outcome::Check, "header `Content-Type` does not contain `xml`")));
        check(
            vec![Check::JsonPathExists("$.a".into())],
            &answer(200, "<html>"),
            Some((Outcome::Check, "`$.a` is not in the answer")),
        );
    }

    #[test]
    fn a_value_is_taken_out_only_where_it_is() {
        let mut described = step("/");
        described.extracts =
            vec![Extract { name: "id".into(), source: ExtractSource::JsonPath("$.id".into()) }];
        let constants = BTreeMap::new();
        let mut slots = Slots { constants: &constants, names: vec![] };
        let expectations = Expectations::prepare(&described, &mut slots).unwrap();
        let mut values = slots.initial_values();
        expectations.judge(&answer(200, r#"{"id": 12}"#), Duration::ZERO, &mut values).unwrap();
        assert_eq!(values, [Some("12".to_owned())]);
        expectations.judge(&answer(200, "{}"), Duration::ZERO, &mut values).unwrap();
        assert_eq!(values, [None]);
    }
}
