//! Service levels: which share of requests is to be good over which time, and how fast an answer satisfies.
//!
//! They judge nothing: the report tells how a run stands against them. Thresholds decide the verdict.

use std::time::Duration;

use super::CANDIDATE_SUFFIX;

/// What is promised of the target over a long time, and what counts as good.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceLevelOptions {
    /// The share of valid requests that is to be good; none takes an availability threshold's limit, or the default.
    pub availability: Option<f64>,
    /// The time that the objective stands over.
    pub period: Duration,
    /// The response time up to which an answer satisfies, Apdex's T; none takes the limit of a threshold on p95.
    pub apdex: Option<Duration>,
    pub client_errors: ClientErrors,
    /// Steps by name whose requests count for nothing here.
    pub exclude_steps: Vec<String>,
    /// From which share of bad requests on a second counts as down.
    pub window_error_share: f64,
}

/// How a failed answer with a status of 400 to 499 counts, other than 429, which is bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientErrors {
    /// The scenario sent what was refused, so something is wrong.
    #[default]
    Bad,
    /// The target did right to refuse it.
    Good,
    /// It says nothing of the target.
    Excluded,
}

impl ServiceLevelOptions {
    /// The objective where nobody says otherwise.
    pub const DEFAULT_AVAILABILITY: f64 = 0.999;
    pub const DEFAULT_PERIOD: Duration = Duration::from_secs(30 * 86_400);
    pub const DEFAULT_WINDOW_ERROR_SHARE: f64 = 0.05;
    pub const MIN_PERIOD: Duration = Duration::from_secs(3_600);
    pub const MAX_PERIOD: Duration = Duration::from_secs(366 * 86_400);

    /// Whether the requests of a step count for nothing; a name counts for the step on both sides of an interleaved run.
    pub fn excludes(&self, step: &str) -> bool {
        let written = step.strip_suffix(CANDIDATE_SUFFIX).unwrap_or(step);
        self.exclude_steps.iter().any(|name| name == step || name == written)
    }
}

impl Default for ServiceLevelOptions {
    fn default() -> Self {
        Self {
            availability: None,
            period: Self::DEFAULT_PERIOD,
            apdex: None,
            client_errors: ClientErrors::default(),
            exclude_steps: Vec::new(),
            window_error_share: Self::DEFAULT_WINDOW_ERROR_SHARE,
        }
    }
}

impl ClientErrors {
    pub const ALL: [Self; 3] = [Self::Bad, Self::Good, Self::Excluded];

    /// The file's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Good => "good",
            Self::Excluded => "excluded",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_excluded_on_both_sides_of_an_interleaved_run() {
        let options = ServiceLevelOptions { exclude_steps: vec!["Health".to_owned()], ..Default::default() };
        assert!(options.excludes("Health") && options.excludes("Health · candidate"));
        assert!(!options.excludes("Healthy") && !options.excludes("Log in · candidate"));
    }
}
