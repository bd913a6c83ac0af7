//! A run under way, as the window and the commands hold it.

use std::sync::Arc;
use std::time::Duration;

use crate::engine::{PlanOrder, RunHandle};
use crate::metrics::{LiveSnapshot, LiveWatch, RunId, RunStart};
use crate::model::{Plan, PlanChangeKind, Scenario};
use crate::monitor::Watch;

use super::keeping::Keeping;

/// A run under way. Dropping it neither ends nor hides the run: it goes on and is kept as long as the program lives.
#[derive(Clone)]
pub struct LiveRun {
    run_id: RunId,
    scenario: Arc<Scenario>,
    base_url: String,
    time_scale: f64,
    handle: RunHandle,
    keeping: Arc<Keeping>,
    /// None where nothing is watched.
    watch: Option<Arc<Watch>>,
}

impl LiveRun {
    pub(super) fn new(
        run_id: RunId,
        start: RunStart,
        handle: RunHandle,
        keeping: Arc<Keeping>,
        watch: Option<Arc<Watch>>,
    ) -> Self {
        let RunStart { scenario, base_url, time_scale, .. } = start;
        Self { run_id, scenario: Arc::new(scenario), base_url, time_scale, handle, keeping, watch }
    }

    pub fn run_id(&self) -> RunId {
        self.run_id
    }

    /// The scenario as it is run, by whose steps results count.
    pub fn scenario(&self) -> &Arc<Scenario> {
        &self.scenario
    }

    /// Where its requests go, a sandbox's own address too.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// By which all durations of the scenario's load are multiplied.
    pub fn time_scale(&self) -> f64 {
        self.time_scale
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
