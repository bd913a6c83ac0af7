//! Taking a capsule's run into the library: in one transaction, once, under its own number where that is free.

use std::path::Path;

use rusqlite::{OptionalExtension as _, Transaction, TransactionBehavior, params};

use super::{
    RUN_TABLES,
    checksum::quoted,
    export::Attached,
    verify::{self, Copy},
};
use crate::metrics::RunId;
use crate::store::{Library, StoreError, files::neighbour_of};

/// What came of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Imported {
    /// The run was taken in.
    As {
        run_id: RunId,
        /// Its number where it was exported; another run of this library has or had it where they differ.
        original_id: RunId,
        scenario_name: String,
    },
    /// The library holds this very run already; nothing was changed.
    AlreadyThere { run_id: RunId, is_deleted: bool },
}

/// The highest number that is taken over.
const MAX_NUMBER: i64 = 1_000_000_000;

const ACTION: &str = "import the run";

impl Library {
    /// Takes the run of a capsule in, unless it is there already; a capsule that is not sound changes nothing.
    pub fn import(&self, capsule: &Path) -> Result<Imported, StoreError> {
        let no_place = || StoreError::file(ACTION, &std::io::ErrorKind::IsADirectory.into(), self.path());
        let copy = verify::sound_copy(capsule, neighbour_of(self.path()).ok_or_else(no_place)?)?;
        let imported = self.take_in(&copy).map_err(self.failed(ACTION))?;
        if let Imported::As { run_id, .. } = imported {
            // A matter of room only; the run is there.
            let _ = self.keep_disk_use(run_id);
        }
        Ok(imported)
    }

    fn take_in(&self, copy: &Copy) -> rusqlite::Result<Imported> {
        let attached = Attached::new(&self.connection, copy.path())?;
        let transaction = Transaction::new_unchecked(&self.connection, TransactionBehavior::Immediate)?;
        let imported = match holder(&transaction, &copy.identity)? {
            Some(there) => there,
            None => {
                let run_id = free_number(&transaction, copy)?;
                // The packs were made anew in the copy, from rows that were just found sound.
                for table in RUN_TABLES.into_iter().chain(["run_packs"]) {
                    insert(&transaction, table, run_id)?;
                }
                transaction.execute("DELETE FROM removed_runs WHERE run_id = ?1", [run_id.0])?;
                let scenario_name = copy.scenario_name.clone();
                Imported::As { run_id, original_id: copy.run_id, scenario_name }
            }
        };
        transaction.commit()?;
        drop(attached);
        Ok(imported)
    }
}

/// The run of this library that is this very one.
fn holder(transaction: &Transaction<'_>, identity: &str) -> rusqlite::Result<Option<Imported>> {
    let sql = "SELECT run_id, deleted_at_unix_millis IS NOT NULL FROM runs WHERE identity = ?1";
    let there = |row: &rusqlite::Row<'_>| {
        Ok(Imported::AlreadyThere { run_id: RunId(row.get(0)?), is_deleted: row.get(1)? })
    };
    transaction.query_row(sql, [identity], there).optional()
}

/// The run's own number, unless another run has it or had it once; then the next.
fn free_number(transaction: &Transaction<'_>, copy: &Copy) -> rusqlite::Result<RunId> {
    let sql = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'runs'), 0)";
    let last_given: i64 = transaction.query_row(sql, [], |row| row.get(0))?;
    let sql = "SELECT count(*) FROM removed_runs WHERE run_id = ?1 AND identity = ?2";
    let was_its_own: bool =
        transaction.query_row(sql, params![copy.run_id.0, copy.identity], |row| row.get(0))?;
    // A number beyond all sense would leave none for the runs to come.
    let is_free = was_its_own || (last_given + 1..=MAX_NUMBER).contains(&copy.run_id.0);
    Ok(if is_free { copy.run_id } else { RunId(last_given + 1) })
}

fn insert(transaction: &Transaction<'_>, table: &str, run_id: RunId) -> rusqlite::Result<()> {
    let columns: Vec<String> = transaction
        .prepare("SELECT name FROM pragma_table_info(?1, 'main') WHERE name <> 'run_id' ORDER BY cid")?
        .query_map([table], |row| row.get::<_, String>(0).map(|name| quoted(&name)))?
        .collect::<rusqlite::Result<_>>()?;
    let columns = columns.join(", ");
    let order = if table == "error_groups" { "ORDER BY rowid" } else { "" };
    let sql = format!(
        "INSERT INTO main.{table} (run_id, {columns}) SELECT ?1, {columns} FROM {}.{table} {order}",
        Attached::NAME
    );
    transaction.execute(&sql, [run_id.0]).map(drop)
}
