//! One request and its answer in full, as they are shown when an iteration is sent once.
//!
//! Texts are bounded and hold no secrets; nothing of this is kept with a run.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{Outcome, RequestPhase};
use crate::model::{Check, ExtractSource};

/// Values of variables by name; none where a variable has no value yet.
pub type Variables = BTreeMap<String, Option<String>>;

/// What one step of an iteration did.
#[derive(Clone, Debug, PartialEq)]
pub struct StepExchange {
    /// Index into [`Scenario::steps`](crate::model::Scenario::steps).
    pub step: usize,
    pub name: String,
    /// The step's own request, then those that redirects led to; none where it could not be sent.
    pub requests: Vec<SentRequest>,
    /// The last answer, if it came whole.
    pub answer: Option<ShownAnswer>,
    pub outcome: Outcome,
    /// Why it failed; none where all is as asked for.
    pub failure: Option<ShownFailure>,
    /// From the send to the end of the answer.
    pub service_time: Duration,
    /// The phases that it had, in order.
    pub phases: Vec<(RequestPhase, Duration)>,
    pub n_connections: u32,
    /// Whether it was sent again on a new connection, because an idle one turned out to be closed.
    pub reconnected: bool,
    pub bytes_sent: u64,
    pub bytes_received: u64,
    pub before: Variables,
    pub after: Variables,
    pub checks: Vec<CheckResult>,
    pub extracts: Vec<ExtractResult>,
}

/// A request as it went out.
#[derive(Clone, Debug, PartialEq)]
pub struct SentRequest {
    pub method: String,
    pub url: String,
    /// In the order in which they were sent.
    pub headers: Vec<(String, String)>,
    pub body: ShownBody,
    /// The status that answered it, where that was a redirect to the next.
    pub redirected_by: Option<u16>,
}

/// An answer as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct ShownAnswer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: ShownBody,
}

/// A body as far as it is shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShownBody {
    /// Its beginning, if that is text; unpacked, where it came packed.
    pub text: Option<String>,
    /// Size as it went over the network.
    pub n_bytes: u64,
    /// Whether `text` is all of it.
    pub complete: bool,
}

/// Why a step failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownFailure {
    /// What such failures have in common: the words that a run groups them by.
    pub signature: String,
    /// The whole story of this one, where there is more to tell.
    pub detail: String,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckResult {
    pub asked: Asked,
    pub passed: bool,
    pub found: Found,
}

/// What was asked of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    /// One of these statuses; where there is none, one below 400.
    Status(Vec<u16>),
    /// Any other check.
    Check(Check),
}

/// What stood where a check or an extract looked.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    Nothing,
    Status(u16),
    Time(Duration),
    /// In bytes.
    Size(u64),
    Text(String),
    /// The body is longer than the engine keeps, and was not looked into.
    TooLong,
}

/// What an extract found.
#[derive(Clone, Debug, PartialEq)]
pub struct ExtractResult {
    pub name: String,
    pub source: ExtractSource,
    pub found: Found,
    /// Whether the variable got it: only an answer that is as asked for gives values.
    pub taken: bool,
}

impl StepExchange {
    /// Whether the step did all that was asked of it.
    pub fn is_ok(&self) -> bool {
        self.outcome.is_ok()
    }
}

impl ShownBody {
    /// A body of `n_bytes`, of which `kept` is the beginning, or all if it is complete.
    pub fn new(kept: &[u8], n_bytes: u64, complete: bool) -> Self {
        let text = match std::str::from_utf8(kept) {
            Ok(text) => Some(text),
            // The cut may go through a character.
            Err(error) if !complete && error.error_len().is_none() => {
                std::str::from_utf8(&kept[..error.valid_up_to()]).ok()
            }
            Err(_) => None,
        };
        Self { text: text.map(str::to_owned), n_bytes, complete }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_text_or_only_counted() {
        assert_eq!(ShownBody::new("süß".as_bytes(), 5, true).text.as_deref(), Some("süß"));
        assert_eq!(ShownBody::new(&[0xff, 0xfe], 2, true).text, None);
    }

    #[test]
    fn a_cut_through_a_character_leaves_the_text_before_it() {
        let cut = ShownBody::new(&"süß".as_bytes()[..4], 900, false);
        assert_eq!((cut.text.as_deref(), cut.complete), (Some("sü"), false));
        assert_eq!(ShownBody::new(&"süß".as_bytes()[..4], 4, true).text, None);
    }
}
