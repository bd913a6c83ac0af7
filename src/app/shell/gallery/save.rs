//! Asks for name and sentence of a preset that is to be saved.

use egui::{Key, Ui};
use egui_material_icons::icons;

use crate::{
    app::{
        command::{Command, Commands},
        theme,
        widgets::{self, labelled, text_field},
    },
    store::check_name,
};

/// A preset that is to be saved.
#[derive(Clone, Debug, Default)]
pub struct SavePreset {
    pub name: String,
    /// What it is for; becomes the scenario's description within the preset.
    pub sentence: String,
    /// Names that are taken already.
    pub taken: Vec<String>,
}

pub fn save_preset_ui(ui: &mut Ui, preset: &mut SavePreset, commands: &mut Commands) {
    let field = labelled(ui, "Name", |ui| text_field(ui, "Preset name", &mut preset.name, f32::INFINITY));
    if ui.memory(|memory| memory.focused().is_none()) {
        field.request_focus();
    }
    let sentence = labelled(ui, "What it is for, in a sentence", |ui| {
        text_field(ui, "Preset sentence", &mut preset.sentence, f32::INFINITY)
    });
    let name = preset.name.trim().to_owned();
    let refusal = check_name(&name).err();
    // Files of some systems do not tell large letters from small ones.
    let is_taken = preset.taken.iter().any(|taken| taken.to_lowercase() == name.to_lowercase());
    let colors = theme::colors(ui);
    match &refusal {
        Some(reason) if !name.is_empty() => {
            ui.label(theme::small(ui, reason).color(colors.fail));
        }
        None if is_taken => {
            let words = format!("You have a preset named {name}. Saving replaces it.");
            ui.label(theme::small(ui, words).color(colors.warn));
        }
        _ => {
            let words = "It opens from Presets here, and as `stagewright run NAME` in a terminal.";
            ui.label(theme::small(ui, words));
        }
    }
    let entered =
        (field.lost_focus() || sentence.lost_focus()) && ui.input(|input| input.key_pressed(Key::Enter));
    widgets::answers(ui, |ui| {
        let save = |ui: &mut Ui| match is_taken {
            true => widgets::danger_button(ui, icons::ICON_CHECK, "Replace preset"),
            false => widgets::primary_button(ui, icons::ICON_CHECK, "Save preset"),
        };
        let confirmed = ui.add_enabled_ui(refusal.is_none(), save).inner.clicked();
        // Enter saves what is new; what is replaced takes a click.
        if refusal.is_none() && (confirmed || entered && !is_taken) {
            commands.push(Command::CloseDialog);
            commands.push(Command::SavePreset { name, sentence: preset.sentence.trim().to_owned() });
        }
        if widgets::link_button(ui, "Cancel").clicked() {
            commands.push(Command::CloseDialog);
        }
    });
}
