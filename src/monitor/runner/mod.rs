//! The thread that reads all monitors of a run: prepared before the load, started with it, finished after it.

mod keeper;
mod published;
mod rounds;
mod slot;
#[cfg(test)]
mod tests;
mod together;

use std::path::PathBuf;
use std::sync::{Arc, mpsc as sync_mpsc};
use std::thread;
use std::time::{Duration, Instant};
use std::{fmt, io};

use arc_swap::ArcSwap;
use tokio::sync::mpsc;

use self::keeper::Keeper;
use self::rounds::{Rounds, Session};
use self::slot::Slot;
use super::mask::Mask;
use super::sources::AnySource;
use crate::metrics::{LiveWatch, WatchJournal};
use crate::model::Monitor;

/// How long all sources together have to be reached before the load starts.
const BEGIN_PATIENCE: Duration = Duration::from_secs(3);

/// How long [`Watch::finish`] waits in all.
const FINISH_PATIENCE: Duration = Duration::from_secs(30);

/// Called when there is something new to draw.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// What is to be watched during a run.
#[derive(Clone, Default)]
pub struct WatchJob {
    /// The enabled monitors of the scenario, their gaps [`filled`](super::filled).
    pub monitors: Vec<Monitor>,
    /// Where relative paths of certificates start: the scenario file's folder.
    pub files_root: Option<PathBuf>,
    /// Values of secrets; no text that leaves the monitors shows them.
    pub secrets: Vec<String>,
}

/// Monitors that were reached, or could not be; nothing is kept yet. Dropped, it ends its thread.
pub struct ReadyWatch {
    commands: mpsc::Sender<Command>,
    live: Arc<ArcSwap<LiveWatch>>,
}

/// Monitors that are read once a second. Dropped, they are read no more.
pub struct Watch {
    commands: mpsc::Sender<Command>,
    live: Arc<ArcSwap<LiveWatch>>,
}

/// What the thread is told.
enum Command {
    Start(Session),
    Finish(Finish),
}

/// The load has ended after `load`; whoever waits is told through `done`.
struct Finish {
    load: Duration,
    done: sync_mpsc::SyncSender<()>,
}

// Secrets stand in it.
impl fmt::Debug for WatchJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.monitors.iter().map(|monitor| &*monitor.name).collect();
        f.debug_struct("WatchJob").field("monitors", &names).finish_non_exhaustive()
    }
}

/// Starts the thread and lets every source begin; returns after three seconds at the latest, whatever the sources do.
pub fn prepare(job: WatchJob) -> io::Result<ReadyWatch> {
    let (commands, receiver) = mpsc::channel(4);
    let live = Arc::new(ArcSwap::from_pointee(LiveWatch::default()));
    let (ready, is_ready) = sync_mpsc::sync_channel(1);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let published = Arc::clone(&live);
    thread::Builder::new().name("monitors".to_owned()).spawn(move || {
        runtime.block_on(run(job, published, receiver, ready));
        // A look-up of a name may still be under way, which nothing can end.
        runtime.shutdown_background();
    })?;
    // Sources are bounded in time; a second more covers a machine that is busy. Nobody there means that it panicked.
    let waited = is_ready.recv_timeout(BEGIN_PATIENCE + Duration::from_secs(1));
    match waited {
        Err(sync_mpsc::RecvTimeoutError::Disconnected) => Err(io::Error::other("the monitors' thread ended")),
        Ok(()) | Err(sync_mpsc::RecvTimeoutError::Timeout) => Ok(ReadyWatch { commands, live }),
    }
}

/// What the thread does, from its beginning to its end.
async fn run(
    job: WatchJob,
    live: Arc<ArcSwap<LiveWatch>>,
    mut commands: mpsc::Receiver<Command>,
    ready: sync_mpsc::SyncSender<()>,
) {
    let mask = Arc::new(Mask::new(&job.secrets, &job.monitors));
    let slots = job.monitors.iter().map(|monitor| {
        let source = AnySource::of(monitor, job.files_root.as_deref());
        Slot::new(monitor, source, Arc::clone(&mask))
    });
    let mut rounds = Rounds::new(slots.collect(), live);
    rounds.begin(BEGIN_PATIENCE).await;
    // Nobody waits any more where preparing was given up.
    _ = ready.send(());
    if let Some(Command::Start(session)) = commands.recv().await {
        rounds.watch(session, &mut commands).await;
    }
}

impl ReadyWatch {
    /// Watches from `started_at` on, and keeps what it sees in the journal.
    pub fn start(
        self,
        journal: Box<dyn WatchJournal>,
        started_at: Instant,
        started_at_unix: Duration,
        wake: Wake,
    ) -> Watch {
        let session =
            Session { keeper: Keeper::new(journal), started_at: started_at.into(), started_at_unix, wake };
        // The channel has room for all there ever is; a thread that has ended sees nothing, and is told by gaps.
        _ = self.commands.try_send(Command::Start(session));
        Watch { commands: self.commands, live: self.live }
    }

    /// What is wrong with the monitors before the load starts, by their place.
    pub fn troubles(&self) -> Vec<Option<String>> {
        self.live.load().troubles.clone()
    }
}

impl Watch {
    /// What was seen until now; renewed once a second.
    pub fn live(&self) -> Arc<LiveWatch> {
        self.live.load_full()
    }

    /// Reads once more, asks each source for what the run came to, and keeps it; waits for that half a minute at most.
    pub fn finish(&self, load: Duration) {
        let (done, is_done) = sync_mpsc::sync_channel(1);
        if self.commands.try_send(Command::Finish(Finish { load, done })).is_ok() {
            // Either all is kept, or what is missing is told as a gap.
            _ = is_done.recv_timeout(FINISH_PATIENCE);
        }
    }
}
