//! Where a report goes, and in which format.

use std::path::{Path, PathBuf};

use egui::{Label, Ui};
use egui_material_icons::icons;

use super::ReportView;
use crate::{
    app::{
        command::{Command, Commands, Purpose},
        theme, widgets,
    },
    metrics::RunId,
    report::Format,
};

const FORMATS: [(Format, &str); 5] = [
    (Format::Markdown, "Markdown"),
    (Format::Html, "HTML"),
    (Format::Json, "JSON"),
    (Format::Csv, "CSV"),
    (Format::Junit, "JUnit"),
];

/// Draws the ways out of the window.
pub fn export_ui(ui: &mut Ui, view: &mut ReportView, run_id: RunId, commands: &mut Commands) {
    widgets::section(ui, "Take it out");
    if view.path.as_ref().is_none_or(|(of, _)| *of != run_id) {
        view.path = Some((run_id, format!("report-{run_id}.md")));
    }
    let Some((_, path)) = &mut view.path else { return };
    let present = format_of(path);
    let mut chosen = present;
    let choices = FORMATS.map(|(format, name)| (Some(format), name));
    if widgets::wrapped_segments(ui, &mut chosen, &choices)
        && let Some(format) = chosen
    {
        *path = Path::new(path.trim()).with_extension(format.ending()).display().to_string();
    }
    widgets::labelled(ui, "Path", |ui| widgets::text_field(ui, "Path", path, f32::INFINITY));
    let words = match chosen {
        Some(Format::Markdown) => "Charts go into a folder beside it.",
        Some(Format::Html) => "One file with all charts; it prints well, and asks for nothing outside it.",
        Some(Format::Json) => "All figures at full precision, with their units in the names.",
        Some(Format::Csv) => "One line per second; stages, steps and errors in files beside it.",
        Some(Format::Junit) => "Targets and budgets as test cases, for pipelines.",
        None => "The ending chooses the format: .md, .html, .json, .csv or .xml.",
    };
    ui.add(Label::new(theme::small(ui, words)).wrap());
    ui.horizontal(|ui| {
        let export = ui
            .add_enabled_ui(chosen.is_some(), |ui| widgets::primary_button(ui, icons::ICON_SAVE, "Export"))
            .inner;
        if export.clicked() {
            commands.push(Command::ExportReport(run_id, PathBuf::from(path.trim())));
        }
        if widgets::button(ui, icons::ICON_FOLDER_OPEN, "Choose where…").clicked() {
            commands.push(Command::BrowseFor(Purpose::ExportReport(run_id)));
        }
    });
}

fn format_of(path: &str) -> Option<Format> {
    let ending = Path::new(path.trim()).extension()?.to_str()?.to_owned();
    Format::of_ending(&ending)
}
