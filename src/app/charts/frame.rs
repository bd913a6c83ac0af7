//! The plot that all charts are drawn in: the same time axis, value axis and grid, so that charts line up.

use std::{ops::RangeInclusive, time::Duration};

use egui::{Response, Ui};
use egui_plot::{AxisHints, GridMark, Plot, PlotTransform, PlotUi};

use super::{ChartGroup, scale};
use crate::app::theme::{self, Colors, Weight, size};
use crate::humanize;

/// Room above the values for the names of stages.
pub const HEAD_ROOM: f32 = 24.0;
/// Width of the value axis, so that time lines up across charts.
pub const AXIS_WIDTH: f32 = 60.0;
/// Room for one label of the time axis.
const TIME_LABEL_WIDTH: f32 = 80.0;

/// The value axis of a plot, from bottom to top.
pub struct ValueAxis {
    pub start: f64,
    pub end: f64,
    pub marks: Vec<(f64, String)>,
}

/// Draws an empty plot over the full width, and `draw` into it.
pub fn frame_ui<'a>(
    ui: &mut Ui,
    group: &ChartGroup,
    id: &'static str,
    axis: ValueAxis,
    draw: impl FnOnce(&mut PlotUi<'a>) + 'a,
) -> (Response, PlotTransform) {
    let ink = theme::colors(ui);
    let range = group.range();
    let n_labels = ((ui.available_width() - AXIS_WIDTH) / TIME_LABEL_WIDTH).max(2.0) as usize;
    let time_step = scale::time_step(range.end() - range.start(), n_labels);
    let ValueAxis { start, end, marks } = axis;
    // Marks far apart in the eyes of the plot are all labelled; which there are was decided before.
    let grid: Vec<GridMark> =
        marks.iter().map(|(value, _)| GridMark { value: *value, step_size: end - start }).collect();
    let plot = bare_plot(id, group.plot_height, ink)
        .show_grid([false, true])
        .custom_x_axes(vec![time_axis(ink)])
        .custom_y_axes(vec![value_axis(ink, marks)])
        .x_grid_spacer(move |input| scale::marks(input.bounds.0..=input.bounds.1, time_step))
        .y_grid_spacer(move |_| grid.clone());
    let shown = plot.show(ui, move |plot| {
        plot.set_plot_bounds_x(range);
        plot.set_plot_bounds_y(start..=end);
        draw(plot);
    });
    (shown.response, shown.transform)
}

/// A plot that neither moves nor says anything by itself.
pub fn bare_plot(id: impl egui::AsIdSalt, height: f32, ink: &Colors) -> Plot<'static> {
    Plot::new(id)
        .height(height)
        .show_background(false)
        .show_x(false)
        .show_y(false)
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
}

fn time_axis(ink: &Colors) -> AxisHints<'static> {
    AxisHints::new_x()
        .formatter(|mark, range| time_label(mark.value, range))
        .label_spacing(8.0..=8.0)
        .tick_label_color(ink.faint)
        .tick_label_font(theme::font(size::FINE, Weight::Regular))
}

fn value_axis(ink: &Colors, marks: Vec<(f64, String)>) -> AxisHints<'static> {
    let label = move |mark: GridMark, _: &_| {
        let found = marks.iter().find(|(value, _)| *value == mark.value);
        found.map_or_else(String::new, |(_, label)| label.clone())
    };
    AxisHints::new_y()
        .formatter(label)
        .min_thickness(AXIS_WIDTH)
        .label_spacing(8.0..=8.0)
        .tick_label_color(ink.faint)
        .tick_label_font(theme::font(size::FINE, Weight::Regular))
}

/// The start needs no label, and would touch the zero of the value axis.
fn time_label(at_secs: f64, range: &RangeInclusive<f64>) -> String {
    let is_at_start = at_secs - range.start() < (range.end() - range.start()) * 0.015;
    if at_secs <= 0.0 || is_at_start {
        String::new()
    } else {
        humanize::clock(Duration::from_secs_f64(at_secs))
    }
}
