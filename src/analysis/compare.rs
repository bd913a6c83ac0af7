//! Two runs beside each other: what changed, in absolute and relative terms.

use crate::humanize;
use crate::metrics::{Aggregate, RunId, RunRecord};
use crate::model::{Metric, Scope, Unit};

use super::{
    Summary,
    setup::{cautions, setup_differences},
    summary::ScopeRow,
    words::{capitalized, metric_text, metric_words},
};

/// What is compared of the run as a whole.
const HEADLINE_METRICS: [Metric; 8] = [
    Metric::Quantile(0.5),
    Metric::Quantile(0.9),
    Metric::Quantile(0.95),
    Metric::Quantile(0.99),
    Metric::Mean,
    Metric::Max,
    Metric::Throughput,
    Metric::ErrorShare,
];

/// What is compared of each service and step.
const SCOPE_METRICS: [Metric; 5] = [
    Metric::Quantile(0.5),
    Metric::Quantile(0.95),
    Metric::Quantile(0.99),
    Metric::Throughput,
    Metric::ErrorShare,
];

/// A candidate run relative to a baseline run.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub baseline: RunId,
    pub candidate: RunId,
    /// Words for the window of each run's figures.
    pub baseline_window: String,
    pub candidate_window: String,
    /// Headline numbers first, then per step and per service where both runs have them.
    pub changes: Vec<Change>,
    /// What differs in the set-up, one plain sentence each.
    pub setup_differences: Vec<String>,
    /// Why the two should not be compared without thought; empty when nothing stands against it.
    pub cautions: Vec<String>,
    /// The comparison in one plain sentence.
    pub sentence: String,
}

/// One metric of one scope in both runs, in the metric's unit.
#[derive(Clone, Debug)]
pub struct Change {
    pub scope: Scope,
    pub metric: Metric,
    pub baseline: Option<f64>,
    pub candidate: Option<f64>,
    /// Bounds of candidate − baseline at 95 % confidence, once they are estimated.
    pub interval: Option<(f64, f64)>,
}

impl Change {
    /// Candidate − baseline.
    pub fn absolute(&self) -> Option<f64> {
        Some(self.candidate? - self.baseline?)
    }

    /// (Candidate − baseline) ÷ baseline.
    pub fn relative(&self) -> Option<f64> {
        let baseline = self.baseline.filter(|baseline| *baseline != 0.0)?;
        Some(self.absolute()? / baseline)
    }

    /// Candidate − baseline with sign and unit.
    pub fn absolute_text(&self) -> Option<String> {
        Some(Self::difference_text(self.metric, self.absolute()?))
    }

    /// A difference of two values of a metric with sign and unit.
    pub fn difference_text(metric: Metric, difference: f64) -> String {
        match metric.unit() {
            Unit::Seconds => humanize::latency_change(difference),
            Unit::Ratio => humanize::percent_change(difference),
            Unit::PerSecond => humanize::rate_change(difference),
        }
    }
}

/// Compares two summed-up runs.
pub fn compare(baseline: (&RunRecord, &Summary), candidate: (&RunRecord, &Summary)) -> Comparison {
    let (base, cand) = (baseline.1, candidate.1);
    let mut changes = changes_of(&Scope::Run, &HEADLINE_METRICS, &base.headline, &cand.headline);
    for (base_rows, cand_rows) in [(&base.steps, &cand.steps), (&base.services, &cand.services)] {
        let cand_scopes = by_scope(cand_rows);
        for (scope, of_base) in by_scope(base_rows) {
            if let Some((_, of_cand)) = cand_scopes.iter().find(|(other, _)| *other == scope) {
                changes.extend(changes_of(&scope, &SCOPE_METRICS, &of_base, of_cand));
            }
        }
    }
    Comparison {
        baseline: baseline.0.run_id,
        candidate: candidate.0.run_id,
        baseline_window: base.headline_words.clone(),
        candidate_window: cand.headline_words.clone(),
        sentence: sentence(&changes),
        setup_differences: setup_differences(&baseline.0.start, &candidate.0.start),
        cautions: cautions(baseline, candidate),
        changes,
    }
}

/// One aggregate for each scope, in the order of its first row.
// Steps of one name count together, as they do for thresholds.
fn by_scope(rows: &[ScopeRow]) -> Vec<(Scope, Aggregate)> {
    let mut scopes: Vec<(Scope, Aggregate)> = Vec::new();
    for row in rows {
        match scopes.iter_mut().find(|(scope, _)| *scope == row.scope) {
            Some((_, aggregate)) => aggregate.stats.merge(&row.aggregate.stats),
            None => scopes.push((row.scope.clone(), row.aggregate.clone())),
        }
    }
    scopes
}

fn changes_of(scope: &Scope, metrics: &[Metric], base: &Aggregate, cand: &Aggregate) -> Vec<Change> {
    let change = |metric: &Metric| Change {
        scope: scope.clone(),
        metric: *metric,
        baseline: base.metric(*metric),
        candidate: cand.metric(*metric),
        interval: None,
    };
    metrics.iter().map(change).collect()
}

fn sentence(changes: &[Change]) -> String {
    let told: Vec<String> = [Metric::Quantile(0.95), Metric::Throughput, Metric::ErrorShare]
        .into_iter()
        .filter_map(|metric| {
            changes.iter().find(|change| change.scope == Scope::Run && change.metric == metric)
        })
        .filter_map(movement)
        .collect();
    if told.is_empty() {
        return "The two runs have no figure in common, so nothing can be compared.".to_owned();
    }
    format!(
        "{}. This comparison has no confidence intervals; small changes may be noise.",
        capitalized(&told.join("; "))
    )
}

fn movement(change: &Change) -> Option<String> {
    let (from, to) = (change.baseline?, change.candidate?);
    let name = metric_words(change.metric);
    if from == to {
        return Some(format!("{name} stayed at {}", metric_text(change.metric, to)));
    }
    // A relative change of a share reads like a change in points; the absolute one cannot be misread.
    let size = match change.metric.unit() {
        Unit::Ratio => change.absolute_text()?,
        _ => change.relative().map(humanize::change).or_else(|| change.absolute_text())?,
    };
    Some(format!(
        "{name} went from {} to {} ({size})",
        metric_text(change.metric, from),
        metric_text(change.metric, to)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    use crate::analysis::{sample, summarize};
    use crate::metrics::Finish;
    use crate::model::{Arrivals, LoadModel};

    fn compared(baseline: &RunRecord, candidate: &RunRecord) -> Comparison {
        let (base, cand) = (summarize(baseline).unwrap(), summarize(candidate).unwrap());
        compare((baseline, &base), (candidate, &cand))
    }

    fn slower() -> RunRecord {
        let mut record = sample::record(sample::scenario());
        let slow = [(crate::metrics::Outcome::Ok, Duration::from_millis(90)); 80];
        sample::add(&mut record, 20, 1, &slow);
        record
    }

    #[test]
    fn the_same_run_twice_shows_no_change_and_nothing_against_it() {
        let record = sample::record(sample::scenario());
        let comparison = compared(&record, &record);
        assert!(comparison.changes.iter().all(|change| change.absolute() == Some(0.0)));
        assert!(comparison.setup_differences.is_empty() && comparison.cautions.is_empty());
        assert_eq!(
            comparison.sentence,
            "P95 response time stayed at 74.0 ms; throughput stayed at 40.0/s; error share stayed at 0 %. This \
             comparison has no confidence intervals; small changes may be noise."
        );
    }

    #[test]
    fn changes_are_absolute_and_relative_for_run_steps_and_services() {
        let comparison = compared(&sample::record(sample::scenario()), &slower());
        let change = |scope: Scope, metric: Metric| {
            comparison.changes.iter().find(|c| c.scope == scope && c.metric == metric).unwrap()
        };
        let p95 = change(Scope::Run, Metric::Quantile(0.95));
        assert_eq!(p95.absolute_text().unwrap(), "+16.0 ms");
        assert_eq!(humanize::change(p95.relative().unwrap()), "+21.6 %");
        let throughput = change(Scope::Run, Metric::Throughput);
        assert_eq!(throughput.absolute_text().unwrap(), "+4.00/s");
        let untouched = change(Scope::Step("List courses".into()), Metric::Quantile(0.95));
        assert_eq!(untouched.absolute_text().unwrap(), "±0 µs");
        assert!(change(Scope::Service("auth".into()), Metric::Quantile(0.95)).absolute().unwrap() > 0.0);
        // Without errors in the baseline there is nothing to be relative to.
        assert_eq!(change(Scope::Run, Metric::ErrorShare).relative(), None);
    }

    #[test]
    fn scopes_of_one_run_only_are_left_out() {
        let mut renamed = sample::scenario();
        renamed.journeys[0].steps[0].name = "List all courses".to_owned();
        let comparison = compared(&sample::record(sample::scenario()), &sample::record(renamed));
        let scopes: Vec<_> = comparison.changes.iter().map(|change| change.scope.to_string()).collect();
        assert!(scopes.contains(&"step:Sign in".to_owned()));
        assert!(!scopes.iter().any(|scope| scope.starts_with("step:List")));
    }

    #[test]
    fn what_differs_in_the_set_up_is_listed() {
        let mut candidate = sample::record(sample::scenario());
        candidate.start.labels.insert("commit".to_owned(), "77aa001".to_owned());
        candidate.start.scenario.load.stages[1].duration = Duration::from_secs(10);
        candidate.start.environment.n_cpus = 2;
        let comparison = compared(&sample::record(sample::scenario()), &candidate);
        assert_eq!(comparison.setup_differences.len(), 3, "{:?}", comparison.setup_differences);
        assert!(comparison.setup_differences.contains(&"Label commit: 4f2a9c1 → 77aa001.".to_owned()));
        assert!(comparison.setup_differences.contains(&"Processors: 8 → 2.".to_owned()));
        assert_eq!(comparison.cautions.len(), 2, "{:?}", comparison.cautions);
    }

    #[test]
    fn different_models_arrivals_and_unfinished_runs_call_for_caution() {
        let mut random = sample::open_scenario();
        random.load.model = LoadModel::Open { arrivals: Arrivals::Poisson, max_users: 1_000, seed: 1 };
        let (closed, even) = (sample::record(sample::scenario()), sample::record(sample::open_scenario()));
        let says = |comparison: &Comparison, text: &str| {
            assert!(comparison.cautions.iter().any(|c| c.contains(text)), "{:?}", comparison.cautions);
        };
        says(&compared(&closed, &even), "An open and a closed model");
        says(&compared(&even, &sample::record(random)), "Even and random arrivals");
        let mut stopped = sample::record(sample::scenario());
        sample::cut(&mut stopped, Finish::Stopped, 4);
        let comparison = compared(&closed, &stopped);
        says(&comparison, "The candidate (run 7) did not run to the end of its plan.");
        says(&comparison, "The figures cover different windows");
    }
}
