//! What was run: counts and times by statement, and the texts of those that were slow.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::sandbox::database::Statement;

/// A statement that takes longer is slow; usual ones take a round trip, and a commit where they write.
pub const SLOW: Duration = Duration::from_millis(6);
/// So many slow statements are remembered.
const N_REMEMBERED: usize = 50;

/// What one statement did until now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub n_run: u64,
    pub took: Duration,
    pub n_rows: u64,
    /// Rows read one after the other for want of an index.
    pub n_scanned: u64,
    pub n_slow: u64,
}

/// A slow statement.
#[derive(Clone, Debug, PartialEq)]
pub struct SlowEntry {
    pub name: &'static str,
    pub text: String,
    pub took: Duration,
    pub n_rows: u64,
    pub n_scanned: u64,
    /// When it was answered, since the beginning.
    pub at: Duration,
}

/// All that was run.
pub(super) struct Ledger {
    start: Instant,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    // Names are constants of the source, so there is a bound to them.
    figures: BTreeMap<&'static str, Figures>,
    slow: VecDeque<SlowEntry>,
    n_slow: u64,
}

/// How one statement went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub took: Duration,
    pub n_rows: u64,
    pub n_scanned: u64,
}

impl Default for Ledger {
    fn default() -> Self {
        Self { start: Instant::now(), book: Mutex::default() }
    }
}

impl Ledger {
    pub fn note(&self, statement: &Statement, entry: Entry) {
        let mut book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        let figures = book.figures.entry(statement.name).or_default();
        figures.n_run += 1;
        figures.took += entry.took;
        figures.n_rows += entry.n_rows;
        figures.n_scanned += entry.n_scanned;
        if entry.took <= SLOW {
            return;
        }
        figures.n_slow += 1;
        book.n_slow += 1;
        book.slow.truncate(N_REMEMBERED - 1);
        book.slow.push_front(SlowEntry {
            name: statement.name,
            text: statement.text.clone().into_owned(),
            took: entry.took,
            n_rows: entry.n_rows,
            n_scanned: entry.n_scanned,
            at: self.start.elapsed(),
        });
    }

    pub fn figures(&self) -> Vec<(&'static str, Figures)> {
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        book.figures.iter().map(|(name, figures)| (*name, *figures)).collect()
    }

    pub fn slow_entries(&self) -> (Vec<SlowEntry>, u64) {
        let book = self.book.lock().unwrap_or_else(PoisonError::into_inner);
        (book.slow.iter().cloned().collect(), book.n_slow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(millis: u64) -> Entry {
        Entry { took: Duration::from_millis(millis), n_rows: 2, n_scanned: 3 }
    }

    const ONE: Statement = Statement::read("one", "SELECT 1");

    #[test]
    fn statements_add_up_under_their_names() {
        let ledger = Ledger::default();
        ledger.note(&ONE, entry(1));
        ledger.note(&ONE, entry(20));
        ledger.note(&Statement::read("two", "SELECT 2"), entry(1));
        let took = Duration::from_millis(21);
        let one = Figures { n_run: 2, took, n_rows: 4, n_scanned: 6, n_slow: 1 };
        assert_eq!(ledger.figures()[0], ("one", one));
        assert_eq!(ledger.figures()[1].1.n_run, 1);
    }

    #[test]
    fn slow_statements_are_remembered_with_their_text_and_only_the_last_of_them() {
        let ledger = Ledger::default();
        (0..1_000).for_each(|n| ledger.note(&ONE, entry(10 + n)));
        ledger.note(&ONE, entry(6));
        let (slow, n_slow) = ledger.slow_entries();
        assert_eq!((slow.len(), n_slow), (N_REMEMBERED, 1_000));
        assert_eq!((slow[0].took, slow[0].text.as_str()), (Duration::from_millis(1_009), "SELECT 1"));
        assert_eq!(slow[N_REMEMBERED - 1].took, Duration::from_millis(1_009 - 49));
    }
}
