//! Fields whose text may hold `{{…}}`: coloured, and completed while they are written.

mod highlight;
mod json;
mod offers;

pub use highlight::{Paint, galley};
pub use json::tidied;
pub use offers::{Columns, Offers};

use egui::{
    AtomExt as _, CompletionPopup, CompletionQuery, Response, RichText, Suggestion, TextBuffer, TextEdit, Ui,
};

use crate::app::{
    theme,
    widgets::{self, name_field},
};

/// At most so many offers; more is written on until fewer are left.
const MAX_OFFERS: usize = 50;

/// One line.
pub fn line(ui: &mut Ui, name: &str, text: &mut String, width: f32, offers: &Offers) -> Response {
    let mut layout =
        |ui: &Ui, text: &dyn TextBuffer, _: f32| galley(ui, text.as_str(), Paint::Text, f32::INFINITY);
    let edit = TextEdit::singleline(text)
        .desired_width(width)
        .min_size(widgets::least(width))
        .margin(egui::Margin::symmetric(8, 5))
        .layouter(&mut layout);
    let response = completed(ui, name, edit, offers);
    name_field(&response, name, text);
    response
}

/// Several lines.
pub fn area(
    ui: &mut Ui,
    (name, rows): (&str, usize),
    text: &mut String,
    paint: Paint,
    offers: &Offers,
) -> Response {
    let mut layout = |ui: &Ui, text: &dyn TextBuffer, width: f32| galley(ui, text.as_str(), paint, width);
    let edit = TextEdit::multiline(text)
        .desired_width(f32::INFINITY)
        .desired_rows(rows)
        .margin(egui::Margin::symmetric(8, 6))
        .layouter(&mut layout);
    let response = completed(ui, name, edit, offers);
    name_field(&response, name, text);
    response
}

fn completed(ui: &mut Ui, name: &str, edit: TextEdit<'_>, offers: &Offers) -> Response {
    let id = ui.make_persistent_id(("templated", name));
    let muted = theme::colors(ui).muted;
    let output = CompletionPopup::new(id)
        .word_boundary(|c| matches!(c, '{' | '}' | '\n' | '"'))
        .align(egui::RectAlign::BOTTOM_START)
        .max_height(240.0)
        .show(ui, edit, |query| suggestions(query, offers, muted));
    let mut response = output.text_edit.response.response;
    if output.accepted.is_some() {
        response.mark_changed();
    }
    response
}

fn suggestions(query: &CompletionQuery<'_>, offers: &Offers, muted: egui::Color32) -> Vec<Suggestion> {
    let start = query.word_range.start.0;
    let before: String = query.text.chars().skip(start.saturating_sub(2)).take(start.min(2)).collect();
    if before != "{{" {
        return Vec::new();
    }
    let mut after = query.text.chars().skip(query.word_range.end.0);
    let is_closed = after.next() == Some('}') && after.next() == Some('}');
    offers
        .matching(query.word)
        .take(MAX_OFFERS)
        .map(|offer| {
            // A feeder whose columns are not known is written on.
            let end = if is_closed || offer.name.ends_with('.') { "" } else { "}}" };
            let words =
                RichText::new(&offer.words).font(theme::font(theme::size::SMALL, theme::Weight::Regular));
            let name = RichText::new(&offer.name).font(theme::mono());
            Suggestion::new(format!("{}{end}", offer.name))
                .content((name, words.color(muted).atom_shrink(true).atom_grow(true)))
        })
        .collect()
}
