//! The run library: runs with what people say about them, and settings.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};

use super::{
    Purged, RunWriter, StoreError,
    columns::{nanos, to_json, to_word},
    place::{RunLock, Writer},
    reading, schema,
};
use crate::metrics::{Finish, RunDigest, RunId, RunRecord, RunStart};

/// The run library: one SQLite file.
pub struct Library {
    pub(super) connection: Connection,
    path: PathBuf,
}

impl Library {
    /// Opens or creates a library; runs whose writer is gone read as interrupted.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let action = "open the run library";
        // Made absolute, so that a later change of the working folder cannot lead elsewhere.
        let path = std::path::absolute(path).map_err(|error| StoreError::file(action, &error, path))?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|error| StoreError::file("make the run library's folder", &error, folder))?;
        }
        let library = Self { connection: schema::open(&path)?, path };
        library.settle_abandoned_runs().map_err(library.failed(action))?;
        Ok(library)
    }

    /// A library that is prepared already, on a file of our own.
    pub(super) fn of_connection(connection: Connection, path: &Path) -> Self {
        Self { connection, path: path.to_path_buf() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn begin_run(&self, start: &RunStart) -> Result<RunWriter, StoreError> {
        RunWriter::begin(&self.path, start)
    }

    /// How long a run made load; reads none of its seconds.
    pub fn load_duration(&self, run_id: RunId) -> Result<Duration, StoreError> {
        Ok(self.facts(run_id)?.end.load_duration)
    }

    /// A run's own facts; its seconds are still missing.
    pub(super) fn facts(&self, run_id: RunId) -> Result<RunRecord, StoreError> {
        let failed = self.failed("read the run");
        let unsettled = self.settle_abandoned_runs().map_err(&failed)?;
        self.require(run_id)?;
        // One view of the file, whatever is being written meanwhile.
        let view = self.connection.unchecked_transaction().map_err(&failed)?;
        let mut record = reading::facts(&view, run_id).map_err(&failed)?;
        if unsettled.contains(&run_id) {
            record.end.finish = Finish::Interrupted;
        }
        Ok(record)
    }

    /// What a run was started with; reads none of its seconds.
    pub fn start_of(&self, run_id: RunId) -> Result<RunStart, StoreError> {
        self.facts(run_id).map(|record| record.start)
    }

    pub fn add_tag(&self, run_id: RunId, tag: &str) -> Result<(), StoreError> {
        let tag = tag.trim();
        if tag.is_empty() {
            return Err(StoreError::EmptyTag);
        }
        self.require(run_id)?;
        self.execute("tag the run", "INSERT OR IGNORE INTO tags VALUES (?1, ?2)", params![run_id.0, tag])
    }

    pub fn remove_tag(&self, run_id: RunId, tag: &str) -> Result<(), StoreError> {
        self.require(run_id)?;
        let sql = "DELETE FROM tags WHERE run_id = ?1 AND tag = ?2";
        self.execute("take the tag away", sql, params![run_id.0, tag.trim()])
    }

    pub fn replace_note(&self, run_id: RunId, note: &str) -> Result<(), StoreError> {
        self.require(run_id)?;
        self.execute("keep the note", "UPDATE runs SET note = ?2 WHERE run_id = ?1", params![run_id.0, note])
    }

    /// Makes a run the baseline of its scenario name and base URL, or takes that away.
    pub fn mark_baseline(&self, run_id: RunId, is_baseline: bool) -> Result<(), StoreError> {
        self.require(run_id)?;
        let mark = || {
            let behavior = TransactionBehavior::Immediate;
            let transaction = rusqlite::Transaction::new_unchecked(&self.connection, behavior)?;
            // Hidden runs included: one that comes back must not bring a second baseline.
            transaction.execute(
                "UPDATE runs SET is_baseline = 0
                 FROM (SELECT scenario_name AS name, scenario_base_url AS url FROM runs WHERE run_id = ?1) marked
                 WHERE is_baseline AND scenario_name = marked.name AND scenario_base_url = marked.url
                     AND (?2 OR run_id = ?1)",
                params![run_id.0, is_baseline],
            )?;
            let sql = "UPDATE runs SET is_baseline = ?2 WHERE run_id = ?1";
            transaction.execute(sql, params![run_id.0, is_baseline])?;
            transaction.commit()
        };
        mark().map_err(self.failed("mark the baseline"))
    }

    /// Hides a run; [`restore`](Self::restore) brings it back, [`purge`](Self::purge) does not.
    pub fn delete(&self, run_id: RunId) -> Result<(), StoreError> {
        self.settle_abandoned_runs().map_err(self.failed("delete the run"))?;
        self.require(run_id)?;
        let hidden = self
            .connection
            .execute(
                "UPDATE runs SET deleted_at_unix_millis = CAST(unixepoch('subsec') * 1000 AS INTEGER)
                 WHERE run_id = ?1 AND finish <> 'running'",
                [run_id.0],
            )
            .map_err(self.failed("delete the run"))?;
        if hidden == 1 { Ok(()) } else { Err(StoreError::RunGoesOn(run_id)) }
    }

    pub fn restore(&self, run_id: RunId) -> Result<(), StoreError> {
        match self.require(run_id) {
            Ok(()) | Err(StoreError::DeletedRun(_)) => {}
            Err(error) => return Err(error),
        }
        let sql = "UPDATE runs SET deleted_at_unix_millis = NULL WHERE run_id = ?1";
        self.execute("restore the run", sql, [run_id.0])
    }

    /// Removes hidden runs for good.
    // One transaction per run: a run under way in another program waits for none of them long.
    pub fn purge(&self) -> Result<Purged, StoreError> {
        let before = self.disk_use()?;
        let purge = || {
            let hidden: Vec<i64> = self
                .connection
                .prepare("SELECT run_id FROM runs WHERE deleted_at_unix_millis IS NOT NULL")?
                .query_map([], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            for run_id in hidden {
                self.remove(RunId(run_id))?;
            }
            // Gives one page back per row read.
            self.connection.pragma_query(None, "incremental_vacuum", |_| Ok(()))?;
            self.connection.pragma_query(None, "wal_checkpoint", |_| Ok(()))
        };
        purge().map_err(self.failed("remove deleted runs"))?;
        let n_freed_bytes = before.n_bytes.saturating_sub(self.disk_use()?.n_bytes);
        Ok(Purged { n_runs: before.n_deleted, n_freed_bytes })
    }

    /// Removes a hidden run with all its rows; whose its number was stays known.
    fn remove(&self, run_id: RunId) -> rusqlite::Result<()> {
        let transaction =
            rusqlite::Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let hidden = "FROM runs WHERE run_id = ?1 AND deleted_at_unix_millis IS NOT NULL";
        let sql = format!("INSERT OR REPLACE INTO removed_runs SELECT run_id, identity {hidden}");
        transaction.execute(&sql, [run_id.0])?;
        transaction.execute(&format!("DELETE {hidden}"), [run_id.0])?;
        transaction.commit()
    }

    /// Keeps a run's headline numbers for lists.
    pub fn keep_digest(&self, run_id: RunId, digest: &RunDigest) -> Result<(), StoreError> {
        self.require(run_id)?;
        let action = "keep the run's summary";
        let json = to_json(digest).map_err(self.failed(action))?;
        self.execute(action, "UPDATE runs SET digest = ?2 WHERE run_id = ?1", params![run_id.0, json])
    }

    pub fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.connection
            .query_row("SELECT value FROM settings WHERE key = ?1", [key], |row| row.get(0))
            .optional()
            .map_err(self.failed("read a setting"))
    }

    pub fn keep_setting(&self, key: &str, value: &str) -> Result<(), StoreError> {
        self.execute("keep a setting", "INSERT OR REPLACE INTO settings VALUES (?1, ?2)", [key, value])
    }

    /// Writes down that runs without a living writer were interrupted; returns those for which that failed.
    // A full disk must not keep anyone from reading what is there.
    pub(super) fn settle_abandoned_runs(&self) -> rusqlite::Result<Vec<RunId>> {
        let running: Vec<i64> = self
            .connection
            .prepare("SELECT run_id FROM runs WHERE finish = 'running'")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut unsettled = Vec::new();
        for run_id in running.into_iter().map(RunId) {
            if let Writer::Gone(lock) = Writer::of(&self.path, run_id) {
                match self.interrupt(run_id) {
                    Ok(()) => lock.into_iter().for_each(RunLock::release),
                    Err(_) => unsettled.push(run_id),
                }
            }
        }
        Ok(unsettled)
    }

    // Only if still running: its writer may have finished it between our two looks.
    fn interrupt(&self, run_id: RunId) -> rusqlite::Result<()> {
        let load_duration = reading::kept_duration(&self.connection, run_id)?;
        self.connection.execute(
            "UPDATE runs SET finish = ?2, load_nanos = ?3,
                 n_seconds = (SELECT count(*) FROM intervals WHERE run_id = ?1)
             WHERE run_id = ?1 AND finish = 'running'",
            params![run_id.0, to_word(&Finish::Interrupted)?, nanos(load_duration)],
        )?;
        Ok(())
    }

    pub(super) fn execute(
        &self,
        action: &'static str,
        sql: &str,
        values: impl rusqlite::Params,
    ) -> Result<(), StoreError> {
        self.connection.execute(sql, values).map(drop).map_err(self.failed(action))
    }

    pub(super) fn failed(&self, action: &'static str) -> impl Fn(rusqlite::Error) -> StoreError + '_ {
        move |error| StoreError::library(action, &error, &self.path)
    }
}
