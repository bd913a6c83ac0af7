//! How far each decile moved against the baseline, and how far the distributions lie apart.

use egui::{Label, Ui};
use egui_plot::{Line, PlotPoint, PlotPoints, Points};

use super::{Compared, looks, plot};
use crate::analysis::stats::{CliffMagnitude, ShiftPoint};
use crate::app::theme;
use crate::humanize;

const NAME: &str = "Shift by decile";
/// How far candidates stand apart at one decile, in points of a percentile.
const APART: f64 = 0.9;

/// Draws the shift of all candidates.
pub fn shift_ui(ui: &mut Ui, compared: &Compared) {
    plot::title_ui(
        ui,
        NAME,
        "Candidate − baseline at each decile, with 95 % intervals; above zero is slower",
    );
    let shapes = &compared.comparison.shapes;
    let bounds = || {
        let points = shapes.iter().flat_map(|shape| &shape.shift);
        points.flat_map(|point| {
            let (low, high) = point.interval_secs;
            [Some(point.difference_secs), low, high].into_iter().flatten()
        })
    };
    if bounds().next().is_none() {
        plot::nothing_ui(
            ui,
            "Told of single runs; a side of repetitions has no blocks of time to tell it from",
        );
    } else {
        let (lowest, highest) = (bounds().fold(0.0, f64::min), bounds().fold(0.0, f64::max));
        plot_ui(ui, compared, lowest, highest);
    }
    cliff_ui(ui, compared);
}

fn plot_ui(ui: &mut Ui, compared: &Compared, lowest: f64, highest: f64) {
    let colors = theme::colors(ui);
    let shapes = &compared.comparison.shapes;
    let marks = (1..=9).map(|decile| (f64::from(decile) * 10.0, format!("p{}", decile * 10))).collect();
    let x = plot::Axis { from: 4.0, to: 104.0, marks };
    let words = |secs: f64| humanize::signed(secs, &humanize::latency_limit(secs.abs()));
    let y = plot::Axis::round(lowest, highest, 5, words);
    let n_candidates = shapes.len();
    let all: Vec<Vec<ShiftPoint>> = shapes.iter().map(|shape| shape.shift.clone()).collect();
    let (y_from, y_to) = (y.from, y.to);
    let (response, transform) = plot::plot_ui(ui, ("shift", NAME), x, y, move |plot| {
        let zero = vec![PlotPoint::new(0.0, 0.0), PlotPoint::new(100.0, 0.0)];
        plot.line(
            Line::new("", PlotPoints::Owned(zero)).color(colors.border_strong).width(1.0).allow_hover(false),
        );
        for (index, shift) in all.into_iter().enumerate() {
            let side = index + 1;
            let color = looks::color(colors, side);
            let x = |point: &ShiftPoint| place(point.quantile, index, n_candidates);
            for point in &shift {
                let (low, high) = point.interval_secs;
                let ends = [low.unwrap_or(y_from), high.unwrap_or(y_to)];
                let bar = ends.map(|secs| PlotPoint::new(x(point), secs)).to_vec();
                let bar = Line::new("", PlotPoints::Owned(bar)).color(color.gamma_multiply(0.75)).width(1.5);
                plot.line(bar.allow_hover(false));
            }
            let points: Vec<PlotPoint> =
                shift.iter().map(|point| PlotPoint::new(x(point), point.difference_secs)).collect();
            let line = Line::new("", PlotPoints::Owned(points.clone())).color(color).width(1.4);
            plot.line(line.style(looks::dash(side).style()).allow_hover(false));
            let points = Points::new("", PlotPoints::Owned(points)).color(color).radius(3.4);
            plot.points(points.shape(looks::marker(side)).allow_hover(false));
        }
    });
    let ends = shapes.iter().enumerate().filter_map(|(index, shape)| {
        let last = shape.shift.last()?;
        let at = PlotPoint::new(place(last.quantile, index, n_candidates), last.difference_secs);
        let (at, color) = (transform.position_from_point(&at), looks::color(colors, index + 1));
        Some(plot::EndLabel { at, words: compared.names[index + 1].clone(), color })
    });
    plot::end_labels(ui, *transform.frame(), ends.collect());
    if let Some(at) = response.hover_pos() {
        let percentile = transform.value_from_position(at).x;
        let decile = (percentile / 10.0).round().clamp(1.0, 9.0) as usize;
        response.on_hover_ui_at_pointer(|ui| {
            ui.label(format!("p{}", decile * 10));
            for (name, shape) in compared.names[1..].iter().zip(shapes) {
                if let Some(point) = shape.shift.get(decile - 1) {
                    ui.label(format!("{name}: {}", point_words(point)));
                }
            }
        });
    }
}

/// Where a candidate's point of a quantile stands.
fn place(quantile: f64, index: usize, n_candidates: usize) -> f64 {
    quantile * 100.0 + (index as f64 - (n_candidates as f64 - 1.0) / 2.0) * APART
}

fn point_words(point: &ShiftPoint) -> String {
    let bound = |bound: Option<f64>| bound.map_or_else(|| "no bound".to_owned(), humanize::latency_change);
    let (low, high) = point.interval_secs;
    format!("{} ({} to {})", humanize::latency_change(point.difference_secs), bound(low), bound(high))
}

/// Cliff's delta of each candidate, in words.
fn cliff_ui(ui: &mut Ui, compared: &Compared) {
    let told = compared.names[1..].iter().zip(&compared.comparison.shapes).filter_map(|(name, shape)| {
        let delta = shape.cliffs_delta?;
        let words = CliffMagnitude::of(delta).word();
        Some(format!("{name} {} ({words})", humanize::signed_decimal(delta, 3)))
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        return;
    }
    let hint = "How much more often a request of the candidate takes longer than one of the baseline than less long: \
                from −1 to 1. It is about size, not about how sure it is";
    let words = format!("Cliff's delta: {}", told.join("  ·  "));
    ui.add(Label::new(theme::small(ui, words)).wrap()).on_hover_text(hint);
}
