//! Makes load: pacer, virtual users, transport, worker-local recorders, collector, live control.
//!
//! Knows no window, no store and no terminal: it publishes snapshots, calls `wake`, and writes to a journal.

use std::sync::Arc;

use crate::metrics::{EngineFacts, HostSample, Journal, LiveSnapshot, RunEnd};
use crate::model::Scenario;

/// What to run.
pub struct RunJob {
    pub scenario: Scenario,
    /// Durations of the profile are multiplied by this.
    pub time_scale: f64,
    /// Where requests go, an `http(s)://` URL (the sandbox's address, when the scenario asks for it).
    pub base_url: String,
}

/// What the engine needs from its surroundings.
pub struct Surroundings {
    /// Called once a second from the collector.
    pub sample_host: Box<dyn FnMut() -> Option<HostSample> + Send>,
    /// Called after each published snapshot; must return at once.
    pub wake: Box<dyn Fn() + Send + Sync>,
    /// Asks the target once, after the drain, how many requests it received.
    pub count_at_target: Box<dyn FnOnce() -> Option<u64> + Send>,
}

/// A run under way; dropping it does not end the run.
#[derive(Clone)]
pub struct RunHandle {
    shared: Arc<Shared>,
}

struct Shared {}

/// Why a run cannot start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("the HTTP client cannot be set up: {0}")]
    Transport(String),
    #[error("no thread can be started for the engine: {0}")]
    Thread(#[from] std::io::Error),
}

/// How the engine would run a scenario here; known before it starts, so that the record can say it.
pub fn facts(scenario: &Scenario) -> EngineFacts {
    let _ = scenario;
    todo!()
}

/// Starts a run of a valid scenario; everything measured goes to `journal`.
pub fn start(
    job: RunJob,
    journal: Box<dyn Journal>,
    surroundings: Surroundings,
) -> Result<RunHandle, EngineError> {
    let _ = (job, journal, surroundings);
    todo!()
}

impl RunHandle {
    /// The newest view of the run.
    pub fn snapshot(&self) -> Arc<LiveSnapshot> {
        let _ = &self.shared;
        todo!()
    }

    /// No new iterations; those in flight may finish within the graceful stop.
    pub fn stop(&self) {
        todo!()
    }

    /// Gives requests in flight up and ends the run; what was measured is kept.
    pub fn abort(&self) {
        todo!()
    }

    /// Leaves a note at this moment of the run.
    pub fn annotate(&self, text: &str) {
        let _ = text;
        todo!()
    }

    /// Waits until the run has ended and its journal is closed.
    pub fn wait(&self) -> RunEnd {
        todo!()
    }

    /// How the run ended, once it has.
    pub fn end(&self) -> Option<RunEnd> {
        todo!()
    }
}
