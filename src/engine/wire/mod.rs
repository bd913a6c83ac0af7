//! The lean transport: HTTP/1.1 over TCP or TLS, one connection per virtual user unless asked otherwise.
//!
//! A request costs one write and one read. Reading borrows the worker's one buffer while something is there, so
//! that a waiting user holds none. Bodies are counted as they pass, and kept only where somebody looks into them.

mod answer;
mod body;
mod chunks;
mod connection;
mod message;
mod newest;
mod origin;
mod shown;
mod stamped;

use std::cell::{Cell, RefCell};
use std::task::{Context, Poll};
use std::{future::poll_fn, rc::Rc, sync::Arc};

use tokio::io::ReadBuf;
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

use answer::{AnswerReader, Malformed, Progress};
use body::Wanted;
use connection::Connection;
use message::Origin;
pub(super) use message::{WireRequest, WireTemplate};
use newest::Newest;
use origin::OriginState;

use super::exemplar::{Glimpse, Message};
use super::failure::UNANSWERED;
use super::request::{Filling, RequestKey, StepRequest, Unsendable};
use super::transport::{Answer, Exchange, Failure, Ready, Traffic, Transport};
use crate::metrics::{ARRIVED_WHEN_READ, Outcome, RequestPhase};
use crate::model::Connections;

/// What is read at once.
const READ_BYTES: usize = 64 * 1024;

/// The lean transport of one worker.
pub(in crate::engine) struct WireTransport {
    connections: Connections,
    tls: Option<TlsConnector>,
    origins: RefCell<Vec<Rc<OriginState>>>,
    /// Idle connections that users share, by origin.
    pool: RefCell<Vec<(u32, Connection)>>,
    n_open: Rc<Cell<u32>>,
    scratch: RefCell<Box<[u8]>>,
    /// Where the answer of the exchange that ended last stands.
    newest: RefCell<Newest>,
}

/// The idle connections of one virtual user, by origin; nearly always one; and whether its last exchange got an answer.
#[derive(Default)]
pub(in crate::engine) struct WireSession {
    first: Option<(u32, Connection)>,
    others: Vec<(u32, Connection)>,
    is_answered: bool,
}

/// A request as bytes: rendered before the run, or just now.
pub(super) enum WireReady<'a> {
    Whole(&'a WireRequest),
    Filled(Box<WireRequest>),
}

/// What tells when an answer came.
pub(in crate::engine) fn arrivals() -> &'static str {
    if stamped::is_stamping() { "the system's stamp" } else { ARRIVED_WHEN_READ }
}

/// Why an exchange on one connection failed.
enum Broken {
    /// Not a byte came back: if it had been idle, it was closed meanwhile.
    Unanswered(Failure),
    Failed(Failure),
}

impl WireTransport {
    pub fn new(connections: Connections, tls: Option<TlsConnector>) -> Self {
        Self {
            connections,
            tls,
            origins: RefCell::default(),
            pool: RefCell::default(),
            n_open: Rc::default(),
            scratch: RefCell::new(vec![0; READ_BYTES].into_boxed_slice()),
            newest: RefCell::default(),
        }
    }

    /// The index of an origin, which its requests keep from their first time on.
    fn index_of(&self, origin: &Arc<Origin>, kept: &Cell<Option<u32>>) -> u32 {
        kept.get().unwrap_or_else(|| {
            let mut origins = self.origins.borrow_mut();
            let known = origins.iter().position(|known| known.is(origin));
            let index = known.unwrap_or_else(|| {
                origins.push(Rc::new(OriginState::new(Arc::clone(origin))));
                origins.len() - 1
            });
            kept.set(Some(index as u32));
            index as u32
        })
    }

    /// An idle connection to an origin.
    fn take_idle(&self, session: &mut WireSession, origin: u32) -> Option<Connection> {
        match self.connections {
            Connections::PerUser => session.take(origin),
            Connections::Pooled => {
                let mut pool = self.pool.borrow_mut();
                let index = pool.iter().rposition(|(of, _)| *of == origin)?;
                Some(pool.swap_remove(index).1)
            }
            Connections::PerRequest => None,
        }
    }

    /// An idle connection that still stands, and whether others did not, which are dropped.
    fn take_standing(
        &self,
        session: &mut WireSession,
        origin: u32,
        context: &mut Context<'_>,
    ) -> (Option<Connection>, bool) {
        let mut found_closed = false;
        while let Some(mut connection) = self.take_idle(session, origin) {
            if !connection.is_stale(context) {
                return (Some(connection), found_closed);
            }
            found_closed = true;
        }
        (None, found_closed)
    }

    fn give_back(&self, session: &mut WireSession, origin: u32, connection: Connection) {
        match self.connections {
            Connections::PerUser => session.keep(origin, connection),
            Connections::Pooled => self.pool.borrow_mut().push((origin, connection)),
            Connections::PerRequest => {}
        }
    }

    /// Reads an answer to its end; returns when its first byte and its last came.
    async fn receive(
        &self,
        connection: &mut Connection,
        reader: &mut AnswerReader,
        started_at: Instant,
    ) -> Result<(Instant, Instant), Broken> {
        let mut first_at = None;
        poll_fn(|context| {
            loop {
                let mut scratch = self.scratch.borrow_mut();
                let mut read = ReadBuf::new(&mut scratch);
                let result = match connection.poll_read(context, &mut read) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(result) => result,
                };
                // Never before it was sent: the system's clock may have been set meanwhile.
                let arrived_at = connection.arrived_at().max(started_at);
                let first_at = *first_at.get_or_insert(arrived_at);
                let progress = match result {
                    Ok(()) if read.filled().is_empty() => reader.close().map(|()| Progress::Complete),
                    Ok(()) => reader.feed(read.filled()),
                    Err(error) if reader.is_untouched() => {
                        return Poll::Ready(Err(Broken::Unanswered(Failure::of_exchange(&error, false))));
                    }
                    Err(error) => {
                        return Poll::Ready(Err(Broken::Failed(Failure::of_exchange(&error, true))));
                    }
                };
                match progress {
                    Ok(Progress::Complete) => return Poll::Ready(Ok((first_at, arrived_at))),
                    Ok(Progress::More) => {}
                    Err(Malformed::ClosedUnanswered) => {
                        let failure = Failure::new(Outcome::Protocol, UNANSWERED);
                        return Poll::Ready(Err(Broken::Unanswered(failure)));
                    }
                    Err(malformed) => {
                        return Poll::Ready(Err(Broken::Failed(Failure::new(
                            Outcome::Protocol,
                            malformed.words(),
                        ))));
                    }
                }
            }
        })
        .await
    }
}

/// The answer of a reader that is complete.
// Out of its place, since moving a reader costs more than moving what is in it.
fn answer_of(reader: &mut AnswerReader) -> Answer {
    let (body, body_complete) = reader.body.take_bytes();
    Answer {
        status: reader.status,
        headers: std::mem::take(&mut reader.headers),
        body,
        packed: None,
        body_complete,
        n_body_bytes: reader.body.n_bytes(),
    }
}

impl WireSession {
    fn take(&mut self, origin: u32) -> Option<Connection> {
        if let Some((_, connection)) = self.first.take_if(|(of, _)| *of == origin) {
            return Some(connection);
        }
        let index = self.others.iter().position(|(of, _)| *of == origin)?;
        Some(self.others.swap_remove(index).1)
    }

    fn keep(&mut self, origin: u32, connection: Connection) {
        match self.first {
            None => self.first = Some((origin, connection)),
            Some(_) => self.others.push((origin, connection)),
        }
    }
}

impl WireReady<'_> {
    fn request(&self) -> &WireRequest {
        match self {
            Self::Whole(request) => request,
            Self::Filled(request) => request,
        }
    }
}

impl Ready for WireReady<'_> {
    fn n_bytes(&self) -> u64 {
        self.request().n_bytes() as u64
    }

    fn line(&self) -> String {
        self.request().line()
    }
}

impl Transport for WireTransport {
    type Session = WireSession;
    type Ready<'a> = WireReady<'a>;

    fn ready<'a>(
        &self,
        _: &mut WireSession,
        request: &'a StepRequest,
        filling: &mut Filling<'_>,
    ) -> Result<WireReady<'a>, Unsendable> {
        match request {
            StepRequest::Complete(_, Some(whole)) => Ok(WireReady::Whole(whole)),
            StepRequest::Gapped(_, Some(template)) => {
                self.index_of(&template.origin, &template.origin_index);
                Ok(WireReady::Filled(Box::new(template.fill(filling)?)))
            }
            StepRequest::Complete(_, None) | StepRequest::Gapped(_, None) => {
                let filled = request.fill(filling)?;
                let whole = WireRequest::of(&filled)
                    .ok_or_else(|| Unsendable(format!("`{}` names no host", filled.url)))?;
                Ok(WireReady::Filled(Box::new(whole)))
            }
        }
    }

    fn lookup_key(&self, _: &WireSession, request: &WireReady<'_>) -> Option<RequestKey> {
        request.request().lookup_key
    }

    async fn exchange(
        &self,
        session: &mut WireSession,
        request: &Self::Ready<'_>,
        sent: Instant,
        keeps_all: bool,
    ) -> Exchange {
        let request = request.request();
        let origin_index = self.index_of(&request.origin, &request.origin_index);
        let mut traffic = Traffic::default();
        let taking = poll_fn(|context| Poll::Ready(self.take_standing(session, origin_index, context)));
        let (mut idle, found_closed) = taking.await;
        traffic.reconnected = found_closed && idle.is_none();
        let mut started_at = sent;
        session.is_answered = false;
        loop {
            let is_fresh = idle.is_none();
            let mut connection = match idle.take() {
                Some(connection) => connection,
                None => {
                    // Apart, so that a user whose connection stands does not carry the room for opening one.
                    let origin = Rc::clone(&self.origins.borrow()[origin_index as usize]);
                    let tls = self.tls.as_ref().filter(|_| origin.is_tls());
                    let opening = Connection::open(&origin, tls, &self.n_open, &mut traffic.phases);
                    match Box::pin(opening).await {
                        Ok(connection) => {
                            traffic.n_connections += 1;
                            started_at = Instant::now();
                            connection
                        }
                        Err(failure) => return Exchange::failed(traffic, failure),
                    }
                }
            };
            let wanted = if request.wants_body || keeps_all { Wanted::All } else { Wanted::Count };
            let wants_headers = request.wants_headers || keeps_all;
            let mut reader = AnswerReader::new(request.is_head, wants_headers, wanted);
            let mut sending = connection.send(&request.bytes).await;
            if let (Ok(()), Some(body)) = (&sending, &request.large_body) {
                sending = connection.send(body).await;
            }
            let sent_at = Instant::now();
            let is_sent = sending.is_ok();
            traffic.bytes_sent += request.n_bytes() as u64;
            // A server may answer and close before it has read everything: the answer counts.
            let received = match sending {
                Err(error) if is_fresh => {
                    match self.receive(&mut connection, &mut reader, started_at).await {
                        // The end of the connection says less than why nothing could be sent, unless TLS had words.
                        Err(Broken::Unanswered(end)) if end.outcome != Outcome::Tls => {
                            Err(Broken::Failed(Failure::of_exchange(&error, false)))
                        }
                        received => received,
                    }
                }
                _ => self.receive(&mut connection, &mut reader, started_at).await,
            };
            traffic.bytes_received += reader.n_received();
            session.is_answered = reader.has_head();
            self.newest.replace(reader.take_place());
            match received {
                Ok((first_at, ended)) => {
                    traffic.phases.set(RequestPhase::Send, sent_at - started_at);
                    traffic.phases.set(RequestPhase::Wait, first_at.saturating_duration_since(sent_at));
                    traffic.phases.set(RequestPhase::Receive, ended - first_at);
                    if is_sent && reader.keeps_connection() {
                        self.give_back(session, origin_index, connection);
                    }
                    return Exchange { ended, traffic, answer: Ok(answer_of(&mut reader)) };
                }
                Err(Broken::Unanswered(_)) if !is_fresh => traffic.reconnected = true,
                Err(Broken::Unanswered(failure) | Broken::Failed(failure)) => {
                    return Exchange::failed(traffic, failure);
                }
            }
        }
    }

    fn glimpse(&self, session: &WireSession, request: &Self::Ready<'_>, exchange: &Exchange) -> Glimpse {
        let request = request.request();
        let (head, small_body) = request.parts();
        let body = request.large_body.as_deref().unwrap_or(small_body);
        let answer = exchange.answer.as_ref().ok();
        let newest = self.newest.borrow();
        Glimpse {
            sent: Message::of_bytes(head, body, body.len() as u64),
            answer: session.is_answered.then(|| newest.message(&self.scratch.borrow(), answer)).flatten(),
        }
    }

    fn n_connections(&self, _: impl FnOnce() -> usize) -> u32 {
        self.n_open.get()
    }
}
