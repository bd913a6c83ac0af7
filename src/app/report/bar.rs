//! Which run, and beside which other.

use egui::Ui;
use egui_material_icons::icons;

use super::{ReportAsked, ReportView};
use crate::{
    app::{
        command::{Command, Commands},
        history::{run_combo_ui, run_picker_ui, run_words},
        state::Shelf,
        theme::space,
        widgets,
    },
    metrics::{Finish, RunId},
    store::RunListing,
};

/// How wide each of the two choices is, between which it follows the window.
const LEAST_WIDTH: f32 = 140.0;
const MOST_WIDTH: f32 = 330.0;
/// Of the button beside the second, with its distance.
const CLOSE_WIDTH: f32 = 36.0;
const NO_OTHER: &str = "No other run";

/// Draws the bar over a report.
pub fn bar_ui(ui: &mut Ui, view: &ReportView, shelf: &Shelf, run_id: RunId, commands: &mut Commands) {
    let for_both = ui.available_width() - space::S - CLOSE_WIDTH - 2.0 * ui.spacing().item_spacing.x;
    let width = (for_both / 2.0).clamp(LEAST_WIDTH, MOST_WIDTH);
    ui.horizontal(|ui| {
        if let Some(picked) = run_picker_ui(ui, "Run", shelf.listings(), Some(run_id), width) {
            commands.push(Command::ShowReport(picked));
        }
        ui.add_space(space::S);
        against_ui(ui, view, shelf, run_id, width, commands);
    });
}

/// The run that the report stands beside, if it is to have a comparison.
fn against_ui(
    ui: &mut Ui,
    view: &ReportView,
    shelf: &Shelf,
    run_id: RunId,
    width: f32,
    commands: &mut Commands,
) {
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
            if let Some(picked) = run_combo_ui(ui, name, offered, asked.against, width) {
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
