//! What the window holds between frames; views borrow it, the dispatcher changes it.

mod bench;
mod future;
mod jobs;
mod keeper;
mod live;
mod machine;
mod messages;
mod once;
mod probe_tests;
mod queue;
mod redraw;
mod shelf;
mod timeline;
mod watch;

pub use bench::Workbench;
pub use future::{Future, apply_refusal};
pub use jobs::{Jobs, Outcome, Slot};
pub use keeper::{EditKeeper, KeepNews};
pub use live::{Live, LiveNow, RunState};
pub use machine::Machine;
pub use messages::{Message, Messages, Tone};
pub use once::{Once, OnceStep, Sent};
#[cfg(test)]
pub use probe_tests::sample_test;
pub use probe_tests::{ProbeTestEnd, ProbeTests};
pub use queue::{QUEUE_SETTING, Queue, QueueEntry};
pub use redraw::Redraw;
pub use shelf::{LoadedRun, Precise, Shelf};
pub use timeline::{Moment, Timeline};
pub use watch::{FileNews, FileWatch};

use std::path::PathBuf;

use egui::Context;

use super::{
    command::{Command, Ending, ThemeChoice, View},
    compare::CompareView,
    design::DesignView,
    history::HistoryView,
    pacing::Pacer,
    report::ReportView,
    run::RunView,
    sandbox_panel::SandboxDesk,
    settings::SettingsView,
    shell::{Dialog, FileChange, GalleryView, PaletteView},
    tour::{TOUR_SETTING, TourView},
};
use crate::{
    metrics::RunId,
    store::{Library, RetentionRule, StoreError},
};

/// Everything that the window holds.
pub struct State {
    pub view: View,
    pub rail_collapsed: bool,
    pub theme: ThemeChoice,
    pub scale: f32,
    pub bench: Workbench,
    pub shelf: Shelf,
    pub run_state: RunState,
    /// The runs that wait.
    pub queue: Queue,
    pub once: Once,
    pub probe_tests: ProbeTests,
    pub machine: Machine,
    pub messages: Messages,
    pub jobs: Jobs,
    pub dialog: Option<Dialog>,
    pub palette: PaletteView,
    pub gallery: GalleryView,
    pub design: DesignView,
    pub run: RunView,
    pub history: HistoryView,
    /// Which runs are kept, as far as the analyst says so.
    pub retention: RetentionRule,
    pub compare: CompareView,
    pub report: ReportView,
    pub settings: SettingsView,
    /// The built-in target that stays up between runs.
    pub sandbox: SandboxDesk,
    pub tour: TourView,
    /// Set once the analyst wants the window gone as soon as the run is kept.
    pub closing: Option<Ending>,
    /// A run whose verdict is to be said once it is summed up.
    pub announce: Option<RunId>,
    /// What of the open scenario and its undo steps is kept.
    pub edit_keeper: EditKeeper,
    pub file_watch: FileWatch,
    /// A changed file that is to be asked about.
    pub file_change: Option<Box<FileChange>>,
    pub pacer: Pacer,
    pub frame_costs_shown: bool,
}

/// A library that was opened before there is a window, or why it cannot be.
pub struct OpenedLibrary {
    path: PathBuf,
    library: Result<Library, StoreError>,
}

impl OpenedLibrary {
    pub fn open(path: PathBuf) -> Self {
        let library = Library::open(&path);
        Self { path, library }
    }

    /// How large everything is to be, by the last visit; 1 is as designed.
    pub fn scale(&self) -> f32 {
        let kept = self.library.as_ref().ok().and_then(|library| library.setting("scale").ok().flatten());
        kept.and_then(|text| text.parse().ok()).map_or(1.0, |scale: f32| scale.clamp(0.8, 2.0))
    }
}

impl State {
    #[cfg(test)]
    pub fn new(ctx: &Context, library_path: PathBuf) -> Self {
        Self::of(ctx, OpenedLibrary::open(library_path))
    }

    /// Takes up where the last visit ended.
    pub fn of(ctx: &Context, opened: OpenedLibrary) -> Self {
        let mut messages = Messages::default();
        let scale = opened.scale();
        let OpenedLibrary { path: library_path, library } = opened;
        let library = match library {
            Ok(library) => Some(library),
            Err(error) => {
                messages.fail(format!(
                    "The run library cannot be opened, so nothing can be run or kept: {error}"
                ));
                None
            }
        };
        let setting = |key: &str| library.as_ref().and_then(|library| library.setting(key).ok().flatten());
        let theme = setting("theme").map_or_else(ThemeChoice::default, |name| theme_named(&name));
        let queue = setting(QUEUE_SETTING);
        let rail_collapsed = setting("rail").is_some_and(|text| text == "collapsed");
        let run = RunView::with_choices(setting("tile_window"), setting("response_lines"));
        let mut edit_keeper = EditKeeper::default();
        let restored =
            library.as_ref().map_or_else(|| Ok(Workbench::default()), |library| edit_keeper.restore(library));
        let bench = restored.unwrap_or_else(|error| {
            messages.fail(format!("The edits of the last visit did not come back: {error}"));
            Workbench::default()
        });
        let (tour, tour_trouble) = TourView::restored(setting(TOUR_SETTING));
        if let Some(error) = tour_trouble {
            messages.fail(format!("The tour of the last visit did not come back: {error}"));
        }
        let retention = library.as_ref().and_then(|library| library.retention().ok()).unwrap_or_default();
        let shelf = Shelf::new(library_path, library.is_some());
        let mut state = Self {
            view: View::Design,
            rail_collapsed,
            theme,
            scale,
            bench,
            shelf,
            run_state: RunState::Idle,
            queue: Queue::default(),
            once: Once::default(),
            probe_tests: ProbeTests::default(),
            machine: Machine::default(),
            messages,
            jobs: Jobs::new(ctx.clone(), library),
            dialog: None,
            palette: PaletteView::default(),
            gallery: GalleryView::default(),
            design: DesignView::default(),
            run,
            history: HistoryView::default(),
            retention,
            compare: CompareView::default(),
            report: ReportView::default(),
            settings: SettingsView::default(),
            sandbox: SandboxDesk::default(),
            tour,
            closing: None,
            announce: None,
            edit_keeper,
            file_watch: FileWatch::new(ctx.clone()),
            file_change: None,
            pacer: Pacer::default(),
            frame_costs_shown: false,
        };
        state.apply_look(ctx);
        state.shelf.refresh(&mut state.jobs);
        Machine::look_up(&mut state.jobs);
        state.refresh_presets();
        state.restore_queue(queue);
        state
    }

    /// Puts theme and scale in force.
    pub fn apply_look(&self, ctx: &Context) {
        ctx.set_theme(match self.theme {
            ThemeChoice::System => egui::ThemePreference::System,
            ThemeChoice::Light => egui::ThemePreference::Light,
            ThemeChoice::Dark => egui::ThemePreference::Dark,
        });
        ctx.set_zoom_factor(self.scale);
    }

    /// Why a command cannot be obeyed now, for tooltips and the palette; none when it can.
    pub fn refusal(&self, command: &Command) -> Option<String> {
        match command {
            Command::Undo if !self.bench.can_undo() => Some("Nothing to undo".to_owned()),
            Command::Redo if !self.bench.can_redo() => Some("Nothing to redo".to_owned()),
            // It offers to queue then.
            Command::StartRun if self.run_state.is_busy() => None,
            Command::StartRun => self.start_refusal(),
            Command::QueueRuns { .. } => self.queue_refusal(),
            Command::ClearQueue if self.queue.is_empty() => Some("Nothing waits".to_owned()),
            Command::HoldQueue if !self.queue.goes_on() => Some("No run waits for its turn".to_owned()),
            Command::ContinueQueue if self.queue.is_empty() => Some("Nothing waits".to_owned()),
            Command::SendOnce | Command::SendStepOnce => self.send_refusal(command),
            Command::CancelSendOnce if !self.once.is_under_way() => Some("Nothing is being sent".to_owned()),
            Command::Calibrate => self.calibrate_refusal(),
            Command::Sandbox(command) => self.sandbox_refusal(command),
            Command::StopRun | Command::AbortRun if !self.run_state.is_live() => {
                Some("No run is under way".to_owned())
            }
            Command::PauseOrResume | Command::SkipStage | Command::ExtendStage(_) | Command::RedrawRun(_) => {
                self.run_state.plan_refusal().map(str::to_owned)
            }
            Command::ApplyProfile => apply_refusal(&self.bench, &self.run_state),
            Command::SaveScenario
            | Command::BrowseForSave
            | Command::BrowseForPreset
            | Command::Design(_)
                if !self.bench.is_open() =>
            {
                Some("No scenario is open".to_owned())
            }
            Command::BrowseForPreset if self.bench.n_errors() > 0 => {
                Some("The scenario has problems; solve them, so that the preset can be opened".to_owned())
            }
            Command::Design(command) => {
                let scenario = self.bench.scenario()?;
                self.design.refusal(*command, scenario).map(str::to_owned)
            }
            _ => None,
        }
    }

    fn start_refusal(&self) -> Option<String> {
        self.keeping_refusal().or_else(|| self.bench.run_refusal())
    }

    fn calibrate_refusal(&self) -> Option<String> {
        if self.machine.measuring().is_some() {
            return Some("A calibration is under way".to_owned());
        }
        if self.run_state.is_busy() {
            return Some("A run is under way; both would measure each other".to_owned());
        }
        let unusable = "The run library cannot be opened, so a calibration could not be kept";
        (!self.shelf.is_usable()).then(|| unusable.to_owned())
    }
}

fn theme_named(name: &str) -> ThemeChoice {
    match name {
        "light" => ThemeChoice::Light,
        "dark" => ThemeChoice::Dark,
        _ => ThemeChoice::System,
    }
}

/// The name under which a theme is kept.
pub fn theme_name(theme: ThemeChoice) -> &'static str {
    match theme {
        ThemeChoice::System => "system",
        ThemeChoice::Light => "light",
        ThemeChoice::Dark => "dark",
    }
}
