//! What the user changes in a plan while its run goes on.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Stage;

/// A change of the plan from a moment of the run on; what was planned before that moment stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlanChange {
    /// Since the start of the run.
    pub at: Duration,
    pub kind: PlanChangeKind,
}

/// What is changed; durations are the run's own, never multiplied by its time scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanChangeKind {
    /// The level is nought until the plan is resumed; the present stage goes on where it stopped.
    Pause,
    Resume,
    /// The present stage ends here and the next begins.
    SkipStage,
    /// The present stage ends later: a held level is held longer, a ramp reaches its level later.
    ExtendStage(Duration),
    /// These stages follow the present one, in place of those not yet reached.
    ReplaceFuture(Vec<Stage>),
}
