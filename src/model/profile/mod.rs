//! The load profile: how load arrives over the run, as stages that each end at a level.
//!
//! Beside the description stand the pure operations upon it: gestures, generators, transforms, conversion, text.

pub mod convert;
pub mod edit;
pub mod generate;
mod names;
#[cfg(test)]
mod property_tests;
pub mod text;
pub mod transform;

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How load arrives over the run.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadProfile {
    pub model: LoadModel,
    /// Excluded beginning: charted, kept out of verdicts. Counted from the start of the run.
    pub warm_up: Duration,
    /// How long iterations in flight may take to finish once the plan has ended.
    pub graceful_stop: Duration,
    pub stages: Vec<Stage>,
}

/// What starts an iteration.
#[derive(Clone, Debug, PartialEq)]
pub enum LoadModel {
    /// A set number of virtual users; each starts again when it is done. Levels are users.
    Closed,
    /// Iterations start on a timetable, whatever the answers do. Levels are arrivals per second.
    Open {
        arrivals: Arrivals,
        /// Iterations that may be under way at once; one more due is a dropped iteration.
        max_users: u32,
        /// Seed of random arrivals.
        seed: u64,
    },
}

/// The gaps between arrivals of the open model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrivals {
    /// Evenly spaced along the profile: repeatable.
    Constant,
    /// Exponential gaps along the profile: realistic.
    Poisson,
}

/// A stretch of the profile with a duration and a level reached at its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    pub name: String,
    pub duration: Duration,
    /// Users (closed model) or arrivals per second (open model).
    pub end_level: f64,
    pub shape: Shape,
}

/// How a stage gets to its end level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Linear from the level before.
    Ramp,
    /// At once, then held.
    Step,
}

impl LoadModel {
    pub const DEFAULT_MAX_USERS: u32 = 1_000;
    pub const DEFAULT_SEED: u64 = 1;

    /// An open model with evenly spaced arrivals and default limits.
    pub fn open() -> Self {
        Self::Open {
            arrivals: Arrivals::Constant,
            max_users: Self::DEFAULT_MAX_USERS,
            seed: Self::DEFAULT_SEED,
        }
    }

    pub fn is_open(&self) -> bool {
        matches!(self, Self::Open { .. })
    }
}

impl LoadProfile {
    pub const DEFAULT_GRACEFUL_STOP: Duration = Duration::from_secs(30);
    /// The most stages; results keep a stage's index in 16 bits.
    pub const MAX_STAGES: usize = 10_000;
    /// The longest time of all stages together.
    pub const MAX_DURATION: Duration = Duration::from_secs(7 * 24 * 3_600);
    /// The most users or arrivals per second.
    pub const MAX_LEVEL: f64 = 10_000_000.0;

    /// The sum of the stages' durations.
    pub fn duration(&self) -> Duration {
        // Durations come from people and may be of any length until they are validated.
        self.stages.iter().fold(Duration::ZERO, |sum, stage| sum.saturating_add(stage.duration))
    }

    /// The highest level reached at a stage's end.
    pub fn peak(&self) -> f64 {
        self.stages.iter().map(|stage| stage.end_level).fold(0.0, f64::max)
    }

    /// A level as this profile can have it: within bounds, and whole where it counts users.
    fn possible(&self, level: f64) -> f64 {
        let level = if level.is_finite() { level.clamp(0.0, Self::MAX_LEVEL) } else { 0.0 };
        if self.model.is_open() { level } else { level.round() }
    }
}
