//! What was sent once: the steps told so far, and the job that sends.

use std::sync::mpsc::{Receiver, sync_channel};

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Jobs, Outcome, Slot};
use crate::{
    engine::OnceEnd,
    launch::{SendOnce, send_once},
    metrics::{ShownBody, StepExchange},
};

/// Steps that may wait for the window.
const WAITING_STEPS: usize = 32;

/// What was sent once last, and what is being sent.
#[derive(Default)]
pub struct Once {
    sent: Option<Sent>,
    under_way: Option<UnderWay>,
}

struct UnderWay {
    told: Receiver<OnceStep>,
    cancel: CancellationToken,
}

/// One iteration, or one step of it, that was sent.
pub struct Sent {
    pub journey: usize,
    /// Of the scenario that was sent.
    pub revision: u64,
    pub steps: Vec<OnceStep>,
    /// How it ended, once it has; an error says why nothing could be sent.
    pub end: Option<Result<OnceEnd, String>>,
}

/// One step with its bodies read.
pub struct OnceStep {
    pub exchange: StepExchange,
    /// None where it is not JSON, or not all of it.
    pub answer_json: Option<Value>,
    pub request_json: Option<Value>,
}

impl OnceStep {
    // Bodies are read here, on the job's thread: a large one takes longer than a frame.
    fn new(exchange: StepExchange) -> Self {
        let answer_json = exchange.answer.as_ref().and_then(|answer| json(&answer.body));
        let request_json = exchange.requests.first().and_then(|request| json(&request.body));
        Self { exchange, answer_json, request_json }
    }
}

fn json(body: &ShownBody) -> Option<Value> {
    let text = body.text.as_deref().filter(|_| body.complete)?;
    serde_json::from_str(text).ok().filter(|json: &Value| json.is_object() || json.is_array())
}

impl Once {
    pub fn sent(&self) -> Option<&Sent> {
        self.sent.as_ref()
    }

    pub fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }

    /// Sends; what was being sent before is given up.
    pub fn send(&mut self, jobs: &mut Jobs, once: SendOnce, revision: u64) {
        self.cancel();
        let (tell, told) = sync_channel(WAITING_STEPS);
        let (journey, cancel, ctx) = (once.journey, once.cancel.clone(), jobs.ctx().clone());
        self.sent = Some(Sent { journey, revision, steps: Vec::new(), end: None });
        self.under_way = Some(UnderWay { told, cancel });
        jobs.spawn(Slot::SendOnce, move || {
            let end = send_once(once, |exchange| {
                // Fails where something else was sent meanwhile: then nobody wants to know.
                let _ = tell.send(OnceStep::new(exchange));
                ctx.request_repaint();
            });
            Outcome::SentOnce(end.map_err(|error| error.to_string()))
        });
    }

    /// Gives up what is in flight; steps told by then stand.
    pub fn cancel(&mut self) {
        if let Some(under_way) = &self.under_way {
            under_way.cancel.cancel();
        }
    }

    /// Forgets what belonged to another scenario.
    pub fn reset(&mut self) {
        self.cancel();
        *self = Self::default();
    }

    /// Takes in the steps that were told meanwhile.
    pub fn take_steps(&mut self) {
        if let (Some(under_way), Some(sent)) = (&self.under_way, &mut self.sent) {
            sent.steps.extend(under_way.told.try_iter());
        }
    }

    /// Takes in the end.
    pub fn take_end(&mut self, end: Result<OnceEnd, String>) {
        self.take_steps();
        if let (Some(_), Some(sent)) = (self.under_way.take(), &mut self.sent) {
            sent.end = Some(end);
        }
    }
}

impl Drop for Once {
    fn drop(&mut self) {
        self.cancel();
    }
}
