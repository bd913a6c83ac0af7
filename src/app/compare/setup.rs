//! What differs in the set-up, beside what differs in the results.

use egui::{Align, Label, Layout, Ui};

use super::{Compared, looks};
use crate::app::{
    theme::{self, Weight, size},
    widgets,
};

/// Least width of one candidate's list.
const COLUMN_WIDTH: f32 = 330.0;

/// Draws the differences of each candidate to the baseline.
pub fn setup_ui(ui: &mut Ui, compared: &Compared) {
    widgets::section(ui, "What differs in the set-up");
    let differences = &compared.comparison.setup_differences;
    if differences.iter().all(Vec::is_empty) {
        ui.add(Label::new(theme::muted(ui, "Nothing: same scenario, same machine, same program")).wrap());
        return;
    }
    // Many short lists beside each other read better than a long one.
    let n_columns = ((ui.available_width() / COLUMN_WIDTH) as usize).clamp(1, differences.len().min(3));
    let sides: Vec<usize> = (1..=differences.len()).collect();
    for row in sides.chunks(n_columns) {
        ui.columns(n_columns, |columns| {
            for (ui, side) in columns.iter_mut().zip(row) {
                ui.with_layout(Layout::top_down(Align::Min), |ui| side_ui(ui, compared, *side));
            }
        });
    }
}

fn side_ui(ui: &mut Ui, compared: &Compared, side: usize) {
    let differences = &compared.comparison.setup_differences[side - 1];
    if compared.names.len() > 2 {
        ui.horizontal(|ui| {
            looks::sample_ui(ui, side);
            ui.label(theme::text(&compared.names[side], size::BODY, Weight::Medium));
        });
    }
    if differences.is_empty() {
        ui.label(theme::muted(ui, "Nothing"));
    }
    for difference in differences {
        ui.add(Label::new(difference).wrap());
    }
}
