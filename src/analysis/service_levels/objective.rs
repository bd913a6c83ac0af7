//! The objective that a run is held against, and where it comes from.

use std::time::Duration;

use crate::model::{Metric, Scenario, Scope, ServiceLevelOptions};

/// The share of valid requests that is to be good, over some time.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    pub ratio: f64,
    pub period: Duration,
    pub source: ObjectiveSource,
}

/// Who says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ObjectiveSource {
    /// The scenario's `[service_levels]`.
    Scenario,
    /// The limit of a threshold.
    Threshold,
    /// Nobody: it is what many promise.
    #[default]
    Default,
}

impl Objective {
    pub fn of(scenario: &Scenario) -> Self {
        let options = &scenario.service_levels;
        let (ratio, source) = match (options.availability, run_limit(scenario, Metric::Availability)) {
            (Some(ratio), _) => (ratio, ObjectiveSource::Scenario),
            (None, Some(ratio)) => (ratio, ObjectiveSource::Threshold),
            (None, None) => (ServiceLevelOptions::DEFAULT_AVAILABILITY, ObjectiveSource::Default),
        };
        Self { ratio, period: options.period, source }
    }

    /// The share of valid requests that may be bad.
    pub fn budget_ratio(&self) -> f64 {
        // Not 1 − 0.999, whose last bits would show in a budget of millions.
        ((1.0 - self.ratio) * 1e12).round() / 1e12
    }

    /// How long nothing but bad requests would use the budget up.
    pub fn budget_time(&self) -> Duration {
        self.period.mul_f64(self.budget_ratio().clamp(0.0, 1.0))
    }
}

impl Default for Objective {
    fn default() -> Self {
        Self {
            ratio: ServiceLevelOptions::DEFAULT_AVAILABILITY,
            period: ServiceLevelOptions::DEFAULT_PERIOD,
            source: ObjectiveSource::Default,
        }
    }
}

impl ObjectiveSource {
    /// Where it comes from, within a sentence.
    pub fn words(self) -> &'static str {
        match self {
            Self::Scenario => "of the scenario's service levels",
            Self::Threshold => "of the run's availability threshold",
            Self::Default => "taken because the scenario names none",
        }
    }

    /// The word for files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Scenario => "scenario",
            Self::Threshold => "threshold",
            Self::Default => "default",
        }
    }
}

/// The limit of the first threshold of the run on a metric.
pub fn run_limit(scenario: &Scenario, metric: Metric) -> Option<f64> {
    let of_run = scenario.thresholds.iter().filter(|threshold| threshold.scope == Scope::Run);
    of_run.filter(|threshold| threshold.metric == metric).map(|threshold| threshold.limit).next()
}
