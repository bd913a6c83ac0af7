//! Kept runs compared: each is read, measured and let go, so that eight long ones need no more memory than one.

use crate::analysis::comparison::{
    Alignment, CompareOptions, ComparedRun, Comparison, MAX_SIDES, MIN_REPETITIONS, Side, Stretches, compare,
};
use crate::analysis::summarize;
use crate::metrics::{HistogramError, RunId};
use crate::store::{Library, StoreError};

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
    let mut compared = Vec::new();
    let mut n_read = 0;
    for side in sides {
        let mut runs = Vec::new();
        for run_id in side {
            if is_cancelled() {
                return Ok(None);
            }
            let run = library.open_run(*run_id)?;
            let summary = summarize(&run.record)?;
            runs.push(ComparedRun::new(&run.record, &summary, &run.history, &stretches)?);
            n_read += 1;
            on_read(n_read);
        }
        compared.push(Side { runs });
    }
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
