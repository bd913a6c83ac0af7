//! A run under way, as the window and the commands hold it.

use std::sync::Arc;
use std::time::Duration;

use crate::engine::{PlanOrder, RunHandle};
use crate::metrics::{LiveSnapshot, LiveWatch, RunId};
use crate::model::{Plan, PlanChangeKind, Scenario};
use crate::monitor::Watch;

use super::keeping::Keeping;

/// A run under way. Dropping it neither ends nor hides the run: it goes on and is kept as long as the program lives.
#[derive(Clone)]
pub struct LiveRun {
    run_id: RunId,
    scenario: Arc<Scenario>,
    handle: RunHandle,
    keeping: Arc<Keeping>,
    /// None where nothing is watched.
    watch: Option<Arc<Watch>>,
}

impl LiveRun {
    pub(super) fn new(
        run_id: RunId,
        scenario: Arc<Scenario>,
        handle: RunHandle,
        keeping: Arc<Keeping>,
        watch: Option<Arc<Watch>>,
    ) -> Self {
        Self { run_id, scenario, handle, keeping, watch }
    }

    pub fn run_id(&self) -> RunId {
        self.run_id
    }

    /// The scenario as it is run, by whose steps results count.
    pub fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    pub fn snapshot(&self) -> Arc<LiveSnapshot> {
        self.handle.snapshot()
    }

    /// What monitors saw until now; none where nothing is watched.
    pub fn watched(&self) -> Option<Arc<LiveWatch>> {
        self.watch.as_ref().map(|watch| watch.live())
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

    /// Changes the plan from a moment later on; says whether that makes sense now.
    pub fn change_plan(&self, kind: PlanChangeKind) -> bool {
        self.handle.change_plan(kind)
    }

    /// Changes the plan by what is chosen in view of it and of when the change takes effect; says whether it did.
    // The window's own view is a moment old: a stage may have ended since.
    pub fn change_plan_by(&self, choose: impl FnOnce(&Plan, Duration) -> Option<PlanOrder>) -> bool {
        self.handle.change_plan_by(choose)
    }

    /// Whether the run has ended and is wholly kept, its headline numbers included.
    pub fn is_kept(&self) -> bool {
        self.keeping.is_done()
    }

    /// What went wrong after the run had ended, in plain words; its seconds are kept all the same.
    pub fn trouble(&self) -> Option<String> {
        self.keeping.trouble()
    }

    /// Waits until [`is_kept`](Self::is_kept).
    pub fn wait(&self) {
        self.keeping.wait();
    }
}
