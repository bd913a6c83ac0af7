//! The run under way, as far as the window knows it.

use std::sync::Arc;

use crate::{
    launch::LiveRun,
    metrics::{LiveSnapshot, RunId},
    model::{Plan, Scenario},
};

/// Whether a run is under way.
#[derive(Default)]
pub enum RunState {
    #[default]
    Idle,
    /// Sandbox, library and engine are being set up.
    Starting(Arc<Scenario>),
    Live(Box<Live>),
}

/// A run under way with its handle.
pub struct Live {
    pub run: LiveRun,
    pub now: LiveNow,
}

/// What views see of the run under way.
#[derive(Clone, Debug)]
pub struct LiveNow {
    pub run_id: RunId,
    pub scenario: Arc<Scenario>,
    pub plan: Arc<Plan>,
    pub snapshot: Arc<LiveSnapshot>,
}

impl RunState {
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Live(_))
    }

    /// Starting or under way.
    pub fn is_busy(&self) -> bool {
        !matches!(self, Self::Idle)
    }

    pub fn live(&self) -> Option<&Live> {
        match self {
            Self::Live(live) => Some(live),
            _ => None,
        }
    }
}

impl Live {
    pub fn new(run: LiveRun, scenario: Arc<Scenario>) -> Self {
        let plan = Arc::new(Plan::new(&scenario, 1.0));
        let now = LiveNow { run_id: run.run_id(), scenario, plan, snapshot: run.snapshot() };
        Self { run, now }
    }

    /// Takes the newest snapshot.
    pub fn renew(&mut self) {
        self.now.snapshot = self.run.snapshot();
    }
}
