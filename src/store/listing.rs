//! Lists of runs and the ways to name one; reads no seconds, so that ten thousand runs list at once.

use std::collections::HashMap;

use rusqlite::{OptionalExtension as _, Row};

use super::{Library, SearchText, StoreError, columns::Columns};
use crate::metrics::{Finish, RunDigest, RunId, RunLabels};

/// One run in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct RunListing {
    pub run_id: RunId,
    pub started_at_unix_millis: i64,
    pub scenario_name: String,
    /// As the scenario says it: `sandbox:` rather than the port that it happened to get.
    pub base_url: String,
    /// The name of the scenario's environment in force.
    pub environment: Option<String>,
    /// Equal for runs that may stand in one trend: what was sent, to where, from which machine, by which program.
    pub fingerprint: String,
    pub finish: Finish,
    /// Seconds of data kept.
    pub n_seconds: u32,
    /// About what it takes in the library; 0 until it has ended.
    pub n_bytes: u64,
    pub tags: Vec<String>,
    pub labels: RunLabels,
    pub note: String,
    pub is_baseline: bool,
    pub is_starred: bool,
    /// Levels at stage ends with their times in seconds, for a thumbnail.
    pub profile: Vec<(f64, f64)>,
    /// None until the run is summed up.
    pub digest: Option<RunDigest>,
    /// What a search looks through, drawn up when it is first asked.
    pub search_text: SearchText,
}

impl Library {
    /// All runs that are not deleted, newest first.
    pub fn runs(&self) -> Result<Vec<RunListing>, StoreError> {
        self.listings().map_err(self.failed("list the runs"))
    }

    fn listings(&self) -> rusqlite::Result<Vec<RunListing>> {
        let unsettled = self.settle_abandoned_runs()?;
        let view = self.connection.unchecked_transaction()?;
        let mut tags: HashMap<RunId, Vec<String>> = HashMap::new();
        let mut statement = view.prepare("SELECT run_id, tag FROM tags ORDER BY run_id, tag")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            tags.entry(RunId(row.get(0)?)).or_default().push(row.get(1)?);
        }
        let listing = |row: &Row<'_>| {
            let mut listing = listing(row)?;
            if unsettled.contains(&listing.run_id) {
                listing.finish = Finish::Interrupted;
            }
            listing.tags = tags.remove(&listing.run_id).unwrap_or_default();
            Ok(listing)
        };
        view.prepare(
            "SELECT run_id, started_at_unix_millis, scenario_name, scenario_base_url, finish,
                 coalesce(n_seconds, (SELECT count(*) FROM intervals WHERE intervals.run_id = runs.run_id)),
                 labels, note, is_baseline, profile, digest, scenario_environment, fingerprint, n_bytes, is_starred
             FROM runs WHERE deleted_at_unix_millis IS NULL
             ORDER BY started_at_unix_millis DESC, run_id DESC",
        )?
        .query_map([], listing)?
        .collect()
    }

    /// `latest`, `baseline` (the newest baseline), or a number.
    pub fn resolve(&self, reference: &str) -> Result<RunId, StoreError> {
        let reference = reference.trim();
        match reference {
            "latest" => self.newest("")?.ok_or(StoreError::NoRuns),
            "baseline" => self.newest("AND is_baseline")?.ok_or(StoreError::NoBaseline),
            number => {
                let digits = number.strip_prefix('#').unwrap_or(number);
                let run_id = digits.parse().map(RunId);
                let run_id = run_id.map_err(|_| StoreError::NotARunReference(reference.to_owned()))?;
                self.require(run_id).map(|()| run_id)
            }
        }
    }

    fn newest(&self, condition: &str) -> Result<Option<RunId>, StoreError> {
        let sql = format!(
            "SELECT run_id FROM runs WHERE deleted_at_unix_millis IS NULL {condition}
             ORDER BY started_at_unix_millis DESC, run_id DESC LIMIT 1"
        );
        self.connection
            .query_row(&sql, [], |row| row.get(0).map(RunId))
            .optional()
            .map_err(self.failed("find a run"))
    }

    /// Says in words of the library if a run is not there, or hidden.
    pub(super) fn require(&self, run_id: RunId) -> Result<(), StoreError> {
        let sql = "SELECT deleted_at_unix_millis IS NOT NULL FROM runs WHERE run_id = ?1";
        let is_deleted = self.connection.query_row(sql, [run_id.0], |row| row.get(0)).optional();
        match is_deleted.map_err(self.failed("find a run"))? {
            Some(false) => Ok(()),
            Some(true) => Err(StoreError::DeletedRun(run_id)),
            None => Err(self.no_such_run(run_id)?),
        }
    }

    fn no_such_run(&self, run_id: RunId) -> Result<StoreError, StoreError> {
        let sql = "SELECT count(*), min(run_id), max(run_id) FROM runs WHERE deleted_at_unix_millis IS NULL";
        let (n_runs, first, last): (i64, Option<i64>, Option<i64>) = self
            .connection
            .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .map_err(self.failed("find a run"))?;
        let (Some(first), Some(last)) = (first, last) else { return Ok(StoreError::NoRuns) };
        let held = match last - first + 1 {
            1 => format!("run {first} only"),
            span if span == n_runs => format!("runs {first} to {last}"),
            _ => format!("{n_runs} runs between {first} and {last}"),
        };
        Ok(StoreError::NoSuchRun { run_id, held })
    }
}

fn listing(row: &Row<'_>) -> rusqlite::Result<RunListing> {
    let mut columns = Columns::new(row);
    Ok(RunListing {
        run_id: RunId(columns.next()?),
        started_at_unix_millis: columns.next()?,
        scenario_name: columns.next()?,
        base_url: columns.next()?,
        finish: columns.word()?,
        n_seconds: columns.next()?,
        tags: Vec::new(),
        labels: columns.json()?,
        note: columns.next()?,
        is_baseline: columns.next()?,
        profile: columns.json()?,
        // Derived from the run: one that cannot be read is as good as none.
        digest: columns.next::<Option<String>>()?.and_then(|json| serde_json::from_str(&json).ok()),
        environment: columns.next()?,
        fingerprint: columns.next()?,
        n_bytes: columns.next::<Option<i64>>()?.unwrap_or(0).cast_unsigned(),
        is_starred: columns.next()?,
        search_text: SearchText::default(),
    })
}
