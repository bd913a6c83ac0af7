//! Reaching a PostgreSQL server: its URL, its TLS modes as libpq means them, one session, and what errors mean.

use std::error::Error as _;
use std::future::Future as _;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use percent_encoding::percent_decode_str;
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, SimpleQueryMessage, SimpleQueryRow};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::super::ProbeError;
use super::super::stream::{self, Counted, Place, Trust};
use crate::model::PostgresProbe;

const SERVER: &str = "PostgreSQL";
/// By this name a server's administrator, and another monitor, knows the session.
pub(super) const APPLICATION_NAME: &str = "stagewright monitor";
const DEFAULT_PORT: u16 = 5432;

/// A server and how to get there.
pub(super) struct Target {
    config: Config,
    place: Place,
    trust: Trust,
    /// The name that its certificate has to have.
    name: String,
    /// Without secrets.
    address: String,
}

impl Target {
    /// Reads the monitor's URL; relative paths start at `files_root`.
    pub(super) fn of(probe: &PostgresProbe, files_root: Option<&Path>) -> Result<Self, ProbeError> {
        let (url, mode, authority) = without_tls_words(&probe.url);
        // The crate's own words for what is wrong may hold what stands in the URL.
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            let reason = error.source().map_or_else(|| "it cannot be read".to_owned(), ToString::to_string);
            ProbeError(format!(
                "the monitor's `url` is no address of a PostgreSQL server ({reason}); write it like \
                 postgres://user@host:5432/database"
            ))
        })?;
        let port = config.get_ports().first().copied().unwrap_or(DEFAULT_PORT);
        let (place, name) = match config.get_hosts().first() {
            Some(Host::Tcp(host)) => (Place::Port(host.clone(), port), host.clone()),
            #[cfg(unix)]
            Some(Host::Unix(folder)) => {
                (Place::Socket(folder.join(format!(".s.PGSQL.{port}"))), "localhost".to_owned())
            }
            None => (Place::Port("127.0.0.1".to_owned(), port), "127.0.0.1".to_owned()),
        };
        let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
        let address = match &place {
            Place::Port(host, port) => format!("{host}:{port}/{database}"),
            Place::Socket(path) => format!("{}/{database}", path.display()),
        };
        if !probe.password.is_empty() {
            config.password(&probe.password);
        }
        config.application_name(APPLICATION_NAME);
        let authority = authority.map(|path| files_root.unwrap_or(Path::new("")).join(path));
        let trust = match mode.as_deref() {
            None => Trust::Anyone,
            Some("disable") => {
                config.ssl_mode(SslMode::Disable);
                Trust::Anyone
            }
            Some("allow" | "prefer") => Trust::Anyone,
            Some("require") => {
                config.ssl_mode(SslMode::Require);
                // As libpq does it: who names an authority wants it to be heard.
                authority.map_or(Trust::Anyone, Trust::Authority)
            }
            Some("verify-ca" | "verify-full") => {
                config.ssl_mode(SslMode::Require);
                authority.map_or(Trust::System, Trust::Authority)
            }
            Some(_) => {
                let text =
                    "the `sslmode` of the monitor's `url` is none of disable, prefer, require, verify-full";
                return Err(ProbeError(format!("{text}: {address}")));
            }
        };
        if matches!(place, Place::Socket(_)) {
            config.ssl_mode(SslMode::Disable);
        }
        Ok(Self { config, place, trust, name, address })
    }

    /// Where it is, without secrets.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Opens a session; `n_bytes` grows with what is read.
    pub(super) async fn open(&self, n_bytes: Arc<AtomicU64>) -> Result<Session, ProbeError> {
        let wire = Counted::open(&self.place, n_bytes)
            .await
            .map_err(|error| stream::explained(&error, SERVER, &self.address))?;
        let mut tls = MakeRustlsConnect::new(stream::client_config(&self.trust)?);
        let secured = MakeTlsConnect::<Counted>::make_tls_connect(&mut tls, &self.name)
            .map_err(|error| ProbeError(format!("{error}; correct the monitor's `url`: {}", self.address)))?;
        let opened = self.config.connect_raw(wire, secured).await;
        let (client, connection) = opened.map_err(|error| self.explained(&error))?;
        Ok(Session { client, connection: Box::pin(connection), n_asked: 0 })
    }

    /// What an error means for who watches this server.
    pub(super) fn explained(&self, error: &tokio_postgres::Error) -> ProbeError {
        let address = &self.address;
        if let Some(error) = error.as_db_error() {
            let message = error.message();
            let advice = db_advice(error.code());
            return ProbeError(format!("{SERVER} refuses: {message}{advice}: {address}"));
        }
        let source = error.source();
        if let Some(error) = source.and_then(|source| source.downcast_ref::<io::Error>()) {
            return stream::explained(error, SERVER, address);
        }
        if error.is_closed() {
            return stream::explained(&io::ErrorKind::UnexpectedEof.into(), SERVER, address);
        }
        let reason = source.map_or_else(|| error.to_string(), ToString::to_string);
        let text = match reason.as_str() {
            "password missing" => "it asks for a password; set the monitor's `password`".to_owned(),
            "server does not support TLS" => {
                "it offers no secure connections; switch `ssl` on there, or take `sslmode=disable`".to_owned()
            }
            _ => reason,
        };
        ProbeError(format!("{SERVER} cannot be read: {text}: {address}"))
    }
}

/// What to do where the server itself said no.
fn db_advice(code: &SqlState) -> &'static str {
    match *code {
        SqlState::INVALID_PASSWORD => "; correct the monitor's `password`, or the user in its `url`",
        SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            "; correct the user in the monitor's `url`, or let it in: pg_hba.conf"
        }
        SqlState::INVALID_CATALOG_NAME => "; correct the database in the monitor's `url`",
        SqlState::TOO_MANY_CONNECTIONS => "; allow more connections, or give the application's pool fewer",
        SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN => "; it is being stopped",
        SqlState::CANNOT_CONNECT_NOW => "; it is asked again each second",
        SqlState::QUERY_CANCELED => "; it took too long to answer, and is asked again each second",
        SqlState::INSUFFICIENT_PRIVILEGE => "; grant the monitor's user the role pg_monitor",
        _ => "",
    }
}

/// Takes `sslmode` and `sslrootcert` out of a URL: the crate knows neither the second nor all words of the first.
fn without_tls_words(url: &str) -> (String, Option<String>, Option<PathBuf>) {
    let Some((before, query)) = url.split_once('?') else { return (url.to_owned(), None, None) };
    let (mut mode, mut authority, mut kept) = (None, None, Vec::new());
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = || percent_decode_str(value).decode_utf8_lossy().into_owned();
        match name {
            "sslmode" => mode = Some(value()),
            "sslrootcert" => authority = Some(PathBuf::from(value())),
            _ => kept.push(pair),
        }
    }
    let kept = kept.join("&");
    let url = if kept.is_empty() { before.to_owned() } else { format!("{before}?{kept}") };
    (url, mode, authority)
}

type Secured = <MakeRustlsConnect as MakeTlsConnect<Counted>>::Stream;

/// One connection to a server.
// It is driven by its own questions rather than by a task beside them, so that its cost counts as the probe's.
pub(super) struct Session {
    client: Client,
    connection: Pin<Box<Connection<Counted, Secured>>>,
    n_asked: u64,
}

impl Session {
    /// The rows that a statement, or several, come to.
    pub(super) async fn ask(&mut self, sql: &str) -> Result<Vec<SimpleQueryRow>, tokio_postgres::Error> {
        self.n_asked += 1;
        let Self { client, connection, .. } = self;
        let mut answer = std::pin::pin!(client.simple_query(sql));
        let messages = std::future::poll_fn(|context| {
            let ended = connection.as_mut().poll(context);
            if let std::task::Poll::Ready(messages) = answer.as_mut().poll(context) {
                // The connection knows better than the question why there is no answer.
                return std::task::Poll::Ready(match (messages, ended) {
                    (Err(error), std::task::Poll::Ready(Err(reason))) if error.is_closed() => Err(reason),
                    (messages, _) => messages,
                });
            }
            ended.map(|ended| match ended {
                Err(reason) => Err(reason),
                // Ended in peace without having answered, which its client is told at the next look.
                Ok(()) => Ok(Vec::new()),
            })
        });
        let rows = messages.await?.into_iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        Ok(rows.collect())
    }

    /// How many times it asked: as many transactions are its own.
    pub(super) fn n_asked(&self) -> u64 {
        self.n_asked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(url: &str) -> Result<Target, ProbeError> {
        Target::of(
            &PostgresProbe { url: url.to_owned(), ..PostgresProbe::default() },
            Some(Path::new("/files")),
        )
    }

    #[test]
    fn a_url_says_where_and_its_address_holds_no_secret() {
        let read = target("postgres://watch:s3cret@db.example:5433/shop?sslmode=require").unwrap();
        assert_eq!(read.place, Place::Port("db.example".to_owned(), 5433));
        assert_eq!(read.address(), "db.example:5433/shop");
        assert_eq!(target("postgres://watch@db/").unwrap().address(), "db:5432/watch");
        #[cfg(unix)]
        assert_eq!(
            target("postgres://watch@/shop?host=/run/postgresql").unwrap().place,
            Place::Socket(PathBuf::from("/run/postgresql/.s.PGSQL.5432"))
        );
    }

    #[test]
    fn tls_modes_mean_what_they_mean_to_libpq() {
        let check = |mode: &str, ssl_mode, trust| {
            let read = target(&format!("postgres://watch@db/shop?connect_timeout=2{mode}")).unwrap();
            assert_eq!((read.config.get_ssl_mode(), read.trust), (ssl_mode, trust), "{mode}");
        };
        check("", SslMode::Prefer, Trust::Anyone);
        check("&sslmode=disable", SslMode::Disable, Trust::Anyone);
        check("&sslmode=require", SslMode::Require, Trust::Anyone);
        check("&sslmode=verify-full", SslMode::Require, Trust::System);
        let own = Trust::Authority(PathBuf::from("/files/own ca.pem"));
        check("&sslmode=verify-full&sslrootcert=own%20ca.pem", SslMode::Require, own);
        let error = target("postgres://watch@db/shop?sslmode=maybe").err().unwrap().0;
        assert!(error.contains("verify-full") && error.ends_with("db:5432/shop"), "{error}");
    }

    #[test]
    fn a_url_that_cannot_be_read_is_told_without_its_password() {
        let error = target("postgres://watch:s3cret@db:port/shop").err().unwrap().0;
        assert!(error.contains("postgres://user@host:5432/database") && !error.contains("s3cret"), "{error}");
    }
}
