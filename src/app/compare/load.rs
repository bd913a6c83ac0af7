//! Response time at throughput: one point per held stage of each run.

use egui::Ui;
use egui_plot::{Line, PlotPoint, PlotPoints, Points};

use super::{Compared, looks, plot};
use crate::analysis::comparison::{LoadPoint, Measured};
use crate::app::{theme, widgets};
use crate::humanize;

const NAME: &str = "Response time at throughput";

/// Which percentile is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Shown {
    P50,
    #[default]
    P95,
    P99,
}

/// What is remembered of the chart between frames.
#[derive(Default)]
pub struct LoadView {
    shown: Shown,
}

impl Shown {
    const ALL: [(Self, &'static str); 3] = [(Self::P50, "p50"), (Self::P95, "p95"), (Self::P99, "p99")];

    fn of(self, point: &LoadPoint) -> Option<Measured> {
        match self {
            Self::P50 => point.p50,
            Self::P95 => point.p95,
            Self::P99 => point.p99,
        }
    }
}

/// Draws the curves of all sides.
pub fn load_ui(ui: &mut Ui, view: &mut LoadView, compared: &Compared) {
    ui.horizontal(|ui| {
        widgets::section(ui, NAME);
        ui.add_space(theme::space::S);
        widgets::segments(ui, &mut view.shown, &Shown::ALL);
    });
    let words =
        "One point per held stage, with its 95 % interval; throughput delivered on the horizontal axis.";
    ui.horizontal_wrapped(|ui| {
        ui.label(theme::small(ui, words));
        for (side, name) in compared.names.iter().enumerate() {
            ui.add_space(theme::space::XS);
            looks::marker_ui(ui, side);
            ui.label(theme::small(ui, name));
        }
    });
    let shown = view.shown;
    let sides = &compared.comparison.sides;
    let points: Vec<Vec<Drawn>> = sides
        .iter()
        .map(|side| side.load_curve.iter().filter_map(|point| drawn(shown, point)).collect())
        .collect();
    let all = || points.iter().flatten();
    if all().next().is_none() {
        plot::nothing_ui(ui, "No stage was held");
        return;
    }
    let least = |value: fn(&Drawn) -> f64| all().map(value).fold(f64::INFINITY, f64::min);
    let most = |value: fn(&Drawn) -> f64| all().map(value).fold(0.0, f64::max);
    let rate = |rate: f64| humanize::level(rate, true);
    let x = plot::Axis::covering(least(|p| p.throughput), most(|p| p.throughput), 10, rate);
    let x = x.without_edges();
    let (lowest, highest) = (least(|p| p.low.unwrap_or(p.value)), most(|p| p.high.unwrap_or(p.value)));
    let y = plot::Axis::covering(lowest, highest, 7, humanize::latency_limit);
    let bottom = y.from;
    let top = y.to;
    let colors = theme::colors(ui);
    let (response, transform) = plot::plot_ui(ui, ("load", NAME), x, y, {
        let points = points.clone();
        move |plot| {
            points
                .into_iter()
                .enumerate()
                .for_each(|(side, points)| curve(plot, colors, (side, points), bottom..=top))
        }
    });
    let Some(at) = response.hover_pos() else { return };
    let nearest =
        points.iter().enumerate().flat_map(|(side, points)| points.iter().map(move |point| (side, point)));
    let distance = |point: &Drawn| {
        transform.position_from_point(&PlotPoint::new(point.throughput, point.value)).distance(at)
    };
    let nearest = nearest.min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)));
    if let Some((side, point)) = nearest.filter(|(_, point)| distance(point) < 40.0) {
        response.on_hover_ui_at_pointer(|ui| {
            ui.label(format!("{}, stage {}", compared.names[side], point.stage));
            ui.label(format!(
                "{} at {}",
                humanize::latency_secs(point.value),
                humanize::rate(point.throughput)
            ));
            let bound =
                |bound: Option<f64>| bound.map_or_else(|| "no bound".to_owned(), humanize::latency_secs);
            ui.label(format!("95 % interval {} to {}", bound(point.low), bound(point.high)));
        });
    }
}

/// A point of a curve.
#[derive(Clone, Debug)]
struct Drawn {
    stage: String,
    throughput: f64,
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
}

fn drawn(shown: Shown, point: &LoadPoint) -> Option<Drawn> {
    let measured = shown.of(point)?;
    Some(Drawn {
        stage: point.stage.clone(),
        throughput: point.throughput_per_sec,
        value: measured.value,
        low: measured.low,
        high: measured.high,
    })
}

fn curve(
    plot: &mut egui_plot::PlotUi<'_>,
    colors: &theme::Colors,
    (side, points): (usize, Vec<Drawn>),
    edges: std::ops::RangeInclusive<f64>,
) {
    let color = looks::color(colors, side);
    for point in &points {
        if point.low.is_none() && point.high.is_none() {
            continue;
        }
        // Without a bound it goes on to the edge.
        let ends = [point.low.unwrap_or(*edges.start()), point.high.unwrap_or(*edges.end())];
        let bar = ends.map(|secs| PlotPoint::new(point.throughput, secs)).to_vec();
        plot.line(Line::new("", PlotPoints::Owned(bar)).color(color).width(1.4).allow_hover(false));
    }
    let at: Vec<PlotPoint> =
        points.iter().map(|point| PlotPoint::new(point.throughput, point.value)).collect();
    let line = Line::new("", PlotPoints::Owned(at.clone())).color(color).width(1.5);
    plot.line(line.style(looks::dash(side).style()).allow_hover(false));
    let marks = Points::new("", PlotPoints::Owned(at)).color(color).radius(4.0).shape(looks::marker(side));
    plot.points(marks.allow_hover(false));
}
