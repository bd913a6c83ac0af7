//! How the sides of a comparison and its verdicts are told apart: by colour, and by dash or shape as well.

use egui::{Color32, Painter, Pos2, Sense, Shape, Stroke, Ui, pos2, vec2};
use egui_plot::MarkerShape;

use crate::analysis::comparison::ChangeVerdict;
use crate::app::charts::Dash;
use crate::app::theme::{self, Colors};

const SAMPLE_WIDTH: f32 = 24.0;
const MARKERS: [MarkerShape; 8] = [
    MarkerShape::Circle,
    MarkerShape::Square,
    MarkerShape::Diamond,
    MarkerShape::Up,
    MarkerShape::Down,
    MarkerShape::Cross,
    MarkerShape::Plus,
    MarkerShape::Asterisk,
];
/// How far a verdict's mark reaches from its middle.
const MARK_REACH: f32 = 4.0;

/// The place of a side's colour in the theme's list: the baseline is grey.
pub fn hue(side: usize) -> usize {
    (side + 7) % 8
}

pub fn color(colors: &Colors, side: usize) -> Color32 {
    colors.series(hue(side))
}

pub fn dash(side: usize) -> Dash {
    match side {
        0 => Dash::Dashed,
        _ => [Dash::Solid, Dash::Long, Dash::Dotted][(side - 1) % 3],
    }
}

pub fn marker(side: usize) -> MarkerShape {
    MARKERS[side % MARKERS.len()]
}

/// A piece of a side's line.
pub fn sample_ui(ui: &mut Ui, side: usize) {
    let (rect, _) = ui.allocate_exact_size(vec2(SAMPLE_WIDTH, 16.0), Sense::hover());
    let ends = [rect.left_center(), rect.right_center()];
    let stroke = Stroke::new(2.5, color(theme::colors(ui), side));
    ui.painter().extend(dash(side).sample(ends, stroke));
}

/// A side's mark in charts of points, with a piece of its line.
pub fn marker_ui(ui: &mut Ui, side: usize) {
    let (rect, _) = ui.allocate_exact_size(vec2(SAMPLE_WIDTH, 16.0), Sense::hover());
    let color = color(theme::colors(ui), side);
    ui.painter()
        .extend(dash(side).sample([rect.left_center(), rect.right_center()], Stroke::new(1.5, color)));
    marker_shape(ui.painter(), rect.center(), side, color);
}

/// The shape of a side's marker, as plots draw it.
fn marker_shape(painter: &Painter, middle: Pos2, side: usize, color: Color32) {
    let r = 4.0;
    let at = |x: f32, y: f32| pos2(middle.x + x * r, middle.y + y * r);
    let area = |points: Vec<Pos2>| _ = painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
    let stroke = Stroke::new(1.4, color);
    let lines = |ends: &[[Pos2; 2]]| ends.iter().for_each(|ends| _ = painter.line_segment(*ends, stroke));
    let cross = [[at(-0.7, -0.7), at(0.7, 0.7)], [at(-0.7, 0.7), at(0.7, -0.7)]];
    let upright = [at(0.0, -1.0), at(0.0, 1.0)];
    match marker(side) {
        MarkerShape::Circle => _ = painter.circle_filled(middle, r * 0.9, color),
        MarkerShape::Square => area(vec![at(-0.75, -0.75), at(0.75, -0.75), at(0.75, 0.75), at(-0.75, 0.75)]),
        MarkerShape::Diamond => area(vec![at(0.0, -1.0), at(1.0, 0.0), at(0.0, 1.0), at(-1.0, 0.0)]),
        MarkerShape::Up => area(vec![at(0.0, -1.0), at(0.9, 0.6), at(-0.9, 0.6)]),
        MarkerShape::Down => area(vec![at(0.0, 1.0), at(-0.9, -0.6), at(0.9, -0.6)]),
        MarkerShape::Cross => lines(&cross),
        MarkerShape::Plus => lines(&[upright, [at(-1.0, 0.0), at(1.0, 0.0)]]),
        _ => lines(&[upright, cross[0], cross[1]]),
    }
}

/// The quiet colour of a verdict.
pub fn verdict_color(colors: &Colors, verdict: ChangeVerdict) -> Color32 {
    match verdict {
        ChangeVerdict::Better => colors.ok,
        ChangeVerdict::Worse => colors.fail,
        ChangeVerdict::Same | ChangeVerdict::CannotTell => colors.muted,
    }
}

/// A tick for better, a cross for worse, two bars for same, an empty ring for what cannot be told.
pub fn verdict_mark(painter: &Painter, middle: Pos2, verdict: ChangeVerdict, color: Color32) {
    let stroke = Stroke::new(1.8, color);
    let at = |x: f32, y: f32| pos2(middle.x + x * MARK_REACH, middle.y + y * MARK_REACH);
    match verdict {
        ChangeVerdict::Better => {
            painter.line(vec![at(-1.0, 0.1), at(-0.3, 0.8), at(1.0, -0.8)], stroke);
        }
        ChangeVerdict::Worse => {
            painter.line_segment([at(-0.85, -0.85), at(0.85, 0.85)], stroke);
            painter.line_segment([at(-0.85, 0.85), at(0.85, -0.85)], stroke);
        }
        ChangeVerdict::Same => {
            painter.line_segment([at(-0.9, -0.45), at(0.9, -0.45)], stroke);
            painter.line_segment([at(-0.9, 0.45), at(0.9, 0.45)], stroke);
        }
        ChangeVerdict::CannotTell => {
            _ = painter.circle_stroke(middle, MARK_REACH * 0.8, Stroke::new(1.4, color))
        }
    }
}
