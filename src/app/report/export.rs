//! Where a report goes.

use std::path::PathBuf;

use egui::{Label, Ui};
use egui_material_icons::icons;

use super::ReportView;
use crate::{
    app::{
        command::{Command, Commands, Purpose},
        theme, widgets,
    },
    metrics::RunId,
};

const FORMATS: &str = "The ending chooses the format: .md for Markdown, .json for numbers";

/// Draws the ways out of the window.
pub fn export_ui(ui: &mut Ui, view: &mut ReportView, run_id: RunId, commands: &mut Commands) {
    widgets::section(ui, "Export");
    if view.path.as_ref().is_none_or(|(of, _)| *of != run_id) {
        view.path = Some((run_id, format!("report-{run_id}.md")));
    }
    let Some((_, path)) = &mut view.path else { return };
    widgets::labelled(ui, "Path", |ui| {
        widgets::text_field(ui, "Path", path, f32::INFINITY).on_hover_text(FORMATS);
    });
    ui.horizontal(|ui| {
        let can_export = !path.trim().is_empty();
        let export =
            ui.add_enabled_ui(can_export, |ui| widgets::primary_button(ui, icons::ICON_SAVE, "Export")).inner;
        if export.clicked() {
            commands.push(Command::ExportReport(run_id, PathBuf::from(path.trim())));
        }
        if widgets::button(ui, icons::ICON_FOLDER_OPEN, "Export…").clicked() {
            commands.push(Command::BrowseFor(Purpose::ExportReport(run_id)));
        }
    });
    ui.add(Label::new(theme::small(ui, format!("{FORMATS}."))).wrap());
}
