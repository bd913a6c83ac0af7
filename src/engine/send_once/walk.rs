//! The way through the steps, as a virtual user of a run takes it, with everything noted.

use std::time::Duration;

use rand::SeedableRng as _;
use rand_xoshiro::Xoshiro256PlusPlus;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use super::OnceEnd;
use crate::engine::feeders::Shortage;
use crate::engine::job::{PreparedJourney, PreparedStep};
use crate::engine::request::{Filling, Unsendable, Values};
use crate::engine::transport::{Answer, Exchange, Ready as _, Shows};
use crate::metrics::{Outcome, ShownAnswer, ShownBody, ShownFailure, StepExchange, Variables};
use crate::model::{Scenario, Step};

/// One iteration of a journey.
pub(super) struct Walk<'a> {
    pub scenario: &'a Scenario,
    pub journey: &'a PreparedJourney,
    pub cancel: &'a CancellationToken,
}

/// A step under way.
struct Under<'a> {
    prepared: &'a PreparedStep,
    described: &'a Step,
    before: Variables,
}

impl Walk<'_> {
    /// Walks through all steps. A failed step does not end the iteration; one that cannot be sent does.
    pub async fn through<T: Shows>(&self, transport: &T, mut tell: impl FnMut(StepExchange)) -> OnceEnd {
        let mut session = T::Session::default();
        let mut values = self.journey.initial_values.clone();
        // Not the run's seed: what is drawn is to be new each time.
        let mut random = Xoshiro256PlusPlus::from_rng(&mut rand::rng());
        let mut begun = self.feed(&mut values, &mut random);
        let described: Vec<&Step> = self.scenario.steps().map(|(_, step)| step).collect();
        for prepared in &self.journey.steps {
            let under = Under {
                prepared,
                described: described[usize::from(prepared.index)],
                before: self.variables(&values),
            };
            let mut filling = Filling::new(&values, &mut random);
            let ready = std::mem::replace(&mut begun, Ok(()))
                .and_then(|()| transport.ready(&mut session, &prepared.request, &mut filling));
            let request = match ready {
                Ok(request) => request,
                Err(unsendable) => {
                    tell(under.unsent(&unsendable));
                    return OnceEnd::Completed;
                }
            };
            let sent_at = Instant::now();
            let exchanging =
                timeout(prepared.timeout, transport.exchange(&mut session, &request, sent_at, false));
            let exchange = tokio::select! {
                biased;
                () = self.cancel.cancelled() => return OnceEnd::Cancelled,
                exchange = exchanging => {
                    exchange.unwrap_or_else(|_| Exchange::timed_out(request.n_bytes()))
                }
            };
            let service_time = exchange.ended.saturating_duration_since(sent_at);
            let mut shown = under.over(&exchange, service_time, &mut values);
            shown.requests = transport.sent(&request);
            shown.after = self.variables(&values);
            tell(shown);
        }
        OnceEnd::Completed
    }

    /// Fills in the rows of feeders that the iteration of the first user gets.
    fn feed(&self, values: &mut Values, random: &mut Xoshiro256PlusPlus) -> Result<(), Unsendable> {
        for feed in &self.journey.feeds {
            let (Shortage::Over(why) | Shortage::FewerUsers(why)) = match feed.take_turn() {
                Ok(turn) => {
                    feed.fill(turn, 0, random, values)?;
                    continue;
                }
                Err(shortage) => shortage,
            };
            return Err(Unsendable(why));
        }
        Ok(())
    }

    fn variables(&self, values: &Values) -> Variables {
        let constants = self.scenario.variables.iter();
        let mut all: Variables = constants.map(|(name, value)| (name.clone(), Some(value.clone()))).collect();
        all.extend(self.journey.value_names.iter().cloned().zip(values.iter().cloned()));
        all
    }
}

impl Under<'_> {
    /// What became of it, but for the requests and the variables after it.
    fn over(self, exchange: &Exchange, service_time: Duration, values: &mut Values) -> StepExchange {
        let mut shown = self.blank();
        shown.service_time = service_time;
        shown.phases = exchange.traffic.phases.iter().collect();
        shown.n_connections = exchange.traffic.n_connections;
        shown.reconnected = exchange.traffic.reconnected;
        shown.bytes_sent = exchange.traffic.bytes_sent;
        shown.bytes_received = exchange.traffic.bytes_received;
        match &exchange.answer {
            Ok(answer) => {
                let expectations = &self.prepared.expectations;
                if let Err(fault) = expectations.judge(answer, service_time, values) {
                    shown.outcome = fault.outcome;
                    shown.failure = Some(failure(fault.signature.into_owned(), String::new()));
                }
                (shown.checks, shown.extracts) = expectations.examine(self.described, answer, service_time);
                shown.answer = Some(shown_answer(answer));
            }
            Err(fault) => {
                shown.outcome = fault.outcome;
                shown.failure = Some(failure(fault.signature.clone().into_owned(), fault.detail.clone()));
            }
        }
        shown
    }

    /// A step that could not be sent; its iteration ends there.
    fn unsent(self, unsendable: &Unsendable) -> StepExchange {
        let mut shown = self.blank();
        shown.outcome = Outcome::Check;
        let detail = "not sent; the iteration ended here".to_owned();
        shown.failure = Some(failure(unsendable.0.clone(), detail));
        shown.after = self.before;
        shown
    }

    fn blank(&self) -> StepExchange {
        StepExchange {
            step: usize::from(self.prepared.index),
            name: self.described.name.clone(),
            requests: Vec::new(),
            answer: None,
            outcome: Outcome::Ok,
            failure: None,
            service_time: Duration::ZERO,
            phases: Vec::new(),
            n_connections: 0,
            reconnected: false,
            bytes_sent: 0,
            bytes_received: 0,
            before: self.before.clone(),
            after: Variables::new(),
            checks: Vec::new(),
            extracts: Vec::new(),
        }
    }
}

fn failure(signature: String, detail: String) -> ShownFailure {
    ShownFailure { detail: if detail == signature { String::new() } else { detail }, signature }
}

fn shown_answer(answer: &Answer) -> ShownAnswer {
    ShownAnswer {
        status: answer.status,
        headers: answer.headers.shown(),
        body: ShownBody::new(&answer.body, answer.n_body_bytes, answer.body_complete),
    }
}
