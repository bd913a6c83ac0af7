//! How requests reach the target: the door that transports stand behind, and what comes back through it.

use std::{borrow::Cow, future::Future, time::Duration};

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use tokio::time::Instant;

use super::exemplar::Glimpse;
use super::request::{Filling, PreparedRequest, RequestKey, StepRequest, Unsendable};
use crate::metrics::{N_REQUEST_PHASES, Outcome, RequestPhase, SentRequest};

/// Sends requests; one per worker, shared by its virtual users.
pub(super) trait Transport: 'static {
    /// What one virtual user keeps between its requests: connections, cookies.
    type Session: Default + 'static;
    /// A request whose gaps are filled.
    type Ready<'a>: Ready;

    /// Fills the gaps of a request; nothing is sent yet.
    fn ready<'a>(
        &self,
        session: &mut Self::Session,
        request: &'a StepRequest,
        filling: &mut Filling<'_>,
    ) -> Result<Self::Ready<'a>, Unsendable>;

    /// What a filled request asks for, as numbers that are the same for the same thing, and for the same user; none where no cache
    /// could answer it.
    fn lookup_key(&self, session: &Self::Session, request: &Self::Ready<'_>) -> Option<RequestKey>;

    /// Sends a request, whose time began at `sent`, and reads its whole answer, of which body and headers are kept where
    /// the request asks for them or `keeps_all` does. The caller sets the timeout by dropping the future: what a
    /// session holds is then as if the request had never been, its connection closed.
    fn exchange(
        &self,
        session: &mut Self::Session,
        request: &Self::Ready<'_>,
        sent: Instant,
        keeps_all: bool,
    ) -> impl Future<Output = Exchange>;

    /// What an exchange sent and got, for the eye. To be asked right after `exchange` returned or was dropped, before
    /// anything else runs on the worker: successful requests are to cost nothing, so next to nothing is set aside.
    fn glimpse(&self, session: &Self::Session, request: &Self::Ready<'_>, exchange: &Exchange) -> Glimpse;

    /// Connections that are open now. A transport that has to count tasks can tell its own from the `n_user_tasks`
    /// that live on the same runtime.
    fn n_connections(&self, n_user_tasks: impl FnOnce() -> usize) -> u32;
}

/// A transport that can show what it sends, for the eye.
pub(super) trait Shows: Transport {
    /// What an exchange of `request`, the last one or the one now dropped, sent or was about to send: the request
    /// itself, then those that redirects led to.
    fn sent(&self, request: &Self::Ready<'_>) -> Vec<SentRequest>;
}

/// A request whose gaps are filled.
pub(super) trait Ready {
    /// Size of head and body as HTTP/1.1 writes them.
    fn n_bytes(&self) -> u64;

    /// Method and URL, as they are shown to the user.
    fn line(&self) -> String;
}

/// What became of one request.
pub(super) struct Exchange {
    /// When its last byte came, or its failure was known.
    pub ended: Instant,
    pub traffic: Traffic,
    pub answer: Result<Answer, Failure>,
}

/// What one request took of the network.
// Bytes are those of HTTP messages with their heads as HTTP/1.1 writes them, without the framing of chunks,
// TLS and TCP.
#[derive(Clone, Copy, Default)]
pub(super) struct Traffic {
    pub bytes_sent: u64,
    pub bytes_received: u64,
    pub phases: PhaseTimes,
    /// Connections opened for this request; several where redirects lead to other hosts.
    pub n_connections: u32,
    /// Whether it was sent again on a new connection, because an idle one turned out to be closed.
    pub reconnected: bool,
}

/// How long each phase of a request took, in microseconds; most have some only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PhaseTimes([u32; N_REQUEST_PHASES]);

/// A complete answer.
pub(super) struct Answer {
    pub status: u16,
    pub headers: AnswerHeaders,
    /// The whole body where the request asks for it; else at most its beginning, for the eye.
    pub body: Bytes,
    /// The same as it came over the wire, where it was unpacked and all was to be kept.
    pub packed: Option<Bytes>,
    /// Whether a body that was asked for fit within [`MAX_KEPT_BODY`].
    pub body_complete: bool,
    /// Size of the body as it came, whether it was kept or not.
    pub n_body_bytes: u64,
}

/// The headers of an answer; none where nobody asked for them.
// Behind a pointer: answers are handed on several times, and most have none.
#[derive(Default)]
pub(super) struct AnswerHeaders(Option<Box<HeaderMap>>);

/// Why there is no complete answer.
#[derive(Debug)]
pub(super) struct Failure {
    pub outcome: Outcome,
    /// What such failures have in common.
    pub signature: Cow<'static, str>,
    /// The whole story of this one.
    pub detail: String,
}

/// Longer bodies are counted but not looked into.
pub(super) const MAX_KEPT_BODY: usize = 1024 * 1024;

impl Exchange {
    /// A request without a complete answer within its timeout; how far it got is not known.
    pub fn timed_out(n_bytes: u64) -> Self {
        let signature = "no complete answer within the timeout";
        let failure = Failure::new(Outcome::Timeout, signature);
        Self::failed(Traffic { bytes_sent: n_bytes, ..Traffic::default() }, failure)
    }

    /// A request that failed just now.
    pub fn failed(traffic: Traffic, failure: Failure) -> Self {
        Self { ended: Instant::now(), traffic, answer: Err(failure) }
    }
}

impl From<HeaderMap> for AnswerHeaders {
    fn from(headers: HeaderMap) -> Self {
        Self(Some(Box::new(headers)))
    }
}

impl AnswerHeaders {
    pub fn get(&self, name: &HeaderName) -> Option<&HeaderValue> {
        self.get_all(name).next()
    }

    /// All of them, as they are shown.
    pub fn shown(&self) -> Vec<(String, String)> {
        let headers = self.0.iter().flat_map(|headers| headers.iter());
        headers.map(|(name, value)| shown_header(name, value)).collect()
    }

    pub fn get_all(&self, name: &HeaderName) -> impl Iterator<Item = &HeaderValue> {
        self.0.iter().flat_map(move |headers| headers.get_all(name))
    }
}

/// A header as it is shown.
pub(super) fn shown_header(name: &HeaderName, value: &HeaderValue) -> (String, String) {
    (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
}

impl Default for PhaseTimes {
    fn default() -> Self {
        Self([Self::NONE; N_REQUEST_PHASES])
    }
}

impl PhaseTimes {
    const NONE: u32 = u32::MAX;

    pub fn set(&mut self, phase: RequestPhase, time: Duration) {
        self.0[phase as usize] = u32::try_from(time.as_micros()).unwrap_or(u32::MAX).min(Self::NONE - 1);
    }

    /// The phases that a request had.
    pub fn iter(&self) -> impl Iterator<Item = (RequestPhase, Duration)> {
        let timed = RequestPhase::ALL.into_iter().zip(self.0).filter(|(_, micros)| *micros != Self::NONE);
        timed.map(|(phase, micros)| (phase, Duration::from_micros(u64::from(micros))))
    }
}

impl Ready for Cow<'_, PreparedRequest> {
    fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    fn line(&self) -> String {
        format!("{} {}", self.method, self.url)
    }
}
