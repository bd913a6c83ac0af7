//! The charts of the Run screen in rows: one crosshair, one zoom, one selection over all of them.

use egui::Ui;

use super::{
    lines::RunLines,
    response_lines::{self, ResponseLines},
    sight::Sight,
};
use crate::app::{
    charts::{Chart, ChartGroup, ChartUnit, HeatChart, Heatmap, Look, Series, chart_with},
    command::Commands,
    theme::{self, space},
    widgets,
};
use crate::humanize;

/// From this width on, charts stand in two columns.
const TWO_COLUMNS_FROM: f32 = 900.0;
/// What a chart takes beside its plot: card, title, time axis and the gap to the next row.
const AROUND_PLOT: f32 = 86.0;
/// Plots grow with the window between these heights, in points.
const PLOT_HEIGHTS: std::ops::RangeInclusive<f32> = 130.0..=230.0;

/// What the charts show.
pub struct Board<'a> {
    pub sight: &'a Sight<'a>,
    pub lines: &'a RunLines,
    /// Changes whenever the lines change.
    pub revision: u64,
    pub chosen: ResponseLines,
}

/// One cell of the board.
enum Panel<'a> {
    Chart(Chart<'a>),
    /// Response times, with the choice of percentiles.
    Response(Chart<'a>),
    Heat(HeatChart<'a>),
}

impl Board<'_> {
    /// Draws all charts, in two columns where there is room.
    pub fn ui(&self, ui: &mut Ui, group: &mut ChartGroup, heatmap: &mut Heatmap, commands: &mut Commands) {
        group.plot_height = plot_height(ui.clip_rect().height());
        let n_columns = if ui.available_width() >= TWO_COLUMNS_FROM { 2 } else { 1 };
        for row in self.panels().chunks(n_columns) {
            ui.columns(n_columns, |columns| {
                let width = columns[0].available_width() - 2.0 * space::M - 2.0;
                let n_rows =
                    row.iter().map(|panel| panel.n_legend_rows(&columns[0], width)).max().unwrap_or(0);
                for (ui, panel) in columns.iter_mut().zip(row) {
                    widgets::where_seen(ui, panel.id(), |ui| {
                        widgets::card(ui, |ui| match panel {
                            Panel::Chart(chart) => chart_with(ui, group, chart, n_rows, |_| {}),
                            Panel::Response(chart) => chart_with(ui, group, chart, n_rows, |ui| {
                                response_lines::choice_ui(ui, self.chosen, commands);
                            }),
                            Panel::Heat(chart) => heatmap.ui(ui, group, chart, n_rows),
                        });
                    });
                }
            });
        }
    }

    fn panels(&self) -> Vec<Panel<'_>> {
        let lines = self.lines;
        let response = Chart {
            targets: &lines.latency_targets,
            ..self.chart(
                ("latency", "Response time"),
                ChartUnit::Seconds,
                &lines.latency,
                "No successful request yet",
            )
        };
        let heat = HeatChart {
            id: "heatmap",
            title: "Response time heatmap",
            columns: self.sight.history.columns(),
            targets: &lines.latency_targets,
            revision: self.sight.revision(),
            empty_text: "Each second becomes a column here: the darker or brighter, the more requests took so long",
        };
        let outcomes = Chart {
            look: Look::Stack,
            ..self.chart(
                ("outcomes", "How requests ended, per second"),
                ChartUnit::Count,
                &lines.outcomes,
                "No request has ended yet",
            )
        };
        let rest = [
            (("load", "Users and requests in flight"), ChartUnit::Count, &lines.load, "Nothing measured yet"),
            (("errors", "Errors in each second"), ChartUnit::Count, &lines.errors, "No errors"),
            (
                ("phases", "Phases of a request, median"),
                ChartUnit::Seconds,
                &lines.phases,
                "Phases show with the first successful request; early versions did not measure them",
            ),
            (("lag", "Generator: start lag"), ChartUnit::Seconds, &lines.lag, "No start lag measured"),
            (("cpu", "Generator: processor"), ChartUnit::Ratio, &lines.cpu, "The processor was not read"),
            (
                ("machine", "The generator\u{2019}s machine"),
                ChartUnit::Ratio,
                &lines.machine,
                "This machine was not read, and the target\u{2019}s has no probe yet",
            ),
        ];
        let rate = self.chart(
            ("rate", "Requests per second"),
            ChartUnit::PerSecond,
            &lines.rate,
            "Nothing measured yet",
        );
        let mut panels =
            vec![Panel::Chart(rate), Panel::Response(response), Panel::Heat(heat), Panel::Chart(outcomes)];
        panels.extend(
            rest.into_iter()
                .map(|(name, unit, series, empty)| Panel::Chart(self.chart(name, unit, series, empty))),
        );
        panels
    }

    fn chart<'a>(
        &self,
        (id, title): (&'static str, &'a str),
        unit: ChartUnit,
        series: &'a [Series],
        empty_text: &'a str,
    ) -> Chart<'a> {
        let revision = self.revision;
        Chart { id, title, unit, look: Look::Lines, series, targets: &[], revision, empty_text }
    }
}

impl Panel<'_> {
    fn id(&self) -> &'static str {
        match self {
            Self::Chart(chart) | Self::Response(chart) => chart.id,
            Self::Heat(chart) => chart.id,
        }
    }

    fn n_legend_rows(&self, ui: &Ui, width: f32) -> usize {
        match self {
            Self::Chart(chart) | Self::Response(chart) => chart.n_legend_rows(ui, width),
            Self::Heat(_) => 0,
        }
    }
}

/// Two rows of charts fit a page of this height, where that leaves them tall enough.
fn plot_height(page_height: f32) -> f32 {
    (page_height / 2.0 - AROUND_PLOT).round().clamp(*PLOT_HEIGHTS.start(), *PLOT_HEIGHTS.end())
}

/// Which stretch is shown, and the way back to all of it.
pub fn zoom_bar_ui(ui: &mut Ui, group: &mut ChartGroup) {
    let range = group.range();
    let clock = |secs: f64| humanize::clock(std::time::Duration::from_secs_f64(secs));
    ui.horizontal(|ui| {
        ui.label(theme::muted(
            ui,
            format!("Charts show {} to {}", clock(*range.start()), clock(*range.end())),
        ));
        if widgets::link_button(ui, "Show all").clicked() {
            group.reset_zoom();
        }
    });
}
