//! A trend in words: the same sentences in the window, the terminal and the report.

use crate::analysis::{capitalized, difference_text, metric_text, metric_words};
use crate::humanize;
use crate::metrics::RunId;

use super::{ChangePoint, MIN_RUNS, N_CONFIRMING_RUNS, Trend, TrendMetric, TrendScale, TrendVerdict};

impl TrendMetric {
    /// What it is called: `p95 response time`.
    pub fn words(self) -> String {
        match self {
            Self::OfRuns(metric) => metric_words(metric),
            Self::Plain { .. } => "value".to_owned(),
        }
    }

    /// A value with its unit.
    pub fn text(self, value: f64) -> String {
        match self {
            Self::OfRuns(metric) => metric_text(metric, value),
            Self::Plain { .. } if value < 0.0 => format!("−{}", humanize::number(-value)),
            Self::Plain { .. } => humanize::number(value),
        }
    }
}

impl Trend {
    /// How far a level changed, with sign: in percent, or in percentage points where it is a share.
    pub fn change_text(&self, change: &ChangePoint) -> String {
        match (self.scale, self.metric) {
            (TrendScale::Ratios, _) => humanize::change(change.change),
            (TrendScale::Differences, TrendMetric::OfRuns(metric)) => difference_text(metric, change.change),
            (TrendScale::Differences, _) => {
                let sign = if change.change < 0.0 { '−' } else { '+' };
                format!("{sign}{}", humanize::number(change.change.abs()))
            }
        }
    }

    /// A point by its run, else by its time.
    pub fn point_name(&self, index: usize) -> String {
        match self.points[index] {
            super::TrendPoint { run_id: Some(RunId(run_id)), .. } => format!("run {run_id}"),
            super::TrendPoint { at_unix_millis, .. } => humanize::moment(at_unix_millis),
        }
    }

    /// How the newest level is, in a sentence or two.
    pub fn sentence(&self) -> String {
        let name = capitalized(&self.metric.words());
        let unit = if self.points.iter().any(|point| point.run_id.is_some()) { "run" } else { "value" };
        let n_values = humanize::counted(self.n_values as u64, unit);
        let Some(level) = self.segments.last().map(|segment| self.metric.text(segment.level)) else {
            return format!("{name}: nothing to look at.");
        };
        let Some(change) = self.change_points.last() else {
            return match self.verdict {
                TrendVerdict::TooLittleHistory => {
                    format!("{name}: {n_values}, too little history; changes show from {MIN_RUNS} on.")
                }
                _ => format!("{name} is the same over {n_values}: {level}."),
            };
        };
        let since = self.point_name(change.index);
        let before = self.metric.text(change.before);
        let mut sentence = format!(
            "{name} is {} since {since}: {before} before, {level} since ({}).",
            self.verdict.word(),
            self.change_text(change)
        );
        if change.is_provisional {
            sentence +=
                &format!(" Provisional: fewer than {N_CONFIRMING_RUNS} more {unit}s confirm it so far.");
        }
        sentence
    }

    /// What the level is held against: the baseline and the scenario's limits; none where there is neither.
    pub fn held_against(&self) -> Option<String> {
        let baseline = self.baseline.map(|value| format!("baseline {}", self.metric.text(value)));
        let targets = self.targets.iter().map(|limit| format!("target {}", self.metric.text(*limit)));
        let parts: Vec<String> = baseline.into_iter().chain(targets).collect();
        (!parts.is_empty()).then(|| format!("{}: {}.", capitalized(&self.metric.words()), parts.join(", ")))
    }

    /// Everything said of it, a sentence each.
    pub fn sentences(&self) -> Vec<String> {
        std::iter::once(self.sentence()).chain(self.held_against()).collect()
    }
}
