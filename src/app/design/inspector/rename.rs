//! A name that other places follow while it is written.

use egui::{Response, Ui};

use crate::model::Scenario;

/// The scenario before a name was written in, and as it was left by the last letter.
#[derive(Clone)]
struct Anchor {
    before: Box<Scenario>,
    left: Box<Scenario>,
}

/// Draws a name's field by `add`; each letter renames anew from what stood before the first one.
// Otherwise a name that is another's for a moment would take over what belongs to the other.
pub fn name_field(
    ui: &mut Ui,
    scenario: &mut Scenario,
    name: &str,
    add: impl FnOnce(&mut Ui, &mut String) -> Response,
    rename: impl FnOnce(&mut Scenario, &str),
) -> Response {
    let mut text = name.to_owned();
    let response = add(ui, &mut text);
    let id = response.id.with("anchor");
    if response.changed() && text != name {
        let anchor: Option<Anchor> = ui.data(|data| data.get_temp(id));
        let before = match anchor {
            Some(anchor) if *anchor.left == *scenario => anchor.before,
            _ => Box::new(scenario.clone()),
        };
        let mut renamed = (*before).clone();
        rename(&mut renamed, &text);
        *scenario = renamed.clone();
        ui.data_mut(|data| data.insert_temp(id, Anchor { before, left: Box::new(renamed) }));
    } else if response.lost_focus() {
        ui.data_mut(|data| data.remove::<Anchor>(id));
    }
    response
}
