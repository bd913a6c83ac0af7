//! Kept runs compared: each is read, measured and let go, so that eight long ones need little more memory than one.

use crate::analysis::comparison::{
    Alignment, CompareOptions, ComparedRun, Comparison, MAX_SIDES, MIN_REPETITIONS, Side, Stretches, compare,
};
use crate::analysis::summarize;
use crate::metrics::{HistogramError, RunId};
use crate::store::{Library, StoreError};

use super::reading::read_all;

/// Why runs could not be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Damaged(#[from] HistogramError),
    #[error("a comparison takes two to {MAX_SIDES} sides, not {0}")]
    Sides(usize),
    #[error(
        "a side of {0} repetitions says too little of how runs differ: give {MIN_REPETITIONS} or more, or compare \
         single runs"
    )]
    Repetitions(usize),
    #[error(
        "repetitions compare with repetitions: each side needs {MIN_REPETITIONS} or more runs, or each side one run"
    )]
    Mixed,
    #[error("run {0} stands on more than one side")]
    Twice(RunId),
}

/// Compares sides of the library with the first of them; none where it was cancelled.
///
/// `on_read` is told how many runs are read; each side is one run, or five or more repetitions.
pub fn compare_kept(
    library: &Library,
    sides: &[Vec<RunId>],
    options: &CompareOptions,
    is_cancelled: &dyn Fn() -> bool,
    on_read: &mut dyn FnMut(usize),
) -> Result<Option<Comparison>, CompareError> {
    check(sides)?;
    let all = || sides.iter().flatten().copied();
    let stretches = match options.alignment {
        Alignment::Stage | Alignment::Rate => Stretches::Held,
        Alignment::Time => {
            let mut n_seconds = u32::MAX;
            for run_id in all() {
                let made = library.load_duration(run_id)?.as_secs();
                n_seconds = n_seconds.min(u32::try_from(made).unwrap_or(u32::MAX));
            }
            Stretches::Seconds(n_seconds)
        }
    };
    let measured = |library: &Library, run_id| -> Result<ComparedRun, CompareError> {
        let run = library.open_run(run_id)?;
        let summary = summarize(&run.record)?;
        Ok(ComparedRun::new(&run.record, &summary, &run.history, &stretches)?)
    };
    let all: Vec<RunId> = all().collect();
    let Some(runs) = read_all(library, &all, measured, is_cancelled, on_read)? else { return Ok(None) };
    let mut runs = runs.into_iter();
    let of_side = |side: &Vec<RunId>| Side { runs: runs.by_ref().take(side.len()).collect() };
    let compared: Vec<Side> = sides.iter().map(of_side).collect();
    Ok(compare(&compared, options, is_cancelled)?)
}

fn check(sides: &[Vec<RunId>]) -> Result<(), CompareError> {
    if !(2..=MAX_SIDES).contains(&sides.len()) {
        return Err(CompareError::Sides(sides.len()));
    }
    if let Some(side) = sides.iter().find(|side| side.len() != 1 && side.len() < MIN_REPETITIONS) {
        return Err(CompareError::Repetitions(side.len()));
    }
    if sides.iter().any(|side| side.len() == 1) && sides.iter().any(|side| side.len() > 1) {
        return Err(CompareError::Mixed);
    }
    let mut seen = std::collections::BTreeSet::new();
    match sides.iter().flatten().find(|run_id| !seen.insert(**run_id)) {
        Some(run_id) => Err(CompareError::Twice(*run_id)),
        None => Ok(()),
    }
}
