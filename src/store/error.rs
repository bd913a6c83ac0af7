//! Why the library or a file cannot be used, worded for its reader: what failed, why, what to try, path last.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::{MAX_SCENARIO_BYTES, header};
use crate::metrics::RunId;

/// Why the library or a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error(
        "this computer names no home folder, so the run library has no place; \
         say where with --library FILE or the variable STAGEWRIGHT_LIBRARY"
    )]
    NoHomeFolder,
    /// The file is something else, or damaged; it was not touched.
    #[error(
        "this file cannot be the run library: {why}; it was left as it is; choose another with --library FILE: {}",
        path.display()
    )]
    NotALibrary { why: String, path: PathBuf },
    #[error(
        "this run library was written by a newer Stagewright (its format is {found}, this program knows up to \
         {known}); update Stagewright, or choose another file with --library FILE: {}",
        path.display()
    )]
    NewerLibrary { found: u32, known: u32, path: PathBuf },
    /// SQLite finds the library's pages damaged.
    #[error("cannot {action}: the library is damaged; {}, or restore it from a copy: {}", header::REPAIR, path.display())]
    DamagedLibrary { action: &'static str, path: PathBuf },
    #[error(
        "the library is open in another program, which would go on writing into the old file; close every window and \
         end every run, then repair it: {}",
        path.display()
    )]
    LibraryInUse { path: PathBuf },
    #[error(
        "nothing in this library can be read any more; it was left as it is; restore it from a copy, or choose another \
         with --library FILE: {}",
        path.display()
    )]
    NothingReadable { path: PathBuf },
    /// The file cannot be imported; the library was not touched.
    #[error("this file cannot be imported: {why}; nothing was changed: {}", path.display())]
    NotACapsule { why: String, path: PathBuf },
    #[error(
        "this run was exported by a newer Stagewright (its format is {found}, this program knows up to {known}); update \
         Stagewright, then import it; nothing was changed: {}",
        path.display()
    )]
    NewerCapsule { found: u32, known: u32, path: PathBuf },
    /// The library cannot be read or written.
    #[error("cannot {action}: {why}: {}", path.display())]
    Library { action: &'static str, why: String, path: PathBuf },
    #[error("the library holds no runs yet; make one with `stagewright run quickstart`")]
    NoRuns,
    #[error("there is no run {run_id}; the library holds {held}")]
    NoSuchRun { run_id: RunId, held: String },
    #[error("run {0} was deleted; it can be restored until deleted runs are purged")]
    DeletedRun(RunId),
    #[error("run {0} is still going on; stop it, then delete it")]
    RunGoesOn(RunId),
    #[error("run {0} is still going on; export it when it has ended")]
    ExportOfRunning(RunId),
    #[error("no run is marked as baseline; mark one with `stagewright runs baseline RUN`")]
    NoBaseline,
    #[error("`{0}` names no run; say `latest`, `baseline` or a run's number (see `stagewright runs list`)")]
    NotARunReference(String),
    #[error("a tag needs at least one letter or digit")]
    EmptyTag,
    #[error("the name of a label has at least one letter or digit, and no `=`")]
    LabelName,
    /// A file other than the library cannot be read or written.
    #[error("cannot {action}: {why}: {}", path.display())]
    File { action: &'static str, why: String, path: PathBuf },
    #[error("a scenario file has at most {MAX_SCENARIO_BYTES} bytes, this one has {size}: {}", path.display())]
    ScenarioTooLarge { size: String, path: PathBuf },
    #[error("the preset was not saved: {0}")]
    PresetName(String),
    #[error("no such file, and no preset of that name{hint}: {name}")]
    NoSuchScenario { name: String, hint: String },
}

impl StoreError {
    pub(super) fn library(action: &'static str, error: &rusqlite::Error, path: &Path) -> Self {
        if matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)) {
            return Self::DamagedLibrary { action, path: path.to_path_buf() };
        }
        Self::Library { action, why: plain_reason(error), path: path.to_path_buf() }
    }

    pub(super) fn file(action: &'static str, error: &std::io::Error, path: &Path) -> Self {
        Self::File { action, why: plain_io_reason(error), path: path.to_path_buf() }
    }
}

/// A database error in plain words, with what to try.
pub(super) fn plain_reason(error: &rusqlite::Error) -> String {
    if let rusqlite::Error::FromSqlConversionFailure(_, _, why) = error {
        return format!("something in it makes no sense ({why}); it is damaged, or another program wrote it");
    }
    let plain = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "the disk is full; free some space",
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "another program is busy with the library; close it or try again"
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            "the library may not be written; check the permissions of the file and its folder"
        }
        Some(ErrorCode::CannotOpen) => {
            "it cannot be opened or made there; check that the folder exists and may be written"
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "the library is damaged; `stagewright runs check --repair` saves what it still holds"
        }
        Some(ErrorCode::SystemIoFailure) => "the disk could not be read or written; check it",
        _ => return error.to_string(),
    };
    plain.to_owned()
}

/// A file error in plain words, with what to try.
pub(super) fn plain_io_reason(error: &std::io::Error) -> String {
    use std::io::ErrorKind;
    let plain = match error.kind() {
        ErrorKind::NotFound => "the file or its folder does not exist",
        ErrorKind::PermissionDenied => "permission was denied; check who may use it",
        ErrorKind::IsADirectory => "it is a folder; name a file in it",
        ErrorKind::NotADirectory => "a part of the path is a file, not a folder",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "the disk is full; free some space",
        ErrorKind::ReadOnlyFilesystem => "the disk is read-only; choose another place",
        _ => return error.to_string(),
    };
    plain.to_owned()
}
