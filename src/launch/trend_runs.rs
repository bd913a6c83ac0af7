//! Which of a library's runs may stand in one trend, and their figures.

use std::collections::BTreeMap;

use crate::analysis::trend::TrendPoint;
use crate::humanize;
use crate::metrics::{Finish, RunId, Standing};
use crate::model::{Metric, Scope, Threshold};
use crate::store::RunListing;

/// The runs of one scenario that compare with its newest, and why others are left out.
pub struct TrendRuns<'a> {
    /// Newest first.
    pub runs: Vec<&'a RunListing>,
    /// How many are left out for each reason.
    left_out: BTreeMap<&'static str, u64>,
}

const OTHER_SET_UP: &str = "another load, target, machine or version";
const NOT_SUMMED_UP: &str = "not summed up yet";

/// Why a run's figures count in no trend; none where they do.
pub fn unfit_for_trends(listing: &RunListing) -> Option<&'static str> {
    match (listing.finish, listing.digest.as_ref().and_then(|digest| digest.quality)) {
        (Finish::Running, _) => Some("under way"),
        (Finish::Interrupted, _) => Some("interrupted"),
        (Finish::Aborted, _) => Some("aborted"),
        (Finish::Stopped, _) => Some("stopped early"),
        (Finish::Breached, _) => Some("ended by a threshold"),
        (Finish::Completed, Some(Standing::Invalid)) => Some("measurement invalid"),
        (Finish::Completed, _) => None,
    }
}

/// The limits among these that hold for a trend of this metric: those of whole runs.
pub fn trend_targets(thresholds: &[Threshold], metric: Metric) -> Vec<f64> {
    let is_of = |threshold: &&Threshold| threshold.scope == Scope::Run && threshold.metric == metric;
    thresholds.iter().filter(is_of).map(|threshold| threshold.limit).collect()
}

impl<'a> TrendRuns<'a> {
    /// The runs of a scenario, in one environment where one is asked for, that compare with the newest of them.
    ///
    /// `listings` are newest first.
    pub fn of(listings: &'a [RunListing], scenario: &str, environment: Option<&str>) -> Self {
        let is_asked_for = |listing: &&RunListing| {
            listing.scenario_name == scenario
                && environment.is_none_or(|name| listing.environment.as_deref() == Some(name))
        };
        let mut chosen = Self { runs: Vec::new(), left_out: BTreeMap::new() };
        for listing in listings.iter().filter(is_asked_for) {
            match chosen.objection(listing) {
                Some(reason) => *chosen.left_out.entry(reason).or_default() += 1,
                None => chosen.runs.push(listing),
            }
        }
        chosen
    }

    // The newest run that counts at all says what the others are held against.
    fn objection(&self, listing: &RunListing) -> Option<&'static str> {
        if let Some(reason) = unfit_for_trends(listing) {
            return Some(reason);
        }
        if listing.digest.is_none() {
            return Some(NOT_SUMMED_UP);
        }
        let is_other = self.runs.first().is_some_and(|newest| newest.fingerprint != listing.fingerprint);
        is_other.then_some(OTHER_SET_UP)
    }

    /// What is left out and why, one sentence each.
    pub fn notes(&self) -> Vec<String> {
        let note =
            |(reason, n): (&&str, &u64)| format!("Left out: {} ({reason}).", humanize::counted(*n, "run"));
        self.left_out.iter().map(note).collect()
    }

    /// A metric of each run.
    pub fn points(&self, metric: Metric) -> Vec<TrendPoint> {
        let point = |listing: &&RunListing| TrendPoint {
            at_unix_millis: listing.started_at_unix_millis,
            value: listing.digest.as_ref().and_then(|digest| digest.metric(metric)),
            run_id: Some(listing.run_id),
        };
        // By time and then by number: runs may begin within one millisecond.
        self.runs.iter().rev().map(point).collect()
    }

    /// The newest baseline among them with its value of a metric.
    pub fn baseline(&self, metric: Metric) -> Option<(RunId, f64)> {
        let listing = self.runs.iter().find(|listing| listing.is_baseline)?;
        Some((listing.run_id, listing.digest.as_ref()?.metric(metric)?))
    }
}

/// What digests know, in this order.
pub const TREND_METRICS: [Metric; 7] = [
    Metric::Quantile(0.5),
    Metric::Quantile(0.9),
    Metric::Quantile(0.95),
    Metric::Quantile(0.99),
    Metric::Mean,
    Metric::Throughput,
    Metric::ErrorShare,
];

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::metrics::RunDigest;
    use crate::metrics::{RunLabels, Verdict};
    use crate::store::SearchText;

    fn digest(p95_millis: u64) -> RunDigest {
        RunDigest {
            verdict: Verdict::Pass,
            window: "steady stages".to_owned(),
            n_requests: 1_000,
            p95: Some(Duration::from_millis(p95_millis)),
            throughput_per_sec: 50.0,
            error_ratio: Some(0.0),
            mean: None,
            p50: None,
            p90: None,
            p99: None,
            quality: Some(Standing::Valid),
            p95_interval: None,
            p95_beyond: None,
        }
    }

    fn listing(number: i64) -> RunListing {
        RunListing {
            run_id: RunId(number),
            started_at_unix_millis: number * 1_000,
            scenario_name: "Shop".to_owned(),
            base_url: "sandbox:".to_owned(),
            environment: None,
            fingerprint: "f".to_owned(),
            finish: Finish::Completed,
            n_seconds: 30,
            n_bytes: 0,
            tags: Vec::new(),
            labels: RunLabels::new(),
            note: String::new(),
            is_baseline: false,
            is_starred: false,
            profile: Vec::new(),
            digest: Some(digest(number as u64)),
            search_text: SearchText::default(),
        }
    }

    #[test]
    fn only_runs_that_compare_with_the_newest_stand_in_a_trend() {
        let mut listings: Vec<_> = (1..=8).rev().map(listing).collect();
        listings[0].finish = Finish::Aborted;
        listings[2].fingerprint = "other".to_owned();
        listings[3].digest.as_mut().unwrap().quality = Some(Standing::Invalid);
        listings[4].scenario_name = "Another".to_owned();
        listings[5].digest = None;
        listings[6].is_baseline = true;
        let runs = TrendRuns::of(&listings, "Shop", None);
        let numbers: Vec<_> = runs.runs.iter().map(|run| run.run_id.0).collect();
        assert_eq!(numbers, [7, 2, 1]);
        assert_eq!(runs.notes().len(), 4, "{:?}", runs.notes());
        assert!(
            runs.notes().contains(&"Left out: 1 run (another load, target, machine or version).".to_owned())
        );
        let points = runs.points(Metric::Quantile(0.95));
        assert_eq!(
            points.iter().map(|point| point.run_id).collect::<Vec<_>>(),
            [1, 2, 7].map(|n| Some(RunId(n)))
        );
        assert_eq!(points[2].value, Some(0.007));
        assert_eq!(runs.baseline(Metric::Quantile(0.95)), Some((RunId(2), 0.002)));
        assert_eq!(runs.points(Metric::Quantile(0.5))[0].value, None);
    }

    #[test]
    fn an_environment_is_a_history_of_its_own() {
        let mut listings: Vec<_> = (1..=4).rev().map(listing).collect();
        listings[1].environment = Some("staging".to_owned());
        let runs = TrendRuns::of(&listings, "Shop", Some("staging"));
        assert_eq!(runs.runs.len(), 1);
        assert!(TrendRuns::of(&listings, "Shop", Some("production")).runs.is_empty());
    }
}
