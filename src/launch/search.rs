//! A search for the highest load that meets the targets: one run, whose plan is redrawn from probe to probe.
//!
//! A thread looks at the run each time that it publishes, measures what was held, and orders what follows. Whoever
//! watches reads [`LiveSearch::standing`], and stops the run to end the search.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::analysis::search::{
    Probe, ProbeKind, ProbePlan, Search, SearchEnd, SearchOutcome, SearchSettings, Seconds, Step,
    search_scenario,
};
use crate::engine::{self, EngineError, PlanOrder};
use crate::humanize;
use crate::metrics::{LiveSnapshot, LookBack, Phase};
use crate::model::{
    LoadModel, Plan, PlanChangeKind, PlannedStage, PresentEnd, Scenario, SearchStage, Shape, Stage,
};

use super::{Launch, LaunchError, LiveRun, launch};

/// The run is looked at at least so often.
const LONGEST_NAP: Duration = Duration::from_millis(250);
/// What is still in flight of what was at the end of a probe, when it counts as drained after a second.
const REST_RATIO: f64 = 0.02;
const SECOND: Duration = Duration::from_secs(1);

/// A search under way, as the window and the commands hold it. Dropping it ends neither search nor run.
#[derive(Clone)]
pub struct LiveSearch {
    run: LiveRun,
    settings: Arc<SearchSettings>,
    shared: Arc<Mutex<Arc<SearchStanding>>>,
}

/// Where a search stands.
#[derive(Clone, Debug, Default)]
pub struct SearchStanding {
    /// What it is doing, in a sentence without its full stop: `Probe 3 holds 400/s: 24 s of 1 min`.
    pub sentence: String,
    /// The probes that were judged so far, in order.
    pub probes: Vec<Probe>,
    /// The probe that is under way.
    pub present: Option<ProbePlan>,
    /// How much of the present hold is measured, from 0 to 1.
    pub held_ratio: f64,
    /// What was found; none while it goes on.
    pub outcome: Option<SearchOutcome>,
}

impl LiveSearch {
    /// The run that it is made of.
    pub fn run(&self) -> &LiveRun {
        &self.run
    }

    /// What it goes by.
    pub fn settings(&self) -> &SearchSettings {
        &self.settings
    }

    /// Where it stands.
    pub fn standing(&self) -> Arc<SearchStanding> {
        Arc::clone(&unpoisoned(&self.shared))
    }

    /// Ends it: nothing new is sent, what is in flight may finish, and what is known so far is its outcome.
    pub fn stop(&self) {
        self.run.stop();
    }
}

/// Starts a search as `launch.scenario` asks for it in its `search`; returns while it goes on.
///
/// # Errors
/// Where the scenario cannot be searched, or the run does not start; nothing was kept.
pub fn search(mut launch_it: Launch<'_>) -> Result<LiveSearch, LaunchError> {
    let searched = search_scenario(&launch_it.scenario.resolved())?;
    let settings = SearchSettings::of(&searched)?;
    let at_most = at_most(&searched, &settings);
    if let Some(short) = engine::open_files_short(&at_most) {
        return Err(LaunchError::OpenFiles(super::too_many_users(short)));
    }
    // As many threads as the highest level asks for, since none can be added later.
    let n_workers = engine::facts(&at_most, launch_it.n_workers).n_workers as usize;
    launch_it.n_workers = Some(n_workers);
    (launch_it.scenario, launch_it.time_scale, launch_it.look_back) = (searched, 1.0, LookBack::AllAndRecent);
    let bell = Arc::new(Bell::default());
    let (ring, wake) = (Arc::clone(&bell), launch_it.wake);
    launch_it.wake = Box::new(move || {
        ring.ring();
        wake();
    });
    let run = launch(launch_it)?;
    let search = Search::new(settings.clone());
    let driver = Driver { standing: SearchStanding::default(), search, run: run.clone(), drain: None };
    let shared = Arc::new(Mutex::new(Arc::new(driver.told(&run.snapshot()))));
    let of_thread = Arc::clone(&shared);
    let thread = std::thread::Builder::new().name("search".to_owned());
    if let Err(error) = thread.spawn(move || driver.drive(&bell, &of_thread)) {
        run.abort();
        return Err(EngineError::Thread(error).into());
    }
    Ok(LiveSearch { run, settings: Arc::new(settings), shared })
}

/// The scenario at the highest level that may be tried, by which threads and connections are counted.
fn at_most(searched: &Scenario, settings: &SearchSettings) -> Scenario {
    let mut most = searched.clone();
    most.load.stages = vec![Stage {
        name: "Most".to_owned(),
        duration: SECOND,
        end_level: if matches!(most.load.model, LoadModel::Closed) {
            settings.max.round()
        } else {
            settings.max
        },
        shape: Shape::Step,
    }];
    most
}

/// Wakes the thread of a search.
#[derive(Default)]
struct Bell {
    has_rung: Mutex<bool>,
    rung: Condvar,
}

impl Bell {
    fn ring(&self) {
        *unpoisoned(&self.has_rung) = true;
        self.rung.notify_one();
    }

    fn wait(&self) {
        let guard = unpoisoned(&self.has_rung);
        let waited = self.rung.wait_timeout_while(guard, LONGEST_NAP, |has_rung| !*has_rung);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}

/// The values behind these locks are whole at any moment.
fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Steers a run by what its probes come to.
struct Driver {
    run: LiveRun,
    search: Search,
    standing: SearchStanding,
    drain: Option<Draining>,
}

/// A wait for requests in flight to end.
struct Draining {
    since: Duration,
    n_at_first: u32,
}

impl Driver {
    fn drive(mut self, bell: &Bell, shared: &Mutex<Arc<SearchStanding>>) {
        loop {
            let snapshot = self.run.snapshot();
            let has_ended = matches!(snapshot.phase, Phase::Draining | Phase::Finished);
            if has_ended {
                self.search.interrupted();
            } else if snapshot.paused_since().is_none() {
                self.advance(&snapshot);
            }
            let told = self.told(&snapshot);
            let is_done = told.outcome.is_some();
            *unpoisoned(shared) = Arc::new(told);
            if is_done {
                break;
            }
            bell.wait();
        }
    }

    /// Goes on as far as what was measured allows.
    fn advance(&mut self, snapshot: &LiveSnapshot) {
        match self.search.next() {
            Step::Hold(plan) => self.judge(snapshot, plan, plan.hold_secs),
            Step::Extend(plan) => self.judge(snapshot, plan, 2 * plan.hold_secs),
            Step::Drain => self.drain(snapshot),
            Step::Done(_) => {}
        }
    }

    fn judge(&mut self, snapshot: &LiveSnapshot, probe: ProbePlan, n_seconds: u32) {
        self.standing.held_ratio = 0.0;
        let Some(stage) = stage_of(&snapshot.plan, probe) else { return };
        let held = snapshot.elapsed.saturating_sub(stage.start).as_secs_f64();
        self.standing.held_ratio = (held / f64::from(n_seconds)).min(1.0);
        let settings = self.search.settings();
        let seconds = Seconds {
            history: &snapshot.past,
            points: &snapshot.history,
            error_groups: &snapshot.error_groups,
        };
        // What was measured a moment ago can be read; else the plan ends the run.
        let Ok(Some(figures)) = seconds.of_hold(settings, &snapshot.plan, stage, n_seconds) else { return };
        self.search.judge(figures);
        match self.search.next() {
            Step::Drain => {
                let n_at_first = snapshot.n_in_flight;
                let rest = self.search.settings().drain_stage(probe.number);
                self.redraw(vec![rest], self.last_line());
                self.drain = Some(Draining { since: snapshot.elapsed, n_at_first });
            }
            Step::Done(_) => self.redraw(Vec::new(), self.last_line()),
            Step::Extend(plan) => {
                let level = self.search.settings().level_text(plan.level);
                self.run.annotate(&format!("{level} is undecided after its hold, and held as long again"));
            }
            Step::Hold(_) => {}
        }
    }

    fn last_line(&self) -> String {
        self.search.probes().last().map_or_else(String::new, |probe| probe.line(self.search.settings()))
    }

    fn drain(&mut self, snapshot: &LiveSnapshot) {
        let Some(Draining { since, n_at_first }) = self.drain else { return };
        let waited = snapshot.elapsed.saturating_sub(since);
        // The order takes a moment to reach everybody; until then the load goes on.
        let is_drained = snapshot.n_in_flight == 0 && waited > SECOND / 2
            || waited > SECOND && f64::from(snapshot.n_in_flight) <= f64::from(n_at_first) * REST_RATIO;
        if is_drained {
            self.drain = None;
            self.search.drained();
            let took = humanize::span(waited);
            match self.search.next() {
                Step::Hold(plan) => {
                    let settings = self.search.settings();
                    let words = format!("Idle after {took}; {} follows", settings.level_text(plan.level));
                    let stages = settings.stages(plan.number, plan.kind, plan.level);
                    self.redraw(stages.into(), words);
                }
                _ => self.redraw(Vec::new(), format!("Idle after {took}")),
            }
        } else if waited >= self.search.settings().longest_drain() {
            self.search.never_drained();
            let n = humanize::counted(u64::from(snapshot.n_in_flight), "request");
            self.redraw(Vec::new(), format!("{n} stayed in flight; the search ends"));
        }
    }

    /// The present stage ends, and these follow.
    fn redraw(&self, stages: Vec<Stage>, words: String) {
        self.run.change_plan_by(|plan, at| {
            let level = plan.level_at(at);
            let present = Some(PresentEnd { left: Duration::ZERO, level });
            Some(PlanOrder { kind: PlanChangeKind::Redraw { present, stages }, words: Some(words) })
        });
    }

    /// What there is to be told now.
    fn told(&self, snapshot: &LiveSnapshot) -> SearchStanding {
        let settings = self.search.settings();
        let present = match self.search.next() {
            Step::Hold(plan) | Step::Extend(plan) => Some(plan),
            Step::Drain | Step::Done(_) => None,
        };
        let outcome = match self.search.next() {
            Step::Done(end) => Some(SearchOutcome::new(settings.clone(), self.search.probes().to_vec(), end)),
            _ => None,
        };
        SearchStanding {
            sentence: self.sentence(snapshot, outcome.as_ref()),
            probes: self.search.probes().to_vec(),
            present,
            held_ratio: if present.is_some() { self.standing.held_ratio } else { 0.0 },
            outcome,
        }
    }

    fn sentence(&self, snapshot: &LiveSnapshot, outcome: Option<&SearchOutcome>) -> String {
        let settings = self.search.settings();
        match self.search.next() {
            Step::Hold(plan) | Step::Extend(plan) => {
                let is_extended = matches!(self.search.next(), Step::Extend(_));
                let n_seconds = if is_extended { 2 * plan.hold_secs } else { plan.hold_secs };
                let level = settings.level_text(plan.level);
                let name = match plan.kind {
                    ProbeKind::Confirm => format!("Confirm {}", plan.number),
                    _ => format!("Probe {}", plan.number),
                };
                let held =
                    stage_of(&snapshot.plan, plan).map(|stage| snapshot.elapsed.saturating_sub(stage.start));
                match held.filter(|held| !held.is_zero()) {
                    None => format!("{name} settles at {level}"),
                    Some(held) => format!(
                        "{name} holds {level}: {} s of {}{}",
                        held.as_secs().min(u64::from(n_seconds)),
                        humanize::span(Duration::from_secs(n_seconds.into())),
                        if is_extended { " (extended)" } else { "" }
                    ),
                }
            }
            Step::Drain if snapshot.n_in_flight == 0 => "Idle before the next probe".to_owned(),
            Step::Drain => {
                format!(
                    "Waiting for {} in flight",
                    humanize::counted(u64::from(snapshot.n_in_flight), "request")
                )
            }
            Step::Done(SearchEnd::Interrupted) if snapshot.phase != Phase::Finished => "Ending".to_owned(),
            Step::Done(_) => outcome.map_or_else(String::new, |outcome| outcome.sentence.clone()),
        }
    }
}

/// The stage in which a probe is held, once the plan has it.
fn stage_of(plan: &Plan, probe: ProbePlan) -> Option<&PlannedStage> {
    let wanted = match probe.kind {
        ProbeKind::Confirm => SearchStage::Confirm(probe.number),
        _ => SearchStage::Probe(probe.number),
    };
    plan.stages().iter().find(|stage| SearchStage::of(&stage.name) == Some(wanted))
}
