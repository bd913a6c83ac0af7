//! Opening a run from its packs, and making them where they are missing, damaged or of another version.

use flate2::Crc;
use rusqlite::{Connection, MAIN_DB, OptionalExtension as _, params};

use super::{Library, StoreError, reading, watching};
use crate::metrics::{Chunk, Finish, HdrReader, KeptRun, Overview, PACKS_VERSION, Packer, RunId, RunRecord};

/// The part that holds the overview.
const OVERVIEW: i64 = 0;

/// Seconds that are read at once where packs are made.
const SECONDS_AT_ONCE: u32 = 256;

impl Library {
    /// What is kept of a run, without its history.
    pub fn load(&self, run_id: RunId) -> Result<RunRecord, StoreError> {
        let record = self.watched_facts(run_id)?;
        let n_steps = record.start.scenario.n_steps();
        let overview = match self.packed(&record, overview)? {
            Some(overview) => overview,
            None => self.read_seconds(run_id, n_steps)?.finish().0,
        };
        Ok(overview.complete(record))
    }

    /// What is kept of a run, with its history.
    pub fn open_run(&self, run_id: RunId) -> Result<KeptRun, StoreError> {
        let record = self.watched_facts(run_id)?;
        let n_steps = record.start.scenario.n_steps();
        let packed = self.packed(&record, |view, run_id| {
            let Some(overview) = overview(view, run_id)? else { return Ok(None) };
            let Some(chunks) = chunks(view, run_id)? else { return Ok(None) };
            let history = overview.history(n_steps, chunks);
            Ok(history.map(|history| (overview, history)))
        })?;
        let (overview, history) = match packed {
            Some(whole) => whole,
            None => self.read_seconds(run_id, n_steps)?.finish(),
        };
        Ok(KeptRun { record: overview.complete(record), history })
    }

    /// A run's own facts, and what was watched beside it.
    fn watched_facts(&self, run_id: RunId) -> Result<RunRecord, StoreError> {
        let mut record = self.facts(run_id)?;
        let failed = self.failed("read what was watched beside the run");
        record.watched = watching::watched(&self.connection, run_id).map_err(&failed)?;
        record.audit = watching::audit(&self.connection, run_id).map_err(&failed)?;
        Ok(record)
    }

    /// Draws up a run that has ended, so that it opens at once from now on; does nothing where that is done.
    pub fn keep_packs(&self, run_id: RunId) -> Result<(), StoreError> {
        let record = self.facts(run_id)?;
        self.packed(&record, overview).map(drop)
    }

    /// Reads packs of a run; where they are not as they should be, they are made first.
    ///
    /// None where there are none to be had: for a run under way, or where the library cannot be written.
    fn packed<T>(
        &self,
        record: &RunRecord,
        read: impl Fn(&Connection, RunId) -> rusqlite::Result<Option<T>>,
    ) -> Result<Option<T>, StoreError> {
        if record.end.finish == Finish::Running {
            return Ok(None);
        }
        let read_all = || {
            // One view of the file, whatever is being written meanwhile.
            let view = self.connection.unchecked_transaction()?;
            read(&view, record.run_id)
        };
        let found = read_all().map_err(self.failed("read the run"))?;
        if found.is_some() || self.make_packs(record).is_err() {
            // What went wrong is told by the way through the seconds, if it concerns them.
            return Ok(found);
        }
        read_all().map_err(self.failed("read the run"))
    }

    /// Each part is written on its own, so that a run under way waits for none of them long.
    fn make_packs(&self, record: &RunRecord) -> Result<(), StoreError> {
        let (run_id, failed) = (record.run_id, self.failed("draw up the run"));
        self.connection.execute("DELETE FROM run_packs WHERE run_id = ?1", [run_id.0]).map_err(&failed)?;
        let mut n_parts = OVERVIEW;
        let mut keep = |bytes: &[u8]| {
            n_parts += 1;
            keep_part(&self.connection, run_id, n_parts, bytes)
        };
        let packer = self.each_seconds(run_id, record.start.scenario.n_steps(), |packer| {
            packer.take_packs().iter().try_for_each(|bytes| keep(bytes))
        })?;
        let (overview, rest) = packer.finish();
        rest.chunks().iter().try_for_each(|chunk| keep(&chunk.pack())).map_err(&failed)?;
        keep_part(&self.connection, run_id, OVERVIEW, &overview.pack())
            .and_then(|()| self.keep_disk_use(run_id))
            .map_err(&failed)
    }

    fn read_seconds(&self, run_id: RunId, n_steps: usize) -> Result<Packer, StoreError> {
        self.each_seconds(run_id, n_steps, |_| Ok(()))
    }

    /// Reads a run's seconds, some at a time; `after` looks at what has come of them.
    fn each_seconds(
        &self,
        run_id: RunId,
        n_steps: usize,
        mut after: impl FnMut(&mut Packer) -> rusqlite::Result<()>,
    ) -> Result<Packer, StoreError> {
        let failed = self.failed("read the run");
        let (mut packer, mut reader) = (Packer::new(n_steps), HdrReader::default());
        let mut from = 0;
        while let Some(next) = reading::next_second(&self.connection, run_id, from).map_err(&failed)? {
            let until = next.saturating_add(SECONDS_AT_ONCE);
            let intervals =
                reading::seconds(&self.connection, run_id, next..until, &mut reader).map_err(&failed)?;
            for interval in intervals {
                packer.push(interval).map_err(|error| StoreError::Library {
                    action: "read the run",
                    why: error.to_string(),
                    path: self.path().to_path_buf(),
                })?;
            }
            after(&mut packer).map_err(&failed)?;
            from = until;
        }
        Ok(packer)
    }
}

/// Whether a run opens from its packs.
pub(super) fn are_sound(view: &Connection, run_id: RunId) -> rusqlite::Result<bool> {
    Ok(overview(view, run_id)?.is_some() && chunks(view, run_id)?.is_some())
}

/// The overview, where it is as it should be.
fn overview(view: &Connection, run_id: RunId) -> rusqlite::Result<Option<Overview>> {
    let read =
        |row: &rusqlite::Row<'_>| Ok(sound_bytes(view, row)?.and_then(|bytes| Overview::unpack(&bytes)));
    let sql = "SELECT rowid, version, checksum FROM run_packs WHERE run_id = ?1 AND part = ?2";
    let found = view.query_row(sql, params![run_id.0, OVERVIEW], read).optional()?.flatten();
    let n_seconds: u32 =
        view.query_row("SELECT count(*) FROM intervals WHERE run_id = ?1", [run_id.0], |row| row.get(0))?;
    Ok(found.filter(|overview| overview.intervals.len() == n_seconds as usize))
}

/// The chunks of the history, where all are as they should be.
fn chunks(view: &Connection, run_id: RunId) -> rusqlite::Result<Option<Vec<Chunk>>> {
    let sql = "SELECT rowid, version, checksum FROM run_packs WHERE run_id = ?1 AND part > ?2 ORDER BY part";
    let mut statement = view.prepare_cached(sql)?;
    let mut rows = statement.query(params![run_id.0, OVERVIEW])?;
    let mut chunks = Vec::new();
    while let Some(row) = rows.next()? {
        let chunk = sound_bytes(view, row)?.and_then(|bytes| Chunk::unpack(bytes.into()));
        let Some(chunk) = chunk else { return Ok(None) };
        chunks.push(chunk);
    }
    Ok(Some(chunks))
}

/// The bytes of a part of this version that are still those that were kept.
// Read to where they stay: as a column they would be put together in memory of SQLite's, and copied from there.
fn sound_bytes(view: &Connection, row: &rusqlite::Row<'_>) -> rusqlite::Result<Option<Vec<u8>>> {
    let (row_id, version, sum): (i64, u32, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
    if version != PACKS_VERSION {
        return Ok(None);
    }
    let blob = view.blob_open(MAIN_DB, c"run_packs", c"bytes", row_id, true)?;
    let mut bytes = vec![0; blob.len()];
    blob.read_at_exact(&mut bytes, 0)?;
    Ok((sum == checksum(&bytes)).then_some(bytes))
}

fn keep_part(connection: &Connection, run_id: RunId, part: i64, bytes: &[u8]) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO run_packs VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![run_id.0, part, PACKS_VERSION, checksum(bytes), bytes])
        .map(drop)
}

fn checksum(bytes: &[u8]) -> u32 {
    let mut sum = Crc::new();
    sum.update(bytes);
    sum.sum()
}
