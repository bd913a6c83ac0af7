//! A load profile as a small drawing.

use egui::{Pos2, Rect, Shape, Stroke, Ui, pos2};

use crate::app::theme;

/// Draws levels at their times in seconds; the last level is the profile's end.
pub fn profile_sketch(ui: &Ui, rect: Rect, profile: &[(f64, f64)]) {
    let end = profile.iter().map(|(at_secs, _)| *at_secs).fold(0.0, f64::max);
    let peak = profile.iter().map(|(_, level)| *level).fold(0.0, f64::max);
    if end <= 0.0 || peak <= 0.0 {
        return;
    }
    let at = |(at_secs, level): (f64, f64)| {
        let x = rect.left() + rect.width() * (at_secs / end) as f32;
        pos2(x, rect.bottom() - 1.0 - (rect.height() - 3.0) * (level / peak) as f32)
    };
    let color = theme::colors(ui).accent_text;
    let points: Vec<Pos2> = profile.iter().map(|point| at(*point)).collect();
    for pair in points.windows(2) {
        let quad = vec![pos2(pair[0].x, rect.bottom()), pair[0], pair[1], pos2(pair[1].x, rect.bottom())];
        ui.painter().add(Shape::convex_polygon(quad, color.gamma_multiply(0.14), Stroke::NONE));
    }
    ui.painter().add(Shape::line(points, Stroke::new(1.4, color)));
}
