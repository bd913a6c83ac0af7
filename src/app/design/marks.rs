//! Problems beside their fields: a marked field says what is wrong with it, and gets the cursor when its problem
//! was clicked.

use std::cell::Cell;

use egui::{Align, Response, Stroke, StrokeKind, Ui};

use crate::{app::theme, model::Problem};

/// Frames that a jump waits for its field: the first may still draw another tab, or a list that has to scroll.
const PATIENCE: u8 = 4;

/// The least width of words under a narrow field.
const WORDS: f32 = 180.0;

/// The field that is to get the cursor, because its problem was clicked.
#[derive(Clone, Debug, Default)]
pub struct Jump {
    field: Option<String>,
    n_frames: u8,
}

/// What a frame of the Design screen knows of problems; fields are drawn by it.
#[derive(Debug)]
pub struct Marks<'a> {
    problems: &'a [Problem],
    jump: Option<&'a str>,
    is_met: Cell<bool>,
}

impl Jump {
    /// Asks for the field at this path of the file, such as `journeys[0].steps[2].path`.
    pub fn to(field: &str) -> Self {
        Self { field: Some(field.to_owned()), n_frames: 0 }
    }

    /// Ends when the field was met, or was not there for a while; returns whether it still waits.
    pub fn settle(&mut self, is_met: bool) -> bool {
        self.n_frames += 1;
        if is_met || self.n_frames > PATIENCE {
            *self = Self::default();
        }
        self.field.is_some()
    }
}

impl<'a> Marks<'a> {
    pub fn new(problems: &'a [Problem], jump: &'a Jump) -> Self {
        Self { problems, jump: jump.field.as_deref(), is_met: Cell::new(false) }
    }

    /// Draws a field with the problems of its path and of all below it, such as one header of all headers.
    pub fn field(&self, ui: &mut Ui, path: &str, add: impl FnOnce(&mut Ui) -> Response) -> Response {
        self.marked(ui, |field| is_within(field, path), add)
    }

    /// Draws what stands for a whole list or table, with its own problems but none of its parts.
    pub fn list(&self, ui: &mut Ui, path: &str, add: impl FnOnce(&mut Ui) -> Response) -> Response {
        self.marked(ui, |field| field == path, add)
    }

    /// The worst problem of a journey or a step: of all its parts, or without those that are steps.
    pub fn worst(&self, path: &str, with_steps: bool) -> Option<&Problem> {
        let steps = format!("{path}.steps[");
        let mine = self.problems.iter().filter(|problem| {
            is_within(&problem.field, path) && (with_steps || !problem.field.starts_with(&steps))
        });
        mine.max_by_key(|problem| problem.is_error())
    }

    /// Whether the field that was asked for has been drawn.
    pub fn is_met(&self) -> bool {
        self.is_met.get()
    }

    // Always within its own layout, problem or not: a field that moved into another one would lose the cursor.
    fn marked(
        &self,
        ui: &mut Ui,
        is_mine: impl Fn(&str) -> bool,
        add: impl FnOnce(&mut Ui) -> Response,
    ) -> Response {
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            let response = add(ui);
            if self.jump.is_some_and(&is_mine) && !self.is_met.replace(true) {
                response.request_focus();
                response.scroll_to_me(Some(Align::Center));
            }
            for problem in self.problems.iter().filter(|problem| is_mine(&problem.field)) {
                problem_ui(ui, problem, &response);
            }
            response
        })
        .inner
    }
}

fn problem_ui(ui: &mut Ui, problem: &Problem, field: &Response) {
    let colors = theme::colors(ui);
    let color = if problem.is_error() { colors.fail } else { colors.warn };
    ui.painter().rect_stroke(field.rect, theme::CORNERS, Stroke::new(1.0, color), StrokeKind::Inside);
    ui.set_max_width(field.rect.width().max(WORDS));
    let words = format!("{}. {}", sentence(&problem.message), problem.remedy);
    ui.label(theme::small(ui, words).color(color)).on_hover_text(&problem.field);
}

/// A message with a capital at its beginning.
pub fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Whether `field` is `path` or a part of it.
fn is_within(field: &str, path: &str) -> bool {
    field.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_covers_its_parts_and_nothing_that_only_begins_alike() {
        assert!(is_within("journeys[0].steps[2].headers.x-id", "journeys[0].steps[2].headers"));
        assert!(is_within("load.stages[1]", "load.stages"));
        assert!(!is_within("journeys[10].name", "journeys[1]"));
        assert!(!is_within("transport.certificate_chain", "transport.certificate"));
    }

    #[test]
    fn a_jump_ends_when_its_field_was_met_or_never_comes() {
        let mut jump = Jump::to("name");
        assert!(jump.settle(false));
        assert!(!jump.settle(true));
        let mut jump = Jump::to("name");
        assert_eq!((0..=PATIENCE).filter(|_| jump.settle(false)).count(), usize::from(PATIENCE));
    }
}
