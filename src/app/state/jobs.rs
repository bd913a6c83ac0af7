//! Slow work off the frame: threads whose outcomes come back by channel; stale ones are dropped.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use egui::Context;

use super::{LoadedRun, ProbeTestEnd};
use crate::{
    analysis::{StretchIntervals, what_if::Projection},
    app::{
        command::{FilePlace, PemFile, Purpose},
        compare::{Asked, Compared},
        design::DataSeen,
        own_presets::PresetChange,
        report::{MadeReport, ReportAsked},
        tour::ProjectionsKept,
        what_if::WhatIfAsked,
    },
    engine::OnceEnd,
    launch::{KnownCalibration, LiveRun, LiveSearch, RunNoise},
    metrics::{Calibration, RunId},
    model::{Probe, Scenario, Threshold},
    sandbox::{SandboxProcess, SandboxState},
    store::{DiskUse, EditsKept, Library, OwnPreset, Purged, RunListing},
};

/// Work of which only the newest counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    Listings,
    Run(RunId),
    Thresholds(RunId),
    /// Intervals and report of an open run.
    Precise(RunId),
    Launch,
    SendOnce,
    /// The connection of a monitor.
    ProbeTest,
    Open,
    Save,
    Dialog,
    Export,
    /// The report on the screen.
    Report,
    /// What a change would bring.
    WhatIf,
    /// The comparison on the screen.
    Compare,
    /// What the library takes on disk.
    DiskUse,
    /// How sure a stretch's percentiles are.
    Intervals,
    /// How much runs differ.
    Noise,
    /// What this machine can do.
    Machine,
    Edits,
    /// The analyst's own presets.
    Presets,
    /// Secrets and files of feeders.
    Data,
    SandboxStart,
    /// What the sandbox is like.
    SandboxState,
    SandboxChange,
    /// What the optimisation of the tour would bring.
    TourProjection,
    /// Each counts, as changes must not be dropped.
    Change(u64),
}

/// What a job came to; errors are worded for the analyst.
pub enum Outcome {
    Listings(Result<Vec<RunListing>, String>),
    Loaded(RunId, Result<Arc<LoadedRun>, String>),
    /// An open run has its intervals and its report now.
    Precise(RunId, Result<(), String>),
    Launched(Result<LiveRun, String>),
    SearchLaunched(Result<Box<LiveSearch>, String>),
    /// How what was sent once ended; its steps come on their own way.
    SentOnce(Result<OnceEnd, String>),
    /// What the test of a monitor's connection came to.
    ProbeTested(Box<Probe>, ProbeTestEnd),
    Opened(PathBuf, Result<String, String>),
    Saved {
        path: PathBuf,
        scenario: Arc<Scenario>,
        text: String,
        result: Result<(), String>,
    },
    /// Nothing was written: the file holds something that the analyst may not know of.
    SaveNeedsAnswer(PathBuf),
    /// A path from a native dialog; none when cancelled or when the desktop has no dialog.
    Chosen(Purpose, Option<PathBuf>),
    /// The same for one of the transport's files.
    ChosenPem(PemFile, Option<PathBuf>),
    /// The same for a file that the scenario names.
    ChosenFile(FilePlace, Option<PathBuf>),
    /// What was found of secrets and files of feeders.
    DataSeen(DataSeen),
    /// Something in the library changed, with words for it, if it needs any.
    Changed(Result<Option<String>, String>),
    /// Runs left the list; what did not is told in words.
    Deleted {
        runs: Vec<RunId>,
        trouble: Option<String>,
    },
    /// The thresholds that a kept run was judged by; none where they cannot be read.
    ThresholdsRead(RunId, Vec<Threshold>),
    SettingKept(Result<(), String>),
    EditsKept(Result<EditsKept, String>),
    MachineKnown(Result<KnownCalibration, String>),
    Calibrated(Result<Calibration, String>),
    /// The analyst's own presets.
    Presets(Result<Vec<OwnPreset>, String>),
    PresetRead(String, Result<String, String>),
    PresetChanged(Result<PresetChange, String>),
    /// A report or a comparison was written.
    Exported(PathBuf, Result<(), String>),
    /// None where it was cancelled.
    Compared(Box<Asked>, Result<Option<Box<Compared>>, String>),
    /// The analyst's words in a report are kept.
    TextsKept(Result<(), String>),
    Projected(Box<WhatIfAsked>, Result<Box<Projection>, String>),
    ProjectionKept(RunId, Result<(), String>),
    /// None where it was given up.
    ReportMade(Box<ReportAsked>, Result<Option<Box<MadeReport>>, String>),
    /// What the library takes on disk, at a revision of its list.
    Measured(u64, Result<DiskUse, String>),
    /// Deleted runs are removed for good.
    Purged(Result<Purged, String>),
    /// How sure the percentiles of a run's stretch are.
    IntervalsFound(RunId, Result<Box<StretchIntervals>, String>),
    /// How much these runs differ; none where it was cancelled.
    NoiseKnown(Vec<RunId>, Result<Option<Box<RunNoise>>, String>),
    SandboxStarted(Result<SandboxProcess, String>),
    /// What the sandbox at an address is like, or why it does not say.
    SandboxSaid(String, Result<SandboxState, String>),
    /// The same after a change.
    SandboxChanged(String, Result<SandboxState, String>),
    /// What was projected from a run for the tour.
    TourProjected(RunId, Result<ProjectionsKept, String>),
    /// Which steps belong together is kept.
    StepsMatched(Result<(), String>),
}

type LibraryTask = Box<dyn FnOnce(&Library) + Send>;

/// Starts jobs and hands their outcomes out.
pub struct Jobs {
    ctx: Context,
    sender: SyncSender<(Slot, u64, Outcome)>,
    receiver: Receiver<(Slot, u64, Outcome)>,
    newest: HashMap<Slot, u64>,
    next_id: u64,
    /// All library work goes through one thread, so that it happens in order.
    librarian: Librarian,
    /// But edits are kept by another: summing up a long run must not hold them up.
    edit_librarian: Librarian,
}

impl Jobs {
    pub fn new(ctx: Context, library: Option<Library>) -> Self {
        let (sender, receiver) = sync_channel(64);
        let edits = library.as_ref().and_then(|library| Library::open(library.path()).ok());
        let (librarian, edit_librarian) = (Librarian::new(library), Librarian::new(edits));
        Self { ctx, sender, receiver, newest: HashMap::new(), next_id: 0, librarian, edit_librarian }
    }

    pub fn ctx(&self) -> &Context {
        &self.ctx
    }

    /// Runs `work` on a thread of its own.
    pub fn spawn(&mut self, slot: Slot, work: impl FnOnce() -> Outcome + Send + 'static) {
        let post = self.ticket(slot);
        std::thread::spawn(move || post(work()));
    }

    /// Runs `work` on the library's thread, after all that was asked before.
    pub fn on_library(&mut self, slot: Slot, work: impl FnOnce(&Library) -> Outcome + Send + 'static) {
        if self.librarian.tasks.is_some() {
            let post = self.ticket(slot);
            self.librarian.give(Box::new(move |library| post(work(library))));
        }
    }

    /// Keeps edits on the thread for them.
    pub fn keep_edits(&mut self, work: impl FnOnce(&Library) -> Outcome + Send + 'static) {
        let is_there = self.edit_librarian.tasks.is_some();
        if !is_there && self.librarian.tasks.is_none() {
            return;
        }
        let post = self.ticket(Slot::Edits);
        let librarian = if is_there { &self.edit_librarian } else { &self.librarian };
        librarian.give(Box::new(move |library| post(work(library))));
    }

    /// A change that must happen, whatever else is asked for.
    pub fn change(
        &mut self,
        work: impl FnOnce(&Library) -> Result<Option<String>, crate::store::StoreError> + Send + 'static,
    ) {
        let slot = self.change_slot();
        self.on_library(slot, |library| Outcome::Changed(work(library).map_err(|error| error.to_string())));
    }

    /// Keeps a setting; a failure shows as a message.
    pub fn keep_setting(&mut self, key: &'static str, value: String) {
        let slot = self.change_slot();
        self.on_library(slot, move |library| {
            Outcome::SettingKept(library.keep_setting(key, &value).map_err(|error| error.to_string()))
        });
    }

    /// A slot for a change that must happen, whatever else is asked for.
    pub fn change_slot(&self) -> Slot {
        Slot::Change(self.next_id)
    }

    fn ticket(&mut self, slot: Slot) -> impl FnOnce(Outcome) + Send + use<> {
        let id = self.next_id;
        self.next_id += 1;
        self.newest.insert(slot.clone(), id);
        let (sender, ctx) = (self.sender.clone(), self.ctx.clone());
        move |outcome| {
            // The window may be gone; then nobody wants to know.
            let _ = sender.send((slot, id, outcome));
            ctx.request_repaint();
        }
    }

    /// The next outcome that is still wanted.
    pub fn next(&mut self) -> Option<Outcome> {
        while let Ok((slot, id, outcome)) = self.receiver.try_recv() {
            if self.newest.get(&slot) == Some(&id) {
                self.newest.remove(&slot);
                return Some(outcome);
            }
        }
        None
    }

    /// Whether a job of this slot is under way.
    pub fn is_under_way(&self, slot: &Slot) -> bool {
        self.newest.contains_key(slot)
    }

    /// Lets all library work finish; the window is about to go.
    pub fn finish(&mut self) {
        for librarian in [&mut self.edit_librarian, &mut self.librarian] {
            librarian.tasks = None;
            if let Some(thread) = librarian.thread.take() {
                while !thread.is_finished() {
                    // Outcomes are taken out so that a full channel does not hold the librarian up.
                    let _ = self.receiver.recv_timeout(Duration::from_millis(10));
                }
            }
        }
    }
}

impl Drop for Jobs {
    fn drop(&mut self) {
        self.finish();
    }
}

/// A thread that works on a library of its own.
struct Librarian {
    tasks: Option<Sender<LibraryTask>>,
    thread: Option<JoinHandle<()>>,
}

impl Librarian {
    fn new(library: Option<Library>) -> Self {
        let Some(library) = library else { return Self { tasks: None, thread: None } };
        let (tasks, receiver) = channel::<LibraryTask>();
        let thread = std::thread::spawn(move || receiver.into_iter().for_each(|task| task(&library)));
        Self { tasks: Some(tasks), thread: Some(thread) }
    }

    // The thread ends only after this sender is gone, so the task arrives.
    fn give(&self, task: LibraryTask) {
        if let Some(tasks) = &self.tasks {
            let _ = tasks.send(task);
        }
    }
}
