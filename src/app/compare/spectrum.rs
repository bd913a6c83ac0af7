//! Percentile spectra: response time by quantile, the tail stretched so that each nine takes the same room.

use std::time::Duration;

use egui::Ui;
use egui_plot::{Line, PlotPoint, PlotPoints, Points};

use super::{Compared, looks, plot};
use crate::analysis::comparison::Spectrum;
use crate::app::theme;
use crate::humanize;

/// The quantiles with a mark on the axis.
const MARKS: [(f64, &str); 7] = [
    (0.0, "0 %"),
    (0.5, "50 %"),
    (0.9, "90 %"),
    (0.99, "99 %"),
    (0.999, "99.9 %"),
    (0.9999, "99.99 %"),
    (0.99999, "99.999 %"),
];
const NAME: &str = "Percentile spectrum";

/// Draws the spectra of all sides.
pub fn spectrum_ui(ui: &mut Ui, compared: &Compared) {
    plot::title_ui(ui, NAME, "Response time by percentile; the tail is stretched");
    let colors = theme::colors(ui);
    let sides = &compared.comparison.sides;
    let lines: Vec<Vec<PlotPoint>> = sides.iter().map(|side| line(&side.spectrum)).collect();
    let all = || lines.iter().flatten();
    if all().next().is_none() {
        plot::nothing_ui(ui, "No request was answered in what the runs have in common");
        return;
    }
    let (end, highest) = (all().map(|p| p.x).fold(1.0, f64::max), all().map(|p| p.y).fold(0.0, f64::max));
    let mark = |(quantile, words): (f64, &str)| (nines(quantile), words.to_owned());
    let marks = MARKS.into_iter().map(mark).filter(|(at, _)| *at <= end * 1.001).collect();
    let x = plot::Axis { from: 0.0, to: end * 1.12, marks }.without_edges();
    let y = plot::Axis::round(0.0, highest, 5, humanize::latency_limit);
    let decades: Vec<Vec<PlotPoint>> = sides.iter().map(|side| at_marks(&side.spectrum)).collect();
    let (drawn, marked) = (lines.clone(), decades);
    let (response, transform) = plot::plot_ui(ui, ("spectrum", NAME), x, y, move |plot| {
        for (side, (line, marks)) in drawn.into_iter().zip(marked).enumerate() {
            let color = looks::color(colors, side);
            let drawn = Line::new("", PlotPoints::Owned(line)).color(color).width(1.7);
            plot.line(drawn.style(looks::dash(side).style()).allow_hover(false));
            let points = Points::new("", PlotPoints::Owned(marks)).color(color).radius(3.2);
            plot.points(points.shape(looks::marker(side)).allow_hover(false));
        }
    });
    let ends = lines.iter().enumerate().filter_map(|(side, line)| {
        let at = transform.position_from_point(line.last()?);
        Some(plot::EndLabel { at, words: compared.names[side].clone(), color: looks::color(colors, side) })
    });
    plot::end_labels(ui, *transform.frame(), ends.collect());
    let counts = compared.names.iter().zip(sides);
    let counts = counts.map(|(name, side)| format!("{name} {}", humanize::count(side.spectrum.n_samples)));
    let words = format!("Answered requests: {}", counts.collect::<Vec<_>>().join("  ·  "));
    ui.add(egui::Label::new(theme::small(ui, words)).wrap());
    if let Some(at) = response.hover_pos() {
        let quantile = 1.0 - 10f64.powf(-transform.value_from_position(at).x.max(0.0));
        let x_range = transform.frame().y_range();
        ui.painter().vline(at.x, x_range, egui::Stroke::new(1.0, colors.border_strong));
        response.on_hover_ui_at_pointer(|ui| {
            ui.label(format!("p{}", humanize::number(quantile * 100.0)));
            for (name, side) in compared.names.iter().zip(sides) {
                let value = value_at(&side.spectrum, quantile).map(humanize::latency);
                ui.label(format!("{name}: {}", value.unwrap_or_else(|| "too few requests".to_owned())));
            }
        });
    }
}

/// How many nines a quantile has: 0.99 is 2.
fn nines(quantile: f64) -> f64 {
    -(1.0 - quantile).log10()
}

fn line(spectrum: &Spectrum) -> Vec<PlotPoint> {
    let point =
        |(quantile, latency): &(f64, Duration)| PlotPoint::new(nines(*quantile), latency.as_secs_f64());
    spectrum.points.iter().map(point).collect()
}

/// The response time at a quantile, if there are enough requests for it.
fn value_at(spectrum: &Spectrum, quantile: f64) -> Option<Duration> {
    let after = spectrum.points.partition_point(|(q, _)| *q < quantile);
    spectrum.points.get(after).map(|(_, latency)| *latency)
}

fn at_marks(spectrum: &Spectrum) -> Vec<PlotPoint> {
    let marks = MARKS[1..].iter().filter_map(|(quantile, _)| {
        Some(PlotPoint::new(nines(*quantile), value_at(spectrum, *quantile)?.as_secs_f64()))
    });
    marks.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_nine_takes_the_same_room() {
        for (quantile, expected) in [(0.0, 0.0), (0.9, 1.0), (0.99, 2.0), (0.999, 3.0)] {
            assert!((nines(quantile) - expected).abs() < 1e-9, "{quantile}");
        }
    }

    #[test]
    fn beyond_the_last_request_nothing_is_told() {
        let ms = Duration::from_millis;
        let spectrum = Spectrum { points: vec![(0.0, ms(1)), (0.5, ms(5)), (0.9, ms(9))], n_samples: 10 };
        assert_eq!(value_at(&spectrum, 0.5), Some(ms(5)));
        assert_eq!(value_at(&spectrum, 0.7), Some(ms(9)));
        assert_eq!(value_at(&spectrum, 0.99), None);
    }
}
