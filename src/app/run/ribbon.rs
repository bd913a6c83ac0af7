//! The stage ribbon: the plan's curve, what was delivered of it so far, the present stage and the time left.

use std::time::Duration;

use egui::{Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::sight::{Sight, Source};
use crate::app::theme::{self, Colors, Weight};
use crate::humanize;
use crate::metrics::Phase;

const HEIGHT: f32 = 74.0;
/// Room above the curve for the stages' names.
const NAMES_HEIGHT: f32 = 18.0;
const NAME_FONT_SIZE: f32 = 11.0;
/// Columns at which the delivered curve is drawn.
const MAX_COLUMNS: usize = 600;

/// The present stage and how far the run is, in words.
pub fn progress_words(sight: &Sight<'_>) -> String {
    let stages = sight.plan.stages();
    let index = sight.plan.stage_at(sight.elapsed);
    let stage = stages.get(index).map_or("", |stage| stage.name.as_str());
    let total = sight.plan.duration();
    let clock = format!("{} of {}", humanize::clock(sight.elapsed), humanize::clock(total));
    match sight.source {
        Source::Kept(_) => format!("Load was made for {clock}"),
        Source::Live(snapshot) => match snapshot.phase {
            Phase::Preparing => "Preparing".to_owned(),
            Phase::Draining => "Load has ended; waiting for requests in flight".to_owned(),
            Phase::Finished => "Finished; the last second is being kept".to_owned(),
            Phase::Running => {
                let left = humanize::span(Duration::from_secs(
                    total.saturating_sub(sight.elapsed).as_secs_f64().ceil() as u64,
                ));
                format!("Stage {} of {}: {stage}  ·  {clock}  ·  {left} left", index + 1, stages.len())
            }
        },
    }
}

/// Draws the ribbon over the full width.
pub fn ribbon_ui(ui: &mut Ui, sight: &Sight<'_>) {
    let colors = theme::colors(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    let words = progress_words(sight);
    let ratio = sight.elapsed.as_secs_f64() / sight.plan.duration().as_secs_f64().max(f64::MIN_POSITIVE);
    response.widget_info(|| WidgetInfo {
        value: Some(ratio.clamp(0.0, 1.0)),
        ..WidgetInfo::labeled(Role::ProgressIndicator, true, format!("Progress: {words}"))
    });
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    painter.rect_filled(rect, 6.0, colors.raised);
    let scale = Scale::new(sight, rect);
    for (index, stage) in sight.plan.stages().iter().enumerate() {
        stage_shapes(&painter, colors, &scale, (index, stage));
    }
    let x_now = scale.x(sight.elapsed.as_secs_f64());
    let done = Rect::from_min_max(rect.min, pos2(x_now, rect.bottom()));
    painter.rect_filled(done, 6.0, colors.accent.gamma_multiply(0.08));
    delivered_curve(&painter, colors, &scale, sight);
    if sight.is_live() {
        painter.vline(x_now, rect.y_range(), Stroke::new(1.5, colors.accent_text));
    }
}

/// From run time and level to the screen.
struct Scale {
    rect: Rect,
    duration_secs: f64,
    peak_level: f64,
}

impl Scale {
    fn new(sight: &Sight<'_>, rect: Rect) -> Self {
        let delivered = sight.points.iter().map(|point| delivered_level(sight, point)).fold(0.0, f64::max);
        Self {
            rect,
            duration_secs: sight.plan.duration().as_secs_f64().max(f64::MIN_POSITIVE),
            peak_level: sight.plan.peak_level().max(delivered).max(f64::MIN_POSITIVE),
        }
    }

    fn x(&self, at_secs: f64) -> f32 {
        let ratio = (at_secs / self.duration_secs).clamp(0.0, 1.0);
        self.rect.left() + self.rect.width() * ratio as f32
    }

    fn y(&self, level: f64) -> f32 {
        let room = self.rect.height() - NAMES_HEIGHT - 4.0;
        self.rect.bottom() - 2.0 - room * (level / self.peak_level) as f32
    }

    fn at(&self, at_secs: f64, level: f64) -> Pos2 {
        pos2(self.x(at_secs), self.y(level))
    }
}

fn delivered_level(sight: &Sight<'_>, point: &crate::metrics::SecondPoint) -> f64 {
    if sight.plan.is_open() { point.started_per_sec } else { f64::from(point.n_users) }
}

fn stage_shapes(
    painter: &egui::Painter,
    colors: &Colors,
    scale: &Scale,
    (index, stage): (usize, &crate::model::PlannedStage),
) {
    let (from, to) = (stage.start.as_secs_f64(), stage.end.as_secs_f64());
    let color = colors.band(index);
    let corners = vec![
        pos2(scale.x(from), scale.rect.bottom() - 2.0),
        scale.at(from, stage.start_level),
        scale.at(to, stage.end_level),
        pos2(scale.x(to), scale.rect.bottom() - 2.0),
    ];
    painter.add(Shape::convex_polygon(corners, color.gamma_multiply(0.22), Stroke::NONE));
    let top = [scale.at(from, stage.start_level), scale.at(to, stage.end_level)];
    painter.line_segment(top, Stroke::new(1.5, color));
    if index > 0 {
        painter.vline(scale.x(from), scale.rect.y_range(), Stroke::new(1.0, colors.border));
    }
    let font = theme::font(NAME_FONT_SIZE, Weight::Medium);
    let galley = painter.layout_no_wrap(stage.name.clone(), font, colors.muted);
    if galley.size().x + 10.0 < scale.x(to) - scale.x(from) {
        painter.galley(pos2(scale.x(from) + 6.0, scale.rect.top() + 3.0), galley, colors.muted);
    }
}

/// What was delivered, thinned out to what the ribbon can show.
fn delivered_curve(painter: &egui::Painter, colors: &Colors, scale: &Scale, sight: &Sight<'_>) {
    let every = sight.points.len().div_ceil(MAX_COLUMNS).max(1);
    let offset = if sight.plan.is_open() { 0.5 } else { 1.0 };
    let mut piece: Vec<Pos2> = Vec::new();
    let mut expected = None;
    for chunk in sight.points.chunks(every) {
        let (first, last) = (&chunk[0], &chunk[chunk.len() - 1]);
        if expected.is_some_and(|second| first.second > second) {
            painter.add(Shape::line(std::mem::take(&mut piece), Stroke::new(1.8, colors.text)));
        }
        let highest = chunk.iter().map(|point| delivered_level(sight, point)).fold(0.0, f64::max);
        piece.push(scale.at(f64::from(first.second) + offset, highest));
        expected = Some(last.second + 1);
    }
    painter.add(Shape::line(piece, Stroke::new(1.8, colors.text)));
}
