//! How far the axes reach, and the empty plot that they make.

use std::time::Duration;

use egui::{Pos2, Sense, Ui};
use egui_plot::{AxisHints, GridMark, Plot, PlotBounds, PlotPoint, PlotResponse};

use super::Canvas;
use crate::{
    app::{
        design::snap::{level_step, marks, time_step},
        theme::{self, Weight, size},
    },
    humanize,
    model::{LoadProfile, profile::edit::Point},
};

/// How far the axes reach: seconds from and to, and the highest level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Extent {
    pub from: f64,
    pub until: f64,
    pub level: f64,
}

impl Extent {
    /// Of the whole profile, with room to add to it.
    pub fn of(profile: &LoadProfile, preview: Option<&LoadProfile>) -> Self {
        let both = || [Some(profile), preview].into_iter().flatten();
        let secs = both().map(|load| load.duration().as_secs_f64()).fold(10.0, f64::max);
        let least = if profile.model.is_open() { 2.0 } else { 4.0 };
        let level = both().map(LoadProfile::peak).fold(least, f64::max);
        Self { from: 0.0, until: secs * 1.1, level: level * 1.25 }
    }

    /// The part of it that is zoomed into.
    pub fn within(self, zoom: Option<(f64, f64)>) -> Self {
        let (from, until) = zoom.unwrap_or((self.from, self.until));
        Self { from, until, ..self }
    }

    pub fn length(self) -> f64 {
        self.until - self.from
    }
}

impl Canvas {
    pub(super) fn position(&self, point: Point) -> Pos2 {
        self.transform.position_from_point(&PlotPoint::new(point.secs, point.level))
    }

    pub(super) fn point(&self, at: Pos2) -> Point {
        let value = self.transform.value_from_position(at);
        Point { secs: value.x, level: value.y }
    }

    pub(super) fn frame(&self) -> egui::Rect {
        *self.transform.frame()
    }

    /// Paints upon the plot; a little beyond it, so that points on its edge are whole.
    pub(super) fn painter(&self, ui: &Ui) -> egui::Painter {
        ui.painter_at(self.frame().expand(2.0))
    }
}

pub(super) fn plot_ui(ui: &mut Ui, extent: Extent, is_open: bool, height: f32) -> PlotResponse<()> {
    let x_step = time_step(extent.length() / 9.0);
    let y_step = level_step(extent.level / 6.0);
    let muted = theme::colors(ui).muted;
    let font = theme::font(size::SMALL, Weight::Regular);
    let axis = move |hints: AxisHints<'static>| hints.tick_label_color(muted).tick_label_font(font.clone());
    let spacer = |step: f64, from: f64, max: f64| -> Vec<GridMark> {
        let first = (from / step).ceil() * step;
        marks(step, max - first).map(|value| GridMark { value: first + value, step_size: step }).collect()
    };
    Plot::new("load profile")
        .height(height)
        .sense(Sense::click())
        .allow_drag(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
        .show_background(false)
        .show_crosshair(false)
        .grid_color(theme::colors(ui).grid)
        .grid_fade(0.0)
        .set_margin_fraction(egui::Vec2::ZERO)
        .x_grid_spacer(move |_| spacer(x_step, extent.from, extent.until))
        .y_grid_spacer(move |_| spacer(y_step, 0.0, extent.level))
        .custom_x_axes(vec![axis(AxisHints::new_x()).formatter(|mark, _| time_words(mark.value))])
        .custom_y_axes(vec![
            axis(AxisHints::new_y())
                .formatter(move |mark, _| humanize::level(mark.value, is_open))
                .min_thickness(64.0),
        ])
        .label_formatter(|_| None)
        .show(ui, |plot| {
            // Room below and left of zero, so that points on the axes can be seen and held whole.
            let least = [extent.from - 0.012 * extent.length(), -0.05 * extent.level];
            plot.set_plot_bounds(PlotBounds::from_min_max(least, [extent.until, extent.level]));
        })
}

pub(super) fn time_words(secs: f64) -> String {
    humanize::span(Duration::try_from_secs_f64(secs.max(0.0)).unwrap_or_default())
}
