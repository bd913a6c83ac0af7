//! Every side over time, at the baseline's moments where runs are not aligned by time.

use egui::Ui;
use egui_plot::{PlotPoint, PlotTransform};

use super::{Compared, pair_ui, plot};
use crate::analysis::comparison::Alignment;
use crate::app::{
    charts::{Chart, ChartGroup, ChartUnit, Look, Series, chart_ui},
    run::zoom_bar_ui,
    theme,
};

const P95: &str = "compared p95";
const COMPLETED: &str = "compared completed";

/// Draws response times and throughput.
pub fn over_time_ui(ui: &mut Ui, group: &mut ChartGroup, compared: &Compared, n_compared: u64) {
    group.begin_frame();
    if group.is_zoomed() {
        zoom_bar_ui(ui, group);
    }
    let by_stage = compared.asked.alignment != Alignment::Time;
    let title = |words: &str| match by_stage {
        true => format!("{words}, by stage of the baseline"),
        false => format!("{words}, by time since the start"),
    };
    let (p95, completed) = (title("p95 of each second"), title("Completed per second"));
    let chart = |id, title, unit, series| Chart {
        id,
        title,
        unit,
        look: Look::Lines,
        series,
        targets: &[],
        revision: n_compared,
        empty_text: "No run has values here",
    };
    let charts = [
        chart(P95, &p95, ChartUnit::Seconds, &compared.p95),
        chart(COMPLETED, &completed, ChartUnit::PerSecond, &compared.completed),
    ];
    let group = std::cell::RefCell::new(group);
    let draw = |ui: &mut Ui, chart: &Chart<'_>| {
        let group = &mut **group.borrow_mut();
        let transform = chart_ui(ui, group, chart);
        labels_ui(ui, group, chart, &transform);
    };
    pair_ui(ui, |ui| draw(ui, &charts[0]), |ui| draw(ui, &charts[1]));
}

/// A line's name stands at its end, so that nobody has to look for its colour.
fn labels_ui(ui: &Ui, group: &ChartGroup, chart: &Chart<'_>, transform: &PlotTransform) {
    let colors = theme::colors(ui);
    let mut labels: Vec<plot::EndLabel> = Vec::new();
    for series in chart.series.iter().filter(|series| !group.is_hidden(chart.id, &series.name)) {
        let words = series.name.trim_end_matches(", baseline");
        if labels.iter().any(|label| label.words == words) {
            continue;
        }
        if let Some(at) = last_point(series, group) {
            let color = chart_color(series, colors);
            let at = transform.position_from_point(&at);
            labels.push(plot::EndLabel { at, words: words.to_owned(), color });
        }
    }
    plot::end_labels(ui, *transform.frame(), labels);
}

fn chart_color(series: &Series, colors: &theme::Colors) -> egui::Color32 {
    series.hue.color(colors)
}

fn last_point(series: &Series, group: &ChartGroup) -> Option<PlotPoint> {
    let range = group.range();
    let seen = series.points.iter().rev().filter(|point| range.contains(&point.at_secs));
    seen.filter_map(|point| Some(PlotPoint::new(point.at_secs, point.value?))).next()
}
