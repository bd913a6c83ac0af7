//! The Compare screen.

use egui::Ui;
use egui_material_icons::icons;

use super::{
    command::{Command, Commands, View},
    state::Shelf,
    widgets,
};
use crate::metrics::RunId;

/// What the Compare screen shows.
#[derive(Debug, Default)]
pub struct CompareView {
    /// Baseline and candidate.
    pub pair: Option<(RunId, RunId)>,
}

pub fn compare_ui(ui: &mut Ui, _view: &mut CompareView, _shelf: &Shelf, commands: &mut Commands) {
    let words = "Two kept runs stand side by side here: what changed in latency, throughput and errors, and what differs in their set-up.";
    widgets::empty_state(ui, icons::ICON_COMPARE_ARROWS, "Nothing to compare yet", words, |ui| {
        if widgets::primary_button(ui, icons::ICON_DRAW, "Go to Design").clicked() {
            commands.push(Command::Show(View::Design));
        }
    });
}
