//! What can be seen of a request from outside reqwest: the connections that are made for it.
//!
//! The hooks are called while the request's own future is polled, and leave what they see in a task-local of
//! that future. hyper may finish a connection on a task of its own: then another request gets it, this one has
//! made none, and nobody's phases count it.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
// The connection is on the heap: most requests make none, and all of this moves with each poll.
#[derive(Default)]
pub(super) struct Seen {
    polled: bool,
    connection: Option<Box<Connection>>,
}

/// A connection that was begun for a request.
struct Connection {
    started: Instant,
    lookup: Duration,
    /// When the newest ClientHello was made; behind a proxy of `https://` it is the second that counts.
    handshake_at: Option<Instant>,
    /// When it stood, if it ever did before this request had its answer.
    stood_at: Option<Instant>,
    /// Whether the request had been polled before: it had another connection then.
    late: bool,
}

/// How long it took to make a connection.
#[derive(Clone, Copy)]
pub(super) struct ConnectionTimes {
    /// None where the host is an address.
    pub lookup: Option<Duration>,
    /// Without look-up and handshake.
    pub connect: Duration,
    pub handshake: Option<Duration>,
}

impl ConnectionTimes {
    pub fn total(self) -> Duration {
        self.lookup.unwrap_or_default() + self.connect + self.handshake.unwrap_or_default()
    }
}

impl Seen {
    /// The times of the connection that was made for the request; none where it got a used one.
    pub fn connection_times(&self) -> Option<ConnectionTimes> {
        let connection = self.connection.as_deref()?;
        let stood_at = connection.stood_at?;
        let until_stood = connection.handshake_at.unwrap_or(stood_at) - connection.started;
        Some(ConnectionTimes {
            lookup: (!connection.lookup.is_zero()).then_some(connection.lookup),
            connect: until_stood.saturating_sub(connection.lookup),
            handshake: connection.handshake_at.map(|at| stood_at - at),
        })
    }

    /// Whether the request was given back by a connection that had been closed, and got a new one.
    pub fn reconnected(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.late && connection.stood_at.is_some())
    }

    /// Whether a connection that failed did so in the handshake.
    pub fn began_handshake(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.handshake_at.is_some())
    }
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

fn with_seen(note: impl FnOnce(&mut Seen)) {
    let _ = SEEN.try_with(|seen| note(&mut seen.borrow_mut()));
}

fn with_connection(note: impl FnOnce(&mut Connection)) {
    with_seen(|seen| _ = seen.connection.as_deref_mut().map(note));
}

/// Wraps reqwest's connector: sees when a connection begins to be made and when it stands.
#[derive(Clone)]
pub(super) struct SeesConnections;

// reqwest copies its connector for each request, whether that connects or not; what is inside is shared, so that
// it is not copied too.
pub(super) struct SeenConnector<S>(Arc<Mutex<S>>);

impl<S> Clone for SeenConnector<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S> SeenConnector<S> {
    // Never waits: a client belongs to one worker, which is one thread.
    fn inner(&self) -> MutexGuard<'_, S> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S> Layer<S> for SeesConnections {
    type Service = SeenConnector<S>;

    fn layer(&self, inner: S) -> SeenConnector<S> {
        SeenConnector(Arc::new(Mutex::new(inner)))
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
        self.inner().poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        with_seen(|seen| {
            seen.connection = Some(Box::new(Connection {
                started: Instant::now(),
                lookup: Duration::ZERO,
                handshake_at: None,
                stood_at: None,
                late: seen.polled,
            }));
        });
        let connecting = self.inner().call(request);
        Box::pin(async move {
            let connected = connecting.await;
            if connected.is_ok() {
                with_connection(|connection| connection.stood_at = Some(Instant::now()));
            }
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
            with_connection(|connection| connection.lookup += started.elapsed());
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
        with_connection(|connection| connection.handshake_at = Some(Instant::now()));
        self.0.take_tls13_ticket(server)
    }
}
