//! What monitors saw of a run's target, and the audit of its traffic: written while the run goes on and after it.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::columns::{Columns, to_json};
use super::{Library, StoreError, error::plain_reason, schema};
use crate::metrics::{
    JournalError, MonitorFacts, ResourceSeries, RunId, SeriesInfo, SeriesPoint, TrafficAudit, WatchJournal,
    Watched,
};

/// How long points wait for another writer: they are offered again rather than hold the monitors up.
const PATIENCE: Duration = Duration::from_secs(1);

/// Far more seconds than a run has: a damaged number must not ask for memory without end.
const MAX_SECOND: u32 = 32 * 86_400;
/// Far more series than all monitors of a scenario have.
const MAX_SERIES: usize = 100_000;

/// Writes what monitors see of one run.
pub struct WatchWriter {
    run_id: RunId,
    connection: Connection,
}

impl Library {
    /// A writer for what monitors see of a run; it has a connection of its own.
    pub fn watch_writer(&self, run_id: RunId) -> Result<WatchWriter, StoreError> {
        self.require(run_id)?;
        let connection = schema::open(self.path())?;
        let failed = |error: rusqlite::Error| {
            StoreError::library("keep what monitors see", &error, &PathBuf::from(self.path()))
        };
        connection.busy_timeout(PATIENCE).map_err(failed)?;
        Ok(WatchWriter { run_id, connection })
    }

    /// Keeps the audit of a run's traffic in the place of one before.
    pub fn keep_audit(&self, run_id: RunId, audit: &TrafficAudit) -> Result<(), StoreError> {
        self.require(run_id)?;
        let action = "keep the audit of the run's traffic";
        let json = to_json(audit).map_err(self.failed(action))?;
        self.execute(action, "INSERT OR REPLACE INTO traffic_audits VALUES (?1, ?2)", params![run_id.0, json])
    }
}

impl WatchWriter {
    fn write(
        &mut self,
        what: impl FnOnce(&Transaction<'_>, RunId) -> rusqlite::Result<()>,
    ) -> Result<(), JournalError> {
        let run_id = self.run_id;
        let write = || {
            // Dropped before its commit, a transaction leaves nothing behind: the same may be offered again.
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            what(&transaction, run_id)?;
            transaction.commit()
        };
        write().map_err(|error| {
            JournalError(format!("what monitors saw could not be kept: {}", plain_reason(&error)))
        })
    }
}

impl WatchJournal for WatchWriter {
    fn series(&mut self, series: &[SeriesInfo]) -> Result<(), JournalError> {
        self.write(|transaction, run_id| {
            let sql = "INSERT OR REPLACE INTO watched_series VALUES (?1, ?2, ?3)";
            let mut insert = transaction.prepare_cached(sql)?;
            series.iter().enumerate().try_for_each(|(position, info)| {
                insert.execute(params![run_id.0, position as i64, to_json(info)?]).map(drop)
            })
        })
    }

    fn points(&mut self, points: &[SeriesPoint]) -> Result<(), JournalError> {
        self.write(|transaction, run_id| {
            let sql = "INSERT OR REPLACE INTO watched_points VALUES (?1, ?2, ?3, ?4)";
            let mut insert = transaction.prepare_cached(sql)?;
            // SQLite would take what is no number for null.
            let finite = points.iter().filter(|point| point.value.is_finite());
            finite
                .map(|point| insert.execute(params![run_id.0, point.series, point.second, point.value]))
                .try_for_each(|done| done.map(drop))
        })
    }

    fn facts(&mut self, facts: &[MonitorFacts]) -> Result<(), JournalError> {
        self.write(|transaction, run_id| {
            let sql = "INSERT OR REPLACE INTO monitors VALUES (?1, ?2, ?3)";
            let mut insert = transaction.prepare_cached(sql)?;
            facts.iter().enumerate().try_for_each(|(position, facts)| {
                insert.execute(params![run_id.0, position as i64, to_json(facts)?]).map(drop)
            })
        })
    }
}

/// What monitors saw of a run.
pub(super) fn watched(connection: &Connection, run_id: RunId) -> rusqlite::Result<Arc<Watched>> {
    let mut watched = Watched::default();
    let sql = "SELECT facts FROM monitors WHERE run_id = ?1 ORDER BY position";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([run_id.0])?;
    while let Some(row) = rows.next()? {
        watched.monitors.push(Columns::new(row).json()?);
    }
    let sql = "SELECT position, info FROM watched_series WHERE run_id = ?1 ORDER BY position";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([run_id.0])?;
    // By position, for a rescued library may lack some.
    let mut places: Vec<Option<usize>> = Vec::new();
    while let Some(row) = rows.next()? {
        let mut columns = Columns::new(row);
        let position = columns.count()? as usize;
        if position >= MAX_SERIES {
            return Err(columns.unreadable(format!("there is no series {position}").into()));
        }
        places.resize(position + 1, None);
        places[position] = Some(watched.series.len());
        watched.series.push(ResourceSeries { info: columns.json()?, values: Vec::new() });
    }
    let sql = "SELECT series, second, value FROM watched_points WHERE run_id = ?1 ORDER BY series, second";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([run_id.0])?;
    while let Some(row) = rows.next()? {
        let mut columns = Columns::new(row);
        let (position, second): (usize, u32) = (columns.count()? as usize, columns.next()?);
        if second > MAX_SECOND {
            return Err(columns.unreadable(format!("there is no second {second}").into()));
        }
        let value = columns.next()?;
        if let Some(place) = places.get(position).copied().flatten() {
            watched.series[place].set(second, value);
        }
    }
    Ok(Arc::new(watched))
}

/// The audit of a run's traffic, where there is one.
pub(super) fn audit(connection: &Connection, run_id: RunId) -> rusqlite::Result<Option<Arc<TrafficAudit>>> {
    let sql = "SELECT audit FROM traffic_audits WHERE run_id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let audit = statement.query_row([run_id.0], |row| Columns::new(row).json()).optional()?;
    Ok(audit.map(Arc::new))
}
