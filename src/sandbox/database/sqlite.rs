//! SQLite within this process: a database in memory that several connections share, gone with the process.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use rusqlite::{OpenFlags, StatementStatus, params_from_iter};

use super::pool::{Pool, PoolCounts, Pooled};
use super::value::from_sqlite;
use super::{DatabaseError, Fetched, Filled, seed};

/// Statements whose plan is kept by each connection.
const N_KEPT_PLANS: usize = 32;

/// The database and the connections to it.
pub struct SqlitePool {
    pool: Arc<Pool<rusqlite::Connection>>,
    turns: Turns,
}

/// One connection, and whose turn it is.
pub struct SqliteConnection {
    connection: Pooled<rusqlite::Connection>,
    turns: Turns,
}

/// Many read, or one writes: so that nobody finds the database locked and has to try again.
type Turns = Arc<RwLock<()>>;

impl SqlitePool {
    pub fn open(n_connections: usize) -> Result<Self, DatabaseError> {
        static N_OPENED: AtomicU64 = AtomicU64::new(0);
        // In memory, yet with a name: all connections of this process with this name share it (memdb.c of SQLite).
        let name = format!("file:/sandbox-{}?vfs=memdb", N_OPENED.fetch_add(1, Relaxed));
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_URI
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connect = |_| -> Result<rusqlite::Connection, DatabaseError> {
            let connection = rusqlite::Connection::open_with_flags(&name, flags)?;
            connection.execute_batch(
                "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY",
            )?;
            connection.set_prepared_statement_cache_capacity(N_KEPT_PLANS);
            Ok(connection)
        };
        let connections: Vec<_> = (0..n_connections).map(connect).collect::<Result<_, _>>()?;
        if let Some(first) = connections.first() {
            first.execute_batch("BEGIN")?;
            seed::script(|text| first.execute_batch(text))?;
            first.execute_batch("COMMIT")?;
        }
        Ok(Self { pool: Pool::new(connections), turns: Turns::default() })
    }

    pub fn counts(&self) -> PoolCounts {
        self.pool.counts()
    }

    pub async fn take(&self) -> Result<(SqliteConnection, Duration), DatabaseError> {
        let (connection, waited) = self.pool.take().await.ok_or(DatabaseError::Ended)?;
        Ok((SqliteConnection { connection, turns: Arc::clone(&self.turns) }, waited))
    }

    /// Changes the tables themselves.
    pub async fn change(&self, text: &'static str) -> Result<(), DatabaseError> {
        let (SqliteConnection { connection, turns }, _) = self.take().await?;
        let change = move || {
            let _turn = turns.write().unwrap_or_else(PoisonError::into_inner);
            connection.execute_batch(text)
        };
        Ok(tokio::task::spawn_blocking(change).await.map_err(|_| DatabaseError::Ended)??)
    }
}

impl SqliteConnection {
    // The connection goes along: when the request is given up meanwhile, it goes back to the pool from there.
    pub async fn run(self, filled: Vec<Filled>) -> Result<(Self, Vec<Fetched>), DatabaseError> {
        let run = move || {
            let fetched = self.run_now(&filled)?;
            Ok((self, fetched))
        };
        tokio::task::spawn_blocking(run).await.map_err(|_| DatabaseError::Ended)?
    }

    fn run_now(&self, filled: &[Filled]) -> Result<Vec<Fetched>, DatabaseError> {
        if filled.iter().any(|(statement, _)| statement.writes) {
            let _turn = self.turns.write().unwrap_or_else(PoisonError::into_inner);
            let transaction = self.connection.unchecked_transaction()?;
            let fetched = filled.iter().map(|filled| self.fetch(filled)).collect::<Result<_, _>>()?;
            transaction.commit()?;
            return Ok(fetched);
        }
        let _turn = self.turns.read().unwrap_or_else(PoisonError::into_inner);
        filled.iter().map(|filled| self.fetch(filled)).collect()
    }

    fn fetch(&self, (statement, values): &Filled) -> Result<Fetched, DatabaseError> {
        let mut prepared = self.connection.prepare_cached(&statement.text)?;
        let n_columns = prepared.column_count();
        let mut rows = prepared.query(params_from_iter(values))?;
        let mut fetched = Fetched::default();
        while let Some(row) = rows.next()? {
            fetched.rows.push(from_sqlite(row, n_columns)?);
        }
        drop(rows);
        fetched.n_scanned = prepared.reset_status(StatementStatus::FullscanStep).max(0) as u64;
        Ok(fetched)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Connection, Database, N_JOB_WORDS, Statement, Value};
    use super::*;

    async fn run(database: &Database, statement: Statement, values: Vec<Value>) -> Fetched {
        let (connection, _) = database.connection().await.unwrap();
        connection.run(vec![(statement, values)]).await.unwrap().1.remove(0)
    }

    const WELDERS: Statement = Statement::read("welders", "SELECT count(*) FROM job_words WHERE word = $1");

    #[tokio::test]
    async fn without_the_index_all_words_are_read_and_with_it_none_but_those_found() {
        let database = Database::in_memory().unwrap();
        let scanned = run(&database, WELDERS, vec!["welder".into()]).await;
        assert!(scanned.n_scanned + 1 >= N_JOB_WORDS as u64, "{}", scanned.n_scanned);
        database.change_index(true).await.unwrap();
        let found = run(&database, WELDERS, vec!["welder".into()]).await;
        assert_eq!((found.n_scanned, &found.rows), (0, &scanned.rows));
        database.change_index(false).await.unwrap();
        assert_eq!(run(&database, WELDERS, vec!["welder".into()]).await, scanned);
    }

    #[tokio::test]
    async fn all_connections_see_what_one_has_written() {
        let database = Database::in_memory().unwrap();
        let write = Statement::write("top up", "UPDATE wallets SET balance_cents = $1 WHERE id = $2");
        let read = Statement::read("balance", "SELECT balance_cents FROM wallets WHERE id = $1");
        let (held, _) = database.connection().await.unwrap();
        run(&database, write, vec![77.into(), 3.into()]).await;
        let Connection::Sqlite(held) = held else { panic!("not SQLite") };
        let (_, fetched) = held.run(vec![(read, vec![3.into()])]).await.unwrap();
        assert_eq!(fetched[0].rows[0].integer(0), 77);
    }

    #[tokio::test]
    async fn of_several_statements_all_hold_or_none() {
        let database = Database::in_memory().unwrap();
        let write = Statement::write("top up", "UPDATE wallets SET balance_cents = $1 WHERE id = $2");
        let wrong = Statement::write("wrong", "UPDATE nothing SET x = 1");
        let read = Statement::read("balance", "SELECT balance_cents FROM wallets WHERE id = $1");
        let before = run(&database, read.clone(), vec![3.into()]).await;
        let (connection, _) = database.connection().await.unwrap();
        let failed = connection.run(vec![(write, vec![1.into(), 3.into()]), (wrong, vec![])]).await;
        assert!(failed.is_err());
        assert_eq!(run(&database, read, vec![3.into()]).await, before);
        assert_eq!(database.pool().n_in_use, 0, "the connection went back");
    }
}
