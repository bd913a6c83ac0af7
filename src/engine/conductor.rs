//! The collector's thread: gathers from the workers, keeps seconds, publishes, and ends the run.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::batch::Batch;
use super::collector::{ClosedSecond, Collector};
use super::control::{Shared, engine_fault};
use super::journal_queue::JournalQueue;
use super::live::{LiveView, Moment};
use super::self_watch::SelfWatch;
use crate::metrics::{Finish, HostSample, LiveSnapshot, Phase, RunEnd};
use crate::model::Plan;

/// How often a snapshot is published.
const PUBLISH_EVERY: Duration = Duration::from_millis(100);

/// Everything between the workers and those who look on.
pub(super) struct Conductor {
    pub plan: Plan,
    pub collector: Collector,
    pub live: LiveView,
    pub journal: JournalQueue,
    pub self_watch: SelfWatch,
    pub sample_host: Box<dyn FnMut() -> Option<HostSample> + Send>,
    pub wake: Arc<dyn Fn() + Send + Sync>,
    pub count_at_target: Option<Box<dyn FnOnce() -> Option<u64> + Send>>,
    pub shared: Arc<Shared>,
    pub batches: Receiver<Batch>,
    /// Each worker's way back for emptied batches.
    pub emptied: Vec<SyncSender<Batch>>,
}

impl Conductor {
    /// Conducts the run to its end.
    pub fn conduct(mut self) {
        let mut next_publish = Instant::now();
        while !self.collector.have_all_ended() {
            match self.batches.recv_timeout(next_publish.saturating_duration_since(Instant::now())) {
                Ok(batch) => self.take(batch),
                Err(RecvTimeoutError::Timeout) => {}
                // All workers are gone, one without a word.
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let now = Instant::now();
            if now >= next_publish {
                self.close_seconds();
                let trouble = self.journal.trouble();
                self.shared.publish(self.snapshot(None, trouble));
                (self.wake)();
                next_publish = now + PUBLISH_EVERY;
            }
        }
        self.end();
    }

    fn take(&mut self, mut batch: Batch) {
        self.collector.take(&batch);
        if batch.ended.is_none() {
            batch.clear();
            // A worker that has enough empty batches needs no more.
            let _ = self.emptied[batch.worker].try_send(batch);
        }
    }

    fn close_seconds(&mut self) {
        let load_end = self.load_end();
        let host = self.collector.has_ready().then(|| (self.sample_host)()).flatten();
        let mut n_closed = 0;
        while let Some(second) = self.collector.close_next(load_end, host) {
            self.add(second);
            n_closed += 1;
        }
        let has_notes = self.take_notes();
        if n_closed > 0 || has_notes {
            self.live.renew(self.collector.errors.groups());
            self.journal.keep(&mut self.collector.errors);
        }
    }

    fn add(&mut self, mut closed: ClosedSecond) {
        self.self_watch.tell(closed.interval.load.generator.get_or_insert_default());
        self.live.add_second(&closed.cells, &closed.interval);
        self.journal.add_second(closed.interval);
        self.collector.reuse(closed.cells);
    }

    fn take_notes(&mut self) -> bool {
        let notes = self.shared.take_notes();
        let any = !notes.is_empty();
        for note in notes {
            self.live.add_note(note.clone());
            self.journal.add_note(note);
        }
        any
    }

    fn load_end(&self) -> Duration {
        self.shared.orders.borrow().load_end(self.plan.duration())
    }

    /// The run as it is now; `finish` once it has ended.
    fn snapshot(&self, finish: Option<Finish>, journal_trouble: Option<String>) -> LiveSnapshot {
        let elapsed = self.shared.elapsed();
        let phase = match finish {
            Some(_) => Phase::Finished,
            None if self.shared.started_at > Instant::now() => Phase::Preparing,
            None if elapsed < self.load_end() => Phase::Running,
            None => Phase::Draining,
        };
        let stage = self.plan.stage_at(elapsed.min(self.load_end()));
        self.live.snapshot(&self.collector, Moment { phase, finish, elapsed, stage, journal_trouble })
    }

    fn end(mut self) {
        let load_end = self.load_end();
        let host = (self.sample_host)();
        while let Some(second) = self.collector.close_rest(load_end, host) {
            self.add(second);
        }
        self.take_notes();
        self.live.renew(self.collector.errors.groups());
        self.journal.keep_rest(&mut self.collector.errors);
        let n_counted_by_target = self.count_at_target.take().and_then(|count| count());
        let end = self.run_end(n_counted_by_target);
        let trouble = self.journal.finish(&end).or_else(|| self.journal.trouble());
        let last = self.snapshot(Some(end.finish), trouble);
        let (shared, wake) = (Arc::clone(&self.shared), Arc::clone(&self.wake));
        // The journal closes here, before anyone learns that the run has ended.
        drop(self);
        shared.publish(last);
        shared.set_end(end);
        wake();
    }

    fn run_end(&self, n_counted_by_target: Option<u64>) -> RunEnd {
        let ends: Vec<_> = self.collector.ends().collect();
        let known = || ends.iter().flatten();
        let stop_at = self.shared.orders.borrow().stop_at;
        let finish = if known().any(|end| end.aborted) {
            Finish::Aborted
        } else if stop_at.is_some_and(|at| at < self.plan.duration()) {
            Finish::Stopped
        } else {
            Finish::Completed
        };
        let vanished = ends.contains(&None).then(engine_fault);
        RunEnd {
            finish,
            load_duration: self.load_end(),
            n_abandoned: known().map(|end| end.n_abandoned).sum(),
            n_counted_by_target,
            caveats: vanished.into_iter().chain(self.journal.caveat()).collect(),
            starts: None,
        }
    }
}
