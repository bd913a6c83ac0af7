//! The pause after each step, with a sketch of how long it is how often.

use std::time::Duration;

use egui::{Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, accesskit::Role};

use super::pen::Pen;
use crate::{
    app::{
        theme::{self, space},
        widgets::{self, labelled, parsed_field},
    },
    humanize,
    model::{ThinkTime, format_duration, log_normal_sigma, parse_duration},
};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    None,
    Fixed,
    Uniform,
    Normal,
    LogNormal,
}

pub fn think_time_ui(ui: &mut Ui, think_time: &mut ThinkTime, (pen, path): (&Pen<'_>, &str)) {
    let mut kind = match think_time {
        ThinkTime::None => Kind::None,
        ThinkTime::Fixed(_) => Kind::Fixed,
        ThinkTime::Uniform { .. } => Kind::Uniform,
        ThinkTime::Normal { .. } => Kind::Normal,
        ThinkTime::LogNormal { .. } => Kind::LogNormal,
    };
    let kinds = [
        (Kind::None, "None"),
        (Kind::Fixed, "Fixed"),
        (Kind::Uniform, "Uniform"),
        (Kind::Normal, "Normal"),
        (Kind::LogNormal, "Log-normal"),
    ];
    let changed = labelled(ui, "Think time after each step", |ui| widgets::segments(ui, &mut kind, &kinds));
    if changed {
        *think_time = with_mean(kind, think_time.mean());
    }
    pen.marks.field(ui, path, |ui| ui.horizontal_top(|ui| fields_ui(ui, think_time)).inner);
    sketch_ui(ui, think_time);
}

fn fields_ui(ui: &mut Ui, think_time: &mut ThinkTime) -> egui::Response {
    match think_time {
        ThinkTime::None => ui.label(theme::small(ui, "Each step follows the one before at once.")),
        ThinkTime::Fixed(pause) => pause_ui(ui, "Pause", pause),
        ThinkTime::Uniform { min, max } => {
            let first = pause_ui(ui, "Shortest", min);
            pause_ui(ui, "Longest", max);
            first
        }
        ThinkTime::Normal { mean, std_dev } => {
            let first = pause_ui(ui, "Mean", mean);
            pause_ui(ui, "Standard deviation", std_dev);
            first
        }
        ThinkTime::LogNormal { median, p95 } => {
            let first = pause_ui(ui, "Median", median);
            pause_ui(ui, "95th percentile", p95);
            first
        }
    }
}

fn pause_ui(ui: &mut Ui, name: &str, pause: &mut Duration) -> egui::Response {
    labelled(ui, name, |ui| parsed_field(ui, name, pause, 96.0, |d| format_duration(*d), parse_duration))
}

/// A think time of another kind about as long as the one before.
fn with_mean(kind: Kind, mean: Duration) -> ThinkTime {
    let mean = if mean.is_zero() { Duration::from_secs(1) } else { mean };
    match kind {
        Kind::None => ThinkTime::None,
        Kind::Fixed => ThinkTime::Fixed(mean),
        Kind::Uniform => ThinkTime::Uniform { min: mean / 2, max: mean + mean / 2 },
        Kind::Normal => ThinkTime::Normal { mean, std_dev: mean / 4 },
        Kind::LogNormal => ThinkTime::LogNormal { median: mean, p95: mean * 2 },
    }
}

/// How often a pause is how long, from no pause to the end of the sketch.
fn sketch_ui(ui: &mut Ui, think_time: &ThinkTime) {
    const N_POINTS: usize = 96;
    let Some(end) = sketch_end(think_time) else { return };
    let colors = theme::colors(ui);
    let width = ui.available_width().min(300.0);
    let (rect, response) = ui.allocate_exact_size(egui::vec2(width, 54.0), Sense::HOVER);
    let mean = humanize::latency(think_time.mean());
    let words = format!("Pauses from none to {}, {mean} in the mean", humanize::latency(end));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
    let plot = Rect::from_min_max(rect.min, rect.max - egui::vec2(0.0, 16.0));
    let densities: Vec<f64> = (0..=N_POINTS)
        .map(|index| density(think_time, end.as_secs_f64() * index as f64 / N_POINTS as f64))
        .collect();
    let highest = densities.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    let points: Vec<Pos2> = densities
        .iter()
        .enumerate()
        .map(|(index, density)| {
            let x = egui::lerp(plot.x_range(), index as f32 / N_POINTS as f32);
            egui::pos2(x, plot.bottom() - (density / highest) as f32 * (plot.height() - 4.0))
        })
        .collect();
    let painter = ui.painter();
    painter.hline(plot.x_range(), plot.bottom(), Stroke::new(1.0, colors.border));
    painter.add(Shape::line(points, Stroke::new(1.5, colors.accent_text)));
    let at = plot.left() + plot.width() * (think_time.mean().as_secs_f64() / end.as_secs_f64()) as f32;
    painter.vline(at, plot.y_range(), Stroke::new(1.0, colors.border_strong));
    let font = || theme::font(theme::size::FINE, theme::Weight::Regular);
    let foot = rect.bottom() - 7.0;
    painter.text(egui::pos2(plot.left(), foot), egui::Align2::LEFT_CENTER, "0", font(), colors.faint);
    let right = egui::pos2(plot.right(), foot);
    painter.text(right, egui::Align2::RIGHT_CENTER, humanize::latency(end), font(), colors.faint);
    let mean_x = at.clamp(plot.left() + 48.0, plot.right() - 76.0);
    let mean = format!("mean {mean}");
    painter.text(egui::pos2(mean_x, foot), egui::Align2::CENTER_CENTER, mean, font(), colors.muted);
    response.on_hover_text(words);
    ui.add_space(space::XS);
}

/// The longest pause that the sketch shows; none where there is nothing to show.
fn sketch_end(think_time: &ThinkTime) -> Option<Duration> {
    let end = match think_time {
        ThinkTime::None | ThinkTime::Fixed(_) => return None,
        ThinkTime::Uniform { min, max } if max > min => *max + *max / 4,
        ThinkTime::Normal { mean, std_dev } if !std_dev.is_zero() => *mean + *std_dev * 4,
        ThinkTime::LogNormal { median, p95 } if p95 > median && !median.is_zero() => *p95 + *p95 / 2,
        _ => return None,
    };
    (!end.is_zero()).then_some(end)
}

/// How often a pause takes so long, on a scale of its own.
fn density(think_time: &ThinkTime, secs: f64) -> f64 {
    match think_time {
        ThinkTime::None | ThinkTime::Fixed(_) => 0.0,
        ThinkTime::Uniform { min, max } => {
            f64::from(u8::from((min.as_secs_f64()..=max.as_secs_f64()).contains(&secs)))
        }
        ThinkTime::Normal { mean, std_dev } => {
            let z = (secs - mean.as_secs_f64()) / std_dev.as_secs_f64();
            (-z * z / 2.0).exp()
        }
        ThinkTime::LogNormal { median, p95 } => {
            if secs <= 0.0 {
                return 0.0;
            }
            let z = (secs / median.as_secs_f64()).ln() / log_normal_sigma(*median, *p95);
            (-z * z / 2.0).exp() / secs
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn densities_have_their_top_where_it_belongs() {
        let secs = Duration::from_secs;
        let normal = ThinkTime::Normal { mean: secs(2), std_dev: secs(1) };
        assert!(density(&normal, 2.0) > density(&normal, 1.0));
        assert!((density(&normal, 1.0) - density(&normal, 3.0)).abs() < 1e-12);
        let uniform = ThinkTime::Uniform { min: secs(1), max: secs(3) };
        assert_eq!([0.5, 1.5, 3.5].map(|at| density(&uniform, at)), [0.0, 1.0, 0.0]);
        let skewed = ThinkTime::LogNormal { median: secs(1), p95: secs(4) };
        assert!(density(&skewed, 0.5) > density(&skewed, 2.0), "its mode lies below its median");
        assert_eq!(sketch_end(&ThinkTime::Fixed(secs(1))), None);
        assert_eq!(sketch_end(&ThinkTime::LogNormal { median: secs(1), p95: secs(1) }), None);
    }
}
