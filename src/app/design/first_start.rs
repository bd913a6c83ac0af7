//! Greets whoever has no scenario open with three doors.

use egui::{Align2, Sense, Stroke, Ui, WidgetInfo, accesskit::Role};
use egui_material_icons::{MaterialIcon, icons};

use crate::app::{
    command::{Command, Commands},
    theme::{self, Weight, size, space},
    widgets,
};

const DOOR: egui::Vec2 = egui::vec2(236.0, 148.0);

pub fn first_start_ui(ui: &mut Ui, commands: &mut Commands) {
    widgets::page(ui, "first start", |ui| {
        ui.add_space((ui.ctx().content_rect().height() * 0.08).max(space::L));
        ui.vertical_centered(|ui| {
            ui.label(theme::text("Draw a load, run it, judge it", size::TITLE, Weight::SemiBold));
            let words = "A scenario says which requests to send and how load arrives. Every run is kept.";
            ui.label(theme::muted(ui, words));
        });
        ui.add_space(space::L);
        let per_row = ((ui.available_width() / (DOOR.x + space::M)) as usize).clamp(1, 3);
        let used = per_row as f32 * (DOOR.x + space::M) - space::M;
        let left = ((ui.available_width() - used) / 2.0).max(0.0);
        for doors in doors().chunks(per_row) {
            ui.horizontal(|ui| {
                ui.add_space(left);
                ui.spacing_mut().item_spacing.x = space::M;
                for door in doors {
                    door_ui(ui, door, commands);
                }
            });
        }
    });
}

struct Door {
    icon: MaterialIcon,
    title: &'static str,
    words: &'static str,
    command: Command,
}

fn doors() -> [Door; 3] {
    [
        Door {
            icon: icons::ICON_SCIENCE,
            title: "Try the sandbox",
            words: "Opens the quickstart: a built-in target, no network, a real curve within a minute.",
            command: Command::OpenPreset("quickstart".to_owned()),
        },
        Door {
            icon: icons::ICON_LIBRARY_BOOKS,
            title: "Start from a preset",
            words: "Smoke, normal day, peak, stress, spike, soak and more, to be adapted to your service.",
            command: Command::ShowGallery,
        },
        Door {
            icon: icons::ICON_FOLDER_OPEN,
            title: "Open a scenario file",
            words: "A .toml file, yours or a colleague's. Files from other tools come later.",
            command: Command::BrowseForScenario,
        },
    ]
}

fn door_ui(ui: &mut Ui, door: &Door, commands: &mut Commands) {
    let colors = theme::colors(ui);
    let (rect, response) = ui.allocate_exact_size(DOOR, Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, door.title));
    let is_lit = response.hovered() || response.has_focus();
    let border = if is_lit { colors.accent } else { colors.border };
    ui.painter().rect(rect, 10.0, colors.card, Stroke::new(1.0, border), egui::StrokeKind::Inside);
    let icon_rect = egui::Rect::from_min_size(rect.min + egui::vec2(16.0, 16.0), egui::Vec2::splat(34.0));
    ui.painter().rect_filled(icon_rect, 8.0, colors.accent_soft);
    ui.painter().text(
        icon_rect.center(),
        Align2::CENTER_CENTER,
        door.icon.codepoint,
        theme::icon_font(20.0),
        colors.accent_text,
    );
    let title_at = icon_rect.left_bottom() + egui::vec2(0.0, 12.0);
    let title_font = theme::font(size::SECTION, Weight::SemiBold);
    ui.painter().text(title_at, Align2::LEFT_TOP, door.title, title_font, colors.text);
    let font = theme::font(size::SMALL, Weight::Regular);
    let galley = ui.painter().layout(door.words.to_owned(), font, colors.muted, DOOR.x - 32.0);
    ui.painter().galley(title_at + egui::vec2(0.0, 24.0), galley, colors.muted);
    if response.clicked() {
        commands.push(door.command.clone());
    }
}
