//! The bar between numbers and charts: which stretch the numbers cover, and what zooms and selects.

use egui::{Align, Layout, Response, Ui};
use egui_material_icons::{MaterialIcon, icons};

use super::{
    sight::{Sight, Source},
    stretch::{Stretch, TileWindow},
};
use crate::app::{
    charts::{ChartGroup, ZOOM_STEP},
    command::{Command, Commands},
    theme::{self, Weight, size, space},
    widgets,
};

const HELP_WIDTH: f32 = 420.0;
const HELP: &str = "Drag across a chart to select a stretch: every number and table shows it alone. Shift+drag moves \
                    its nearer end, a double click shows everything again. Ctrl and the wheel zoom.\n\
                    With the keyboard on a chart: + and − zoom, 0 shows all, Space selects what is shown, Enter \
                    zooms to the selection, ← → move it by a second (Shift its end, Alt its start), Escape clears it.";

/// Draws the bar: its window at the left, zoom and selection at the right.
pub fn bar_ui(
    ui: &mut Ui,
    group: &mut ChartGroup,
    (sight, stretch): (&Sight<'_>, &Stretch),
    tile_window: TileWindow,
    commands: &mut Commands,
) {
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            zoom_ui(ui, group);
            selection_ui(ui, group);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                match (stretch.selected(), sight.source) {
                    (Some(figures), _) => {
                        ui.spacing_mut().item_spacing.x = space::M;
                        let window = stretch.words().unwrap_or_default();
                        let figures = figures.words();
                        let window = theme::text(sentence(&window), size::SMALL, Weight::Medium);
                        ui.label(window.color(theme::colors(ui).accent_text));
                        ui.add(egui::Label::new(theme::small(ui, &figures)).truncate())
                            .on_hover_text(&figures);
                    }
                    (None, Source::Live(_)) => tile_window_ui(ui, tile_window, commands),
                    (None, Source::Kept(run)) => {
                        let words = format!(
                            "Numbers cover: {}. Drag across a chart to see those of any other stretch.",
                            run.digest.window
                        );
                        ui.add(egui::Label::new(theme::small(ui, words)).truncate());
                    }
                }
            });
        });
    });
}

/// What the numbers of a live run cover.
fn tile_window_ui(ui: &mut Ui, tile_window: TileWindow, commands: &mut Commands) {
    ui.spacing_mut().item_spacing.x = space::S;
    ui.label(theme::small(ui, "Numbers cover"));
    let mut chosen = tile_window;
    if widgets::segments(ui, &mut chosen, &TileWindow::CHOICES) {
        commands.push(Command::ChooseTileWindow(chosen));
    }
    let words = "or drag across a chart to select";
    ui.add(egui::Label::new(theme::small(ui, words)).truncate());
}

/// From right to left, as the row is laid out.
fn zoom_ui(ui: &mut Ui, group: &mut ChartGroup) {
    let is_zoomed = group.is_zoomed();
    let button = |ui: &mut Ui, icon: MaterialIcon, name: &str, enabled: bool| -> Response {
        ui.add_enabled_ui(enabled, |ui| widgets::icon_button(ui, icon, name)).inner
    };
    let help = widgets::icon_button(ui, icons::ICON_HELP, "How to select and zoom");
    egui::Popup::menu(&help).show(|ui| {
        ui.set_max_width(HELP_WIDTH);
        ui.add(egui::Label::new(HELP).wrap());
    });
    if button(ui, icons::ICON_ZOOM_OUT_MAP, "Show the whole run", is_zoomed).clicked() {
        group.reset_zoom();
    }
    if button(ui, icons::ICON_ZOOM_OUT, "Zoom out", is_zoomed).clicked() {
        group.zoom_by(1.0 / ZOOM_STEP);
    }
    if button(ui, icons::ICON_ZOOM_IN, "Zoom in", true).clicked() {
        group.zoom_by(ZOOM_STEP);
    }
}

fn selection_ui(ui: &mut Ui, group: &mut ChartGroup) {
    if group.selection().is_some() {
        if widgets::link_button(ui, "Clear selection").clicked() {
            group.clear_selection();
        }
        if widgets::link_button(ui, "Zoom to selection").clicked() {
            group.zoom_to_selection();
        }
    } else if group.is_zoomed() && widgets::link_button(ui, "Select what is shown").clicked() {
        group.select_shown();
    }
}

fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
