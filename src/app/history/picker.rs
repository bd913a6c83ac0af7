//! A field that chooses one of the kept runs.

use egui::{ComboBox, Role, Ui, WidgetInfo};

use crate::app::{theme, widgets};
use crate::humanize;
use crate::metrics::RunId;
use crate::store::RunListing;

/// Runs offered; older ones are opened from History.
const MAX_OFFERED: usize = 200;

/// A run in one line.
pub fn run_words(listing: &RunListing) -> String {
    let star = if listing.is_baseline { "  (baseline)" } else { "" };
    let moment = humanize::moment(listing.started_at_unix_millis);
    format!("Run {}  ·  {}  ·  {moment}{star}", listing.run_id, listing.scenario_name)
}

/// Chooses a run; returns it when another one was chosen.
pub fn run_picker_ui(
    ui: &mut Ui,
    name: &str,
    listings: &[RunListing],
    chosen: Option<RunId>,
    width: f32,
) -> Option<RunId> {
    let present = chosen.and_then(|run_id| listings.iter().find(|listing| listing.run_id == run_id));
    let words = present.map_or_else(|| "Choose a run".to_owned(), run_words);
    widgets::labelled(ui, name, |ui| run_combo_ui(ui, (name, &words), listings.iter(), chosen, width))
}

/// The same without its name above it, and with other words in place of the run.
pub fn run_combo_ui<'a>(
    ui: &mut Ui,
    (name, words): (&str, &str),
    mut offered: impl Iterator<Item = &'a RunListing>,
    chosen: Option<RunId>,
    width: f32,
) -> Option<RunId> {
    let mut picked = None;
    let combo = ComboBox::from_id_salt(name).width(width).truncate().selected_text(words);
    // What it shows is cut at what is available, not at its width.
    let shown = ui.scope(|ui| {
        ui.set_max_width(width);
        combo.show_ui(ui, |ui| {
            ui.set_min_width(width);
            for listing in offered.by_ref().take(MAX_OFFERED) {
                let is_chosen = chosen == Some(listing.run_id);
                if ui.selectable_label(is_chosen, run_words(listing)).clicked() && !is_chosen {
                    picked = Some(listing.run_id);
                }
            }
            if offered.next().is_some() {
                ui.label(theme::small(ui, "Older runs: open them from History"));
            }
        })
    });
    shown.inner.response.widget_info(|| WidgetInfo {
        label: Some(name.to_owned()),
        current_text_value: Some(words.to_owned()),
        ..WidgetInfo::new(Role::ComboBox)
    });
    picked
}
