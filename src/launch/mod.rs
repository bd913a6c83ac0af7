//! From press to kept record: sandbox, library, engine in order; the window and the commands start runs here.

use std::{path::Path, sync::Arc};

use crate::engine::{EngineError, RunHandle};
use crate::metrics::{LiveSnapshot, RunId, RunLabels};
use crate::model::Scenario;
use crate::sandbox::SandboxError;
use crate::store::StoreError;

/// What to run and how.
pub struct Launch<'a> {
    /// Valid, with variables in place.
    pub scenario: Scenario,
    pub time_scale: f64,
    pub labels: RunLabels,
    pub library: &'a Path,
    /// Called after each published snapshot; must return at once.
    pub wake: Box<dyn Fn() + Send + Sync>,
}

/// A run under way, with the sandbox that belongs to it.
pub struct LiveRun {
    run_id: RunId,
    handle: RunHandle,
}

/// Why a run did not start; nothing was kept.
#[derive(Debug, thiserror::Error)]
pub enum LaunchError {
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The target does not answer at all.
    #[error("{0}")]
    Unreachable(String),
}

/// Starts a run and returns while it goes on.
pub fn launch(launch: Launch<'_>) -> Result<LiveRun, LaunchError> {
    let _ = launch;
    todo!()
}

impl LiveRun {
    pub fn run_id(&self) -> RunId {
        self.run_id
    }

    pub fn snapshot(&self) -> Arc<LiveSnapshot> {
        self.handle.snapshot()
    }

    pub fn stop(&self) {
        self.handle.stop();
    }

    pub fn abort(&self) {
        self.handle.abort();
    }

    pub fn annotate(&self, text: &str) {
        self.handle.annotate(text);
    }

    /// Whether the run has ended and is wholly kept, its headline numbers included.
    pub fn is_kept(&self) -> bool {
        todo!()
    }

    /// Waits until [`is_kept`](Self::is_kept).
    pub fn wait(&self) {
        todo!()
    }
}
