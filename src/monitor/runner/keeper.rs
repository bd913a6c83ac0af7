//! Hands values to the journal, and keeps those that it did not take until it does.

use crate::metrics::{JournalError, MonitorFacts, SeriesInfo, SeriesPoint, WatchJournal};

/// Values that wait for a journal at most: an hour of fifty series.
const MAX_WAITING: usize = 200_000;

pub(super) struct Keeper {
    journal: Box<dyn WatchJournal>,
    series: Vec<SeriesInfo>,
    are_announced: bool,
    waiting: Vec<SeriesPoint>,
    n_lost: u64,
    /// Calls that failed, and why the last of them did.
    n_failures: u64,
    failure: Option<JournalError>,
}

impl Keeper {
    pub fn new(journal: Box<dyn WatchJournal>) -> Self {
        Self {
            journal,
            series: Vec::new(),
            are_announced: false,
            waiting: Vec::new(),
            n_lost: 0,
            n_failures: 0,
            failure: None,
        }
    }

    /// Says which series there are, before any of their points.
    pub fn announce(&mut self, series: Vec<SeriesInfo>) {
        self.series = series;
        self.flush();
    }

    /// Keeps values, after those that wait.
    pub fn points(&mut self, points: impl IntoIterator<Item = SeriesPoint>) {
        self.waiting.extend(points);
        self.flush();
        let n_excess = self.waiting.len().saturating_sub(MAX_WAITING);
        self.waiting.drain(..n_excess);
        self.n_lost += n_excess as u64;
    }

    /// Offers what waits again.
    pub fn flush(&mut self) {
        if !self.are_announced {
            let announced = self.journal.series(&self.series);
            self.are_announced = self.succeeded(announced);
        }
        if self.are_announced && !self.waiting.is_empty() {
            let kept = self.journal.points(&self.waiting);
            if self.succeeded(kept) {
                self.waiting.clear();
            }
        }
    }

    /// Whether the facts are kept.
    pub fn facts(&mut self, facts: &[MonitorFacts]) -> bool {
        let kept = self.journal.facts(facts);
        self.succeeded(kept)
    }

    pub fn is_behind(&self) -> bool {
        !self.are_announced || !self.waiting.is_empty()
    }

    /// What the journal did not take, in a sentence; none where it took all at once.
    pub fn note(&self) -> Option<String> {
        let failure = self.failure.as_ref()?;
        let n_missing = self.n_lost + self.waiting.len() as u64;
        Some(match (n_missing, self.n_failures) {
            (0, 1) => format!(
                "Once the library did not take what monitors saw; it was kept the next time ({failure})."
            ),
            (0, n) => format!(
                "{n} times the library did not take what monitors saw; it was kept later ({failure})."
            ),
            (n, _) => format!("{n} values of the monitors could not be kept in the library ({failure})."),
        })
    }

    fn succeeded(&mut self, result: Result<(), JournalError>) -> bool {
        match result {
            Ok(()) => true,
            Err(error) => {
                self.n_failures += 1;
                self.failure = Some(error);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::monitor::testing::MemoryJournal;

    fn points(seconds: std::ops::Range<u32>) -> Vec<SeriesPoint> {
        seconds.map(|second| SeriesPoint { series: 0, second, value: f64::from(second) }).collect()
    }

    #[test]
    fn what_the_journal_refuses_is_offered_again_in_its_order() {
        let journal = MemoryJournal::default();
        let mut keeper = Keeper::new(Box::new(journal.clone()));
        journal.refuse(true);
        keeper.announce(Vec::new());
        keeper.points(points(0..2));
        assert!(keeper.is_behind() && journal.points().is_empty());
        assert!(keeper.note().unwrap().starts_with("2 values"), "{:?}", keeper.note());
        journal.refuse(false);
        keeper.points(points(2..3));
        assert!(!keeper.is_behind());
        assert_eq!(journal.points(), points(0..3));
        assert!(keeper.note().unwrap().contains("kept later"), "{:?}", keeper.note());
    }

    #[test]
    fn what_waits_is_bounded_and_what_is_lost_is_counted() {
        let journal = MemoryJournal::default();
        journal.refuse(true);
        let mut keeper = Keeper::new(Box::new(journal.clone()));
        keeper.announce(Vec::new());
        keeper.points(points(0..MAX_WAITING as u32 + 7));
        journal.refuse(false);
        keeper.flush();
        assert_eq!(journal.points().len(), MAX_WAITING);
        assert_eq!(journal.points()[0].second, 7, "the oldest are lost");
        assert!(keeper.note().unwrap().starts_with("7 values"), "{:?}", keeper.note());
    }
}
