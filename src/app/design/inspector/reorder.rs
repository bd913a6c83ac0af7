//! Rows that can be dragged among each other by a handle; only the drop changes them.

use egui::{Align2, CursorIcon, Id, Key, Modifiers, Rect, Sense, Stroke, Ui, WidgetInfo, accesskit::Role};
use egui_material_icons::icons;

use crate::app::theme;

/// The rows of one table while a frame draws them.
pub struct Reorder {
    id: Id,
    rows: Vec<Rect>,
}

impl Reorder {
    pub fn begin(ui: &Ui, salt: &str) -> Self {
        Self { id: ui.make_persistent_id(("reorder", salt)), rows: Vec::new() }
    }

    /// What a row is dragged by.
    pub fn handle_ui(&self, ui: &mut Ui, index: usize, label: &str, width: f32) {
        let size = egui::vec2(width, theme::CONTROL_HEIGHT);
        let (rect, response) = ui.allocate_exact_size(size, Sense::DRAG);
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Move {label}")));
        let colors = theme::colors(ui);
        let color = if response.hovered() { colors.text } else { colors.faint };
        let icon = icons::ICON_DRAG_INDICATOR.codepoint;
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon, theme::icon_font(16.0), color);
        if response.drag_started() {
            ui.data_mut(|data| data.insert_temp(self.id, index));
        }
        response
            .on_hover_cursor(CursorIcon::Grab)
            .on_hover_text("Drag to another place; Alt+↑ and Alt+↓ in its fields do the same");
    }

    /// Notes where a row stands.
    pub fn row(&mut self, rect: Rect) {
        self.rows.push(rect);
    }

    /// The row that was dropped, and its new index.
    pub fn end(self, ui: &Ui) -> Option<(usize, usize)> {
        let from: usize = ui.data(|data| data.get_temp(self.id))?;
        let (pointer, is_down) = ui.input(|input| (input.pointer.latest_pos(), input.pointer.primary_down()));
        let is_cancelled = ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape));
        let last = self.rows.last()?;
        let (true, Some(pointer)) = (!is_cancelled && from < self.rows.len(), pointer) else {
            ui.data_mut(|data| data.remove::<usize>(self.id));
            return None;
        };
        let gap = self.rows.iter().filter(|row| pointer.y > row.center().y).count();
        if is_down {
            let y = self.rows.get(gap).map_or(last.bottom() + 2.0, |row| row.top() - 2.0);
            ui.painter().hline(last.x_range(), y, Stroke::new(2.0, theme::colors(ui).accent));
            ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
            return None;
        }
        ui.data_mut(|data| data.remove::<usize>(self.id));
        let to = if gap > from { gap - 1 } else { gap };
        (to != from).then_some((from, to))
    }
}
