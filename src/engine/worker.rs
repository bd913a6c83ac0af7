//! One worker: its share of the load on one thread, from the first iteration to the end of the drain.

use std::cell::{Cell, Ref, RefCell};
use std::{rc::Rc, time::Duration};

use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, spawn_local};

use super::control::Orders;
use super::feeders::Turn;
use super::iteration::{Assignment, VirtualUser};
use super::job::{PreparedJob, Stripe};
use super::open::Pacer;
use super::recorder::Recorder;
use super::timers::Timers;
use super::traffic::TrafficSampler;
use super::{closed, transport::Transport};
use crate::model::{Plan, PlannedStart, Segment};

/// How often a worker hands over what it measured.
const HAND_OVER_EVERY: Duration = Duration::from_millis(100);

/// A moment that only a change of the plan can tell.
pub(super) const UNKNOWN: Duration = Duration::from_secs(u32::MAX as u64);

/// How many looks in a row found the next start close by, before starts are gathered.
const N_CLOSE_LOOKS: u32 = 3;
const CLOSE: Duration = Duration::from_micros(40);
/// How long starts are gathered for one ring of the alarm.
// A ring costs some 15 µs of a processor: at a start every few microseconds the worker would be busy with rings, and
// one that is overloaded would leave its users no turn at all.
const GATHERED: Duration = Duration::from_micros(100);

/// What all virtual users of one worker share; times count from the start of the run.
pub(super) struct Worker<T> {
    pub job: PreparedJob,
    pub stripe: Stripe,
    pub transport: T,
    pub recorder: RefCell<Recorder>,
    pub timers: Timers,
    pub traffic: RefCell<TrafficSampler>,
    plan: RefCell<Plan>,
    /// Grows with each change of the plan.
    plan_version: Cell<usize>,
    /// From when on no pause of the plan stretches a wait that begins; all the future while it is paused.
    calm_from: Cell<Duration>,
    /// When load stops being made.
    load_end: Cell<Duration>,
    /// Whether the user ended the load early: think time is cut short then.
    stopped: Cell<bool>,
    /// The last busy user has left.
    idle: Notify,
    users: RefCell<Vec<JoinHandle<()>>>,
}

/// A virtual user that is present (closed model) or busy (open model), until dropped.
pub(super) struct Presence<'a, T>(&'a Worker<T>);

impl<T: Transport> Worker<T> {
    pub fn new(job: PreparedJob, stripe: Stripe, transport: T, recorder: Recorder, timers: Timers) -> Self {
        let traffic = TrafficSampler::new(job.n_steps, stripe.worker, stripe.n_workers, job.seed);
        Self {
            traffic: RefCell::new(traffic),
            load_end: Cell::new(job.plan.duration()),
            plan: RefCell::new(job.plan.clone()),
            plan_version: Cell::new(0),
            calm_from: Cell::new(Duration::ZERO),
            job,
            stripe,
            transport,
            recorder: RefCell::new(recorder),
            timers,
            stopped: Cell::new(false),
            idle: Notify::new(),
            users: RefCell::default(),
        }
    }

    /// Makes this worker's share of the load, and returns after the drain.
    pub async fn run(self, orders: watch::Receiver<Orders>) {
        let worker = Rc::new(self);
        worker.recorder.borrow_mut().begin();
        let aborted = drive(&worker, orders).await;
        // Requests still in flight end here, and count as abandoned.
        let users = worker.users.take();
        users.iter().for_each(JoinHandle::abort);
        for user in users {
            // Cancelled, or at its end: either way it is gone now. One that panicked left its load unmade.
            if user.await.is_err_and(|error| error.is_panic()) {
                worker.recorder.borrow_mut().user_lost();
            }
        }
        worker.note_levels();
        let nothing = TrafficSampler::new(0, 0, 1, 0);
        let mut recorder = worker.recorder.borrow_mut();
        recorder.carry(worker.traffic.replace(nothing).finish());
        recorder.end(worker.now(), aborted);
    }

    /// Starts a virtual user's task, which ends with the run at the latest.
    pub fn spawn(&self, user: impl Future<Output = ()> + 'static) {
        self.users.borrow_mut().push(spawn_local(user));
    }

    fn note_levels(&self) {
        // Looks at each user's task, so only where it is asked for.
        let n_user_tasks = || self.users.borrow().iter().filter(|user| !user.is_finished()).count();
        self.recorder.borrow_mut().note_levels(self.transport.n_connections(n_user_tasks));
    }
}

impl<T> Worker<T> {
    pub fn now(&self) -> Duration {
        self.timers.now()
    }

    /// The plan with the changes so far.
    pub fn plan(&self) -> Ref<'_, Plan> {
        self.plan.borrow()
    }

    pub fn plan_version(&self) -> usize {
        self.plan_version.get()
    }

    pub fn load_end(&self) -> Duration {
        self.load_end.get()
    }

    /// Where a request counts that was intended for `time`.
    pub fn segment_of(&self, time: Duration) -> Segment {
        if time < self.load_end.get() { self.plan.borrow().segment_at(time) } else { Segment::AFTER }
    }

    /// When a wait is over that began at `from`: pauses of the plan make it no shorter. Unknown while it is paused by
    /// then.
    pub fn after(&self, from: Duration, wait: Duration) -> Option<Duration> {
        // One look at a number, unless a pause came between.
        if self.calm_from.get() <= from { Some(from + wait) } else { self.plan().after(from, wait) }
    }

    /// Waits for `wait` since `from`, pauses of the plan left out, or until the user stops the run; returns when it
    /// was over. Nothing if the run was stopped during a pause, after which nothing more is to be sent.
    pub async fn think<S>(&self, user: &VirtualUser<S>, from: Duration, wait: Duration) -> Option<Duration> {
        loop {
            let until = self.after(from, wait);
            let now = self.now();
            if until.is_some_and(|until| until <= now) {
                return until;
            }
            if self.stopped.get() {
                return (!self.plan().is_paused()).then_some(now);
            }
            self.timers.pause(user.seat(), until.unwrap_or(UNKNOWN)).await;
        }
    }

    /// Waits for `until` unless it is past; whether something may have changed meanwhile.
    pub async fn pause_once<S>(&self, user: &VirtualUser<S>, until: Duration) -> bool {
        // The user's last request tells without a look at the clock.
        let waits = until > user.busy_until() && self.now() < until && !self.stopped.get();
        if waits {
            self.timers.pause(user.seat(), until).await;
        }
        waits
    }

    /// What a planned iteration is to do.
    // Asked once: the plan may change before it is walked.
    pub fn assign(&self, planned: PlannedStart) -> Assignment {
        Assignment { planned, journey: self.plan().journey_of(planned) }
    }

    /// Takes an iteration's turns with all feeders of its journey; where one has no more rows, ends the load instead.
    pub fn take_turns(&self, assignment: Assignment, turns: &mut Vec<Turn>) -> bool {
        turns.clear();
        let journey = &self.job.journeys[assignment.journey];
        for feed in &journey.feeds {
            match feed.take_turn() {
                Ok(turn) => turns.push(turn),
                Err(shortage) => {
                    // Here at once, everywhere as soon as the others know.
                    self.load_end.set(self.load_end().min(self.now()));
                    self.job.ends.tell(&shortage);
                    return false;
                }
            }
        }
        true
    }

    /// Counts a user as present; it stays so until its [`Presence`] is dropped.
    pub fn user_came(&self) {
        self.recorder.borrow_mut().user_came();
    }

    /// The presence of a user that came.
    pub fn presence(&self) -> Presence<'_, T> {
        Presence(self)
    }

    fn obey(&self, orders: &Orders) {
        let mut plan = self.plan.borrow_mut();
        let n_known = self.plan_version.replace(orders.plan_changes.len());
        for change in &orders.plan_changes[n_known..] {
            plan.apply(change);
        }
        let changed = n_known < orders.plan_changes.len();
        if changed {
            let last_resumed = plan.pauses().last().map_or(Duration::ZERO, |(_, end)| end);
            self.calm_from.set(if plan.is_paused() { Duration::MAX } else { last_resumed });
        }
        self.load_end.set(orders.load_end(plan.load_end().unwrap_or(Duration::MAX)));
        drop(plan);
        let stops = orders.stop_at.is_some() && !self.stopped.replace(true);
        if changed || stops {
            self.timers.end_pauses();
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
    worker.timers.start().await;
    let mut pacer = Pacer::new(worker);
    let mut n_users = 0;
    let mut next_hand_over = HAND_OVER_EVERY;
    let mut n_close_looks = 0;
    let graceful_stop = worker.plan().graceful_stop();
    loop {
        let current = orders.borrow_and_update().clone();
        worker.obey(&current);
        if current.abort_at.is_some() {
            return true;
        }
        n_users = closed::spawn_users(worker, n_users);
        let now = worker.now();
        let next_due = pacer.start_due(now);
        let next_wake = worker.timers.fire(now);
        if now >= next_hand_over {
            worker.note_levels();
            worker.recorder.borrow_mut().hand_over(now);
            next_hand_over = next_multiple(now, HAND_OVER_EVERY);
        }
        let load_end = worker.load_end();
        let last_end = load_end.saturating_add(graceful_stop);
        let drained = worker.recorder.borrow().n_users() == 0;
        if now >= load_end && (drained || now >= last_end) {
            return false;
        }
        // While it is paused the load has no end.
        let load_change =
            Some(if now < load_end { load_end } else { last_end }).filter(|at| *at < Duration::MAX);
        let next_start = next_due.into_iter().chain(next_wake).min();
        let lead = lead_to(worker, next_start, now);
        let wakes = [next_start.map(|at| at - lead), Some(next_hand_over), load_change];
        if let Some(wake_at) = wakes.into_iter().flatten().min() {
            let now = worker.now();
            n_close_looks = if wake_at < now + CLOSE { n_close_looks + 1 } else { 0 };
            let gathers = n_close_looks >= N_CLOSE_LOOKS;
            worker.timers.set_alarm(if gathers { wake_at.max(now + GATHERED) } else { wake_at });
        }
        tokio::select! {
            biased;
            () = ordered(&mut orders) => {}
            () = worker.idle.notified() => {}
            () = worker.timers.ring() => {}
        }
        if let Some(start) = next_start.filter(|_| !lead.is_zero()) {
            worker.timers.wait_out(start).await;
        }
    }
}

/// How early the alarm is set for the next start: by nothing where starts are so close that waiting out the rest
/// would take more than a quarter of the worker's time.
fn lead_to<T>(worker: &Worker<T>, next_start: Option<Duration>, now: Duration) -> Duration {
    let lead = worker.timers.lead();
    let is_far = next_start.is_some_and(|at| at.saturating_sub(now) >= 4 * lead);
    if is_far { lead } else { Duration::ZERO }
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
