//! What is selected in the tree, with all that can be said about it.

mod auth;
mod body;
mod checks;
mod extracts;
mod journey;
mod limits;
mod multipart;
mod pairs;
mod parts;
mod pen;
mod preview;
mod rename;
mod reorder;
mod request;
mod secret;
mod think_time;

pub use auth::scenario_auth_ui;
pub use pen::Pen;
pub use rename::name_field;
pub use secret::{Credential, secret_ui};

use egui::Ui;
use egui_material_icons::icons;

use super::{
    Tab,
    journeys::{Selected, Work},
    templated::Offers,
};
use crate::{app::widgets, model::Scenario};
use parts::Part;

/// What the inspector shows beside the scenario.
#[derive(Debug, Default)]
pub struct InspectorView {
    part: Part,
    preview: preview::PreviewView,
    /// The name gets the cursor in the next frame.
    pub wants_cursor: bool,
}

impl InspectorView {
    /// Opens the part in which a field of a step is written.
    pub fn open_part_of(&mut self, field: &str) {
        if let Some(part) = Part::of(field) {
            self.part = part;
        }
    }
}

/// Draws the fields of a journey or a step; returns another tab that the analyst asked for.
pub fn inspector_ui(
    ui: &mut Ui,
    view: &mut InspectorView,
    selected: Selected,
    scenario: &mut Scenario,
    work: &mut Work<'_>,
) -> Option<Tab> {
    if scenario.journeys.is_empty() {
        let words = "A journey is a sequence of requests. Add a step at the left to begin.";
        widgets::card(ui, |ui| widgets::empty_state(ui, icons::ICON_ROUTE, "No journey yet", words, |_| ()));
        return None;
    }
    let place = selected.step.map(|step| (selected.journey, step));
    view.preview.look(scenario, place, work.revision);
    let offers = Offers::at(scenario, place, work.columns);
    let pen = Pen::new(work.marks, &offers);
    // Fields of another step must not take over what is being written in this one.
    let asked = ui
        .push_id((selected.journey, selected.step), |ui| match place {
            Some(place) => request::step_ui(ui, view, (scenario, place), &pen, work),
            None => {
                journey::journey_ui(ui, view, (scenario, selected.journey), &pen);
                None
            }
        })
        .inner;
    pen.keep_secrets(scenario);
    asked
}
