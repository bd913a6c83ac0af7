//! Everything the analyst can ask for: a button, its menu entry and its shortcut queue the same command.

use std::path::PathBuf;

use crate::metrics::RunId;
use crate::model::Scenario;

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

/// Something the analyst asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    Show(View),
    ToggleRail,
    TogglePalette,
    ChooseTheme(ThemeChoice),
    ChooseScale(f32),
    DismissMessage(usize),

    NewScenario,
    OpenPreset(String),
    BrowseForScenario,
    OpenScenario(PathBuf),
    SaveScenario,
    BrowseForSave,
    SaveScenarioAs(PathBuf),
    /// Replaces the scenario by an edited one; `step` joins edits of one gesture into one undo step.
    Edit {
        scenario: Box<Scenario>,
        step: u64,
    },
    Undo,
    Redo,

    StartRun,
    StopRun,
    AbortRun,
    Annotate(String),

    RefreshHistory,
    /// Shows a kept run on the Run screen.
    OpenRun(RunId),
    AddTag(RunId, String),
    RemoveTag(RunId, String),
    ReplaceNote(RunId, String),
    MarkBaseline(RunId, bool),
    DeleteRun(RunId),
    RestoreRun(RunId),

    Compare {
        baseline: RunId,
        candidate: RunId,
    },
    ShowReport(RunId),
    BrowseForExport(RunId),
    ExportReport(RunId, PathBuf),
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
