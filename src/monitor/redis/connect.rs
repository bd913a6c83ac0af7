//! Reaching a Redis server: its URL, one connection, and what errors mean.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::task::Poll;

use ::redis::aio::MultiplexedConnection;
use ::redis::{
    AsyncConnectionConfig, Cmd, ConnectionAddr, ErrorKind, FromRedisValue, IntoConnectionInfo as _,
    RedisConnectionInfo, RedisError, ServerErrorKind,
};
use rustls::pki_types::ServerName;

use super::super::ProbeError;
use super::super::stream::{self, Counted, Place, Trust, Wire};
use crate::model::RedisProbe;

const SERVER: &str = "Redis";

/// A server and how to get there.
pub(super) struct Target {
    access: RedisConnectionInfo,
    place: Place,
    /// Whose certificates are taken, where the connection is secured.
    trust: Option<Trust>,
    has_user: bool,
    has_password: bool,
    /// Without secrets.
    address: String,
}

/// One connection to a server.
// It is driven by its own questions rather than by a task beside them, so that its cost counts as the probe's.
pub(super) struct Session {
    connection: MultiplexedConnection,
    driver: Pin<Box<dyn Future<Output = ()> + Send>>,
}

impl Target {
    /// Reads the monitor's URL.
    pub(super) fn of(probe: &RedisProbe) -> Result<Self, ProbeError> {
        let unreadable = || {
            let text = "the monitor's `url` is no address of a Redis server; write it like redis://user@host:6379, or \
                        rediss:// for a secured connection";
            ProbeError(text.to_owned())
        };
        // The crate's own words for what is wrong may hold what stands in the URL.
        let info = probe.url.as_str().into_connection_info().map_err(|_| unreadable())?;
        let (place, trust) = match info.addr() {
            ConnectionAddr::Tcp(host, port) => (Place::Port(host.clone(), *port), None),
            ConnectionAddr::TcpTls { host, port, insecure, .. } => {
                let trust = if *insecure { Trust::Anyone } else { Trust::System };
                (Place::Port(host.clone(), *port), Some(trust))
            }
            ConnectionAddr::Unix(path) => (Place::Socket(path.clone()), None),
            _ => return Err(unreadable()),
        };
        let address = match &place {
            Place::Port(host, port) => format!("{host}:{port}"),
            Place::Socket(path) => path.display().to_string(),
        };
        // Its own name would be one more command for an ACL to allow.
        let mut access = info.redis_settings().clone().set_skip_set_lib_name();
        if !probe.password.is_empty() {
            access = access.set_password(&probe.password);
        }
        let (has_user, has_password) = (access.username().is_some(), access.password().is_some());
        Ok(Self { access, place, trust, has_user, has_password, address })
    }

    /// Where it is, without secrets.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Opens a session; `n_bytes` grows with what is read.
    pub(super) async fn open(&self, n_bytes: Arc<AtomicU64>) -> Result<Session, ProbeError> {
        let wire =
            self.wire(n_bytes).await.map_err(|error| stream::explained(&error, SERVER, &self.address))?;
        // Who asks bounds the time.
        let config = AsyncConnectionConfig::new().set_response_timeout(None).set_connection_timeout(None);
        let opened = MultiplexedConnection::new_with_config(&self.access, wire, config).await;
        let (connection, driver) = opened.map_err(|error| self.explained(&error))?;
        Ok(Session { connection, driver: Box::pin(driver) })
    }

    async fn wire(&self, n_bytes: Arc<AtomicU64>) -> io::Result<Box<dyn Wire>> {
        let wire = Counted::open(&self.place, n_bytes).await?;
        let (Some(trust), Place::Port(host, _)) = (&self.trust, &self.place) else {
            return Ok(Box::new(wire));
        };
        let config = stream::client_config(trust).map_err(|error| io::Error::other(error.0))?;
        let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        Ok(Box::new(connector.connect(name, wire).await?))
    }

    /// What an error means for who watches this server.
    pub(super) fn explained(&self, error: &RedisError) -> ProbeError {
        let address = &self.address;
        if let Some(error) = source_of(error) {
            return stream::explained(error, SERVER, address);
        }
        if error.is_io_error() || error.is_connection_dropped() {
            return stream::explained(&io::ErrorKind::UnexpectedEof.into(), SERVER, address);
        }
        let said = error.detail().unwrap_or_default();
        let code = error.code().unwrap_or_default();
        let refused_password = error.kind() == ErrorKind::AuthenticationFailed || code == "WRONGPASS";
        let text = match code {
            "NOAUTH" => "it asks for a password; set the monitor's `password`".to_owned(),
            _ if refused_password && !self.has_password => {
                "it asks for a password; set the monitor's `password`".to_owned()
            }
            _ if refused_password && self.has_user => {
                "it knows no such user with this password; correct the monitor's `password`, or the user in its `url`"
                    .to_owned()
            }
            _ if refused_password => {
                "the password is not accepted; correct the monitor's `password`, or name a user in its `url`".to_owned()
            }
            "NOPERM" => "its user may not read it; allow it there: ACL SETUSER name +info +time".to_owned(),
            "LOADING" => "it is loading its data, and is asked again each second".to_owned(),
            "ERR" if said.contains("max number of clients") => {
                "all its connections are taken; allow more (maxclients), or give the application's pool fewer".to_owned()
            }
            _ if error.kind() == ErrorKind::Parse => {
                "what answers there does not speak Redis' protocol; correct the monitor's `url`".to_owned()
            }
            _ if said.is_empty() => error.category().to_owned(),
            _ => said.to_owned(),
        };
        ProbeError(format!("{SERVER} cannot be read: {text}: {address}"))
    }
}

/// The failure of the connection below, where it is one.
fn source_of(error: &RedisError) -> Option<&io::Error> {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return Some(error);
        }
        source = error.source();
    }
    None
}

/// Whether the server itself said no, which leaves the connection as it was.
pub(super) fn is_refusal(error: &RedisError) -> bool {
    matches!(error.kind(), ErrorKind::Server(kind) if kind != ServerErrorKind::BusyLoading)
}

impl Session {
    pub(super) async fn ask<T: FromRedisValue>(&mut self, command: &Cmd) -> Result<T, RedisError> {
        let Self { connection, driver } = self;
        let mut answer = std::pin::pin!(command.query_async(connection));
        std::future::poll_fn(|context| {
            let ended = driver.as_mut().poll(context);
            match answer.as_mut().poll(context) {
                Poll::Ready(answer) => Poll::Ready(answer),
                Poll::Pending if ended.is_ready() => {
                    Poll::Ready(Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()))
                }
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str, password: &str) -> Result<Target, ProbeError> {
        Target::of(&RedisProbe { url: url.to_owned(), password: password.to_owned() })
    }

    #[test]
    fn a_url_says_where_and_its_address_holds_no_secret() {
        let read = target("redis://watch:s3cret@cache.example:6380/2", "").unwrap();
        assert_eq!((read.address(), read.trust.clone()), ("cache.example:6380", None));
        assert_eq!((read.access.db(), read.has_user, read.has_password), (2, true, true));
        let read = target("rediss://cache.example", "s3cret").unwrap();
        assert_eq!((read.address(), read.trust.clone()), ("cache.example:6379", Some(Trust::System)));
        assert_eq!((read.has_user, read.access.password()), (false, Some("s3cret")));
        assert_eq!(target("rediss://cache/#insecure", "").unwrap().trust, Some(Trust::Anyone));
    }

    #[test]
    fn a_url_that_cannot_be_read_is_told_without_its_password() {
        for url in ["http://:s3cret@cache", "redis://:s3cret@cache:port", ""] {
            let error = target(url, "").err().unwrap().0;
            assert!(error.contains("redis://user@host:6379") && !error.contains("s3cret"), "{error}");
        }
    }
}
