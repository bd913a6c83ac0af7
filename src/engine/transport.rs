//! How requests reach the target: the door that transports stand behind, and what comes back through it.

use std::{borrow::Cow, future::Future};

use bytes::Bytes;
use reqwest::header::HeaderMap;

use super::request::PreparedRequest;
use crate::metrics::Outcome;

/// Sends requests; one per worker, shared by its virtual users.
pub(super) trait Transport: 'static {
    /// Sends one request and reads its whole answer; the caller sets the timeout.
    fn exchange(&self, request: &PreparedRequest) -> impl Future<Output = Exchange>;
}

/// What became of one request.
// Bytes are those of HTTP messages with their heads as HTTP/1.1 writes them, without the framing of chunks,
// TLS and TCP.
pub(super) struct Exchange {
    pub bytes_sent: u64,
    pub bytes_received: u64,
    pub answer: Result<Answer, Failure>,
}

/// A complete answer.
pub(super) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// The whole body where the request asks for it, else its beginning.
    pub body: Bytes,
    /// Whether a body that was asked for fit within [`MAX_KEPT_BODY`].
    pub body_complete: bool,
}

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
    pub fn timed_out(request: &PreparedRequest) -> Self {
        let failure = Failure {
            outcome: Outcome::Timeout,
            signature: Cow::Borrowed("no complete answer within the timeout"),
            detail: "no complete answer within the timeout".to_owned(),
        };
        Self { bytes_sent: request.n_bytes, bytes_received: 0, answer: Err(failure) }
    }
}
