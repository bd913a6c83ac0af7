//! Makes load: pacer, virtual users, transport, worker-local recorders, collector, live control.
//!
//! Knows no window, no store and no terminal: it publishes snapshots, calls `wake`, and writes to a journal.

mod alarm;
mod batch;
mod checks;
mod clock_watch;
mod closed;
mod collector;
mod conductor;
mod control;
mod crew;
mod errors;
mod exemplar;
mod failure;
mod feeders;
mod hiccups;
mod iteration;
mod job;
mod journal_queue;
mod live;
mod open;
mod open_files;
mod pause;
mod pressure;
mod preview;
mod promptness;
mod recorder;
mod request;
mod reqwest_transport;
mod secrets;
mod self_watch;
mod send_once;
mod thread_times;
mod timers;
mod tls;
mod tokens;
mod traffic;
mod transport;
mod wire;
mod worker;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod testing_tls;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::Arc;
use std::{io, time::Duration};

use tokio::time::Instant;

pub use control::PlanOrder;
pub use feeders::{FeederPreview, FeederProblem, feeder_preview};
pub use job::most_workers;
pub use open_files::{OpenFilesShort, open_files_short, raise_open_files};
pub use preview::{PreviewText, preview};
pub use secrets::{HIDDEN, Secrets};
pub use send_once::{OnceEnd, OnceJob, send_once};
pub use thread_times::ThreadTimes;

use alarm::Alarm;
use collector::Collector;
use conductor::Conductor;
use control::Shared;
use crew::Recruit;
use feeders::Feeders;
use journal_queue::JournalQueue;
use live::{LiveView, Moment};
use request::Supplies;
use self_watch::SelfWatch;
use tokens::TokenDesk;

use crate::metrics::{
    ARRIVED_WHEN_READ, EngineFacts, HostSample, Journal, LimitTotals, LiveSnapshot, LookBack, RunEnd,
    TrafficSample, WatchNews,
};
use crate::model::{Plan, PlanChangeKind, Scenario, TransportKind};

/// What to run.
pub struct RunJob {
    pub scenario: Scenario,
    /// Durations of the profile are multiplied by this.
    pub time_scale: f64,
    /// Where requests go, an `http(s)://` URL (the sandbox's address, when the scenario asks for it).
    pub base_url: String,
    /// Where the candidate's requests go, where the scenario is interleaved.
    pub candidate_base_url: Option<String>,
    /// Where relative paths of certificates, keys and files to send start: the scenario file's folder.
    pub files_root: Option<PathBuf>,
    /// The values of the scenario's secrets, by their names.
    pub secrets: BTreeMap<String, String>,
    /// How many threads make the load; by default as many as the scenario and this machine suggest.
    pub n_workers: Option<usize>,
}

/// What the engine needs from its surroundings.
pub struct Surroundings {
    /// Called once a second from the collector.
    pub sample_host: Box<dyn FnMut() -> Option<HostSample> + Send>,
    /// Called after each published snapshot; must return at once.
    pub wake: Box<dyn Fn() + Send + Sync>,
    /// Asks the target once, after the drain, how many requests it received.
    pub count_at_target: Box<dyn FnOnce() -> Option<u64> + Send>,
    /// Looks at the sums once a second, and may end the run.
    pub watch: Option<Watch>,
    pub look_back: LookBack,
}

/// Says once a second how a run stands and whether it goes on, by its sums and the time since its start.
pub type Watch = Box<dyn FnMut(&LimitTotals, Duration) -> WatchNews + Send>;

/// A run under way; dropping it does not end the run.
#[derive(Clone)]
pub struct RunHandle {
    shared: Arc<Shared>,
}

/// Why a run cannot start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("the HTTP client cannot be set up: {0}")]
    Transport(String),
    #[error("the proxy cannot be used: {error}; give a URL such as http://proxy.example:3128 ({url})")]
    Proxy { error: String, url: String },
    #[error("{what} cannot be used: {reason} ({})", .path.display())]
    TlsFile { what: &'static str, reason: String, path: PathBuf },
    #[error(
        "no token for the requests can be fetched: {reason}; check the endpoint, client and secret ({url})"
    )]
    Token { reason: String, url: String },
    #[error("no thread can be started for the engine: {0}")]
    Thread(#[from] io::Error),
    #[error("feeder `{feeder}` cannot be used: {problem} ({})", .path.display())]
    Feeder { feeder: String, problem: FeederProblem, path: PathBuf },
    #[error("step `{step}` cannot be sent: {error}")]
    Step { step: String, error: String },
    #[error(
        "{n_users} virtual users need about {n_needed} open files, and this system allows {n_allowed}. Raise that \
         limit or use fewer users",
        n_users = .0.n_users, n_needed = .0.n_needed, n_allowed = .0.n_allowed
    )]
    OpenFiles(OpenFilesShort),
}

impl EngineError {
    /// Whether the scenario, or what it names, is the reason; else it is this machine or this program.
    pub fn is_of_input(&self) -> bool {
        match self {
            Self::Proxy { .. }
            | Self::TlsFile { .. }
            | Self::Feeder { .. }
            | Self::Step { .. }
            | Self::Token { .. } => true,
            Self::Transport(_) | Self::Thread(_) | Self::OpenFiles(_) => false,
        }
    }
}

/// Workers get this long to be up before the first iteration is due.
const HEAD_START: Duration = Duration::from_millis(20);

/// How the engine would run a scenario here; known before it starts, so that the record can say it.
pub fn facts(scenario: &Scenario, n_workers: Option<usize>) -> EngineFacts {
    let chosen = scenario.chosen_transport();
    EngineFacts {
        n_workers: job::n_workers(scenario, n_workers) as u32,
        transport: chosen.kind.name().to_owned(),
        transport_reason: chosen.reason,
        timer: Alarm::words().to_owned(),
        arrivals: match chosen.kind {
            TransportKind::Wire => wire::arrivals(),
            TransportKind::Reqwest => ARRIVED_WHEN_READ,
        }
        .to_owned(),
        clock_grain: clock_watch::grain(),
        max_open_files: raise_open_files(),
    }
}

/// A run of which everything is there: files are read, tokens fetched; nothing of it is sent yet.
pub struct ReadyRun {
    scenario: Scenario,
    recruits: Vec<Recruit>,
    feeders: Feeders,
    tokens: Option<TokenDesk>,
}

/// Makes a run of a valid scenario ready, or says what is missing; nothing is written.
pub fn prepare(job: RunJob) -> Result<ReadyRun, EngineError> {
    if let Some(short) = open_files_short(&job.scenario) {
        return Err(EngineError::OpenFiles(short));
    }
    open_files::make_room(&job.scenario);
    let n_workers = job::n_workers(&job.scenario, job.n_workers);
    let mut supplies = Supplies::new(job.files_root.clone(), Secrets::from(job.secrets.clone()));
    let mut feeders = Feeders::new(&job, job::seed(&job.scenario));
    let recruit = |_| Recruit::new(&job, &mut supplies, &mut feeders);
    let recruits = (0..n_workers).map(recruit).collect::<Result<Vec<_>, _>>()?;
    let options = &job.scenario.transport;
    let tokens = TokenDesk::open(&supplies.tokens, &supplies.secrets, options, job.files_root.as_deref())?;
    Ok(ReadyRun { scenario: job.scenario, recruits, feeders, tokens })
}

/// Starts a run; everything measured goes to `journal`.
pub fn start(
    run: ReadyRun,
    journal: Box<dyn Journal>,
    surroundings: Surroundings,
) -> Result<RunHandle, EngineError> {
    let ReadyRun { scenario, recruits, feeders, tokens } = run;
    let n_workers = recruits.len();
    let (plan, n_steps) = (recruits[0].job.plan.clone(), recruits[0].job.n_steps);
    let collector = Collector::new(plan.clone(), n_steps, n_workers);
    let self_watch = SelfWatch::start()?;
    let live = LiveView::new(&plan, n_steps, surroundings.look_back);
    let first = live.snapshot(&collector, Moment::before_start());
    let shared = Arc::new(Shared::new(Instant::now() + HEAD_START, plan.clone(), first));
    let of_feeders = Arc::clone(&shared);
    feeders.ends().listen(move |shortage| of_feeders.fall_short(shortage));
    let lines = crew::muster(&shared, recruits)?;
    let tokens = tokens.map(|desk| desk.stay_open(&shared)).transpose()?;
    let conductor = Conductor {
        collector,
        live,
        journal: JournalQueue::new(journal),
        self_watch,
        sample_host: surroundings.sample_host,
        wake: Arc::from(surroundings.wake),
        count_at_target: Some(surroundings.count_at_target),
        shared: Arc::clone(&shared),
        lines,
        totals: LimitTotals::new(plan, &scenario),
        watch: surroundings.watch,
        tokens,
        n_changes: 0,
        traffic: Vec::new(),
    };
    let of_run = Arc::clone(&shared);
    crew::spawn(&shared, "collector", move || {
        if panic::catch_unwind(AssertUnwindSafe(|| conductor.conduct())).is_err() {
            of_run.give_up();
        }
    })?;
    Ok(RunHandle { shared })
}

impl RunHandle {
    /// The newest view of the run.
    pub fn snapshot(&self) -> Arc<LiveSnapshot> {
        self.shared.snapshot.load_full()
    }

    /// No new iterations; those in flight may finish within the graceful stop.
    pub fn stop(&self) {
        self.shared.stop_by_hand();
    }

    /// Gives requests in flight up and ends the run; what was measured is kept.
    pub fn abort(&self) {
        self.shared.abort_by_hand();
    }

    /// Changes the plan from now on, unless that makes no sense at the moment; says whether it did.
    pub fn change_plan(&self, kind: PlanChangeKind) -> bool {
        self.shared.change_plan(kind)
    }

    /// Changes the plan by what is chosen in view of it, as it is when the change takes effect, and of that time;
    /// says whether it did.
    pub fn change_plan_by(&self, choose: impl FnOnce(&Plan, Duration) -> Option<PlanOrder>) -> bool {
        self.shared.change_plan_by(choose)
    }

    /// Leaves a note at this moment of the run.
    pub fn annotate(&self, text: &str) {
        self.shared.annotate(text);
    }

    /// Waits until the run has ended and its journal is closed.
    pub fn wait(&self) -> RunEnd {
        self.shared.wait()
    }

    /// What was set aside of the run's traffic, once it has ended; whoever asks first gets it.
    pub fn take_traffic(&self) -> Option<TrafficSample> {
        self.shared.take_traffic()
    }

    /// When the run's time began.
    pub fn started_at(&self) -> std::time::Instant {
        self.shared.started_at.into_std()
    }

    /// How the run ended, once it has.
    pub fn end(&self) -> Option<RunEnd> {
        self.shared.end()
    }
}
