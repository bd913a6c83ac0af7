//! Brings closed seconds into the journal; what the journal refuses is offered again.

use std::{collections::VecDeque, thread, time::Duration};

use super::errors::ErrorBook;
use crate::metrics::{Annotation, Caveat, CaveatKind, IntervalStats, Journal, JournalError, RunEnd, Weight};

/// Seconds that wait for a journal in trouble; beyond this the oldest are lost.
const MAX_PENDING: usize = 900;
/// How often, and after which pauses, the end of a run is offered to a journal in trouble.
const LAST_TRIES: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(100), Duration::from_millis(400), Duration::from_millis(1500)];

/// The journal with what it has not yet taken.
pub(super) struct Keeper {
    journal: Box<dyn Journal>,
    seconds: VecDeque<IntervalStats>,
    notes: VecDeque<Annotation>,
    n_lost: u64,
    trouble: Option<String>,
}

impl Keeper {
    pub fn new(journal: Box<dyn Journal>) -> Self {
        Self { journal, seconds: VecDeque::new(), notes: VecDeque::new(), n_lost: 0, trouble: None }
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

    /// Offers everything that waits, oldest first, until the journal refuses.
    pub fn keep(&mut self, errors: &mut ErrorBook) {
        self.trouble = self.try_keep(errors).err().map(|error| error.to_string());
    }

    fn try_keep(&mut self, errors: &mut ErrorBook) -> Result<(), JournalError> {
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
