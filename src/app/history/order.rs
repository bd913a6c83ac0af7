//! Which runs the list shows, and in which order.

use std::cmp::Ordering;

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
}

/// The list at first: newest runs on top.
pub const NEWEST_FIRST: Sorting<RunColumn> = Sorting { column: RunColumn::When, descending: true };

/// The runs in which every word of `search` occurs, sorted.
pub fn choose<'a>(
    listings: &'a [RunListing],
    search: &str,
    sorting: Sorting<RunColumn>,
) -> Vec<&'a RunListing> {
    let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
    let mut chosen: Vec<_> = listings.iter().filter(|listing| matches(listing, &words)).collect();
    chosen.sort_by(|a, b| {
        let ordering = match (has_value(a, sorting.column), has_value(b, sorting.column)) {
            // Runs without the number stand last, whichever way the list is sorted.
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            _ => sorting.apply(compare(a, b, sorting.column)),
        };
        ordering.then_with(|| b.run_id.cmp(&a.run_id))
    });
    chosen
}

fn matches(listing: &RunListing, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let labels = listing.labels.iter().map(|(key, value)| format!("{key}={value}"));
    let verdict = listing.digest.as_ref().map(|digest| digest.verdict.name().to_owned());
    let parts = [listing.run_id.to_string(), listing.scenario_name.clone(), listing.note.clone()];
    let all = parts.into_iter().chain(listing.tags.iter().cloned()).chain(labels).chain(verdict);
    let text = all.map(|part| part.to_lowercase()).collect::<Vec<_>>().join("\n");
    words.iter().all(|word| text.contains(word))
}

fn has_value(listing: &RunListing, column: RunColumn) -> bool {
    let digest = listing.digest.as_ref();
    match column {
        RunColumn::When | RunColumn::Scenario => true,
        RunColumn::Verdict | RunColumn::Throughput | RunColumn::Requests => digest.is_some(),
        RunColumn::P95 => digest.is_some_and(|digest| digest.p95.is_some()),
        RunColumn::ErrorShare => digest.is_some_and(|digest| digest.error_ratio.is_some()),
    }
}

fn compare(a: &RunListing, b: &RunListing, column: RunColumn) -> Ordering {
    let by = |value: fn(&crate::metrics::RunDigest) -> f64| {
        let of = |listing: &RunListing| listing.digest.as_ref().map_or(f64::NEG_INFINITY, value);
        of(a).total_cmp(&of(b))
    };
    match column {
        RunColumn::When => a.started_at_unix_millis.cmp(&b.started_at_unix_millis),
        RunColumn::Scenario => a.scenario_name.to_lowercase().cmp(&b.scenario_name.to_lowercase()),
        RunColumn::Verdict => by(|digest| f64::from(digest.verdict as u8)),
        RunColumn::P95 => by(|digest| digest.p95.map_or(f64::NEG_INFINITY, |p95| p95.as_secs_f64())),
        RunColumn::Throughput => by(|digest| digest.throughput_per_sec),
        RunColumn::ErrorShare => by(|digest| digest.error_ratio.unwrap_or(f64::NEG_INFINITY)),
        RunColumn::Requests => by(|digest| digest.n_requests as f64),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::metrics::{Finish, RunDigest, RunId, RunLabels, Verdict};

    fn listing(run_id: i64, name: &str, p95_millis: Option<u64>) -> RunListing {
        RunListing {
            run_id: RunId(run_id),
            started_at_unix_millis: run_id * 1_000,
            scenario_name: name.to_owned(),
            base_url: String::new(),
            environment: None,
            fingerprint: String::new(),
            finish: Finish::Completed,
            n_seconds: 10,
            n_bytes: 0,
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
            }),
            search_text: Default::default(),
        }
    }

    fn ids(chosen: &[&RunListing]) -> Vec<i64> {
        chosen.iter().map(|listing| listing.run_id.0).collect()
    }

    #[test]
    fn every_word_must_occur_somewhere() {
        let all = [listing(1, "Checkout", None), listing(2, "Search", None)];
        assert_eq!(ids(&choose(&all, "", NEWEST_FIRST)), [2, 1]);
        assert_eq!(ids(&choose(&all, "CACHE check", NEWEST_FIRST)), [1]);
        assert_eq!(ids(&choose(&all, "commit=c0ffee2", NEWEST_FIRST)), [2]);
        assert_eq!(ids(&choose(&all, "release-7 pass", NEWEST_FIRST)), [2, 1]);
        assert!(choose(&all, "elsewhere", NEWEST_FIRST).is_empty());
    }

    #[test]
    fn runs_without_the_number_stand_last_both_ways() {
        let all = [listing(1, "a", None), listing(2, "b", Some(90)), listing(3, "c", Some(40))];
        let by_p95 = |descending| Sorting { column: RunColumn::P95, descending };
        assert_eq!(ids(&choose(&all, "", by_p95(true))), [2, 3, 1]);
        assert_eq!(ids(&choose(&all, "", by_p95(false))), [3, 2, 1]);
    }
}
