//! The run under way, as far as the window knows it.

use std::sync::Arc;

use crate::{
    app::search::SearchNow,
    launch::{LiveRun, LiveSearch},
    metrics::{LiveSnapshot, LiveWatch, Phase, RunId},
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
    /// The search that steers it, where one does.
    search: Option<LiveSearch>,
    pub now: LiveNow,
}

/// What views see of the run under way.
#[derive(Clone, Debug)]
pub struct LiveNow {
    pub run_id: RunId,
    pub scenario: Arc<Scenario>,
    /// As it was at the start.
    pub planned: Arc<Plan>,
    /// With the changes so far; as if resumed now while it is paused.
    pub plan: Arc<Plan>,
    pub snapshot: Arc<LiveSnapshot>,
    /// What monitors see; none where nothing is watched.
    pub watch: Option<Arc<LiveWatch>>,
    /// How far the search is that steers it, where one does.
    pub search: Option<SearchNow>,
}

impl RunState {
    pub fn is_live(&self) -> bool {
        matches!(self, Self::Live(_))
    }

    /// Starting or under way.
    pub fn is_busy(&self) -> bool {
        !matches!(self, Self::Idle)
    }

    /// Why the plan cannot be changed now; none when it can.
    pub fn plan_refusal(&self) -> Option<&'static str> {
        match self.live().map(|live| live.now.snapshot.phase) {
            None => Some("No run is under way"),
            Some(Phase::Draining | Phase::Finished) => Some("The load has ended"),
            Some(Phase::Preparing | Phase::Running) => None,
        }
    }

    pub fn live(&self) -> Option<&Live> {
        match self {
            Self::Live(live) => Some(live),
            _ => None,
        }
    }
}

impl Live {
    pub fn new(run: LiveRun) -> Self {
        let mut now = LiveNow::new(run.run_id(), Arc::clone(run.scenario()), run.snapshot());
        now.planned = Arc::new(Plan::new(run.scenario(), run.time_scale()));
        Self { run, search: None, now }
    }

    /// Takes the newest snapshot.
    pub fn renew(&mut self) {
        self.now.take(self.run.snapshot());
        self.now.watch = self.run.watched();
        if let (Some(search), Some(now)) = (&self.search, &mut self.now.search) {
            now.standing = search.standing();
        }
    }

    /// The run is that of a search.
    pub fn follow(&mut self, search: LiveSearch) {
        self.now.search = Some(SearchNow::of(&search));
        self.search = Some(search);
    }
}

impl LiveNow {
    pub fn new(run_id: RunId, scenario: Arc<Scenario>, snapshot: Arc<LiveSnapshot>) -> Self {
        // All but those of the guided tour run at their own pace.
        let planned = Arc::new(Plan::new(&scenario, 1.0));
        Self { run_id, scenario, planned, plan: shown_plan(&snapshot), snapshot, watch: None, search: None }
    }

    pub fn take(&mut self, snapshot: Arc<LiveSnapshot>) {
        self.plan = shown_plan(&snapshot);
        self.snapshot = snapshot;
    }
}

/// While the load is paused, what is to come moves on with the clock.
fn shown_plan(snapshot: &LiveSnapshot) -> Arc<Plan> {
    if snapshot.plan.is_paused() {
        Arc::new(Plan::clone(&snapshot.plan).resumed_at(snapshot.elapsed))
    } else {
        Arc::clone(&snapshot.plan)
    }
}
