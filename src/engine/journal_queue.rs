//! Brings closed seconds into the journal; what the journal refuses is offered again.

use std::{collections::VecDeque, thread, time::Duration};

use super::errors::ErrorBook;
use crate::metrics::{Annotation, Caveat, CaveatKind, IntervalStats, Journal, JournalError, RunEnd, Weight};
use crate::model::PlanChange;

/// Seconds that wait for a journal in trouble; beyond this the oldest are lost.
const MAX_PENDING: usize = 900;
/// How often, and after which pauses, the end of a run is offered to a journal in trouble.
const LAST_TRIES: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(20), Duration::from_millis(400), Duration::from_millis(1500)];

/// The journal with what it has not yet taken.
pub(super) struct JournalQueue {
    journal: Box<dyn Journal>,
    seconds: VecDeque<IntervalStats>,
    notes: VecDeque<Annotation>,
    plan_changes: VecDeque<PlanChange>,
    n_lost: u64,
    trouble: Option<String>,
}

impl JournalQueue {
    pub fn new(journal: Box<dyn Journal>) -> Self {
        Self {
            journal,
            seconds: VecDeque::new(),
            notes: VecDeque::new(),
            plan_changes: VecDeque::new(),
            n_lost: 0,
            trouble: None,
        }
    }

    pub fn add_second(&mut self, interval: IntervalStats) {
        if self.seconds.len() == MAX_PENDING {
            self.seconds.pop_front();
            self.n_lost += 1;
        }
        self.seconds.push_back(interval);
    }

    pub fn add_note(&mut self, note: Annotation) {
        self.notes.push_back(note);
    }

    pub fn add_plan_change(&mut self, change: PlanChange) {
        self.plan_changes.push_back(change);
    }

    /// Offers everything that waits, oldest first, until the journal refuses.
    pub fn keep(&mut self, errors: &mut ErrorBook) {
        self.trouble = self.try_keep(errors).err().map(|error| error.to_string());
    }

    fn try_keep(&mut self, errors: &mut ErrorBook) -> Result<(), JournalError> {
        // Before the seconds that follow them: a run cut short must not be read under the plan of before.
        while let Some(change) = self.plan_changes.front() {
            self.journal.plan_change(change)?;
            self.plan_changes.pop_front();
        }
        while let Some(interval) = self.seconds.front() {
            self.journal.interval(interval, &errors.changed())?;
            errors.mark_kept();
            self.seconds.pop_front();
        }
        while let Some(note) = self.notes.front() {
            self.journal.annotation(note)?;
            self.notes.pop_front();
        }
        Ok(())
    }

    /// What could not be kept so far, in plain words.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.as_ref().map(|error| match self.n_lost {
            0 => format!("{error} ({} seconds wait to be kept)", self.seconds.len()),
            n_lost => format!("{error} ({n_lost} seconds are lost, {} wait)", self.seconds.len()),
        })
    }

    /// Offers the rest a last time, patiently.
    pub fn keep_rest(&mut self, errors: &mut ErrorBook) {
        for pause in LAST_TRIES {
            thread::sleep(pause);
            self.keep(errors);
            if self.trouble.is_none() {
                return;
            }
        }
        self.n_lost += self.seconds.len() as u64;
        self.seconds.clear();
    }

    /// What the journal never took.
    pub fn caveat(&self) -> Option<Caveat> {
        (self.n_lost > 0).then(|| Caveat {
            kind: CaveatKind::Journal,
            weight: Weight::Invalid,
            text: format!(
                "{} measured seconds could not be kept ({}): the results leave them out.",
                self.n_lost,
                self.trouble.as_deref().unwrap_or("the library took later ones again"),
            ),
        })
    }

    /// Closes the journal; says what went wrong if it cannot.
    pub fn finish(&mut self, end: &RunEnd) -> Option<String> {
        let mut trouble = None;
        for pause in LAST_TRIES {
            thread::sleep(pause);
            match self.journal.finish(end) {
                Ok(()) => return None,
                Err(error) => trouble = Some(error.to_string()),
            }
        }
        trouble
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::errors::FailedAt;
    use crate::engine::testing::MemoryJournal;
    use crate::metrics::{ErrorExemplar, LoadStats, Outcome};

    fn second(second: u32) -> IntervalStats {
        IntervalStats { second, rows: vec![], errors: vec![], load: LoadStats::default() }
    }

    fn kept_seconds(journal: &MemoryJournal) -> Vec<u32> {
        journal.0.lock().unwrap().intervals.iter().map(|interval| interval.second).collect()
    }

    #[test]
    fn what_a_journal_refuses_is_offered_again_in_order() {
        let journal = MemoryJournal::default();
        journal.0.lock().unwrap().n_refusals = 2;
        let mut queue = JournalQueue::new(Box::new(journal.clone()));
        let mut errors = ErrorBook::default();
        let failed_at = FailedAt { at: Duration::ZERO, second: 0 };
        errors.record(0, Outcome::Connect, "refused", failed_at, || ErrorExemplar {
            at: Duration::ZERO,
            request: "GET /".into(),
            detail: "refused".into(),
            ..ErrorExemplar::default()
        });
        queue.add_note(Annotation { at: Duration::ZERO, text: "note".into() });
        for n in 0..2 {
            queue.add_second(second(n));
            queue.keep(&mut errors);
            let waiting = format!("the disk is full ({} seconds wait to be kept)", n + 1);
            assert_eq!(queue.trouble(), Some(waiting));
        }
        queue.add_second(second(2));
        queue.keep(&mut errors);
        assert_eq!((queue.trouble(), queue.caveat()), (None, None));
        assert_eq!(kept_seconds(&journal), [0, 1, 2]);
        let kept = journal.0.lock().unwrap();
        assert_eq!((kept.error_groups.len(), kept.annotations.len()), (1, 1));
    }

    #[test]
    fn seconds_beyond_what_can_wait_are_lost_and_said_so() {
        let journal = MemoryJournal::default();
        journal.0.lock().unwrap().n_refusals = u32::MAX;
        let mut queue = JournalQueue::new(Box::new(journal.clone()));
        (0..MAX_PENDING as u32 + 2).for_each(|n| queue.add_second(second(n)));
        queue.keep(&mut ErrorBook::default());
        assert_eq!(queue.trouble().unwrap(), "the disk is full (2 seconds are lost, 900 wait)");
        journal.0.lock().unwrap().n_refusals = 1;
        queue.keep_rest(&mut ErrorBook::default());
        assert_eq!(kept_seconds(&journal).first(), Some(&2));
        let caveat = queue.caveat().unwrap();
        assert_eq!((caveat.kind, caveat.weight), (CaveatKind::Journal, Weight::Invalid));
        assert!(caveat.text.starts_with("2 measured seconds could not be kept"), "{}", caveat.text);
    }
}
