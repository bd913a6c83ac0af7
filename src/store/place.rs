//! Where things are: the platform's data folder, and the lock beside the library that a run's writer holds.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

use etcetera::BaseStrategy as _;

use super::StoreError;
use crate::metrics::RunId;

/// Names another library file than the platform's, for scripts and tests.
const LIBRARY_VARIABLE: &str = "STAGEWRIGHT_LIBRARY";

/// Where the library is unless told otherwise: `STAGEWRIGHT_LIBRARY`, or the platform's data folder.
pub fn default_library_path() -> Result<PathBuf, StoreError> {
    if let Some(path) = std::env::var_os(LIBRARY_VARIABLE).filter(|path| !path.is_empty()) {
        return Ok(path.into());
    }
    let strategy = etcetera::base_strategy::choose_native_strategy().map_err(|_| StoreError::NoHomeFolder)?;
    Ok(strategy.data_dir().join("stagewright").join("library.sqlite"))
}

/// The lock that tells a run that goes on from one whose program is gone: the system drops it with the process.
#[derive(Debug)]
pub(super) struct RunLock {
    path: PathBuf,
    file: File,
}

impl RunLock {
    pub(super) fn take(library: &Path, run_id: RunId) -> io::Result<Self> {
        let path = lock_path(library, run_id);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
        file.try_lock()?;
        Ok(Self { path, file })
    }

    /// Gives the lock up and removes its file.
    pub(super) fn release(self) {
        drop(self.file);
        // A file left behind is removed by whoever next finds that nobody holds it.
        let _ = fs::remove_file(self.path);
    }
}

/// Whether the writer of a run that has not ended still lives.
pub(super) enum Writer {
    Alive,
    /// With the lock left behind, if there was one: held until the run is settled.
    Gone(Option<RunLock>),
}

impl Writer {
    pub(super) fn of(library: &Path, run_id: RunId) -> Self {
        let path = lock_path(library, run_id);
        let file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Self::Gone(None),
            // Cannot tell: a run is not declared dead on a guess.
            Err(_) => return Self::Alive,
        };
        match file.try_lock() {
            Ok(()) => Self::Gone(Some(RunLock { path, file })),
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => Self::Alive,
        }
    }
}

fn lock_path(library: &Path, run_id: RunId) -> PathBuf {
    // The true file, so that two ways to the library by links meet at one lock.
    let library = fs::canonicalize(library).unwrap_or_else(|_| library.to_path_buf());
    let mut name = OsString::from(library);
    name.push(format!(".run-{run_id}.lock"));
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_once_and_known_gone_when_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("library.sqlite");
        let lock = RunLock::take(&library, RunId(3)).unwrap();
        assert!(RunLock::take(&library, RunId(3)).is_err());
        assert!(matches!(Writer::of(&library, RunId(3)), Writer::Alive));
        drop(lock);
        assert!(matches!(Writer::of(&library, RunId(3)), Writer::Gone(Some(_))));
        RunLock::take(&library, RunId(3)).unwrap().release();
        assert!(matches!(Writer::of(&library, RunId(3)), Writer::Gone(None)));
    }

    #[test]
    fn the_default_library_is_a_file_of_its_own_folder() {
        let path = default_library_path().unwrap();
        assert!(path.is_absolute() || std::env::var_os(LIBRARY_VARIABLE).is_some(), "{}", path.display());
    }
}
