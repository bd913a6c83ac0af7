//! What can be seen of a request from outside reqwest: the connections that are made for it.
//!
//! The hooks are called while the request's own future is polled, and leave what they see in a task-local of
//! that future. hyper may finish a connection on a task of its own: then another request gets it, this one has
//! made none, and nobody's phases count it.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::NamedGroup;
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::pki_types::ServerName;
use tokio::net::lookup_host;
use tokio::time::Instant;
use tower::{Layer, Service};

tokio::task_local! {
    static SEEN: RefCell<Seen>;
}

/// What was seen of a request so far.
#[derive(Default)]
pub(super) struct Seen {
    /// Time of the name look-up, where there was one.
    pub lookup: Option<Duration>,
    /// Time until connections stood, without look-up and handshake.
    pub connect: Option<Duration>,
    /// Time of the TLS handshakes.
    pub handshake: Option<Duration>,
    pub n_connections: u32,
    /// Whether the request was given back by a connection that had been closed, and got a new one.
    pub reconnected: bool,
    /// Whether it is the handshake that failed.
    pub failed_in_handshake: bool,
    connecting: Option<Connecting>,
    polled: bool,
}

struct Connecting {
    started: Instant,
    /// When the newest ClientHello was made; behind a proxy of `https://` it is the second that counts.
    handshake_at: Option<Instant>,
    lookup: Duration,
    /// Whether the request had been polled before: it had another connection then.
    late: bool,
}

/// Awaits `sending`, a request as reqwest sends it, and tells what was seen of it.
pub(super) async fn watch<F: Future>(sending: F) -> (F::Output, Seen) {
    let mut sending = pin!(sending);
    let polled = poll_fn(|context| {
        let polled = sending.as_mut().poll(context);
        let _ = SEEN.try_with(|seen| seen.borrow_mut().polled = true);
        polled
    });
    let mut watched = pin!(SEEN.scope(RefCell::default(), polled));
    let output = watched.as_mut().await;
    let seen = watched.take_value().map(RefCell::into_inner).unwrap_or_default();
    (output, seen)
}

impl Seen {
    /// Time in which there was no connection yet.
    pub fn until_connected(&self) -> Duration {
        [self.lookup, self.connect, self.handshake].into_iter().flatten().sum()
    }

    fn connect_ended(&mut self, succeeded: bool) {
        let Some(connecting) = self.connecting.take() else { return };
        self.failed_in_handshake = !succeeded && connecting.handshake_at.is_some();
        if !succeeded {
            return;
        }
        let ended = Instant::now();
        let stood = connecting.handshake_at.unwrap_or(ended);
        let connect = stood.saturating_duration_since(connecting.started).saturating_sub(connecting.lookup);
        self.connect = Some(connect);
        self.handshake = connecting.handshake_at.map(|at| ended - at);
        self.lookup = (!connecting.lookup.is_zero()).then_some(connecting.lookup);
        self.n_connections += 1;
        self.reconnected |= connecting.late;
    }
}

fn with_seen(note: impl FnOnce(&mut Seen)) {
    let _ = SEEN.try_with(|seen| note(&mut seen.borrow_mut()));
}

fn with_connecting(note: impl FnOnce(&mut Connecting)) {
    with_seen(|seen| _ = seen.connecting.as_mut().map(note));
}

/// Wraps reqwest's connector: sees when a connection begins to be made and when it stands.
#[derive(Clone)]
pub(super) struct SeesConnections;

#[derive(Clone)]
pub(super) struct SeenConnector<S>(S);

impl<S> Layer<S> for SeesConnections {
    type Service = SeenConnector<S>;

    fn layer(&self, inner: S) -> SeenConnector<S> {
        SeenConnector(inner)
    }
}

impl<S, R> Service<R> for SeenConnector<S>
where
    S: Service<R>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        with_seen(|seen| {
            let started = Instant::now();
            let late = seen.polled;
            seen.connecting = Some(Connecting { started, handshake_at: None, lookup: Duration::ZERO, late });
        });
        let connecting = self.0.call(request);
        Box::pin(async move {
            let connected = connecting.await;
            with_seen(|seen| seen.connect_ended(connected.is_ok()));
            connected
        })
    }
}

/// Looks names up as the system does, and sees how long that takes.
pub(super) struct SeenLookup;

impl Resolve for SeenLookup {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let started = Instant::now();
            let looked_up = lookup_host((name.as_str(), 0)).await;
            with_connecting(|connecting| connecting.lookup += started.elapsed());
            Ok(Box::new(looked_up?.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

/// Keeps TLS sessions in memory, and sees when a handshake begins: rustls asks for one to resume just then.
#[derive(Debug)]
pub(super) struct SeenSessions(ClientSessionMemoryCache);

/// Servers whose sessions are kept, as rustls does by itself.
const MAX_SERVERS: usize = 256;

impl SeenSessions {
    pub fn new() -> Self {
        Self(ClientSessionMemoryCache::new(MAX_SERVERS))
    }
}

impl ClientSessionStore for SeenSessions {
    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.0.set_kx_hint(server, group);
    }

    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        self.0.kx_hint(server)
    }

    fn set_tls12_session(&self, server: ServerName<'static>, session: Tls12ClientSessionValue) {
        self.0.set_tls12_session(server, session);
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.0.tls12_session(server)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.0.remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        self.0.insert_tls13_ticket(server, ticket);
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        with_connecting(|connecting| connecting.handshake_at = Some(Instant::now()));
        self.0.take_tls13_ticket(server)
    }
}
