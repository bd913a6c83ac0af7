//! The Report screen.

use egui::Ui;
use egui_material_icons::icons;

use super::{
    command::{Command, Commands, View},
    state::Shelf,
    widgets,
};
use crate::metrics::RunId;

/// What the Report screen shows.
#[derive(Debug, Default)]
pub struct ReportView {
    /// The run whose report is shown.
    pub shown: Option<RunId>,
}

pub fn report_ui(ui: &mut Ui, _view: &mut ReportView, _shelf: &Shelf, commands: &mut Commands) {
    let words =
        "The report of a kept run: verdict, method, numbers per stage, step and service, ready to export.";
    widgets::empty_state(ui, icons::ICON_DESCRIPTION, "No report yet", words, |ui| {
        if widgets::primary_button(ui, icons::ICON_DRAW, "Go to Design").clicked() {
            commands.push(Command::Show(View::Design));
        }
    });
}
