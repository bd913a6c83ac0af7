//! One worker: its share of the load on one thread, from the first iteration to the end of the drain.

use std::cell::{Cell, RefCell};
use std::{rc::Rc, time::Duration};

use tokio::sync::{Notify, watch};
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep_until};

use super::control::Orders;
use super::job::{PreparedJob, Stripe};
use super::open::Pacer;
use super::recorder::Recorder;
use super::{closed, transport::Transport};

/// How often a worker hands over what it measured.
const HAND_OVER_EVERY: Duration = Duration::from_millis(100);

/// What all virtual users of one worker share; times count from the start of the run.
pub(super) struct Worker<T> {
    pub job: PreparedJob,
    pub stripe: Stripe,
    pub transport: T,
    pub recorder: RefCell<Recorder>,
    started_at: Instant,
    /// When load stops being made.
    load_end: Cell<Duration>,
    /// Whether the user ended the load early: think time is cut short then.
    stopped: Cell<bool>,
    stopping: Notify,
    /// The last busy user has left.
    idle: Notify,
}

/// A virtual user that is present (closed model) or busy (open model), until dropped.
pub(super) struct Presence<'a, T>(&'a Worker<T>);

impl<T: Transport> Worker<T> {
    pub fn new(
        job: PreparedJob,
        stripe: Stripe,
        transport: T,
        recorder: Recorder,
        started_at: Instant,
    ) -> Self {
        Self {
            load_end: Cell::new(job.plan.duration()),
            job,
            stripe,
            transport,
            recorder: RefCell::new(recorder),
            started_at,
            stopped: Cell::new(false),
            stopping: Notify::new(),
            idle: Notify::new(),
        }
    }

    /// Makes this worker's share of the load, and returns after the drain.
    pub async fn run(self, orders: watch::Receiver<Orders>) {
        let worker = Rc::new(self);
        let users = LocalSet::new();
        let aborted = users.run_until(drive(&worker, orders)).await;
        // Requests still in flight end here, and count as abandoned.
        drop(users);
        worker.recorder.borrow_mut().end(worker.now(), aborted);
    }
}

impl<T> Worker<T> {
    pub fn now(&self) -> Duration {
        self.since_start(Instant::now())
    }

    pub fn since_start(&self, at: Instant) -> Duration {
        at.saturating_duration_since(self.started_at)
    }

    pub fn instant(&self, at: Duration) -> Instant {
        self.started_at + at
    }

    pub fn load_end(&self) -> Duration {
        self.load_end.get()
    }

    /// Waits until `until`, or until the user stops the run; returns which of the two it was.
    pub async fn pause_until(&self, until: Duration) -> Duration {
        let now = self.now();
        if now >= until {
            return until;
        }
        if self.stopped.get() {
            return now;
        }
        tokio::select! {
            biased;
            () = sleep_until(self.instant(until)) => until,
            () = self.stopping.notified() => self.now().min(until),
        }
    }

    /// Counts a user as present; it stays so until its [`Presence`] is dropped.
    pub fn user_came(&self) {
        self.recorder.borrow_mut().user_came();
    }

    /// The presence of a user that came.
    pub fn presence(&self) -> Presence<'_, T> {
        Presence(self)
    }

    fn obey(&self, orders: Orders) {
        self.load_end.set(orders.load_end(self.job.plan.duration()));
        if orders.stop_at.is_some() && !self.stopped.replace(true) {
            self.stopping.notify_waiters();
        }
    }
}

impl<T> Drop for Presence<'_, T> {
    fn drop(&mut self) {
        let worker = self.0;
        if worker.recorder.borrow_mut().user_left() == 0 && worker.now() >= worker.load_end() {
            worker.idle.notify_one();
        }
    }
}

/// Starts what is due, hands over what was measured, obeys orders; returns whether the run was aborted.
// One loop does all of this on purpose: whatever was due before a hand-over has been started or dropped by
// then, so that a second is complete once a hand-over has passed it.
async fn drive<T: Transport>(worker: &Rc<Worker<T>>, mut orders: watch::Receiver<Orders>) -> bool {
    // Times before the start cannot be told from the start itself: nothing may be measured there.
    sleep_until(worker.started_at).await;
    let plan = &worker.job.plan;
    let mut pacer = Pacer::new(worker);
    closed::spawn_users(worker);
    let mut next_hand_over = HAND_OVER_EVERY;
    loop {
        let current = *orders.borrow_and_update();
        worker.obey(current);
        if current.abort_at.is_some() {
            return true;
        }
        let now = worker.now();
        let next_due = pacer.start_due(now);
        if now >= next_hand_over {
            worker.recorder.borrow_mut().hand_over(now);
            next_hand_over = next_multiple(now, HAND_OVER_EVERY);
        }
        let load_end = worker.load_end();
        let drained = worker.recorder.borrow().n_users() == 0;
        if now >= load_end && (drained || now >= load_end + plan.graceful_stop()) {
            return false;
        }
        let load_change = if now < load_end { load_end } else { load_end + plan.graceful_stop() };
        let wake_at = next_due.unwrap_or(Duration::MAX).min(next_hand_over).min(load_change);
        tokio::select! {
            biased;
            () = ordered(&mut orders) => {}
            () = worker.idle.notified() => {}
            () = sleep_until(worker.instant(wake_at)) => {}
        }
    }
}

/// Waits for new orders; for ever once nobody can give any.
async fn ordered(orders: &mut watch::Receiver<Orders>) {
    if orders.changed().await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn next_multiple(now: Duration, step: Duration) -> Duration {
    step * (now.as_millis() / step.as_millis() + 1) as u32
}
