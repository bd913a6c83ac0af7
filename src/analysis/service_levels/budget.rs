//! The error budget: what the objective allows, what of it this run used, and how fast it would burn.

use std::time::Duration;

use super::{BurnAlert, GoodRequests, Objective, alerts};

/// What an objective allows to go wrong, and what went wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorBudget {
    /// Bad requests that the objective allows among the valid ones of this run; may be a fraction.
    pub n_allowed: f64,
    pub n_bad: u64,
    /// How long nothing but bad requests would use up the budget of the whole period.
    pub allowed_time: Duration,
    /// Bad share ÷ allowed share: at 1 the budget lasts exactly for the period.
    pub burn_rate: f64,
    /// From the bounds of availability.
    pub burn_interval: Option<(f64, f64)>,
    /// When the budget of the period would be used up; none where nothing was bad.
    pub lasts: Option<Duration>,
    /// What usual alerts on burn rates would do if it went on like this.
    pub alerts: Vec<BurnAlert>,
}

impl ErrorBudget {
    /// None where the objective leaves no budget.
    pub fn of(objective: &Objective, requests: &GoodRequests) -> Option<Self> {
        let allowed = objective.budget_ratio();
        if allowed <= 0.0 {
            return None;
        }
        let burn_rate = requests.bad_ratio() / allowed;
        let burn_interval =
            requests.interval.map(|(low, high)| ((1.0 - high) / allowed, (1.0 - low) / allowed));
        Some(Self {
            n_allowed: allowed * requests.n_valid as f64,
            n_bad: requests.n_bad(),
            allowed_time: objective.budget_time(),
            burn_rate,
            burn_interval,
            lasts: lasts(objective.period, burn_rate),
            alerts: alerts::alerts(objective.period, burn_rate, burn_interval),
        })
    }

    /// What is left of this run's budget: 1 − bad ÷ allowed, below nothing where it was overspent.
    pub fn left_ratio(&self) -> f64 {
        1.0 - self.n_bad as f64 / self.n_allowed
    }
}

/// When a budget is used up that burns at this rate.
pub fn lasts(period: Duration, burn_rate: f64) -> Option<Duration> {
    (burn_rate > 0.0).then(|| Duration::try_from_secs_f64(period.as_secs_f64() / burn_rate).ok()).flatten()
}
