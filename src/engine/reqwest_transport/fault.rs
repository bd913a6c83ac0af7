//! Tells reqwest's errors apart by what caused them.

use std::borrow::Cow;
use std::{error::Error as _, io};

use super::seen::Seen;
use crate::engine::failure::{self, generator_fault};
use crate::engine::transport::Failure;
use crate::metrics::Outcome;

/// How far a request had come.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    NoHead,
    Body,
}

/// The causes that an error is made of, outermost first.
#[derive(Default)]
struct Causes<'a> {
    tls: Option<&'a rustls::Error>,
    io: Option<&'a io::Error>,
    http: Option<&'a hyper::Error>,
    innermost: String,
    /// All texts, each once.
    story: String,
}

impl<'a> Causes<'a> {
    fn of(error: &'a reqwest::Error) -> Self {
        let mut causes = Self { story: error.to_string(), ..Self::default() };
        let mut source = error.source();
        while let Some(cause) = source {
            causes.innermost = cause.to_string();
            if !causes.story.contains(&causes.innermost) {
                causes.story.push_str(": ");
                causes.story.push_str(&causes.innermost);
            }
            let io = cause.downcast_ref::<io::Error>().map(unwrapped);
            causes.tls =
                causes.tls.or_else(|| cause.downcast_ref()).or_else(|| io.and_then(failure::tls_cause));
            causes.http = cause.downcast_ref().or(causes.http);
            causes.io = io.or(causes.io);
            source = cause.source();
        }
        if causes.innermost.is_empty() {
            causes.innermost.clone_from(&causes.story);
        }
        causes
    }

    fn is_incomplete(&self) -> bool {
        let closed = |http: &hyper::Error| http.is_incomplete_message() || http.is_canceled();
        self.http.is_some_and(closed) || self.io.is_some_and(|io| failure::is_end(io.kind()))
    }
}

/// The I/O error that others are wrapped around.
fn unwrapped(error: &io::Error) -> &io::Error {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>());
    inner.map_or(error, unwrapped)
}

/// What became of a request to `host`, given what was seen of it.
pub(super) fn failure_of(error: &reqwest::Error, host: &str, seen: &Seen, progress: Progress) -> Failure {
    let causes = Causes::of(error);
    let (outcome, signature) = if error.is_connect() {
        connect_fault(error, &causes, host, seen)
    } else if let Some(tls) = causes.tls {
        // A server's refusal of the client's certificate comes after the handshake (TLS 1.3).
        let alert = matches!(tls, rustls::Error::AlertReceived(_));
        (if alert { Outcome::Tls } else { Outcome::Protocol }, failure::tls_signature(tls))
    } else {
        (Outcome::Protocol, exchange_fault(&causes, progress))
    };
    Failure::told(outcome, signature, &causes.story)
}

fn connect_fault(
    error: &reqwest::Error,
    causes: &Causes<'_>,
    host: &str,
    seen: &Seen,
) -> (Outcome, Cow<'static, str>) {
    if let Some(tls) = causes.tls {
        return (Outcome::Tls, failure::tls_signature(tls));
    }
    match causes.io {
        Some(io) if seen.began_handshake() => (Outcome::Tls, Failure::of_handshake(io).signature),
        Some(io) if error.is_dns() => (Outcome::Connect, Failure::of_lookup(host, io).signature),
        Some(io) => (Outcome::Connect, failure::connect_signature(io)),
        // A proxy's refusal has no cause of its own.
        None => (Outcome::Connect, Cow::Owned(causes.innermost.clone())),
    }
}

fn exchange_fault(causes: &Causes<'_>, progress: Progress) -> Cow<'static, str> {
    if causes.is_incomplete() {
        return match progress {
            Progress::NoHead => failure::UNANSWERED.into(),
            Progress::Body => failure::INCOMPLETE.into(),
        };
    }
    if let Some(fault) = causes.io.and_then(generator_fault) {
        return fault.into();
    }
    match causes.http {
        Some(http) if http.is_parse_too_large() => failure::HEAD_TOO_LARGE.into(),
        Some(http) if http.is_parse() => failure::NOT_HTTP.into(),
        _ => match causes.io {
            Some(io) => Failure::of_exchange(io, progress == Progress::Body).signature,
            None => Cow::Owned(causes.innermost.clone()),
        },
    }
}

/// Whether a request may have met a connection that the other side was closing: no head came, and it ended.
pub(super) fn was_closed_unanswered(error: &reqwest::Error) -> bool {
    !error.is_connect() && Causes::of(error).is_incomplete()
}
