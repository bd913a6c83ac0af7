//! In which order the list shows its runs.

use std::cmp::Ordering;

use crate::metrics::RunDigest;
use crate::{app::widgets::table::Sorting, store::RunListing};

/// A column that the list can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunColumn {
    When,
    Scenario,
    Verdict,
    P95,
    Throughput,
    ErrorShare,
    Requests,
    Size,
}

/// The list at first: newest runs on top.
pub const NEWEST_FIRST: Sorting<RunColumn> = Sorting { column: RunColumn::When, descending: true };

/// What a run is sorted by.
// Made once per run: comparing must not make texts.
enum Key {
    Number(f64),
    Text(String),
}

/// The same places of `listings`, sorted.
pub fn sorted(listings: &[RunListing], places: Vec<usize>, sorting: Sorting<RunColumn>) -> Vec<usize> {
    let keyed = |place: usize| (place, key_of(&listings[place], sorting.column));
    let mut keyed: Vec<(usize, Option<Key>)> = places.into_iter().map(keyed).collect();
    keyed.sort_by(|(a, a_key), (b, b_key)| {
        let ordering = match (a_key, b_key) {
            // Runs without the number stand last, whichever way the list is sorted.
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(a_key), Some(b_key)) => sorting.apply(compare(a_key, b_key)),
            (None, None) => Ordering::Equal,
        };
        ordering.then_with(|| listings[*b].run_id.cmp(&listings[*a].run_id))
    });
    keyed.into_iter().map(|(place, _)| place).collect()
}

fn compare(a: &Key, b: &Key) -> Ordering {
    match (a, b) {
        (Key::Number(a), Key::Number(b)) => a.total_cmp(b),
        (Key::Text(a), Key::Text(b)) => a.cmp(b),
        (Key::Number(_), Key::Text(_)) => Ordering::Less,
        (Key::Text(_), Key::Number(_)) => Ordering::Greater,
    }
}

/// None where the run has no such number.
fn key_of(listing: &RunListing, column: RunColumn) -> Option<Key> {
    let digest = listing.digest.as_ref();
    let number = match column {
        RunColumn::Scenario => return Some(Key::Text(listing.scenario_name.to_lowercase())),
        RunColumn::When => Some(listing.started_at_unix_millis as f64),
        RunColumn::Size => Some(listing.n_bytes as f64),
        RunColumn::Verdict => digest.map(|digest| f64::from(digest.verdict as u8)),
        RunColumn::P95 => digest.and_then(RunDigest::p95_reading).map(|reading| reading.value),
        RunColumn::Throughput => digest.map(|digest| digest.throughput_per_sec),
        RunColumn::ErrorShare => digest.and_then(|digest| digest.error_ratio),
        RunColumn::Requests => digest.map(|digest| digest.n_requests as f64),
    };
    number.map(Key::Number)
}

#[cfg(test)]
pub mod tests {
    use std::time::Duration;

    use super::*;
    use crate::metrics::{Finish, RunDigest, RunId, RunLabels, Verdict};
    use crate::store::SearchText;

    /// A finished run with a tag, a label and a note.
    pub fn listing(run_id: i64, name: &str, p95_millis: Option<u64>) -> RunListing {
        RunListing {
            run_id: RunId(run_id),
            started_at_unix_millis: run_id * 1_000,
            scenario_name: name.to_owned(),
            base_url: String::new(),
            environment: None,
            fingerprint: "this set-up".to_owned(),
            finish: Finish::Completed,
            n_seconds: 10,
            n_bytes: 1_000,
            tags: vec!["release-7".to_owned()],
            labels: RunLabels::from([("commit".to_owned(), format!("c0ffee{run_id}"))]),
            note: "after the cache fix".to_owned(),
            is_baseline: false,
            is_starred: false,
            profile: Vec::new(),
            digest: Some(RunDigest {
                verdict: Verdict::Pass,
                window: "steady stages".to_owned(),
                n_requests: 100,
                p95: p95_millis.map(Duration::from_millis),
                throughput_per_sec: 10.0,
                error_ratio: None,
                mean: None,
                p50: None,
                p90: None,
                p99: None,
                quality: None,
                p95_interval: None,
                p95_beyond: None,
            }),
            search_text: SearchText::default(),
        }
    }

    fn ids(all: &[RunListing], column: RunColumn, descending: bool) -> Vec<i64> {
        let places = sorted(all, (0..all.len()).collect(), Sorting { column, descending });
        places.into_iter().map(|place| all[place].run_id.0).collect()
    }

    #[test]
    fn runs_without_the_number_stand_last_both_ways() {
        let all = [listing(1, "a", None), listing(2, "b", Some(90)), listing(3, "c", Some(40))];
        assert_eq!(ids(&all, RunColumn::P95, true), [2, 3, 1]);
        assert_eq!(ids(&all, RunColumn::P95, false), [3, 2, 1]);
    }

    #[test]
    fn scenarios_sort_by_their_letters_and_the_newest_of_equals_is_first() {
        let all = [listing(1, "search", None), listing(2, "Checkout", None), listing(3, "Search", None)];
        assert_eq!(ids(&all, RunColumn::Scenario, false), [2, 3, 1]);
        assert_eq!(ids(&all, RunColumn::When, true), [3, 2, 1]);
    }
}
