//! The transport over reqwest, one client per worker: HTTP/2, redirects, cookies, proxies, compression.
//!
//! Users of a worker share its connections, whatever the scenario says of that, unless each request is to have
//! its own: a client per user, which would keep them apart, takes 142 KiB and 2 ms each.

mod answer;
mod cookies;
mod fault;
mod open;
mod outgoing;
mod redirect;
mod seen;
mod session;
mod shown;
mod tally;
mod unpack;

#[cfg(test)]
mod tests;

use std::{borrow::Cow, path::Path, rc::Rc, sync::Arc, time::Duration};

use reqwest::{Client, Proxy, Response, StatusCode};
use rustls::client::Resumption;
use tokio::time::Instant;

use super::EngineError;
use super::exemplar::{Glimpse, Message};
use super::failure::{SWITCHED, TOO_MANY_REDIRECTS, UNPACKABLE};
use super::request::{Filling, PreparedRequest, RequestKey, StepRequest, Unsendable};
use super::tls::{self, ALPN_HTTP1, ALPN_HTTP2};
use super::transport::{Answer, Exchange, Failure, Transport};
use crate::metrics::{Outcome, RequestPhase};
use crate::model::{Connections, HttpVersion, TransportOptions};

use fault::{Progress, failure_of, was_closed_unanswered};
use open::OpenConnections;
use outgoing::Additions;
use seen::{ConnectionTimes, Seen, SeenLookup, SeenSessions, SeesConnections, watch};
use session::Session;
use shown::Shown;
use tally::Tally;

/// Sends over reqwest.
pub(super) struct ReqwestTransport {
    client: Client,
    connections: OpenConnections,
    additions: Additions,
    max_redirects: u32,
    keeps_cookies: bool,
    /// What was sent, where somebody wants to see it.
    shown: Option<Shown>,
}

/// Closed connections that a request may meet one after the other before that counts as its failure.
const MAX_RESENDS: u32 = 3;

impl ReqwestTransport {
    /// A transport as `options` ask for it; relative paths of certificates start at `files_root`.
    pub fn new(options: &TransportOptions, files_root: Option<&Path>) -> Result<Self, EngineError> {
        Ok(Self {
            client: client(options, files_root)?,
            connections: OpenConnections::new(options.http),
            additions: Additions::new(options),
            max_redirects: options.max_redirects,
            keeps_cookies: options.cookies,
            shown: None,
        })
    }

    /// The transport, which keeps what it sends from now on, until it is taken.
    pub fn showing(self) -> Self {
        Self { shown: Some(Shown::default()), ..self }
    }
}

/// Measures the target and nothing else: no proxy unless asked for, nothing followed, unpacked or repeated that
/// we do not see.
fn client(options: &TransportOptions, files_root: Option<&Path>) -> Result<Client, EngineError> {
    // HTTP/2 puts all users of a worker on one connection, where they wait for each other's streams: that wait
    // looks like the target's. With HTTP/1.1 each request in flight has a connection of its own.
    let alpn = if options.http == HttpVersion::Http2 { ALPN_HTTP2 } else { ALPN_HTTP1 };
    let mut tls = tls::client_config(&options.tls, files_root, alpn)?;
    tls.resumption = Resumption::store(Arc::new(SeenSessions::new()));
    let mut builder = Client::builder()
        .no_proxy()
        .tls_backend_preconfigured(tls)
        .dns_resolver(SeenLookup)
        .connector_layer(SeesConnections)
        .redirect(reqwest::redirect::Policy::none())
        // Without a try left, reqwest does not even copy the request to be able to repeat it.
        .retry(reqwest::retry::never().max_retries_per_request(0))
        // Idle connections stay until the target closes them, as those of `wire` do.
        .pool_idle_timeout(None);
    builder = match options.http {
        HttpVersion::Http1 => builder.http1_only(),
        HttpVersion::Http2 => builder.http2_prior_knowledge(),
    };
    if options.connections == Connections::PerRequest {
        builder = builder.pool_max_idle_per_host(0);
    }
    if let Some(proxy) = &options.proxy {
        let refused = |error| EngineError::Proxy { error: told(error), url: proxy.clone() };
        builder = builder.proxy(Proxy::all(proxy).map_err(refused)?);
    }
    builder.build().map_err(|error| EngineError::Transport(told(error)))
}

fn told(error: reqwest::Error) -> String {
    let cause = std::error::Error::source(&error).map(ToString::to_string);
    cause.unwrap_or_else(|| error.to_string())
}

impl Transport for ReqwestTransport {
    type Session = Session;
    type Ready<'a> = Cow<'a, PreparedRequest>;

    fn ready<'a>(
        &self,
        _: &mut Session,
        request: &'a StepRequest,
        filling: &mut Filling<'_>,
    ) -> Result<Cow<'a, PreparedRequest>, Unsendable> {
        request.fill(filling)
    }

    fn lookup_key(&self, session: &Session, request: &Self::Ready<'_>) -> Option<RequestKey> {
        let mut key = request.lookup_key?;
        if self.keeps_cookies {
            key.own = session.cookies.folded(key.own, &request.url);
        }
        Some(key)
    }

    async fn exchange(
        &self,
        session: &mut Session,
        request: &Self::Ready<'_>,
        sent: Instant,
        keeps_all: bool,
    ) -> Exchange {
        let mut tally = Tally::new(sent);
        session.begin();
        let mut followed: Option<Rc<PreparedRequest>> = None;
        let max_redirects = request.max_redirects.unwrap_or(self.max_redirects);
        let mut n_redirects = 0;
        loop {
            let request = followed.as_deref().unwrap_or(request);
            let answer = match self.exchange_once(session, request, &mut tally, keeps_all).await {
                Ok(answer) => answer,
                Err(failure) => return tally.exchange(Err(failure)),
            };
            let next = match max_redirects {
                0 => None,
                _ => redirect::next(request, answer.status, &answer.headers),
            };
            match next {
                None => return tally.exchange(self.readable(request, answer, keeps_all)),
                Some(next) if n_redirects == max_redirects => {
                    let story = format!("the next would have been {}", next.url);
                    return tally.exchange(Err(Failure::told(Outcome::Protocol, TOO_MANY_REDIRECTS, &story)));
                }
                Some(next) => {
                    if let Some(shown) = &self.shown {
                        shown.redirected(answer.status);
                    }
                    followed = Some(Rc::new(next));
                    session.followed.clone_from(&followed);
                }
            }
            n_redirects += 1;
        }
    }

    fn glimpse(&self, session: &Session, request: &Self::Ready<'_>, exchange: &Exchange) -> Glimpse {
        let request = session.followed.as_deref().unwrap_or(request);
        let version = if self.connections.are_multiplexed() { "HTTP/2" } else { "HTTP/1.1" };
        let mut outgoing = self.additions.outgoing(request, None).request;
        session.add_cookie_to(outgoing.headers_mut());
        let (method, url) = (outgoing.method(), outgoing.url());
        let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
        let line = format!("{method} {}{query} {version}", url.path());
        let headers = shown::headers_sent(request, &outgoing, self.connections.are_multiplexed());
        let body = request.body.as_deref().unwrap_or_default();
        Glimpse {
            sent: Message::new(line, &headers, body, body.len() as u64),
            answer: exchange.answer.as_ref().ok().map(|answer| Message::of_answer(answer, version)),
        }
    }

    fn n_connections(&self, n_user_tasks: impl FnOnce() -> usize) -> u32 {
        self.connections.n_open(n_user_tasks)
    }
}

impl ReqwestTransport {
    /// Sends one request and reads its answer, wherever that leads.
    async fn exchange_once(
        &self,
        session: &mut Session,
        request: &PreparedRequest,
        tally: &mut Tally,
        keeps_all: bool,
    ) -> Result<Answer, Failure> {
        let response = self.send(session, request, tally).await?;
        let head_at = tally.ended;
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Err(Failure::new(Outcome::Protocol, SWITCHED));
        }
        if self.keeps_cookies {
            session.cookies.take_from(response.headers(), &request.url);
        }
        tally.bytes_received += answer::head_size(&response);
        let _coming = self.connections.coming_body();
        let answer = answer::read(response, request.wants_body || keeps_all, &mut tally.bytes_received).await;
        tally.ended = Instant::now();
        tally.add(RequestPhase::Receive, tally.ended - head_at);
        answer.map_err(|error| failure_of(&error, host(request), &Seen::default(), Progress::Body))
    }

    /// Sends one request and waits for the head of its answer.
    // hyper takes back a request that it had not begun to write and sends it on another connection. One that was
    // written just as the target closed the connection is sent again here; hyper does not say whether a part of
    // a head had come by then.
    async fn send(
        &self,
        session: &mut Session,
        request: &PreparedRequest,
        tally: &mut Tally,
    ) -> Result<Response, Failure> {
        let began = tally.ended;
        let mut n_resends = 0;
        loop {
            let cookies = self.keeps_cookies.then_some(&session.cookies);
            let outgoing = self.additions.outgoing(request, cookies);
            if self.keeps_cookies {
                session.note_cookie(outgoing.request.headers());
            }
            if let Some(shown) = self.shown.as_ref().filter(|_| n_resends == 0) {
                shown.sending(request, &outgoing.request, self.connections.are_multiplexed());
            }
            let (sent, seen) = watch(self.client.execute(outgoing.request)).await;
            tally.ended = Instant::now();
            tally.reconnected |= seen.reconnected();
            let connection_times = seen.connection_times();
            if let Some(times) = connection_times {
                tally.connected(times);
                self.connections.opened(&request.url);
            }
            match sent {
                Ok(response) => {
                    tally.bytes_sent += outgoing.n_bytes;
                    let connecting = connection_times.map_or(Duration::ZERO, ConnectionTimes::total);
                    tally.waited(began + connecting, outgoing.body_taken);
                    return Ok(response);
                }
                Err(error) if error.is_connect() => {
                    return Err(failure_of(&error, host(request), &seen, Progress::NoHead));
                }
                Err(error) => {
                    // Only HTTP/1.1: whoever shares a connection of HTTP/2 may have had answers on it.
                    let reused = connection_times.is_none() && !self.connections.are_multiplexed();
                    if !reused || n_resends == MAX_RESENDS || !was_closed_unanswered(&error) {
                        tally.bytes_sent += outgoing.n_bytes;
                        return Err(failure_of(&error, host(request), &seen, Progress::NoHead));
                    }
                    tally.reconnected = true;
                }
            }
            n_resends += 1;
        }
    }

    /// The answer with its body unpacked, where somebody looks into it.
    fn readable(
        &self,
        request: &PreparedRequest,
        mut answer: Answer,
        keeps_all: bool,
    ) -> Result<Answer, Failure> {
        let looked_into = request.wants_body || answer.status >= 400;
        if self.additions.compression && looked_into {
            answer.packed = keeps_all.then(|| answer.body.clone());
            let unpacked = unpack::unpack(&mut answer);
            if let (Err(error), true) = (unpacked, request.wants_body) {
                return Err(Failure::told(Outcome::Protocol, UNPACKABLE, &error.to_string()));
            }
        }
        Ok(answer)
    }
}

fn host(request: &PreparedRequest) -> &str {
    request.url.host_str().unwrap_or_default()
}
