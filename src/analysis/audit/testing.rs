//! What the tests of the audit share.

use std::time::Duration;

use crate::metrics::{Lookup, SampledAnswer};
use crate::model::{Journey, LoadModel, LoadProfile, Scenario, Step};

/// A clock that stands still.
pub fn no_time() -> Duration {
    Duration::ZERO
}

/// A scenario of one journey.
pub fn scenario(steps: impl Into<Vec<Step>>) -> Scenario {
    let load = LoadProfile {
        model: LoadModel::Closed,
        warm_up: std::time::Duration::ZERO,
        graceful_stop: LoadProfile::DEFAULT_GRACEFUL_STOP,
        stages: Vec::new(),
    };
    let journeys = vec![Journey { steps: steps.into(), ..Journey::new("journey") }];
    Scenario { journeys, ..Scenario::new("audited", "http://10.0.0.7", load) }
}

/// A whole answer with a body.
pub fn answer(step: u16, body: &[u8]) -> SampledAnswer {
    SampledAnswer {
        step,
        status: 200,
        headers: Vec::new(),
        body: body.to_vec(),
        body_bytes: body.len() as u64,
    }
}

/// The same with a header.
pub fn with_header(mut answer: SampledAnswer, name: &str, value: &str) -> SampledAnswer {
    answer.headers.push((name.to_owned(), value.to_owned()));
    answer
}

/// One request at a second, with what it got.
pub fn lookup(step: u16, key: u64, answer: u64, second: u32) -> Lookup {
    Lookup { step, key, answer, at_millis: second * 1_000, body_bytes: 10, n_requests: 1 }
}
