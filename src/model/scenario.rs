//! The scenario: what the analyst describes and saves.

use std::{collections::BTreeMap, time::Duration};

use super::{Budget, LoadProfile, Threshold, TransportOptions};

/// The base URL that asks for the built-in target.
pub const SANDBOX_BASE_URL: &str = "sandbox:";

/// What the analyst describes and saves.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    pub name: String,
    pub description: String,
    /// Where requests go: an `http(s)://` URL, or [`SANDBOX_BASE_URL`].
    pub base_url: String,
    /// A request without an answer after this long is a timeout.
    pub timeout: Duration,
    /// Constant values for `{{name}}` in paths, headers and bodies.
    pub variables: BTreeMap<String, String>,
    pub transport: TransportOptions,
    pub load: LoadProfile,
    pub journeys: Vec<Journey>,
    pub services: Vec<Service>,
    pub thresholds: Vec<Threshold>,
}

/// A sequence of steps that one iteration walks through.
#[derive(Clone, Debug, PartialEq)]
pub struct Journey {
    pub name: String,
    /// Share of iterations relative to the other journeys' weights.
    pub weight: u32,
    /// Pause after each step (not counted in any latency).
    pub think_time: ThinkTime,
    /// Closed model: a user's iterations are meant to start this far apart; late ones start at once.
    pub pacing: Option<Duration>,
    pub steps: Vec<Step>,
}

/// How long a virtual user pauses after a step.
#[derive(Clone, Debug, PartialEq)]
pub enum ThinkTime {
    None,
    Fixed(Duration),
    Uniform { min: Duration, max: Duration },
    Normal { mean: Duration, std_dev: Duration },
    LogNormal { median: Duration, p95: Duration },
}

/// One request within an iteration.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub name: String,
    pub service: Option<String>,
    /// HTTP method in capitals.
    pub method: String,
    /// Path and query below the base URL, or a whole `http(s)://` URL.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Body,
    pub checks: Vec<Check>,
    pub extracts: Vec<Extract>,
    /// Overrides the scenario's timeout.
    pub timeout: Option<Duration>,
}

/// What a step sends.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    None,
    Text(String),
    /// Sent with `content-type: application/json` unless the step sets one.
    Json(String),
}

/// An assertion on one response; failing does not stop the run.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    Status(u16),
    BodyContains(String),
    JsonPathExists(String),
    JsonPathEquals {
        path: String,
        value: String,
    },
    HeaderContains {
        name: String,
        text: String,
    },
    /// Service time at most this.
    MaxDuration(Duration),
}

/// Takes a value out of a response into a variable of this virtual user.
#[derive(Clone, Debug, PartialEq)]
pub struct Extract {
    pub name: String,
    pub jsonpath: String,
}

/// A named part of the target with latency budgets; steps belong to it by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    pub name: String,
    pub budgets: Vec<Budget>,
}

impl Step {
    /// A request for `path` with nothing to it: no service, headers, body, checks or extracts.
    pub fn get(name: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            service: None,
            method: "GET".to_owned(),
            path: path.into(),
            headers: Vec::new(),
            body: Body::None,
            checks: Vec::new(),
            extracts: Vec::new(),
            timeout: None,
        }
    }
}

impl ThinkTime {
    /// The mean pause (capped normal and log-normal tails aside).
    pub fn mean(&self) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::Fixed(pause) => *pause,
            Self::Uniform { min, max } => (*min + *max) / 2,
            Self::Normal { mean, .. } => *mean,
            Self::LogNormal { median, p95 } => {
                // ln X ~ N(ln median, sigma), p95 = median * exp(1.6449 sigma), mean = median * exp(sigma^2 / 2).
                let sigma = log_normal_sigma(*median, *p95);
                median.mul_f64((sigma * sigma / 2.0).exp())
            }
        }
    }
}

/// The standard deviation of the logarithm, from median and 95th percentile.
pub fn log_normal_sigma(median: Duration, p95: Duration) -> f64 {
    const Z95: f64 = 1.644_853_626_951_472_6;
    if median.is_zero() || p95 <= median {
        return 0.0;
    }
    (p95.as_secs_f64() / median.as_secs_f64()).ln() / Z95
}

impl Scenario {
    pub const FORMAT: i64 = 1;
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);

    /// All steps in order, each with its journey's index: the order that `step` indexes in results follow.
    pub fn steps(&self) -> impl Iterator<Item = (usize, &Step)> {
        self.journeys
            .iter()
            .enumerate()
            .flat_map(|(index, journey)| journey.steps.iter().map(move |step| (index, step)))
    }

    /// The number of steps of all journeys.
    pub fn n_steps(&self) -> usize {
        self.journeys.iter().map(|journey| journey.steps.len()).sum()
    }

    /// Whether the built-in target is asked for.
    pub fn targets_sandbox(&self) -> bool {
        self.base_url == SANDBOX_BASE_URL
    }
}
