//! The gallery of presets: those that come with the program and the analyst's own.

mod card;
mod save;

pub use save::{SavePreset, save_preset_ui};

use egui::{Id, Key, Modal, Modifiers, Role, ScrollArea, Ui, WidgetInfo};
use egui_material_icons::icons;

use card::{BUILT_IN, PresetCard, card_ui};

use crate::{
    app::{
        command::{Command, Commands},
        state::State,
        theme::{self, Weight, size, space},
        widgets,
    },
    store::OwnPreset,
};

/// Width that the buttons under the cards take.
const FOOT: f32 = 372.0;

/// What the gallery shows.
#[derive(Debug, Default)]
pub struct GalleryView {
    pub is_open: bool,
    filter: String,
    chosen: usize,
    own: Vec<PresetCard>,
}

impl GalleryView {
    /// Opens without a filter.
    pub fn open(&mut self) {
        (self.is_open, self.filter, self.chosen) = (true, String::new(), 0);
    }

    /// Takes in the analyst's own presets.
    pub fn take_own(&mut self, presets: &[OwnPreset]) {
        self.own = presets.iter().map(PresetCard::of_own).collect();
    }

    /// Names of the analyst's own presets.
    pub fn own_names(&self) -> impl Iterator<Item = &str> {
        self.own.iter().map(|card| card.name.as_str())
    }

    /// Cards with all words of the filter, the analyst's own first.
    fn hits(&self) -> Vec<PresetCard> {
        let filter = self.filter.to_lowercase();
        let words: Vec<&str> = filter.split_whitespace().collect();
        self.own.iter().chain(BUILT_IN.iter()).filter(|card| card.matches(&words)).cloned().collect()
    }
}

pub fn gallery_ui(ui: &mut Ui, state: &mut State, commands: &mut Commands) {
    if !state.gallery.is_open {
        return;
    }
    let hits = state.gallery.hits();
    let save_refusal = state.refusal(&Command::BrowseForPreset);
    let room = ui.ctx().content_rect().size();
    let per_row = (((room.x - 120.0) / (card::SIZE.x + space::M)) as usize).clamp(1, 3);
    let width = (per_row as f32 * (card::SIZE.x + space::M) + space::S).max(FOOT).min(room.x - 48.0);
    let frame = egui::Frame::window(ui.style()).fill(theme::colors(ui).card);
    let modal = Modal::new(Id::unique("gallery")).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(width);
        let mut asked = steer(ui, &mut state.gallery, hits.len(), per_row);
        head_ui(ui, &mut state.gallery);
        let height = (room.y - 220.0).clamp(150.0, 3.0 * (card::SIZE.y + space::M));
        let scroll = ScrollArea::vertical().auto_shrink([false, true]).max_height(height);
        let cards = scroll
            .min_scrolled_height(height)
            .show(ui, |ui| cards_ui(ui, &hits, state.gallery.chosen, per_row, commands));
        asked = cards.inner.or(asked);
        let is_done = foot_ui(ui, save_refusal.as_deref(), commands);
        (asked, is_done)
    });
    let (asked, is_done) = modal.inner;
    if let Some(card) = asked.and_then(|index| hits.get(index)) {
        commands.push(Command::OpenPreset(card.name.clone()));
    }
    if asked.is_some() || is_done || modal.should_close() {
        state.gallery.is_open = false;
    }
}

/// Moves the choice by the arrow keys; returns it on Enter.
fn steer(ui: &Ui, view: &mut GalleryView, n_hits: usize, per_row: usize) -> Option<usize> {
    let moves = [
        (Key::ArrowLeft, -1),
        (Key::ArrowRight, 1),
        (Key::ArrowUp, -(per_row as isize)),
        (Key::ArrowDown, per_row as isize),
    ];
    let last = n_hits.saturating_sub(1);
    for (key, by) in moves {
        if ui.input_mut(|input| input.consume_key(Modifiers::NONE, key)) {
            view.chosen =
                view.chosen.checked_add_signed(by).filter(|next| *next <= last).unwrap_or(view.chosen);
        }
    }
    view.chosen = view.chosen.min(last);
    // A button that has the cursor takes Enter for itself.
    let is_free = ui.ctx().text_edit_focused() || ui.memory(|memory| memory.focused().is_none());
    (is_free && n_hits > 0 && ui.input(|input| input.key_pressed(Key::Enter))).then_some(view.chosen)
}

fn head_ui(ui: &mut Ui, view: &mut GalleryView) {
    ui.horizontal(|ui| {
        ui.label(theme::text("Presets", size::HEADING, Weight::SemiBold));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if widgets::icon_button(ui, icons::ICON_CLOSE, "Close presets").clicked() {
                view.is_open = false;
            }
            let field = widgets::hinted_field(ui, "Find a preset", &mut view.filter, 220.0);
            if field.changed() {
                view.chosen = 0;
            }
            if ui.memory(|memory| memory.focused().is_none()) {
                field.request_focus();
            }
        });
    });
}

/// Draws the cards in rows; returns the one that was clicked.
fn cards_ui(
    ui: &mut Ui,
    hits: &[PresetCard],
    chosen: usize,
    per_row: usize,
    commands: &mut Commands,
) -> Option<usize> {
    if hits.is_empty() {
        ui.label(theme::muted(
            ui,
            "No preset has these letters. Try a word such as «spike», «open» or «users».",
        ));
    }
    let mut asked = None;
    ui.spacing_mut().item_spacing = egui::Vec2::splat(space::M);
    for (row, cards) in hits.chunks(per_row).enumerate() {
        ui.horizontal(|ui| {
            for (column, card) in cards.iter().enumerate() {
                let index = row * per_row + column;
                let response = card_ui(ui, card, index == chosen);
                if index == chosen && ui.input(|input| input.pointer.delta() == egui::Vec2::ZERO) {
                    response.scroll_to_me(None);
                }
                if card.is_own {
                    own_menu_ui(ui, &response, &card.name, commands);
                }
                if response.clicked() {
                    asked = Some(index);
                }
            }
        });
    }
    asked
}

/// A small button on an own preset's card that deletes it.
fn own_menu_ui(ui: &mut Ui, card: &egui::Response, name: &str, commands: &mut Commands) {
    let side = 24.0;
    let at = card.rect.right_bottom() - egui::Vec2::splat(side + 6.0);
    let rect = egui::Rect::from_min_size(at, egui::Vec2::splat(side));
    let id = card.id.with("delete");
    let response = ui.interact(rect, id, egui::Sense::click());
    let label = format!("Delete preset {name}");
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &label));
    let colors = theme::colors(ui);
    let color = if response.hovered() || response.has_focus() { colors.fail } else { colors.muted };
    let icon = icons::ICON_DELETE.codepoint;
    ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, icon, theme::icon_font(16.0), color);
    if response.on_hover_text(&label).clicked() {
        commands.push(Command::DeletePreset(name.to_owned()));
    }
}

/// What else the gallery leads to; returns whether it is done with.
fn foot_ui(ui: &mut Ui, save_refusal: Option<&str>, commands: &mut Commands) -> bool {
    ui.horizontal_wrapped(|ui| {
        let mut is_done = false;
        if widgets::button(ui, icons::ICON_NOTE_ADD, "New scenario").clicked() {
            commands.push(Command::NewScenario);
            is_done = true;
        }
        let add =
            |ui: &mut Ui| widgets::button(ui, icons::ICON_BOOKMARK_ADD, "Save the open scenario as preset…");
        let save = ui.add_enabled_ui(save_refusal.is_none(), add).inner;
        if save.on_disabled_hover_text(save_refusal.unwrap_or_default()).clicked() {
            commands.push(Command::BrowseForPreset);
            is_done = true;
        }
        ui.label(theme::small(ui, "Arrow keys choose, Enter opens."));
        is_done
    })
    .inner
}
