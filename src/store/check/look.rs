//! Looking only: pages, references between rows, and whether every run still reads back.

use std::path::Path;

use super::{Checkup, FindingWeight, locks::locks, mend, second_words};
use crate::metrics::{Finish, RunId};
use crate::store::{Library, StoreError, header, packs};

/// Messages about pages that are shown; a badly damaged file has thousands.
const MAX_PAGE_MESSAGES: usize = 8;

/// Looks through the whole library and changes nothing that is kept in it.
pub fn check_library(path: &Path) -> Result<Checkup, StoreError> {
    let mut checkup = Checkup::default();
    match open(path) {
        Ok(library) => look(&library, &mut checkup)?,
        // A file that SQLite cannot even open as one of ours: what is in it is for the salvage to find out.
        Err(error) if is_damage(&error) => {
            checkup.find(FindingWeight::Damage, None, format!("the library does not open: {error}"));
        }
        Err(error) => return Err(error),
    }
    if let Ok(locks) = locks(path) {
        for (run_id, _) in &locks.stale {
            let text = format!("a lock of run {run_id} was left behind by a program that is gone");
            checkup.find(FindingWeight::Derived, None, text);
        }
    }
    Ok(checkup)
}

fn open(path: &Path) -> Result<Library, StoreError> {
    // Asking must not create a library.
    std::fs::metadata(path).map_err(|error| StoreError::file("open the run library", &error, path))?;
    Library::open(path)
}

/// Whether an error says that the file itself is damaged, rather than in use, newer, or of another program.
fn is_damage(error: &StoreError) -> bool {
    match error {
        StoreError::DamagedLibrary { .. } => true,
        StoreError::NotALibrary { path, .. } => header::is_a_library(path),
        _ => false,
    }
}

fn look(library: &Library, checkup: &mut Checkup) -> Result<(), StoreError> {
    let failed = library.failed("check the library");
    if let Err(error) = look_at_pages(library, checkup) {
        checkup.find(FindingWeight::Damage, None, format!("its pages cannot be read: {error}"));
    }
    match run_ids(library) {
        Ok(run_ids) => {
            checkup.n_runs = run_ids.len() as u32;
            for run_id in run_ids {
                look_at_run(library, run_id, checkup);
            }
        }
        Err(error) => {
            let why = failed(error);
            checkup.find(FindingWeight::Damage, None, format!("its list of runs cannot be read: {why}"));
        }
    }
    Ok(())
}

/// All runs, the hidden ones too.
pub(super) fn run_ids(library: &Library) -> rusqlite::Result<Vec<RunId>> {
    library
        .connection
        .prepare("SELECT run_id FROM runs ORDER BY run_id")?
        .query_map([], |row| row.get(0).map(RunId))?
        .collect()
}

fn look_at_pages(library: &Library, checkup: &mut Checkup) -> rusqlite::Result<()> {
    let connection = &library.connection;
    let messages: Vec<String> = connection
        .prepare(&format!("PRAGMA integrity_check({MAX_PAGE_MESSAGES})"))?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for message in messages.iter().filter(|message| *message != "ok") {
        let text = format!("the file's pages are damaged: {}", message.replace('\n', " "));
        checkup.find(FindingWeight::Damage, None, text);
    }
    let orphans: Vec<(String, String, i64)> = connection
        .prepare(
            "SELECT \"table\", \"parent\", count(*) FROM pragma_foreign_key_check() GROUP BY 1, 2 ORDER BY 1, 2",
        )?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (table, parent, n_rows) in orphans {
        let text = format!("{n_rows} rows of `{table}` belong to nothing in `{parent}`");
        checkup.find(FindingWeight::Damage, None, text);
    }
    Ok(())
}

fn look_at_run(library: &Library, run_id: RunId, checkup: &mut Checkup) {
    let mut find = |weight, text: String| checkup.find(weight, Some(run_id), text);
    for trouble in mend::troubles(&library.connection, run_id) {
        find(FindingWeight::Damage, trouble);
    }
    match mend::unreadable_seconds(&library.connection, run_id) {
        Ok(seconds) if seconds.is_empty() => {}
        Ok(seconds) => {
            let text = format!("these seconds of it cannot be read: {}", second_words(&seconds));
            find(FindingWeight::Damage, text);
        }
        Err(error) => find(FindingWeight::Damage, format!("its seconds cannot be read: {error}")),
    }
    let Ok(facts) = Facts::of(library, run_id) else { return };
    if facts.n_seconds == 0 && !facts.is_running {
        find(FindingWeight::Note, "it has no seconds; delete it if it is of no use".to_owned());
    }
    if !facts.is_running && facts.n_seconds > 0 {
        if !packs::are_sound(&library.connection, run_id).unwrap_or(false) {
            find(FindingWeight::Derived, "what opens it at once is missing or damaged".to_owned());
        }
        if !facts.has_digest {
            find(FindingWeight::NoDigest, "its headline numbers are missing".to_owned());
        }
    }
    if !facts.has_identity {
        find(FindingWeight::Derived, "its fingerprint is missing".to_owned());
    }
}

/// What can be missing of a run without harm.
pub(super) struct Facts {
    pub n_seconds: u32,
    pub is_running: bool,
    pub has_digest: bool,
    pub has_identity: bool,
}

impl Facts {
    pub fn of(library: &Library, run_id: RunId) -> rusqlite::Result<Self> {
        library.connection.query_row(
            "SELECT (SELECT count(*) FROM intervals WHERE intervals.run_id = runs.run_id), finish, digest,
                 fingerprint <> '' AND identity <> ''
             FROM runs WHERE run_id = ?1",
            [run_id.0],
            |row| {
                let digest: Option<String> = row.get(2)?;
                let is_read = |json: String| serde_json::from_str::<crate::metrics::RunDigest>(&json).is_ok();
                let finish: String = row.get(1)?;
                Ok(Self {
                    n_seconds: row.get(0)?,
                    is_running: crate::store::columns::to_word(&Finish::Running)? == finish,
                    has_digest: digest.is_some_and(is_read),
                    has_identity: row.get(3)?,
                })
            },
        )
    }
}
