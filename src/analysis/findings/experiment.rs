//! The next experiment of a finding: in words, and as a change of the scenario that one click can make.

use std::time::Duration;

use crate::humanize;
use crate::model::{Connections, Journey, LoadModel, LoadProfile, Scenario, Shape, Stage, Threshold, Window};

/// What would tell more.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// A few words; they stand behind the scenario's name.
    pub name: String,
    /// What to do, and what its outcome would tell.
    pub words: String,
    /// What is changed in the scenario that was run; empty where the same is run again.
    pub changes: Vec<ScenarioChange>,
}

/// A change of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub enum ScenarioChange {
    /// Other stages, under this model.
    Load { model: LoadModel, warm_up: Duration, stages: Vec<Stage> },
    /// These journeys alone; all others are switched off.
    OnlyJourneys(Vec<String>),
    /// Requests share connections in another way.
    Connections(Connections),
    /// Whether compressed answers are asked for.
    Compression(bool),
}

/// The longest name of a scenario, in letters.
const MAX_NAME: usize = 200;

/// The lowest rate of the open model that an experiment asks for.
const MIN_RATE: f64 = 0.1;

impl Experiment {
    /// The same scenario again.
    pub fn again(name: impl Into<String>, words: impl Into<String>) -> Self {
        Self { name: name.into(), words: words.into(), changes: Vec::new() }
    }

    /// The same with one more change.
    pub fn with(mut self, change: ScenarioChange) -> Self {
        self.changes.push(change);
        self
    }

    /// The scenario with the experiment's changes in it, under a name of its own.
    // A run of it must not stand in the trend of the scenario that it came from.
    pub fn apply(&self, scenario: &Scenario) -> Scenario {
        let mut changed = scenario.as_written().into_owned();
        for change in &self.changes {
            change.apply(&mut changed);
        }
        changed.name = named(&scenario.name, &self.name);
        changed
    }
}

impl ScenarioChange {
    /// The load held at each of these levels in turn, `hold` long each.
    pub fn staircase(load: &LoadProfile, levels: &[f64], hold: Duration) -> Self {
        let is_open = load.model.is_open();
        let mut levels: Vec<f64> = levels.iter().map(|level| possible(*level, is_open)).collect();
        levels.dedup();
        let stage = |(index, level): (usize, &f64)| Stage {
            name: format!("Level {} ({})", index + 1, humanize::level(*level, is_open)),
            duration: hold,
            end_level: *level,
            shape: Shape::Step,
        };
        let stages = levels.iter().enumerate().map(stage).collect();
        Self::Load { model: load.model.clone(), warm_up: Duration::ZERO, stages }
    }

    /// One level held, after half a minute of warm-up at the same level.
    pub fn hold(load: &LoadProfile, level: f64, hold: Duration) -> Self {
        Self::hold_after(load, level, hold, Duration::from_secs(30))
    }

    /// One level held, after a warm-up of this length.
    pub fn hold_after(load: &LoadProfile, level: f64, hold: Duration, warm_up: Duration) -> Self {
        let level = possible(level, load.model.is_open());
        let stages = vec![Stage {
            name: format!("Hold ({})", humanize::level(level, load.model.is_open())),
            duration: hold + warm_up,
            end_level: level,
            shape: Shape::Step,
        }];
        Self::Load { model: load.model.clone(), warm_up, stages }
    }

    /// All stages of a profile at this share of their level.
    pub fn scaled(load: &LoadProfile, share: f64) -> Self {
        let is_open = load.model.is_open();
        let stage = |stage: &Stage| {
            let level = stage.end_level * share;
            // A rest stays one.
            let end_level = if stage.end_level > 0.0 { possible(level, is_open) } else { 0.0 };
            Stage { end_level, ..stage.clone() }
        };
        let stages = load.stages.iter().map(stage).collect();
        Self::Load { model: load.model.clone(), warm_up: load.warm_up, stages }
    }

    fn apply(&self, scenario: &mut Scenario) {
        match self {
            Self::Load { model, warm_up, stages } => {
                scenario.load.model = model.clone();
                scenario.load.warm_up = *warm_up;
                scenario.load.stages.clone_from(stages);
                // Pairs of blocks that fitted into the stages of before need not fit into these.
                scenario.interleave = None;
                let stages = &scenario.load.stages;
                scenario.thresholds.iter_mut().for_each(|threshold| settle(threshold, stages));
            }
            Self::OnlyJourneys(names) => {
                let is_kept = |journey: &Journey| names.contains(&journey.name);
                if scenario.journeys.iter().any(is_kept) {
                    for journey in &mut scenario.journeys {
                        journey.enabled = names.contains(&journey.name);
                    }
                }
            }
            Self::Connections(connections) => scenario.transport.connections = *connections,
            Self::Compression(is_asked_for) => scenario.transport.compression = *is_asked_for,
        }
    }
}

/// A threshold on a stage that is no longer there stands on all steady ones.
fn settle(threshold: &mut Threshold, stages: &[Stage]) {
    if let Window::Stage(name) = &threshold.window
        && stages.iter().all(|stage| stage.name != *name)
    {
        threshold.window = Window::Steady;
    }
}

/// A level that can be asked for: whole users, at least one; at least some rate.
fn possible(level: f64, is_open: bool) -> f64 {
    let level = if level.is_nan() { 1.0 } else { level.min(LoadProfile::MAX_LEVEL) };
    if is_open { rounded(level.max(MIN_RATE)) } else { level.round().max(1.0) }
}

/// Three digits: a rate of 141.7281/s looks measured, and is chosen.
fn rounded(rate: f64) -> f64 {
    format!("{rate:.2e}").parse().unwrap_or(rate)
}

fn named(scenario: &str, experiment: &str) -> String {
    let suffix = format!(": {experiment}");
    let room = MAX_NAME.saturating_sub(suffix.chars().count());
    let beginning: String = scenario.chars().take(room).collect();
    format!("{beginning}{suffix}").chars().take(MAX_NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;
    use crate::model::{CANDIDATE_SUFFIX, Candidate, Interleave, Metric, Scope, ThresholdSeverity, validate};

    fn applied(scenario: &Scenario, change: ScenarioChange) -> Scenario {
        let experiment = Experiment { name: "test".to_owned(), words: String::new(), changes: vec![change] };
        let changed = experiment.apply(scenario);
        let errors: Vec<_> = validate(&changed).into_iter().filter(|problem| problem.is_error()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        changed
    }

    #[test]
    fn levels_are_those_that_can_be_asked_for_and_each_once() {
        let closed = sample::scenario();
        let hold = Duration::from_secs(60);
        let levels = |scenario: &Scenario, wanted: &[f64]| -> Vec<f64> {
            let changed = applied(scenario, ScenarioChange::staircase(&scenario.load, wanted, hold));
            changed.load.stages.iter().map(|stage| stage.end_level).collect()
        };
        assert_eq!(levels(&closed, &[0.2, 0.4, 1.4, 2.6, f64::INFINITY]), [1.0, 3.0, 1e7]);
        assert_eq!(levels(&sample::open_scenario(), &[0.0, 141.728_1, 1_234.5]), [0.1, 142.0, 1_230.0]);
        // The same level twice tells load from time, unless one follows the other.
        assert_eq!(levels(&closed, &[5.0, 10.0, 5.0]), [5.0, 10.0, 5.0]);
    }

    #[test]
    fn thresholds_on_stages_that_are_gone_stand_on_all_steady_ones() {
        let mut scenario = sample::scenario();
        scenario.thresholds = vec![Threshold {
            metric: Metric::Max,
            scope: Scope::Run,
            window: Window::Stage("Spike (200)".to_owned()),
            limit: 1.0,
            severity: ThresholdSeverity::Must,
            abort_after: None,
        }];
        let held = ScenarioChange::hold(&scenario.load, 40.0, Duration::from_secs(60));
        let changed = applied(&scenario, held);
        assert_eq!(changed.thresholds[0].window, Window::Steady);
        assert_eq!(changed.load.warm_up, Duration::from_secs(30));
        assert_eq!(changed.load.duration(), Duration::from_secs(90));
        let scaled = applied(&scenario, ScenarioChange::scaled(&scenario.load, 0.5));
        assert_eq!(scaled.thresholds[0].window, Window::Stage("Spike (200)".to_owned()));
        assert_eq!(scaled.load.stages[2].end_level, 100.0);
    }

    #[test]
    fn an_interleaved_run_is_tried_again_on_one_side_and_as_it_was_written() {
        let candidate = Candidate::BaseUrl("http://10.0.0.8:4600".to_owned());
        let mut scenario = sample::scenario();
        scenario.interleave = Some(Interleave::with(candidate));
        let run = scenario.interleaved();
        let changed = applied(&run, ScenarioChange::hold(&run.load, 5.0, Duration::from_secs(60)));
        assert!(changed.interleave.is_none());
        assert!(changed.journeys.iter().all(|journey| !journey.name.ends_with(CANDIDATE_SUFFIX)));
    }

    #[test]
    fn a_journey_that_is_not_there_switches_none_off() {
        let mut scenario = sample::scenario();
        let mut other = scenario.journeys[0].clone();
        other.name = "Other".to_owned();
        scenario.journeys.push(other);
        let only = |name: &str| {
            let changed = applied(&scenario, ScenarioChange::OnlyJourneys(vec![name.to_owned()]));
            changed.journeys.iter().map(|journey| journey.enabled).collect::<Vec<_>>()
        };
        assert_eq!(only("Other"), [false, true]);
        assert_eq!(only("Nowhere"), [true, true]);
    }

    #[test]
    fn its_name_is_its_own_and_not_too_long() {
        let scenario = Scenario { name: "é".repeat(200), ..sample::scenario() };
        let changed = applied(&scenario, ScenarioChange::Compression(true));
        assert_eq!(changed.name.chars().count(), 200);
        assert!(changed.name.ends_with("é: test") && changed.transport.compression);
        let pooled = applied(&scenario, ScenarioChange::Connections(Connections::Pooled));
        assert_eq!(pooled.transport.connections, Connections::Pooled);
    }
}
