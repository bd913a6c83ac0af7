//! The Design screen: the load profile drawn and tabled, journeys, targets, transport and problems.
//!
//! Parts write into a copy of the scenario; if it differs at the end of the frame, one edit is queued.

mod basics;
mod canvas;
mod commands;
mod data;
mod derive;
mod edit;
mod first_start;
mod inspector;
mod interleave;
mod journeys;
mod last_run;
mod load_model;
mod load_tab;
mod marks;
mod monitors;
mod place;
mod problems;
mod readouts;
mod send_once;
mod service_levels;
mod shape_form;
pub(super) mod snap;
mod stage_table;
mod targets;
mod templated;
mod text_panel;
mod tools;
mod transform_form;
mod transport;
mod tree;

use egui::{Id, Ui};

use super::{
    command::{Command, Commands},
    state::{Machine, Once, ProbeTests, RunState, Shelf, Workbench},
    widgets,
};
use crate::model::Scenario;
pub(super) use canvas::{growth, with_room};
pub use commands::DesignCommand;
pub use data::DataSeen;
use derive::DeriveView;
use marks::{Jump, Marks};
pub use monitors::{Start, clock_words, group_words};
use place::Place;

/// A part of the scenario.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tab {
    #[default]
    Load,
    Journeys,
    Targets,
    Monitors,
    Transport,
    Data,
    Basics,
    Problems,
}

/// What the Design screen works on: the open scenario, beside the run under way.
pub struct Desk<'a> {
    pub bench: &'a Workbench,
    pub run_state: &'a RunState,
    /// Earlier runs, for estimates.
    pub shelf: &'a Shelf,
    /// What this machine can do.
    pub machine: &'a Machine,
    pub once: &'a Once,
    /// What came of testing monitors.
    pub tests: &'a ProbeTests,
}

/// What the Design screen shows.
#[derive(Debug, Default)]
pub struct DesignView {
    tab: Tab,
    canvas: canvas::CanvasView,
    tool: tools::Tool,
    planned: Option<readouts::Planned>,
    journeys: journeys::JourneysView,
    data: data::DataView,
    monitors: monitors::MonitorsView,
    jump: Jump,
    /// Open while limits are derived from a run.
    derive: Option<DeriveView>,
    /// Edits of one gesture are one undo step.
    gesture: u64,
    focus: Option<Id>,
}

impl DesignView {
    /// Forgets what belonged to the scenario before.
    pub fn reset(&mut self) {
        *self = Self { gesture: self.gesture + 1, ..Self::default() };
    }

    /// Shows what keeps the scenario from running.
    pub fn show_problems(&mut self) {
        self.tab = Tab::Problems;
    }

    /// Shows the field at a path of the file and puts the cursor into it.
    pub fn show_field(&mut self, field: &str) {
        let place = Place::of(field);
        self.tab = place.tab;
        if let Some(stage) = place.stage {
            self.canvas.show(stage);
        }
        if let Some(monitor) = place.monitor {
            self.monitors.show(monitor);
        }
        self.journeys.show(&place, field);
        self.jump = Jump::to(field);
    }

    /// What is selected in the tree of journeys.
    pub fn selected(&self, scenario: &Scenario) -> journeys::Selected {
        self.journeys.selected_in(scenario)
    }

    /// Shows what is being sent once.
    pub fn show_once(&mut self) {
        self.tab = Tab::Journeys;
        self.journeys.show_once();
    }

    /// Takes what was found of secrets and files.
    pub fn take_data(&mut self, seen: DataSeen) {
        self.data.take(seen);
    }

    /// For an edit that comes from elsewhere.
    pub fn next_gesture(&mut self) -> u64 {
        self.gesture += 1;
        self.gesture
    }

    #[cfg(test)]
    pub fn hovered_stage(&self) -> Option<usize> {
        self.canvas.hovered
    }

    /// A gesture lasts from press to release, or while one field is written in.
    fn note_gesture(&mut self, ui: &Ui) {
        let focus = ui.memory(|memory| memory.focused());
        let (pressed, held) = ui.input(|input| {
            (input.pointer.any_pressed(), input.pointer.any_down() || input.pointer.any_released())
        });
        let writes_on = ui.ctx().text_edit_focused() && focus == self.focus;
        if pressed || !(held || writes_on) {
            self.gesture += 1;
        }
        self.focus = focus;
    }
}

pub fn design_ui(ui: &mut Ui, view: &mut DesignView, desk: &Desk<'_>, commands: &mut Commands) {
    let bench = desk.bench;
    let Some(scenario) = bench.scenario() else {
        first_start::first_start_ui(ui, commands);
        return;
    };
    view.note_gesture(ui);
    view.data.look(scenario, bench.path().map(AsRef::as_ref), commands);
    let mut edited = Scenario::clone(scenario);
    let jump = view.jump.clone();
    let marks = Marks::new(bench.problems(), &jump);
    let is_fixed = view.tab == Tab::Journeys && journeys::is_wide(ui);
    widgets::page_or_pane(ui, "design", is_fixed, |ui| {
        tabs_ui(ui, view, bench);
        problems::tab_problems_ui(ui, bench.problems(), view.tab, commands);
        // Problems come and go above; the fields below must not take that for a change of their own.
        let below = egui::UiBuilder::new().scope_id(ui.make_persistent_id("tab"));
        ui.scope_builder(below, |ui| match view.tab {
            Tab::Load => load_tab::load_ui(ui, view, &mut edited, &Part { desk, marks: &marks }, commands),
            Tab::Journeys => {
                let (columns, revision) = (view.data.columns(), bench.revision());
                let mut work = journeys::Work { marks: &marks, commands, columns, revision, once: desk.once };
                let asked = journeys::journeys_ui(ui, &mut view.journeys, &mut edited, &mut work, is_fixed);
                view.tab = asked.unwrap_or(view.tab);
            }
            Tab::Targets => targets_tab_ui(ui, view, &mut edited, &Part { desk, marks: &marks }, commands),
            Tab::Monitors => {
                let (columns, tests) = (view.data.columns(), desk.tests);
                let mut work = monitors::MonitorsWork { marks: &marks, columns, tests, commands };
                monitors::monitors_ui(ui, &mut view.monitors, &mut edited, &mut work);
            }
            Tab::Transport => transport::transport_ui(ui, &mut edited, &marks, commands),
            Tab::Basics => basics::basics_ui(ui, &mut edited, (&marks, bench.plan()), view.data.columns()),
            Tab::Data => data::data_ui(ui, &mut view.data, &mut edited, (bench, &marks), commands),
            Tab::Problems => problems::problems_ui(ui, bench.problems(), commands),
        });
    });
    if view.jump.settle(marks.is_met()) {
        ui.ctx().request_repaint();
    }
    if edited != **scenario {
        commands.push(Command::Edit { scenario: Box::new(edited), step: view.gesture });
    }
}

fn tabs_ui(ui: &mut Ui, view: &mut DesignView, bench: &Workbench) {
    let problems = match bench.problems().len() {
        0 => "Problems".to_owned(),
        n_problems => format!("Problems ({n_problems})"),
    };
    let tabs = [
        (Tab::Load, "Load profile"),
        (Tab::Journeys, "Journeys"),
        (Tab::Targets, "Targets"),
        (Tab::Monitors, "Monitors"),
        (Tab::Data, "Data"),
        (Tab::Transport, "Transport"),
        (Tab::Basics, "Basics"),
        (Tab::Problems, problems.as_str()),
    ];
    widgets::wrapped_segments(ui, &mut view.tab, &tabs);
}

/// What the parts of a tab look at.
struct Part<'a> {
    desk: &'a Desk<'a>,
    marks: &'a Marks<'a>,
}

fn targets_tab_ui(
    ui: &mut Ui,
    view: &mut DesignView,
    edited: &mut Scenario,
    part: &Part<'_>,
    commands: &mut Commands,
) {
    if let Some(derive) = &mut view.derive {
        let draw = |ui: &mut Ui| derive::derive_ui(ui, derive, edited, part.desk.shelf, commands);
        if widgets::card(ui, draw).inner {
            view.derive = None;
        }
    }
    let is_deriving = view.derive.is_some();
    if targets::targets_ui(ui, edited, part.marks, is_deriving) {
        view.derive = Some(DeriveView::default());
    }
}
