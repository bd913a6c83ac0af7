//! Is this file a capsule, and is it as it was written? Asked of a private copy, and before the library is touched.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::{APPLICATION_ID, FIRST_FORMAT, MAX_BYTES, OWN_TABLE, checksum};
use crate::metrics::RunId;
use crate::store::{
    Library, StoreError,
    error::plain_reason,
    header::{self, Header},
    schema,
};

/// A capsule that was found sound, as a file of its own; removed when dropped.
pub(super) struct Copy {
    path: PathBuf,
    pub run_id: RunId,
    pub identity: String,
    pub scenario_name: String,
}

impl Copy {
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

fn remove(path: &Path) {
    for ending in ["", "-journal", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        // What is left behind does no harm.
        let _ = fs::remove_file(name);
    }
}

/// Why a capsule is refused.
struct Refusal<'a>(&'a Path);

impl Refusal<'_> {
    fn because(&self, why: impl Into<String>) -> StoreError {
        StoreError::NotACapsule { why: why.into(), path: self.0.to_path_buf() }
    }

    fn damaged(&self, what: &str) -> StoreError {
        self.because(format!("{what}; it was damaged or edited since it was exported, so get it once more"))
    }
}

/// Copies a capsule beside the library, and finds it sound to the last row or refuses it.
// A copy, as nobody else can change it between the look and the import, and as one of an old format is brought up to date.
pub(super) fn sound_copy(original: &Path, copy: PathBuf) -> Result<Copy, StoreError> {
    refuse_other_files(original)?;
    let verified = copy_file(original, &copy).and_then(|()| verify(original, &copy));
    match verified {
        Ok((run_id, identity, scenario_name)) => Ok(Copy { path: copy, run_id, identity, scenario_name }),
        Err(error) => {
            remove(&copy);
            Err(error)
        }
    }
}

/// Refuses by size and first bytes what no export wrote.
fn refuse_other_files(path: &Path) -> Result<(), StoreError> {
    let refusal = Refusal(path);
    let failed = |error: io::Error| StoreError::file("read the capsule", &error, path);
    let metadata = fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err(refusal.because("it is a folder; name a file that `stagewright runs export` wrote"));
    }
    if !metadata.is_file() {
        return Err(refusal.because("it is no regular file; save it as one first"));
    }
    if metadata.len() == 0 {
        return Err(refusal.because("it is empty; get it once more"));
    }
    if metadata.len() > MAX_BYTES {
        let gigabytes = MAX_BYTES >> 30;
        return Err(refusal.because(format!("it has more than {gigabytes} GiB, which no exported run takes")));
    }
    let head = header::head_of(path).map_err(failed)?;
    match Header::read(&head).filter(|header| header.has_magic) {
        None if head.starts_with(header::MAGIC) => Err(refusal.damaged("it was cut off")),
        None => Err(refusal.because("it is no capsule; name a file that `stagewright runs export` wrote")),
        Some(header) if header.application_id == header::APPLICATION_ID => Err(refusal.because(
            "it is a whole run library; look into it with --library FILE, or export single runs from it",
        )),
        Some(header) if header.application_id != APPLICATION_ID => {
            Err(refusal.because("it belongs to another program"))
        }
        Some(header) if header.n_bytes() != metadata.len() => {
            Err(refusal.damaged("it was cut off, or added to"))
        }
        Some(_) => Ok(()),
    }
}

fn copy_file(original: &Path, copy: &Path) -> Result<(), StoreError> {
    fs::copy(original, copy)
        .map(drop)
        .map_err(|error| StoreError::file("copy the capsule beside the library", &error, copy))
}

/// The run's number, identity and scenario.
fn verify(original: &Path, copy: &Path) -> Result<(RunId, String, String), StoreError> {
    let refusal = Refusal(original);
    let unreadable =
        |error: rusqlite::Error| refusal.damaged(&format!("it cannot be read ({})", reason(&error)));
    let mut connection = open_distrustfully(copy).map_err(unreadable)?;
    let found = schema::format_of(&connection).map_err(unreadable)?;
    let known = schema::known_format();
    if found > known {
        return Err(StoreError::NewerCapsule { found, known, path: original.to_path_buf() });
    }
    let is_whole: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(unreadable)?;
    if is_whole != "ok" {
        return Err(refusal.damaged("its pages do not fit together"));
    }
    if found < FIRST_FORMAT || !has_tables_of(&connection, found).map_err(unreadable)? {
        return Err(refusal.damaged("its tables are not those of a capsule"));
    }
    let sealed = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let (written_by, kept) =
        connection.query_row("SELECT written_by, checksum FROM capsule", [], sealed).map_err(unreadable)?;
    if checksum::of(&connection, &written_by).map_err(unreadable)? != kept {
        return Err(refusal.damaged("its checksum does not fit its contents"));
    }
    schema::bring_file_up_to_date(&mut connection).map_err(unreadable)?;
    let n_runs: u32 =
        connection.query_row("SELECT count(*) FROM runs", [], |row| row.get(0)).map_err(unreadable)?;
    if n_runs != 1 {
        return Err(refusal.damaged("it does not hold exactly one run"));
    }
    let facts = "SELECT run_id, identity, scenario_name FROM runs";
    let facts = connection
        .query_row(facts, [], |row| Ok((RunId(row.get(0)?), row.get(1)?, row.get(2)?)))
        .map_err(unreadable)?;
    // Every histogram is read, so that nothing comes in that cannot be opened.
    match Library::of_connection(connection, copy).open_run(facts.0) {
        Ok(_) => Ok(facts),
        Err(StoreError::Library { why, .. }) => {
            Err(refusal.damaged(&format!("its run cannot be read ({why})")))
        }
        Err(_) => Err(refusal.damaged("its run cannot be read")),
    }
}

/// What SQLite says, without the advice that holds for libraries.
fn reason(error: &rusqlite::Error) -> String {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => {
            "its pages are damaged".to_owned()
        }
        _ => plain_reason(error),
    }
}

/// Opens a file of unknown origin: nothing that its schema says is carried out.
fn open_distrustfully(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    // A copy that nobody else needs.
    connection.pragma_update(None, "synchronous", "off")?;
    Ok(connection)
}

/// Whether the file has the tables, columns and indexes of a capsule of this format, and nothing else.
fn has_tables_of(connection: &Connection, format: u32) -> rusqlite::Result<bool> {
    let expected = Connection::open_in_memory()?;
    schema::bring_up_to(&expected, format)?;
    expected.execute_batch(OWN_TABLE)?;
    Ok(outline(&expected)? == outline(connection)?)
}

/// Everything that a schema holds, as far as it matters for reading: kind, name, and columns with their types.
fn outline(connection: &Connection) -> rusqlite::Result<Vec<(String, String, String)>> {
    connection
        .prepare(
            "SELECT type, name, coalesce((SELECT group_concat(
                 column.name || ' ' || column.type || ' ' || column.pk || ' ' || column.hidden, ', ')
                 FROM pragma_table_xinfo(sqlite_schema.name) AS column), '')
             FROM sqlite_schema WHERE name <> 'sqlite_sequence' ORDER BY type, name",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect()
}
