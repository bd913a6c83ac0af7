//! What requests and answers have in common: headers in a table, and bodies that are no JSON.

use egui::{Button, Grid, Label, RichText, ScrollArea, Ui};

use crate::{
    app::theme::{self, space},
    humanize,
    metrics::ShownBody,
};

/// As much of a text is drawn: laying it out takes time with each change of width.
const MAX_DRAWN: usize = 64 * 1024;

/// Headers as a table; returns the value that was clicked, of those that `can_click` names.
pub(super) fn headers_ui(
    ui: &mut Ui,
    headers: &[(String, String)],
    can_click: impl Fn(&str, &str) -> bool,
) -> Option<(String, String)> {
    let mut clicked = None;
    ScrollArea::horizontal().id_salt("headers").show(ui, |ui| {
        Grid::new("headers").num_columns(2).spacing([space::L, space::XS]).show(ui, |ui| {
            ui.spacing_mut().interact_size.y = 18.0;
            for (name, value) in headers {
                ui.label(RichText::new(name).font(theme::mono()).color(theme::colors(ui).muted));
                let text = RichText::new(value).font(theme::mono());
                if can_click(name, value) {
                    let button = Button::new(text.color(theme::colors(ui).accent_text));
                    if ui.add(button.frame_when_inactive(false)).on_hover_text("Make it a variable").clicked()
                    {
                        clicked = Some((name.clone(), value.clone()));
                    }
                } else {
                    ui.add(Label::new(text).selectable(true).extend());
                }
                ui.end_row();
            }
        });
    });
    clicked
}

/// A body that is no JSON.
pub(super) fn body_ui(ui: &mut Ui, body: &ShownBody) {
    let Some(text) = &body.text else {
        let size = humanize::bytes(body.n_bytes);
        ui.label(theme::muted(ui, format!("{size} that are no text")));
        return;
    };
    let drawn = &text[..text.floor_char_boundary(MAX_DRAWN)];
    ScrollArea::horizontal().id_salt("body").show(ui, |ui| {
        ui.add(Label::new(RichText::new(drawn).font(theme::mono())).selectable(true).extend());
    });
    if drawn.len() < text.len() || !body.complete {
        ui.label(theme::small(ui, format!("… {} in all", humanize::bytes(body.n_bytes))));
    }
}
