//! Failed requests grouped by what they have in common; bounded in groups, exemplars and text.

use std::collections::HashMap;
use std::time::Duration;

use crate::metrics::{ErrorExemplar, ErrorGroup, Outcome};

/// Groups told apart per step; further ones count together.
const MAX_SIGNATURES: usize = 100;
const MAX_EXEMPLARS: usize = 3;
/// Longest text kept of an exemplar, in bytes.
pub(super) const MAX_TEXT: usize = 500;
const OTHERS: &str = "other errors";

/// Error groups of all steps.
#[derive(Default)]
pub(super) struct ErrorBook {
    groups: Vec<ErrorGroup>,
    places: HashMap<u16, StepPlaces>,
    /// Which groups changed since they were last kept.
    changed: Vec<bool>,
}

#[derive(Default)]
struct StepPlaces {
    by_outcome: HashMap<Outcome, HashMap<Box<str>, usize>>,
    n_signatures: usize,
}

impl ErrorBook {
    /// Counts one failure; the exemplar is made only where one more is kept.
    pub fn record(
        &mut self,
        step: u16,
        outcome: Outcome,
        signature: &str,
        at: Duration,
        exemplar: impl FnOnce() -> ErrorExemplar,
    ) {
        let group = self.group(step, outcome, signature, at);
        group.n_errors += 1;
        group.last_seen = group.last_seen.max(at);
        if group.exemplars.len() < MAX_EXEMPLARS {
            group.exemplars.push(exemplar());
        }
    }

    pub fn merge(&mut self, other: &Self) {
        for theirs in &other.groups {
            let mine = self.group(theirs.step, theirs.outcome, &theirs.signature, theirs.first_seen);
            mine.n_errors += theirs.n_errors;
            mine.first_seen = mine.first_seen.min(theirs.first_seen);
            mine.last_seen = mine.last_seen.max(theirs.last_seen);
            let room = MAX_EXEMPLARS - mine.exemplars.len();
            mine.exemplars.extend(theirs.exemplars.iter().take(room).cloned());
        }
    }

    /// The group of a signature, new if need be, marked as changed.
    fn group(&mut self, step: u16, outcome: Outcome, signature: &str, at: Duration) -> &mut ErrorGroup {
        let places = self.places.entry(step).or_default();
        let by_signature = places.by_outcome.entry(outcome).or_default();
        let known = by_signature.get(signature).copied();
        let index = known.unwrap_or_else(|| {
            let signature = if places.n_signatures < MAX_SIGNATURES { clipped(signature) } else { OTHERS };
            let next = self.groups.len();
            let index = *by_signature.entry(signature.into()).or_insert(next);
            if index == next {
                places.n_signatures += 1;
                self.changed.push(true);
                self.groups.push(ErrorGroup {
                    step,
                    outcome,
                    signature: signature.to_owned(),
                    n_errors: 0,
                    first_seen: at,
                    last_seen: at,
                    exemplars: Vec::new(),
                });
            }
            index
        });
        self.changed[index] = true;
        &mut self.groups[index]
    }

    pub fn groups(&self) -> &[ErrorGroup] {
        &self.groups
    }

    /// Present state of the groups that changed since [`mark_kept`](Self::mark_kept).
    pub fn changed(&self) -> Vec<ErrorGroup> {
        let changed = self.groups.iter().zip(&self.changed).filter(|(_, changed)| **changed);
        changed.map(|(group, _)| group.clone()).collect()
    }

    pub fn mark_kept(&mut self) {
        self.changed.fill(false);
    }

    pub fn clear(&mut self) {
        if !self.groups.is_empty() {
            self.groups.clear();
            self.places.clear();
            self.changed.clear();
        }
    }
}

/// The beginning of a text, cut between characters.
pub(super) fn clipped(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(book: &mut ErrorBook, signature: &str, at_secs: u64) {
        let at = Duration::from_secs(at_secs);
        book.record(0, Outcome::Protocol, signature, at, || ErrorExemplar {
            at,
            request: "GET /".into(),
            detail: signature.into(),
            ..ErrorExemplar::default()
        });
    }

    #[test]
    fn groups_count_everything_and_keep_a_few() {
        let (mut book, mut batch) = (ErrorBook::default(), ErrorBook::default());
        record(&mut book, "reset", 1);
        (2..10).for_each(|second| record(&mut batch, "reset", second));
        book.merge(&batch);
        let [group] = book.groups() else { panic!("{:?}", book.groups()) };
        assert_eq!((group.n_errors, group.exemplars.len()), (9, 3));
        assert_eq!((group.first_seen, group.last_seen), (Duration::from_secs(1), Duration::from_secs(9)));
    }

    #[test]
    fn signatures_without_end_count_together() {
        let mut book = ErrorBook::default();
        (0..1_000).for_each(|n| record(&mut book, &format!("error {n}"), 0));
        assert_eq!(book.groups().len(), MAX_SIGNATURES + 1);
        let others = book.groups().last().unwrap();
        assert_eq!((others.signature.as_str(), others.n_errors), (OTHERS, 900));
    }

    #[test]
    fn only_changed_groups_are_offered_again() {
        let mut book = ErrorBook::default();
        record(&mut book, "a", 0);
        record(&mut book, "b", 0);
        book.mark_kept();
        record(&mut book, "b", 1);
        let changed = book.changed();
        assert_eq!(changed.len(), 1);
        assert_eq!((changed[0].signature.as_str(), changed[0].n_errors), ("b", 2));
    }
}
