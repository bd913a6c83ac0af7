//! Failed requests grouped by what they have in common; bounded in groups, exemplars and text.

use std::collections::HashMap;
use std::time::Duration;

use crate::metrics::{ErrorExemplar, ErrorGroup, GroupErrors, OTHER_ERRORS, Outcome};

/// Groups told apart per step; further ones count together.
const MAX_SIGNATURES: usize = 100;
/// Groups told apart in all; with it, what a second takes is bounded.
const MAX_GROUPS: usize = 500;
const MAX_EXEMPLARS: usize = 3;
/// Exemplars made between two hand-overs; in a storm of many signatures the others get theirs with the next.
const MAX_MADE: usize = 30;
/// What the requests and answers of a run's exemplars may take together, in bytes; later ones are kept in brief.
const MAX_TEXTS: usize = 1024 * 1024;
/// Longest text kept of an exemplar, in bytes.
pub(super) const MAX_TEXT: usize = 500;

/// Error groups of all steps.
#[derive(Default)]
pub(super) struct ErrorBook {
    groups: Vec<ErrorGroup>,
    places: HashMap<u16, StepPlaces>,
    /// Which groups changed since they were last kept.
    changed: Vec<bool>,
    /// Failures of the seconds that are not closed.
    seconds: Vec<SecondErrors>,
    /// Exemplars made since the book was empty.
    n_made: usize,
    /// Bytes of the requests and answers of all exemplars.
    n_text_bytes: usize,
}

/// Failures within a second, by group.
struct SecondErrors {
    second: u32,
    n_by_group: Vec<u64>,
}

/// When a request failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct FailedAt {
    /// Since the start of the run.
    pub at: Duration,
    /// The second that it counts to.
    pub second: u32,
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
        FailedAt { at, second }: FailedAt,
        exemplar: impl FnOnce() -> ErrorExemplar,
    ) {
        let may_make = self.n_made < MAX_MADE;
        let index = self.place(step, outcome, signature, at);
        *self.in_second(second, index) += 1;
        let group = &mut self.groups[index];
        group.n_errors += 1;
        group.last_seen = group.last_seen.max(at);
        if may_make && group.exemplars.len() < MAX_EXEMPLARS {
            group.exemplars.push(exemplar());
            self.n_made += 1;
        }
    }

    pub fn merge(&mut self, other: &Self) {
        for (their_index, theirs) in other.groups.iter().enumerate() {
            let mut room_for_texts = MAX_TEXTS - self.n_text_bytes;
            let index = self.place(theirs.step, theirs.outcome, &theirs.signature, theirs.first_seen);
            for of_second in &other.seconds {
                let n_errors = of_second.n_by_group.get(their_index).copied().unwrap_or(0);
                if n_errors > 0 {
                    *self.in_second(of_second.second, index) += n_errors;
                }
            }
            let mine = &mut self.groups[index];
            mine.n_errors += theirs.n_errors;
            mine.first_seen = mine.first_seen.min(theirs.first_seen);
            mine.last_seen = mine.last_seen.max(theirs.last_seen);
            let room = MAX_EXEMPLARS - mine.exemplars.len();
            for exemplar in theirs.exemplars.iter().take(room) {
                let n_bytes = n_text_bytes(exemplar);
                if n_bytes <= room_for_texts {
                    room_for_texts -= n_bytes;
                    mine.exemplars.push(exemplar.clone());
                } else {
                    mine.exemplars.push(ErrorExemplar { sent: None, answer: None, ..exemplar.clone() });
                }
            }
            self.n_text_bytes = MAX_TEXTS - room_for_texts;
        }
    }

    /// Failures of a group within a second that is not closed.
    fn in_second(&mut self, second: u32, group: usize) -> &mut u64 {
        // The newest is at the end, and nearly always the one.
        let found = self.seconds.iter().rposition(|errors| errors.second == second);
        let place = found.unwrap_or_else(|| {
            self.seconds.push(SecondErrors { second, n_by_group: Vec::new() });
            self.seconds.len() - 1
        });
        let n_by_group = &mut self.seconds[place].n_by_group;
        if n_by_group.len() <= group {
            n_by_group.resize(group + 1, 0);
        }
        &mut n_by_group[group]
    }

    /// Takes out the failures of a second, for which none will follow.
    pub fn take_second(&mut self, second: u32) -> Vec<GroupErrors> {
        let Some(place) = self.seconds.iter().position(|errors| errors.second == second) else {
            return Vec::new();
        };
        let n_by_group = self.seconds.remove(place).n_by_group.into_iter().zip(0..);
        n_by_group.filter(|(n, _)| *n > 0).map(|(n_errors, group)| GroupErrors { group, n_errors }).collect()
    }

    /// The place of a signature's group, new if need be, marked as changed.
    fn place(&mut self, step: u16, outcome: Outcome, signature: &str, at: Duration) -> usize {
        let is_full = self.groups.len() >= MAX_GROUPS;
        let places = self.places.entry(step).or_default();
        let by_signature = places.by_outcome.entry(outcome).or_default();
        let known = by_signature.get(signature).copied();
        let index = known.unwrap_or_else(|| {
            let is_full = is_full || places.n_signatures >= MAX_SIGNATURES;
            let signature = if is_full { OTHER_ERRORS } else { clipped(signature) };
            if let Some(index) = by_signature.get(signature) {
                return *index;
            }
            let index = self.groups.len();
            by_signature.insert(signature.into(), index);
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
            index
        });
        self.changed[index] = true;
        index
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
            self.seconds.clear();
            (self.n_made, self.n_text_bytes) = (0, 0);
        }
    }
}

/// What the request and the answer of an exemplar take, in bytes.
fn n_text_bytes(exemplar: &ErrorExemplar) -> usize {
    let texts = exemplar.sent.iter().chain(&exemplar.answer);
    texts.map(|text| text.head.len() + text.body.len()).sum()
}

/// The beginning of a text, cut between characters.
pub(super) fn clipped(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_TEXT)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::ExemplarText;

    const START: FailedAt = FailedAt { at: Duration::ZERO, second: 0 };

    fn record(book: &mut ErrorBook, signature: &str, at_secs: u64) {
        let at = Duration::from_secs(at_secs);
        let failed_at = FailedAt { at, second: at_secs as u32 };
        book.record(0, Outcome::Protocol, signature, failed_at, || ErrorExemplar {
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
        assert_eq!((others.signature.as_str(), others.n_errors), (OTHER_ERRORS, 900));
    }

    #[test]
    fn a_storm_of_signatures_makes_few_exemplars_and_keeps_few_texts() {
        let long = ExemplarText { head: "x".repeat(2048), body: "y".repeat(1024), body_bytes: 1024 };
        let mut book = ErrorBook::default();
        let (mut n_made, n_batches) = (0, 100);
        for batch in 0..n_batches {
            let mut storm = ErrorBook::default();
            for n in 0..500 {
                let step = batch % 50;
                storm.record(step, Outcome::Check, &format!("error {n}"), START, || {
                    n_made += 1;
                    let texts = Some(long.clone());
                    ErrorExemplar { sent: texts.clone(), answer: texts, ..ErrorExemplar::default() }
                });
            }
            book.merge(&storm);
        }
        assert_eq!(n_made, usize::from(n_batches) * MAX_MADE);
        assert!(book.groups().len() <= MAX_GROUPS + 50, "{}", book.groups().len());
        let kept = book.groups().iter().flat_map(|group| &group.exemplars);
        let n_bytes: usize = kept.clone().map(n_text_bytes).sum();
        assert!(n_bytes > MAX_TEXTS / 2 && n_bytes <= MAX_TEXTS, "{n_bytes}");
        assert!(kept.clone().any(|exemplar| exemplar.sent.is_none()), "later ones are kept in brief");
        let n_errors: u64 = book.groups().iter().map(|group| group.n_errors).sum();
        assert_eq!(n_errors, 500 * u64::from(n_batches), "all are counted");
        let in_seconds = book.take_second(0);
        assert_eq!(in_seconds.iter().map(|errors| errors.n_errors).sum::<u64>(), n_errors);
    }

    #[test]
    fn each_second_tells_its_failures_by_group_once() {
        let (mut book, mut batch) = (ErrorBook::default(), ErrorBook::default());
        record(&mut book, "refused", 4);
        ["reset", "reset", "refused"].into_iter().for_each(|signature| record(&mut batch, signature, 4));
        record(&mut batch, "reset", 5);
        book.merge(&batch);
        batch.clear();
        record(&mut batch, "reset", 5);
        book.merge(&batch);
        let take = |book: &mut ErrorBook, second| {
            book.take_second(second).iter().map(|errors| (errors.group, errors.n_errors)).collect::<Vec<_>>()
        };
        assert_eq!(take(&mut book, 4), [(0, 2), (1, 2)]);
        assert_eq!(take(&mut book, 4), [], "it is taken out");
        assert_eq!(take(&mut book, 5), [(1, 2)]);
        assert_eq!(take(&mut book, 6), []);
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
