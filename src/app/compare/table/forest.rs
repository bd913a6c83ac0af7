//! The picture of changes: a dot with its whisker for each, on one scale with the band of what does not matter.

use egui::{Align2, Color32, Painter, Pos2, Rangef, Rect, Shape, Stroke, Ui, pos2, vec2};

use crate::analysis::comparison::{Change, Comparison, ComparisonRow, RELEVANT_ERROR_CHANGE};
use crate::app::compare::looks;
use crate::app::theme::{self, Colors, Weight, size};
use crate::humanize;
use crate::model::{Metric, Unit};

/// Ends that a scale can have, in shares of the baseline's value.
const ENDS: [f64; 9] = [0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0];
/// The share of changes whose intervals fit the scale as a whole; few wild ones do not flatten the others.
const FITTING_SHARE: f64 = 0.9;
/// Room at both sides, for the arrows of what goes beyond.
const MARGIN: f32 = 10.0;
/// Least distance between labels of the scale.
const LABEL_ROOM: f32 = 46.0;

/// The scale of the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// It goes from −end to +end.
    pub end: f64,
    /// Changes up to this do not matter.
    pub relevant: f64,
}

/// A scale on which most changes of a comparison fit.
pub fn scale_of(comparison: &Comparison) -> Scale {
    let relevant = comparison.options.smallest_relevant;
    let scale = Scale { end: 1.0, relevant };
    let reach = |(metric, change): (Metric, Change)| {
        let bounds = [Some(change.size), change.low, change.high];
        bounds.into_iter().flatten().map(|size| scale.share(metric, size).abs()).fold(0.0, f64::max)
    };
    let rows = comparison.rows.iter();
    let changes = rows
        .flat_map(|row| row.candidates.iter().filter_map(|candidate| Some((row.metric, candidate.change?))));
    let mut reaches: Vec<f64> = changes.map(reach).filter(|reach| reach.is_finite()).collect();
    reaches.sort_by(f64::total_cmp);
    let place = (reaches.len() as f64 * FITTING_SHARE) as usize;
    let wanted = reaches.get(place).or(reaches.last()).copied().unwrap_or(0.0).max(relevant * 1.9);
    let end = ENDS.into_iter().find(|end| *end >= wanted).unwrap_or(ENDS[ENDS.len() - 1]);
    Scale { end, relevant }
}

impl Scale {
    /// A size on the scale: error shares, whose sizes are points, as if what matters of them were the same.
    fn share(self, metric: Metric, size: f64) -> f64 {
        match metric.unit() {
            Unit::Ratio => size / RELEVANT_ERROR_CHANGE * self.relevant,
            _ => size,
        }
    }

    /// Where a share stands within a cell, and whether it is beyond its edge.
    fn x(self, cell: Rangef, share: f64) -> (f32, bool) {
        let half = (cell.span() / 2.0 - MARGIN).max(1.0);
        let at = (share / self.end) as f32;
        (cell.center() + at.clamp(-1.0, 1.0) * half, at.abs() > 1.001)
    }
}

/// What lies behind the changes of a row: the band of what does not matter, and the line of no change.
pub fn ground(painter: &Painter, colors: &Colors, scale: Scale, cell: Rect) {
    let (left, right) =
        (scale.x(cell.x_range(), -scale.relevant).0, scale.x(cell.x_range(), scale.relevant).0);
    let band = Rect::from_x_y_ranges(Rangef::new(left, right), cell.y_range());
    painter.rect_filled(band, 0.0, colors.muted.gamma_multiply(if colors.is_dark { 0.16 } else { 0.11 }));
    let middle = cell.center().x;
    painter.vline(middle, cell.y_range(), Stroke::new(1.0, colors.border_strong));
}

/// The changes of all candidates, each in a lane of its own.
pub fn changes(painter: &Painter, colors: &Colors, scale: Scale, cell: Rect, row: &ComparisonRow) {
    let n_lanes = row.candidates.len() as f32;
    let room = cell.height() - 6.0;
    for (index, candidate) in row.candidates.iter().enumerate() {
        let Some(change) = &candidate.change else { continue };
        let y = cell.top() + 3.0 + room * (index as f32 + 0.5) / n_lanes;
        let is_single = row.candidates.len() == 1;
        let color = match is_single {
            true => looks::verdict_color(colors, candidate.verdict),
            false => looks::color(colors, index + 1),
        };
        let radius = if is_single { 3.6 } else { (room / n_lanes * 0.5).clamp(1.8, 3.0) };
        let lane = Lane { painter, scale, cell: cell.x_range(), y, color, radius };
        lane.draw(row.metric, change);
    }
}

/// Where one change is drawn.
struct Lane<'a> {
    painter: &'a Painter,
    scale: Scale,
    cell: Rangef,
    y: f32,
    color: Color32,
    radius: f32,
}

impl Lane<'_> {
    fn draw(&self, metric: Metric, change: &Change) {
        let place = |size: f64| self.scale.x(self.cell, self.scale.share(metric, size));
        let stroke = Stroke::new(if self.radius > 3.0 { 2.0 } else { 1.3 }, self.color);
        let has_interval = change.low.is_some() || change.high.is_some();
        if has_interval {
            // A bound that the data cannot give lies beyond every edge.
            let edge = |sign: f64| self.scale.x(self.cell, sign * self.scale.end * 2.0);
            let (low, is_low_beyond) = change.low.map_or_else(|| edge(-1.0), place);
            let (high, is_high_beyond) = change.high.map_or_else(|| edge(1.0), place);
            self.painter.line_segment([pos2(low, self.y), pos2(high, self.y)], stroke);
            self.whisker_end(low, is_low_beyond, -1.0, stroke);
            self.whisker_end(high, is_high_beyond, 1.0, stroke);
        }
        let (x, is_beyond) = place(change.size);
        match is_beyond {
            true => self.arrow(x, change.size.signum() as f32),
            false => _ = self.painter.circle_filled(pos2(x, self.y), self.radius, self.color),
        }
    }

    fn whisker_end(&self, x: f32, is_beyond: bool, sign: f32, stroke: Stroke) {
        match is_beyond {
            true => self.arrow(x, sign),
            // Ends of lanes so close to each other would touch.
            false if self.radius < 2.4 => {}
            false => {
                let reach = self.radius * 0.9;
                self.painter.vline(x, Rangef::new(self.y - reach, self.y + reach), stroke);
            }
        }
    }

    /// It goes on beyond the edge.
    fn arrow(&self, x: f32, sign: f32) {
        let tip = pos2(x + sign * (MARGIN - 3.0), self.y);
        let reach = self.radius.max(2.0) + 0.6;
        let wings = [tip + vec2(-sign * reach * 1.5, -reach), tip + vec2(-sign * reach * 1.5, reach)];
        self.painter.add(Shape::convex_polygon(vec![tip, wings[0], wings[1]], self.color, Stroke::NONE));
    }
}

/// The scale in the head, with its ticks at the bottom.
pub fn head_ui(ui: &Ui, scale: Scale, cell: Rect) {
    let colors = theme::colors(ui);
    let painter = ui.painter();
    let font = theme::font(size::FINE, Weight::Regular);
    let base = cell.bottom() - 15.0;
    let band = Rect::from_x_y_ranges(cell.x_range(), Rangef::new(cell.bottom() - 4.0, cell.bottom()));
    ground(painter, colors, scale, band);
    let n_labels = ((cell.width() - 2.0 * MARGIN) / LABEL_ROOM) as usize;
    let shares: &[f64] = if n_labels >= 5 { &[-1.0, -0.5, 0.0, 0.5, 1.0] } else { &[-1.0, 0.0, 1.0] };
    for share in shares {
        let (x, _) = scale.x(cell.x_range(), share * scale.end);
        let words = if *share == 0.0 { "0".to_owned() } else { tick(share * scale.end) };
        // The outermost stay within the cell.
        let align = match *share {
            share if share <= -1.0 => Align2::LEFT_CENTER,
            share if share >= 1.0 => Align2::RIGHT_CENTER,
            _ => Align2::CENTER_CENTER,
        };
        let at: Pos2 = pos2(
            match align {
                Align2::LEFT_CENTER => x - MARGIN + 2.0,
                Align2::RIGHT_CENTER => x + MARGIN - 2.0,
                _ => x,
            },
            base + 4.0,
        );
        painter.text(at, align, words, font.clone(), colors.faint);
    }
}

/// A tick with sign and without zeros that say nothing.
fn tick(share: f64) -> String {
    humanize::signed(share, &humanize::percent(share.abs()))
}

/// What the picture shows, for those who ask.
pub fn hint(scale: Scale) -> String {
    format!(
        "Each change with its 95 % interval, as a share of the baseline's value. The shaded band is what does not \
         matter: ±{}; for error shares it stands for ±{}",
        humanize::percent(scale.relevant),
        humanize::percent_points(RELEVANT_ERROR_CHANGE)
    )
}
