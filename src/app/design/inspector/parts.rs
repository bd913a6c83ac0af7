//! The parts of a step, of which one is open.

use egui::{Button, RichText, Stroke, Ui, WidgetInfo, accesskit::Role};

use crate::{
    app::{
        design::marks::Marks,
        theme::{self, Weight, size, space},
    },
    model::{Body, Step},
};

/// A part of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Part {
    #[default]
    Query,
    Headers,
    Body,
    Auth,
    Checks,
    Extracts,
    Limits,
}

const PARTS: [Part; 7] =
    [Part::Query, Part::Headers, Part::Body, Part::Auth, Part::Checks, Part::Extracts, Part::Limits];

impl Part {
    /// The part with the field at a path such as `journeys[0].steps[2].checks[1].regex`.
    pub fn of(field: &str) -> Option<Self> {
        let (_, within) = field.split_once(".steps[")?.1.split_once("].")?;
        let root = within.split(['.', '[']).next()?;
        PARTS.into_iter().find(|part| part.roots().contains(&root))
    }

    /// The keys in a step's table of the file.
    fn roots(self) -> &'static [&'static str] {
        match self {
            Self::Query => &["query"],
            Self::Headers => &["headers"],
            Self::Body => &["body"],
            Self::Auth => &["auth"],
            Self::Checks => &["checks"],
            Self::Extracts => &["extract"],
            Self::Limits => &["timeout", "redirects"],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Query => "Query",
            Self::Headers => "Headers",
            Self::Body => "Body",
            Self::Auth => "Auth",
            Self::Checks => "Checks",
            Self::Extracts => "Extracts",
            Self::Limits => "Limits",
        }
    }

    /// How much of it a step has.
    fn content(self, step: &Step) -> String {
        let n_items = match self {
            Self::Query => step.query.len(),
            Self::Headers => step.headers.len(),
            Self::Checks => step.checks.len(),
            Self::Extracts => step.extracts.len(),
            Self::Body => usize::from(step.body != Body::None),
            Self::Auth => usize::from(step.auth.is_some()),
            Self::Limits => usize::from(step.timeout.is_some()) + usize::from(step.max_redirects.is_some()),
        };
        match (self, n_items) {
            (_, 0) => String::new(),
            (Self::Body | Self::Auth, _) => "•".to_owned(),
            (_, n_items) => n_items.to_string(),
        }
    }
}

/// The parts side by side, each with how much is in it and whether something is wrong there.
pub fn parts_ui(ui: &mut Ui, open: &mut Part, step: &Step, (marks, path): (&Marks<'_>, &str)) {
    let colors = theme::colors(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = egui::vec2(2.0, 2.0);
        // All parts on one line of a small window.
        ui.spacing_mut().button_padding.x = 7.0;
        for part in PARTS {
            let is_open = *open == part;
            let worst = part.roots().iter().find_map(|root| marks.worst(&format!("{path}.{root}"), true));
            let count = match worst {
                Some(problem) if problem.is_error() => colors.fail,
                Some(_) => colors.warn,
                None => colors.faint,
            };
            let name = theme::text(part.name(), size::BODY, Weight::Medium).color(if is_open {
                colors.accent_text
            } else {
                colors.muted
            });
            let content = part.content(step);
            let mark = if worst.is_some() && content.is_empty() { "•".to_owned() } else { content };
            let mark = RichText::new(mark).font(theme::font(size::SMALL, Weight::Medium)).color(count);
            let fill = if is_open { colors.accent_soft } else { egui::Color32::TRANSPARENT };
            let button = Button::new((name, mark)).fill(fill).stroke(Stroke::NONE);
            let response = ui.add(button);
            response.widget_info(|| WidgetInfo::selected(Role::Tab, true, is_open, part.name()));
            if response.clicked() {
                *open = part;
            }
        }
    });
    ui.add_space(space::XS);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_written_in_one_part() {
        for (field, part) in [
            ("journeys[0].steps[2].query.page", Some(Part::Query)),
            ("journeys[0].steps[2].body.form.x", Some(Part::Body)),
            ("journeys[0].steps[2].auth.basic.user", Some(Part::Auth)),
            ("journeys[0].steps[12].checks[1].regex", Some(Part::Checks)),
            ("journeys[0].steps[12].extract[0].cookie", Some(Part::Extracts)),
            ("journeys[0].steps[0].redirects", Some(Part::Limits)),
            ("journeys[0].steps[0].path", None),
            ("journeys[0].weight", None),
        ] {
            assert_eq!(Part::of(field), part, "{field}");
        }
    }
}
