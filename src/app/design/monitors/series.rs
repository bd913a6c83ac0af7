//! The series of an exporter's page: which samples make one up, and what is made of them.

use egui::Ui;
use egui_material_icons::icons;

use super::{
    offers::{add_ui, offers_ui},
    pick::{combine_ui, group_ui, pick_ui, unit_ui},
    ready::READY_SERIES,
    value::{labels_text, parse_labels, suggested},
};
use crate::{
    app::{
        design::{edit::unique_name, marks::Marks},
        theme::{self, space},
        widgets::{self, parsed_field, text_field},
    },
    model::{MetricReading, MetricSeries, SeriesGroup, SeriesLimit},
    monitor::FoundMetric,
};

const NAME: f32 = 140.0;
const METRIC: f32 = 260.0;
const LABELS: f32 = 150.0;

/// Draws all series of a page; limits follow a series that gets another name.
pub fn series_ui(
    ui: &mut Ui,
    (series, limits): (&mut Vec<MetricSeries>, &mut [SeriesLimit]),
    (path, found): (&str, &[FoundMetric]),
    marks: &Marks<'_>,
) {
    ui.add_space(space::XS);
    ui.label(theme::text("Series", theme::size::BODY, theme::Weight::SemiBold));
    let words = "Samples of one name, with the labels that are asked for, become one value a second. Counters become \
                 rates.";
    ui.label(theme::small(ui, words));
    if !series.is_empty() {
        heads_ui(ui);
    }
    let mut removed = None;
    for (index, one) in series.iter_mut().enumerate() {
        let before = one.name.clone();
        if one_ui(ui, (one, index), (path, found), marks) {
            removed = Some(index);
        }
        follow(limits, &before, &one.name);
    }
    if let Some(index) = removed {
        series.remove(index);
    }
    ui.horizontal_wrapped(|ui| {
        let add = marks
            .list(ui, &format!("{path}.series"), |ui| widgets::button(ui, icons::ICON_ADD, "Add series"));
        if add.clicked() {
            series.push(blank(series, "series"));
        }
        if found.is_empty() {
            ui.label(theme::small(ui, "Test the connection to choose from what the page offers."));
        } else if let Some(metric) = add_ui(ui, "Add from the page", found) {
            series.push(of_found(series, metric));
        }
        ready_ui(ui, series);
    });
}

/// Widths of name, metric and labels: less than they would like where there is no room for all.
fn widths(room: f32) -> [f32; 3] {
    let beside = 2.0 * (theme::CONTROL_HEIGHT + space::S) + 3.0 * space::S;
    let scale = ((room - beside) / (NAME + METRIC + LABELS)).clamp(0.3, 1.0);
    [NAME, METRIC, LABELS].map(|width| (width * scale).floor())
}

fn heads_ui(ui: &mut Ui) {
    let [name, metric, labels] = widths(ui.available_width() - 2.0 * space::S);
    // The fields stand within a frame of their own.
    widgets::heads(ui, space::S, &[("Name", name), ("Metric", metric), ("Labels", labels)]);
}

/// A limit stays with a series that is renamed.
pub fn follow(limits: &mut [SeriesLimit], before: &str, now: &str) {
    if before != now {
        limits
            .iter_mut()
            .filter(|limit| limit.series == before)
            .for_each(|limit| limit.series = now.to_owned());
    }
}

fn ready_ui(ui: &mut Ui, series: &mut Vec<MetricSeries>) {
    let button = widgets::button(ui, icons::ICON_LIBRARY_ADD, "Add of a node_exporter");
    egui::Popup::menu(&button).show(|ui| {
        for ready in &READY_SERIES {
            let entry = egui::Button::new(ready.name).frame_when_inactive(false);
            if ui.add(entry).clicked() {
                let mut new = ready.series();
                new.name = unique_name(&new.name, series.iter().map(|series| series.name.as_str()));
                series.push(new);
            }
        }
    });
}

fn blank(series: &[MetricSeries], name: &str) -> MetricSeries {
    let (unit, reading, combine) = suggested("");
    MetricSeries {
        name: unique_name(name, series.iter().map(|series| series.name.as_str())),
        metric: String::new(),
        labels: Vec::new(),
        reading,
        combine,
        unit,
        group: SeriesGroup::Other,
    }
}

fn of_found(series: &[MetricSeries], found: &FoundMetric) -> MetricSeries {
    let (unit, reading, combine) = suggested(&found.name);
    MetricSeries { metric: found.name.clone(), unit, reading, combine, ..blank(series, &found.name) }
}

/// Draws one series; returns whether it is to be removed.
fn one_ui(
    ui: &mut Ui,
    (series, index): (&mut MetricSeries, usize),
    (path, found): (&str, &[FoundMetric]),
    marks: &Marks<'_>,
) -> bool {
    let at = |key: &str| format!("{path}.series[{index}].{key}");
    let name = |what: &str| format!("Series {} {what}", index + 1);
    let frame = egui::Frame::new().fill(theme::colors(ui).raised).corner_radius(6.0).inner_margin(8.0);
    let drawn = frame.show(ui, |ui| {
        ui.set_width(ui.available_width());
        let [name_width, metric_width, labels_width] = widths(ui.available_width());
        let removed = ui
            .horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing = egui::vec2(space::S, space::XS);
                marks.field(ui, &at("name"), |ui| {
                    text_field(ui, &name("name"), &mut series.name, name_width)
                        .on_hover_text("Names it in results")
                });
                marks.field(ui, &at("metric"), |ui| {
                    text_field(ui, &name("metric"), &mut series.metric, metric_width)
                        .on_hover_text("The name of the samples, as they stand on the page")
                });
                if !found.is_empty()
                    && let Some(metric) =
                        offers_ui(ui, &format!("Choose the metric of series {}", index + 1), found)
                {
                    let (unit, reading, _) = suggested(&metric.name);
                    (series.metric, series.unit, series.reading) = (metric.name.clone(), unit, reading);
                }
                marks.field(ui, &at("labels"), |ui| {
                    let (text, parse) = (|labels: &Vec<_>| labels_text(labels), parse_labels);
                    parsed_field(ui, &name("labels"), &mut series.labels, labels_width, text, parse)
                        .on_hover_text(
                            "Labels that a sample must have, such as mode=\"idle\"; may stay empty",
                        )
                });
                let label = format!("Remove series {}", index + 1);
                widgets::icon_button(ui, icons::ICON_DELETE, &label).clicked()
            })
            .inner;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = egui::vec2(space::S, space::XS);
            reading_ui(ui, &name("reading"), &mut series.reading);
            let is_growth = matches!(series.reading, MetricReading::PerGrowthOf(_));
            if let MetricReading::PerGrowthOf(other) | MetricReading::PerValueOf(other) = &mut series.reading
            {
                let key = if is_growth { "growth_per" } else { "value_per" };
                marks.field(ui, &at(key), |ui| {
                    text_field(ui, &name("other metric"), other, METRIC - 40.0)
                        .on_hover_text("The metric that it is divided by")
                });
            }
            combine_ui(ui, &name("combine"), &mut series.combine)
                .on_hover_text("How several samples become one value");
            unit_ui(ui, &name("unit"), &mut series.unit);
            group_ui(ui, &name("group"), &mut series.group);
        });
        removed
    });
    drawn.inner
}

fn reading_ui(ui: &mut Ui, name: &str, reading: &mut MetricReading) {
    let other = match &*reading {
        MetricReading::PerGrowthOf(other) | MetricReading::PerValueOf(other) => other.clone(),
        _ => String::new(),
    };
    let choices = [
        MetricReading::Declared,
        MetricReading::Value,
        MetricReading::Rate,
        MetricReading::Complement,
        MetricReading::PerGrowthOf(other.clone()),
        MetricReading::PerValueOf(other),
    ];
    pick_ui(ui, (name, 168.0), reading, &choices, |reading| reading_words(reading).to_owned())
        .on_hover_text("What is made of a sample's value");
}

fn reading_words(reading: &MetricReading) -> &'static str {
    match reading {
        MetricReading::Declared => "as declared",
        MetricReading::Value => "as it stands",
        MetricReading::Rate => "growth per second",
        MetricReading::Complement => "1 − growth per second",
        MetricReading::PerGrowthOf(_) => "growth ÷ growth of",
        MetricReading::PerValueOf(_) => "value ÷ value of",
    }
}
