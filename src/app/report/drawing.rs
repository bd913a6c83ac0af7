//! Paints a report's charts: the drawing that files get, in the window's colours.

use std::sync::Arc;

use egui::{
    Color32, Mesh, Painter, Pos2, Rect, Role as WidgetRole, Sense, Shape, Stroke, Ui, WidgetInfo, vec2,
};

use crate::{
    app::theme::{self, Colors, OutcomeHue},
    report::chart::{self, Anchor, Chart, Drawing, Item, Marker, Position, Role, Size, Weight},
};

/// Hues of outcomes in the order of [`Outcome::ALL`](crate::metrics::Outcome::ALL).
const OUTCOMES: [OutcomeHue; 7] = [
    OutcomeHue::Ok,
    OutcomeHue::NoAnswer,
    OutcomeHue::Redirect,
    OutcomeHue::Timeout,
    OutcomeHue::ClientError,
    OutcomeHue::ServerError,
    OutcomeHue::FailedCheck,
];

/// Draws a chart over the available width; `revision` changes with it.
pub fn chart_ui(ui: &mut Ui, chart: &Chart, revision: u64) {
    let width = ui.available_width().round();
    let id = ui.make_persistent_id((&chart.id, revision));
    let known: Option<(f32, Arc<Drawing>)> = ui.data(|data| data.get_temp(id));
    let drawing = match known.filter(|(of, _)| *of == width) {
        Some((_, drawing)) => drawing,
        None => {
            let drawing = Arc::new(chart::draw(chart, Size { width: f64::from(width), ..chart.size() }));
            ui.data_mut(|data| data.insert_temp(id, (width, Arc::clone(&drawing))));
            drawing
        }
    };
    let Size { width, height } = drawing.size;
    let (rect, response) = ui.allocate_exact_size(vec2(width as f32, height as f32), Sense::hover());
    let words = if drawing.words.is_empty() { &drawing.title } else { &drawing.words };
    response.widget_info(|| WidgetInfo::labeled(WidgetRole::Image, true, words));
    if ui.is_rect_visible(rect) {
        Pen { painter: ui.painter_at(rect), colors: theme::colors(ui), origin: rect.min }.paint(&drawing);
    }
}

/// What a drawing is painted with, and from where on.
struct Pen<'a> {
    painter: Painter,
    colors: &'a Colors,
    origin: Pos2,
}

impl Pen<'_> {
    fn paint(&self, drawing: &Drawing) {
        for item in &drawing.items {
            self.item(item);
        }
    }

    fn item(&self, item: &Item) {
        match item {
            Item::Line { from, to, stroke } => self.polyline(&[*from, *to], stroke),
            Item::Polyline { points, stroke } => self.polyline(points, stroke),
            Item::Ribbon { upper, lower, role, opacity } => self.ribbon(upper, lower, *role, *opacity),
            Item::Rect { min, max, role, opacity } => {
                let rect = Rect::from_min_max(self.at(*min), self.at(*max));
                self.painter.rect_filled(rect, 0.0, self.soft(*role, *opacity));
            }
            Item::Marker { at, radius, marker, role } => self.marker(*at, *radius, *marker, *role),
            Item::Text { at, text, role, size, weight, anchor } => {
                let weight = match weight {
                    Weight::Regular => theme::Weight::Regular,
                    Weight::SemiBold => theme::Weight::SemiBold,
                };
                let font = theme::font(*size as f32, weight);
                let galley = self.painter.layout_no_wrap(text.clone(), font, self.color(*role));
                let left = match anchor {
                    Anchor::Start => 0.0,
                    Anchor::Middle => galley.size().x / 2.0,
                    Anchor::End => galley.size().x,
                };
                let row = galley.rows.first();
                let baseline =
                    row.and_then(|row| Some(row.pos.y + row.glyphs.first()?.pos.y)).unwrap_or_default();
                self.painter.galley(self.at(*at) - vec2(left, baseline), galley, self.color(*role));
            }
        }
    }

    fn polyline(&self, points: &[Position], stroke: &chart::Stroke) {
        let points: Vec<Pos2> = points.iter().map(|point| self.at(*point)).collect();
        let pen = Stroke::new(stroke.width as f32, self.color(stroke.role));
        if stroke.dash.is_empty() {
            self.painter.add(Shape::line(points, pen));
            return;
        }
        let lengths = |first: usize| -> Vec<f32> {
            stroke.dash.iter().skip(first).step_by(2).map(|length| *length as f32).collect()
        };
        self.painter.extend(Shape::dashed_line_with_offset(&points, pen, &lengths(0), &lengths(1), 0.0));
    }

    /// As a strip of quadrangles, since its outline may bend in any way.
    fn ribbon(&self, upper: &[Position], lower: &[Position], role: Role, opacity: f64) {
        let mut mesh = Mesh::default();
        let color = self.soft(role, opacity);
        for (above, below) in upper.iter().zip(lower) {
            mesh.colored_vertex(self.at(*above), color);
            mesh.colored_vertex(self.at(*below), color);
        }
        for left in (0..mesh.vertices.len().saturating_sub(2) as u32).step_by(2) {
            mesh.add_triangle(left, left + 1, left + 2);
            mesh.add_triangle(left + 1, left + 2, left + 3);
        }
        self.painter.add(mesh);
    }

    fn marker(&self, at: Position, radius: f64, marker: Marker, role: Role) {
        let (center, radius, color) = (self.at(at), radius as f32, self.color(role));
        let corners: &[(f32, f32)] = match marker {
            Marker::Circle => {
                self.painter.circle_filled(center, radius, color);
                return;
            }
            Marker::Square => &[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
            Marker::Diamond => &[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)],
            Marker::Triangle => &[(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)],
        };
        let corners = corners.iter().map(|(x, y)| center + vec2(x * radius, y * radius)).collect();
        self.painter.add(Shape::convex_polygon(corners, color, Stroke::NONE));
    }

    fn at(&self, position: Position) -> Pos2 {
        self.origin + vec2(position.x as f32, position.y as f32)
    }

    fn soft(&self, role: Role, opacity: f64) -> Color32 {
        self.color(role).gamma_multiply(opacity as f32)
    }

    fn color(&self, role: Role) -> Color32 {
        let colors = self.colors;
        match role {
            Role::Ground => colors.card,
            Role::Ink => colors.text,
            Role::Muted => colors.muted,
            Role::Grid => colors.grid,
            Role::Axis => colors.border_strong,
            Role::Band => colors.raised,
            Role::Target => colors.fail,
            Role::Ok => colors.ok,
            Role::Warn => colors.warn,
            Role::Fail => colors.fail,
            Role::Series(index) => colors.series(usize::from(index)),
            Role::Outcome(index) => {
                colors.outcome(OUTCOMES.get(usize::from(index)).copied().unwrap_or(OutcomeHue::NoAnswer))
            }
            Role::HeatGround => colors.heat_ground,
            Role::Heat(index) => colors.heat(f32::from(index) / (Role::N_HEATS - 1) as f32),
        }
    }
}
