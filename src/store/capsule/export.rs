//! Writing a capsule: whole or not at all, from one view of the library.

use std::path::Path;

use rusqlite::{Connection, params};

use super::{APPLICATION_ID, OWN_TABLE, RUN_TABLES, checksum};
use crate::metrics::{Finish, RunId};
use crate::store::{Library, StoreError, files::replace_file, schema};

/// Pages of a capsule: large ones would make the smallest capsule half a megabyte.
const PAGE_BYTES: u32 = 4 * 1024;

const ACTION: &str = "export the run";

impl Library {
    /// Writes a run that has ended into a file of its own, over one that is there.
    pub fn export(&self, run_id: RunId, path: &Path) -> Result<(), StoreError> {
        // A damaged run is told now, and not to whoever gets the capsule.
        if self.facts(run_id)?.end.finish == Finish::Running {
            return Err(StoreError::ExportOfRunning(run_id));
        }
        self.keep_packs(run_id)?;
        replace_file(path, |new| self.write_capsule(run_id, new).map_err(self.failed(ACTION)))
    }

    fn write_capsule(&self, run_id: RunId, new: &Path) -> rusqlite::Result<()> {
        prepare(new)?;
        let capsule = Attached::new(&self.connection, new)?;
        let view = self.connection.unchecked_transaction()?;
        for table in RUN_TABLES {
            // Groups of errors are told by the order in which they were first kept.
            let order = if table == "error_groups" { "ORDER BY rowid" } else { "" };
            let sql = format!(
                "INSERT INTO {table_of}.{table} SELECT * FROM main.{table} WHERE run_id = ?1 {order}",
                table_of = Attached::NAME
            );
            view.execute(&sql, [run_id.0])?;
        }
        // What holds in this library only: which run is its baseline, and what the packs take in it.
        let sql = format!("UPDATE {}.runs SET is_baseline = 0, n_bytes = NULL", Attached::NAME);
        view.execute(&sql, [])?;
        view.commit()?;
        drop(capsule);
        seal(new)
    }
}

/// Makes an empty capsule.
fn prepare(new: &Path) -> rusqlite::Result<()> {
    let mut connection = Connection::open(new)?;
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    // Nobody reads it before it is renamed, and what fails is removed.
    connection.pragma_update_and_check(None, "journal_mode", "off", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "off")?;
    let transaction = connection.transaction()?;
    schema::bring_up_to(&transaction, schema::known_format())?;
    transaction.execute_batch(OWN_TABLE)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.commit()?;
    connection.close().map_err(|(_, error)| error)
}

/// Keeps the checksum of all rows.
fn seal(new: &Path) -> rusqlite::Result<()> {
    let connection = Connection::open(new)?;
    let written_by = env!("CARGO_PKG_VERSION");
    let sum = checksum::of(&connection, written_by)?;
    connection.execute("INSERT INTO capsule VALUES (?1, ?2)", params![written_by, sum])?;
    connection.close().map_err(|(_, error)| error)
}

/// Another file beside the library's on one connection, until dropped.
pub(super) struct Attached<'a>(&'a Connection);

impl<'a> Attached<'a> {
    pub(super) const NAME: &'static str = "capsule_file";

    pub(super) fn new(connection: &'a Connection, path: &Path) -> rusqlite::Result<Self> {
        let path = path.to_str().ok_or_else(|| rusqlite::Error::InvalidPath(path.to_path_buf()))?;
        connection.execute(&format!("ATTACH ?1 AS {}", Self::NAME), [path])?;
        // Nobody else has the file: it is written whole or thrown away.
        connection.execute_batch(&format!("PRAGMA {}.synchronous = off", Self::NAME))?;
        Ok(Self(connection))
    }
}

impl Drop for Attached<'_> {
    fn drop(&mut self) {
        // At worst the file stays open until the library is closed.
        let _ = self.0.execute(&format!("DETACH {}", Self::NAME), []);
    }
}
