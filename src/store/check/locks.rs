//! The locks beside a library: those that nobody holds any more, and those of runs that go on.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::metrics::RunId;
use crate::store::place::{RunLock, Writer};

/// Whose locks lie beside a library.
pub(super) struct Locks {
    /// Runs that go on in some program.
    pub held: Vec<RunId>,
    /// Left behind; held by us meanwhile.
    pub stale: Vec<(RunId, RunLock)>,
}

/// Looks at the locks beside a library.
pub(super) fn locks(library: &Path) -> io::Result<Locks> {
    let mut locks = Locks { held: Vec::new(), stale: Vec::new() };
    for run_id in run_ids(library)? {
        match Writer::of(library, run_id) {
            Writer::Alive => locks.held.push(run_id),
            Writer::Gone(Some(lock)) => locks.stale.push((run_id, lock)),
            Writer::Gone(None) => {}
        }
    }
    Ok(locks)
}

fn run_ids(library: &Path) -> io::Result<Vec<RunId>> {
    let library: PathBuf = fs::canonicalize(library)?;
    let (Some(folder), Some(name)) = (library.parent(), library.file_name().and_then(|name| name.to_str()))
    else {
        return Ok(Vec::new());
    };
    let start = format!("{name}.run-");
    let run_id = |entry: fs::DirEntry| {
        let name = entry.file_name();
        let number = name.to_str()?.strip_prefix(&start)?.strip_suffix(".lock")?;
        number.parse().ok().map(RunId)
    };
    let mut run_ids: Vec<RunId> = fs::read_dir(folder)?.flatten().filter_map(run_id).collect();
    run_ids.sort();
    Ok(run_ids)
}
