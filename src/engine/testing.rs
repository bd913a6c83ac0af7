//! What the engine's tests share: small scenarios and the scripted transport.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::{borrow::Cow, cell::RefCell, future::Future, pin::Pin, rc::Rc, time::Duration};

use bytes::Bytes;
use rand::SeedableRng as _;
use rand_xoshiro::Xoshiro256PlusPlus;
use tokio::time::Instant;

use super::exemplar::{Glimpse, Message};
use super::request::{
    Filling, PreparedRequest, RequestKey, Setting, Slots, StepRequest, Supplies, Text, Unsendable, Values,
    Wants,
};
use super::transport::{Answer, AnswerHeaders, Exchange, Ready as _, Traffic, Transport};
use crate::metrics::{
    Annotation, ErrorGroup, IntervalStats, Journal, JournalError, Outcome, RunEnd, StepStats,
};
use crate::model::{Arrivals, Journey, LoadModel, LoadProfile, PlanChange, Scenario, Shape, Stage, Step};

pub fn step(path: &str) -> Step {
    Step::get(path, path)
}

/// A step's request, within a journey that extracts `extracted`.
pub fn prepared(step: &Step, base_url: &str, wants: Wants, extracted: &[&str]) -> StepRequest {
    let constants = BTreeMap::new();
    let names = extracted.iter().map(|name| (*name).to_owned()).collect();
    let mut slots = Slots { constants: &constants, names };
    let auth = step.auth.clone().unwrap_or_default();
    let setting = Setting { base_url, auth: &auth, wants };
    StepRequest::prepare(step, &setting, &mut slots, &mut Supplies::default()).unwrap()
}

/// Does something with what fills the gaps of a request; what is drawn is always the same.
pub fn with_filling<T>(values: &Values, fill: impl FnOnce(&mut Filling<'_>) -> T) -> T {
    fill(&mut Filling::new(values, &mut Xoshiro256PlusPlus::seed_from_u64(1)))
}

pub fn filled(text: &Text, values: &Values) -> String {
    let filled = with_filling(values, |filling| text.fill(filling).unwrap());
    String::from_utf8(filled.into_owned()).unwrap()
}

pub fn open(max_users: u32) -> LoadModel {
    LoadModel::Open { arrivals: Arrivals::Constant, max_users, seed: 1 }
}

/// One journey of `paths` under ramps of (seconds, end level).
pub fn scenario(model: LoadModel, stages: &[(u64, f64)], paths: &[&str]) -> Scenario {
    let stage = |(seconds, end_level): &(u64, f64)| Stage {
        name: format!("to {end_level}"),
        duration: Duration::from_secs(*seconds),
        end_level: *end_level,
        shape: Shape::Ramp,
    };
    let load = LoadProfile {
        model,
        warm_up: Duration::ZERO,
        graceful_stop: Duration::from_secs(30),
        stages: stages.iter().map(stage).collect(),
    };
    let steps = paths.iter().map(|path| step(path)).collect();
    Scenario {
        timeout: Duration::from_secs(10),
        journeys: vec![Journey { steps, ..Journey::new("journey") }],
        ..Scenario::new("test", "http://test", load)
    }
}

/// A whole answer without headers.
pub fn answered(status: u16, body: &'static str) -> Answer {
    Answer {
        status,
        headers: AnswerHeaders::default(),
        body: Bytes::from_static(body.as_bytes()),
        packed: None,
        body_complete: true,
        n_body_bytes: body.len() as u64,
    }
}

pub fn answer(status: u16, body: &'static str) -> Exchange {
    let answer = answered(status, body);
    Exchange {
        ended: Instant::now(),
        traffic: Traffic { bytes_sent: 100, bytes_received: 200, ..Traffic::default() },
        answer: Ok(answer),
    }
}

type Script = dyn Fn(&PreparedRequest, Duration) -> Pin<Box<dyn Future<Output = Exchange>>>;

/// Answers as its script says, which gets each request with the time it was sent.
#[derive(Clone)]
pub struct ScriptedTransport {
    started_at: Instant,
    script: Rc<Script>,
    sends: Rc<RefCell<Vec<Duration>>>,
}

impl ScriptedTransport {
    pub fn new<F: Future<Output = Exchange> + 'static>(
        started_at: Instant,
        script: impl Fn(&PreparedRequest, Duration) -> F + 'static,
    ) -> Self {
        let script: Rc<Script> = Rc::new(move |request, sent| Box::pin(script(request, sent)));
        Self { started_at, script, sends: Rc::default() }
    }

    /// When requests were sent, in order.
    pub fn sends(&self) -> Vec<Duration> {
        self.sends.take()
    }
}

impl Transport for ScriptedTransport {
    type Session = ();
    type Ready<'a> = Cow<'a, PreparedRequest>;

    fn ready<'a>(
        &self,
        (): &mut (),
        request: &'a StepRequest,
        filling: &mut Filling<'_>,
    ) -> Result<Cow<'a, PreparedRequest>, Unsendable> {
        request.fill(filling)
    }

    fn lookup_key(&self, (): &(), request: &Self::Ready<'_>) -> Option<RequestKey> {
        request.lookup_key
    }

    async fn exchange(&self, (): &mut (), request: &Self::Ready<'_>, _: Instant, _: bool) -> Exchange {
        let sent = self.started_at.elapsed();
        self.sends.borrow_mut().push(sent);
        let exchange = (self.script)(request, sent).await;
        Exchange { ended: Instant::now(), ..exchange }
    }

    fn glimpse(&self, (): &(), request: &Self::Ready<'_>, exchange: &Exchange) -> Glimpse {
        Glimpse {
            sent: Message::new(request.line(), &[], request.body.as_deref().unwrap_or_default(), 0),
            answer: exchange.answer.as_ref().ok().map(|answer| Message::of_answer(answer, "HTTP/1.1")),
        }
    }

    fn n_connections(&self, _: impl FnOnce() -> usize) -> u32 {
        0
    }
}

/// What a journal was given.
#[derive(Default)]
pub struct Kept {
    pub intervals: Vec<IntervalStats>,
    pub error_groups: BTreeMap<(u16, Outcome, String), ErrorGroup>,
    pub annotations: Vec<Annotation>,
    pub plan_changes: Vec<PlanChange>,
    pub end: Option<RunEnd>,
    /// The journal refuses this many calls first.
    pub n_refusals: u32,
}

/// Keeps everything in memory.
#[derive(Clone, Default)]
pub struct MemoryJournal(pub Arc<Mutex<Kept>>);

impl Kept {
    fn refuse(&mut self) -> Result<(), JournalError> {
        if self.n_refusals == 0 {
            return Ok(());
        }
        self.n_refusals -= 1;
        Err(JournalError("the disk is full".to_owned()))
    }

    pub fn n_sent(&self) -> u64 {
        self.intervals.iter().map(|interval| interval.load.n_sent).sum()
    }

    /// All requests of the run, merged.
    pub fn total(&self) -> StepStats {
        let mut total = StepStats::default();
        for row in self.intervals.iter().flat_map(|interval| &interval.rows) {
            total.merge_encoded(&row.stats).unwrap();
        }
        total
    }
}

impl Journal for MemoryJournal {
    fn interval(&mut self, interval: &IntervalStats, changed: &[ErrorGroup]) -> Result<(), JournalError> {
        let mut kept = self.0.lock().unwrap();
        kept.refuse()?;
        kept.intervals.push(interval.clone());
        for group in changed {
            let key = (group.step, group.outcome, group.signature.clone());
            kept.error_groups.insert(key, group.clone());
        }
        Ok(())
    }

    fn annotation(&mut self, annotation: &Annotation) -> Result<(), JournalError> {
        let mut kept = self.0.lock().unwrap();
        kept.refuse()?;
        kept.annotations.push(annotation.clone());
        Ok(())
    }

    fn plan_change(&mut self, change: &PlanChange) -> Result<(), JournalError> {
        let mut kept = self.0.lock().unwrap();
        kept.refuse()?;
        kept.plan_changes.push(change.clone());
        Ok(())
    }

    fn finish(&mut self, end: &RunEnd) -> Result<(), JournalError> {
        let mut kept = self.0.lock().unwrap();
        kept.refuse()?;
        kept.end = Some(end.clone());
        Ok(())
    }
}
