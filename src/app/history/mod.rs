//! The History screen.

use egui::Ui;
use egui_material_icons::icons;

use super::{
    command::{Command, Commands, View},
    state::Shelf,
    widgets,
};

/// What the History screen shows.
#[derive(Debug, Default)]
pub struct HistoryView {}

pub fn history_ui(ui: &mut Ui, _view: &mut HistoryView, _shelf: &Shelf, commands: &mut Commands) {
    let words = "Every run is kept here with its verdict and headline numbers, even one that was stopped or interrupted.";
    widgets::empty_state(ui, icons::ICON_HISTORY, "No runs yet", words, |ui| {
        if widgets::primary_button(ui, icons::ICON_DRAW, "Go to Design").clicked() {
            commands.push(Command::Show(View::Design));
        }
    });
}
