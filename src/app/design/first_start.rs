//! Greets whoever has no scenario open with three doors, and the guided tour below them.

use egui::{Align2, Sense, Stroke, Ui, WidgetInfo, accesskit::Role};
use egui_material_icons::{MaterialIcon, icons};

use crate::app::{
    command::{Command, Commands},
    theme::{self, Weight, size, space},
    tour::{TOUR_NAME, TourCommand},
    widgets,
};

const DOOR: egui::Vec2 = egui::vec2(236.0, 148.0);
const TOUR_HEIGHT: f32 = 76.0;

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
        ui.horizontal(|ui| {
            ui.add_space(left);
            tour_door_ui(ui, used, commands);
        });
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

/// A wide door, as it leads through all of the others' rooms.
fn tour_door_ui(ui: &mut Ui, width: f32, commands: &mut Commands) {
    let colors = theme::colors(ui);
    let (rect, response) = ui.allocate_exact_size(egui::vec2(width, TOUR_HEIGHT), Sense::click());
    let name = format!("Guided tour: {TOUR_NAME}");
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
    let is_lit = response.hovered() || response.has_focus();
    let border = if is_lit { colors.accent } else { colors.border };
    let painter = ui.painter();
    painter.rect(rect, 10.0, colors.card, Stroke::new(1.0, border), egui::StrokeKind::Inside);
    let icon_rect =
        egui::Rect::from_center_size(rect.left_center() + egui::vec2(33.0, 0.0), egui::Vec2::splat(34.0));
    painter.rect_filled(icon_rect, 8.0, colors.accent_soft);
    let (icon, icon_font) = (icons::ICON_SIGNPOST.codepoint, theme::icon_font(20.0));
    painter.text(icon_rect.center(), Align2::CENTER_CENTER, icon, icon_font, colors.accent_text);
    let title = painter.layout_no_wrap(name, theme::font(size::SECTION, Weight::SemiBold), colors.text);
    let room = rect.right() - icon_rect.right() - 32.0;
    let words = painter.layout(
        "Six steps on the sandbox: measure, read what limits it, switch one optimisation on, compare, report."
            .to_owned(),
        theme::font(size::SMALL, Weight::Regular),
        colors.muted,
        room,
    );
    let height = title.size().y + 4.0 + words.size().y;
    let at = egui::pos2(icon_rect.right() + 16.0, rect.center().y - height / 2.0);
    let below = at + egui::vec2(0.0, title.size().y + 4.0);
    painter.galley(at, title, colors.text);
    painter.galley(below, words, colors.muted);
    if response.clicked() {
        commands.push(Command::Tour(TourCommand::Show));
    }
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
