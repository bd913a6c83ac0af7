//! The rail at the left: one entry per screen.

use egui::{Align2, Panel, Sense, Ui, WidgetInfo, accesskit::Role};
use egui_material_icons::{MaterialIcon, icons};

use crate::app::{
    actions::{VIEWS, tooltip},
    command::{Command, Commands},
    state::State,
    theme::{self, Weight, size, space},
    widgets,
};

const WIDE: f32 = 168.0;
const NARROW: f32 = 56.0;

/// Windows narrower than this show icons only.
const NARROW_WINDOW: f32 = 760.0;

pub fn rail_ui(ui: &mut Ui, state: &State, commands: &mut Commands) {
    let is_narrow = state.rail_collapsed || ui.available_width() < NARROW_WINDOW;
    let colors = theme::colors(ui);
    let frame = egui::Frame::new().fill(colors.chrome).inner_margin(egui::Margin::symmetric(8, 10));
    Panel::left("rail").exact_size(if is_narrow { NARROW } else { WIDE }).resizable(false).frame(frame).show(
        ui,
        |ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            brand_ui(ui, is_narrow);
            ui.add_space(space::M);
            for (view, label, icon, _) in VIEWS {
                let is_running = view == crate::app::command::View::Run && state.run_state.is_busy();
                let entry = Entry { label, icon, is_selected: state.view == view, is_narrow, is_running };
                let command = Command::Show(view);
                let tip = tooltip(ui.ctx(), label, &command, None);
                if entry_ui(ui, &entry).on_hover_text(tip).clicked() {
                    commands.push(command);
                }
            }
            ui.with_layout(egui::Layout::bottom_up(egui::Align::LEFT), |ui| {
                let icon = if state.rail_collapsed { icons::ICON_MENU } else { icons::ICON_MENU_OPEN };
                if widgets::icon_button(ui, icon, "Collapse or widen the rail").clicked() {
                    commands.push(Command::ToggleRail);
                }
            });
        },
    );
}

fn brand_ui(ui: &mut Ui, is_narrow: bool) {
    let colors = theme::colors(ui);
    ui.horizontal(|ui| {
        ui.add_space(space::XS);
        let (rect, _) = ui.allocate_exact_size(egui::vec2(30.0, 30.0), Sense::hover());
        ui.painter().rect_filled(rect, 8.0, colors.accent);
        // A little load profile as the sign: up, hold, down.
        let at = |x: f32, y: f32| rect.lerp_inside(egui::vec2(x, y));
        let sign = vec![at(0.2, 0.72), at(0.4, 0.34), at(0.62, 0.34), at(0.8, 0.72)];
        ui.painter().add(egui::Shape::line(sign, egui::Stroke::new(2.0, colors.on_accent)));
        if !is_narrow {
            ui.label(theme::text("Stagewright", size::SECTION, Weight::SemiBold));
        }
    });
}

struct Entry<'a> {
    label: &'a str,
    icon: MaterialIcon,
    is_selected: bool,
    is_narrow: bool,
    is_running: bool,
}

fn entry_ui(ui: &mut Ui, entry: &Entry<'_>) -> egui::Response {
    let colors = theme::colors(ui);
    let (rect, response) = ui.allocate_exact_size(egui::vec2(ui.available_width(), 36.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, entry.is_selected, entry.label));
    let painter = ui.painter();
    let color = if entry.is_selected {
        painter.rect_filled(rect, theme::CORNERS, colors.accent_soft);
        colors.accent_text
    } else if response.hovered() || response.has_focus() {
        painter.rect_filled(rect, theme::CORNERS, colors.hover);
        colors.text
    } else {
        colors.muted
    };
    let icon_x = if entry.is_narrow { rect.center().x } else { rect.left() + 20.0 };
    let icon_at = egui::pos2(icon_x, rect.center().y);
    painter.text(icon_at, Align2::CENTER_CENTER, entry.icon.codepoint, theme::icon_font(19.0), color);
    if !entry.is_narrow {
        let weight = if entry.is_selected { Weight::SemiBold } else { Weight::Medium };
        let at = egui::pos2(rect.left() + 38.0, rect.center().y);
        painter.text(at, Align2::LEFT_CENTER, entry.label, theme::font(size::BODY, weight), color);
    }
    if entry.is_running {
        painter.circle_filled(egui::pos2(rect.right() - 10.0, rect.center().y), 4.0, colors.ok);
    }
    response
}
