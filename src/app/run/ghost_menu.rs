//! The choice of the run that runs along.

use egui::Ui;
use egui_material_icons::icons;

use super::{ghost::Ghost, sight::Sight};
use crate::app::{
    command::{Command, Commands},
    state::Shelf,
    theme, widgets,
};
use crate::humanize;
use crate::metrics::{Finish, RunId};
use crate::store::RunListing;

/// Runs offered; who wants an older one makes it the baseline in History.
const MAX_OFFERED: usize = 12;

/// What the menu needs to know.
pub struct GhostMenu<'a> {
    shelf: &'a Shelf,
    run_id: RunId,
    scenario_name: &'a str,
    shown: Option<RunId>,
}

impl<'a> GhostMenu<'a> {
    pub fn new(ghost: &Ghost, sight: &Sight<'a>, shelf: &'a Shelf) -> Self {
        Self { shelf, run_id: sight.run_id, scenario_name: &sight.scenario.name, shown: ghost.run_id() }
    }

    /// Other runs of the same scenario that have results, the baseline first, then the newest.
    fn offered(&self) -> Vec<&'a RunListing> {
        let fit = self.shelf.listings().iter().filter(|listing| {
            listing.run_id != self.run_id
                && listing.scenario_name == self.scenario_name
                && listing.finish != Finish::Running
                && listing.n_seconds > 0
        });
        let mut offered: Vec<&RunListing> = fit.collect();
        offered.sort_by_key(|listing| !listing.is_baseline);
        offered.truncate(MAX_OFFERED);
        offered
    }
}

/// Draws the menu; where no other run of the scenario is kept, there is nothing to choose.
pub fn ghost_menu_ui(ui: &mut Ui, menu: &GhostMenu<'_>, commands: &mut Commands) {
    let has_other =
        |listing: &RunListing| listing.run_id != menu.run_id && listing.scenario_name == menu.scenario_name;
    if !menu.shelf.listings().iter().any(has_other) {
        return;
    }
    let words = menu.shown.map_or_else(|| "No ghost".to_owned(), |run_id| format!("Ghost: run {run_id}"));
    let pick = widgets::button(ui, icons::ICON_LAYERS, &words).on_hover_text(
        "A kept run of the same scenario runs along behind the curves, stage by stage, and the steps tell what has \
         changed since",
    );
    egui::Popup::menu(&pick).show(|ui| {
        if ui.selectable_label(menu.shown.is_none(), "No ghost").clicked() {
            commands.push(Command::ChooseGhost(None));
        }
        for listing in menu.offered() {
            let run_id = listing.run_id;
            let kind = if listing.is_baseline { ", baseline" } else { "" };
            let label = format!("Run {run_id}, {}{kind}", humanize::moment(listing.started_at_unix_millis));
            if ui.selectable_label(menu.shown == Some(run_id), label).clicked() {
                commands.push(Command::ChooseGhost(Some(run_id)));
            }
        }
        ui.label(theme::small(ui, "Runs of this scenario; the baseline is chosen in History"));
    });
}
