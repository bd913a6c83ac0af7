//! The latency heatmap: seconds across, latencies on a logarithmic axis, colour for the share of a second's requests.
//!
//! Drawn as one small texture, made anew only when data, zoom, width or theme changes.

use std::sync::Arc;

use egui::{Color32, ColorImage, Rect, Shape, TextureHandle, TextureOptions, Ui, pos2, vec2};
use egui_plot::{PlotPoint, PlotTransform};

use super::{
    ChartGroup, TargetLine,
    chart::{finish, is_visible},
    frame::{self, AXIS_WIDTH, HEAD_ROOM},
    head,
    heat::{HeatGrid, LEAST_SHARE, place_of},
    heat_axis::HeatAxis,
    overlay,
};
use crate::app::theme::{self, Colors, OutcomeHue, Weight, size, space};
use crate::humanize;
use crate::metrics::HeatColumn;

/// Columns that a texture may have on any system.
const MAX_TEXTURE_COLUMNS: usize = 2_000;
/// Rows of the texture above the latencies: errors, then timeouts.
const N_ERROR_ROWS: usize = 2;
const RAMP_SIZE: egui::Vec2 = vec2(72.0, 9.0);

/// What a heatmap shows.
pub struct HeatChart<'a> {
    pub id: &'static str,
    pub title: &'a str,
    pub columns: &'a [Arc<HeatColumn>],
    /// Limits in seconds.
    pub targets: &'a [TargetLine],
    /// Changes whenever the columns change.
    pub revision: u64,
    pub empty_text: &'a str,
}

/// A heatmap's cells and its picture, kept between frames.
#[derive(Default)]
pub struct Heatmap {
    grid: HeatGrid,
    texture: Option<TextureHandle>,
    made_of: Option<MadeOf>,
    /// How often cells were summed up anew.
    #[cfg(test)]
    pub n_renewals: usize,
}

#[derive(Clone, PartialEq)]
struct MadeOf {
    revision: u64,
    range: (f64, f64),
    max_columns: usize,
    is_dark: bool,
}

impl Heatmap {
    /// Draws the heatmap over the full width.
    pub fn ui(&mut self, ui: &mut Ui, group: &mut ChartGroup, chart: &HeatChart<'_>, n_legend_rows: usize) {
        let ink = theme::colors(ui);
        let ended = group.crosshair().and_then(|at_secs| self.ended_words(at_secs));
        head::head_ui(ui, chart.title, &[], n_legend_rows, |ui| {
            ramp_legend_ui(ui, ink);
            if let Some(ended) = ended {
                ui.add(egui::Label::new(theme::small(ui, ended).color(ink.text)).truncate());
            }
        });
        if is_visible(ui, group) {
            self.renew(ui, group, chart, ink);
        }
        let backdrop = ui.painter().add(Shape::Noop);
        let axis = HeatAxis::new(self.grid.buckets.clone(), group.plot_height);
        let (response, transform) = frame::frame_ui(ui, group, chart.id, axis.value_axis(), |_| {});
        ui.painter().set(backdrop, overlay::backdrop(ui, group, ink, &transform));
        if chart.columns.is_empty() {
            overlay::say(ui, ink, &transform, chart.empty_text);
        } else {
            self.picture_ui(ui, &axis, &transform);
            veil(ui, group, ink, &transform);
        }
        let is_on_axis = |target: &&TargetLine| axis.y_of_secs(target.value) <= axis.latencies().1;
        let targets = chart.targets.iter().filter(is_on_axis).map(|target| {
            (
                axis.y_of_secs(target.value),
                format!("{} {}", target.name, humanize::latency_limit(target.value)),
            )
        });
        overlay::targets(ui, ink, &transform, targets);
        overlay::marks_and_crosshair(ui, group, ink, &transform);
        let pointed = response.hover_pos();
        finish(ui, group, &response, &transform, &format!("Chart: {}", chart.title));
        if let Some(at) = pointed {
            self.reading_ui(ui, &axis, &transform, at);
        }
    }

    /// Sums cells up and colours them anew if that is needed.
    fn renew(&mut self, ui: &Ui, group: &ChartGroup, chart: &HeatChart<'_>, ink: &Colors) {
        let range = group.range();
        let width = (ui.available_width() - AXIS_WIDTH).max(1.0) as usize;
        let made_of = MadeOf {
            revision: chart.revision,
            range: (*range.start(), *range.end()),
            max_columns: width.min(MAX_TEXTURE_COLUMNS),
            is_dark: ink.is_dark,
        };
        if self.made_of.as_ref() == Some(&made_of) {
            return;
        }
        self.grid = HeatGrid::new(chart.columns, &range, made_of.max_columns);
        self.made_of = Some(made_of);
        #[cfg(test)]
        {
            self.n_renewals += 1;
        }
        let image = picture(&self.grid, ink);
        match &mut self.texture {
            Some(texture) => texture.set(image, TextureOptions::NEAREST),
            None => self.texture = Some(ui.ctx().load_texture(chart.id, image, TextureOptions::NEAREST)),
        }
    }

    /// What ended in the column at the crosshair.
    fn ended_words(&self, at_secs: f64) -> Option<String> {
        let (_, cells) = self.grid.at(at_secs)?;
        Some(cells.map_or_else(
            || "nothing measured".to_owned(),
            |cells| format!("{} ended", humanize::counted(cells.n_requests(), "request")),
        ))
    }

    fn picture_ui(&self, ui: &Ui, axis: &HeatAxis, transform: &PlotTransform) {
        let Some(texture) = &self.texture else { return };
        let painter = ui.painter().with_clip_rect(transform.frame().intersect(ui.clip_rect()));
        let x_range = [self.grid.first_second, self.grid.end_second()]
            .map(|second| overlay::x_of(transform, f64::from(second)));
        let n_rows = (N_ERROR_ROWS + self.grid.buckets.len()) as f32;
        let part = |values: (f64, f64), rows: (usize, usize)| {
            let [bottom, top] = [values.0, values.1]
                .map(|value| transform.position_from_point(&PlotPoint::new(0.0, value)).y);
            let rect = Rect::from_min_max(pos2(x_range[0], top), pos2(x_range[1], bottom));
            let uv = Rect::from_min_max(pos2(0.0, rows.0 as f32 / n_rows), pos2(1.0, rows.1 as f32 / n_rows));
            painter.image(texture.id(), rect, uv, Color32::WHITE);
        };
        part(axis.errors, (0, 1));
        part(axis.timeouts, (1, 2));
        part(axis.latencies(), (N_ERROR_ROWS, N_ERROR_ROWS + self.grid.buckets.len()));
    }

    /// What is under the pointer, beside it.
    fn reading_ui(&self, ui: &Ui, axis: &HeatAxis, transform: &PlotTransform, at: egui::Pos2) {
        let value = transform.value_from_position(at);
        let Some(text) = axis.row_at(value.y).and_then(|row| self.grid.reading(value.x, row)) else { return };
        let frame = *transform.frame();
        let painter = ui.painter().with_clip_rect(ui.clip_rect());
        overlay::plate(&painter, theme::colors(ui), frame, at + vec2(6.0, 12.0), text);
    }
}

/// Columns across, errors and timeouts above, latencies from slow to fast below; nothing measured is transparent.
fn picture(grid: &HeatGrid, ink: &Colors) -> ColorImage {
    let (width, n_buckets) = (grid.columns.len().max(1), grid.buckets.len());
    let mut image = ColorImage::filled([width, N_ERROR_ROWS + n_buckets], Color32::TRANSPARENT);
    for (x, cells) in grid.columns.iter().enumerate() {
        let Some(cells) = cells else { continue };
        let all = cells.n_requests();
        let failed = |n, hue| place_of(n, all).map_or(ink.heat_ground, |place| ink.heat_of(hue, place));
        image[(x, 0)] = failed(cells.n_errors, OutcomeHue::ServerError);
        image[(x, 1)] = failed(cells.n_timeouts, OutcomeHue::Timeout);
        for (bucket, n) in cells.counts.iter().enumerate() {
            let y = N_ERROR_ROWS + n_buckets - 1 - bucket;
            image[(x, y)] = place_of(*n, all).map_or(ink.heat_ground, |place| ink.heat(place));
        }
    }
    image
}

/// What is not selected steps back, since a tint would change the colours of what is.
fn veil(ui: &Ui, group: &ChartGroup, ink: &Colors, transform: &PlotTransform) {
    let Some((from, to)) = group.selection() else { return };
    let frame = *transform.frame();
    let [from, to] = [from, to].map(|at| overlay::x_of(transform, at).clamp(frame.left(), frame.right()));
    for (left, right) in [(frame.left(), from), (to, frame.right())] {
        let rect = Rect::from_min_max(pos2(left, frame.top() + HEAD_ROOM), pos2(right, frame.bottom()));
        ui.painter().rect_filled(rect, 0.0, ink.card.gamma_multiply(0.6));
    }
}

/// The ramp with its ends in words.
fn ramp_legend_ui(ui: &mut Ui, ink: &Colors) {
    let font = theme::font(size::SMALL, Weight::Regular);
    let least = format!("≤ {}", humanize::percent(LEAST_SHARE));
    let all = format!("{} of the second", humanize::percent(1.0));
    let galleys = [least, all].map(|text| ui.painter().layout_no_wrap(text, font.clone(), ink.muted));
    let width = galleys.iter().map(|galley| galley.size().x).sum::<f32>() + RAMP_SIZE.x + 2.0 * space::XS;
    let (rect, response) = ui.allocate_exact_size(vec2(width, 20.0), egui::Sense::hover());
    let mut left = rect.left();
    let y = rect.center().y;
    let [least, all] = galleys;
    let widths = [least.size(), all.size()];
    ui.painter().galley(pos2(left, y - widths[0].y / 2.0), least, ink.muted);
    left += widths[0].x + space::XS;
    let n_parts = RAMP_SIZE.x as usize / 2;
    for part in 0..n_parts {
        let x = left + part as f32 * 2.0;
        let cell = Rect::from_min_size(pos2(x, y - RAMP_SIZE.y / 2.0), vec2(2.0, RAMP_SIZE.y));
        ui.painter().rect_filled(cell, 0.0, ink.heat(part as f32 / (n_parts - 1) as f32));
    }
    left += RAMP_SIZE.x + space::XS;
    ui.painter().galley(pos2(left, y - widths[1].y / 2.0), all, ink.muted);
    let hint = "The colour is a latency's share of all requests that ended in that second, on a logarithmic \
                scale. Timeouts and other errors stand in rows of their own above. Blank is not measured.";
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, "Legend of the heatmap"));
    response.on_hover_text(hint);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_measured_is_blank_and_what_did_not_occur_is_the_ground() {
        let column = |second, n_timeouts| {
            Arc::new(HeatColumn { second, counts: vec![(30, 9)], n_timeouts, n_errors: 0 })
        };
        let grid = HeatGrid::new(&[column(0, 0), column(2, 1)], &(0.0..=3.0), 100);
        for ink in [&theme::LIGHT, &theme::DARK] {
            let image = picture(&grid, ink);
            assert_eq!(image.size, [3, 12]);
            assert_eq!(image[(0, 11)], ink.heat(1.0), "all of the second's requests");
            assert_eq!(
                (image[(0, 0)], image[(0, 1)], image[(0, 5)]),
                (ink.heat_ground, ink.heat_ground, ink.heat_ground)
            );
            assert!((0..12).all(|y| image[(1, y)] == Color32::TRANSPARENT), "nothing measured");
            assert_eq!(image[(2, 1)], ink.heat_of(OutcomeHue::Timeout, place_of(1, 10).unwrap()));
        }
    }

    #[test]
    fn two_hours_are_summed_up_once_and_not_in_every_frame() {
        let columns: Vec<_> = (0..7_200)
            .map(|second| {
                Arc::new(HeatColumn { second, counts: vec![(40, 9), (50, 1)], ..HeatColumn::default() })
            })
            .collect();
        let mut group = ChartGroup::selecting();
        group.extent_secs = 7_200.0;
        let mut is_installed = false;
        let mut harness = egui_kittest::Harness::builder().with_size([640.0, 320.0]).build_ui_state(
            move |ui, (heatmap, group): &mut (Heatmap, ChartGroup)| {
                if !std::mem::replace(&mut is_installed, true) {
                    theme::install(ui.ctx());
                    // Fonts are there from the next frame on.
                    ui.ctx().request_repaint();
                    return;
                }
                group.begin_frame();
                let chart = HeatChart {
                    id: "heat",
                    title: "Heat",
                    columns: &columns,
                    targets: &[],
                    revision: 1,
                    empty_text: "",
                };
                heatmap.ui(ui, group, &chart, 0);
            },
            (Heatmap::default(), group),
        );
        harness.run();
        let n_renewals = harness.state().0.n_renewals;
        let rect = egui_kittest::kittest::Queryable::get_by_label(&harness, "Chart: Heat").rect();
        for x in 0..20 {
            harness.hover_at(rect.left_center() + vec2(10.0 * x as f32, 0.0));
            harness.step();
        }
        assert_eq!(harness.state().0.n_renewals, n_renewals);
        harness.state_mut().1.zoom_to(600.0, 660.0);
        harness.run();
        let (heatmap, _) = harness.state();
        assert_eq!(heatmap.n_renewals, n_renewals + 1);
        assert_eq!((heatmap.grid.columns.len(), heatmap.grid.secs_per_column), (60, 1));
    }
}
