//! The load profile: how load arrives over the run, as stages that each end at a level.

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

    /// The sum of the stages' durations.
    pub fn duration(&self) -> Duration {
        // Durations come from people and may be of any length until they are validated.
        self.stages.iter().fold(Duration::ZERO, |sum, stage| sum.saturating_add(stage.duration))
    }
}
