//! What lies behind and over a plot: stage bands, targets, notes, crosshair.

use std::time::Duration;

use egui::{Align2, Pos2, Rect, Response, Shape, Stroke, Ui, pos2, vec2};
use egui_plot::{PlotPoint, PlotTransform};

use super::{Band, BandKind, ChartGroup};
use crate::app::theme::{self, Colors, Weight, size};
use crate::humanize;

/// How much of a stage's colour shows behind the lines.
const BAND_STRENGTH: f32 = 0.07;

pub fn x_of(transform: &PlotTransform, at_secs: f64) -> f32 {
    transform.position_from_point(&PlotPoint::new(at_secs, 0.0)).x
}

/// Stage bands with their names, the warm-up, and the stretch under a drag.
pub fn backdrop(ui: &Ui, group: &ChartGroup, ink: &Colors, transform: &PlotTransform) -> Shape {
    let frame = *transform.frame();
    let mut shapes = Vec::new();
    let warm_up_end =
        group.bands.iter().filter(|band| band.kind == BandKind::WarmUp).map(|band| band.to_secs).next();
    for (index, band) in group.bands.iter().enumerate() {
        let left = x_of(transform, band.from_secs).max(frame.left());
        let right = x_of(transform, band.to_secs).min(frame.right());
        if right - left < 0.5 {
            continue;
        }
        let rect = Rect::from_min_max(pos2(left, frame.top()), pos2(right, frame.bottom()));
        let fill = match band.kind {
            BandKind::Stage => ink.band(index).gamma_multiply(BAND_STRENGTH),
            BandKind::WarmUp => ink.muted.gamma_multiply(0.10),
            BandKind::Pause => ink.warn_soft,
        };
        shapes.push(Shape::rect_filled(rect, 0.0, fill));
        // The warm-up overlaps the first stages, whose names move behind it.
        let name_left = match warm_up_end {
            Some(end) if band.kind == BandKind::Stage => left.max(x_of(transform, end)),
            _ => left,
        };
        shapes.extend(band_name(ui, ink, rect.with_min_x(name_left), band));
    }
    shapes.extend(selection(group, ink, transform));
    if let (Some(from), Some(to), false) = (group.drag_from(), group.crosshair(), group.drag_selects) {
        let (from, to) = (x_of(transform, from), x_of(transform, to));
        let rect = Rect::from_two_pos(pos2(from, frame.top()), pos2(to, frame.bottom()));
        shapes.push(Shape::rect_filled(rect.intersect(frame), 0.0, ink.accent.gamma_multiply(0.18)));
    }
    Shape::Vec(shapes)
}

/// The selected stretch: a tint between two lines, or nothing where it is all that is shown.
fn selection(group: &ChartGroup, ink: &Colors, transform: &PlotTransform) -> Option<Shape> {
    let frame = *transform.frame();
    let (from, to) = group.selection()?;
    let (from, to) = (x_of(transform, from), x_of(transform, to));
    let is_all = from <= frame.left() + 1.0 && to >= frame.right() - 1.0;
    let rect = Rect::from_two_pos(pos2(from, frame.top()), pos2(to, frame.bottom())).intersect(frame);
    if is_all || rect.width() <= 0.0 {
        return None;
    }
    let edge = |x: f32| Shape::vline(x, frame.y_range(), Stroke::new(1.0, ink.accent_text));
    let edges = [from, to].into_iter().filter(|x| frame.x_range().contains(*x)).map(edge);
    let tint = Shape::rect_filled(rect, 0.0, ink.accent.gamma_multiply(0.12));
    Some(Shape::Vec([tint].into_iter().chain(edges).collect()))
}

/// The band's name at its top, if there is room.
fn band_name(ui: &Ui, ink: &Colors, rect: Rect, band: &Band) -> Option<Shape> {
    let color = if band.kind == BandKind::Pause { ink.warn } else { ink.faint };
    let font = theme::font(size::FINE, Weight::Regular);
    let galley = ui.painter().layout_no_wrap(band.name.clone(), font, color);
    if galley.size().x + 8.0 > rect.width() {
        return None;
    }
    // A pause lies within a stage, whose name stands above.
    let n_above = if band.kind == BandKind::Pause { 1.0 } else { 0.0 };
    let top = rect.top() + 3.0 + n_above * galley.size().y;
    Some(Shape::galley(pos2(rect.left() + 5.0, top), galley, color))
}

/// A sentence in the middle of an empty plot.
pub fn say(ui: &Ui, ink: &Colors, transform: &PlotTransform, text: &str) {
    ui.painter().text(
        transform.frame().center(),
        Align2::CENTER_CENTER,
        text,
        theme::font(size::SMALL, Weight::Regular),
        ink.faint,
    );
}

/// Limits as dashed lines with their words at the right.
pub fn targets(
    ui: &Ui,
    ink: &Colors,
    transform: &PlotTransform,
    targets: impl Iterator<Item = (f64, String)>,
) {
    let frame = *transform.frame();
    let mut taken: Vec<Rect> = Vec::new();
    for (value, text) in targets {
        let y = transform.position_from_point(&PlotPoint::new(0.0, value)).y;
        if !frame.y_range().contains(y) {
            continue;
        }
        let line = [pos2(frame.left(), y), pos2(frame.right(), y)];
        ui.painter().extend(Shape::dashed_line(&line, Stroke::new(1.0, ink.fail), 3.0, 3.0));
        let below = y - frame.top() < 34.0;
        let top = if below { y + 1.0 } else { y - 1.0 - size::FINE * 1.4 };
        let font = theme::font(size::FINE, Weight::Regular);
        let galley = ui.painter().layout_no_wrap(text, font, ink.fail);
        let at = pos2(frame.right() - 4.0 - galley.size().x, top);
        let mut ground = Rect::from_min_size(at, galley.size()).expand2(vec2(3.0, 0.0));
        // Words of close limits stand beside each other.
        while let Some(other) = taken.iter().find(|other| other.intersects(ground)) {
            ground = ground.translate(vec2(other.left() - ground.right() - 2.0, 0.0));
        }
        taken.push(ground);
        ui.painter().rect_filled(ground, 2.0, ink.card.gamma_multiply(0.85));
        ui.painter().galley(ground.min + vec2(3.0, 0.0), galley, ink.fail);
    }
}

/// The keyboard is with this chart.
pub fn focus(ui: &Ui, response: &Response, transform: &PlotTransform) {
    if response.has_focus() {
        let stroke = Stroke::new(1.0, theme::colors(ui).accent_text);
        ui.painter().rect_stroke(*transform.frame(), 2.0, stroke, egui::StrokeKind::Outside);
    }
}

/// Notes as ticks at the bottom edge, and the crosshair with its time.
pub fn marks_and_crosshair(ui: &Ui, group: &ChartGroup, ink: &Colors, transform: &PlotTransform) {
    let frame = *transform.frame();
    let painter = ui.painter().with_clip_rect(frame.expand2(vec2(0.0, 2.0)));
    for mark in &group.marks {
        let x = x_of(transform, mark.at_secs);
        painter.vline(x, frame.y_range(), Stroke::new(1.0, ink.accent_text.gamma_multiply(0.5)));
        let tip = pos2(x, frame.bottom() - 6.0);
        let points = vec![tip, tip + vec2(-4.0, 6.0), tip + vec2(4.0, 6.0)];
        painter.add(Shape::convex_polygon(points, ink.accent_text, Stroke::NONE));
    }
    let Some(at_secs) = group.crosshair() else { return };
    let x = x_of(transform, at_secs);
    painter.vline(x, frame.y_range(), Stroke::new(1.0, ink.border_strong));
    let time = humanize::clock(Duration::from_secs_f64(at_secs.max(0.0)));
    let near_mark = group.marks.iter().find(|mark| (x_of(transform, mark.at_secs) - x).abs() < 5.0);
    let text = near_mark.map_or(time.clone(), |mark| format!("{time}  {}", mark.text));
    label(&painter, ink, frame, x, text);
}

/// A small plate beside the crosshair, above the lines and within the plot.
fn label(painter: &egui::Painter, ink: &Colors, frame: Rect, x: f32, text: String) {
    plate(painter, ink, frame, pos2(x, frame.top() + 2.0), text);
}

/// A line of text on a small plate at the right of a place, or at its left where there is no room.
pub fn plate(painter: &egui::Painter, ink: &Colors, frame: Rect, at: Pos2, text: String) {
    let galley = painter.layout_no_wrap(text, theme::font(size::FINE, Weight::Regular), ink.text);
    let size = galley.size() + vec2(8.0, 4.0);
    let left = if at.x + size.x + 6.0 > frame.right() { at.x - size.x - 4.0 } else { at.x + 4.0 };
    let left = left.max(frame.left());
    let plate = Rect::from_min_size(pos2(left, at.y.min(frame.bottom() - size.y)), size);
    painter.rect(plate, 3.0, ink.card, Stroke::new(1.0, ink.border_strong), egui::StrokeKind::Inside);
    painter.galley(plate.min + vec2(4.0, 2.0), galley, ink.text);
}
