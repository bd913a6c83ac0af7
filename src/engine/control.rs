//! What the user orders while a run goes on, and where its readers find it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::{sync::watch, time::Instant};

use super::feeders::Shortage;
use crate::metrics::{Annotation, Caveat, CaveatKind, Finish, LiveSnapshot, RunEnd, TrafficSample, Weight};
use crate::model::{Plan, PlanChange, PlanChangeKind, format_duration};

/// How far ahead of its order a change takes effect: longer than any worker is away.
const CHANGE_AHEAD: Duration = Duration::from_millis(50);

/// What the user has ordered so far; times count from the start of the run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Orders {
    pub stop_at: Option<Duration>,
    pub abort_at: Option<Duration>,
    /// In the order in which they take effect.
    pub plan_changes: Arc<Vec<PlanChange>>,
    /// Whether the abort was a threshold's.
    pub breached: bool,
}

/// A change of the plan that somebody asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanOrder {
    pub kind: PlanChangeKind,
    /// What the run's note says of it; plain words where none are given.
    pub words: Option<String>,
}

/// What a run shares with those who watch and command it.
pub(super) struct Shared {
    pub started_at: Instant,
    pub orders: watch::Sender<Orders>,
    /// With the changes so far.
    plan: Mutex<Plan>,
    pub snapshot: ArcSwap<LiveSnapshot>,
    /// Notes that the collector has not yet taken.
    notes: Mutex<Vec<Annotation>>,
    end: Mutex<Option<RunEnd>>,
    ended: Condvar,
    /// What was set aside of the run's traffic, until somebody takes it.
    traffic: Mutex<Option<TrafficSample>>,
}

impl Orders {
    /// When load stops being made, by these orders or by the plan.
    pub fn load_end(&self, planned: Duration) -> Duration {
        [self.stop_at, self.abort_at].into_iter().flatten().fold(planned, Duration::min)
    }
}

impl Shared {
    pub fn new(started_at: Instant, plan: Plan, first: LiveSnapshot) -> Self {
        Self {
            started_at,
            plan: Mutex::new(plan),
            orders: watch::Sender::new(Orders::default()),
            snapshot: ArcSwap::from_pointee(first),
            notes: Mutex::default(),
            end: Mutex::default(),
            ended: Condvar::new(),
            traffic: Mutex::default(),
        }
    }

    pub fn elapsed(&self) -> Duration {
        self.started_at.elapsed()
    }

    pub fn stop(&self) {
        let now = self.elapsed();
        self.orders.send_modify(|orders| _ = orders.stop_at.get_or_insert(now));
    }

    /// Stops at the user's word, and notes it once.
    pub fn stop_by_hand(&self) {
        if !self.is_ending() {
            self.annotate("Stopped");
        }
        self.stop();
    }

    /// Aborts at the user's word, and notes it once.
    pub fn abort_by_hand(&self) {
        if self.orders.borrow().abort_at.is_none() {
            self.annotate("Aborted");
        }
        self.abort();
    }

    fn is_ending(&self) -> bool {
        let orders = self.orders.borrow();
        orders.stop_at.is_some() || orders.abort_at.is_some()
    }

    /// Does what a shortage of rows asks for, and notes why.
    pub fn fall_short(&self, shortage: &Shortage) {
        match shortage {
            Shortage::Over(words) => {
                self.annotate(words);
                self.stop();
            }
            Shortage::FewerUsers(words) => self.annotate(words),
        }
    }

    pub fn abort(&self) {
        let now = self.elapsed();
        self.orders.send_modify(|orders| _ = orders.abort_at.get_or_insert(now));
    }

    /// Ends the run for the reason given, and gives up what is in flight.
    pub fn breach(&self, reason: &str) {
        self.annotate(reason);
        let now = self.elapsed();
        self.orders.send_modify(|orders| {
            orders.breached |= orders.abort_at.is_none();
            orders.abort_at.get_or_insert(now);
        });
    }

    /// Changes the plan, a moment ahead, so that all workers know in time; says whether that makes sense now.
    pub fn change_plan(&self, kind: PlanChangeKind) -> bool {
        self.change_plan_by(|plan, _| {
            let senseless = match kind {
                PlanChangeKind::Pause => plan.is_paused(),
                PlanChangeKind::Resume => !plan.is_paused(),
                _ => false,
            };
            (!senseless).then(|| kind.into())
        })
    }

    /// Changes the plan by what is chosen in view of it, and of when the change takes effect; says whether it did.
    pub fn change_plan_by(&self, choose: impl FnOnce(&Plan, Duration) -> Option<PlanOrder>) -> bool {
        let mut plan = unpoisoned(&self.plan);
        let at = self.elapsed() + CHANGE_AHEAD;
        if self.orders.borrow().load_end(plan.load_end().unwrap_or(Duration::MAX)) <= at {
            return false;
        }
        let Some(PlanOrder { kind, words }) = choose(&plan, at) else { return false };
        let text = words.unwrap_or_else(|| change_words(&kind, &plan, at));
        let change = PlanChange { at, kind };
        plan.apply(&change);
        self.orders.send_modify(|orders| Arc::make_mut(&mut orders.plan_changes).push(change));
        unpoisoned(&self.notes).push(Annotation { at, text });
        true
    }

    pub fn annotate(&self, text: &str) {
        let note = Annotation { at: self.elapsed(), text: text.to_owned() };
        unpoisoned(&self.notes).push(note);
    }

    pub fn take_notes(&self) -> Vec<Annotation> {
        std::mem::take(&mut unpoisoned(&self.notes))
    }

    pub fn set_traffic(&self, traffic: Option<TrafficSample>) {
        *unpoisoned(&self.traffic) = traffic;
    }

    pub fn take_traffic(&self) -> Option<TrafficSample> {
        unpoisoned(&self.traffic).take()
    }

    pub fn end(&self) -> Option<RunEnd> {
        unpoisoned(&self.end).clone()
    }

    pub fn set_end(&self, end: RunEnd) {
        unpoisoned(&self.end).get_or_insert(end);
        self.ended.notify_all();
    }

    /// Ends a run whose collector failed; nobody may wait for it in vain.
    pub fn give_up(&self) {
        self.abort();
        self.set_end(RunEnd {
            finish: Finish::Interrupted,
            load_duration: self.elapsed(),
            n_abandoned: 0,
            n_counted_by_target: None,
            caveats: vec![engine_fault()],
            starts: None,
        });
    }

    pub fn wait(&self) -> RunEnd {
        let mut end = unpoisoned(&self.end);
        loop {
            match &*end {
                Some(end) => return end.clone(),
                None => end = self.ended.wait(end).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    pub fn publish(&self, snapshot: LiveSnapshot) {
        self.snapshot.store(Arc::new(snapshot));
    }
}

impl From<PlanChangeKind> for PlanOrder {
    fn from(kind: PlanChangeKind) -> Self {
        Self { kind, words: None }
    }
}

fn change_words(kind: &PlanChangeKind, plan: &Plan, at: Duration) -> String {
    let stage = &plan.stages()[plan.stage_at(at)].name;
    match kind {
        PlanChangeKind::Pause => "Paused".to_owned(),
        PlanChangeKind::Resume => {
            let paused = plan.paused_since().map_or(Duration::ZERO, |since| at.saturating_sub(since));
            // To the tenth of a second: finer is chance.
            let paused = Duration::from_millis((paused.as_millis() as u64).div_ceil(100) * 100);
            format!("Resumed after {}", format_duration(paused))
        }
        PlanChangeKind::SkipStage => format!("Skipped the rest of {stage}"),
        PlanChangeKind::ExtendStage(by) => format!("Extended {stage} by {}", format_duration(*by)),
        PlanChangeKind::ReplaceFuture(_) => format!("Replaced the stages after {stage}"),
        PlanChangeKind::Redraw { present: None, .. } => format!("Redrew the stages after {stage}"),
        PlanChangeKind::Redraw { .. } => format!("Redrew {stage} and the stages after it"),
    }
}

/// What a run is worth whose engine failed.
pub(super) fn engine_fault() -> Caveat {
    Caveat {
        kind: CaveatKind::Unfinished,
        weight: Weight::Invalid,
        text: "A part of the engine failed during the run, so that part of the load was not made or not \
               measured. This is a fault of the program; please report it."
            .to_owned(),
    }
}

/// The values behind these locks are whole at any moment, even if a holder panicked.
fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
