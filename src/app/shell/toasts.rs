//! Messages at the lower right: notices fade, troubles stay until dismissed.

use egui::{Align2, Area, Frame, Id, Margin, Order, Pos2, Stroke, Ui};
use egui_material_icons::icons;

use crate::app::{
    command::{Command, Commands},
    state::{Message, Messages, Tone},
    theme::{self, space},
    widgets,
};

const WIDTH: f32 = 380.0;

/// Draws them above `corner`, the lower right one of the screen.
pub fn toasts_ui(ui: &mut Ui, messages: &Messages, corner: Pos2, commands: &mut Commands) {
    if messages.shown().is_empty() {
        return;
    }
    // Whatever is docked there is not covered.
    let offset = corner - ui.ctx().content_rect().right_bottom() - egui::vec2(space::L, space::L);
    Area::new(Id::unique("messages")).order(Order::Foreground).anchor(Align2::RIGHT_BOTTOM, offset).show(
        ui.ctx(),
        |ui| {
            for message in messages.shown() {
                message_ui(ui, message, commands);
            }
        },
    );
}

fn message_ui(ui: &mut Ui, message: &Message, commands: &mut Commands) {
    let colors = theme::colors(ui);
    let (icon, color) = match message.tone {
        Tone::Info => (icons::ICON_INFO, colors.info),
        Tone::Ok => (icons::ICON_CHECK_CIRCLE, colors.ok),
        Tone::Fail => (icons::ICON_ERROR, colors.fail),
    };
    Frame::new()
        .fill(colors.card)
        .stroke(Stroke::new(1.0, colors.border_strong))
        .shadow(ui.visuals().popup_shadow)
        .corner_radius(8.0)
        .inner_margin(Margin::symmetric(12, 8))
        .show(ui, |ui| {
            ui.set_width(WIDTH.min(ui.ctx().content_rect().width() - 80.0));
            ui.horizontal_top(|ui| {
                let icon_text = egui::RichText::new(icon.codepoint).font(theme::icon_font(18.0)).color(color);
                ui.add_space(2.0);
                ui.vertical(|ui| {
                    ui.add_space(5.0);
                    ui.label(icon_text);
                });
                let words_width = ui.available_width() - 40.0;
                ui.vertical(|ui| {
                    ui.set_width(words_width);
                    ui.add_space(6.0);
                    ui.label(&message.text);
                    if let Some((words, command)) = &message.offer
                        && widgets::link_button(ui, words).clicked()
                    {
                        commands.push(command.clone());
                        commands.push(Command::DismissMessage(message.number));
                    }
                    ui.add_space(4.0);
                });
                if widgets::icon_button(ui, icons::ICON_CLOSE, "Dismiss message").clicked() {
                    commands.push(Command::DismissMessage(message.number));
                }
            });
        });
}
