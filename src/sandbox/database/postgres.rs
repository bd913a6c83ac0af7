//! PostgreSQL, in a schema that the sandbox makes anew at its start and nobody else uses meanwhile.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::Poll;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::trust;

use super::pool::{Pool, PoolCounts, Pooled};
use super::value::from_postgres;
use super::{DatabaseError, Fetched, Filled, N_JOB_WORDS, Value, seed};

const SCHEMA: &str = "stagewright_sandbox";
/// Of the lock that says that a sandbox uses the schema: "stagewrt" in ASCII.
const LOCK: i64 = 0x7374_6167_6577_7274;
const N_LOCK_TRIES: u32 = 10;
const LOCK_PAUSE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(5);
/// Statements whose plan is kept by each connection.
const MAX_KEPT_PLANS: usize = 64;

/// The connections to a seeded schema.
pub struct PostgresPool {
    pool: Arc<Pool<PostgresConnection>>,
    indexed: Arc<AtomicBool>,
    /// Holds the lock as long as the sandbox lives.
    _keeper: Link,
}

/// One connection, with what it has prepared.
pub struct PostgresConnection {
    config: Arc<Config>,
    link: Link,
    prepared: HashMap<String, tokio_postgres::Statement>,
    /// A transaction may be open: its request was given up, or failed.
    in_doubt: bool,
    indexed: Arc<AtomicBool>,
}

/// A client, and the task that talks for it.
struct Link {
    client: Client,
    task: JoinHandle<()>,
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl PostgresPool {
    pub async fn open(url: &str, n_connections: usize) -> Result<Self, DatabaseError> {
        let mut config: Config = url.parse().map_err(told)?;
        config.connect_timeout(PATIENCE).application_name("stagewright sandbox");
        let options =
            [config.get_options().unwrap_or_default(), &format!("-c search_path={SCHEMA}")].join(" ");
        let config = Arc::new(std::mem::take(config.options(options.trim())));
        let keeper = Link::open(&config).await?;
        keeper.lock().await?;
        let mut texts = vec![format!("DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")];
        seed::script(|text| {
            texts.push(text.to_owned());
            Ok::<(), DatabaseError>(())
        })?;
        keeper.client.batch_execute("BEGIN").await.map_err(told)?;
        for text in texts {
            keeper.client.batch_execute(&text).await.map_err(told)?;
        }
        keeper.client.batch_execute("COMMIT; ANALYZE").await.map_err(told)?;
        let indexed = Arc::new(AtomicBool::new(false));
        let mut connections = Vec::with_capacity(n_connections);
        for _ in 0..n_connections {
            connections.push(PostgresConnection {
                config: Arc::clone(&config),
                link: Link::open(&config).await?,
                prepared: HashMap::new(),
                in_doubt: false,
                indexed: Arc::clone(&indexed),
            });
        }
        Ok(Self { pool: Pool::new(connections), indexed, _keeper: keeper })
    }

    pub fn counts(&self) -> PoolCounts {
        self.pool.counts()
    }

    pub async fn take(&self) -> Result<(Pooled<PostgresConnection>, Duration), DatabaseError> {
        self.pool.take().await.ok_or(DatabaseError::Ended)
    }

    /// Makes or drops the index.
    pub async fn change(&self, text: &str, indexed: bool) -> Result<(), DatabaseError> {
        let (mut connection, _) = self.take().await?;
        connection.make_ready().await?;
        connection.link.client.batch_execute(text).await.map_err(told)?;
        self.indexed.store(indexed, Relaxed);
        Ok(())
    }
}

impl Link {
    async fn open(config: &Config) -> Result<Self, DatabaseError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        // As libpq does it for `prefer` and `require`: Debian's PostgreSQL has a certificate that nobody knows.
        let verifier = trust::anyone(&provider);
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| DatabaseError::Postgres(error.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth();
        let (client, connection) = config.connect(MakeRustlsConnect::new(tls)).await.map_err(told)?;
        // How it ends is told to whoever asks the client next.
        let task = tokio::spawn(async move { drop(connection.await) });
        Ok(Self { client, task })
    }
}

impl Link {
    /// Takes the lock. That of a sandbox which has just ended may be held for a moment.
    async fn lock(&self) -> Result<(), DatabaseError> {
        for _ in 0..N_LOCK_TRIES {
            let row =
                self.client.query_one("SELECT pg_try_advisory_lock($1)", &[&LOCK]).await.map_err(told)?;
            if row.try_get::<_, bool>(0).map_err(told)? {
                return Ok(());
            }
            tokio::time::sleep(LOCK_PAUSE).await;
        }
        Err(DatabaseError::InUse)
    }
}

impl PostgresConnection {
    /// Connects again where the connection was lost, and ends what another left open.
    async fn make_ready(&mut self) -> Result<(), DatabaseError> {
        if self.link.client.is_closed() {
            self.link = Link::open(&self.config).await?;
            self.prepared.clear();
        } else if self.in_doubt {
            self.link.client.batch_execute("ROLLBACK").await.map_err(told)?;
        }
        self.in_doubt = false;
        Ok(())
    }

    pub async fn run(&mut self, filled: &[Filled]) -> Result<Vec<Fetched>, DatabaseError> {
        self.make_ready().await?;
        for (statement, _) in filled {
            self.prepare(&statement.text).await?;
        }
        self.in_doubt = filled.len() > 1;
        let results = self.run_prepared(filled).await;
        let rows = results?;
        self.in_doubt = false;
        let n_words = if self.indexed.load(Relaxed) { 0 } else { N_JOB_WORDS as u64 };
        // PostgreSQL does not say with its rows how many it looked at; without the index it is all of them.
        let scanned = |searches_words: bool| if searches_words { n_words } else { 0 };
        let fetched = rows.into_iter().zip(filled).map(|(rows, (statement, _))| {
            let rows = rows.iter().map(from_postgres).collect::<Result<_, _>>().map_err(told)?;
            Ok(Fetched { rows, n_scanned: scanned(statement.searches_words) })
        });
        fetched.collect()
    }

    async fn prepare(&mut self, text: &str) -> Result<(), DatabaseError> {
        if self.prepared.contains_key(text) {
            return Ok(());
        }
        if self.prepared.len() >= MAX_KEPT_PLANS {
            self.prepared.clear();
        }
        let prepared = self.link.client.prepare(text).await.map_err(told)?;
        self.prepared.insert(text.to_owned(), prepared);
        Ok(())
    }

    /// Sends all statements before the first is answered; several within a transaction.
    async fn run_prepared(&self, filled: &[Filled]) -> Result<Vec<Vec<tokio_postgres::Row>>, DatabaseError> {
        let client = &self.link.client;
        let query = |(statement, values): &Filled| {
            let prepared = self.prepared.get(&*statement.text).cloned();
            let values = values.clone();
            async move {
                // Prepared by the caller.
                let prepared = prepared.ok_or(DatabaseError::Ended)?;
                let values: Vec<&(dyn ToSql + Sync)> =
                    values.iter().map(|value: &Value| value as _).collect();
                client.query(&prepared, &values).await.map_err(told)
            }
        };
        if let [only] = filled {
            return Ok(vec![query(only).await?]);
        }
        let bare = |text: &'static str| async move {
            client.batch_execute(text).await.map(|()| Vec::new()).map_err(told)
        };
        let mut asked: Vec<Asked<'_>> = vec![Box::pin(bare("BEGIN"))];
        asked.extend(filled.iter().map(|filled| -> Asked<'_> { Box::pin(query(filled)) }));
        asked.push(Box::pin(bare("COMMIT")));
        let mut answers = all(asked).await.into_iter().collect::<Result<Vec<_>, _>>()?;
        answers.pop();
        answers.remove(0);
        Ok(answers)
    }
}

type Answered = Result<Vec<tokio_postgres::Row>, DatabaseError>;
type Asked<'a> = Pin<Box<dyn Future<Output = Answered> + Send + 'a>>;

/// Polls all in their order until each has its answer: the client sends what is polled first, first, and waits for nothing.
async fn all(mut asked: Vec<Asked<'_>>) -> Vec<Answered> {
    let mut answers: Vec<Option<Answered>> = asked.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (asked, answer) in asked.iter_mut().zip(&mut answers) {
            if answer.is_none()
                && let Poll::Ready(answered) = asked.as_mut().poll(context)
            {
                *answer = Some(answered);
            }
        }
        if answers.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    answers.into_iter().flatten().collect()
}

/// The error and what it comes from, without the URL and its password.
fn told(error: tokio_postgres::Error) -> DatabaseError {
    let source = std::error::Error::source(&error).map(|source| format!(": {source}"));
    DatabaseError::Postgres(format!("{error}{}", source.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn where_no_postgresql_is_the_error_says_so_and_no_password() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let url = format!("postgres://ada:secret@127.0.0.1:{port}/sandbox");
        let error = PostgresPool::open(&url, 1).await.err().unwrap().to_string();
        assert!(error.contains("PostgreSQL") && !error.contains("secret"), "{error}");
    }

    #[tokio::test]
    async fn all_are_asked_before_one_is_answered() {
        let (send, receive) = tokio::sync::oneshot::channel::<()>();
        let first: Asked<'_> = Box::pin(async move {
            receive.await.map_err(|_| DatabaseError::Ended)?;
            Ok(Vec::new())
        });
        let second: Asked<'_> = Box::pin(async move {
            send.send(()).map_err(|()| DatabaseError::Ended)?;
            Ok(Vec::new())
        });
        assert!(all(vec![first, second]).await.iter().all(Result::is_ok));
    }
}
