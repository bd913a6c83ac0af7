//! The request of a step as it would be sent, character by character, worked out once for each change.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Color32, Galley, ScrollArea, TextFormat, Ui, text::LayoutJob};
use egui_material_icons::icons;

use crate::{
    app::{
        theme::{self, Colors},
        widgets,
    },
    engine::{HIDDEN, PreviewText, preview},
    model::Scenario,
};

const MAX_HEIGHT: f32 = 260.0;

/// What the preview shows.
#[derive(Debug)]
pub struct PreviewView {
    is_open: bool,
    known: Option<Known>,
}

/// A request worked out before.
#[derive(Debug)]
struct Known {
    place: (usize, usize),
    revision: u64,
    text: Result<PreviewText, String>,
}

impl Default for PreviewView {
    fn default() -> Self {
        Self { is_open: true, known: None }
    }
}

impl PreviewView {
    /// Works the request out anew where the scenario or the step is another.
    pub fn look(&mut self, scenario: &Scenario, place: Option<(usize, usize)>, revision: u64) {
        let Some(place) = place.filter(|_| self.is_open) else { return };
        if self.known.as_ref().is_some_and(|known| known.place == place && known.revision == revision) {
            return;
        }
        let text = preview(scenario, place.0, place.1, &BTreeMap::new());
        self.known = Some(Known { place, revision, text });
    }
}

pub fn preview_ui(ui: &mut Ui, view: &mut PreviewView) {
    widgets::card(ui, |ui| {
        let text = view.known.as_ref().map(|known| &known.text).filter(|_| view.is_open);
        let mut is_open = view.is_open;
        ui.horizontal(|ui| {
            let icon =
                if is_open { icons::ICON_KEYBOARD_ARROW_DOWN } else { icons::ICON_KEYBOARD_ARROW_RIGHT };
            let verb = if is_open { "Hide the request" } else { "Show the request" };
            if widgets::icon_button(ui, icon, verb).clicked() {
                is_open = !is_open;
            }
            widgets::section(ui, "Request as sent");
            if let Some(Ok(text)) = text {
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    if widgets::icon_button(ui, icons::ICON_CONTENT_COPY, "Copy the request").clicked() {
                        ui.ctx().copy_text(format!("{}{}", text.head, text.body));
                    }
                });
            }
        });
        match text {
            Some(Ok(text)) => text_ui(ui, text),
            Some(Err(refusal)) => {
                let color = theme::colors(ui).warn;
                ui.label(theme::small(ui, format!("Cannot be shown yet: {refusal}.")).color(color));
            }
            None => {}
        }
        view.is_open = is_open;
    });
}

fn text_ui(ui: &mut Ui, text: &PreviewText) {
    let whole = format!("{}{}", text.head.replace("\r\n", "\n"), text.body);
    ScrollArea::both()
        .id_salt("request as sent")
        .max_height(MAX_HEIGHT)
        .min_scrolled_height(MAX_HEIGHT)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            let galley = galley(ui, &whole);
            let label = egui::Label::new(galley).extend().selectable(true);
            ui.add(label);
        });
    if text.is_cut {
        ui.label(theme::small(ui, "The body goes on."));
    }
    let has_gaps = whole.contains("{{");
    let words = match (has_gaps, whole.contains(HIDDEN)) {
        (true, true) => "Marked values are known only while a run is under way; secrets show as •••.",
        (true, false) => "Marked values come from feeders and earlier answers while a run is under way.",
        (false, true) => "Secrets show as •••.",
        (false, false) => return,
    };
    ui.label(theme::small(ui, words));
}

/// The request with what is not known yet in a colour of its own.
fn galley(ui: &Ui, text: &str) -> Arc<Galley> {
    ui.fonts_mut(|fonts| fonts.layout_job(job(text, theme::colors(ui))))
}

fn job(text: &str, colors: &Colors) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.wrap.max_width = f32::INFINITY;
    for (piece, is_marked) in pieces(text) {
        let (color, ground) =
            if is_marked { (colors.warn, colors.warn_soft) } else { (colors.text, Color32::TRANSPARENT) };
        let format = TextFormat { background: ground, ..TextFormat::simple(theme::mono(), color) };
        job.append(piece, 0.0, format);
    }
    job
}

/// A text in its pieces; `{{…}}` and hidden secrets are marked.
fn pieces(text: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((start, length)) = next_mark(rest) {
        pieces.push((&rest[..start], false));
        pieces.push((&rest[start..start + length], true));
        rest = &rest[start + length..];
    }
    pieces.push((rest, false));
    pieces.retain(|(piece, _)| !piece.is_empty());
    pieces
}

/// Where the next mark begins, and how long it is.
fn next_mark(text: &str) -> Option<(usize, usize)> {
    let gap = text.find("{{").and_then(|start| Some((start, text[start..].find("}}")? + 2)));
    let secret = text.find(HIDDEN).map(|start| (start, HIDDEN.len()));
    gap.into_iter().chain(secret).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_secrets_are_marked() {
        let text = format!("GET /{{{{id}}}}?k={HIDDEN} {{{{");
        let expected = [("GET /", false), ("{{id}}", true), ("?k=", false), (HIDDEN, true), (" {{", false)];
        assert_eq!(pieces(&text), expected);
        assert!(pieces("").is_empty());
    }
}
