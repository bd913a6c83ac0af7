//! One chart of lines or stacked counts: head, plot, and what lies behind and over it.

use egui::{Response, Shape, Ui, epaint::Mesh, pos2};
use egui_plot::{Line, PlotPoint, PlotPoints, PlotTransform, Points};

use super::{
    ChartGroup, ChartUnit, Series, TargetLine,
    frame::{self, AXIS_WIDTH, HEAD_ROOM, ValueAxis},
    gestures,
    head::{self, Entry, Swatch},
    overlay,
    prepared::Prepared,
    scale,
};
use crate::app::theme::{self, Colors};

const LINE_WIDTH: f32 = 1.6;
/// Parts into which the value axis is cut, at most, and how much of its height each needs.
const MAX_VALUE_PARTS: usize = 5;
const VALUE_PART_HEIGHT: f32 = 32.0;
/// Targets beyond this many times the highest value stay out of sight, so that the lines do not flatten.
const TARGET_REACH: f64 = 2.5;

/// What one chart shows.
pub struct Chart<'a> {
    pub id: &'static str,
    pub title: &'a str,
    pub unit: ChartUnit,
    pub look: Look,
    pub series: &'a [Series],
    pub targets: &'a [TargetLine],
    /// Changes whenever the series change.
    pub revision: u64,
    /// Said in place of the lines when no series has a value.
    pub empty_text: &'a str,
}

/// How a chart's series are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    Lines,
    /// Counts that add up, on top of each other.
    Stack,
}

impl Chart<'_> {
    /// Rows that the legend takes below the title, in a card of this width.
    pub fn n_legend_rows(&self, ui: &Ui, width: f32) -> usize {
        let names: Vec<&str> = self.told().map(|(_, series)| series.name.as_str()).collect();
        head::n_legend_rows(ui, self.title, &names, width)
    }

    /// What has an entry in the legend, with its index: ghosts of one name share theirs.
    fn told(&self) -> impl Iterator<Item = (usize, &Series)> {
        self.series.iter().enumerate().filter(move |(index, series)| {
            !series.ghost || self.series[..*index].iter().all(|other| other.name != series.name)
        })
    }

    /// The value of a series at the crosshair; none where several share its name.
    fn readout(&self, group: &ChartGroup, series: &Series) -> Option<f64> {
        let n_alike = self.series.iter().filter(|other| other.name == series.name).count();
        if n_alike > 1 {
            return None;
        }
        series.nearest(group.crosshair()?, 1.0)?.value
    }

    /// The highest value to show: of the visible series, and of targets that are near enough.
    fn highest(&self, prepared: Option<&Prepared>) -> Option<f64> {
        let highest = prepared?.highest?;
        let targets = self.targets.iter().map(|target| target.value);
        Some(targets.filter(|target| *target <= highest * TARGET_REACH).fold(highest, f64::max))
    }
}

/// Draws a chart over the full width, with a legend of its own height and nothing beside its title; returns where its
/// values stand on the screen.
pub fn chart_ui(ui: &mut Ui, group: &mut ChartGroup, chart: &Chart<'_>) -> PlotTransform {
    let n_rows = chart.n_legend_rows(ui, ui.available_width());
    drawn(ui, group, chart, n_rows, |_| {})
}

/// The same with as many rows for the legend as the charts beside it need, and with tools beside the title.
pub fn chart_with(
    ui: &mut Ui,
    group: &mut ChartGroup,
    chart: &Chart<'_>,
    n_legend_rows: usize,
    tools: impl FnOnce(&mut Ui),
) {
    drawn(ui, group, chart, n_legend_rows, tools);
}

fn drawn(
    ui: &mut Ui,
    group: &mut ChartGroup,
    chart: &Chart<'_>,
    n_legend_rows: usize,
    tools: impl FnOnce(&mut Ui),
) -> PlotTransform {
    let ink = theme::colors(ui);
    legend_ui(ui, group, chart, n_legend_rows, tools);
    // Nothing is worked out for a chart that is scrolled out of sight.
    let is_visible = is_visible(ui, group);
    if is_visible {
        group.prepare(chart, (ui.available_width() - AXIS_WIDTH).max(1.0) as usize);
    }
    let backdrop = ui.painter().add(Shape::Noop);
    let highest = chart.highest(group.prepared(chart.id));
    let (response, transform) = plot_ui(ui, group, chart, highest.filter(|_| is_visible));
    ui.painter().set(backdrop, overlay::backdrop(ui, group, ink, &transform));
    if let (Look::Stack, true, Some(prepared)) = (chart.look, is_visible, group.prepared(chart.id)) {
        ui.painter().add(bars_shape(group, chart, prepared, ink, &transform));
    }
    if highest.is_none() {
        overlay::say(ui, ink, &transform, empty_words(group, chart));
    }
    let targets = chart
        .targets
        .iter()
        .map(|target| (target.value, format!("{} {}", target.name, chart.unit.text(target.value))));
    overlay::targets(ui, ink, &transform, targets);
    overlay::marks_and_crosshair(ui, group, ink, &transform);
    finish(ui, group, &response, &transform, &format!("Chart: {}", chart.title));
    transform
}

/// Whether the plot that comes next is in sight, at least in part.
pub(super) fn is_visible(ui: &Ui, group: &ChartGroup) -> bool {
    let size = egui::vec2(ui.available_width(), group.plot_height);
    ui.is_rect_visible(egui::Rect::from_min_size(ui.cursor().min, size))
}

/// Why a chart has no line.
fn empty_words<'a>(group: &ChartGroup, chart: &Chart<'a>) -> &'a str {
    let has_values = |series: &&Series| series.points.iter().any(|point| point.value.is_some());
    let mut measured = chart.series.iter().filter(has_values).peekable();
    if measured.peek().is_none() {
        return chart.empty_text;
    }
    if measured.all(|series| group.is_hidden(chart.id, &series.name)) {
        "All of it is hidden: a click on an entry of the legend shows it again"
    } else {
        "Nothing was measured in the stretch that is shown"
    }
}

/// Gestures and the accessible name, the same for every kind of chart.
pub(super) fn finish(
    ui: &Ui,
    group: &mut ChartGroup,
    response: &Response,
    transform: &PlotTransform,
    name: &str,
) {
    gestures::pointer(ui, group, response, transform);
    gestures::keys(ui, group, response);
    overlay::focus(ui, response, transform);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, name));
}

/// A click on an entry hides or shows its series; values show while the pointer is over a chart of the group.
fn legend_ui(
    ui: &mut Ui,
    group: &mut ChartGroup,
    chart: &Chart<'_>,
    n_rows: usize,
    tools: impl FnOnce(&mut Ui),
) {
    let ink = theme::colors(ui);
    let indexes: Vec<usize> = chart.told().map(|(index, _)| index).collect();
    let entries: Vec<Entry<'_>> = chart
        .told()
        .map(|(_, series)| {
            let is_hidden = group.is_hidden(chart.id, &series.name);
            let value = chart.readout(group, series);
            let swatch = match chart.look {
                Look::Stack => Swatch::Block,
                Look::Lines => Swatch::Line(series.dash),
            };
            let value = value.filter(|_| !is_hidden).map(|value| chart.unit.text(value));
            Entry { name: &series.name, swatch, color: series.color(ink), is_hidden, value }
        })
        .collect();
    if let Some(index) = head::head_ui(ui, chart.title, &entries, n_rows, tools) {
        group.toggle(chart.id, &chart.series[indexes[index]].name);
    }
}

/// Draws lines and axes; without a highest value there are no lines.
fn plot_ui(
    ui: &mut Ui,
    group: &ChartGroup,
    chart: &Chart<'_>,
    highest: Option<f64>,
) -> (Response, PlotTransform) {
    let ink = theme::colors(ui);
    let prepared = group.prepared(chart.id).filter(|_| highest.is_some());
    let highest = highest.unwrap_or(1.0);
    let room = group.plot_height - HEAD_ROOM;
    let n_parts = ((room / VALUE_PART_HEIGHT) as usize).clamp(2, MAX_VALUE_PARTS);
    let step = chart.unit.step(highest, n_parts);
    let top = scale::axis_end(highest, step);
    let axis = ValueAxis {
        start: 0.0,
        end: top * f64::from(group.plot_height / room),
        marks: scale::steps(0.0..=top, step).map(|value| (value, chart.unit.tick(value))).collect(),
    };
    let lines = prepared.map_or(&[][..], |prepared| &prepared.lines);
    frame::frame_ui(ui, group, chart.id, axis, |plot| {
        for (series, pieces) in chart.series.iter().zip(lines) {
            series_lines(plot, series, pieces, ink);
        }
    })
}

/// The unbroken pieces of one series; a lone measured second is a dot.
fn series_lines<'a>(
    plot: &mut egui_plot::PlotUi<'a>,
    series: &'a Series,
    pieces: &'a [Vec<PlotPoint>],
    ink: &Colors,
) {
    let color = series.color(ink);
    for piece in pieces {
        let points = PlotPoints::Borrowed(piece);
        if piece.len() == 1 {
            plot.points(
                Points::new(&series.name, points).color(color).radius(LINE_WIDTH * 1.2).allow_hover(false),
            );
        } else {
            let line =
                Line::new(&series.name, points).color(color).width(LINE_WIDTH).style(series.dash.style());
            plot.line(line.allow_hover(false));
        }
    }
}

/// The bars of a stack as one mesh, cut off at the plot's edges.
fn bars_shape(
    group: &ChartGroup,
    chart: &Chart<'_>,
    prepared: &Prepared,
    ink: &Colors,
    transform: &PlotTransform,
) -> Shape {
    let frame = *transform.frame();
    let visible = chart.series.iter().filter(|series| !group.is_hidden(chart.id, &series.name));
    let colors: Vec<_> = visible.map(|series| series.color(ink)).collect();
    let at = |x, y| transform.position_from_point(&PlotPoint::new(x, y));
    let mut mesh = Mesh::default();
    for bar in &prepared.bars {
        let (left, right) = (at(bar.from_secs, 0.0), at(bar.to_secs, 0.0).x);
        let (left, mut bottom) = (left.x.max(frame.left()), left.y);
        let right = right.min(frame.right());
        for (top, color) in bar.tops.iter().zip(&colors) {
            let top = at(bar.from_secs, *top).y.max(frame.top());
            if top < bottom && left < right {
                mesh.add_colored_rect(egui::Rect::from_min_max(pos2(left, top), pos2(right, bottom)), *color);
            }
            bottom = top;
        }
    }
    Shape::mesh(mesh)
}
