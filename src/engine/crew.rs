//! The workers' threads: each builds its runtime, its transport and its timers where it uses them.

use std::sync::{Arc, mpsc};
use std::{io, thread};

use tokio::runtime::{Builder, LocalOptions, LocalRuntime};
use tokio_rustls::TlsConnector;

use super::alarm::Alarm;
use super::batch::Batch;
use super::collector::sampled_iterations;
use super::control::Shared;
use super::feeders::Feeders;
use super::job::{PreparedJob, Stripe};
use super::recorder::{Outbox, Recorder};
use super::request::Supplies;
use super::reqwest_transport::ReqwestTransport;
use super::timers::Timers;
use super::transport::Transport;
use super::wire::WireTransport;
use super::worker::Worker;
use super::{EngineError, RunJob, promptness, tls};
use crate::model::{Connections, TransportKind};

/// Hand-overs that may wait for the collector, per worker.
const WAITING_BATCHES: usize = 4;

/// One worker before its thread begins.
pub(super) struct Recruit {
    pub job: PreparedJob,
    pub transport: TransportKit,
}

/// What a worker makes its transport from, on its own thread.
pub(super) enum TransportKit {
    Wire { connections: Connections, tls: Option<TlsConnector> },
    Reqwest(Box<ReqwestTransport>),
}

/// The collector's ends of its ways to the workers.
pub(super) struct Lines {
    pub batches: mpsc::Receiver<Batch>,
    /// Each worker's way back for emptied batches.
    pub emptied: Vec<mpsc::SyncSender<Batch>>,
}

impl Recruit {
    pub fn new(job: &RunJob, supplies: &mut Supplies, feeders: &mut Feeders) -> Result<Self, EngineError> {
        let prepared = PreparedJob::new(job, supplies, feeders)?;
        let transport = TransportKit::new(job, &prepared)?;
        Ok(Self { job: prepared, transport })
    }
}

impl TransportKit {
    /// What the job's transport is made from.
    pub fn new(job: &RunJob, prepared: &PreparedJob) -> Result<Self, EngineError> {
        let options = &job.scenario.transport;
        let files_root = job.files_root.as_deref();
        Ok(match job.scenario.chosen_transport().kind {
            TransportKind::Reqwest => Self::Reqwest(Box::new(ReqwestTransport::new(options, files_root)?)),
            TransportKind::Wire => {
                let config = prepared
                    .needs_tls()
                    .then(|| tls::client_config(&options.tls, files_root, tls::ALPN_HTTP1))
                    .transpose()?;
                let tls = config.map(|config| TlsConnector::from(Arc::new(config)));
                Self::Wire { connections: options.connections, tls }
            }
        })
    }
}

/// Starts a thread per worker; where one cannot begin, those before it end at once.
pub(super) fn muster(shared: &Arc<Shared>, recruits: Vec<Recruit>) -> io::Result<Lines> {
    let n_workers = recruits.len();
    let (to_collector, batches) = mpsc::sync_channel(WAITING_BATCHES * n_workers);
    let (to_muster, began) = mpsc::sync_channel(n_workers);
    let mut emptied = Vec::with_capacity(n_workers);
    for (index, recruit) in recruits.into_iter().enumerate() {
        let (give_back, returned) = mpsc::sync_channel(WAITING_BATCHES);
        emptied.push(give_back);
        let outbox = Outbox { to_collector: to_collector.clone(), emptied: returned };
        let sampled = sampled_iterations(&recruit.job.plan);
        let recorder = Recorder::new(index, recruit.job.n_steps, sampled, outbox);
        let stripe = Stripe { worker: index, n_workers };
        let (of_thread, to_muster) = (Arc::clone(shared), to_muster.clone());
        spawn(shared, &format!("load-{index}"), move || {
            let runtime = worker_runtime();
            let Recruit { job, transport } = recruit;
            let _ = to_muster.send(runtime.as_ref().map(drop).map_err(|error| io::Error::from(error.kind())));
            let Ok(runtime) = runtime else { return };
            promptness::sharpen();
            match transport {
                TransportKit::Wire { connections, tls } => {
                    let transport = WireTransport::new(connections, tls);
                    work(&runtime, &of_thread, |timers| {
                        Worker::new(job, stripe, transport, recorder, timers)
                    });
                }
                TransportKit::Reqwest(transport) => {
                    work(&runtime, &of_thread, |timers| {
                        Worker::new(job, stripe, *transport, recorder, timers)
                    });
                }
            }
        })?;
    }
    drop(to_muster);
    began.iter().take(n_workers).collect::<io::Result<()>>().inspect_err(|_| shared.abort())?;
    Ok(Lines { batches, emptied })
}

/// Makes a worker's share of the load, from the start of the run to the end of the drain.
fn work<T: Transport>(runtime: &LocalRuntime, shared: &Shared, worker: impl FnOnce(Timers) -> Worker<T>) {
    let orders = shared.orders.subscribe();
    runtime.block_on(async {
        let timers = Timers::new(Alarm::precise(), shared.started_at);
        worker(timers).run(orders).await;
    });
}

/// Starts a thread of a run; where that fails, the threads before it end at once.
pub(super) fn spawn(shared: &Shared, name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let started = thread::Builder::new().name(name.to_owned()).spawn(work);
    started.map(drop).inspect_err(|_| shared.abort())
}

/// A runtime for tasks that never leave their thread: a task that is woken takes no detour.
pub(super) fn worker_runtime() -> io::Result<LocalRuntime> {
    Builder::new_current_thread().enable_all().build_local(LocalOptions::default())
}
