//! Buttons in their few kinds.

use egui::{
    Atom, AtomExt as _, Button, Color32, Response, RichText, Stroke, Ui, WidgetInfo, WidgetText,
    accesskit::Role,
};
use egui_material_icons::MaterialIcon;

use crate::app::theme::{self, CONTROL_HEIGHT, Weight, size};

/// Gives a widget the name by which screen readers and tests know it.
pub fn named(response: Response, name: &str) -> Response {
    let enabled = response.enabled();
    response.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
    response
}

fn icon_atom(icon: MaterialIcon, color: Color32, points: f32) -> Atom<'static> {
    RichText::new(icon.codepoint).font(theme::icon_font(points)).color(color).atom_grow(false)
}

/// A plain button with an icon.
pub fn button(ui: &mut Ui, icon: MaterialIcon, label: &str) -> Response {
    let color = theme::colors(ui).muted;
    let response =
        ui.add(Button::new((icon_atom(icon, color, 16.0), label)).min_size(egui::vec2(0.0, CONTROL_HEIGHT)));
    named(response, label)
}

/// The one thing to do next.
pub fn primary_button(ui: &mut Ui, icon: MaterialIcon, label: &str) -> Response {
    let colors = theme::colors(ui);
    filled(ui, icon, label, colors.accent, colors.accent_hover, colors.on_accent)
}

/// Ends or removes something.
pub fn danger_button(ui: &mut Ui, icon: MaterialIcon, label: &str) -> Response {
    let colors = theme::colors(ui);
    filled(ui, icon, label, colors.fail_soft, colors.fail_soft, colors.fail)
}

fn filled(
    ui: &mut Ui,
    icon: MaterialIcon,
    label: &str,
    fill: Color32,
    hover: Color32,
    text: Color32,
) -> Response {
    let response = ui
        .scope(|ui| {
            let widgets = &mut ui.visuals_mut().widgets;
            for (state, color) in [
                (&mut widgets.inactive, fill),
                (&mut widgets.hovered, hover),
                (&mut widgets.active, hover),
                (&mut widgets.open, hover),
                (&mut widgets.noninteractive, fill),
            ] {
                state.weak_bg_fill = color;
                state.bg_stroke = Stroke::new(1.0, color);
            }
            let words = RichText::new(label).color(text).font(theme::font(size::BODY, Weight::SemiBold));
            ui.add(
                Button::new((icon_atom(icon, text, 16.0), words)).min_size(egui::vec2(0.0, CONTROL_HEIGHT)),
            )
        })
        .inner;
    named(response, label)
}

/// A button that is only an icon; the name shows as tooltip.
pub fn icon_button(ui: &mut Ui, icon: MaterialIcon, name: &str) -> Response {
    bare_icon_button(ui, icon, name).on_hover_text(name)
}

/// A button that is only an icon, for callers with a tooltip of their own.
pub fn bare_icon_button(ui: &mut Ui, icon: MaterialIcon, name: &str) -> Response {
    let color = theme::colors(ui).muted;
    let button = Button::new(icon_atom(icon, color, 17.0))
        .frame_when_inactive(false)
        .min_size(egui::Vec2::splat(CONTROL_HEIGHT));
    let response = ui
        .scope(|ui| {
            ui.spacing_mut().button_padding.x = 5.0;
            ui.add(button)
        })
        .inner;
    named(response, name)
}

/// A button that looks like text.
pub fn link_button(ui: &mut Ui, label: &str) -> Response {
    let color = theme::colors(ui).accent_text;
    let text = theme::text(label, size::BODY, Weight::Medium).color(color);
    named(ui.add(Button::new(text).frame_when_inactive(false)), label)
}

/// An entry of a menu, over its full width.
pub fn menu_entry(ui: &mut Ui, icon: MaterialIcon, label: &str) -> Response {
    let color = theme::colors(ui).muted;
    let button = Button::new((icon_atom(icon, color, 16.0), label))
        .frame_when_inactive(false)
        .min_size(egui::vec2(200.0, CONTROL_HEIGHT));
    named(ui.add(button), label)
}

/// One choice of few, side by side; returns whether it changed.
pub fn segments<T: PartialEq + Copy>(ui: &mut Ui, chosen: &mut T, choices: &[(T, &str)]) -> bool {
    segments_frame(ui, |ui| ui.horizontal(|ui| segments_ui(ui, chosen, choices)).inner)
}

/// The same in as many rows as it takes.
pub fn wrapped_segments<T: PartialEq + Copy>(ui: &mut Ui, chosen: &mut T, choices: &[(T, &str)]) -> bool {
    segments_frame(ui, |ui| ui.horizontal_wrapped(|ui| segments_ui(ui, chosen, choices)).inner)
}

fn segments_frame(ui: &mut Ui, add: impl FnOnce(&mut Ui) -> bool) -> bool {
    let fill = theme::colors(ui).raised;
    let frame = egui::Frame::new().fill(fill).corner_radius(theme::CORNERS).inner_margin(2.0);
    frame
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing = egui::Vec2::splat(2.0);
            ui.spacing_mut().interact_size.y = CONTROL_HEIGHT - 4.0;
            add(ui)
        })
        .inner
}

fn segments_ui<T: PartialEq + Copy>(ui: &mut Ui, chosen: &mut T, choices: &[(T, &str)]) -> bool {
    let colors = theme::colors(ui);
    let mut changed = false;
    for (value, label) in choices {
        let is_chosen = *chosen == *value;
        let color = if is_chosen { colors.text } else { colors.muted };
        let text: WidgetText = theme::text(*label, size::BODY, Weight::Medium).color(color).into();
        let fill = if is_chosen { colors.card } else { Color32::TRANSPARENT };
        let stroke = if is_chosen { colors.border } else { Color32::TRANSPARENT };
        let response =
            ui.add(Button::new(text).fill(fill).stroke(Stroke::new(1.0, stroke)).corner_radius(5.0));
        response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, is_chosen, *label));
        if response.clicked() && !is_chosen {
            *chosen = *value;
            changed = true;
        }
    }
    changed
}
