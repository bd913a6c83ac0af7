//! The command palette: every command by name, with its shortcut.

use egui::{Id, Key, Modal, Modifiers, ScrollArea, Ui, WidgetInfo, accesskit::Role};

use crate::app::{
    actions::{Action, actions, preset_action},
    command::{Command, Commands},
    state::State,
    theme::{self, Weight, size, space},
    widgets,
};

/// What the palette shows.
#[derive(Debug, Default)]
pub struct PaletteView {
    pub is_open: bool,
    filter: String,
    chosen: usize,
}

impl PaletteView {
    /// Opens with an empty filter, or closes.
    pub fn toggle(&mut self) {
        *self = Self { is_open: !self.is_open, ..Self::default() };
    }
}

pub fn palette_ui(ui: &mut Ui, state: &mut State, commands: &mut Commands) {
    if !state.palette.is_open {
        return;
    }
    let hits = matching(&state.palette.filter, state.gallery.own_names());
    let colors = theme::colors(ui);
    let frame = egui::Frame::popup(ui.style()).inner_margin(egui::Margin::same(10)).fill(colors.card);
    let width = (ui.ctx().content_rect().width() - 64.0).min(520.0);
    let area = Modal::default_area(Id::unique("palette"))
        .anchor(egui::Align2::CENTER_TOP, egui::vec2(0.0, ui.ctx().content_rect().height() * 0.12));
    let modal = Modal::new(Id::unique("palette")).area(area).frame(frame).show(ui.ctx(), |ui| {
        ui.set_width(width);
        steer(ui, &mut state.palette, hits.len());
        let field = widgets::text_field(ui, "Find a command", &mut state.palette.filter, f32::INFINITY);
        if field.changed() {
            state.palette.chosen = 0;
        }
        field.request_focus();
        ui.add_space(space::XS);
        if hits.is_empty() {
            ui.label(theme::muted(ui, "No command has these letters. Try a word such as «open» or «theme»."));
        }
        let mut asked = ui.input(|input| input.key_pressed(Key::Enter)).then_some(state.palette.chosen);
        ScrollArea::vertical().max_height(360.0).show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            for (index, action) in hits.iter().enumerate() {
                let row = Row {
                    action,
                    is_chosen: index == state.palette.chosen,
                    refusal: state.refusal(&action.command),
                };
                if row_ui(ui, &row).clicked() {
                    asked = Some(index);
                }
            }
        });
        asked
    });
    if let Some(action) = modal.inner.and_then(|index| hits.get(index)) {
        if state.refusal(&action.command).is_none() {
            state.palette.is_open = false;
            // The palette is closed already; its own command would open it again.
            if action.command != Command::TogglePalette {
                commands.push(action.command.clone());
            }
        }
    } else if modal.should_close() {
        state.palette.is_open = false;
    }
}

fn steer(ui: &Ui, view: &mut PaletteView, n_hits: usize) {
    let (down, up) = ui.input_mut(|input| {
        (input.consume_key(Modifiers::NONE, Key::ArrowDown), input.consume_key(Modifiers::NONE, Key::ArrowUp))
    });
    if down {
        view.chosen += 1;
    }
    if up {
        view.chosen = view.chosen.saturating_sub(1);
    }
    view.chosen = view.chosen.min(n_hits.saturating_sub(1));
}

/// Commands whose label has all words of the filter.
fn matching<'a>(filter: &str, own_presets: impl Iterator<Item = &'a str>) -> Vec<Action> {
    let filter = filter.to_lowercase();
    let words: Vec<&str> = filter.split_whitespace().collect();
    actions()
        .iter()
        .cloned()
        .chain(own_presets.map(preset_action))
        .filter(|action| {
            let label = action.label.to_lowercase();
            words.iter().all(|word| label.contains(word))
        })
        .collect()
}

struct Row<'a> {
    action: &'a Action,
    is_chosen: bool,
    refusal: Option<String>,
}

fn row_ui(ui: &mut Ui, row: &Row<'_>) -> egui::Response {
    let colors = theme::colors(ui);
    let (rect, response) =
        ui.allocate_exact_size(egui::vec2(ui.available_width(), 32.0), egui::Sense::click());
    let enabled = row.refusal.is_none();
    response.widget_info(|| WidgetInfo::selected(Role::MenuItem, enabled, row.is_chosen, &row.action.label));
    if row.is_chosen {
        ui.painter().rect_filled(rect, theme::CORNERS, colors.accent_soft);
        response.scroll_to_me(None);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, theme::CORNERS, colors.hover);
    }
    let text_color = if enabled { colors.text } else { colors.faint };
    let y = rect.center().y;
    let painter = ui.painter();
    painter.text(
        egui::pos2(rect.left() + 18.0, y),
        egui::Align2::CENTER_CENTER,
        row.action.icon.codepoint,
        theme::icon_font(17.0),
        if row.is_chosen { colors.accent_text } else { colors.muted },
    );
    painter.text(
        egui::pos2(rect.left() + 38.0, y),
        egui::Align2::LEFT_CENTER,
        &row.action.label,
        theme::font(size::BODY, Weight::Medium),
        text_color,
    );
    if let Some(shortcut) = &row.action.shortcut {
        let words = ui.ctx().format_shortcut(shortcut);
        let at = egui::pos2(rect.right() - 10.0, y);
        let font = theme::font(size::SMALL, Weight::Regular);
        painter.text(at, egui::Align2::RIGHT_CENTER, words, font, colors.muted);
    }
    match &row.refusal {
        Some(reason) => response.on_hover_text(reason),
        None => response,
    }
}
