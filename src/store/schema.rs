//! Opening the library file, and bringing old ones up to date.

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};

use super::{StoreError, header, identity};

/// Brings a library from one format to the next: SQL, then what SQL cannot tell.
type Migration = (&'static str, fn(&Connection) -> rusqlite::Result<()>);

/// Past ones never change.
const MIGRATIONS: &[Migration] = &[
    (include_str!("schema_v1.sql"), nothing_more),
    (include_str!("schema_v2.sql"), nothing_more),
    (include_str!("schema_v3.sql"), nothing_more),
    (include_str!("schema_v4.sql"), nothing_more),
    (include_str!("schema_v5.sql"), nothing_more),
    (include_str!("schema_v6.sql"), identity::give_to_all),
    (include_str!("schema_v7.sql"), nothing_more),
    (include_str!("schema_v8.sql"), nothing_more),
];

/// Pages of a new library. A long run is read by the page, and SQLite's usual 4 KiB take twice the time.
const PAGE_BYTES: u32 = 16 * 1024;

/// How far the write-ahead log grows before it is carried over, whatever the pages of the library.
const WAL_BYTES: u32 = 4 * 1024 * 1024;

/// How long to wait for another program that writes.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Opens or creates a library, brought up to date.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    header::refuse_other_files(path)?;
    let failed = |error: rusqlite::Error| StoreError::library("open the run library", &error, path);
    // Without the URI flag: a path is a path, whatever it looks like.
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(PATIENCE).map_err(failed)?;
    // SQLite opens a file that may not be written as read-only and says nothing.
    if connection.is_readonly("main").map_err(failed)? {
        let why = "the file may not be written; check its permissions".to_owned();
        return Err(StoreError::Library { action: "open the run library", why, path: path.to_path_buf() });
    }
    let found = format_of(&connection).map_err(failed)?;
    let known = known_format();
    if found > known {
        return Err(StoreError::NewerLibrary { found, known, path: path.to_path_buf() });
    }
    if found < known {
        migrate(&mut connection).map_err(failed)?;
    }
    prepare(&connection).map_err(failed)?;
    Ok(connection)
}

/// The format that this program writes.
pub(super) fn known_format() -> u32 {
    MIGRATIONS.len() as u32
}

pub(super) fn format_of(connection: &Connection) -> rusqlite::Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Settings of a connection that the file does not keep.
// WAL with NORMAL: a commit is in the system's hands when it returns, so a killed process loses nothing;
// a power cut may lose the last seconds and never damages the file. FULL would sync the disk each second.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "normal")?;
    let page_bytes: u32 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
    connection.pragma_update(None, "wal_autocheckpoint", WAL_BYTES / page_bytes)?;
    connection.pragma_update(None, "foreign_keys", true)
}

// A new file is made in one transaction of the rollback journal, before the switch to WAL: so its header
// carries our mark from its first byte on, and a file without it was never ours.
fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    // Only an empty file takes it; it writes nothing by itself.
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    let transaction = connection.transaction()?;
    // Lets `purge` give space back. Only an empty file takes it, and writes its first page at once: hence
    // within the transaction and before any reading, which a write lock could not follow.
    transaction.pragma_update(None, "auto_vacuum", "incremental")?;
    // Another program may have been faster.
    bring_up_to(&transaction, known_format())?;
    transaction.pragma_update(None, "application_id", header::APPLICATION_ID)?;
    transaction.commit()
}

/// Applies what is missing to a file that has the tables of a library, or none yet.
pub(super) fn bring_up_to(connection: &Connection, format: u32) -> rusqlite::Result<()> {
    let found = format_of(connection)?;
    for (sql, fill) in MIGRATIONS.iter().take(format as usize).skip(found as usize) {
        connection.execute_batch(sql)?;
        fill(connection)?;
    }
    connection.pragma_update(None, "user_version", format.max(found))
}

/// The same in one transaction, for a file that nobody else has open.
pub(super) fn bring_file_up_to_date(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction()?;
    bring_up_to(&transaction, known_format())?;
    transaction.commit()
}

/// Makes an empty library of this format, without a look at its rows' parents.
pub(super) fn create(path: &Path, format: u32) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open(path)?;
    connection.pragma_update(None, "foreign_keys", false)?;
    // Nobody has it open before it is whole, and what fails is removed.
    connection.pragma_update(None, "synchronous", "off")?;
    connection.pragma_update(None, "page_size", PAGE_BYTES)?;
    let transaction = connection.transaction()?;
    transaction.pragma_update(None, "auto_vacuum", "incremental")?;
    bring_up_to(&transaction, format)?;
    transaction.pragma_update(None, "application_id", header::APPLICATION_ID)?;
    transaction.commit()?;
    Ok(connection)
}

fn nothing_more(_: &Connection) -> rusqlite::Result<()> {
    Ok(())
}
