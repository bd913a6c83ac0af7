//! All checks and extracts of one answer, each with what it found: for the eye, never in a run.

use std::time::Duration;

use super::Expectations;
use super::look::{Look, clipped_text};
use crate::engine::request::Values;
use crate::engine::transport::Answer;
use crate::metrics::{Asked, CheckResult, ExtractResult, Found};
use crate::model::Step;

impl Expectations {
    /// Looks at everything that `step`, whose expectations these are, asks of an answer, in its order.
    pub fn examine(
        &self,
        step: &Step,
        answer: &Answer,
        service_time: Duration,
    ) -> (Vec<CheckResult>, Vec<ExtractResult>) {
        let look = Look::at(answer, service_time);
        let taken = self.judge(answer, service_time, &mut self.scratch()).is_ok();
        let mut others: Vec<_> = self.checks.iter().collect();
        others.sort_by_key(|check| check.place);
        let mut results = vec![CheckResult {
            asked: Asked::Status(self.statuses.clone()),
            passed: self.allows(answer.status),
            found: Found::Status(answer.status),
        }];
        results.extend(others.into_iter().map(|check| {
            let readable = answer.body_complete || !check.looks_into_body();
            CheckResult {
                asked: Asked::Check(step.checks[check.place].clone()),
                passed: readable && check.holds(&look),
                found: if readable { check.found(&look) } else { Found::TooLong },
            }
        }));
        let extracts = step.extracts.iter().zip(&self.extracts).map(|(described, extract)| {
            let readable = answer.body_complete || !extract.looks_into_body();
            let found = match readable.then(|| extract.find(&look)) {
                None => Found::TooLong,
                Some(None) => Found::Nothing,
                Some(Some(value)) => clipped_text(&value),
            };
            let taken = taken && matches!(found, Found::Text(_));
            ExtractResult { name: described.name.clone(), source: described.source.clone(), found, taken }
        });
        (results, extracts.collect())
    }

    /// Values that nobody will look at.
    fn scratch(&self) -> Values {
        vec![None; self.extracts.iter().map(|extract| extract.slot + 1).max().unwrap_or_default()]
    }
}
