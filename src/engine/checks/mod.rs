//! What a step asks of its answer: checks, and values taken out into variables.
//!
//! A run stops at the first fault; sending once looks at everything.

mod check;
mod examine;
mod extract;
mod look;

#[cfg(test)]
mod tests;

use std::{borrow::Cow, time::Duration};

use super::request::{Slots, Unsendable, Values};
use super::transport::{Answer, MAX_KEPT_BODY};
use crate::metrics::Outcome;
use crate::model::{Check, Step};

use check::PreparedCheck;
use extract::PreparedExtract;
use look::Look;

/// A step's checks and extracts, parsed once.
pub(super) struct Expectations {
    /// Allowed status codes; empty allows everything below 400.
    statuses: Vec<u16>,
    /// All other checks, the cheapest first.
    checks: Vec<PreparedCheck>,
    extracts: Vec<PreparedExtract>,
    extracts_from_body: bool,
}

/// Why an answer is not what the step asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault<'a> {
    pub outcome: Outcome,
    pub signature: Cow<'a, str>,
}

impl Expectations {
    pub fn prepare(step: &Step, slots: &mut Slots<'_>) -> Result<Self, Unsendable> {
        let (mut statuses, mut checks) = (Vec::new(), Vec::new());
        for (place, check) in step.checks.iter().enumerate() {
            if let Check::Status(status) = check {
                statuses.push(*status);
            }
            checks.extend(PreparedCheck::new(place, check)?);
        }
        PreparedCheck::sort(&mut checks);
        let mut extracts = Vec::with_capacity(step.extracts.len());
        for extract in &step.extracts {
            extracts.push(PreparedExtract::new(slots.slot_of(&extract.name), &extract.source)?);
        }
        let extracts_from_body = extracts.iter().any(PreparedExtract::looks_into_body);
        Ok(Self { statuses, checks, extracts, extracts_from_body })
    }

    /// Whether the answer's whole body is needed; its size is known without.
    pub fn want_body(&self) -> bool {
        self.extracts_from_body || self.checks.iter().any(PreparedCheck::looks_into_body)
    }

    /// Whether the answer's headers are needed.
    pub fn want_headers(&self) -> bool {
        self.checks.iter().any(PreparedCheck::looks_into_headers)
            || self.extracts.iter().any(|extract| !extract.looks_into_body())
    }

    /// Judges an answer, and takes values out of it if it is right; the first fault counts.
    pub fn judge(
        &self,
        answer: &Answer,
        service_time: Duration,
        values: &mut Values,
    ) -> Result<(), Fault<'_>> {
        self.judge_status(answer.status)?;
        let look = Look::at(answer, service_time);
        for check in &self.checks {
            if check.looks_into_body() && !answer.body_complete {
                return Err(body_too_long());
            }
            if !check.holds(&look) {
                let signature = Cow::Borrowed(check.signature.as_str());
                return Err(Fault { outcome: Outcome::Check, signature });
            }
        }
        if self.extracts_from_body && !answer.body_complete {
            return Err(body_too_long());
        }
        for extract in &self.extracts {
            values[extract.slot] = extract.find(&look);
        }
        Ok(())
    }

    fn allows(&self, status: u16) -> bool {
        if self.statuses.is_empty() { status < 400 } else { self.statuses.contains(&status) }
    }

    fn judge_status(&self, status: u16) -> Result<(), Fault<'_>> {
        if self.allows(status) {
            return Ok(());
        }
        let signature = match self.statuses.first() {
            Some(expected) if status < 400 => format!("HTTP {status} instead of {expected}"),
            _ => format!("HTTP {status}"),
        };
        Err(Fault { outcome: Outcome::Status, signature: Cow::Owned(signature) })
    }
}

fn body_too_long() -> Fault<'static> {
    let signature = format!("body longer than {MAX_KEPT_BODY} bytes: not looked into");
    Fault { outcome: Outcome::Check, signature: Cow::Owned(signature) }
}
