//! The menu of scenarios that come with the program.

use std::sync::LazyLock;

use egui::{Sense, Ui, WidgetInfo, accesskit::Role};

use crate::{
    app::{
        command::{Command, Commands},
        theme::{self, Weight, size},
    },
    model::parse_scenario,
    store,
};

const WIDTH: f32 = 380.0;
const ROW: f32 = 44.0;

/// Names with descriptions, read once.
static PRESETS: LazyLock<Vec<(&str, String)>> = LazyLock::new(|| {
    let describe = |text: &str| parse_scenario(text).map(|(scenario, _)| scenario.description);
    store::presets().iter().map(|preset| (preset.name, describe(preset.text).unwrap_or_default())).collect()
});

pub fn presets_menu_ui(ui: &mut Ui, commands: &mut Commands) {
    ui.set_width(WIDTH.min(ui.ctx().content_rect().width() - 40.0));
    ui.spacing_mut().item_spacing.y = 0.0;
    let height = ui.ctx().content_rect().height() * 0.7;
    egui::ScrollArea::vertical().max_height(height).show(ui, |ui| {
        for (name, description) in PRESETS.iter() {
            if row_ui(ui, name, description).clicked() {
                commands.push(Command::OpenPreset((*name).to_owned()));
                ui.close();
            }
        }
    });
}

fn row_ui(ui: &mut Ui, name: &str, description: &str) -> egui::Response {
    let colors = theme::colors(ui);
    let (rect, response) = ui.allocate_exact_size(egui::vec2(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::MenuItem, true, name));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, theme::CORNERS, colors.hover);
    }
    let at = rect.left_top() + egui::vec2(10.0, 5.0);
    let font = theme::font(size::BODY, Weight::SemiBold);
    ui.painter().text(at, egui::Align2::LEFT_TOP, name, font, colors.text);
    let font = theme::font(size::SMALL, Weight::Regular);
    let mut job = egui::text::LayoutJob::simple_singleline(description.to_owned(), font, colors.muted);
    job.wrap = egui::text::TextWrapping::truncate_at_width(rect.width() - 20.0);
    let galley = ui.painter().layout_job(job);
    ui.painter().galley(at + egui::vec2(0.0, 18.0), galley, colors.muted);
    response.on_hover_text(description)
}
