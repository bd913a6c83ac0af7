//! Makes load: pacer, virtual users, transport, worker-local recorders, collector, live control.
//!
//! Knows no window, no store and no terminal: it publishes snapshots, calls `wake`, and writes to a journal.

mod batch;
mod checks;
mod clock_watch;
mod closed;
mod collector;
mod conductor;
mod control;
mod errors;
mod failure;
mod hiccups;
mod iteration;
mod job;
mod journal_queue;
mod live;
mod open;
mod open_files;
mod pause;
mod pressure;
mod recorder;
mod request;
mod reqwest_transport;
mod self_watch;
mod thread_times;
mod timer_slack;
mod tls;
mod transport;
mod worker;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod testing_tls;
#[cfg(test)]
mod tests;

use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::{Arc, mpsc};
use std::{io, thread, time::Duration};

use tokio::time::Instant;

pub use job::most_workers;
pub use open_files::{OpenFilesShort, open_files_short, raise_open_files};
pub use thread_times::ThreadTimes;

use collector::Collector;
use conductor::Conductor;
use control::Shared;
use job::{PreparedJob, Stripe};
use journal_queue::JournalQueue;
use live::{LiveView, Moment};
use recorder::{Outbox, Recorder};
use reqwest_transport::ReqwestTransport;
use self_watch::SelfWatch;
use worker::Worker;

use crate::metrics::{EngineFacts, HostSample, Journal, LiveSnapshot, RunEnd};
use crate::model::Scenario;

/// What to run.
pub struct RunJob {
    pub scenario: Scenario,
    /// Durations of the profile are multiplied by this.
    pub time_scale: f64,
    /// Where requests go, an `http(s)://` URL (the sandbox's address, when the scenario asks for it).
    pub base_url: String,
    /// Where relative paths of certificates and keys start: the scenario file's folder.
    pub files_root: Option<PathBuf>,
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

/// Why a run cannot start.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("the HTTP client cannot be set up: {0}")]
    Transport(String),
    #[error("the proxy cannot be used: {error}; give a URL such as http://proxy.example:3128 ({url})")]
    Proxy { error: String, url: String },
    #[error("{what} cannot be used: {reason} ({})", .path.display())]
    TlsFile { what: &'static str, reason: String, path: PathBuf },
    #[error("no thread can be started for the engine: {0}")]
    Thread(#[from] io::Error),
    #[error("step `{step}` cannot be sent: {error}")]
    Step { step: String, error: String },
    #[error(
        "{n_users} virtual users need about {n_needed} open files, and this system allows {n_allowed}. Raise that \
         limit or use fewer users",
        n_users = .0.n_users, n_needed = .0.n_needed, n_allowed = .0.n_allowed
    )]
    OpenFiles(OpenFilesShort),
}

/// Hand-overs that may wait for the collector, per worker.
const WAITING_BATCHES: usize = 4;
/// Workers get this long to be up before the first iteration is due.
const HEAD_START: Duration = Duration::from_millis(20);

/// How the engine would run a scenario here; known before it starts, so that the record can say it.
pub fn facts(scenario: &Scenario) -> EngineFacts {
    EngineFacts {
        n_workers: job::n_workers(scenario) as u32,
        transport: ReqwestTransport::NAME.to_owned(),
        timer: "tokio timer, grain 1 ms".to_owned(),
        clock_grain: clock_watch::grain(),
        max_open_files: raise_open_files(),
        ..EngineFacts::default()
    }
}

/// Starts a run of a valid scenario; everything measured goes to `journal`.
pub fn start(
    job: RunJob,
    journal: Box<dyn Journal>,
    surroundings: Surroundings,
) -> Result<RunHandle, EngineError> {
    let n_workers = job::n_workers(&job.scenario);
    start_with_workers(job, n_workers, journal, surroundings)
}

/// As [`start`], with as many workers as the caller says: for measuring what they can do.
pub fn start_with_workers(
    job: RunJob,
    n_workers: usize,
    journal: Box<dyn Journal>,
    surroundings: Surroundings,
) -> Result<RunHandle, EngineError> {
    if let Some(short) = open_files_short(&job.scenario) {
        return Err(EngineError::OpenFiles(short));
    }
    let mut parts = Vec::with_capacity(n_workers);
    for _ in 0..n_workers {
        parts.push((PreparedJob::new(&job)?, reqwest_transport(&job)?, worker_runtime()?));
    }
    let (plan, n_steps) = (parts[0].0.plan.clone(), parts[0].0.n_steps);
    let collector = Collector::new(plan.clone(), n_steps, n_workers);
    let self_watch = SelfWatch::start()?;
    let live = LiveView::new(&plan, n_steps);
    let first = live.snapshot(&collector, Moment::before_start());
    let shared = Arc::new(Shared::new(Instant::now() + HEAD_START, first));
    let (to_collector, batches) = mpsc::sync_channel(WAITING_BATCHES * n_workers);
    let mut emptied = Vec::with_capacity(n_workers);
    for (index, (job, transport, runtime)) in parts.into_iter().enumerate() {
        let (give_back, returned) = mpsc::sync_channel(WAITING_BATCHES);
        emptied.push(give_back);
        let outbox = Outbox { to_collector: to_collector.clone(), emptied: returned };
        let recorder = Recorder::new(index, n_steps, outbox);
        let stripe = Stripe { worker: index, n_workers };
        let (orders, started_at) = (shared.orders.subscribe(), shared.started_at);
        let load = move || {
            let worker = Worker::new(job, stripe, transport, recorder, started_at);
            runtime.block_on(worker.run(orders));
        };
        spawn(&shared, &format!("load-{index}"), load)?;
    }
    drop(to_collector);
    let conductor = Conductor {
        plan,
        collector,
        live,
        journal: JournalQueue::new(journal),
        self_watch,
        sample_host: surroundings.sample_host,
        wake: Arc::from(surroundings.wake),
        count_at_target: Some(surroundings.count_at_target),
        shared: Arc::clone(&shared),
        batches,
        emptied,
    };
    let of_run = Arc::clone(&shared);
    spawn(&shared, "collector", move || {
        if panic::catch_unwind(AssertUnwindSafe(|| conductor.conduct())).is_err() {
            of_run.give_up();
        }
    })?;
    Ok(RunHandle { shared })
}

fn reqwest_transport(job: &RunJob) -> Result<ReqwestTransport, EngineError> {
    ReqwestTransport::new(&job.scenario.transport, job.files_root.as_deref())
}

fn worker_runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// Starts a thread of a run; where that fails, the threads before it end at once.
fn spawn(shared: &Shared, name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let started = thread::Builder::new().name(name.to_owned()).spawn(work);
    started.map(drop).inspect_err(|_| shared.abort())
}

impl RunHandle {
    /// The newest view of the run.
    pub fn snapshot(&self) -> Arc<LiveSnapshot> {
        self.shared.snapshot.load_full()
    }

    /// No new iterations; those in flight may finish within the graceful stop.
    pub fn stop(&self) {
        self.shared.stop();
    }

    /// Gives requests in flight up and ends the run; what was measured is kept.
    pub fn abort(&self) {
        self.shared.abort();
    }

    /// Leaves a note at this moment of the run.
    pub fn annotate(&self, text: &str) {
        self.shared.annotate(text);
    }

    /// Waits until the run has ended and its journal is closed.
    pub fn wait(&self) -> RunEnd {
        self.shared.wait()
    }

    /// How the run ended, once it has.
    pub fn end(&self) -> Option<RunEnd> {
        self.shared.end()
    }
}
