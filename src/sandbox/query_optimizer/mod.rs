//! Runs statements so that what they cost is known, and fewer of them where that is asked for.
//!
//! Every statement is counted, timed and, if slow, written down with its text. Several go in one round trip as a batch;
//! [`pages`](Pages) and [`Projection`] ask for no more rows and columns than are wanted. Knows no routes.

mod ledger;
mod pages;
mod projection;
mod session;

use std::time::Duration;

use ledger::Ledger;
pub use ledger::{Figures, SlowEntry};
pub use pages::Pages;
pub use projection::Projection;
pub use session::Session;

use super::database::{Costs, Database, DatabaseError, PoolCounts};

/// A database whose statements are counted.
pub struct QueryOptimizer {
    database: Database,
    costs: Costs,
    /// Simulated times are multiplied by this.
    slowness: f64,
    ledger: Ledger,
}

impl QueryOptimizer {
    pub fn new(database: Database, round_trip: Duration, slowness: f64) -> Self {
        Self { database, costs: Costs::with_round_trip(round_trip), slowness, ledger: Ledger::default() }
    }

    pub fn kind(&self) -> &'static str {
        self.database.kind()
    }

    pub fn pool(&self) -> PoolCounts {
        self.database.pool()
    }

    /// Makes or drops the index that job search wants.
    pub async fn change_index(&self, wanted: bool) -> Result<(), DatabaseError> {
        self.database.change_index(wanted).await
    }

    /// What was run until now, by the statements' names.
    pub fn figures(&self) -> Vec<(&'static str, Figures)> {
        self.ledger.figures()
    }

    /// The slow statements that came last, the newest first, and how many there were in all.
    pub fn slow_entries(&self) -> (Vec<SlowEntry>, u64) {
        self.ledger.slow_entries()
    }
}
