//! Numbers and small marks.

use egui::{Color32, Frame, Margin, Response, Stroke, Ui};

use crate::{
    app::theme::{self, Weight, space},
    metrics::Verdict,
};

/// A number with its name, unit and window.
#[derive(Clone, Debug)]
pub struct Tile<'a> {
    pub label: &'a str,
    /// The value with its unit, as humanize writes it.
    pub value: &'a str,
    /// What stretch of time or which rule it covers, such as "last 5 s".
    pub caption: &'a str,
    /// Colour of the value where it says something.
    pub color: Option<Color32>,
}

/// A big number in a card of its own.
pub fn number_tile(ui: &mut Ui, tile: &Tile<'_>, width: f32) -> Response {
    let colors = theme::colors(ui);
    Frame::new()
        .fill(colors.card)
        .stroke(Stroke::new(1.0, colors.border))
        .corner_radius(8.0)
        .inner_margin(Margin::symmetric(space::M as i8, 10))
        .show(ui, |ui| {
            ui.set_width(width - 2.0 * space::M - 2.0);
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.label(theme::small(ui, tile.label));
                let value = theme::text(tile.value, theme::size::TITLE, Weight::SemiBold)
                    .color(tile.color.unwrap_or(colors.text));
                ui.add(egui::Label::new(value).truncate());
                ui.add(egui::Label::new(theme::small(ui, tile.caption).color(colors.faint)).truncate());
            });
        })
        .response
}

/// A word on a soft ground.
pub fn badge(ui: &mut Ui, text: &str, color: Color32, ground: Color32) -> Response {
    Frame::new()
        .fill(ground)
        .corner_radius(9.0)
        .inner_margin(Margin::symmetric(8, 2))
        .show(ui, |ui| {
            ui.add(
                egui::Label::new(theme::text(text, theme::size::FINE, Weight::SemiBold).color(color))
                    .extend(),
            );
        })
        .response
}

/// PASS, FAIL or INCONCLUSIVE.
pub fn verdict_pill(ui: &mut Ui, verdict: Verdict) -> Response {
    let colors = theme::colors(ui);
    let (color, ground) = match verdict {
        Verdict::Pass => (colors.ok, colors.ok_soft),
        Verdict::Fail => (colors.fail, colors.fail_soft),
        Verdict::Inconclusive => (colors.warn, colors.warn_soft),
    };
    badge(ui, verdict.name(), color, ground)
}

/// A tag.
pub fn chip(ui: &mut Ui, text: &str) -> Response {
    let colors = theme::colors(ui);
    badge(ui, text, colors.muted, colors.raised)
}
