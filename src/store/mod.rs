//! What is kept on disk: the run library (SQLite), settings, scenario files and presets.

use std::path::{Path, PathBuf};

use crate::metrics::{Finish, Journal, RunDigest, RunId, RunLabels, RunRecord, RunStart};

/// The run library: one SQLite file.
pub struct Library {}

/// Writes one run while it happens; holds the run's lock until dropped.
pub struct RunWriter {}

/// One run in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct RunListing {
    pub run_id: RunId,
    pub started_at_unix_millis: i64,
    pub scenario_name: String,
    pub base_url: String,
    pub finish: Finish,
    /// Seconds of data kept.
    pub n_seconds: u32,
    pub tags: Vec<String>,
    pub labels: RunLabels,
    pub note: String,
    pub is_baseline: bool,
    /// Levels at stage ends with their times in seconds, for a thumbnail.
    pub profile: Vec<(f64, f64)>,
    /// None until the run is summed up.
    pub digest: Option<RunDigest>,
}

/// Why the library or a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{0}")]
    Placeholder(String),
}

/// Where the library is unless told otherwise.
pub fn default_library_path() -> Result<PathBuf, StoreError> {
    todo!()
}

impl Library {
    /// Opens or creates a library; runs whose writer is gone read as interrupted.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let _ = path;
        todo!()
    }

    pub fn path(&self) -> &Path {
        todo!()
    }

    pub fn begin_run(&self, start: &RunStart) -> Result<RunWriter, StoreError> {
        let _ = start;
        todo!()
    }

    /// All runs that are not deleted, newest first.
    pub fn runs(&self) -> Result<Vec<RunListing>, StoreError> {
        todo!()
    }

    /// Everything kept of a run.
    pub fn load(&self, run_id: RunId) -> Result<RunRecord, StoreError> {
        let _ = run_id;
        todo!()
    }

    /// `latest`, `baseline` (the newest baseline), or a number.
    pub fn resolve(&self, reference: &str) -> Result<RunId, StoreError> {
        let _ = reference;
        todo!()
    }

    pub fn add_tag(&self, run_id: RunId, tag: &str) -> Result<(), StoreError> {
        let _ = (run_id, tag);
        todo!()
    }

    pub fn remove_tag(&self, run_id: RunId, tag: &str) -> Result<(), StoreError> {
        let _ = (run_id, tag);
        todo!()
    }

    pub fn replace_note(&self, run_id: RunId, note: &str) -> Result<(), StoreError> {
        let _ = (run_id, note);
        todo!()
    }

    /// Makes a run the baseline of its scenario name and base URL, or takes that away.
    pub fn mark_baseline(&self, run_id: RunId, is_baseline: bool) -> Result<(), StoreError> {
        let _ = (run_id, is_baseline);
        todo!()
    }

    /// Hides a run; [`restore`](Self::restore) brings it back, [`purge`](Self::purge) does not.
    pub fn delete(&self, run_id: RunId) -> Result<(), StoreError> {
        let _ = run_id;
        todo!()
    }

    pub fn restore(&self, run_id: RunId) -> Result<(), StoreError> {
        let _ = run_id;
        todo!()
    }

    /// Removes hidden runs for good.
    pub fn purge(&self) -> Result<(), StoreError> {
        todo!()
    }

    /// Keeps a run's headline numbers for lists.
    pub fn keep_digest(&self, run_id: RunId, digest: &RunDigest) -> Result<(), StoreError> {
        let _ = (run_id, digest);
        todo!()
    }

    pub fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let _ = key;
        todo!()
    }

    pub fn keep_setting(&self, key: &str, value: &str) -> Result<(), StoreError> {
        let _ = (key, value);
        todo!()
    }
}

impl RunWriter {
    pub fn run_id(&self) -> RunId {
        todo!()
    }
}

impl Journal for RunWriter {
    fn interval(
        &mut self,
        interval: &crate::metrics::IntervalStats,
        changed: &[crate::metrics::ErrorGroup],
    ) -> Result<(), crate::metrics::JournalError> {
        let _ = (interval, changed);
        todo!()
    }

    fn annotation(
        &mut self,
        annotation: &crate::metrics::Annotation,
    ) -> Result<(), crate::metrics::JournalError> {
        let _ = annotation;
        todo!()
    }

    fn finish(&mut self, end: &crate::metrics::RunEnd) -> Result<(), crate::metrics::JournalError> {
        let _ = end;
        todo!()
    }
}

/// A scenario that comes with the program.
pub struct Preset {
    /// File name without ending, such as `quickstart`.
    pub name: &'static str,
    pub text: &'static str,
}

/// The scenarios that come with the program.
pub fn presets() -> &'static [Preset] {
    &[]
}

/// The largest scenario file that is read.
pub const MAX_SCENARIO_BYTES: u64 = 4 * 1024 * 1024;

/// Reads a scenario file's text, or a preset's by its name; refuses what cannot be one.
pub fn read_scenario_text(file_or_preset: &str) -> Result<String, StoreError> {
    let _ = file_or_preset;
    todo!()
}

/// Writes a file whole or not at all: to a neighbour first, then renamed over.
pub fn write_file(path: &Path, text: &str) -> Result<(), StoreError> {
    let _ = (path, text);
    todo!()
}
