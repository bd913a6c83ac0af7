//! The stage ribbon: the plan's curve, what was delivered of it so far, the present stage and the time left.

use std::time::Duration;

use egui::{Pos2, Rect, Role, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::sight::{Sight, Source};
use crate::app::theme::{self, Colors, Weight};
use crate::humanize;
use crate::metrics::Phase;
use crate::model::{Plan, PlannedStage};

const HEIGHT: f32 = 74.0;
/// Room above the curve for the stages' names.
const NAMES_HEIGHT: f32 = 18.0;
const NAME_FONT_SIZE: f32 = 11.0;
const HATCH_EVERY: f32 = 7.0;
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
                let present = format!("Stage {} of {}: {stage}", index + 1, stages.len());
                match sight.paused_since() {
                    Some(since) => {
                        let since = humanize::clock(since);
                        format!("Paused since {since}  ·  {present}  ·  {left} left once it is resumed")
                    }
                    None => format!("{present}  ·  {clock}  ·  {left} left"),
                }
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
    plan_curve(&painter, colors, &scale, sight.plan);
    for (index, stage) in sight.plan.stages().iter().enumerate() {
        stage_marks(&painter, colors, &scale, (index, stage));
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

/// The plan's level over time in the colours of its stages; pauses are hatched.
fn plan_curve(painter: &egui::Painter, colors: &Colors, scale: &Scale, plan: &Plan) {
    for piece in plan.corners().windows(2) {
        let [(from, from_level), (to, to_level)] = [piece[0], piece[1]];
        if from == to {
            continue;
        }
        let color = colors.band(plan.stage_at(from + (to - from) / 2));
        let [from, to] = [from.as_secs_f64(), to.as_secs_f64()];
        let ground = scale.rect.bottom() - 2.0;
        let top = [scale.at(from, from_level), scale.at(to, to_level)];
        let corners = vec![pos2(top[0].x, ground), top[0], top[1], pos2(top[1].x, ground)];
        painter.add(Shape::convex_polygon(corners, color.gamma_multiply(0.22), Stroke::NONE));
        painter.line_segment(top, Stroke::new(1.5, color));
    }
    for (from, to) in plan.pauses() {
        let x_range = scale.x(from.as_secs_f64())..=scale.x(to.as_secs_f64());
        pause_marks(painter, colors, Rect::from_x_y_ranges(x_range, scale.rect.y_range()));
    }
}

fn pause_marks(painter: &egui::Painter, colors: &Colors, rect: Rect) {
    painter.rect_filled(rect, 0.0, colors.warn_soft);
    let hatching = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    let mut x = rect.left() - rect.height();
    while x < rect.right() {
        let line = [pos2(x, rect.bottom()), pos2(x + rect.height(), rect.top())];
        hatching.line_segment(line, Stroke::new(1.0, colors.warn.gamma_multiply(0.25)));
        x += HATCH_EVERY;
    }
    let font = theme::font(NAME_FONT_SIZE, Weight::SemiBold);
    let galley = painter.layout_no_wrap("paused".to_owned(), font, colors.warn);
    if galley.size().x + 8.0 < rect.width() {
        let at = pos2(rect.center().x - galley.size().x / 2.0, rect.bottom() - galley.size().y - 5.0);
        let ground = Rect::from_min_size(at, galley.size()).expand2(vec2(4.0, 1.0));
        painter.rect_filled(ground, 3.0, colors.warn_soft);
        painter.galley(at, galley, colors.warn);
    }
}

/// Where a stage begins, and its name.
fn stage_marks(
    painter: &egui::Painter,
    colors: &Colors,
    scale: &Scale,
    (index, stage): (usize, &PlannedStage),
) {
    let (from, to) = (stage.start.as_secs_f64(), stage.end.as_secs_f64());
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::app::run::tiles;
    use crate::app::state::LiveNow;
    use crate::model::{PlanChange, PlanChangeKind};

    #[test]
    fn while_it_is_paused_the_rest_of_the_run_moves_on_with_the_clock() {
        let now = tiles::tests::now(Vec::new());
        let mut snapshot = (*now.snapshot).clone();
        let words = |snapshot: &crate::metrics::LiveSnapshot| {
            let now = LiveNow::new(now.run_id, Arc::clone(&now.scenario), Arc::new(snapshot.clone()));
            progress_words(&Sight::live(&now))
        };
        assert_eq!(words(&snapshot), "Stage 2 of 3: Sustain (50)  ·  0:12 of 0:40  ·  28 s left");
        let pause = PlanChange { at: Duration::from_secs(12), kind: PlanChangeKind::Pause };
        Arc::make_mut(&mut snapshot.plan).apply(&pause);
        snapshot.elapsed = Duration::from_secs(100);
        assert_eq!(
            words(&snapshot),
            "Paused since 0:12  ·  Stage 2 of 3: Sustain (50)  ·  28 s left once it is resumed"
        );
    }
}
