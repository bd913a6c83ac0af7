//! How a run that goes on stands against its thresholds, in words; those that are missed come first.

use crate::analysis::{Margin, Reading, limit_words, metric_words, scope_words, window_words};
use crate::humanize;
use crate::metrics::{LiveSnapshot, ThresholdLive, ThresholdState};
use crate::model::{Scenario, Threshold};

/// One threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Index among those of the scenario.
    pub index: usize,
    pub state: ThresholdState,
    /// How it stands: `met, 38 % left`.
    pub standing: String,
    /// What is asked, and what is measured.
    pub figures: String,
}

/// Every threshold that is looked at, the missed ones first.
pub fn targets(snapshot: &LiveSnapshot, scenario: &Scenario) -> Vec<Target> {
    let mut targets: Vec<_> = snapshot
        .thresholds
        .iter()
        .filter_map(|live| Some(target(live, scenario.thresholds.get(live.threshold)?, snapshot)))
        .collect();
    targets.sort_by_key(|target| match target.state {
        ThresholdState::Missed => 0,
        ThresholdState::Met => 1,
        ThresholdState::NoData => 2,
    });
    targets
}

fn target(live: &ThresholdLive, threshold: &Threshold, snapshot: &LiveSnapshot) -> Target {
    let metric = threshold.metric;
    let reading = live.actual.map(|value| Reading { metric, value, is_censored: live.is_censored });
    let standing = match live.state {
        ThresholdState::NoData => "no data yet".to_owned(),
        ThresholdState::Met => {
            let margin = reading.map(|reading| format!(", {}", Margin::of(reading, threshold.limit).text()));
            format!("met{}", margin.unwrap_or_default())
        }
        ThresholdState::Missed => {
            let lasted = live.missed_since.map(|since| snapshot.elapsed.saturating_sub(since));
            let lasted = lasted.map(|lasted| format!(" for {}", humanize::clock(lasted)));
            let ends = live.ends_in.map(|left| format!(", ends the run in {}", humanize::clock(left)));
            format!("missed{}{}", lasted.unwrap_or_default(), ends.unwrap_or_default())
        }
    };
    let actual = reading.map_or_else(String::new, |reading| format!(" {},", reading.text()));
    let figures = format!(
        "{} of {}{actual} limit {}, {}",
        metric_words(metric),
        scope_words(&threshold.scope),
        limit_words(metric, threshold.limit),
        window_words(&threshold.window, &snapshot.plan),
    );
    Target { index: live.threshold, state: live.state, standing, figures }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use super::*;
    use crate::cli::view::tests::{scenario, snapshot};
    use crate::model::{Metric, Scope, ThresholdSeverity, Window};

    #[test]
    fn what_is_missed_comes_first_and_says_what_it_would_end() {
        let threshold = |metric, limit| Threshold {
            metric,
            scope: Scope::Run,
            window: Window::Run,
            limit,
            severity: ThresholdSeverity::Must,
            abort_after: None,
        };
        let thresholds = vec![threshold(Metric::Quantile(0.95), 0.1), threshold(Metric::ErrorShare, 0.01)];
        let scenario = Scenario { thresholds, ..scenario() };
        let secs = Duration::from_secs;
        let met = ThresholdLive {
            threshold: 0,
            actual: Some(0.074),
            is_censored: false,
            state: ThresholdState::Met,
            missed_since: None,
            missed_for: Duration::ZERO,
            patience: None,
            ends_in: None,
        };
        let missed = ThresholdLive {
            threshold: 1,
            actual: Some(0.02),
            state: ThresholdState::Missed,
            missed_since: Some(secs(8)),
            missed_for: secs(12),
            patience: Some(secs(30)),
            ends_in: Some(secs(18)),
            ..met.clone()
        };
        let mut snapshot = snapshot(20_000);
        snapshot.thresholds = Arc::new(vec![met, missed]);
        let said: Vec<String> = targets(&snapshot, &scenario)
            .into_iter()
            .map(|target| format!("{}: {}", target.standing, target.figures))
            .collect();
        let expected = [
            "missed for 0:12, ends the run in 0:18: error share of the run 2 %, limit ≤ 1 %, whole run",
            "met, 26.0 ms to spare (26.0 %): p95 response time of the run 74.0 ms, limit ≤ 100 ms, whole run",
        ];
        assert_eq!(said, expected);
    }
}
