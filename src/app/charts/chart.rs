//! One chart: title, legend with the readout at the crosshair, and the plot itself.

use std::{ops::RangeInclusive, time::Duration};

use egui::{Align, Layout, Response, Sense, Shape, Stroke, Ui, vec2};
use egui_plot::{AxisHints, Line, LineStyle, Plot, PlotPoints, PlotTransform, Points};

use super::{ChartGroup, ChartUnit, Series, TargetLine, overlay, scale};
use crate::app::theme::{self, Colors, Weight};
use crate::humanize;

/// Height of every plot, so that charts line up.
const PLOT_HEIGHT: f32 = 150.0;
/// Room above the lines for the names of stages.
const HEAD_ROOM: f32 = 24.0;
/// Width of the value axis, so that time lines up across charts.
const AXIS_WIDTH: f32 = 60.0;
const TICK_FONT_SIZE: f32 = 11.0;
const LINE_WIDTH: f32 = 1.6;
/// Parts into which the value axis is cut.
const N_VALUE_PARTS: usize = 4;
/// Room for one label of the time axis.
const TIME_LABEL_WIDTH: f32 = 80.0;
/// Targets beyond this many times the highest value stay out of sight, so that the lines do not flatten.
const TARGET_REACH: f64 = 2.5;

/// What one chart shows.
pub struct Chart<'a> {
    pub id: &'static str,
    pub title: &'a str,
    pub unit: ChartUnit,
    pub series: &'a [Series],
    pub targets: &'a [TargetLine],
    /// Changes whenever the series change.
    pub revision: u64,
    /// Said in place of the lines when no series has a value.
    pub empty_text: &'a str,
}

impl Chart<'_> {
    /// The highest value to show within `range`: of the visible series, and of targets that are near enough.
    fn highest(&self, group: &ChartGroup, range: &RangeInclusive<f64>) -> Option<f64> {
        let visible = self.series.iter().filter(|series| !group.is_hidden(self.id, &series.name));
        let highest = visible
            .flat_map(|series| &series.points)
            .filter(|point| range.contains(&point.at_secs))
            .filter_map(|point| point.value)
            .reduce(f64::max)?;
        let targets = self.targets.iter().map(|target| target.value);
        Some(targets.filter(|target| *target <= highest * TARGET_REACH).fold(highest, f64::max))
    }
}

/// Draws a chart over the full width; a drag zooms all charts of the group, a double click shows everything.
pub fn chart_ui(ui: &mut Ui, group: &mut ChartGroup, chart: &Chart<'_>) {
    let ink = theme::colors(ui);
    header_ui(ui, group, chart, ink);
    group.prepare(chart, (ui.available_width() - AXIS_WIDTH).max(1.0) as usize);
    let backdrop = ui.painter().add(Shape::Noop);
    let highest = chart.highest(group, &group.range());
    let (response, transform) = plot_ui(ui, group, chart, ink, highest.unwrap_or(1.0));
    ui.painter().set(backdrop, overlay::backdrop(ui, group, ink, &transform));
    if highest.is_none() {
        overlay::say(ui, ink, &transform, chart.empty_text);
    }
    overlay::targets(ui, chart, ink, &transform);
    overlay::marks_and_crosshair(ui, group, ink, &transform);
    overlay::interact(ui, group, &response, &transform);
    let text = format!("Chart: {}", chart.title);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &text));
}

/// Title at the left; legend at the right, with values while the pointer is over a chart of the group.
fn header_ui(ui: &mut Ui, group: &mut ChartGroup, chart: &Chart<'_>, ink: &Colors) {
    ui.horizontal(|ui| {
        ui.label(theme::text(chart.title, theme::size::BODY, Weight::SemiBold));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 12.0;
            for series in chart.series.iter().rev() {
                legend_entry_ui(ui, group, chart, series, ink);
            }
        });
    });
}

/// One entry of the legend; a click hides or shows its line.
fn legend_entry_ui(ui: &mut Ui, group: &mut ChartGroup, chart: &Chart<'_>, series: &Series, ink: &Colors) {
    let is_hidden = group.is_hidden(chart.id, &series.name);
    let value = group.crosshair().and_then(|at_secs| series.nearest(at_secs, 1.0)?.value);
    let text = match value.filter(|_| !is_hidden) {
        Some(value) => format!("{}  {}", series.name, chart.unit.text(value)),
        None => series.name.clone(),
    };
    let color = if is_hidden { ink.faint } else { ink.text };
    let galley =
        ui.painter().layout_no_wrap(text.clone(), theme::font(theme::size::SMALL, Weight::Regular), color);
    let swatch_width = 18.0;
    let (rect, response) =
        ui.allocate_exact_size(galley.size() + vec2(swatch_width + 6.0, 4.0), Sense::click());
    let y = rect.center().y;
    let swatch = [egui::pos2(rect.left(), y), egui::pos2(rect.left() + swatch_width, y)];
    let line = if is_hidden { ink.border_strong } else { ink.series(series.hue) };
    let stroke = Stroke::new(2.0, line);
    if series.dashed {
        ui.painter().extend(Shape::dashed_line(&swatch, stroke, 5.0, 3.0));
    } else {
        ui.painter().line_segment(swatch, stroke);
    }
    ui.painter().galley(
        egui::pos2(rect.left() + swatch_width + 6.0, y - galley.size().y / 2.0),
        galley,
        color,
    );
    response.widget_info(|| {
        egui::WidgetInfo::selected(egui::Role::CheckBox, true, !is_hidden, format!("Line {}", series.name))
    });
    if response.on_hover_text(if is_hidden { "Show this line" } else { "Hide this line" }).clicked() {
        group.toggle(chart.id, &series.name);
    }
}

fn plot_ui(
    ui: &mut Ui,
    group: &ChartGroup,
    chart: &Chart<'_>,
    ink: &Colors,
    highest: f64,
) -> (Response, PlotTransform) {
    let range = group.range();
    let value_step = scale::round_step(highest, N_VALUE_PARTS).max(chart.unit.min_step());
    let value_end = scale::axis_end(highest, value_step);
    let n_labels = ((ui.available_width() - AXIS_WIDTH) / TIME_LABEL_WIDTH).max(2.0) as usize;
    let time_step = scale::time_step(range.end() - range.start(), n_labels);
    let (unit, time_range) = (chart.unit, range.clone());
    let font = theme::font(TICK_FONT_SIZE, Weight::Regular);
    let time_axis = AxisHints::new_x()
        .formatter(|mark, _| time_label(mark.value))
        .label_spacing(8.0..=8.0)
        .tick_label_color(ink.faint)
        .tick_label_font(font.clone());
    let value_axis = AxisHints::new_y()
        .formatter(move |mark, _| unit.tick(mark.value))
        .min_thickness(AXIS_WIDTH)
        .label_spacing(8.0..=8.0)
        .tick_label_color(ink.faint)
        .tick_label_font(font);
    let plot = Plot::new(chart.id)
        .height(PLOT_HEIGHT)
        .show_background(false)
        .show_x(false)
        .show_y(false)
        .show_grid([false, true])
        .grid_color(ink.grid)
        .grid_fade(0.0)
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
        .set_margin_fraction(egui::Vec2::ZERO)
        .label_formatter(|_| None)
        .custom_x_axes(vec![time_axis])
        .custom_y_axes(vec![value_axis])
        .x_grid_spacer(move |input| scale::marks(input.bounds.0..=input.bounds.1, time_step))
        .y_grid_spacer(move |input| scale::marks(input.bounds.0..=input.bounds.1, value_step));
    let shown = plot.show(ui, |plot| {
        plot.set_plot_bounds_x(time_range);
        plot.set_plot_bounds_y(0.0..=value_end * f64::from(PLOT_HEIGHT / (PLOT_HEIGHT - HEAD_ROOM)));
        for (series, pieces) in chart.series.iter().zip(group.lines(chart.id)) {
            if !group.is_hidden(chart.id, &series.name) {
                series_lines(plot, series, pieces, ink);
            }
        }
    });
    (shown.response, shown.transform)
}

/// The start needs no label, and would touch the zero of the value axis.
fn time_label(at_secs: f64) -> String {
    if at_secs <= 0.0 { String::new() } else { humanize::clock(Duration::from_secs_f64(at_secs)) }
}

/// The unbroken pieces of one series; a lone measured second is a dot.
fn series_lines<'a>(
    plot: &mut egui_plot::PlotUi<'a>,
    series: &'a Series,
    pieces: &'a [Vec<egui_plot::PlotPoint>],
    ink: &Colors,
) {
    let color = ink.series(series.hue);
    let style = if series.dashed { LineStyle::Dashed { length: 6.0 } } else { LineStyle::Solid };
    for piece in pieces {
        let points = PlotPoints::Borrowed(piece);
        if piece.len() == 1 {
            plot.points(
                Points::new(&series.name, points).color(color).radius(LINE_WIDTH * 1.2).allow_hover(false),
            );
        } else {
            let line = Line::new(&series.name, points).color(color).width(LINE_WIDTH).style(style);
            plot.line(line.allow_hover(false));
        }
    }
}
