//! The steps of a run as a table, grouped by service.

use std::{cmp::Ordering, time::Duration};

use egui::Ui;
use egui_extras::{Column, TableBuilder, TableRow};

use super::sight::{Sight, Source};
use crate::analysis::Summary;
use crate::app::{
    theme::{self, Weight, size},
    widgets::table::{self, HEAD_HEIGHT, ROW_HEIGHT, Sorting},
};
use crate::humanize::{self, MISSING};
use crate::metrics::{Aggregate, Counters, StepLive, WindowSums};
use crate::model::Metric;

/// One step in numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct StepRow {
    pub name: String,
    /// To sort by.
    pub numbers: StepLive,
    /// p50, p95, p99 and the longest response time, as the report prints them.
    pub latencies: [String; 4],
}

/// The steps of one service, or those that belong to none.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceGroup {
    pub service: Option<String>,
    pub rows: Vec<StepRow>,
}

/// A column of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepColumn {
    Name,
    Requests,
    Rate,
    P50,
    P95,
    P99,
    Max,
    Errors,
    Received,
}

const COLUMNS: [(StepColumn, &str); 9] = [
    (StepColumn::Name, "Step"),
    (StepColumn::Requests, "Requests"),
    (StepColumn::Rate, "Rate"),
    (StepColumn::P50, "p50"),
    (StepColumn::P95, "p95"),
    (StepColumn::P99, "p99"),
    (StepColumn::Max, "Max"),
    (StepColumn::Errors, "Errors"),
    (StepColumn::Received, "Received"),
];

/// The steps grouped by service, in the order of the scenario.
pub fn service_groups(sight: &Sight<'_>) -> Vec<ServiceGroup> {
    let mut groups: Vec<ServiceGroup> = Vec::new();
    for (position, (index, _, step)) in sight.scenario.sent_steps().enumerate() {
        let row = match (sight.sums, sight.source) {
            (Some(sums), _) => sums_row(&step.name, sums, index),
            (None, Source::Live(_)) => live_row(&step.name, StepLive::default()),
            (None, Source::Kept(run)) => kept_row(&step.name, &run.summary, position),
        };
        match groups.iter_mut().find(|group| group.service == step.service) {
            Some(group) => group.rows.push(row),
            None => groups.push(ServiceGroup { service: step.service.clone(), rows: vec![row] }),
        }
    }
    groups
}

fn live_row(name: &str, numbers: StepLive) -> StepRow {
    let text = |latency: Option<Duration>| latency.map_or_else(|| MISSING.to_owned(), humanize::latency);
    let latencies = [numbers.p50, numbers.p95, numbers.p99, numbers.max].map(text);
    StepRow { name: name.to_owned(), numbers, latencies }
}

fn sums_row(name: &str, sums: &WindowSums, step: usize) -> StepRow {
    let stats = sums.steps.get(step).cloned().unwrap_or_default();
    live_row(name, step_numbers(&sums.aggregate(stats)))
}

fn step_numbers(aggregate: &Aggregate) -> StepLive {
    let Counters { bytes_received, .. } = aggregate.stats.counters;
    let response_time = &aggregate.stats.response_time;
    StepLive {
        n_requests: aggregate.stats.counters.n_requests(),
        n_errors: aggregate.stats.counters.n_errors(),
        per_sec: aggregate.throughput_per_sec().unwrap_or(0.0),
        p50: response_time.quantile(0.5),
        p95: response_time.quantile(0.95),
        p99: response_time.quantile(0.99),
        max: response_time.max(),
        bytes_received,
    }
}

fn kept_row(name: &str, summary: &Summary, step: usize) -> StepRow {
    let Some(row) = summary.steps.get(step) else { return live_row(name, StepLive::default()) };
    let numbers = step_numbers(&row.aggregate);
    let metrics = [Metric::Quantile(0.5), Metric::Quantile(0.95), Metric::Quantile(0.99), Metric::Max];
    let latencies = metrics.map(|metric| {
        let reading = summary.reading(&row.aggregate, metric);
        reading.map_or_else(|| MISSING.to_owned(), |reading| reading.text())
    });
    StepRow { name: name.to_owned(), numbers, latencies }
}

fn compare(a: &StepRow, b: &StepRow, column: StepColumn) -> Ordering {
    let (x, y) = (&a.numbers, &b.numbers);
    match column {
        StepColumn::Name => a.name.cmp(&b.name),
        StepColumn::Requests => x.n_requests.cmp(&y.n_requests),
        StepColumn::Rate => x.per_sec.total_cmp(&y.per_sec),
        StepColumn::P50 => x.p50.cmp(&y.p50),
        StepColumn::P95 => x.p95.cmp(&y.p95),
        StepColumn::P99 => x.p99.cmp(&y.p99),
        StepColumn::Max => x.max.cmp(&y.max),
        StepColumn::Errors => x.n_errors.cmp(&y.n_errors),
        StepColumn::Received => x.bytes_received.cmp(&y.bytes_received),
    }
}

/// What a row of the table shows.
enum Line<'a> {
    Service(&'a ServiceGroup),
    Step(&'a StepRow),
}

/// Draws the table; `sorting` orders the steps within their services.
pub fn steps_ui(ui: &mut Ui, sight: &Sight<'_>, sorting: &mut Option<Sorting<StepColumn>>) {
    let mut groups = service_groups(sight);
    if let Some(sorting) = sorting {
        for group in &mut groups {
            group.rows.sort_by(|a, b| sorting.apply(compare(a, b, sorting.column)));
        }
    }
    let has_services = groups.iter().any(|group| group.service.is_some());
    let mut lines = Vec::new();
    for group in &groups {
        if has_services {
            lines.push(Line::Service(group));
        }
        lines.extend(group.rows.iter().map(Line::Step));
    }
    ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
    let builder = TableBuilder::new(ui)
        .id_salt("steps")
        .striped(false)
        .vscroll(false)
        .cell_layout(egui::Layout::left_to_right(egui::Align::Center))
        .column(Column::remainder().at_least(150.0).clip(true))
        .columns(Column::exact(90.0), COLUMNS.len() - 1);
    let table = builder.header(HEAD_HEIGHT, |mut row| head_ui(&mut row, sorting));
    table.body(|body| {
        body.rows(ROW_HEIGHT, lines.len(), |mut row| match &lines[row.index()] {
            Line::Service(group) => service_ui(&mut row, group),
            Line::Step(step) => step_ui(&mut row, step, has_services),
        });
    });
}

fn head_ui(row: &mut TableRow<'_, '_>, sorting: &mut Option<Sorting<StepColumn>>) {
    for (column, label) in COLUMNS {
        row.col(|ui| {
            let order = sorting.filter(|sorting| sorting.column == column).map(|sorting| sorting.descending);
            let is_number = column != StepColumn::Name;
            if table::sort_head(ui, label, order, is_number).clicked() {
                match sorting {
                    Some(sorting) => sorting.choose(column, is_number),
                    None => *sorting = Some(Sorting { column, descending: is_number }),
                }
            }
        });
    }
}

/// A service's name with its sums; percentiles of several steps are in the report.
fn service_ui(row: &mut TableRow<'_, '_>, group: &ServiceGroup) {
    row.set_overline(true);
    let sum = |of: fn(&StepLive) -> u64| group.rows.iter().map(|row| of(&row.numbers)).sum::<u64>();
    let rate = group.rows.iter().map(|row| row.numbers.per_sec).sum();
    for (column, _) in COLUMNS {
        row.col(|ui| {
            let strong = |text: String, ui: &egui::Ui| {
                theme::text(text, size::SMALL, Weight::SemiBold).color(theme::colors(ui).muted)
            };
            let text = match column {
                StepColumn::Name => {
                    let name = group.service.clone().unwrap_or_else(|| "No service".to_owned());
                    ui.label(strong(name, ui));
                    return;
                }
                StepColumn::Requests => humanize::count(sum(|numbers| numbers.n_requests)),
                StepColumn::Rate => humanize::rate(rate),
                StepColumn::Errors => humanize::count(sum(|numbers| numbers.n_errors)),
                StepColumn::Received => humanize::bytes(sum(|numbers| numbers.bytes_received)),
                _ => return,
            };
            let text = strong(text, ui);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| ui.label(text));
        });
    }
}

fn step_ui(row: &mut TableRow<'_, '_>, step: &StepRow, is_indented: bool) {
    let numbers = &step.numbers;
    for (column, _) in COLUMNS {
        row.col(|ui| {
            let text = match column {
                StepColumn::Name => {
                    if is_indented {
                        ui.add_space(theme::space::M);
                    }
                    ui.add(egui::Label::new(&step.name).truncate());
                    return;
                }
                StepColumn::Requests => humanize::count(numbers.n_requests),
                StepColumn::Rate => humanize::rate(numbers.per_sec),
                StepColumn::P50 => step.latencies[0].clone(),
                StepColumn::P95 => step.latencies[1].clone(),
                StepColumn::P99 => step.latencies[2].clone(),
                StepColumn::Max => step.latencies[3].clone(),
                StepColumn::Errors => humanize::count(numbers.n_errors),
                StepColumn::Received => humanize::bytes(numbers.bytes_received),
            };
            if column == StepColumn::Errors && numbers.n_errors > 0 {
                ui.visuals_mut().override_text_color = Some(theme::colors(ui).fail);
            }
            table::number(ui, text);
        });
    }
}
