//! Paints bands, curve, handles and labels upon the plot, in its coordinates.

use egui::{
    Align2, Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind,
    epaint::{Mesh, Vertex, WHITE_UV},
};

use super::{
    Aids, Canvas, CanvasView, ceiling_words,
    decimate::thinned,
    handles::{Handle, point_words},
};
use crate::{
    app::theme::{self, Colors, Weight, size, space},
    model::{
        LoadProfile, Scenario,
        profile::edit::{Point, Span, spans},
    },
};

/// The strip of names above the bands.
pub(super) const STRIP: f32 = 22.0;
const HANDLE: f32 = 5.5;
/// Narrower bands do not show, and hardly wider ones show no edge, or edges would be all that shows.
const LEAST_BAND: f32 = 3.0;
const LEAST_EDGED: f32 = 14.0;
const LEAST_NAME: f32 = 44.0;

/// What is painted with.
pub(super) struct Painting<'a> {
    pub canvas: &'a Canvas,
    pub colors: &'a Colors,
    pub painter: Painter,
    pub spans: &'a [Span],
}

impl Painting<'_> {
    fn x(&self, secs: f64) -> f32 {
        self.canvas.position(Point { secs, level: 0.0 }).x
    }

    /// The stages in sight with their indexes.
    fn in_sight(&self) -> impl Iterator<Item = (usize, &Span)> {
        let (from, until) = (self.canvas.extent.from, self.canvas.extent.until);
        let first = self.spans.partition_point(|span| span.to.secs < from);
        let rest = self.spans.iter().enumerate().skip(first);
        rest.take_while(move |(_, span)| span.from.secs <= until)
    }

    pub fn bands(&self, view: &CanvasView, scenario: &Scenario) {
        let frame = self.canvas.frame();
        for (index, span) in self.in_sight() {
            let x = self.x(span.from.secs)..=self.x(span.to.secs);
            let rect = Rect::from_x_y_ranges(x, frame.y_range());
            let (is_selected, is_hovered) = (view.selected == Some(index), view.hovered == Some(index));
            if rect.width() < LEAST_BAND && !is_selected && !is_hovered {
                continue;
            }
            let color = self.colors.band(index);
            let strength = if is_selected {
                0.16
            } else if is_hovered {
                0.1
            } else {
                0.05
            };
            self.painter.rect_filled(rect, 0.0, color.gamma_multiply(strength));
            self.painter.rect_filled(rect.with_max_y(frame.top() + 3.0), 0.0, color);
            if rect.width() >= LEAST_EDGED {
                self.painter.vline(
                    rect.right(),
                    frame.y_range(),
                    Stroke::new(1.0, color.gamma_multiply(0.35)),
                );
            }
            let visible = rect.intersect(frame);
            if visible.width() > LEAST_NAME {
                self.name(visible, &scenario.load.stages[index].name, color, is_selected);
            }
        }
        if !scenario.load.warm_up.is_zero() {
            self.warm_up(&scenario.load);
        }
    }

    fn name(&self, band: Rect, name: &str, color: Color32, is_selected: bool) {
        let weight = if is_selected { Weight::SemiBold } else { Weight::Medium };
        let font = theme::font(size::SMALL, weight);
        let mut job = egui::text::LayoutJob::simple_singleline(name.to_owned(), font, color);
        job.wrap = egui::text::TextWrapping::truncate_at_width((band.width() - 10.0).max(0.0));
        let galley = self.painter.layout_job(job);
        self.painter.galley(band.left_top() + egui::vec2(5.0, 6.0), galley, color);
    }

    fn warm_up(&self, load: &LoadProfile) {
        let frame = self.canvas.frame();
        let x = self.x(load.warm_up.as_secs_f64());
        if !frame.x_range().contains(x) {
            return;
        }
        let line = [Pos2::new(x, frame.top() + STRIP), Pos2::new(x, frame.bottom())];
        self.painter.extend(Shape::dashed_line(&line, Stroke::new(1.0, self.colors.muted), 4.0, 3.0));
        let font = theme::font(size::SMALL, Weight::Regular);
        let at = Pos2::new(x + 4.0, frame.top() + STRIP + 2.0);
        self.painter.text(at, Align2::LEFT_TOP, "warm-up ends", font, self.colors.muted);
    }

    /// The curve with the area under it, in the colours of the stages.
    pub fn curve(&self) {
        let corners = self.in_sight().flat_map(|(index, span)| [(span.from, index), (span.to, index)]);
        let line = thinned(corners.map(|(point, index)| (self.canvas.position(point), index)));
        let floor = self.canvas.position(Point { secs: 0.0, level: 0.0 }).y;
        let mut mesh = Mesh::default();
        for pair in line.windows(2) {
            let [(from, _), (to, index)] = pair else { continue };
            if to.x > from.x {
                area(&mut mesh, (*from, *to), floor, self.colors.band(*index).gamma_multiply(0.2));
            }
        }
        self.painter.add(Shape::mesh(mesh));
        let line: Vec<Pos2> = line.into_iter().map(|(at, _)| at).collect();
        self.painter.add(Shape::line(line, Stroke::new(2.0, self.colors.accent_text)));
    }

    /// What the profile would become, and what this machine can do.
    pub fn aids(&self, aids: &Aids, is_open: bool) {
        if let Some(preview) = &aids.preview {
            let corners = spans(preview).into_iter().flat_map(|span| [(span.from, 0), (span.to, 0)]);
            let line = thinned(corners.map(|(point, index)| (self.canvas.position(point), index)));
            let line: Vec<Pos2> = line.into_iter().map(|(at, _)| at).collect();
            self.painter.extend(Shape::dashed_line(&line, Stroke::new(2.0, self.colors.info), 6.0, 4.0));
        }
        if let Some(level) = aids.ceiling {
            self.ceiling(level, is_open);
        }
    }

    fn ceiling(&self, level: f64, is_open: bool) {
        let frame = self.canvas.frame();
        let font = theme::font(size::SMALL, Weight::Medium);
        let color = self.colors.warn;
        let words = ceiling_words(level, is_open);
        if level > self.canvas.extent.level {
            let words = format!("Ceiling of this machine, far above: {words}");
            let at = frame.right_top() + egui::vec2(-6.0, STRIP + 4.0);
            self.painter.text(at, Align2::RIGHT_TOP, words, font, self.colors.muted);
            return;
        }
        let y = self.canvas.position(Point { secs: 0.0, level }).y;
        let line = [Pos2::new(frame.left(), y), Pos2::new(frame.right(), y)];
        self.painter.extend(Shape::dashed_line(&line, Stroke::new(1.5, color), 8.0, 4.0));
        let words = format!("Ceiling of this machine: {words}");
        self.painter.text(Pos2::new(frame.right() - 6.0, y - 3.0), Align2::RIGHT_BOTTOM, words, font, color);
    }

    pub fn invitation(&self) {
        self.painter.text(
            self.canvas.frame().center(),
            Align2::CENTER_CENTER,
            "Click where the load should be, choose a shape, or paste a profile as text",
            theme::font(size::BODY, Weight::Medium),
            self.colors.muted,
        );
    }

    pub fn handles(&self, view: &CanvasView, handles: &[Handle], is_open: bool) {
        let mut hint = None;
        for Handle { index, response } in handles {
            let Some(span) = self.spans.get(*index) else { continue };
            let at = self.canvas.position(span.to);
            let is_selected = view.selected == Some(*index);
            let is_held = response.dragged();
            let is_lit = is_selected || response.hovered() || response.has_focus();
            self.handle(at, self.colors.band(*index), is_selected, is_lit);
            if is_held || hint.is_none() && (response.hovered() || response.has_focus()) {
                hint = Some((at, span));
            }
        }
        if let Some((at, span)) = hint {
            self.hint(at, span, is_open);
        }
    }

    fn handle(&self, at: Pos2, color: Color32, is_selected: bool, is_lit: bool) {
        let radius = if is_lit { HANDLE + 1.5 } else { HANDLE };
        if is_lit {
            self.painter.circle_filled(at, radius + 5.0, color.gamma_multiply(0.25));
        }
        let fill = if is_selected { color } else { self.colors.card };
        self.painter.circle(at, radius, fill, Stroke::new(2.0, color));
    }

    /// Time and level of a point, and how long its stage is.
    fn hint(&self, at: Pos2, span: &Span, is_open: bool) {
        let frame = self.canvas.frame();
        let length = super::axes::time_words(span.to.secs - span.from.secs);
        let words = format!("{}  ·  stage {length}", point_words(span.to, is_open));
        let font = theme::font(size::SMALL, Weight::SemiBold);
        let galley = self.painter.layout_no_wrap(words, font, Color32::PLACEHOLDER);
        let size = galley.size() + egui::vec2(2.0 * space::S, space::S);
        let mut rect = Rect::from_center_size(at - egui::vec2(0.0, 30.0), size);
        if rect.top() < frame.top() + STRIP {
            rect = rect.translate(egui::vec2(0.0, 60.0));
        }
        let shift = (frame.right() - rect.right()).min(0.0) + (frame.left() - rect.left()).max(0.0);
        let rect = rect.translate(egui::vec2(shift, 0.0));
        let border = Stroke::new(1.0, self.colors.border_strong);
        self.painter.rect(rect, 6.0, self.colors.card, border, StrokeKind::Inside);
        self.painter.galley(rect.min + egui::vec2(space::S, space::XS), galley, self.colors.text);
    }
}

/// The area between a straight piece of the curve and the floor.
fn area(mesh: &mut Mesh, (from, to): (Pos2, Pos2), floor: f32, color: Color32) {
    let first = mesh.vertices.len() as u32;
    let corners = [from, to, Pos2::new(to.x, floor), Pos2::new(from.x, floor)];
    mesh.vertices.extend(corners.map(|pos| Vertex { pos, uv: WHITE_UV, color }));
    mesh.add_triangle(first, first + 1, first + 2);
    mesh.add_triangle(first, first + 2, first + 3);
}
