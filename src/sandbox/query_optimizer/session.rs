//! What one request does with the database: a connection, and a timetable of its round trips.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::QueryOptimizer;
use super::ledger::Entry;
use crate::sandbox::database::{Connection, DatabaseError, Filled, Row, Statement, Value};

/// A request's turn with the database, until it is dropped.
pub struct Session<'a> {
    optimizer: &'a QueryOptimizer,
    /// Taken with the first statement, and out while statements run.
    connection: Option<Connection>,
    /// When the answer to what was sent last is here.
    // Each round trip begins at the intended end of the one before: timers are late, and their lateness does not add up.
    due: Instant,
    n_statements: u64,
    took: Duration,
}

impl QueryOptimizer {
    /// A session whose first statement is sent at this moment, which may have been a while ago.
    pub fn session(&self, begin: Instant) -> Session<'_> {
        Session { optimizer: self, connection: None, due: begin, n_statements: 0, took: Duration::ZERO }
    }
}

impl Session<'_> {
    /// Runs one statement in a round trip of its own.
    pub async fn query(
        &mut self,
        statement: Statement,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, DatabaseError> {
        Ok(self.batch(vec![(statement, values)]).await?.pop().unwrap_or_default())
    }

    /// Runs several statements in one round trip, as one transaction: all hold, or none.
    pub async fn batch(&mut self, filled: Vec<Filled>) -> Result<Vec<Vec<Row>>, DatabaseError> {
        let connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let (connection, waited) = self.optimizer.database.connection().await?;
                self.due += waited;
                connection
            }
        };
        let statements: Vec<Statement> = filled.iter().map(|(statement, _)| statement.clone()).collect();
        let start = Instant::now();
        let (connection, fetched) = connection.run(filled).await?;
        self.connection = Some(connection);
        let wrote = statements.iter().any(|statement| statement.writes);
        let n_scanned = fetched.iter().map(|fetched| fetched.n_scanned).sum();
        let simulated = self.optimizer.costs.of(wrote, n_scanned).mul_f64(self.optimizer.slowness);
        // A usual statement is run while it is on its way; what takes longer than that takes as long as it really does.
        let took = start.elapsed().max(simulated);
        for (statement, fetched) in statements.iter().zip(&fetched) {
            let n_rows = fetched.rows.len() as u64;
            // A batch takes one time for all; each of its statements is charged its part.
            let took = took / statements.len() as u32;
            self.optimizer.ledger.note(statement, Entry { took, n_rows, n_scanned: fetched.n_scanned });
        }
        self.n_statements += statements.len() as u64;
        self.took += took;
        self.due += took;
        sleep_until(self.due).await;
        Ok(fetched.into_iter().map(|fetched| fetched.rows).collect())
    }

    pub fn n_statements(&self) -> u64 {
        self.n_statements
    }

    /// How long the database took, in all.
    pub fn took(&self) -> Duration {
        self.took
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::database::Database;

    const ROUND_TRIP: Duration = Duration::from_millis(20);
    const ONE: Statement = Statement::read("one", "SELECT id FROM courses WHERE id = $1");

    fn optimizer() -> QueryOptimizer {
        QueryOptimizer::new(Database::in_memory().unwrap(), ROUND_TRIP, 1.0)
    }

    #[tokio::test]
    async fn each_statement_pays_a_round_trip_and_a_batch_pays_one() {
        let optimizer = optimizer();
        let start = Instant::now();
        let mut session = optimizer.session(start);
        for id in 1..=5 {
            assert_eq!(session.query(ONE, vec![id.into()]).await.unwrap()[0].integer(0), id);
        }
        assert!(start.elapsed() >= ROUND_TRIP * 5);
        assert!(session.took() >= ROUND_TRIP * 5);
        let mut session = optimizer.session(Instant::now());
        let filled = (1..=5).map(|id| (ONE, vec![Value::Integer(id)])).collect();
        let rows = session.batch(filled).await.unwrap();
        assert_eq!(rows.iter().map(|rows| rows[0].integer(0)).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert_eq!(session.n_statements(), 5);
        assert!(session.took() >= ROUND_TRIP && session.took() < ROUND_TRIP * 5, "{:?}", session.took());
        let (name, figures) = optimizer.figures()[0];
        assert_eq!((name, figures.n_run, figures.n_rows), ("one", 10, 10));
    }

    #[tokio::test]
    async fn a_round_trip_that_began_a_while_ago_is_over_sooner() {
        let optimizer = optimizer();
        let Some(begin) = Instant::now().checked_sub(ROUND_TRIP * 50) else { return };
        let mut session = optimizer.session(begin);
        session.query(ONE, vec![1.into()]).await.unwrap();
        assert!(session.due < Instant::now(), "nothing was waited for");
        assert!(session.took() >= ROUND_TRIP, "but the statement took its time");
    }

    #[tokio::test]
    async fn a_session_holds_its_connection_and_gives_it_back() {
        let optimizer = optimizer();
        let mut session = optimizer.session(Instant::now());
        assert_eq!(optimizer.pool().n_in_use, 0);
        session.query(ONE, vec![1.into()]).await.unwrap();
        session.query(ONE, vec![2.into()]).await.unwrap();
        assert_eq!((optimizer.pool().n_in_use, optimizer.pool().n_taken), (1, 1));
        drop(session);
        assert_eq!(optimizer.pool().n_in_use, 0);
    }

    #[tokio::test]
    async fn a_failing_statement_gives_its_connection_back() {
        let optimizer = optimizer();
        let mut session = optimizer.session(Instant::now());
        let wrong = Statement::read("wrong", "SELECT x FROM nothing");
        assert!(session.query(wrong, vec![]).await.is_err());
        assert_eq!(optimizer.pool().n_in_use, 0);
        assert_eq!(session.query(ONE, vec![1.into()]).await.unwrap().len(), 1, "and the next one works");
    }
}
