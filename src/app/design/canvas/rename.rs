//! The name of a stage, written in place on its band.

use egui::{Key, Rect, Ui, UiBuilder};

use super::{Canvas, CanvasView, paint::STRIP};
use crate::{
    app::{theme, widgets},
    model::{
        Scenario,
        profile::edit::{Point, Span, name_refusal, rename_stage},
    },
};

const WIDTH: f32 = 200.0;

/// A name that is being written.
#[derive(Debug)]
pub(super) struct Renaming {
    index: usize,
    /// None until the field is there.
    text: Option<String>,
}

impl CanvasView {
    /// Opens the field for the stage's name.
    pub(super) fn rename(&mut self, index: usize) {
        self.select(index);
        self.renaming = Some(Renaming { index, text: None });
    }
}

pub(super) fn rename_ui(
    ui: &mut Ui,
    view: &mut CanvasView,
    scenario: &mut Scenario,
    canvas: &Canvas,
    spans: &[Span],
) {
    // The frame in which the first click is taken back still shows the point that it added.
    if view.takes_back {
        return;
    }
    let Some(Renaming { index, text }) = view.renaming.take() else { return };
    let Some(span) = spans.get(index) else { return };
    let is_new = text.is_none();
    let mut text = text.unwrap_or_else(|| scenario.load.stages[index].name.clone());
    let mut child = ui.new_child(UiBuilder::new().max_rect(place(canvas, span)).id_salt("stage name"));
    let field = widgets::text_field(&mut child, "Stage name", &mut text, WIDTH - 16.0);
    let refusal = name_refusal(&scenario.load, index, text.trim());
    if is_new {
        field.request_focus();
        let all = egui::text::CCursorRange::two(
            egui::text::CCursor::new(0),
            egui::text::CCursor::new(text.chars().count()),
        );
        let mut state = egui::TextEdit::load_state(ui.ctx(), field.id).unwrap_or_default();
        state.cursor.set_char_range(Some(all));
        state.store(ui.ctx(), field.id);
    }
    if let Some(refusal) = &refusal {
        let words = theme::small(&child, refusal.as_str()).color(theme::colors(&child).fail);
        egui::Frame::popup(child.style())
            .inner_margin(theme::space::XS)
            .show(&mut child, |ui| ui.label(words));
    }
    if !field.lost_focus() {
        view.renaming = Some(Renaming { index, text: Some(text) });
        return;
    }
    let (entered, escaped) =
        ui.input(|input| (input.key_pressed(Key::Enter), input.key_pressed(Key::Escape)));
    match refusal {
        Some(_) if entered => {
            field.request_focus();
            view.renaming = Some(Renaming { index, text: Some(text) });
            return;
        }
        None if !escaped => rename_stage(scenario, index, text.trim().to_owned()),
        _ => {}
    }
    if entered || escaped {
        view.focus_point(index);
    }
}

/// Over the band's name, within the canvas.
fn place(canvas: &Canvas, span: &Span) -> Rect {
    let frame = canvas.frame();
    let left = canvas.position(Point { level: 0.0, ..span.from }).x.max(frame.left());
    let left = left.min(frame.right() - WIDTH).max(frame.left());
    Rect::from_min_size(egui::pos2(left, frame.top()), egui::vec2(WIDTH, STRIP + 40.0))
}
