//! A field for what must not stand in a file: a secret is chosen, or made of what was written.

use egui::Ui;
use egui_material_icons::icons;

use super::pen::Pen;
use crate::{
    app::{
        design::templated,
        theme::{self, space},
        widgets::{self, labelled},
    },
    model::template_names,
};

/// What a credential is.
pub struct Credential<'a> {
    pub name: &'a str,
    /// What a secret made of it is called.
    pub secret: &'a str,
    /// Path of its field in the file.
    pub path: String,
}

pub fn secret_ui(ui: &mut Ui, credential: &Credential<'_>, text: &mut String, pen: &Pen<'_>) {
    labelled(ui, credential.name, |ui| {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = space::XS;
            let width = (ui.available_width() - theme::CONTROL_HEIGHT - space::XS).clamp(80.0, 300.0);
            pen.marks.field(ui, &credential.path, |ui| {
                templated::line(ui, credential.name, text, width, pen.offers)
            });
            pick_ui(ui, credential, text, pen);
        });
        let is_literal = !text.is_empty() && template_names(text).next().is_none();
        if is_literal {
            literal_ui(ui, credential, text, pen);
        }
    });
}

fn pick_ui(ui: &mut Ui, credential: &Credential<'_>, text: &mut String, pen: &Pen<'_>) {
    let label = format!("Choose a secret as {}", credential.name.to_lowercase());
    let pick = widgets::icon_button(ui, icons::ICON_KEY, &label);
    egui::Popup::menu(&pick).show(|ui| {
        for secret in &pen.offers.secrets {
            if ui.add(egui::Button::new(secret).frame_when_inactive(false)).clicked() {
                *text = format!("{{{{{secret}}}}}");
            }
        }
        let tip = "Adds a secret that is looked up in an environment variable; see Data";
        let new = egui::Button::new("New secret").frame_when_inactive(false);
        if ui.add(new).on_hover_text(tip).clicked() {
            *text = format!("{{{{{}}}}}", pen.new_secret(credential.secret));
        }
    });
}

fn literal_ui(ui: &mut Ui, credential: &Credential<'_>, text: &mut String, pen: &Pen<'_>) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        // Where it is a problem of the scenario, that stands beside the field already.
        if pen.marks.worst(&credential.path, true).is_none() {
            let words = "Written as it is: it is saved in the scenario file and in records of runs.";
            ui.label(theme::small(ui, words).color(theme::colors(ui).warn));
        }
        let tip =
            "What is written here is removed; its value belongs into the environment variable under Data";
        if widgets::link_button(ui, "Use a secret instead").on_hover_text(tip).clicked() {
            *text = format!("{{{{{}}}}}", pen.new_secret(credential.secret));
        }
    });
}
