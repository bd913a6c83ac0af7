//! The Design screen: the load profile drawn and tabled, journeys, targets and problems.

mod first_start;

use egui::Ui;

use super::{command::Commands, state::Workbench};

/// What the Design screen shows.
#[derive(Debug, Default)]
pub struct DesignView {}

impl DesignView {
    /// Forgets what belonged to the scenario before.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

pub fn design_ui(ui: &mut Ui, _view: &mut DesignView, bench: &Workbench, commands: &mut Commands) {
    if !bench.is_open() {
        first_start::first_start_ui(ui, commands);
    }
}
