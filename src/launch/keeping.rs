//! The last step of a run: once the engine has ended, its headline numbers are kept and the sandbox stops.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::Instant;

use crate::analysis::{self, audit::audit_traffic};
use crate::engine::RunHandle;
use crate::metrics::{RunId, TrafficSample};
use crate::monitor::Watch;
use crate::store::Library;

use super::target::Targets;

/// Tells a reader that there is something new.
pub(super) type Wake = Arc<dyn Fn() + Send + Sync>;

/// A thread that waits for a run to take charge of.
pub(super) struct Keeper {
    runs: mpsc::SyncSender<Charge>,
    keeping: Arc<Keeping>,
}

/// A run to see to its end.
struct Charge {
    run_id: RunId,
    handle: RunHandle,
    /// None where nothing is watched.
    watch: Option<Arc<Watch>>,
}

/// How far the last step is.
#[derive(Default)]
pub(super) struct Keeping {
    /// None until it is done; then what went wrong, in plain words.
    outcome: Mutex<Option<Result<(), String>>>,
    done: Condvar,
}

impl Keeper {
    /// Starts the thread. Dropped without a run, it stops the targets and ends.
    pub fn start(library: PathBuf, targets: Targets, wake: Wake) -> std::io::Result<Self> {
        let (runs, assigned) = mpsc::sync_channel::<Charge>(1);
        let keeping = Arc::new(Keeping::default());
        let on_exit = MarkOnExit { keeping: keeping.clone(), wake };
        std::thread::Builder::new().name("run keeper".to_owned()).spawn(move || {
            if let Ok(Charge { run_id, handle, watch }) = assigned.recv() {
                let end = handle.wait();
                // Before the target goes, which some of them read.
                if let Some(watch) = watch {
                    watch.finish(end.load_duration);
                }
                let outcome = keep_digest(&library, run_id, handle.take_traffic());
                drop(targets);
                on_exit.keeping.finish(outcome);
            }
        })?;
        Ok(Self { runs, keeping })
    }

    /// Hands the thread its run.
    pub fn take_charge(self, run_id: RunId, handle: RunHandle, watch: Option<Arc<Watch>>) -> Arc<Keeping> {
        if self.runs.send(Charge { run_id, handle, watch }).is_err() {
            self.keeping.finish(Err(ENDED_EARLY.to_owned()));
        }
        self.keeping
    }
}

fn keep_digest(library: &Path, run_id: RunId, traffic: Option<TrafficSample>) -> Result<(), String> {
    let not_kept = |why: String| format!("run {run_id} is kept, but not its headline numbers: {why}");
    let library = Library::open(library).map_err(|error| not_kept(error.to_string()))?;
    library.keep_packs(run_id).map_err(|error| not_kept(error.to_string()))?;
    let run = library.open_run(run_id).map_err(|error| not_kept(error.to_string()))?;
    let summary = analysis::summarize_precisely(&run).map_err(|error| not_kept(error.to_string()))?;
    library.keep_digest(run_id, &summary.digest()).map_err(|error| not_kept(error.to_string()))?;
    let start = Instant::now();
    let audit =
        traffic.map(|traffic| audit_traffic(&run.record.start.scenario, &traffic, &|| start.elapsed()));
    let Some(audit) = audit.filter(|audit| !audit.steps.is_empty()) else { return Ok(()) };
    let not_kept = |why: String| format!("run {run_id} is kept, but not the audit of its traffic: {why}");
    library.keep_audit(run_id, &audit).map_err(|error| not_kept(error.to_string()))
}

const ENDED_EARLY: &str = "the run's seconds are kept, but summing them up failed inside this program; \
                           open the run from the history to try again";

impl Keeping {
    pub fn is_done(&self) -> bool {
        self.outcome().is_some()
    }

    /// What went wrong, once it is done.
    pub fn trouble(&self) -> Option<String> {
        self.outcome().as_ref()?.as_ref().err().cloned()
    }

    pub fn wait(&self) {
        let guard = self.done.wait_while(self.outcome(), |outcome| outcome.is_none());
        drop(guard.unwrap_or_else(PoisonError::into_inner));
    }

    fn finish(&self, outcome: Result<(), String>) {
        self.outcome().get_or_insert(outcome);
        self.done.notify_all();
    }

    // Nothing under this lock can leave a half-made value behind, so poison does not matter.
    fn outcome(&self) -> MutexGuard<'_, Option<Result<(), String>>> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Marks the step done however its thread ends, so that nobody waits for ever.
struct MarkOnExit {
    keeping: Arc<Keeping>,
    wake: Wake,
}

impl Drop for MarkOnExit {
    fn drop(&mut self) {
        self.keeping.finish(Err(ENDED_EARLY.to_owned()));
        (self.wake)();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::metrics::RunDigest;

    #[test]
    fn waiting_ends_when_the_step_is_done_and_its_first_outcome_stands() {
        let keeping = Arc::new(Keeping::default());
        assert!(!keeping.is_done());
        let waiting = std::thread::spawn({
            let keeping = keeping.clone();
            move || keeping.wait()
        });
        keeping.finish(Ok(()));
        keeping.finish(Err("late".to_owned()));
        waiting.join().unwrap();
        assert!(keeping.is_done());
        assert_eq!(keeping.trouble(), None);
    }

    // The file was written by the program as it was before there were packs, by a short run of the quickstart preset.
    #[test]
    fn a_run_from_before_there_were_packs_is_summed_up_to_the_very_figures_that_were_kept_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.sqlite");
        let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/library-v3.sqlite");
        std::fs::copy(old, &path).unwrap();
        let library = Library::open(&path).unwrap();
        let listing = library.runs().unwrap().remove(0);
        // Once by the way through the packs that are made of it, once from them.
        for _ in 0..2 {
            let record = library.load(listing.run_id).unwrap();
            let digest = analysis::summarize(&record).unwrap().digest();
            // What was not kept then says nothing.
            let kept_then =
                RunDigest { mean: None, p50: None, p90: None, p99: None, quality: None, ..digest };
            assert_eq!(Some(&kept_then), listing.digest.as_ref());
        }
    }

    #[test]
    fn a_step_that_panics_is_done_with_trouble_and_wakes_its_reader() {
        let keeping = Arc::new(Keeping::default());
        let n_woken = Arc::new(AtomicU32::new(0));
        let on_exit = MarkOnExit {
            keeping: keeping.clone(),
            wake: Arc::new({
                let n_woken = n_woken.clone();
                move || {
                    n_woken.fetch_add(1, Ordering::Relaxed);
                }
            }),
        };
        let thread = std::thread::spawn(move || {
            let _on_exit = on_exit;
            panic!("a fault in the analysis");
        });
        assert!(thread.join().is_err());
        keeping.wait();
        assert_eq!(keeping.trouble().as_deref(), Some(ENDED_EARLY));
        assert_eq!(n_woken.load(Ordering::Relaxed), 1);
    }
}
