//! What the analyst and the models say of a run: texts of its report, and projections made from it.

use rusqlite::{OptionalExtension as _, params};

use super::{Library, StoreError};
use crate::metrics::RunId;

const READ_TEXTS: &str = "read the texts of the report";

/// A projection that is kept with the run that it was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptProjection {
    /// Counts from 1 within its run, and is never given twice.
    pub number: u32,
    /// As the room that made it wrote it.
    pub text: String,
}

impl Library {
    /// The texts of a run's own report, as they were kept; none where nobody wrote any.
    pub fn report_texts(&self, run_id: RunId) -> Result<Option<String>, StoreError> {
        self.require(run_id)?;
        self.connection
            .query_row("SELECT texts FROM report_texts WHERE run_id = ?1", [run_id.0], |row| row.get(0))
            .optional()
            .map_err(self.failed(READ_TEXTS))
    }

    /// Keeps the texts of a run's report in the place of those before.
    pub fn keep_report_texts(&self, run_id: RunId, texts: &str) -> Result<(), StoreError> {
        self.require(run_id)?;
        let sql = "INSERT OR REPLACE INTO report_texts VALUES (?1, ?2)";
        self.execute("keep the texts of the report", sql, params![run_id.0, texts])
    }

    /// The newest texts of an earlier run of the same scenario and base URL, with that run: what a new report starts from.
    pub fn inherited_report_texts(&self, run_id: RunId) -> Result<Option<(RunId, String)>, StoreError> {
        self.require(run_id)?;
        let sql = "SELECT earlier.run_id, texts
                   FROM report_texts JOIN runs AS earlier USING (run_id), runs AS this
                   WHERE this.run_id = ?1 AND earlier.run_id < ?1 AND earlier.deleted_at_unix_millis IS NULL
                       AND earlier.scenario_name = this.scenario_name
                       AND earlier.scenario_base_url = this.scenario_base_url
                       AND earlier.scenario_environment IS this.scenario_environment
                   ORDER BY earlier.run_id DESC LIMIT 1";
        self.connection
            .query_row(sql, [run_id.0], |row| Ok((RunId(row.get(0)?), row.get(1)?)))
            .optional()
            .map_err(self.failed(READ_TEXTS))
    }

    /// The run that has this identity, in whichever library it was made; none where it is not here or deleted.
    pub fn run_of_identity(&self, identity: &str) -> Result<Option<RunId>, StoreError> {
        let sql = "SELECT run_id FROM runs WHERE identity = ?1 AND identity <> '' AND deleted_at_unix_millis IS NULL";
        self.connection
            .query_row(sql, [identity], |row| row.get(0).map(RunId))
            .optional()
            .map_err(self.failed("look for the run of the report"))
    }

    /// What names a run in whichever library it lies.
    pub fn identity_of(&self, run_id: RunId) -> Result<String, StoreError> {
        self.require(run_id)?;
        let sql = "SELECT identity FROM runs WHERE run_id = ?1";
        self.connection.query_row(sql, [run_id.0], |row| row.get(0)).map_err(self.failed("read the run"))
    }

    /// The projections that were made from a run, in the order in which they were kept.
    pub fn projections(&self, run_id: RunId) -> Result<Vec<KeptProjection>, StoreError> {
        self.require(run_id)?;
        let read = || -> rusqlite::Result<Vec<_>> {
            self.connection
                .prepare("SELECT number, projection FROM projections WHERE run_id = ?1 ORDER BY number")?
                .query_map([run_id.0], |row| Ok(KeptProjection { number: row.get(0)?, text: row.get(1)? }))?
                .collect()
        };
        read().map_err(self.failed("read the projections"))
    }

    /// Keeps a projection with the run that it was made from.
    pub fn keep_projection(&self, run_id: RunId, projection: &str) -> Result<(), StoreError> {
        self.require(run_id)?;
        let sql = "INSERT INTO projections
                   SELECT ?1, coalesce(max(number), 0) + 1, ?2 FROM projections WHERE run_id = ?1";
        self.execute("keep the projection", sql, params![run_id.0, projection])
    }

    /// Runs before a run, of the scenario of its name, that have projections; the newest first.
    pub fn projected_before(&self, run_id: RunId) -> Result<Vec<RunId>, StoreError> {
        self.require(run_id)?;
        let sql = "SELECT DISTINCT earlier.run_id
                   FROM projections JOIN runs AS earlier USING (run_id), runs AS this
                   WHERE this.run_id = ?1 AND earlier.run_id < ?1 AND earlier.deleted_at_unix_millis IS NULL
                       AND earlier.scenario_name = this.scenario_name
                   ORDER BY earlier.run_id DESC";
        let read = || -> rusqlite::Result<Vec<_>> {
            self.connection.prepare(sql)?.query_map([run_id.0], |row| row.get(0).map(RunId))?.collect()
        };
        read().map_err(self.failed("read the projections"))
    }
}
