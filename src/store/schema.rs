//! Opening the library file: refusing what is not one, bringing old ones up to date.

use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::{StoreError, identity};

/// Marks our files in the SQLite header: "STGW".
const APPLICATION_ID: u32 = 0x5354_4757;

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
];

/// Pages of a new library. A long run is read by the page, and SQLite's usual 4 KiB take twice the time.
const PAGE_BYTES: u32 = 16 * 1024;

/// How far the write-ahead log grows before it is carried over, whatever the pages of the library.
const WAL_BYTES: u32 = 4 * 1024 * 1024;

/// How long to wait for another program that writes.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

/// Opens or creates a library, brought up to date.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    refuse_other_files(path)?;
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
    let known = MIGRATIONS.len() as u32;
    if found > known {
        return Err(StoreError::NewerLibrary { found, known, path: path.to_path_buf() });
    }
    if found < known {
        migrate(&mut connection).map_err(failed)?;
    }
    prepare(&connection).map_err(failed)?;
    Ok(connection)
}

fn format_of(connection: &Connection) -> rusqlite::Result<u32> {
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
    let found = format_of(&transaction)? as usize;
    for (sql, fill) in MIGRATIONS.iter().skip(found) {
        transaction.execute_batch(sql)?;
        fill(&transaction)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", MIGRATIONS.len().max(found) as u32)?;
    transaction.commit()
}

fn nothing_more(_: &Connection) -> rusqlite::Result<()> {
    Ok(())
}

/// Refuses whatever exists and is not a library by its first bytes, before SQLite may touch it.
fn refuse_other_files(path: &Path) -> Result<(), StoreError> {
    let action = "open the run library";
    let refuse = |why: &str| Err(StoreError::NotALibrary { why: why.to_owned(), path: path.to_path_buf() });
    let length = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => return refuse("it is a folder"),
        Ok(metadata) if !metadata.is_file() => return refuse("it is no regular file"),
        Ok(metadata) => metadata.len(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
        Err(error) => return Err(StoreError::file(action, &error, path)),
    };
    if length == 0 {
        return Ok(());
    }
    let mut header = [0; 100];
    let n_read = File::open(path)
        .and_then(|file| {
            let mut head = Vec::new();
            file.take(header.len() as u64).read_to_end(&mut head)?;
            header[..head.len()].copy_from_slice(&head);
            Ok(head.len())
        })
        .map_err(|error| StoreError::file(action, &error, path))?;
    // Layout: https://www.sqlite.org/fileformat.html#the_database_header
    let number_at = |at: usize| u32::from_be_bytes(std::array::from_fn(|offset| header[at + offset]));
    if !header.starts_with(b"SQLite format 3\0") {
        return refuse("it is no SQLite file");
    }
    if n_read < header.len() {
        return refuse("it was cut off");
    }
    if number_at(68) != APPLICATION_ID {
        return refuse("it belongs to another program");
    }
    let page_bytes = match u16::from_be_bytes([header[16], header[17]]) {
        1 => 65_536,
        bytes => u64::from(bytes),
    };
    // Pages still in the write-ahead log may be missing from the file; without one, none may.
    if length < u64::from(number_at(28)) * page_bytes && !has_write_ahead_log(path) {
        return refuse("it was cut off");
    }
    Ok(())
}

fn has_write_ahead_log(path: &Path) -> bool {
    let mut log = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf()).into_os_string();
    log.push("-wal");
    fs::metadata(log).is_ok_and(|metadata| metadata.len() > 0)
}
