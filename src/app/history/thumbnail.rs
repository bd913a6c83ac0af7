//! A load profile in the size of a word.

use egui::{Sense, Ui, vec2};

use crate::app::widgets;

const SIZE: egui::Vec2 = vec2(84.0, 26.0);

/// Draws levels at their times in seconds; the last level is the profile's end.
pub fn thumbnail_ui(ui: &mut Ui, profile: &[(f64, f64)]) {
    let (rect, _) = ui.allocate_exact_size(SIZE, Sense::hover());
    widgets::profile_sketch(ui, rect, profile);
}
