//! The connection to Redis. One failure gives it up, and until a new one stands nobody waits for it.
//!
//! Writes that an outage swallowed leave old values behind; so each new connection first clears all keys of the sandbox.

use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use axum::body::Bytes;
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, RedisError, TlsCertificates, cmd,
};
use tokio::time::{sleep, timeout};

use super::{PREFIX, RedisOptions};
use crate::sandbox::cache_manager::{CacheError, Pattern, StoreError};

/// How long a new connection may take, each command of its setup likewise.
const CONNECT_PATIENCE: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
const N_KEYS_PER_PAGE: u32 = 500;

pub(super) struct Link {
    client: Client,
    patience: Duration,
    live: ArcSwapOption<Live>,
    /// What ended the last connection; None while one stands.
    trouble: Mutex<Option<String>>,
}

/// A connection that stands.
struct Live(MultiplexedConnection);

impl Link {
    pub async fn connect(options: &RedisOptions) -> Result<Arc<Self>, CacheError> {
        let client = client(options)?;
        let opened = open(&client).await.map_err(|error| no_connection(&error, &client))?;
        let live = ArcSwapOption::from_pointee(opened);
        Ok(Arc::new(Self { client, patience: options.patience, live, trouble: Mutex::default() }))
    }

    /// Sends a command, and waits a short while for its answer.
    pub async fn ask<T: FromRedisValue>(self: &Arc<Self>, command: &Cmd) -> Result<T, StoreError> {
        let Some(live) = self.live.load_full() else { return Err(StoreError::OutOfReach) };
        let mut connection = live.0.clone();
        let why = match timeout(self.patience, command.query_async(&mut connection)).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {} ms", self.patience.as_millis()),
        };
        self.give_up(&live, &why);
        Err(StoreError::Failed(why))
    }

    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note_trouble(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// Ends this connection, unless another has replaced it already, and sees to a new one.
    // Whatever failed: an answer that refuses a write leaves an old value just as a lost connection does.
    fn give_up(self: &Arc<Self>, live: &Arc<Live>, why: &str) {
        let mine = Some(live.clone());
        let before = self.live.compare_and_swap(&mine, None);
        if before.as_ref().is_some_and(|before| Arc::ptr_eq(before, live)) {
            self.note_trouble(Some(why.to_owned()));
            tokio::spawn(reconnect(Arc::downgrade(self)));
        }
    }
}

/// Tries with growing pauses until a connection stands, or nobody wants one any more.
async fn reconnect(link: Weak<Link>) {
    let mut pause = FIRST_PAUSE;
    loop {
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
        let Some(client) = link.upgrade().map(|link| link.client.clone()) else { return };
        let opened = open(&client).await;
        let Some(link) = link.upgrade() else { return };
        match opened {
            Ok(live) => {
                link.note_trouble(None);
                link.live.store(Some(Arc::new(live)));
                return;
            }
            Err(error) => link.note_trouble(Some(error.to_string())),
        }
    }
}

/// A new connection to a store without old values.
async fn open(client: &Client) -> Result<Live, RedisError> {
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(CONNECT_PATIENCE))
        .set_response_timeout(Some(CONNECT_PATIENCE));
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    let everything = Pattern::new("*").for_redis(PREFIX);
    let mut cursor = 0;
    loop {
        let (next, keys): (u64, Vec<Bytes>) =
            next_page(cursor, &everything).query_async(&mut connection).await?;
        if !keys.is_empty() {
            let keys: Vec<&[u8]> = keys.iter().map(|key| &**key).collect();
            cmd("UNLINK").arg(keys).query_async::<()>(&mut connection).await?;
        }
        if next == 0 {
            return Ok(Live(connection));
        }
        cursor = next;
    }
}

/// Asks for some of the keys of a pattern. Never `KEYS`, which stops the server for as long as it takes.
pub(super) fn next_page(cursor: u64, glob: &[u8]) -> Cmd {
    let mut command = cmd("SCAN");
    command.arg(cursor).arg("MATCH").arg(glob).arg("COUNT").arg(N_KEYS_PER_PAGE);
    command
}

fn client(options: &RedisOptions) -> Result<Client, CacheError> {
    let is_secure = options.url.starts_with("rediss://");
    let client = match &options.ca_pem {
        Some(pem) if is_secure => Client::build_with_tls(
            options.url.as_str(),
            TlsCertificates { client_tls: None, root_cert: Some(pem.clone()) },
        ),
        _ => Client::open(options.url.as_str()),
    };
    if is_secure {
        // The client takes the process's choice, which has to be made where more than one is linked in. An error means it is.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
    client.map_err(|error| CacheError::Address(error.to_string()))
}

/// Why there is no connection, without the secrets of its address.
fn no_connection(error: &RedisError, client: &Client) -> CacheError {
    let why = error.to_string().trim_end_matches('.').to_owned();
    let address = client.get_connection_info().addr().to_string();
    let is_refused = error.kind() == ErrorKind::AuthenticationFailed
        || ["NOAUTH", "WRONGPASS", "NOPERM"].iter().any(|word| error.code() == Some(word));
    if is_refused { CacheError::Refused { why, address } } else { CacheError::Unreachable { why, address } }
}
