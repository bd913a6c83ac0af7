//! What lies behind and over a plot: stage bands, targets, notes, crosshair, and the drag that zooms.

use std::time::Duration;

use egui::{Align2, Pos2, Rect, Response, Shape, Stroke, Ui, pos2, vec2};
use egui_plot::{PlotPoint, PlotTransform};

use super::{Band, BandKind, Chart, ChartGroup};
use crate::app::theme::{self, Colors, Weight};
use crate::humanize;

/// How much of a stage's colour shows behind the lines.
const BAND_STRENGTH: f32 = 0.07;
const BAND_FONT_SIZE: f32 = 10.5;
const TARGET_FONT_SIZE: f32 = 10.5;

fn x_of(transform: &PlotTransform, at_secs: f64) -> f32 {
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
    if let Some((from, to)) = group.selection() {
        let (from, to) = (x_of(transform, from), x_of(transform, to));
        let rect = Rect::from_two_pos(pos2(from, frame.top()), pos2(to, frame.bottom()));
        shapes.push(Shape::rect_filled(rect.intersect(frame), 0.0, ink.accent.gamma_multiply(0.14)));
    }
    if let (Some(from), Some(to), false) = (group.drag_from, group.crosshair(), group.drag_selects) {
        let (from, to) = (x_of(transform, from), x_of(transform, to));
        let rect = Rect::from_two_pos(pos2(from, frame.top()), pos2(to, frame.bottom()));
        shapes.push(Shape::rect_filled(rect.intersect(frame), 0.0, ink.accent.gamma_multiply(0.18)));
    }
    Shape::Vec(shapes)
}

/// The band's name at its top, if there is room.
fn band_name(ui: &Ui, ink: &Colors, rect: Rect, band: &Band) -> Option<Shape> {
    let color = if band.kind == BandKind::Pause { ink.warn } else { ink.faint };
    let font = theme::font(BAND_FONT_SIZE, Weight::Regular);
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
        theme::font(12.5, Weight::Regular),
        ink.faint,
    );
}

/// Limits as dashed lines with their name and value at the right.
pub fn targets(ui: &Ui, chart: &Chart<'_>, ink: &Colors, transform: &PlotTransform) {
    let frame = *transform.frame();
    for target in chart.targets {
        let y = transform.position_from_point(&PlotPoint::new(0.0, target.value)).y;
        if !frame.y_range().contains(y) {
            continue;
        }
        let line = [pos2(frame.left(), y), pos2(frame.right(), y)];
        ui.painter().extend(Shape::dashed_line(&line, Stroke::new(1.0, ink.fail), 3.0, 3.0));
        let text = format!("{} {}", target.name, chart.unit.text(target.value));
        let below = y - frame.top() < 34.0;
        let (anchor, dy) = if below { (Align2::RIGHT_TOP, 1.0) } else { (Align2::RIGHT_BOTTOM, -1.0) };
        let at = pos2(frame.right() - 4.0, y + dy);
        ui.painter().text(at, anchor, text, theme::font(TARGET_FONT_SIZE, Weight::Regular), ink.fail);
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
    let galley = painter.layout_no_wrap(text, theme::font(11.0, Weight::Regular), ink.text);
    let size = galley.size() + vec2(8.0, 4.0);
    let left = if x + size.x + 6.0 > frame.right() { x - size.x - 4.0 } else { x + 4.0 };
    let plate = Rect::from_min_size(pos2(left, frame.top() + 2.0), size);
    painter.rect_filled(plate, 3.0, ink.raised);
    painter.galley(plate.min + vec2(4.0, 2.0), galley, ink.text);
}

/// Moves the crosshair; a drag selects a stretch or zooms into it, a double click shows everything.
pub fn interact(ui: &Ui, group: &mut ChartGroup, response: &Response, transform: &PlotTransform) {
    let pointer = ui.input(|input| input.pointer.latest_pos());
    let at_secs = |position: Pos2| {
        let range = group.range();
        transform.value_from_position(position).x.clamp(*range.start(), *range.end())
    };
    let here = pointer.map(at_secs);
    if response.double_clicked() {
        group.reset();
        return;
    }
    if response.drag_started() {
        group.drag_from = ui.input(|input| input.pointer.press_origin()).map(at_secs);
    }
    if let Some(here) = here.filter(|_| response.hovered() || response.dragged()) {
        group.point_at(here);
    }
    if group.drag_selects
        && response.dragged()
        && let (Some(from), Some(here)) = (group.drag_from, here)
    {
        group.select(from, here);
    }
    if response.drag_stopped()
        && let (Some(from), Some(to)) = (group.drag_from.take(), here)
    {
        if group.drag_selects { group.select(from, to) } else { group.zoom_to(from, to) }
    }
}
