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
    let level = if level.is_finite() { level.min(LoadProfile::MAX_LEVEL) } else { 1.0 };
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
