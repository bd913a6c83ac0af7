//! What the user orders while a run goes on, and where its readers find it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::{sync::watch, time::Instant};

use crate::metrics::{Annotation, Caveat, CaveatKind, Finish, LiveSnapshot, RunEnd, Weight};

/// What the user has ordered so far; times count from the start of the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Orders {
    pub stop_at: Option<Duration>,
    pub abort_at: Option<Duration>,
}

/// What a run shares with those who watch and command it.
pub(super) struct Shared {
    pub started_at: Instant,
    pub orders: watch::Sender<Orders>,
    pub snapshot: ArcSwap<LiveSnapshot>,
    /// Notes that the collector has not yet taken.
    notes: Mutex<Vec<Annotation>>,
    end: Mutex<Option<RunEnd>>,
    ended: Condvar,
}

impl Orders {
    /// When load stops being made, by these orders or by the plan.
    pub fn load_end(&self, planned: Duration) -> Duration {
        [self.stop_at, self.abort_at].into_iter().flatten().fold(planned, Duration::min)
    }
}

impl Shared {
    pub fn new(started_at: Instant, first: LiveSnapshot) -> Self {
        Self {
            started_at,
            orders: watch::Sender::new(Orders::default()),
            snapshot: ArcSwap::from_pointee(first),
            notes: Mutex::default(),
            end: Mutex::default(),
            ended: Condvar::new(),
        }
    }

    pub fn elapsed(&self) -> Duration {
        self.started_at.elapsed()
    }

    pub fn stop(&self) {
        let now = self.elapsed();
        self.orders.send_modify(|orders| _ = orders.stop_at.get_or_insert(now));
    }

    pub fn abort(&self) {
        let now = self.elapsed();
        self.orders.send_modify(|orders| _ = orders.abort_at.get_or_insert(now));
    }

    pub fn annotate(&self, text: &str) {
        let note = Annotation { at: self.elapsed(), text: text.to_owned() };
        unpoisoned(&self.notes).push(note);
    }

    pub fn take_notes(&self) -> Vec<Annotation> {
        std::mem::take(&mut unpoisoned(&self.notes))
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
