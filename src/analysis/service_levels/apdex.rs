//! Apdex: how satisfied users are, as one number from 0 to 1.
//!
//! Apdex Technical Specification 1.1: up to T satisfied, up to 4 T tolerating, beyond it frustrated, and so is whoever got
//! an error, however fast; (satisfied + tolerating ÷ 2) ÷ all.

use std::time::Duration;

use crate::analysis::{ScopeRow, Summary};
use crate::metrics::{LatencyHistogram, StepStats};
use crate::model::{Metric, Scenario, Scope};

use super::{counting::Rule, objective::run_limit};

/// Fewer samples make a score that has to be marked.
pub const APDEX_ENOUGH: u64 = 100;

/// Apdex of the run and of its parts.
#[derive(Clone, Debug, PartialEq)]
pub struct Apdex {
    pub target: ApdexTarget,
    pub run: ApdexRow,
    /// In the order of the scenario.
    pub services: Vec<ApdexRow>,
    /// In the order of the scenario; excluded ones are left out.
    pub steps: Vec<ApdexRow>,
}

/// The response time that satisfies.
#[derive(Clone, Debug, PartialEq)]
pub struct ApdexTarget {
    /// T, as it was set.
    pub satisfied: Duration,
    /// Whether it is the limit of a threshold on p95, because the service levels name none.
    pub is_of_threshold: bool,
    /// Counts are exact up to here: the end of T's bucket.
    pub satisfied_up_to: Duration,
    /// The same for 4 T.
    pub tolerated_up_to: Duration,
}

/// Requests of one scope by how satisfied their users were.
#[derive(Clone, Debug, PartialEq)]
pub struct ApdexRow {
    pub name: String,
    pub scope: Scope,
    pub n_satisfied: u64,
    pub n_tolerating: u64,
    /// Those that took longer, and all that failed.
    pub n_frustrated: u64,
}

impl ApdexTarget {
    /// None where neither the service levels nor a threshold on the run's p95 says what is fast.
    pub fn of(scenario: &Scenario) -> Option<Self> {
        let own = scenario.service_levels.apdex;
        let of_threshold = || {
            let limit = run_limit(scenario, Metric::Quantile(0.95))?;
            Duration::try_from_secs_f64(limit).ok().filter(|limit| !limit.is_zero())
        };
        let satisfied = own.or_else(of_threshold)?;
        Some(Self {
            satisfied,
            is_of_threshold: own.is_none(),
            satisfied_up_to: LatencyHistogram::counted_up_to(satisfied),
            tolerated_up_to: LatencyHistogram::counted_up_to(tolerated(satisfied)),
        })
    }

    /// 4 T.
    pub fn tolerated(&self) -> Duration {
        tolerated(self.satisfied)
    }
}

fn printed(score: f64) -> String {
    format!("{score:.2}")
}

fn tolerated(satisfied: Duration) -> Duration {
    satisfied.saturating_mul(4)
}

impl Apdex {
    pub fn of(target: ApdexTarget, summary: &Summary, rule: &Rule) -> Self {
        let mut run = ApdexRow::new("All requests", Scope::Run);
        let mut steps = Vec::new();
        for (step, row) in rule.steps_of(summary).filter(|(step, _)| !rule.is_excluded(*step)) {
            let mut of_step = ApdexRow::new(&row.name, Scope::Step(row.name.clone()));
            of_step.add(&row.aggregate.stats, &target);
            run.n_satisfied += of_step.n_satisfied;
            run.n_tolerating += of_step.n_tolerating;
            run.n_frustrated += of_step.n_frustrated;
            steps.push((step, of_step));
        }
        let service = |row: &ScopeRow| {
            let mut of_service = ApdexRow::new(&row.name, row.scope.clone());
            for (step, of_step) in &steps {
                if rule.belongs_to(*step, &row.name) {
                    of_service.n_satisfied += of_step.n_satisfied;
                    of_service.n_tolerating += of_step.n_tolerating;
                    of_service.n_frustrated += of_step.n_frustrated;
                }
            }
            of_service
        };
        let services = summary.services.iter().map(service).collect();
        Self { target, run, services, steps: steps.into_iter().map(|(_, row)| row).collect() }
    }
}

impl ApdexRow {
    fn new(name: &str, scope: Scope) -> Self {
        Self { name: name.to_owned(), scope, n_satisfied: 0, n_tolerating: 0, n_frustrated: 0 }
    }

    fn add(&mut self, stats: &StepStats, target: &ApdexTarget) {
        let n_satisfied = stats.response_time.count_at_most(target.satisfied);
        let n_within = stats.response_time.count_at_most(target.tolerated());
        self.n_satisfied += n_satisfied;
        self.n_tolerating += n_within - n_satisfied;
        self.n_frustrated += stats.counters.n_requests() - n_within;
    }

    pub fn n_samples(&self) -> u64 {
        self.n_satisfied + self.n_tolerating + self.n_frustrated
    }

    /// None without samples.
    pub fn score(&self) -> Option<f64> {
        let n = self.n_samples();
        (n > 0).then(|| (self.n_satisfied as f64 + self.n_tolerating as f64 / 2.0) / n as f64)
    }

    /// Whether so few samples make the score that it has to be marked.
    pub fn is_small(&self) -> bool {
        (1..APDEX_ENOUGH).contains(&self.n_samples())
    }

    /// The score as the specification has it: two decimals, a star where there are few samples, NS where there are none.
    pub fn text(&self) -> String {
        let Some(score) = self.score() else { return "NS".to_owned() };
        printed(score) + if self.is_small() { "*" } else { "" }
    }

    /// The specification's word for the score as printed; none without samples.
    pub fn rating(&self) -> Option<&'static str> {
        // What is printed decides, or 0.845 would be a good 0.84.
        Some(match printed(self.score()?).as_str() {
            score if score >= "0.94" => "excellent",
            score if score >= "0.85" => "good",
            score if score >= "0.70" => "fair",
            score if score >= "0.50" => "poor",
            _ => "unacceptable",
        })
    }
}
