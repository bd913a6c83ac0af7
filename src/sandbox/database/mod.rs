//! Where the services keep their data: SQLite in this process, or PostgreSQL; the same tables and statements on both.
//!
//! SQLite answers at once, so the way to a database is simulated by [`Costs`]: who runs statements has to wait so long.
//! Knows no routes; which statements there are is the business of `data`, and counting them that of `query_optimizer`.

mod pool;
mod postgres;
mod seed;
mod sqlite;
mod value;

use std::borrow::Cow;
use std::time::Duration;

pub use pool::PoolCounts;
use pool::Pooled;
use postgres::{PostgresConnection, PostgresPool};
pub use seed::{N_COURSES, N_ENROLMENTS, N_ENTRIES_PER_WALLET, N_JOB_WORDS, N_KEPT, N_USERS};
use sqlite::SqlitePool;
pub use value::{Row, Value};

/// How long a statement is on its way to the database and back, where nothing else is asked for.
pub const USUAL_ROUND_TRIP: Duration = Duration::from_millis(1);
/// Connections of the pool: about four are in use when the platform is at its busiest.
const N_CONNECTIONS: usize = 16;

/// Times that a database in another machine would take, and this one does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Costs {
    /// From sending statements to having their rows; running those that find rows by an index is within it.
    pub round_trip: Duration,
    /// Writing a transaction to disk, so that it outlives a crash.
    pub commit: Duration,
    /// Reading one row of a table that has to be read as a whole.
    pub scanned_row: Duration,
}

impl Costs {
    /// Those of a disk and a network of today, with this round trip.
    pub const fn with_round_trip(round_trip: Duration) -> Self {
        Self { round_trip, commit: Duration::from_millis(3), scanned_row: Duration::from_micros(1) }
    }

    /// How long a round trip takes at least, however fast its statements really are.
    pub fn of(&self, wrote: bool, n_scanned: u64) -> Duration {
        let commit = if wrote { self.commit } else { Duration::ZERO };
        self.round_trip + commit + self.scanned_row.mul_f64(n_scanned as f64)
    }
}

/// One statement, with `$1`, `$2` … in the order of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Under which it is counted.
    pub name: &'static str,
    pub text: Cow<'static, str>,
    pub writes: bool,
    /// It reads the words of all jobs where their index is missing.
    pub searches_words: bool,
}

impl Statement {
    /// One that reads.
    pub const fn read(name: &'static str, text: &'static str) -> Self {
        Self { name, text: Cow::Borrowed(text), writes: false, searches_words: false }
    }

    /// One that changes rows.
    pub const fn write(name: &'static str, text: &'static str) -> Self {
        Self { name, text: Cow::Borrowed(text), writes: true, searches_words: false }
    }
}

/// A statement and its values.
pub type Filled = (Statement, Vec<Value>);

/// What a statement brought.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fetched {
    pub rows: Vec<Row>,
    /// Rows read one after the other for want of an index.
    pub n_scanned: u64,
}

/// Why the data cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    #[error("the sandbox's database in memory failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("PostgreSQL refuses or does not answer: {0}. Check that it runs, and its URL, user and password")]
    Postgres(String),
    #[error("another sandbox keeps its data in this PostgreSQL; end it, or name another database")]
    InUse,
    #[error("the sandbox ends")]
    Ended,
}

/// A seeded database.
pub enum Database {
    Sqlite(SqlitePool),
    Postgres(PostgresPool),
}

/// A connection that goes back to its pool when dropped.
pub enum Connection {
    Sqlite(sqlite::SqliteConnection),
    Postgres(Pooled<PostgresConnection>),
}

impl Database {
    /// A new one in memory.
    pub fn in_memory() -> Result<Self, DatabaseError> {
        SqlitePool::open(N_CONNECTIONS).map(Self::Sqlite)
    }

    /// The one at this URL, its schema made anew.
    pub async fn at(url: &str) -> Result<Self, DatabaseError> {
        PostgresPool::open(url, N_CONNECTIONS).await.map(Self::Postgres)
    }

    /// As Prometheus and PostgreSQL call it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgresql",
        }
    }

    /// How the connections are used.
    pub fn pool(&self) -> PoolCounts {
        match self {
            Self::Sqlite(pool) => pool.counts(),
            Self::Postgres(pool) => pool.counts(),
        }
    }

    /// Waits for a connection; how long it waited comes with it.
    pub async fn connection(&self) -> Result<(Connection, Duration), DatabaseError> {
        match self {
            Self::Sqlite(pool) => {
                pool.take().await.map(|(connection, waited)| (Connection::Sqlite(connection), waited))
            }
            Self::Postgres(pool) => {
                pool.take().await.map(|(connection, waited)| (Connection::Postgres(connection), waited))
            }
        }
    }

    /// Makes the index that job search wants, or drops it.
    pub async fn change_index(&self, wanted: bool) -> Result<(), DatabaseError> {
        const MAKE: &str =
            "CREATE INDEX IF NOT EXISTS job_words_by_word ON job_words (word, posted_day, job_id)";
        const DROP: &str = "DROP INDEX IF EXISTS job_words_by_word";
        let text = if wanted { MAKE } else { DROP };
        match self {
            Self::Sqlite(pool) => pool.change(text).await,
            Self::Postgres(pool) => pool.change(text, wanted).await,
        }
    }
}

impl Connection {
    /// Runs statements in one round trip; several are one transaction.
    // Takes and gives back the connection, so that nobody can use it while its statements are under way.
    pub async fn run(self, filled: Vec<Filled>) -> Result<(Self, Vec<Fetched>), DatabaseError> {
        match self {
            Self::Sqlite(connection) => {
                let (connection, fetched) = connection.run(filled).await?;
                Ok((Self::Sqlite(connection), fetched))
            }
            Self::Postgres(mut connection) => {
                let fetched = connection.run(&filled).await?;
                Ok((Self::Postgres(connection), fetched))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_trip_costs_its_way_its_commit_and_the_rows_it_had_to_look_at() {
        let costs = Costs::with_round_trip(Duration::from_millis(2));
        assert_eq!(costs.of(false, 0), Duration::from_millis(2));
        assert_eq!(costs.of(true, 0), Duration::from_millis(5));
        assert_eq!(costs.of(false, 4_000), Duration::from_millis(6));
    }
}
