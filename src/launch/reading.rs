//! Several kept runs read at once, each made into something smaller and let go.

use std::sync::{
    atomic::{AtomicBool, AtomicUsize, Ordering},
    mpsc::channel,
};

use crate::metrics::RunId;
use crate::store::{Library, StoreError};

/// More than that at once need more memory than they save time.
const MAX_AT_ONCE: usize = 4;

/// Reads runs, and what `made` makes of each, in their order; none where it was cancelled.
///
/// `on_read` is told how many runs are read.
///
/// # Errors
/// The first one; runs that are not begun by then are not read.
// Each thread reads through a library of its own: a connection is one thread's.
pub fn read_all<T, E>(
    library: &Library,
    runs: &[RunId],
    made: impl Fn(&Library, RunId) -> Result<T, E> + Sync,
    is_cancelled: &dyn Fn() -> bool,
    on_read: &mut dyn FnMut(usize),
) -> Result<Option<Vec<T>>, E>
where
    T: Send,
    E: From<StoreError> + Send,
{
    let n_threads =
        std::thread::available_parallelism().map_or(1, usize::from).min(MAX_AT_ONCE).min(runs.len());
    let (next, is_given_up) = (AtomicUsize::new(0), AtomicBool::new(false));
    let mut read: Vec<Option<T>> = runs.iter().map(|_| None).collect();
    let (sender, receiver) = channel();
    let outcome = std::thread::scope(|scope| {
        for _ in 0..n_threads {
            let (sender, next, is_given_up, made) = (sender.clone(), &next, &is_given_up, &made);
            let path = library.path();
            scope.spawn(move || {
                let mut library = None;
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(run_id) = runs.get(place) else { return };
                    if is_given_up.load(Ordering::Relaxed) {
                        return;
                    }
                    let found = match &library {
                        Some(library) => made(library, *run_id),
                        None => Library::open(path)
                            .map_err(E::from)
                            .and_then(|opened| made(library.insert(opened), *run_id)),
                    };
                    if sender.send((place, found)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut n_read = 0;
        for (place, found) in receiver {
            if is_cancelled() {
                is_given_up.store(true, Ordering::Relaxed);
                return Ok(false);
            }
            match found {
                Ok(made) => read[place] = Some(made),
                Err(error) => {
                    is_given_up.store(true, Ordering::Relaxed);
                    return Err(error);
                }
            }
            n_read += 1;
            on_read(n_read);
        }
        Ok(true)
    });
    Ok(outcome?.then(|| read.into_iter().flatten().collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        made: impl Fn(RunId) -> Result<i64, StoreError> + Sync,
        is_cancelled: &dyn Fn() -> bool,
    ) -> (Result<Option<Vec<i64>>, StoreError>, Vec<usize>) {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::open(&folder.path().join("library.sqlite")).unwrap();
        let runs: Vec<RunId> = (1..=20).map(RunId).collect();
        let mut told = Vec::new();
        let found = read_all(&library, &runs, |_, run_id| made(run_id), is_cancelled, &mut |n| told.push(n));
        (found, told)
    }

    #[test]
    fn what_is_made_of_runs_comes_in_their_order_and_progress_one_by_one() {
        let slow_first = |run_id: RunId| {
            std::thread::sleep(std::time::Duration::from_millis(20 - run_id.0 as u64));
            Ok(run_id.0 * 10)
        };
        let (found, told) = read(slow_first, &|| false);
        assert_eq!(found.unwrap().unwrap(), (1..=20).map(|run| run * 10).collect::<Vec<_>>());
        assert_eq!(told, (1..=20).collect::<Vec<_>>());
    }

    #[test]
    fn an_error_and_a_cancelling_end_it() {
        let (found, _) = read(|run_id| Err(StoreError::DeletedRun(run_id)), &|| false);
        assert!(matches!(found, Err(StoreError::DeletedRun(_))));
        let (found, told) = read(|run_id| Ok(run_id.0), &|| true);
        assert!(matches!(found, Ok(None)) && told.is_empty());
    }
}
