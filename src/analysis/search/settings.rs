//! What a search goes by: its levels and times, and the targets that a probe is held to.

use std::time::Duration;

use super::machine::ProbeKind;
use crate::analysis::{shortest_timeout, words::limit_words};
use crate::humanize;
use crate::model::{
    LoadModel, LoadProfile, Metric, Scenario, Scope, SearchOptions, SearchStage, Service, Shape, Stage,
    Threshold, ThresholdSeverity, Window,
};

/// Doublings from the first level to the highest, where nobody says otherwise.
const N_DOUBLINGS: i32 = 10;
/// As many requests should lie beyond a percentile for it to be more than a handful of accidents.
const N_BEYOND: f64 = 10.0;
/// Wilson's upper bound of no errors among n is 3.84 ÷ n.
const N_FOR_NO_ERRORS: f64 = 4.0;
/// A probe is held no longer than so many times what was asked for, however few requests there are.
const MOST_HOLDS: u32 = 10;
/// How long a request of the closed model is taken to need, before anything was measured.
const GUESSED_RESPONSE: Duration = Duration::from_millis(100);
/// How much longer than twice its hold a probe's stage is planned: it ends once it is judged.
const SPARE: Duration = Duration::from_secs(60);

/// Why a scenario cannot be searched, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SearchRefusal(pub String);

/// What a search goes by.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchSettings {
    pub is_open: bool,
    pub start: f64,
    pub max: f64,
    pub hold: Duration,
    pub settle: Duration,
    pub confirm: Duration,
    pub resolution: f64,
    pub max_probes: usize,
    pub targets: Vec<SearchTarget>,
    /// Iterations that may be under way at once (open model).
    pub max_users: Option<u32>,
    /// The shortest timeout of the steps.
    pub timeout: Duration,
    pub(super) warm_up: Duration,
    /// Iterations per second that one more of the level brings, by a guess where answers decide.
    pub(super) iterations_per_level: f64,
}

/// A limit that a probe is held to.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchTarget {
    pub metric: Metric,
    pub scope: Scope,
    /// In the metric's [`Unit`](crate::model::Unit).
    pub limit: f64,
    /// The steps that it covers, by their index.
    pub steps: Vec<usize>,
    requests_per_iteration: f64,
}

impl SearchTarget {
    fn new(scenario: &Scenario, metric: Metric, scope: Scope, limit: f64) -> Option<Self> {
        let covered = scenario.covered_steps(&scope);
        let weight: f64 = scenario.enabled_journeys().map(|(_, journey)| f64::from(journey.weight)).sum();
        let sent: Vec<(usize, usize)> = scenario
            .sent_steps()
            .map(|(index, journey, _)| (index, journey))
            .filter(|(index, _)| covered[*index])
            .collect();
        let requests: f64 =
            sent.iter().map(|(_, journey)| f64::from(scenario.journeys[*journey].weight)).sum();
        let requests_per_iteration = requests / weight;
        let steps = sent.into_iter().map(|(index, _)| index).collect();
        (requests > 0.0 && weight > 0.0).then_some(Self {
            metric,
            scope,
            limit,
            steps,
            requests_per_iteration,
        })
    }

    /// How many requests it takes for bounds that can decide it where all is well.
    fn n_needed(&self) -> f64 {
        match self.metric {
            Metric::Quantile(quantile) => N_BEYOND / (1.0 - quantile),
            Metric::ErrorShare if self.limit > 0.0 => N_FOR_NO_ERRORS / self.limit,
            Metric::Availability if self.limit < 1.0 => N_FOR_NO_ERRORS / (1.0 - self.limit),
            _ => 0.0,
        }
    }

    /// Whether it is about how long requests take.
    pub fn is_of_latency(&self) -> bool {
        matches!(self.metric, Metric::Quantile(_) | Metric::Mean | Metric::Max)
    }

    /// What it asks for: `p95 ≤ 100 ms`, `p95 of step Sign in ≤ 100 ms`.
    pub fn words(&self) -> String {
        let metric = match self.metric {
            Metric::ErrorShare => "error share".to_owned(),
            metric => metric.to_string(),
        };
        let scope = match &self.scope {
            Scope::Run => String::new(),
            scope => format!(" of {}", crate::analysis::scope_words(scope)),
        };
        format!("{metric}{scope} {}", limit_words(self.metric, self.limit))
    }
}

impl SearchSettings {
    /// What a scenario asks of a search.
    ///
    /// # Errors
    /// Where it sets no target that a probe can be held to.
    pub fn of(scenario: &Scenario) -> Result<Self, SearchRefusal> {
        let options = scenario.search.clone().unwrap_or_default();
        let is_open = scenario.load.model.is_open();
        let targets = targets(scenario);
        if targets.is_empty() {
            return Err(SearchRefusal(no_targets()));
        }
        let start = options.start.unwrap_or_else(|| default_start(scenario));
        let most = (start * 2f64.powi(N_DOUBLINGS)).min(LoadProfile::MAX_LEVEL);
        Ok(Self {
            is_open,
            start,
            max: options.max.unwrap_or(most).max(start),
            hold: options.hold.max(SearchOptions::MIN_HOLD),
            settle: options.settle.max(SearchOptions::MIN_SETTLE),
            confirm: options.confirm.max(SearchOptions::MIN_HOLD),
            resolution: options.resolution,
            max_probes: options.max_probes as usize,
            targets,
            max_users: match scenario.load.model {
                LoadModel::Open { max_users, .. } => Some(max_users),
                LoadModel::Closed => None,
            },
            timeout: shortest_timeout(scenario),
            warm_up: scenario.load.warm_up,
            iterations_per_level: if is_open { 1.0 } else { guessed_iterations_per_user(scenario) },
        })
    }

    /// How many whole seconds a probe is held before it is judged: what was asked for, or as long as its percentiles and
    /// error shares need at this level.
    pub fn hold_secs(&self, kind: ProbeKind, level: f64) -> u32 {
        let asked = if kind == ProbeKind::Confirm { self.confirm } else { self.hold }.as_secs_f64().ceil();
        let per_sec = level * self.iterations_per_level;
        let needed =
            self.targets.iter().map(|target| target.n_needed() / (per_sec * target.requests_per_iteration));
        let most = asked * f64::from(MOST_HOLDS);
        needed.fold(asked, f64::max).min(most).ceil() as u32
    }

    /// How long the load of a probe settles: at the first, the scenario's own warm-up is over then.
    pub fn settle_of(&self, number: u32) -> Duration {
        if number == 1 { self.settle.max(self.warm_up) } else { self.settle }
    }

    /// How long nothing is sent at most while requests in flight come to an end.
    pub fn longest_drain(&self) -> Duration {
        self.timeout + Duration::from_secs(30)
    }

    /// A level as a probe can have it: whole users, rates of three digits.
    pub fn rounded(&self, level: f64) -> f64 {
        if !self.is_open {
            return level.round().max(1.0);
        }
        let n_digits = if self.resolution < 1.02 { 4 } else { 3 };
        format!("{level:.*e}", n_digits - 1).parse().unwrap_or(level)
    }

    /// A level with its unit.
    pub fn level_text(&self, level: f64) -> String {
        humanize::level(level, self.is_open)
    }

    /// The stages of a probe: its settling, and its hold, which is planned longer than it takes to judge.
    pub fn stages(&self, number: u32, kind: ProbeKind, level: f64) -> [Stage; 2] {
        let held = match kind {
            ProbeKind::Confirm => SearchStage::Confirm(number),
            _ => SearchStage::Probe(number),
        };
        let stage = |name, duration| Stage { name, duration, end_level: level, shape: Shape::Step };
        let hold = Duration::from_secs(u64::from(self.hold_secs(kind, level))) * 2 + SPARE;
        let level = self.level_text(level);
        [
            stage(SearchStage::Settle(number).to_string(), self.settle_of(number)),
            stage(format!("{held}: {level}"), hold),
        ]
    }

    /// The stage without load after a probe.
    pub fn drain_stage(&self, number: u32) -> Stage {
        Stage {
            name: SearchStage::Drain(number).to_string(),
            duration: self.longest_drain() + SPARE,
            end_level: 0.0,
            shape: Shape::Step,
        }
    }

    /// All targets in words.
    pub fn target_words(&self) -> String {
        let words: Vec<String> = self.targets.iter().map(SearchTarget::words).collect();
        crate::analysis::words::listed(&words)
    }
}

/// The scenario of a search as it is run and kept: its stages are the first probe, its thresholds the targets.
///
/// # Errors
/// Where it cannot be searched.
pub fn search_scenario(scenario: &Scenario) -> Result<Scenario, SearchRefusal> {
    if scenario.interleave.is_some() {
        return Err(SearchRefusal(
            "a search finds the capacity of one target, and this scenario goes to two by turns; leave out [interleave] \
             or --against"
                .to_owned(),
        ));
    }
    let settings = SearchSettings::of(scenario)?;
    let mut searched = scenario.clone();
    let options = searched.search.get_or_insert_default();
    (options.start, options.max) = (Some(settings.start), Some(settings.max));
    // What asks for a certain load, or for a stage of the profile, means nothing here; a probe beyond the capacity must
    // not end the run.
    searched.thresholds.retain(is_put_to_probes);
    for threshold in &mut searched.thresholds {
        (threshold.window, threshold.abort_after) = (Window::Steady, None);
    }
    searched.load.stages = settings.stages(1, ProbeKind::Search, settings.start).into();
    Ok(searched)
}

fn is_put_to_probes(threshold: &Threshold) -> bool {
    !matches!(threshold.metric, Metric::Throughput | Metric::SentShare)
        && !matches!(threshold.window, Window::Stage(_))
}

fn targets(scenario: &Scenario) -> Vec<SearchTarget> {
    let is_target =
        |threshold: &&Threshold| is_put_to_probes(threshold) && threshold.severity != ThresholdSeverity::Info;
    let of_thresholds = scenario.thresholds.iter().filter(is_target);
    let of_thresholds = of_thresholds.filter_map(|threshold| {
        SearchTarget::new(scenario, threshold.metric, threshold.scope.clone(), threshold.limit)
    });
    let budgets = scenario
        .services
        .iter()
        .flat_map(|service: &Service| service.budgets.iter().map(move |budget| (service, budget)));
    let of_budgets = budgets.filter_map(|(service, budget)| {
        SearchTarget::new(scenario, budget.metric, Scope::Service(service.name.clone()), budget.limit)
    });
    of_thresholds.chain(of_budgets).collect()
}

fn no_targets() -> String {
    "the scenario sets no target that a search could hold a load to; add one of response time or errors, such as:\n\n\
     [[thresholds]]\nmetric = \"p95\"\nlimit = \"100ms\""
        .to_owned()
}

/// A tenth of what the scenario asks for at its peak.
fn default_start(scenario: &Scenario) -> f64 {
    let tenth = scenario.load.peak() / 10.0;
    let tenth: f64 = format!("{tenth:.0e}").parse().unwrap_or(tenth);
    let start = if scenario.load.model.is_open() { tenth } else { tenth.round() };
    start.max(1.0)
}

fn guessed_iterations_per_user(scenario: &Scenario) -> f64 {
    let weight: f64 = scenario.enabled_journeys().map(|(_, journey)| f64::from(journey.weight)).sum();
    let secs = scenario.enabled_journeys().map(|(_, journey)| {
        let busy = (journey.think_time.mean() + GUESSED_RESPONSE) * journey.enabled_steps().count() as u32;
        f64::from(journey.weight) * busy.max(journey.pacing.unwrap_or_default()).as_secs_f64()
    });
    weight / secs.sum::<f64>().max(1e-3)
}
