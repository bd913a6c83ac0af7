//! Presets: opening them, and keeping, deleting and restoring the analyst's own.

use super::{
    command::{Command, View},
    shell::{Dialog, SavePreset},
    state::{Outcome, Slot, State},
};
use crate::{
    model::{Scenario, write_scenario},
    store::{self, OwnPresets},
};

/// What became of an own preset.
pub enum PresetChange {
    Saved(String),
    /// With the text that brings it back.
    Deleted(String, String),
    Restored(String),
}

impl State {
    fn own_presets(&self) -> OwnPresets {
        OwnPresets::beside(self.shelf.path())
    }

    /// Reads the analyst's own presets anew.
    pub fn refresh_presets(&mut self) {
        let presets = self.own_presets();
        self.jobs.spawn(Slot::Presets, move || {
            Outcome::Presets(presets.list().map_err(|error| error.to_string()))
        });
    }

    pub fn show_gallery(&mut self) {
        self.refresh_presets();
        self.gallery.open();
    }

    pub fn open_preset(&mut self, name: &str) {
        if let Some(preset) = store::preset(name) {
            self.take_scenario_text(name, Ok(preset.text.to_owned()), None);
            return;
        }
        let (presets, name) = (self.own_presets(), name.to_owned());
        self.jobs.spawn(Slot::Open, move || {
            let text = presets.text(&name).map_err(|error| error.to_string());
            let text =
                text.and_then(|text| text.ok_or_else(|| format!("There is no preset named {name} any more")));
            Outcome::PresetRead(name, text)
        });
    }

    /// Asks for the name of a preset to be saved.
    pub fn browse_for_preset(&mut self) {
        let Some(scenario) = self.bench.scenario() else { return };
        let sentence = scenario.description.lines().next().unwrap_or_default().to_owned();
        let taken = self.gallery.own_names().map(str::to_owned).collect();
        let preset = SavePreset { name: scenario.name.clone(), sentence, taken };
        self.dialog = Some(Dialog::SavePreset(preset));
        self.refresh_presets();
    }

    pub fn save_preset(&mut self, name: String, sentence: String) {
        let Some(scenario) = self.bench.scenario() else { return };
        let scenario = Scenario { description: sentence, ..Scenario::clone(scenario) };
        let text = write_scenario(&scenario, self.bench.text().as_deref());
        self.change_presets(move |presets| {
            presets.save(&name, &text)?;
            Ok(PresetChange::Saved(name))
        });
    }

    pub fn delete_preset(&mut self, name: String) {
        self.change_presets(move |presets| {
            let text = presets.delete(&name)?;
            Ok(PresetChange::Deleted(name, text))
        });
    }

    pub fn restore_preset(&mut self, name: String, text: String) {
        self.change_presets(move |presets| {
            presets.save(&name, &text)?;
            Ok(PresetChange::Restored(name))
        });
    }

    fn change_presets(
        &mut self,
        change: impl FnOnce(&OwnPresets) -> Result<PresetChange, store::StoreError> + Send + 'static,
    ) {
        let presets = self.own_presets();
        let slot = self.jobs.change_slot();
        self.jobs
            .spawn(slot, move || Outcome::PresetChanged(change(&presets).map_err(|error| error.to_string())));
    }

    /// Says what became of an own preset.
    pub fn receive_preset_change(&mut self, change: Result<PresetChange, String>) {
        match change {
            Ok(PresetChange::Saved(name)) => self.messages.ok(format!("Saved as preset {name}")),
            Ok(PresetChange::Restored(name)) => self.messages.ok(format!("Preset {name} is back")),
            Ok(PresetChange::Deleted(name, text)) => {
                let words = format!("Preset {name} was deleted");
                self.messages.offer(words, ("Restore", Command::RestorePreset { name, text }));
            }
            Err(error) => self.messages.fail(error),
        }
        self.refresh_presets();
    }

    /// Does what was asked for to the selection of the Design screen, as one edit.
    pub fn design(&mut self, command: super::design::DesignCommand) {
        let Some(mut scenario) = self.bench.scenario().map(|scenario| Scenario::clone(scenario)) else {
            return;
        };
        self.view = View::Design;
        self.design.obey(command, &mut scenario);
        let step = self.design.next_gesture();
        self.bench.edit(scenario, step);
    }
}
