//! One run as tables of numbers with verdicts: the single source for screen, terminal, report and JSON.

use std::time::Duration;

use crate::metrics::{Aggregate, Caveat, HistogramError, RunDigest, RunRecord, Verdict};
use crate::model::{Budget, Metric, Scope, Threshold, Window};

use super::Quality;

/// One run as tables of numbers with verdicts.
#[derive(Clone, Debug)]
pub struct Summary {
    pub verdict: Verdict,
    /// Why the verdict is what it is, one plain sentence each.
    pub reasons: Vec<String>,
    pub quality: Quality,
    /// Everything that weakens the numbers, the heaviest first.
    pub caveats: Vec<Caveat>,
    /// The window of the headline numbers: steady, or the whole run where nothing is steady.
    pub headline_window: Window,
    pub headline: Aggregate,
    /// The whole run, warm-up included.
    pub whole: Aggregate,
    pub stages: Vec<StageRow>,
    /// Headline window, in the order of the scenario.
    pub steps: Vec<ScopeRow>,
    pub services: Vec<ScopeRow>,
    pub budgets: Vec<BudgetResult>,
    pub thresholds: Vec<ThresholdResult>,
}

/// One stage of the run; warm-up left out.
#[derive(Clone, Debug)]
pub struct StageRow {
    pub name: String,
    pub planned: Duration,
    /// Part of the stage in which load was made and counted.
    pub measured: Duration,
    /// Users (closed) or arrivals per second (open).
    pub start_level: f64,
    pub end_level: f64,
    pub aggregate: Aggregate,
    /// The run's must and should thresholds of scope `run`, put to this stage alone.
    pub verdict: ThresholdVerdict,
}

/// One step or service in the headline window.
#[derive(Clone, Debug)]
pub struct ScopeRow {
    pub name: String,
    pub scope: Scope,
    /// The step's journey or the service's number of steps, in words.
    pub detail: String,
    pub aggregate: Aggregate,
}

/// A service's budget and what was measured.
#[derive(Clone, Debug)]
pub struct BudgetResult {
    pub service: String,
    pub budget: Budget,
    pub actual: Option<f64>,
    pub verdict: ThresholdVerdict,
}

/// A threshold and what was measured.
#[derive(Clone, Debug)]
pub struct ThresholdResult {
    pub threshold: Threshold,
    pub actual: Option<f64>,
    pub verdict: ThresholdVerdict,
}

/// What one threshold comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThresholdVerdict {
    Pass,
    Fail,
    /// Nothing was measured that could decide it.
    NotEnoughData,
}

impl Summary {
    /// The numbers that lists show.
    pub fn digest(&self) -> RunDigest {
        todo!()
    }
}

/// Whether `actual` keeps `limit`.
pub fn judge(metric: Metric, actual: Option<f64>, limit: f64) -> ThresholdVerdict {
    match actual {
        None => ThresholdVerdict::NotEnoughData,
        Some(actual) if metric.higher_is_better() && actual >= limit => ThresholdVerdict::Pass,
        Some(actual) if !metric.higher_is_better() && actual <= limit => ThresholdVerdict::Pass,
        Some(_) => ThresholdVerdict::Fail,
    }
}

/// Sums a run up.
pub fn summarize(record: &RunRecord) -> Result<Summary, HistogramError> {
    let _ = record;
    todo!()
}
