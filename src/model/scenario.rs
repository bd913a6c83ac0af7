//! The scenario: what the analyst describes and saves.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Auth, Budget, Environment, Feeder, Interleave, LoadProfile, Monitor, SandboxUrl, Scope, SearchOptions,
    SearchStage, SecretSource, ServiceLevelOptions, Side, Step, Threshold, TransportOptions,
};

/// What the analyst describes and saves.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    pub name: String,
    pub description: String,
    /// Where requests go: an `http(s)://` URL, or one that [`SandboxUrl`] reads.
    pub base_url: String,
    /// A request without an answer after this long is a timeout.
    pub timeout: Duration,
    /// Constant values for `{{name}}` in paths, queries, headers, bodies and credentials.
    pub variables: BTreeMap<String, String>,
    /// Values for `{{name}}` that are looked up when a run starts, and never kept or shown.
    pub secrets: BTreeMap<String, SecretSource>,
    /// Other places to run against, with what is different there.
    pub environments: Vec<Environment>,
    /// Name of the environment in force; none leaves the scenario as it stands.
    pub environment: Option<String>,
    /// Rows of data for `{{feeder.column}}`.
    pub feeders: Vec<Feeder>,
    /// How requests prove who sends them, where a step does not say otherwise.
    pub auth: Auth,
    pub transport: TransportOptions,
    /// Where requests go by turns with the base URL; none in most scenarios.
    pub interleave: Option<Interleave>,
    /// How the highest load that meets the targets is searched; none in most scenarios.
    pub search: Option<SearchOptions>,
    pub load: LoadProfile,
    pub journeys: Vec<Journey>,
    pub services: Vec<Service>,
    pub thresholds: Vec<Threshold>,
    pub service_levels: ServiceLevelOptions,
    /// What is watched beside the load.
    pub monitors: Vec<Monitor>,
}

/// A sequence of steps that one iteration walks through.
#[derive(Clone, Debug, PartialEq)]
pub struct Journey {
    pub name: String,
    /// Whether iterations walk it; one that is switched off keeps its place in the file.
    pub enabled: bool,
    /// Share of iterations relative to the other journeys' weights.
    pub weight: u32,
    /// Pause after each step (not counted in any latency).
    pub think_time: ThinkTime,
    /// Closed model: a user's iterations are meant to start this far apart; late ones start at once.
    pub pacing: Option<Duration>,
    /// Which side of an interleaved run it is walked for; none in a scenario as it is written.
    pub side: Option<Side>,
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

/// A named part of the target with latency budgets; steps belong to it by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    pub name: String,
    pub budgets: Vec<Budget>,
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

    /// A scenario with a load and nothing to send yet.
    pub fn new(name: impl Into<String>, base_url: impl Into<String>, load: LoadProfile) -> Self {
        Self {
            name: name.into(),
            description: String::new(),
            base_url: base_url.into(),
            timeout: Self::DEFAULT_TIMEOUT,
            variables: BTreeMap::new(),
            secrets: BTreeMap::new(),
            environments: Vec::new(),
            environment: None,
            feeders: Vec::new(),
            auth: Auth::None,
            transport: TransportOptions::default(),
            interleave: None,
            search: None,
            load,
            journeys: Vec::new(),
            services: Vec::new(),
            thresholds: Vec::new(),
            service_levels: ServiceLevelOptions::default(),
            monitors: Vec::new(),
        }
    }

    /// All steps in order, each with its journey's index: the order that `step` indexes in results follow.
    pub fn steps(&self) -> impl Iterator<Item = (usize, &Step)> {
        self.journeys
            .iter()
            .enumerate()
            .flat_map(|(index, journey)| journey.steps.iter().map(move |step| (index, step)))
    }

    /// The steps that iterations send, each with its index among all [`Self::steps`] and its journey's.
    pub fn sent_steps(&self) -> impl Iterator<Item = (usize, usize, &Step)> {
        let steps = self.steps().enumerate();
        steps
            .filter(|(_, (journey, step))| self.journeys[*journey].enabled && step.enabled)
            .map(|(index, (journey, step))| (index, journey, step))
    }

    /// Whether a scope covers each of all [`Self::steps`]; several steps of one name count together.
    pub fn covered_steps(&self, scope: &Scope) -> Vec<bool> {
        let covers = |(journey, step): (usize, &Step)| match scope {
            Scope::Run => true,
            Scope::Step(name) => step.name == *name,
            Scope::Journey(name) => self.journeys[journey].name == *name,
            Scope::Service(name) => step.service.as_ref() == Some(name),
        };
        self.steps().map(covers).collect()
    }

    /// The number of steps of all journeys.
    pub fn n_steps(&self) -> usize {
        self.journeys.iter().map(|journey| journey.steps.len()).sum()
    }

    /// The journeys that iterations walk, with their index.
    pub fn enabled_journeys(&self) -> impl Iterator<Item = (usize, &Journey)> {
        self.journeys.iter().enumerate().filter(|(_, journey)| journey.enabled)
    }

    /// The scenario as it is in its environment: base URL and variables of the environment in force.
    // Doing it twice changes nothing, so a kept scenario can be run again as it is.
    pub fn resolved(&self) -> Self {
        let mut resolved = self.clone();
        let Some(environment) = self.chosen_environment() else { return resolved };
        if !self.is_within(environment) {
            resolved.settle_candidate();
        }
        if let Some(base_url) = &environment.base_url {
            resolved.base_url.clone_from(base_url);
        }
        resolved.variables.extend(environment.variables.clone());
        resolved
    }

    /// Whether an environment would change nothing.
    fn is_within(&self, environment: &Environment) -> bool {
        environment.base_url.as_ref().is_none_or(|base_url| *base_url == self.base_url)
            && environment.variables.iter().all(|(name, value)| self.variables.get(name) == Some(value))
    }

    /// The environment in force, if it exists.
    pub fn chosen_environment(&self) -> Option<&Environment> {
        let name = self.environment.as_ref()?;
        self.environments.iter().find(|environment| environment.name == *name)
    }

    /// How the requests of a step prove who sends them.
    pub fn auth_of<'a>(&'a self, step: &'a Step) -> &'a Auth {
        step.auth.as_ref().unwrap_or(&self.auth)
    }

    /// Whether it is the scenario of a search, whose stages are probes; a search's own stages begin by settling.
    pub fn is_search(&self) -> bool {
        let first = self.load.stages.first().and_then(|stage| SearchStage::of(&stage.name));
        self.search.is_some() && first == Some(SearchStage::Settle(1))
    }

    /// Whether the built-in target is asked for.
    pub fn targets_sandbox(&self) -> bool {
        SandboxUrl::of(&self.base_url).is_some()
    }
}

impl Journey {
    /// A journey of weight 1 without pauses and steps.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            enabled: true,
            weight: 1,
            think_time: ThinkTime::None,
            pacing: None,
            side: None,
            steps: Vec::new(),
        }
    }

    /// The steps that are sent.
    pub fn enabled_steps(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.enabled)
    }
}
