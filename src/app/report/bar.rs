//! Which run, beside which other, and where its report goes.

use std::path::PathBuf;

use egui::{Align, Layout, Ui};
use egui_material_icons::icons;

use super::{ReportAsked, ReportView};
use crate::{
    app::{
        command::{Command, Commands, Purpose},
        history::{run_combo_ui, run_picker_ui, run_words},
        state::Shelf,
        theme::space,
        widgets,
    },
    metrics::{Finish, RunId},
    store::RunListing,
};

const RUN_WIDTH: f32 = 300.0;
const AGAINST_WIDTH: f32 = 220.0;
/// What the buttons beside the path take.
const BUTTONS_WIDTH: f32 = 260.0;
const NO_OTHER: &str = "No other run";
const FORMATS: &str = "The ending chooses the format: .md for Markdown, .json for numbers";

/// Draws the bar over a report.
pub fn bar_ui(ui: &mut Ui, view: &mut ReportView, shelf: &Shelf, run_id: RunId, commands: &mut Commands) {
    ui.horizontal_wrapped(|ui| {
        if let Some(picked) = run_picker_ui(ui, "Run", shelf.listings(), Some(run_id), RUN_WIDTH) {
            commands.push(Command::ShowReport(picked));
        }
        ui.add_space(space::S);
        against_ui(ui, view, shelf, run_id, commands);
        ui.add_space(space::S);
        export_ui(ui, view, shelf, run_id, commands);
    });
}

/// The run that the report stands beside, if it is to have a comparison.
fn against_ui(ui: &mut Ui, view: &ReportView, shelf: &Shelf, run_id: RunId, commands: &mut Commands) {
    let Some(asked) = view.asked.as_ref().filter(|asked| asked.run_id == run_id) else { return };
    let others = |listing: &&RunListing| listing.run_id != run_id && listing.finish != Finish::Running;
    let words = match asked.against.and_then(|against| shelf.listing(against)) {
        Some(listing) => run_words(listing),
        None => NO_OTHER.to_owned(),
    };
    widgets::labelled(ui, "Compared with", |ui| {
        ui.horizontal(|ui| {
            let offered = shelf.listings().iter().filter(others);
            let name = ("Compared with", words.as_str());
            let mut chosen = asked.against;
            if let Some(picked) = run_combo_ui(ui, name, offered, asked.against, AGAINST_WIDTH) {
                chosen = Some(picked);
            }
            if asked.against.is_some()
                && widgets::icon_button(ui, icons::ICON_CLOSE, "Compare with no other run").clicked()
            {
                chosen = None;
            }
            if chosen != asked.against {
                let asked = ReportAsked { against: chosen, ..asked.clone() };
                commands.push(Command::MakeReport(Box::new(asked)));
            }
        });
    });
}

fn export_ui(ui: &mut Ui, view: &mut ReportView, shelf: &Shelf, run_id: RunId, commands: &mut Commands) {
    if view.path.as_ref().is_none_or(|(of, _)| *of != run_id) {
        view.path = Some((run_id, format!("report-{run_id}.md")));
    }
    let Some((_, path)) = &mut view.path else { return };
    let width = (ui.available_width() - BUTTONS_WIDTH).max(160.0);
    widgets::labelled(ui, "Path", |ui| {
        widgets::text_field(ui, "Path", path, width).on_hover_text(FORMATS);
    });
    ui.with_layout(Layout::left_to_right(Align::Max), |ui| {
        let can_export = shelf.loaded(run_id).is_some() && !path.trim().is_empty();
        let export = ui
            .add_enabled_ui(can_export, |ui| widgets::primary_button(ui, icons::ICON_SAVE, "Export"))
            .inner
            .on_hover_text(FORMATS);
        if export.clicked() {
            commands.push(Command::ExportReport(run_id, PathBuf::from(path.trim())));
        }
        if widgets::button(ui, icons::ICON_FOLDER_OPEN, "Export…").clicked() {
            commands.push(Command::BrowseFor(Purpose::ExportReport(run_id)));
        }
    });
}
