//! One row of the tree.

use egui::{
    Align2, Color32, Key, Painter, Pos2, Rect, Response, Sense, Stroke, StrokeKind, TextFormat, Ui,
    WidgetInfo,
    accesskit::Role,
    text::{LayoutJob, TextWrapping},
};
use egui_material_icons::icons;

use super::{Tree, rows::is_shut};
use crate::{
    app::{
        design::{edit, journeys::Selected},
        theme::{self, Colors, Weight, size},
        widgets,
    },
    humanize,
    model::Step,
};

pub const HEIGHT: f32 = 28.0;
const BOX: f32 = 14.0;
const INDENT: f32 = 24.0;
const METHOD: f32 = 46.0;
const MARK: f32 = 18.0;
/// Below this a row has no room for services.
const WITH_SERVICE: f32 = 270.0;
const SERVICE: std::ops::RangeInclusive<f32> = 84.0..=120.0;

impl Tree<'_> {
    /// Draws a row and obeys the mouse on it; returns its place.
    pub(super) fn row_ui(&mut self, ui: &mut Ui, at: Selected) -> Rect {
        let (_, rect) = ui.allocate_space(egui::vec2(ui.available_width(), HEIGHT));
        let response = ui.interact(rect, self.row_id(at), Sense::CLICK | Sense::DRAG);
        self.tell(ui, at, &response);
        self.ground(ui, at, &response);
        if response.clicked() {
            self.select(ui, at);
        }
        if response.double_clicked() {
            self.begin_rename(at);
        }
        if response.drag_started() && self.view.filter.is_empty() {
            self.view.carried = Some(at);
            self.select(ui, at);
        }
        let mut left = rect.left() + 4.0;
        match at.step {
            None => left = self.chevron_ui(ui, at, Pos2::new(left, rect.center().y)),
            Some(_) => left += INDENT,
        }
        left = self.enabled_ui(ui, at, Pos2::new(left, rect.center().y));
        let right = self.mark_ui(ui, at, rect);
        let inner = Rect::from_x_y_ranges(left..=right, rect.y_range());
        if self.view.rename.as_ref().is_some_and(|rename| rename.at == at) {
            self.rename_ui(ui, inner);
        } else {
            self.words_ui(ui, at, inner);
        }
        rect
    }

    fn tell(&self, ui: &Ui, at: Selected, response: &Response) {
        let journey = &self.scenario.journeys[at.journey];
        let is_selected = *self.selected == at;
        response.widget_info(|| {
            let name = at.step.map_or(&journey.name, |step| &journey.steps[step].name);
            WidgetInfo::labeled(Role::TreeItem, true, if name.is_empty() { "Unnamed" } else { name })
        });
        let is_open = !is_shut(journey, &self.view.collapsed);
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_level(usize::from(at.step.is_some()));
            node.set_selected(is_selected);
            if at.step.is_none() {
                node.set_expanded(is_open);
            }
        });
    }

    fn ground(&self, ui: &Ui, at: Selected, response: &Response) {
        let colors = theme::colors(ui);
        let is_selected = *self.selected == at;
        let fill = if is_selected {
            colors.accent_soft
        } else if response.hovered() {
            colors.hover
        } else {
            Color32::TRANSPARENT
        };
        ui.painter().rect_filled(response.rect, theme::CORNERS, fill);
        if is_selected && ui.memory(|memory| memory.has_focus(self.id)) {
            let stroke = Stroke::new(1.0, colors.accent);
            ui.painter().rect_stroke(response.rect, theme::CORNERS, stroke, StrokeKind::Inside);
        }
    }

    fn chevron_ui(&mut self, ui: &Ui, at: Selected, left: Pos2) -> f32 {
        let rect = Rect::from_min_size(left - egui::vec2(0.0, 10.0), egui::vec2(20.0, 20.0));
        let response = ui.interact(rect, self.row_id(at).with("chevron"), Sense::CLICK);
        let name = &self.scenario.journeys[at.journey].name;
        let is_open = !is_shut(&self.scenario.journeys[at.journey], &self.view.collapsed);
        let verb = if is_open { "Collapse" } else { "Expand" };
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{verb} {name}")));
        let icon = if is_open { icons::ICON_KEYBOARD_ARROW_DOWN } else { icons::ICON_KEYBOARD_ARROW_RIGHT };
        let color = theme::colors(ui).muted;
        ui.painter().text(
            rect.center(),
            Align2::CENTER_CENTER,
            icon.codepoint,
            theme::icon_font(16.0),
            color,
        );
        if response.clicked() {
            if is_open {
                self.view.collapsed.insert(name.clone());
            } else {
                self.view.collapsed.remove(name);
            }
        }
        rect.right() + 2.0
    }

    fn enabled_ui(&mut self, ui: &Ui, at: Selected, left: Pos2) -> f32 {
        let rect = Rect::from_min_size(left - egui::vec2(0.0, BOX / 2.0), egui::Vec2::splat(BOX));
        let response = ui.interact(rect.expand(4.0), self.row_id(at).with("enabled"), Sense::CLICK);
        let journey = &self.scenario.journeys[at.journey];
        let (enabled, name) = match at.step {
            None => (journey.enabled, &journey.name),
            Some(step) => (journey.steps[step].enabled, &journey.steps[step].name),
        };
        response
            .widget_info(|| WidgetInfo::selected(Role::CheckBox, true, enabled, format!("Enable {name}")));
        let colors = theme::colors(ui);
        let stroke = Stroke::new(1.0, if response.hovered() { colors.accent } else { colors.border_strong });
        ui.painter().rect(rect, 4.0, colors.field, stroke, StrokeKind::Inside);
        if enabled {
            let font = theme::icon_font(13.0);
            let check = icons::ICON_CHECK.codepoint;
            ui.painter().text(rect.center(), Align2::CENTER_CENTER, check, font, colors.muted);
        }
        let response =
            response.on_hover_text(if enabled { "Switch off: it is kept but not sent" } else { "Switch on" });
        if response.clicked() {
            edit::toggle(self.scenario, at);
        }
        rect.right() + 8.0
    }

    /// The sign of problems at the right; returns where it begins.
    fn mark_ui(&self, ui: &Ui, at: Selected, row: Rect) -> f32 {
        let path = match at.step {
            None => format!("journeys[{}]", at.journey),
            Some(step) => format!("journeys[{}].steps[{step}]", at.journey),
        };
        // An open journey leaves the problems of its steps to their rows.
        let with_parts =
            at.step.is_some() || is_shut(&self.scenario.journeys[at.journey], &self.view.collapsed);
        let Some(problem) = self.marks.worst(&path, with_parts) else { return row.right() - 8.0 };
        let colors = theme::colors(ui);
        let color = if problem.is_error() { colors.fail } else { colors.warn };
        let rect = Rect::from_min_max(egui::pos2(row.right() - MARK - 4.0, row.top()), row.right_bottom());
        let icon = icons::ICON_ERROR.codepoint;
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon, theme::icon_font(15.0), color);
        let response = ui.interact(rect, self.row_id(at).with("mark"), Sense::HOVER);
        response.on_hover_text(format!("{}. {}", problem.message, problem.remedy));
        rect.left()
    }

    fn words_ui(&self, ui: &Ui, at: Selected, rect: Rect) {
        let colors = theme::colors(ui);
        let journey = &self.scenario.journeys[at.journey];
        let painter = ui.painter();
        match at.step {
            None => {
                let share = self.share(at.journey);
                let font = theme::font(size::SMALL, Weight::Regular);
                let used = painter.text(rect.right_center(), Align2::RIGHT_CENTER, share, font, colors.muted);
                let name = Rect::from_min_max(rect.min, egui::pos2(used.left() - 8.0, rect.bottom()));
                name_ui(painter, name, &journey.name, Weight::SemiBold, look(journey.enabled, true, colors));
            }
            Some(step) => {
                let step = &journey.steps[step];
                let look = look(step.enabled, journey.enabled, colors);
                step_ui(painter, rect, step, look, colors);
            }
        }
    }

    fn share(&self, index: usize) -> String {
        let journey = &self.scenario.journeys[index];
        if !journey.enabled {
            return "off".to_owned();
        }
        let total: u64 = self.scenario.enabled_journeys().map(|(_, journey)| u64::from(journey.weight)).sum();
        if total == 0 {
            return String::new();
        }
        humanize::percent(f64::from(journey.weight) / total as f64)
    }

    fn rename_ui(&mut self, ui: &mut Ui, rect: Rect) {
        let Some(rename) = &mut self.view.rename else { return };
        let mut child = ui.new_child(egui::UiBuilder::new().max_rect(rect.shrink2(egui::vec2(0.0, 1.0))));
        let field = widgets::text_field(&mut child, "New name", &mut rename.text, rect.width() - 16.0);
        if std::mem::take(&mut rename.is_fresh) {
            field.request_focus();
            return;
        }
        if !field.lost_focus() && field.has_focus() {
            return;
        }
        let cancelled = ui.input(|input| input.key_pressed(Key::Escape));
        let Some(rename) = self.view.rename.take() else { return };
        if !cancelled && !rename.text.trim().is_empty() {
            let name = rename.text.trim();
            let journey = rename.at.journey;
            match rename.at.step {
                None => edit::rename_journey(self.scenario, journey, name),
                Some(step) => edit::rename_step(self.scenario, (journey, step), name),
            }
        }
        ui.memory_mut(|memory| memory.request_focus(self.id));
    }
}

/// Colour of a name, and whether it is struck through.
fn look(enabled: bool, within_enabled: bool, colors: &Colors) -> (Color32, bool) {
    match (enabled, within_enabled) {
        (true, true) => (colors.text, false),
        (true, false) => (colors.faint, false),
        (false, _) => (colors.faint, true),
    }
}

fn step_ui(painter: &Painter, rect: Rect, step: &Step, look: (Color32, bool), colors: &Colors) {
    let font = theme::font(size::FINE, Weight::SemiBold);
    let color = if look.0 == colors.text { theme::method_color(colors, &step.method) } else { colors.faint };
    painter.text(rect.left_center(), Align2::LEFT_CENTER, short(&step.method), font, color);
    let mut right = rect.right();
    if let Some(service) = step.service.as_ref().filter(|_| rect.width() >= WITH_SERVICE - 2.0 * INDENT) {
        let width = (rect.width() * 0.4).clamp(*SERVICE.start(), *SERVICE.end());
        let galley = one_line(painter, service, (size::SMALL, Weight::Regular), width, (colors.faint, false));
        let at = egui::pos2(right - galley.size().x, rect.center().y - galley.size().y / 2.0);
        right = at.x - 8.0;
        painter.galley(at, galley, colors.faint);
    }
    let name =
        Rect::from_min_max(egui::pos2(rect.left() + METHOD, rect.top()), egui::pos2(right, rect.bottom()));
    name_ui(painter, name, &step.name, Weight::Regular, look);
}

/// Long methods in few letters, so that names stand in one column.
fn short(method: &str) -> &str {
    match method {
        "DELETE" => "DEL",
        "OPTIONS" => "OPT",
        method => method.get(..6).unwrap_or(method),
    }
}

fn name_ui(painter: &Painter, rect: Rect, name: &str, weight: Weight, look: (Color32, bool)) {
    let name = if name.is_empty() { "Unnamed" } else { name };
    let galley = one_line(painter, name, (size::BODY, weight), rect.width(), look);
    painter.galley(egui::pos2(rect.left(), rect.center().y - galley.size().y / 2.0), galley, look.0);
}

fn one_line(
    painter: &Painter,
    text: &str,
    (size, weight): (f32, Weight),
    width: f32,
    (color, is_struck): (Color32, bool),
) -> std::sync::Arc<egui::Galley> {
    let strikethrough = if is_struck { Stroke::new(1.0, color) } else { Stroke::NONE };
    let format = TextFormat { strikethrough, ..TextFormat::simple(theme::font(size, weight), color) };
    let mut job = LayoutJob::single_section(text.to_owned(), format);
    job.wrap = TextWrapping::truncate_at_width(width.max(0.0));
    job.break_on_newline = false;
    painter.layout_job(job)
}
