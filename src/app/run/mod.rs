//! The Run screen: the run under way, or a kept one.

use egui::Ui;
use egui_material_icons::icons;

use super::{
    command::{Command, Commands, View},
    state::{RunState, Shelf, Workbench},
    widgets,
};
use crate::metrics::RunId;

/// What the Run screen shows.
#[derive(Debug, Default)]
pub struct RunView {
    /// A kept run to show while none is under way.
    pub shown: Option<RunId>,
}

pub fn run_ui(
    ui: &mut Ui,
    _view: &mut RunView,
    run_state: &RunState,
    bench: &Workbench,
    _shelf: &Shelf,
    commands: &mut Commands,
) {
    if run_state.is_busy() {
        ui.centered_and_justified(|ui| ui.spinner());
        return;
    }
    let words = "A run shows its rates, latency percentiles and errors here while it happens. \
                 Draw a load on Design, then start the run.";
    widgets::empty_state(ui, icons::ICON_MONITORING, "No run to show", words, |ui| {
        if bench.is_open() {
            if widgets::primary_button(ui, icons::ICON_PLAY_ARROW, "Start this scenario").clicked() {
                commands.push(Command::StartRun);
            }
        } else if widgets::primary_button(ui, icons::ICON_DRAW, "Go to Design").clicked() {
            commands.push(Command::Show(View::Design));
        }
    });
}
