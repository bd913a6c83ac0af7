//! Judging answers: one by one, without a network.

use std::collections::BTreeMap;

use bytes::Bytes;
use reqwest::header::HeaderMap;

use super::*;
use crate::engine::testing::step;
use crate::model::{Extract, ExtractSource};

fn answer(status: u16, body: &'static str) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/json; charset=utf-8".parse().unwrap());
    Answer {
        status,
        headers: headers.into(),
        body: Bytes::from_static(body.as_bytes()),
        packed: None,
        body_complete: true,
        n_body_bytes: body.len() as u64,
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
    let header = |text: &str| vec![Check::HeaderContains { name: "Content-Type".into(), text: text.into() }];
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
    described.extracts = vec![Extract { name: "id".into(), source: ExtractSource::JsonPath("$.id".into()) }];
    let constants = BTreeMap::new();
    let mut slots = Slots { constants: &constants, names: vec![] };
    let expectations = Expectations::prepare(&described, &mut slots).unwrap();
    let mut values = slots.initial_values();
    expectations.judge(&answer(200, r#"{"id": 12}"#), Duration::ZERO, &mut values).unwrap();
    assert_eq!(values, [Some("12".to_owned())]);
    expectations.judge(&answer(200, "{}"), Duration::ZERO, &mut values).unwrap();
    assert_eq!(values, [None]);
}

fn extracted(source: ExtractSource, answer: &Answer) -> Option<String> {
    let mut described = step("/");
    described.extracts = vec![Extract { name: "x".into(), source }];
    let constants = BTreeMap::new();
    let mut slots = Slots { constants: &constants, names: vec![] };
    let expectations = Expectations::prepare(&described, &mut slots).unwrap();
    let mut values = slots.initial_values();
    expectations.judge(answer, Duration::ZERO, &mut values).unwrap();
    values.remove(0)
}

#[test]
fn a_regular_expression_looks_anywhere_in_the_body() {
    let right = answer(200, "order 4711 is open");
    check(vec![Check::BodyMatches(r"order \d{4} ".into())], &right, None);
    check(
        vec![Check::BodyMatches("^open$".into())],
        &right,
        Some((Outcome::Check, "body does not match `^open$`")),
    );
}

#[test]
fn a_size_is_within_its_bounds() {
    let right = answer(200, "12345");
    let size = |min, max| vec![Check::Size { min, max }];
    check(size(Some(5), Some(5)), &right, None);
    check(size(Some(6), None), &right, Some((Outcome::Check, "body is shorter than 6 bytes")));
    check(size(None, Some(4)), &right, Some((Outcome::Check, "body is longer than 4 bytes")));
    check(size(Some(6), Some(9)), &right, Some((Outcome::Check, "body is not between 6 and 9 bytes long")));
}

#[test]
fn a_size_needs_no_body_but_its_length() {
    let mut described = step("/");
    described.checks = vec![Check::Size { min: Some(9_000_000), max: None }];
    let constants = BTreeMap::new();
    let mut slots = Slots { constants: &constants, names: vec![] };
    let expectations = Expectations::prepare(&described, &mut slots).unwrap();
    assert!(!expectations.want_body() && !expectations.want_headers());
    let long = Answer { n_body_bytes: 9_000_000, body_complete: false, ..answer(200, "") };
    expectations.judge(&long, Duration::ZERO, &mut vec![]).unwrap();
}

#[test]
fn a_body_that_is_too_long_to_be_kept_is_said_to_be() {
    let long = Answer { body_complete: false, ..answer(200, "beginning") };
    let expected = Some((Outcome::Check, "body longer than 1048576 bytes: not looked into"));
    check(vec![Check::BodyContains("beginning".into())], &long, expected);
    check(vec![Check::BodyMatches("beginning".into())], &long, expected);
}

#[test]
fn a_regular_expression_gives_its_first_group_or_all_of_its_match() {
    let page = answer(200, r#"<input name="csrf" value="a1b2"> <a href="/x">"#);
    let regex = |pattern: &str| extracted(ExtractSource::Regex(pattern.into()), &page);
    assert_eq!(regex(r#"name="csrf" value="([^"]+)""#).as_deref(), Some("a1b2"));
    assert_eq!(regex("a1b.").as_deref(), Some("a1b2"));
    assert_eq!(regex("a1b(c)?").as_deref(), None);
    assert_eq!(regex("nowhere"), None);
}

#[test]
fn headers_and_cookies_give_their_values() {
    let mut headers = HeaderMap::new();
    headers.insert("location", "/orders/7".parse().unwrap());
    for cookie in ["session=old; Path=/", "other=1", "session=n%65w; HttpOnly"] {
        headers.append("set-cookie", cookie.parse().unwrap());
    }
    let made = Answer { headers: headers.into(), ..answer(201, "") };
    assert_eq!(extracted(ExtractSource::Header("Location".into()), &made).as_deref(), Some("/orders/7"));
    assert_eq!(extracted(ExtractSource::Header("etag".into()), &made), None);
    // As it stands in the header: it is sent back like that.
    assert_eq!(extracted(ExtractSource::Cookie("session".into()), &made).as_deref(), Some("n%65w"));
    assert_eq!(extracted(ExtractSource::Cookie("Session".into()), &made), None);
}

#[test]
fn cheap_checks_are_made_first() {
    let checks = vec![Check::BodyContains("x".into()), Check::MaxDuration(Duration::from_millis(10))];
    check(checks, &answer(200, ""), Some((Outcome::Check, "took longer than 10ms")));
}

#[test]
fn several_values_are_taken_out_of_one_answer() {
    let mut described = step("/");
    let extract =
        |name: &str, path: &str| Extract { name: name.into(), source: ExtractSource::JsonPath(path.into()) };
    described.extracts = vec![extract("a", "$.a"), extract("b", "$.b"), extract("c", "$.c")];
    let constants = BTreeMap::from([("c".to_owned(), "0".to_owned())]);
    let mut slots = Slots { constants: &constants, names: vec![] };
    let expectations = Expectations::prepare(&described, &mut slots).unwrap();
    let mut values = slots.initial_values();
    expectations.judge(&answer(200, r#"{"a": 1, "b": "two"}"#), Duration::ZERO, &mut values).unwrap();
    assert_eq!(values, [Some("1".to_owned()), Some("two".to_owned()), None]);
}
