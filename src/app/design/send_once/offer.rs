//! The strip that offers what can be done with something that was clicked.

use egui::Ui;
use egui_material_icons::icons;

use crate::app::{
    theme::{self, space},
    widgets,
};

/// Draws what was clicked, its `actions` and a way out named `leave`; returns whether that is over.
pub(super) fn offer_ui(
    ui: &mut Ui,
    clicked: &str,
    leave: &str,
    actions: impl FnOnce(&mut Ui) -> bool,
) -> bool {
    let colors = theme::colors(ui);
    let frame = egui::Frame::new().fill(colors.accent_soft).corner_radius(theme::CORNERS);
    frame
        .inner_margin(space::S)
        .show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.label(egui::RichText::new(clicked).font(theme::mono()));
                let is_over = actions(ui);
                widgets::icon_button(ui, icons::ICON_CLOSE, leave).clicked() || is_over
            })
            .inner
        })
        .inner
}
