//! Checks learned from one answer: proposals with reasons, of which the analyst picks.

use std::time::Duration;

use serde_json::Value;

use crate::humanize;
use crate::metrics::{ShownBody, StepExchange};
use crate::model::{Check, JsonPlace, json_path};

/// A check that an answer suggests.
#[derive(Clone, Debug, PartialEq)]
pub struct LearnedCheck {
    pub check: Check,
    /// Why, in a sentence.
    pub reason: String,
}

/// Keys of JSON that are proposed at most.
const MAX_KEYS: usize = 12;
/// How far the size may be from what it was.
const SIZE_FACTOR: u64 = 2;
/// How much longer an answer may take than this one did.
const TIME_FACTOR: u32 = 5;

/// Checks that hold for this answer, without those that the step has already.
pub fn learn_checks(exchange: &StepExchange, present: &[Check]) -> Vec<LearnedCheck> {
    let Some(answer) = &exchange.answer else { return Vec::new() };
    let reason = if answer.status < 400 {
        "The status of this answer.".to_owned()
    } else {
        format!("The status of this answer, which is an error: only if {} is meant.", answer.status)
    };
    let mut proposals = vec![LearnedCheck { check: Check::Status(answer.status), reason }];
    let content_type = answer.headers.iter().find(|(name, _)| name == "content-type");
    if let Some((name, value)) = content_type {
        let kind = value.split(';').next().unwrap_or_default().trim();
        proposals.push(LearnedCheck {
            check: Check::HeaderContains { name: name.clone(), text: kind.to_owned() },
            reason: format!("The answer says that it is {kind}."),
        });
    }
    proposals.extend(keys(&answer.body));
    proposals.extend(size(answer.body.n_bytes));
    proposals.push(duration(exchange.service_time));
    proposals.retain(|proposal| !present.contains(&proposal.check));
    proposals
}

/// The keys of an object, or of the first item of a list.
fn keys(body: &ShownBody) -> Vec<LearnedCheck> {
    let whole = body.text.as_deref().filter(|_| body.complete);
    let json = whole.and_then(|text| serde_json::from_str::<Value>(text).ok());
    let (above, object, where_from) = match &json {
        Some(Value::Object(object)) => (vec![], object, "at the top of this answer"),
        Some(Value::Array(items)) => match items.first() {
            Some(Value::Object(object)) => {
                (vec![JsonPlace::Item(0)], object, "in the first item of this answer")
            }
            _ => return Vec::new(),
        },
        _ => return Vec::new(),
    };
    let path_of = |key: &str| json_path(&[above.as_slice(), &[JsonPlace::Key(key.to_owned())]].concat());
    object
        .keys()
        .take(MAX_KEYS)
        .map(|key| LearnedCheck {
            check: Check::JsonPathExists(path_of(key)),
            reason: format!("`{key}` stands {where_from}."),
        })
        .collect()
}

fn size(n_bytes: u64) -> Option<LearnedCheck> {
    let (min, max) = (n_bytes / SIZE_FACTOR, n_bytes * SIZE_FACTOR);
    (n_bytes > 0).then(|| LearnedCheck {
        check: Check::Size { min: Some(min), max: Some(max) },
        reason: format!("Half to double the {} of this answer.", humanize::bytes(n_bytes)),
    })
}

fn duration(service_time: Duration) -> LearnedCheck {
    let limit = rounded_up(service_time * TIME_FACTOR);
    LearnedCheck {
        check: Check::MaxDuration(limit),
        reason: format!(
            "{TIME_FACTOR} times the {} of this answer, rounded up. One answer says little of many: a threshold \
             judges those.",
            humanize::latency(service_time)
        ),
    }
}

/// The next of 1, 2, 5, 10, 20, 50 … milliseconds.
fn rounded_up(time: Duration) -> Duration {
    let mut step = Duration::from_millis(1);
    loop {
        for factor in [1, 2, 5] {
            if time <= step * factor {
                return step * factor;
            }
        }
        step *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Outcome, ShownAnswer, Variables};

    fn exchange(status: u16, body: &str) -> StepExchange {
        let answer = ShownAnswer {
            status,
            headers: vec![("content-type".into(), "application/json; charset=utf-8".into())],
            body: ShownBody::new(body.as_bytes(), body.len() as u64, true),
        };
        StepExchange {
            step: 0,
            name: "step".into(),
            requests: vec![],
            answer: Some(answer),
            outcome: Outcome::Ok,
            failure: None,
            service_time: Duration::from_micros(12_400),
            phases: vec![],
            n_connections: 1,
            reconnected: false,
            bytes_sent: 0,
            bytes_received: 0,
            before: Variables::new(),
            after: Variables::new(),
            checks: vec![],
            extracts: vec![],
        }
    }

    fn checks(status: u16, body: &str, present: &[Check]) -> Vec<Check> {
        learn_checks(&exchange(status, body), present).into_iter().map(|proposal| proposal.check).collect()
    }

    #[test]
    fn an_object_gives_its_keys_and_bounds() {
        let expected = [
            Check::Status(200),
            Check::HeaderContains { name: "content-type".into(), text: "application/json".into() },
            Check::JsonPathExists("$.id".into()),
            Check::JsonPathExists("$['odd key']".into()),
            Check::Size { min: Some(11), max: Some(44) },
            Check::MaxDuration(Duration::from_millis(100)),
        ];
        assert_eq!(checks(200, r#"{"id":1,"odd key":[2]}"#, &[]), expected);
        assert_eq!(checks(200, r#"{"id":1,"odd key":[2]}"#, &expected[..5]), expected[5..]);
    }

    #[test]
    fn a_list_gives_the_keys_of_its_first_item() {
        let checks = checks(200, r#"[{"id":1},{"other":2}]"#, &[]);
        assert_eq!(checks[2], Check::JsonPathExists("$[0].id".into()));
        assert_eq!(checks.len(), 5);
    }

    #[test]
    fn an_error_is_proposed_with_a_warning_and_no_answer_gives_nothing() {
        let proposals = learn_checks(&exchange(404, "gone"), &[]);
        assert!(proposals[0].reason.contains("only if 404 is meant"), "{}", proposals[0].reason);
        assert_eq!(learn_checks(&StepExchange { answer: None, ..exchange(200, "") }, &[]), []);
    }
}
