//! The tree by keyboard.

use egui::{Key, Modifiers, Ui};

use super::{Tree, rows::is_shut};
use crate::app::design::{edit, journeys::Selected};

impl Tree<'_> {
    /// Obeys the keys pressed while the tree has the focus; returns whether the inspector was asked for.
    pub(super) fn keys(&mut self, ui: &mut Ui, rows: &[Selected]) -> bool {
        if self.view.rename.is_some() {
            return false;
        }
        let has_focus = ui.memory(|memory| memory.has_focus(self.id));
        // What has its own name in tooltips works wherever nothing is being written.
        if has_focus || !ui.ctx().text_edit_focused() {
            self.named_keys(ui);
        }
        if !has_focus || rows.is_empty() {
            return false;
        }
        self.walk_keys(ui, rows);
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        if pressed(Key::Space) && super::name_of(self.scenario, *self.selected).is_some() {
            edit::toggle(self.scenario, *self.selected);
        }
        pressed(Key::Enter)
    }

    fn named_keys(&mut self, ui: &mut Ui) {
        let has_focus = ui.memory(|memory| memory.has_focus(self.id));
        let pressed = |modifiers, key| ui.input_mut(|input| input.consume_key(modifiers, key));
        if has_focus && pressed(Modifiers::NONE, Key::Insert) {
            *self.selected = edit::add_step(self.scenario, *self.selected);
        }
        if super::name_of(self.scenario, *self.selected).is_none() {
            return;
        }
        if pressed(Modifiers::COMMAND, Key::D) {
            *self.selected = edit::duplicate(self.scenario, *self.selected);
        } else if pressed(Modifiers::NONE, Key::F2) {
            self.begin_rename(*self.selected);
        } else if has_focus && pressed(Modifiers::NONE, Key::Delete) {
            *self.selected = edit::remove(self.scenario, *self.selected);
        } else if has_focus && pressed(Modifiers::ALT, Key::ArrowUp) {
            *self.selected = edit::nudge(self.scenario, *self.selected, false);
        } else if has_focus && pressed(Modifiers::ALT, Key::ArrowDown) {
            *self.selected = edit::nudge(self.scenario, *self.selected, true);
        }
    }

    fn walk_keys(&mut self, ui: &mut Ui, rows: &[Selected]) {
        let pressed = |key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let at = rows.iter().position(|row| row == self.selected);
        let last = rows.len() - 1;
        let to = if pressed(Key::ArrowDown) {
            at.map_or(0, |at| (at + 1).min(last))
        } else if pressed(Key::ArrowUp) {
            at.map_or(0, |at| at.saturating_sub(1))
        } else if pressed(Key::Home) {
            0
        } else if pressed(Key::End) {
            last
        } else {
            if pressed(Key::ArrowLeft) {
                self.go_out();
            } else if pressed(Key::ArrowRight) {
                self.go_in();
            }
            return;
        };
        *self.selected = rows[to];
    }

    /// From a step to its journey; an open journey is shut.
    fn go_out(&mut self) {
        let Some(journey) = self.scenario.journeys.get(self.selected.journey) else { return };
        if self.selected.step.take().is_none() {
            self.view.collapsed.insert(journey.name.clone());
        }
    }

    /// A shut journey is opened, and an open one entered.
    fn go_in(&mut self) {
        let Some(journey) = self.scenario.journeys.get(self.selected.journey) else { return };
        if self.selected.step.is_some() {
            return;
        }
        if is_shut(journey, &self.view.collapsed) {
            self.view.collapsed.remove(&journey.name);
        } else if !journey.steps.is_empty() {
            self.selected.step = Some(0);
        }
    }
}
