//! Paints the curves of the ribbon, its stages, pauses, handles and readouts.

use egui::{Align2, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, pos2, vec2};

use super::{
    Canvas,
    canvas::{CLOCK_HEIGHT, delivered_level},
    handles::Handle,
    words::{is_replanned, point_words},
};
use crate::{
    app::{
        charts::ChartGroup,
        design::snap::{level_step, marks, time_step},
        run::sight::Sight,
        theme::{self, Colors, Weight, size, space},
    },
    humanize,
    model::{Plan, PlannedStage},
};

/// Narrower stages show no name.
const LEAST_NAME: f32 = 34.0;
const HATCH_EVERY: f32 = 7.0;
const HANDLE: f32 = 4.5;
/// Columns at which the delivered curve is drawn.
const MAX_COLUMNS: usize = 600;
/// Room for one label of the clock.
const CLOCK_LABEL: f32 = 90.0;

/// What is painted with.
pub struct Painting<'a> {
    pub ui: &'a Ui,
    pub colors: &'a Colors,
    pub canvas: &'a Canvas,
    pub sight: &'a Sight<'a>,
}

impl Painting<'_> {
    fn painter(&self) -> Painter {
        self.ui.painter().with_clip_rect(self.canvas.rect.intersect(self.ui.clip_rect()))
    }

    /// The ground with what is selected, and lines at round levels.
    pub fn ground(&self, group: &ChartGroup) {
        let (painter, canvas, colors) = (self.painter(), self.canvas, self.colors);
        painter.rect_filled(canvas.rect, 6.0, colors.raised);
        if let Some((from, to)) = group.selection() {
            let x = canvas.x(from)..=canvas.x(to);
            let selected = Rect::from_x_y_ranges(x, canvas.rect.y_range());
            painter.rect_filled(selected, 0.0, colors.accent.gamma_multiply(0.16));
        }
        let extent = canvas.extent;
        for level in marks(level_step(extent.level / 3.0), extent.level).filter(|level| *level > 0.0) {
            let y = canvas.y(level);
            painter.hline(canvas.rect.x_range(), y, Stroke::new(1.0, colors.grid));
        }
        painter.hline(canvas.rect.x_range(), canvas.plot.bottom(), Stroke::new(1.0, colors.border));
    }

    /// The plan in force, filled, with the one of the start dashed upon it, and what is drawn over them.
    pub fn plans(&self, preview: Option<&Plan>) {
        let (painter, canvas, colors, sight) = (self.painter(), self.canvas, self.colors, self.sight);
        self.area(sight.plan, if preview.is_some() { 0.5 } else { 1.0 });
        let shown = preview.unwrap_or(sight.plan);
        for (index, stage) in shown.stages().iter().enumerate() {
            self.stage_marks(index, stage);
        }
        if is_replanned(sight) {
            let line = self.curve(sight.planned);
            painter.extend(Shape::dashed_line(&line, Stroke::new(1.2, colors.muted), 3.0, 3.0));
        }
        if let Some(preview) = preview {
            let line = self.curve(preview);
            let to_come = canvas.rect.with_min_x(canvas.x_of(sight.elapsed));
            let painter = painter.with_clip_rect(to_come.intersect(painter.clip_rect()));
            painter.extend(Shape::dashed_line(&line, Stroke::new(2.2, colors.accent_text), 7.0, 4.0));
        }
        if sight.is_live() {
            let x_now = canvas.x_of(sight.elapsed);
            let done = Rect::from_min_max(canvas.rect.min, pos2(x_now, canvas.rect.bottom()));
            painter.rect_filled(done, 6.0, colors.accent.gamma_multiply(0.08));
        }
        self.labels();
    }

    /// Levels and clock, upon the curves, so that they can be read.
    fn labels(&self) {
        let (painter, canvas, colors, extent) =
            (self.painter(), self.canvas, self.colors, self.canvas.extent);
        let font = theme::font(size::FINE, Weight::Regular);
        for level in marks(level_step(extent.level / 3.0), extent.level).filter(|level| *level > 0.0) {
            let words = humanize::level(level, self.sight.plan.is_open());
            let at = pos2(canvas.rect.left() + space::XS, canvas.y(level) + 1.0);
            if at.y + size::FINE < canvas.plot.bottom() {
                painter.text(at, Align2::LEFT_TOP, words, font.clone(), colors.faint);
            }
        }
        let n_labels = f64::from((canvas.rect.width() / CLOCK_LABEL).max(1.0));
        for secs in marks(time_step(extent.until / n_labels), extent.until).filter(|secs| *secs > 0.0) {
            let words = humanize::clock(std::time::Duration::from_secs_f64(secs));
            let at = pos2(canvas.x(secs), canvas.rect.bottom() - 1.0);
            let is_cut = at.x + 16.0 > canvas.rect.right();
            let anchor = if is_cut { Align2::RIGHT_BOTTOM } else { Align2::CENTER_BOTTOM };
            painter.text(at, anchor, words, font.clone(), colors.faint);
        }
    }

    fn curve(&self, plan: &Plan) -> Vec<Pos2> {
        plan.corners().into_iter().map(|(at, level)| self.canvas.at(at.as_secs_f64(), level)).collect()
    }

    /// A plan's level over time in the colours of its stages; pauses are hatched.
    fn area(&self, plan: &Plan, strength: f32) {
        let (painter, canvas) = (self.painter(), self.canvas);
        let ground = canvas.plot.bottom();
        for piece in plan.corners().windows(2) {
            let [(from, from_level), (to, to_level)] = [piece[0], piece[1]];
            if from == to {
                continue;
            }
            let color = self.colors.band(plan.stage_at(from + (to - from) / 2)).gamma_multiply(strength);
            let top = [canvas.at(from.as_secs_f64(), from_level), canvas.at(to.as_secs_f64(), to_level)];
            let corners = vec![pos2(top[0].x, ground), top[0], top[1], pos2(top[1].x, ground)];
            painter.add(Shape::convex_polygon(corners, color.gamma_multiply(0.24), Stroke::NONE));
            painter.line_segment(top, Stroke::new(1.5, color));
        }
        for (from, to) in plan.pauses() {
            let x_range = canvas.x_of(from)..=canvas.x_of(to);
            self.pause_marks(Rect::from_x_y_ranges(x_range, canvas.rect.y_range()));
        }
    }

    fn pause_marks(&self, rect: Rect) {
        let (painter, colors) = (self.painter(), self.colors);
        painter.rect_filled(rect, 0.0, colors.warn_soft);
        let hatching = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
        let mut x = rect.left() - rect.height();
        while x < rect.right() {
            let line = [pos2(x, rect.bottom()), pos2(x + rect.height(), rect.top())];
            hatching.line_segment(line, Stroke::new(1.0, colors.warn.gamma_multiply(0.25)));
            x += HATCH_EVERY;
        }
        let font = theme::font(size::FINE, Weight::SemiBold);
        let galley = painter.layout_no_wrap("paused".to_owned(), font, colors.warn);
        if galley.size().x + 8.0 < rect.width() {
            let below = self.canvas.plot.bottom() - galley.size().y - 5.0;
            let at = pos2(rect.center().x - galley.size().x / 2.0, below);
            let ground = Rect::from_min_size(at, galley.size()).expand2(vec2(4.0, 1.0));
            painter.rect_filled(ground, 3.0, colors.warn_soft);
            painter.galley(at, galley, colors.warn);
        }
    }

    /// Where a stage begins, and as much of its name as there is room for.
    fn stage_marks(&self, index: usize, stage: &PlannedStage) {
        let (painter, canvas, colors) = (self.painter(), self.canvas, self.colors);
        let (from, to) = (canvas.x_of(stage.start), canvas.x_of(stage.end));
        if index > 0 {
            painter.vline(from, canvas.rect.top()..=canvas.plot.bottom(), Stroke::new(1.0, colors.border));
        }
        if to - from < LEAST_NAME {
            return;
        }
        let is_present = self.sight.is_live() && index == self.sight.plan.stage_at(self.sight.elapsed);
        let (weight, color) =
            if is_present { (Weight::SemiBold, colors.text) } else { (Weight::Medium, colors.muted) };
        let font = theme::font(size::FINE, weight);
        let mut job = egui::text::LayoutJob::simple_singleline(stage.name.clone(), font, color);
        job.wrap = egui::text::TextWrapping::truncate_at_width(to - from - 10.0);
        let galley = painter.layout_job(job);
        painter.galley(pos2(from + 6.0, canvas.rect.top() + 3.0), galley, color);
    }

    /// What was delivered, thinned out to what the ribbon can show.
    pub fn delivered(&self) {
        let (painter, sight) = (self.painter(), self.sight);
        let stroke = Stroke::new(1.8, self.colors.text);
        let every = sight.points.len().div_ceil(MAX_COLUMNS).max(1);
        let offset = if sight.plan.is_open() { 0.5 } else { 1.0 };
        let mut piece: Vec<Pos2> = Vec::new();
        let mut expected = None;
        for chunk in sight.points.chunks(every) {
            let (first, last) = (&chunk[0], &chunk[chunk.len() - 1]);
            if expected.is_some_and(|second| first.second > second) {
                painter.add(Shape::line(std::mem::take(&mut piece), stroke));
            }
            let highest = chunk.iter().map(|point| delivered_level(sight, point)).fold(0.0, f64::max);
            piece.push(self.canvas.at(f64::from(first.second) + offset, highest));
            expected = Some(last.second + 1);
        }
        painter.add(Shape::line(piece, stroke));
    }

    pub fn now(&self) {
        if self.sight.is_live() {
            let stroke = Stroke::new(1.5, self.colors.accent_text);
            self.painter().vline(self.canvas.x_of(self.sight.elapsed), self.canvas.rect.y_range(), stroke);
        }
    }

    /// The moment under the pointer, here or on a chart; the legend tells the levels.
    pub fn crosshair(&self, group: &ChartGroup) {
        let Some(secs) = group.crosshair().filter(|secs| *secs <= self.canvas.extent.until) else { return };
        let x = self.canvas.x(secs);
        self.painter().vline(x, self.canvas.rect.y_range(), Stroke::new(1.0, self.colors.border_strong));
        let words = humanize::clock(std::time::Duration::from_secs_f64(secs.max(0.0)));
        self.plate(pos2(x, self.canvas.rect.bottom() - CLOCK_HEIGHT / 2.0), words, Weight::Regular);
    }

    /// The handles, and what the one that matters most comes to.
    pub fn handles(&self, handles: &[Handle], held: Option<usize>, preview: Option<&Plan>) {
        let plan = preview.unwrap_or(self.sight.plan);
        let mut told = None;
        for Handle { index, response, at } in handles {
            // As it is now, after what was done in this frame.
            let at = plan
                .stages()
                .get(*index)
                .map_or(*at, |stage| self.canvas.at(stage.end.as_secs_f64(), stage.end_level));
            let is_held = held == Some(*index);
            let is_lit = is_held || held.is_none() && (response.hovered() || response.has_focus());
            self.handle(at, *index, is_held, is_lit);
            if is_held || is_lit && told.is_none() {
                told = Some((at, *index));
            }
        }
        if let Some((at, index)) = told {
            let above = at.y - 22.0;
            let y = if above < self.canvas.rect.top() + 8.0 { at.y + 22.0 } else { above };
            self.plate(pos2(at.x, y), point_words(plan, index), Weight::SemiBold);
        }
    }

    fn handle(&self, at: Pos2, index: usize, is_held: bool, is_lit: bool) {
        let color = self.colors.band(index);
        // Whole at the edge, where the last one often is.
        let painter = self.ui.painter();
        if is_lit {
            painter.circle_filled(at, HANDLE + 5.5, color.gamma_multiply(0.25));
        }
        let radius = if is_lit { HANDLE + 1.5 } else { HANDLE };
        let fill = if is_held { color } else { self.colors.card };
        painter.circle(at, radius, fill, Stroke::new(2.0, color));
    }

    /// Words on a plate beside a place, within the ribbon.
    fn plate(&self, at: Pos2, words: String, weight: Weight) {
        let painter = self.ui.painter();
        let font = theme::font(size::SMALL, weight);
        let galley = painter.layout_no_wrap(words, font, self.colors.text);
        let size = galley.size() + vec2(2.0 * space::S, space::XS);
        let frame = self.canvas.rect;
        let left = (at.x - size.x / 2.0).min(frame.right() - size.x).max(frame.left());
        let rect = Rect::from_min_size(pos2(left, at.y - size.y / 2.0), size);
        let border = Stroke::new(1.0, self.colors.border_strong);
        painter.rect(rect, 5.0, self.colors.card, border, StrokeKind::Inside);
        painter.galley(rect.min + vec2(space::S, space::XS / 2.0), galley, self.colors.text);
    }
}
