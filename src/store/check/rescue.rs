//! Repairing: derived data in place, everything else in a new file that takes the old one's place.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig};

use super::{
    Loss, Repaired,
    locks::locks,
    look::{Facts, check_library, run_ids},
    mend,
    salvage::{Salvaged, salvage},
};
use crate::metrics::RunId;
use crate::store::{
    Library, StoreError,
    files::neighbour_of,
    header::{self, Header},
    schema,
};

const ACTION: &str = "repair the library";

/// Repairs a library: nothing is lost by it that could still be read, and the old file stays where data was damaged.
pub fn repair_library(path: &Path) -> Result<Repaired, StoreError> {
    let path = &fs::canonicalize(path).map_err(|error| StoreError::file(ACTION, &error, path))?;
    let checkup = check_library(path)?;
    let mut repaired = Repaired { checkup, ..Repaired::default() };
    if repaired.checkup.is_damaged() {
        refuse_while_in_use(path)?;
        rescue(path, &mut repaired)?;
    }
    tidy(path, &mut repaired)?;
    Ok(repaired)
}

/// Makes anew what is derived, and removes what programs left behind.
fn tidy(path: &Path, repaired: &mut Repaired) -> Result<(), StoreError> {
    let library = Library::open(path)?;
    if let Ok(locks) = locks(path) {
        // Opening the library has written down that their runs were interrupted.
        locks.stale.into_iter().for_each(|(_, lock)| lock.release());
    }
    let failed = library.failed(ACTION);
    for run_id in run_ids(&library).map_err(&failed)? {
        let facts = Facts::of(&library, run_id).map_err(&failed)?;
        if !facts.has_identity {
            crate::store::identity::give(&library.connection, run_id).map_err(&failed)?;
        }
        if facts.is_running || facts.n_seconds == 0 {
            continue;
        }
        // A hidden run is drawn up when it is brought back.
        match library.keep_packs(run_id) {
            Ok(()) if !facts.has_digest => repaired.without_digest.push(run_id),
            Ok(()) | Err(StoreError::DeletedRun(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Refuses while another program has the library open: its writes would go to the old file.
fn refuse_while_in_use(path: &Path) -> Result<(), StoreError> {
    let in_use = || StoreError::LibraryInUse { path: path.to_path_buf() };
    let locks = locks(path).map_err(|error| StoreError::file(ACTION, &error, path))?;
    if !locks.held.is_empty() {
        return Err(in_use());
    }
    let alone = || {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(Duration::from_millis(200))?;
        // The old file stays as it is.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        connection.pragma_update_and_check(None, "locking_mode", "exclusive", |_| Ok(()))?;
        connection.execute_batch("BEGIN EXCLUSIVE; ROLLBACK")
    };
    match alone().map_err(|error| error.sqlite_error_code()) {
        Err(Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)) => Err(in_use()),
        // Too damaged to be opened at all: nobody has it open.
        _ => Ok(()),
    }
}

/// Draws what can be read into a new file, and puts it where the old one lay.
fn rescue(path: &Path, repaired: &mut Repaired) -> Result<(), StoreError> {
    let failed = |error: rusqlite::Error| StoreError::library(ACTION, &error, path);
    let no_place = || StoreError::file(ACTION, &std::io::ErrorKind::IsADirectory.into(), path);
    let [copy, new] = [(); 2].map(|()| neighbour_of(path));
    let (copy, new) = (Scratch(copy.ok_or_else(no_place)?), Scratch(new.ok_or_else(no_place)?));
    copy_patched(path, &copy.0)?;
    let old = open_damaged(&copy.0).map_err(failed)?;
    // A number that makes no sense is damage, too.
    let format = schema::format_of(&old).ok().filter(|format| (1..=schema::known_format()).contains(format));
    let mut connection = schema::create(&new.0, format.unwrap_or(schema::known_format())).map_err(failed)?;
    let salvaged = salvage(&old, &connection).map_err(failed)?;
    drop(old);
    if salvaged.n_rows == 0 {
        return Err(StoreError::NothingReadable { path: path.to_path_buf() });
    }
    schema::bring_file_up_to_date(&mut connection).map_err(failed)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(failed)?;
    repaired.losses = mend_all(&connection, &salvaged).map_err(failed)?;
    connection.close().map_err(|(_, error)| failed(error))?;
    File::open(&new.0)
        .and_then(|file| file.sync_all())
        .map_err(|error| StoreError::file(ACTION, &error, path))?;
    let old_file = exchange(path, &new.0).map_err(|error| StoreError::file(ACTION, &error, path))?;
    repaired.old_file = Some(old_file);
    Ok(())
}

/// A file of ours beside the library; removed when dropped, unless it was moved.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        for ending in ["", "-journal", "-wal", "-shm"] {
            // What is left behind does no harm.
            let _ = fs::remove_file(with_ending(&self.0, ending));
        }
    }
}

fn with_ending(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Copies the library with its log, and mends of the copy what keeps SQLite from looking at it.
fn copy_patched(path: &Path, copy: &Path) -> Result<(), StoreError> {
    let work = || {
        fs::copy(path, copy)?;
        let log = with_ending(path, "-wal");
        if log.exists() {
            fs::copy(log, with_ending(copy, "-wal"))?;
        }
        let mut file = OpenOptions::new().read(true).write(true).open(copy)?;
        // Layout: https://www.sqlite.org/fileformat.html#the_database_header
        file.write_all(header::MAGIC)?;
        file.seek(SeekFrom::Start(21))?;
        file.write_all(&[64, 32, 32])?;
        // Pages that were cut off are empty ones, which cannot be read, but do not keep the others from being read.
        let length = file.metadata()?.len();
        // A number that is damaged itself must not ask for a disk full of them.
        let most = length.saturating_mul(1_000);
        let whole = Header::read(&header::head_of(copy)?).map_or(0, |header| header.n_bytes());
        if (length..=most).contains(&whole) {
            file.set_len(whole)?;
        }
        Ok(())
    };
    work().map_err(|error: std::io::Error| {
        StoreError::file("copy the damaged library beside itself", &error, copy)
    })
}

fn open_damaged(copy: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(copy, flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
    // Lets SQLite read a file whose number of pages makes no sense.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_WRITABLE_SCHEMA, true)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

/// Takes out of the new file what belongs to nothing and what does not read back; says what is lost.
fn mend_all(connection: &Connection, salvaged: &Salvaged) -> rusqlite::Result<Vec<Loss>> {
    let transaction = connection.unchecked_transaction()?;
    let mut losses = lost_runs(&transaction)?;
    let lost_seconds = drop_orphans_and_doubtful(&transaction, salvaged)?;
    if ["edits", "edit_texts", "edit_histories"].iter().any(|table| salvaged.damaged_tables.contains(*table))
    {
        losses.push(Loss { run_id: None, text: "undo steps of the open scenario".to_owned() });
    }
    if salvaged.damaged_tables.contains("settings") {
        losses.push(Loss { run_id: None, text: "settings".to_owned() });
    }
    let run_ids: Vec<i64> = transaction
        .prepare("SELECT run_id FROM runs ORDER BY run_id")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for run_id in run_ids {
        let mut of_run = Vec::new();
        if let Some(text) = lost_seconds.get(&run_id).and_then(|seconds| mend::lost_seconds(seconds)) {
            of_run.push(Loss { run_id: Some(RunId(run_id)), text });
        }
        if let Some(text) =
            nameless_seconds(&transaction, run_id, lost_seconds.get(&run_id).map_or(0, Vec::len))?
        {
            of_run.push(Loss { run_id: Some(RunId(run_id)), text });
        }
        of_run.extend(lost_rows(&transaction, run_id, salvaged)?);
        of_run.extend(mend::mend(&transaction, RunId(run_id))?);
        if !of_run.is_empty() && is_there(&transaction, run_id)? {
            mend::settle(&transaction, RunId(run_id), &of_run)?;
        }
        losses.extend(of_run);
    }
    transaction.commit()?;
    Ok(losses)
}

/// What else of a run was on pages that cannot be read.
fn lost_rows(connection: &Connection, run_id: i64, salvaged: &Salvaged) -> rusqlite::Result<Vec<Loss>> {
    let mut texts = Vec::new();
    let tables = salvaged.damaged_runs.get(&run_id);
    let lacks = |table: &str| tables.is_some_and(|tables| tables.contains(table));
    let lacks_groups = salvaged.may_lack_any("error_groups", run_id);
    if lacks_groups {
        texts.push("perhaps some of its groups of errors");
    }
    if lacks_groups || lacks("interval_errors") {
        // Those that are left would count too little.
        connection.execute("DELETE FROM interval_errors WHERE run_id = ?1", [run_id])?;
        texts.push(mend::ERRORS_BY_SECOND);
    }
    if salvaged.may_lack_row("run_starts", run_id) {
        texts.push("its sampled starts, if there were any");
    }
    if salvaged.may_lack_row("report_texts", run_id) {
        texts.push("the texts of its report, if there were any");
    }
    if salvaged.may_lack_row("traffic_audits", run_id) {
        texts.push("the audit of its traffic, if there was any");
    }
    let others = [
        ("tags", "some of its tags"),
        ("annotations", "some of its annotations"),
        ("caveats", "some of its caveats"),
        ("plan_changes", "some changes of its plan"),
        ("projections", "some of its projections"),
        ("watched_series", "some of what monitors saw"),
        ("watched_points", "some of what monitors saw"),
        ("monitors", "what some of its monitors came to"),
    ];
    texts.extend(others.iter().filter(|(table, _)| lacks(table)).map(|(_, text)| *text));
    let loss = |text: &str| Loss { run_id: Some(RunId(run_id)), text: text.to_owned() };
    Ok(texts.into_iter().map(loss).collect())
}

/// A run without its scenario is gone.
fn is_there(connection: &Connection, run_id: i64) -> rusqlite::Result<bool> {
    connection.query_row("SELECT count(*) FROM runs WHERE run_id = ?1", [run_id], |row| row.get(0))
}

/// Seconds that the run once had and of which nothing is left.
fn nameless_seconds(
    connection: &Connection,
    run_id: i64,
    n_named: usize,
) -> rusqlite::Result<Option<String>> {
    let sql = "SELECT coalesce(n_seconds, 0) - (SELECT count(*) FROM intervals WHERE run_id = ?1)
               FROM runs WHERE run_id = ?1";
    let n_missing: i64 = connection.query_row(sql, [run_id], |row| row.get(0))?;
    let n_nameless = n_missing - n_named as i64;
    Ok((n_nameless > 0).then(|| format!("{n_nameless} more of its seconds; which, cannot be told")))
}

/// Runs whose own row is gone while others of theirs are there.
fn lost_runs(connection: &Connection) -> rusqlite::Result<Vec<Loss>> {
    let sql = "SELECT run_id FROM (SELECT run_id FROM scenarios UNION SELECT run_id FROM intervals)
               WHERE run_id NOT IN (SELECT run_id FROM runs) ORDER BY run_id";
    let loss =
        |run_id| Loss { run_id: Some(RunId(run_id)), text: "the run: its own row cannot be read".to_owned() };
    connection.prepare(sql)?.query_map([], |row| row.get(0).map(loss))?.collect()
}

/// Seconds that lost their load or some of their requests, by run; they go as a whole.
fn drop_orphans_and_doubtful(
    connection: &Connection,
    salvaged: &Salvaged,
) -> rusqlite::Result<BTreeMap<i64, Vec<u32>>> {
    let mut lost: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
    let place = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, u32>(1)?));
    let orphaned = "SELECT DISTINCT run_id, second FROM interval_rows
                    WHERE run_id IN (SELECT run_id FROM runs) AND NOT EXISTS (SELECT 1 FROM intervals
                        WHERE intervals.run_id = interval_rows.run_id AND intervals.second = interval_rows.second)";
    let kept = "SELECT run_id, second FROM intervals WHERE run_id IN (SELECT run_id FROM runs)";
    for (sql, only_doubtful) in [(orphaned, false), (kept, true)] {
        let mut statement = connection.prepare(sql)?;
        for found in statement.query_map([], place)? {
            let (run_id, second) = found?;
            if !only_doubtful || salvaged.may_lack("interval_rows", run_id, second) {
                lost.entry(run_id).or_default().push(second);
            }
        }
    }
    for (run_id, seconds) in &mut lost {
        seconds.sort_unstable();
        seconds.dedup();
        for second in seconds {
            for table in ["interval_errors", "interval_rows", "intervals"] {
                let sql = format!("DELETE FROM {table} WHERE run_id = ?1 AND second = ?2");
                connection.prepare_cached(&sql)?.execute(rusqlite::params![*run_id, *second])?;
            }
        }
    }
    forget_orphans(connection)?;
    Ok(lost)
}

/// Removes rows whose parents are gone, whatever the table.
fn forget_orphans(connection: &Connection) -> rusqlite::Result<()> {
    let sql = "SELECT DISTINCT \"table\" FROM pragma_foreign_key_check() WHERE rowid IS NULL";
    let keyed: Vec<String> =
        connection.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for table in keyed {
        let parent = match table.as_str() {
            "interval_errors" => "(run_id, second) NOT IN (SELECT run_id, second FROM intervals)",
            "edits" => {
                "history_id NOT IN (SELECT history_id FROM edit_histories)
                 OR text_id NOT IN (SELECT text_id FROM edit_texts)"
            }
            _ => "run_id NOT IN (SELECT run_id FROM runs)",
        };
        connection.execute(&format!("DELETE FROM {table} WHERE {parent}"), [])?;
    }
    let sql = "SELECT \"table\", rowid FROM pragma_foreign_key_check() WHERE rowid IS NOT NULL";
    let orphans: Vec<(String, i64)> = connection
        .prepare(sql)?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (table, rowid) in orphans {
        connection.execute(&format!("DELETE FROM {table} WHERE rowid = ?1"), [rowid])?;
    }
    Ok(())
}

/// Moves the old library aside under the name of the day, with its log, and the new one in its place.
fn exchange(path: &Path, new: &Path) -> std::io::Result<PathBuf> {
    let day = jiff::Zoned::now().strftime("%Y-%m-%d").to_string();
    let name = |n: u32| match n {
        1 => with_ending(path, &format!(".damaged-{day}")),
        _ => with_ending(path, &format!(".damaged-{day}-{n}")),
    };
    let old = (1..).map(name).find(|name| !name.exists()).unwrap_or_else(|| name(0));
    fs::rename(path, &old)?;
    for ending in ["-wal", "-shm"] {
        let log = with_ending(path, ending);
        if log.exists() {
            fs::rename(log, with_ending(&old, ending))?;
        }
    }
    fs::rename(new, path)?;
    Ok(old)
}
