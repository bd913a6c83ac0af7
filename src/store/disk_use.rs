//! What the library takes on disk: in all, and for each run.

use rusqlite::Connection;

use super::{Library, StoreError};
use crate::metrics::RunId;

/// What a library takes on disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DiskUse {
    /// The library file.
    pub n_bytes: u64,
    /// The log beside it, whose content goes into the file now and then.
    pub n_log_bytes: u64,
    /// Part of it that is empty and filled by the next runs.
    pub n_free_bytes: u64,
    /// Runs that are deleted and can still be restored.
    pub n_deleted: u64,
    /// What those take.
    pub n_deleted_bytes: u64,
}

/// What removing deleted runs for good came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Purged {
    pub n_runs: u64,
    /// By how much the library became smaller.
    pub n_freed_bytes: u64,
}

impl Library {
    /// What the library takes on disk.
    pub fn disk_use(&self) -> Result<DiskUse, StoreError> {
        let pragma = |name: &str| {
            let value = self.connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
            value.map(i64::cast_unsigned).map_err(self.failed("measure the library"))
        };
        let (page_bytes, n_pages, n_free) =
            (pragma("page_size")?, pragma("page_count")?, pragma("freelist_count")?);
        let mut log = self.path().as_os_str().to_owned();
        log.push("-wal");
        let n_log_bytes = std::fs::metadata(log).map_or(0, |log| log.len());
        let sql =
            "SELECT count(*), coalesce(sum(n_bytes), 0) FROM runs WHERE deleted_at_unix_millis IS NOT NULL";
        let counted = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
        let (n_deleted, deleted_bytes) =
            self.connection.query_row(sql, [], counted).map_err(self.failed("measure the library"))?;
        Ok(DiskUse {
            n_bytes: page_bytes * n_pages,
            n_log_bytes,
            n_free_bytes: page_bytes * n_free,
            n_deleted: n_deleted.cast_unsigned(),
            n_deleted_bytes: deleted_bytes.cast_unsigned(),
        })
    }

    /// Measures a run that has ended and keeps what it takes.
    pub(super) fn keep_disk_use(&self, run_id: RunId) -> rusqlite::Result<()> {
        // Read before it is written, so that a run under way waits for the writing only.
        let n_bytes = of_run(&self.connection, run_id)?.cast_signed();
        let sql =
            "UPDATE runs SET n_bytes = ?2 WHERE run_id = ?1 AND n_bytes IS NOT ?2 AND finish <> 'running'";
        self.connection.execute(sql, [run_id.0, n_bytes]).map(drop)
    }
}

/// About what a run takes in the library, with what was said of it since.
pub(super) fn of_run(connection: &Connection, run_id: RunId) -> rusqlite::Result<u64> {
    let sql = "SELECT coalesce((SELECT 20 + octet_length(texts) FROM report_texts WHERE run_id = ?1), 0)
        + coalesce((SELECT sum(20 + octet_length(projection)) FROM projections WHERE run_id = ?1), 0)
        + coalesce((SELECT 20 + octet_length(audit) FROM traffic_audits WHERE run_id = ?1), 0)
        + coalesce((SELECT sum(20 + octet_length(facts)) FROM monitors WHERE run_id = ?1), 0)
        + coalesce((SELECT sum(20 + octet_length(info)) FROM watched_series WHERE run_id = ?1), 0)
        + (SELECT 20 * count(*) FROM watched_points WHERE run_id = ?1)";
    let of_words: i64 = connection.prepare_cached(sql)?.query_row([run_id.0], |row| row.get(0))?;
    Ok(of_measurements(connection, run_id)? + of_words.cast_unsigned())
}

/// About what was measured of a run takes in the library: its blobs and texts to the byte; numbers, keys and row heads at what they
/// usually take.
// SQLite tells the length of a column without reading it. The constants are what rows took besides in real libraries.
pub(super) fn of_measurements(connection: &Connection, run_id: RunId) -> rusqlite::Result<u64> {
    let sql = "SELECT
        (SELECT 400 + octet_length(profile) + octet_length(labels) + octet_length(environment) + octet_length(engine)
             + octet_length(note) + coalesce(octet_length(calibration), 0) + coalesce(octet_length(digest), 0)
         FROM runs WHERE run_id = ?1)
        + coalesce((SELECT 20 + octet_length(toml) FROM scenarios WHERE run_id = ?1), 0)
        + coalesce((SELECT 20 + octet_length(starts) FROM run_starts WHERE run_id = ?1), 0)
        + coalesce((SELECT sum(120 + octet_length(start_lag) + octet_length(hiccups)
             + coalesce(octet_length(generator), 0)) FROM intervals WHERE run_id = ?1), 0)
        + coalesce((SELECT sum(100 + octet_length(response_time) + octet_length(service_time) + octet_length(error_time)
             + octet_length(dns) + octet_length(connect) + octet_length(tls) + octet_length(send)
             + octet_length(wait) + octet_length(receive)) FROM interval_rows WHERE run_id = ?1), 0)
        + coalesce((SELECT sum(15) FROM interval_errors WHERE run_id = ?1), 0)
        + coalesce((SELECT sum(60 + 2 * octet_length(signature) + octet_length(exemplars))
             FROM error_groups WHERE run_id = ?1), 0)
        + coalesce((SELECT sum(30 + octet_length(bytes)) FROM run_packs WHERE run_id = ?1), 0)";
    let measured =
        connection.prepare_cached(sql)?.query_row([run_id.0], |row| row.get::<_, Option<i64>>(0))?;
    Ok(measured.unwrap_or(0).cast_unsigned())
}
