//! Colours of written text: `{{…}}` everywhere, and JSON. Worked out once for each text.

use std::sync::Arc;

use egui::{
    Color32, FontId, Galley, TextFormat, Ui,
    cache::{ComputerMut, FrameCache},
    text::LayoutJob,
};

use super::json::{self, Token};
use crate::app::theme::{self, Colors};

/// How a text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Paint {
    /// Only `{{…}}` stands out.
    Text,
    Json,
}

/// What a coloured text depends on.
#[derive(Clone, Copy, Hash)]
struct Wanted<'a> {
    text: &'a str,
    paint: Paint,
    is_dark: bool,
}

#[derive(Default)]
struct Painter;

impl ComputerMut<Wanted<'_>, LayoutJob> for Painter {
    fn compute(&mut self, wanted: Wanted<'_>) -> LayoutJob {
        let colors = if wanted.is_dark { &theme::DARK } else { &theme::LIGHT };
        match wanted.paint {
            Paint::Text => text_job(wanted.text, colors),
            Paint::Json => json_job(wanted.text, colors),
        }
    }
}

/// Lays a text out in colours.
pub fn galley(ui: &Ui, text: &str, paint: Paint, wrap_width: f32) -> Arc<Galley> {
    let wanted = Wanted { text, paint, is_dark: theme::colors(ui).is_dark };
    let mut job =
        ui.memory_mut(|memory| memory.caches.cache::<FrameCache<LayoutJob, Painter>>().get(wanted).clone());
    job.wrap.max_width = wrap_width;
    ui.fonts_mut(|fonts| fonts.layout_job(job))
}

fn json_job(text: &str, colors: &Colors) -> LayoutJob {
    let mut job = LayoutJob::default();
    for (range, token) in json::tokens(text) {
        let color = match token {
            Token::Space | Token::Sign => colors.muted,
            Token::Key => colors.accent_text,
            Token::Text => colors.ok,
            Token::Number => colors.info,
            Token::Word => colors.info,
            Token::Template => colors.warn,
            Token::Other => colors.fail,
        };
        let ground = if token == Token::Template { colors.warn_soft } else { Color32::TRANSPARENT };
        append(&mut job, &text[range], theme::mono(), color, ground);
    }
    job
}

fn text_job(text: &str, colors: &Colors) -> LayoutJob {
    let font = || theme::font(theme::size::BODY, theme::Weight::Regular);
    let mut job = LayoutJob::default();
    let mut rest = text;
    while let Some(start) = rest.find("{{") {
        let Some(length) = rest[start..].find("}}") else { break };
        let end = start + length + 2;
        append(&mut job, &rest[..start], font(), colors.text, Color32::TRANSPARENT);
        append(&mut job, &rest[start..end], font(), colors.warn, colors.warn_soft);
        rest = &rest[end..];
    }
    append(&mut job, rest, font(), colors.text, Color32::TRANSPARENT);
    job
}

fn append(job: &mut LayoutJob, text: &str, font: FontId, color: Color32, ground: Color32) {
    // An empty text still needs its height.
    if text.is_empty() && !job.text.is_empty() {
        return;
    }
    job.append(text, 0.0, TextFormat { background: ground, ..TextFormat::simple(font, color) });
}
