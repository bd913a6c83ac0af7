//! A literal of a request that was clicked: to be made a variable.

use egui::Ui;
use egui_material_icons::icons;

use super::{Origin, offer::offer_ui, value::is_known};
use crate::{
    app::{theme, widgets},
    model::{
        JsonPlace, LiteralPlace, Reach, Scenario, free_name, literal_to_variable, n_literals,
        name_of_literal, name_of_value,
    },
};

/// A literal with the name that its variable would have.
#[derive(Debug)]
pub(super) struct Literal {
    place: LiteralPlace,
    text: String,
    name: String,
    in_all_steps: bool,
}

impl Literal {
    pub fn new(place: LiteralPlace, text: String, path: &str, scenario: &Scenario) -> Self {
        let name = free_name(&name_of_literal(&place, path, &text), |name| is_known(scenario, name));
        Self { place, text, name, in_all_steps: false }
    }

    /// A value of a JSON body.
    pub fn in_body(way: &[JsonPlace], text: String, scenario: &Scenario) -> Self {
        let name = name_of_value(way, |name| is_known(scenario, name));
        Self { place: LiteralPlace::Body, text, name, in_all_steps: false }
    }
}

/// Draws what can be done with a literal; returns whether that is over.
pub(super) fn literal_ui(
    ui: &mut Ui,
    literal: &mut Literal,
    scenario: &mut Scenario,
    origin: &Origin,
) -> bool {
    // The whole of a long text would leave no room for what can be done with it.
    let shown = literal.text[..literal.text.floor_char_boundary(48)].to_owned();
    offer_ui(ui, &shown, "Leave the literal", |ui| actions_ui(ui, literal, scenario, origin))
}

fn actions_ui(ui: &mut Ui, literal: &mut Literal, scenario: &mut Scenario, origin: &Origin) -> bool {
    let Literal { place, text, name, in_all_steps } = literal;
    if n_literals(origin.step(scenario), place, text) == 0 {
        ui.label(theme::muted(
            ui,
            "It does not stand in the step as it is; a variable or a default gave it.",
        ));
        return false;
    }
    widgets::text_field(ui, "Name of the variable", name, 140.0);
    let n_everywhere: usize = scenario.steps().map(|(_, step)| n_literals(step, place, text)).sum();
    let n_here = n_literals(origin.step(scenario), place, text);
    if n_everywhere > n_here {
        ui.checkbox(in_all_steps, format!("In all {n_everywhere} places of the scenario"));
    }
    let name = name.trim();
    let is_taken = is_known(scenario, name) && scenario.variables.get(name) != Some(text);
    if is_taken {
        ui.label(theme::text("This name is taken", theme::size::BODY, theme::Weight::Medium));
    }
    let label = format!("Make it {{{{{name}}}}}");
    let can = !name.is_empty() && !is_taken;
    let button = ui.add_enabled_ui(can, |ui| widgets::button(ui, icons::ICON_ADD, &label)).inner;
    if !button.on_hover_text("Defines the variable with this value, and uses it here").clicked() {
        return false;
    }
    let here = Reach::Step { journey: origin.journey, step: origin.step };
    let reach = if *in_all_steps { Reach::AllSteps } else { here };
    literal_to_variable(scenario, reach, place, text, name) > 0
}
