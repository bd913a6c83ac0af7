//! Seconds as points: the series to the right, the measure upwards, coloured by stage.

use egui::{Label, Sense, Ui, vec2};
use egui_plot::{MarkerShape, PlotPoint, PlotPoints, Points};

use super::measure::{Measure, Pair};
use crate::app::{
    charts::ChartUnit,
    compare::plot::{Axis, nothing_ui, plot_ui},
    theme::{self, size},
};
use crate::humanize;
use crate::model::Plan;

const NAME: &str = "Seconds of the run";
/// More points than this hide each other; of a longer run each so-manieth second is drawn.
const MAX_POINTS: usize = 2_000;
/// How near the pointer has to be to a point, in points of the screen.
const REACH: f32 = 14.0;
const SHAPES: [MarkerShape; 6] = [
    MarkerShape::Circle,
    MarkerShape::Diamond,
    MarkerShape::Square,
    MarkerShape::Up,
    MarkerShape::Down,
    MarkerShape::Cross,
];

/// What is drawn.
pub struct Scatter<'a> {
    pub name: &'a str,
    pub unit: ChartUnit,
    pub measure: Measure,
    pub pairs: &'a [Pair],
}

pub fn scatter_ui(ui: &mut Ui, scatter: &Scatter<'_>, plan: &Plan) {
    let every = scatter.pairs.len().div_ceil(MAX_POINTS).max(1);
    let drawn: Vec<Pair> = scatter.pairs.iter().step_by(every).copied().collect();
    legend_ui(ui, &drawn, plan);
    if every > 1 {
        ui.label(theme::small(ui, format!("One second of {every} is drawn")));
    }
    if drawn.is_empty() {
        nothing_ui(ui, "No second has both");
        return;
    }
    let span = |of: fn(&Pair) -> f64| {
        let values = || drawn.iter().map(of);
        (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max))
    };
    let ((x_low, x_high), (y_low, y_high)) = (span(|pair| pair.series), span(|pair| pair.measure));
    let (unit, measure) = (scatter.unit, scatter.measure.unit());
    let x = Axis::covering(x_low, x_high, 6, |value| unit.tick(value)).without_edges();
    let y = Axis::covering(y_low, y_high, 6, |value| measure.tick(value));
    let colors = theme::colors(ui);
    let points = drawn.clone();
    let (response, transform) = plot_ui(ui, ("correlation", NAME), x, y, move |plot| {
        for stage in stages(&points) {
            let of_stage = points.iter().filter(|pair| pair.stage == stage);
            let at: Vec<PlotPoint> = of_stage.map(|pair| PlotPoint::new(pair.series, pair.measure)).collect();
            let marks = Points::new("", PlotPoints::Owned(at)).color(colors.series(stage));
            plot.points(marks.radius(2.6).shape(SHAPES[stage % SHAPES.len()]).allow_hover(false));
        }
    });
    let axes = format!("→ {}   ↑ {}", scatter.name, scatter.measure.name());
    ui.add(Label::new(theme::small(ui, axes)).truncate());
    let Some(at) = response.hover_pos() else { return };
    let place = |pair: &Pair| transform.position_from_point(&PlotPoint::new(pair.series, pair.measure));
    let nearest = drawn.iter().min_by(|a, b| place(a).distance(at).total_cmp(&place(b).distance(at)));
    if let Some(pair) = nearest.filter(|pair| place(pair).distance(at) < REACH) {
        response.on_hover_ui_at_pointer(|ui| {
            let time = humanize::clock(std::time::Duration::from_secs(pair.second.into()));
            ui.label(format!("{time}, stage {}", stage_name(plan, pair.stage)));
            ui.label(format!("{} {}", scatter.name, unit.text(pair.series)));
            ui.label(format!("{} {}", scatter.measure.name(), measure.text(pair.measure)));
        });
    }
}

/// The stages that have points, in order.
fn stages(pairs: &[Pair]) -> Vec<usize> {
    let mut stages: Vec<usize> = pairs.iter().map(|pair| pair.stage).collect();
    stages.dedup();
    stages.sort_unstable();
    stages.dedup();
    stages
}

fn stage_name(plan: &Plan, stage: usize) -> &str {
    plan.stages().get(stage).map_or("", |stage| &stage.name)
}

fn legend_ui(ui: &mut Ui, pairs: &[Pair], plan: &Plan) {
    let colors = theme::colors(ui);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().interact_size.y = 18.0;
        ui.label(theme::text(NAME, size::BODY, theme::Weight::SemiBold));
        for stage in stages(pairs) {
            let (rect, _) = ui.allocate_exact_size(vec2(10.0, 18.0), Sense::hover());
            ui.painter().circle_filled(rect.center(), 4.0, colors.series(stage));
            ui.label(theme::small(ui, stage_name(plan, stage)));
        }
    });
}
