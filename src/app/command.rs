//! Everything the analyst can ask for: a button, its menu entry and its shortcut queue the same command.

use std::{ops::Range, path::PathBuf, sync::Arc, time::Duration};

use super::{
    compare::{Asked, StepMatching},
    design::DesignCommand,
    report::ReportAsked,
    run::{ResponseLines, TileWindow},
    sandbox_panel::SandboxCommand,
    state::Redraw,
    tour::TourCommand,
    what_if::WhatIfAsked,
};
use crate::analysis::what_if::Projection;
use crate::metrics::{RunId, RunLabels};
use crate::model::{Scenario, SearchOptions};
use crate::report::ReportTexts;
use crate::store::{Prunable, RetentionRule};

/// A screen of the rail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    #[default]
    Design,
    Run,
    History,
    Compare,
    Report,
    Settings,
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThemeChoice {
    #[default]
    System,
    Light,
    Dark,
}

/// What becomes of a run under way when the window closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Stop,
    Abort,
}

/// What a file dialog is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    OpenScenario,
    SaveScenario,
    ExportReport(RunId),
    ExportComparison,
    ExportRun(RunId),
    ImportRun,
}

/// A PEM file that the transport reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PemFile {
    Ca,
    Certificate,
    Key,
}

/// A file that the scenario names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilePlace {
    /// The body of a step.
    Body { journey: usize, step: usize },
    /// A part of a step's multipart body.
    Part { journey: usize, step: usize, part: usize },
    /// The rows of a feeder.
    Feeder(usize),
}

/// A question before something that costs.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub title: String,
    /// What happens on yes.
    pub text: String,
    /// The word on the button that says yes.
    pub yes: &'static str,
    pub command: Command,
}

/// Something the analyst asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Show(View),
    /// Shows what keeps the scenario from running.
    ShowProblems,
    /// Goes to the field at a path of the file, such as `load.stages[2].duration`.
    ShowProblem(String),
    ToggleRail,
    TogglePalette,
    /// Shows what the window's frames cost, or hides it.
    ToggleFrameCosts,
    ChooseTheme(ThemeChoice),
    ChooseScale(f32),
    /// Changes the scale by so many tenths.
    Enlarge(i8),
    DismissMessage(usize),
    /// Opens the desktop's own file dialog, where it has one.
    OpenNativeDialog(Purpose),
    /// Asks before it obeys.
    Ask(Box<Question>),
    /// Closes the dialog that is open, if one is.
    CloseDialog,

    NewScenario,
    ShowGallery,
    /// One that comes with the program, or an own one.
    OpenPreset(String),
    /// Asks for name and sentence of a preset.
    BrowseForPreset,
    SavePreset {
        name: String,
        sentence: String,
    },
    DeletePreset(String),
    RestorePreset {
        name: String,
        text: String,
    },
    BrowseForScenario,
    OpenScenario(PathBuf),
    /// Obeys although unsaved edits are lost by it.
    Discard(Box<Command>),
    SaveScenario,
    BrowseForSave,
    /// Asks first where the file holds something that the analyst may not know of.
    SaveScenarioAs(PathBuf),
    /// Saves whatever the file holds.
    OverwriteScenario(PathBuf),
    /// Takes over what another program wrote into the open scenario's file.
    ReloadFile,
    /// Leaves the scenario as it is although its file was changed.
    KeepMine,
    /// Shows what another program changed in the file.
    ShowDifference,
    /// Replaces the scenario by an edited one; `step` joins edits of one gesture into one undo step.
    Edit {
        scenario: Box<Scenario>,
        step: u64,
    },
    Undo,
    Redo,
    /// Sends one iteration of the selected journey, and shows everything.
    SendOnce,
    /// Sends the selected step alone.
    SendStepOnce,
    /// Gives up what is being sent once.
    CancelSendOnce,
    /// Reads the monitor at this place, to see whether it can be read.
    TestMonitor(usize),
    /// Acts on what is selected on the Design screen.
    Design(DesignCommand),
    /// Asks what a change of the target would bring, from a run's response times.
    AskWhatIf(RunId),
    Project(Box<WhatIfAsked>),
    /// Keeps a projection with the run that it was made from.
    KeepProjection(Arc<Projection>),
    /// Opens a run's scenario as changed by the next experiment of one of its findings.
    DesignExperiment(RunId, usize),
    /// Opens the desktop's own dialog for one of the transport's files.
    BrowseForPem(PemFile),
    /// Opens the desktop's own dialog for a file that the scenario names.
    BrowseForFile(FilePlace),
    /// Looks which secrets are set here, and at the files of feeders.
    LookUpData,
    /// Puts an environment in force, or none.
    ChooseEnvironment(Option<String>),

    /// Starts, stops or changes the sandbox of this window.
    Sandbox(SandboxCommand),
    /// Goes on with the guided tour.
    Tour(TourCommand),

    /// Measures what this machine can do.
    Calibrate,
    /// Starts the open scenario; while a run is under way it offers to queue it.
    StartRun,
    /// Asks what the search for the highest load that meets the targets starts from.
    AskSearch,
    StartSearch(Box<SearchOptions>),
    ShowQueue,
    /// Queues repetitions of the open scenario as it is now.
    QueueRuns {
        n_repetitions: u32,
        /// Before each of them.
        pause: Duration,
    },
    /// Lets no queued run start by itself.
    HoldQueue,
    /// Goes on with the queue, at once.
    ContinueQueue,
    ClearQueue,
    /// Removes the queued runs of a series.
    RemoveQueued(String),
    /// Moves the queued runs of a series by so many places.
    MoveQueued(String, isize),
    StopRun,
    AbortRun,
    /// Pauses the load of the run under way, or resumes it.
    PauseOrResume,
    /// Ends the present stage of the run under way now.
    SkipStage,
    /// Makes the present stage of the run under way longer.
    ExtendStage(Duration),
    /// Lets the run under way go on with the stages of the open profile that follow its present one.
    ApplyProfile,
    /// Lets the run under way go on as it was drawn on its ribbon.
    RedrawRun(Box<Redraw>),
    /// Ends the window: at once, or when the run under way is kept.
    CloseWindow(Ending),
    Annotate(String),
    /// Chooses what the numbers of a live run cover.
    ChooseTileWindow(TileWindow),
    /// Chooses the lines of the chart of response times.
    ChooseResponseLines(ResponseLines),

    RefreshHistory,
    /// Reads a kept run and sums it up, so that views can show it.
    LoadRun(RunId),
    /// Shows a kept run on the Run screen.
    OpenRun(RunId),
    /// Shows the run under way on the Run screen again.
    ShowLiveRun,
    /// Lets a kept run run along on the Run screen, or none.
    ChooseGhost(Option<RunId>),
    /// Gives runs a star, or takes it from them.
    StarRuns(Vec<RunId>, bool),
    ReplaceTags(RunId, Vec<String>),
    /// A run's name is one of its labels.
    ReplaceLabels(RunId, RunLabels),
    ReplaceNote(RunId, String),
    MarkBaseline(RunId, bool),
    DeleteRuns(Vec<RunId>),
    RestoreRuns(Vec<RunId>),
    /// Shows how a scenario moved from run to run: the one of this name, or else the open one.
    ShowTrend(Option<String>),
    /// Works out how sure the percentiles of a stretch of a run are.
    FindIntervals(RunId, Range<u32>),
    /// Reads the thresholds that a kept run was judged by.
    ReadThresholds(RunId),
    /// Writes a run into a file of its own.
    ExportRun(RunId, PathBuf),
    /// Takes in a run that was exported.
    ImportRun(PathBuf),
    /// Tells how much runs of one scenario differ, and which change they could show.
    ShowNoise(Vec<RunId>),
    /// Asks which runs are kept.
    ShowRetention,
    KeepRetention(RetentionRule),
    /// Measures what the library takes on disk.
    MeasureLibrary,
    /// Removes deleted runs for good, once that is confirmed.
    AskToPurge,
    PurgeRuns,
    /// Deletes the runs that a rule lets go, as they were shown.
    PruneRuns(Vec<Prunable>),

    /// Compares runs, the baseline first.
    Compare(Vec<RunId>),
    /// Compares as asked, where there is enough to compare.
    CompareAs(Box<Asked>),
    /// Gives up the comparison that is under way.
    CancelComparison,
    /// Remembers which steps belong together, and compares anew.
    MatchSteps(Box<StepMatching>),
    ExportComparison(PathBuf),
    ShowReport(RunId),
    /// Asks for a file.
    BrowseFor(Purpose),
    ExportReport(RunId, PathBuf),
    /// Makes the report on the screen as asked.
    MakeReport(Box<ReportAsked>),
    CancelReport,
    /// Takes the analyst's words and choices for a run's report over.
    EditReport(RunId, Box<ReportTexts>),
}

/// Commands queued while a frame is drawn; the dispatcher obeys them after it.
#[derive(Debug, Default)]
pub struct Commands {
    queue: Vec<Command>,
}

impl Commands {
    pub fn push(&mut self, command: Command) {
        self.queue.push(command);
    }

    /// Takes all queued commands in order.
    pub fn take(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.queue)
    }
}
