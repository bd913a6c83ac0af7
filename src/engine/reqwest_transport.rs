//! The transport over reqwest, one client per worker.

use std::{borrow::Cow, error::Error as _, io, path::Path};

use bytes::{Bytes, BytesMut};
use reqwest::{Client, ClientBuilder, Response, redirect};

use tokio::time::Instant;

use super::EngineError;
use super::failure;
use super::request::{PreparedRequest, StepRequest, Unsendable, Values, headers_size};
use super::tls::{self, ALPN_HTTP1};
use super::transport::{Answer, Exchange, Failure, MAX_KEPT_BODY, PhaseTimes, Transport};
use crate::metrics::{Outcome, RequestPhase};
use crate::model::TransportOptions;

/// Sends over reqwest: HTTP/1.1, TLS with the system's certificates or the bundled ones.
pub(super) struct ReqwestTransport {
    client: Client,
}

impl ReqwestTransport {
    pub const NAME: &str = "reqwest";

    /// A transport as `options` ask for it; relative paths of certificates start at `files_root`.
    pub fn new(options: &TransportOptions, files_root: Option<&Path>) -> Result<Self, EngineError> {
        let tls = tls::client_config(&options.tls, files_root, ALPN_HTTP1)?;
        let client = plain_client().tls_backend_preconfigured(tls).build();
        client.map(|client| Self { client }).map_err(|error| EngineError::Transport(error.to_string()))
    }
}

/// Measures the target and nothing else: no proxy, no redirects followed, nothing sent twice.
// HTTP/2 would put all users of a worker on one connection, where they wait for each other's streams: that
// wait would look like the target's. With HTTP/1.1 each request in flight has a connection of its own.
fn plain_client() -> ClientBuilder {
    Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .http1_only()
}

impl Transport for ReqwestTransport {
    type Session = ();
    type Ready<'a> = Cow<'a, PreparedRequest>;

    fn ready<'a>(
        &self,
        (): &mut (),
        request: &'a StepRequest,
        values: &Values,
    ) -> Result<Cow<'a, PreparedRequest>, Unsendable> {
        request.fill(values)
    }

    async fn exchange(&self, (): &mut (), request: &Self::Ready<'_>, sent: Instant) -> Exchange {
        let mut phases = PhaseTimes::default();
        let mut outgoing = reqwest::Request::new(request.method.clone(), request.url.clone());
        *outgoing.headers_mut() = request.headers.clone();
        *outgoing.body_mut() = request.body.clone().map(Into::into);
        let response = match self.client.execute(outgoing).await {
            Ok(response) => response,
            Err(error) => {
                let failure = failure_of(&error);
                let connected = !matches!(failure.outcome, Outcome::Connect | Outcome::Tls);
                let bytes_sent = if connected { request.n_bytes } else { 0 };
                return Exchange { bytes_sent, ..Exchange::failed(failure) };
            }
        };
        let head_at = Instant::now();
        phases.set(RequestPhase::Wait, head_at - sent);
        let mut bytes_received = head_size(&response);
        let answer = read_answer(response, request.wants_body, &mut bytes_received).await;
        let ended = Instant::now();
        phases.set(RequestPhase::Receive, ended - head_at);
        Exchange {
            ended,
            bytes_sent: request.n_bytes,
            bytes_received,
            phases,
            n_connections: 0,
            reconnected: false,
            answer,
        }
    }

    fn n_connections(&self) -> u32 {
        0
    }
}

async fn read_answer(
    mut response: Response,
    wants_body: bool,
    bytes_received: &mut u64,
) -> Result<Answer, Failure> {
    // The first chunk is kept as it came: most bodies are one chunk, and need no copy.
    let mut body = KeptBody { first: Bytes::new(), more: BytesMut::new(), complete: true };
    while let Some(chunk) = response.chunk().await.map_err(|error| failure_of(&error))? {
        *bytes_received += chunk.len() as u64;
        body.keep(chunk, wants_body);
    }
    Ok(Answer {
        status: response.status().as_u16(),
        headers: std::mem::take(response.headers_mut()),
        body_complete: body.complete,
        body: body.into_bytes(),
    })
}

struct KeptBody {
    first: Bytes,
    /// The first chunk and those after it, once there are several.
    more: BytesMut,
    complete: bool,
}

impl KeptBody {
    fn keep(&mut self, chunk: Bytes, wants_body: bool) {
        if self.first.is_empty() {
            self.first = chunk;
        } else if !wants_body {
            self.complete = false;
        } else if self.complete {
            if self.more.is_empty() {
                self.more.extend_from_slice(&self.first);
            }
            self.more.extend_from_slice(&chunk);
        }
        self.complete &= self.first.len().max(self.more.len()) <= MAX_KEPT_BODY;
    }

    fn into_bytes(self) -> Bytes {
        if self.more.is_empty() { self.first } else { self.more.freeze() }
    }
}

fn head_size(response: &Response) -> u64 {
    let reason = response.status().canonical_reason().map_or(0, str::len);
    ("HTTP/1.1 200 \r\n".len() + reason + headers_size(response.headers()) + "\r\n".len()) as u64
}

/// Tells failures apart by what caused them.
fn failure_of(error: &reqwest::Error) -> Failure {
    let mut tls = None;
    let mut io_error = None;
    let mut detail = error.to_string();
    let mut innermost = String::new();
    let mut source = error.source();
    while let Some(cause) = source {
        innermost = cause.to_string();
        if !detail.contains(&innermost) {
            detail.push_str(": ");
            detail.push_str(&innermost);
        }
        let inner_io = cause.downcast_ref::<io::Error>();
        tls = tls.or_else(|| cause.downcast_ref()).or_else(|| inner_io.and_then(failure::tls_cause));
        io_error = inner_io.or(io_error);
        source = cause.source();
    }
    let (outcome, signature) = if let Some(tls) = tls {
        (Outcome::Tls, failure::tls_signature(tls))
    } else if error.is_connect() && innermost.contains("tls handshake") {
        (Outcome::Tls, Cow::Borrowed(failure::CLOSED_IN_HANDSHAKE))
    } else if error.is_dns() {
        (Outcome::Connect, Cow::Borrowed(failure::NAME_NOT_FOUND))
    } else if let (true, Some(io_error)) = (error.is_connect(), io_error) {
        (Outcome::Connect, failure::connect_signature(io_error))
    } else {
        let outcome = if error.is_connect() { Outcome::Connect } else { Outcome::Protocol };
        // The kind leaves out what differs from one failure to the next.
        let kind = io_error.map(io::Error::kind).filter(|kind| *kind != io::ErrorKind::Other);
        let innermost = if innermost.is_empty() { detail.clone() } else { innermost };
        (outcome, kind.map_or(Cow::Owned(innermost), |kind| Cow::Owned(kind.to_string())))
    };
    Failure { outcome, signature, detail }
}
