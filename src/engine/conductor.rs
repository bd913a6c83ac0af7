//! The collector's thread: gathers from the workers, keeps seconds, publishes, and ends the run.

use std::sync::mpsc::RecvTimeoutError;
use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::Watch;
use super::batch::Batch;
use super::collector::{ClosedSecond, Collector};
use super::control::{Shared, engine_fault};
use super::crew::Lines;
use super::journal_queue::JournalQueue;
use super::live::{LiveView, Moment};
use super::self_watch::SelfWatch;
use super::tokens::Tokens;
use super::traffic::{self, WorkerTraffic};
use crate::metrics::{Finish, HostSample, LimitTotals, LiveSnapshot, Phase, RunEnd};

/// How often a snapshot is published.
const PUBLISH_EVERY: Duration = Duration::from_millis(100);

/// Everything between the workers and those who look on.
pub(super) struct Conductor {
    pub collector: Collector,
    pub live: LiveView,
    pub journal: JournalQueue,
    pub self_watch: SelfWatch,
    pub sample_host: Box<dyn FnMut() -> Option<HostSample> + Send>,
    pub wake: Arc<dyn Fn() + Send + Sync>,
    pub count_at_target: Option<Box<dyn FnOnce() -> Option<u64> + Send>>,
    pub shared: Arc<Shared>,
    pub lines: Lines,
    /// What the watch looks at; without one it stays empty.
    pub totals: LimitTotals,
    pub watch: Option<Watch>,
    /// Tokens that requests carry; renewed until the run has ended.
    pub tokens: Option<Tokens>,
    /// Changes of the plan that are taken over.
    pub n_changes: usize,
    /// What each worker that has ended set aside of its traffic.
    pub traffic: Vec<WorkerTraffic>,
}

impl Conductor {
    /// Conducts the run to its end.
    pub fn conduct(mut self) {
        let mut next_publish = Instant::now();
        while !self.collector.have_all_ended() {
            match self.lines.batches.recv_timeout(next_publish.saturating_duration_since(Instant::now())) {
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
        self.traffic.extend(batch.traffic.take());
        if batch.ended.is_none() {
            batch.clear();
            // A worker that has enough empty batches needs no more.
            let _ = self.lines.emptied[batch.worker].try_send(batch);
        }
    }

    fn close_seconds(&mut self) {
        self.follow_plan();
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
        self.watch_thresholds(&closed);
        self.live.add_second(&closed.cells, &closed.interval);
        self.journal.add_second(closed.interval);
        self.collector.reuse(closed.cells);
    }

    /// Lets the watch look at the sums, and ends the run where it says so.
    fn watch_thresholds(&mut self, closed: &ClosedSecond) {
        let Some(watch) = &mut self.watch else { return };
        for (segment, step, stats) in closed.cells.cells() {
            self.totals.add_cell(segment, step, stats);
        }
        self.totals.add_load(&closed.interval.load);
        let at = Duration::from_secs(u64::from(closed.interval.second)) + closed.interval.load.span;
        self.totals.set_load_duration(at);
        let news = watch(&self.totals, at);
        self.live.set_thresholds(news.thresholds);
        if let Some(reason) = news.breach {
            self.shared.breach(&reason);
        }
    }

    /// Takes over what has been changed in the plan.
    fn follow_plan(&mut self) {
        let changes = Arc::clone(&self.shared.orders.borrow().plan_changes);
        for change in &changes[self.n_changes..] {
            self.collector.plan.apply(change);
            self.journal.add_plan_change(change.clone());
        }
        if self.n_changes < changes.len() {
            self.n_changes = changes.len();
            self.live.replan(&self.collector.plan, changes);
            self.totals.set_plan(self.collector.plan.clone());
        }
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
        self.shared.orders.borrow().load_end(self.collector.plan.load_end().unwrap_or(Duration::MAX))
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
        let stage = self.collector.plan.stage_at(elapsed.min(self.load_end()));
        self.live.snapshot(&self.collector, Moment { phase, finish, elapsed, stage, journal_trouble })
    }

    fn end(mut self) {
        self.follow_plan();
        let load_end = self.load_end();
        let host = (self.sample_host)();
        while let Some(second) = self.collector.close_rest(load_end, host) {
            self.add(second);
        }
        if let Some(tokens) = self.tokens.take() {
            self.shared.annotate(&tokens.told());
        }
        self.take_notes();
        self.live.renew(self.collector.errors.groups());
        self.journal.keep_rest(&mut self.collector.errors);
        let n_counted_by_target = self.count_at_target.take().and_then(|count| count());
        let end = self.run_end(n_counted_by_target);
        let trouble = self.journal.finish(&end).or_else(|| self.journal.trouble());
        let last = self.snapshot(Some(end.finish), trouble);
        let (shared, wake) = (Arc::clone(&self.shared), Arc::clone(&self.wake));
        shared.set_traffic(traffic::merged(std::mem::take(&mut self.traffic)));
        // The journal closes here, before anyone learns that the run has ended.
        drop(self);
        shared.publish(last);
        shared.set_end(end);
        wake();
    }

    fn run_end(&self, n_counted_by_target: Option<u64>) -> RunEnd {
        let ends: Vec<_> = self.collector.ends().collect();
        let known = || ends.iter().flatten();
        let orders = self.shared.orders.borrow().clone();
        let planned = self.collector.plan.load_end().unwrap_or(Duration::MAX);
        let finish = if orders.breached && known().any(|end| end.aborted) {
            Finish::Breached
        } else if known().any(|end| end.aborted) {
            Finish::Aborted
        } else if orders.stop_at.is_some_and(|at| at < planned) {
            Finish::Stopped
        } else {
            Finish::Completed
        };
        let failed = ends.contains(&None) || known().any(|end| end.n_lost_users > 0);
        let fault = failed.then(engine_fault);
        RunEnd {
            finish,
            // Workers that vanished during a pause leave a plan without an end.
            load_duration: self.load_end().min(self.shared.elapsed()),
            n_abandoned: known().map(|end| end.n_abandoned).sum(),
            n_counted_by_target,
            caveats: fault.into_iter().chain(self.journal.caveat()).collect(),
            starts: self.collector.starts(),
        }
    }
}
