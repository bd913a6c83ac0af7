//! One preset as a card: the shape of its load, its name, its facts and a sentence.

use std::sync::LazyLock;

use egui::{Align2, FontId, Sense, Stroke, StrokeKind, Ui, Vec2, WidgetInfo, accesskit::Role, vec2};

use crate::{
    app::{
        theme::{self, Weight, size, space},
        widgets,
    },
    humanize,
    model::{Plan, Scenario, parse_scenario},
    store::{OwnPreset, presets},
};

/// The size of a card.
pub const SIZE: Vec2 = vec2(276.0, 168.0);
const SKETCH: f32 = 54.0;

/// What the gallery shows of a preset.
#[derive(Clone, Debug)]
pub struct PresetCard {
    pub name: String,
    pub is_own: bool,
    sentence: String,
    /// Duration, peak, model and number of steps.
    facts: String,
    /// Levels at their times in seconds.
    profile: Vec<(f64, f64)>,
}

/// The presets that come with the program, read once.
pub static BUILT_IN: LazyLock<Vec<PresetCard>> = LazyLock::new(|| {
    let read = |preset: &crate::store::Preset| PresetCard::read(preset.name, preset.text, false);
    presets().iter().map(read).collect()
});

impl PresetCard {
    pub fn of_own(preset: &OwnPreset) -> Self {
        Self::read(&preset.name, &preset.text, true)
    }

    /// A preset that cannot be read says so in place of its sentence.
    fn read(name: &str, text: &str, is_own: bool) -> Self {
        match parse_scenario(text) {
            Ok((scenario, _)) => Self {
                name: name.to_owned(),
                is_own,
                sentence: scenario.description.lines().next().unwrap_or_default().to_owned(),
                facts: facts(&scenario),
                profile: profile(&scenario),
            },
            Err(problems) => Self {
                name: name.to_owned(),
                is_own,
                sentence: problems.first().map(ToString::to_string).unwrap_or_default(),
                facts: "cannot be read".to_owned(),
                profile: Vec::new(),
            },
        }
    }

    /// Whether all words stand somewhere on the card.
    pub fn matches(&self, words: &[&str]) -> bool {
        let text = format!("{} {} {}", self.name, self.sentence, self.facts).to_lowercase();
        words.iter().all(|word| text.contains(word))
    }
}

fn facts(scenario: &Scenario) -> String {
    let plan = Plan::new(scenario, 1.0);
    let model = if plan.is_open() { "open model" } else { "closed model" };
    let steps = humanize::counted(scenario.n_steps() as u64, "step");
    let peak = humanize::level(plan.peak_level(), plan.is_open());
    format!("{} · {peak} · {model} · {steps}", humanize::span(plan.duration()))
}

fn profile(scenario: &Scenario) -> Vec<(f64, f64)> {
    let plan = Plan::new(scenario, 1.0);
    let ends = |stage: &crate::model::PlannedStage| {
        [(stage.start.as_secs_f64(), stage.start_level), (stage.end.as_secs_f64(), stage.end_level)]
    };
    plan.stages().iter().flat_map(ends).collect()
}

/// Draws a card; a click on it opens the preset.
pub fn card_ui(ui: &mut Ui, card: &PresetCard, is_chosen: bool) -> egui::Response {
    let colors = theme::colors(ui);
    let (rect, response) = ui.allocate_exact_size(SIZE, Sense::click());
    let label = format!("Preset {}", card.name);
    response.widget_info(|| WidgetInfo {
        label: Some(label.clone()),
        current_text_value: Some(format!("{}. {}", card.facts, card.sentence)),
        ..WidgetInfo::selected(Role::Button, true, is_chosen, &label)
    });
    let is_lit = is_chosen || response.hovered() || response.has_focus();
    let (fill, border) = match (is_chosen, is_lit) {
        (true, _) => (colors.accent_soft, colors.accent),
        (_, true) => (colors.hover, colors.border_strong),
        _ => (colors.raised, colors.border),
    };
    ui.painter().rect(rect, 8.0, fill, Stroke::new(1.0, border), StrokeKind::Inside);
    let inner = rect.shrink(space::M);
    let sketch = egui::Rect::from_min_size(inner.min, vec2(inner.width(), SKETCH));
    widgets::profile_sketch(ui, sketch, &card.profile);
    let mut at = sketch.left_bottom() + vec2(0.0, space::S);
    for (text, font, color, n_lines) in [
        (&card.name, theme::font(size::BODY, Weight::SemiBold), colors.text, 1),
        (&card.facts, theme::font(size::SMALL, Weight::Regular), colors.muted, 1),
        (&card.sentence, theme::font(size::SMALL, Weight::Regular), colors.text, 3),
    ] {
        at.y += lines_ui(ui, at, inner.width(), (text, font, color, n_lines)) + 2.0;
    }
    if card.is_own {
        let font = theme::font(size::SMALL, Weight::Medium);
        ui.painter().text(inner.right_top(), Align2::RIGHT_TOP, "yours", font, colors.accent_text);
    }
    response.on_hover_text(&card.sentence)
}

/// Writes a text within so many lines; returns its height.
fn lines_ui(
    ui: &Ui,
    at: egui::Pos2,
    width: f32,
    (text, font, color, n_lines): (&str, FontId, egui::Color32, usize),
) -> f32 {
    let mut job = egui::text::LayoutJob::simple(text.to_owned(), font, color, width);
    job.wrap.max_rows = n_lines;
    let galley = ui.painter().layout_job(job);
    let height = galley.size().y;
    ui.painter().galley(at, galley, color);
    height
}
