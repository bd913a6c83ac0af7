//! Results per stage, per step, and per service against its budget.

use crate::analysis::{
    BudgetResult, ScopeRow, StageEnd, StageRow, limit_words, metric_words, plan_changes, replanned_stages,
};
use crate::humanize;
use crate::model::{Metric, Scope};
use crate::report::document::{Document, Table};

use super::{Subject, n_requests, printed, stage_status, status};

pub fn write_stages(document: &mut Document, subject: Subject) {
    document.heading(2, "Results per stage");
    document.table(stages(subject));
    document.paragraph(
        "Status: the must and should thresholds of scope run on latency, errors and availability, put to the \
         stage alone.",
    );
    write_events(document, subject);
}

pub fn write_steps(document: &mut Document, subject: Subject) {
    document.heading(2, "Results per step");
    document.table(steps(subject));
}

pub fn write_services(document: &mut Document, subject: Subject) {
    document.heading(2, "Results per service against budget");
    if subject.summary.services.is_empty() {
        document.paragraph("The scenario names no services.");
        return;
    }
    document.table(budgets(subject));
    document.heading(3, "Services in detail");
    document.table(services(subject));
}

fn stages(subject: Subject) -> Table {
    let level = if subject.is_open() { "Arrival rate" } else { "Users" };
    let titles = [
        "Stage",
        "Duration",
        level,
        "Requests",
        "Throughput",
        "Mean",
        "p50",
        "p95",
        "p99",
        "Error share",
        "Status",
    ];
    let note = format!("Window: each stage, warm-up left out.{}", subject.brackets_note());
    let mut table = Table::new(note, &titles, 1).ending_in_words();
    for stage in &subject.summary.stages {
        let mut cells = vec![
            stage.name.clone(),
            stage_duration(stage),
            humanize::levels(stage.start_level, stage.end_level, subject.is_open()),
            n_requests(&stage.aggregate),
            subject.metric(&stage.aggregate, Metric::Throughput),
            subject.metric(&stage.aggregate, Metric::Mean),
        ];
        let quantile =
            |quantile| subject.sure(&stage.aggregate, &stage.intervals, Metric::Quantile(quantile));
        cells.extend([0.5, 0.95, 0.99].map(quantile));
        cells.push(subject.metric(&stage.aggregate, Metric::ErrorShare));
        cells.push(stage_status(stage));
        table.row(cells);
    }
    table
}

fn stage_duration(stage: &StageRow) -> String {
    let (planned, measured) = (humanize::span(stage.planned), humanize::span(stage.measured));
    if planned == measured { planned } else { format!("{planned} ({measured} measured)") }
}

fn write_events(document: &mut Document, subject: Subject) {
    write_plan_changes(document, subject);
    let annotations = &subject.record.annotations;
    if annotations.is_empty() {
        return;
    }
    document.heading(3, "Events");
    let event = |annotation: &crate::metrics::Annotation| {
        format!("At {}: {}", humanize::clock(annotation.at), annotation.text)
    };
    document.bullets(annotations.iter().map(event).collect());
}

fn write_plan_changes(document: &mut Document, subject: Subject) {
    let changes = plan_changes(subject.record);
    // A search redraws its plan from probe to probe; its own section tells them.
    if changes.is_empty() || subject.record.start.scenario.is_search() {
        return;
    }
    document.heading(3, "Changes of the plan during the run");
    document.paragraph("Stages and windows are those of the plan as changed.");
    let change = |(at, words)| format!("At {}: {words}", humanize::clock(at));
    document.bullets(changes.into_iter().map(change).collect());
    document.table(replanned(subject));
}

/// The stages as planned at the start beside those of the plan as changed.
fn replanned(subject: Subject) -> Table {
    let titles = ["Stage", "Planned end", "Planned level at the end", "End as changed", "Level as changed"];
    let mut table = Table::new("Ends count from the start of the run, pauses included.", &titles, 1);
    for stage in replanned_stages(subject.record) {
        let cells = |end: Option<StageEnd>, nothing: &str| match end {
            Some(end) => [humanize::clock(end.at), humanize::level(end.level, subject.is_open())],
            None => [nothing.to_owned(), humanize::MISSING.to_owned()],
        };
        let (planned, changed) = (cells(stage.planned, "not planned"), cells(stage.changed, "dropped"));
        table.row([stage.name].into_iter().chain(planned).chain(changed));
    }
    table
}

fn steps(subject: Subject) -> Table {
    let titles = [&["Step", "Journey", "Service"][..], &FIGURE_TITLES].concat();
    let mut table = Table::new(subject.headline_note() + &subject.brackets_note(), &titles, 3);
    let described = subject.record.start.scenario.sent_steps();
    for (row, (_, _, step)) in subject.summary.steps.iter().zip(described) {
        let service = step.service.clone().unwrap_or_else(|| humanize::MISSING.to_owned());
        let mut cells = vec![row.name.clone(), row.detail.clone(), service];
        cells.extend(figures(subject, row));
        table.row(cells);
    }
    table
}

fn services(subject: Subject) -> Table {
    let titles = [&["Service", "Made of"][..], &FIGURE_TITLES].concat();
    let mut table = Table::new(subject.headline_note() + &subject.brackets_note(), &titles, 2);
    for row in &subject.summary.services {
        let mut cells = vec![row.name.clone(), row.detail.clone()];
        cells.extend(figures(subject, row));
        table.row(cells);
    }
    table
}

/// The titles of what [`figures`] returns.
const FIGURE_TITLES: [&str; 8] =
    ["Requests", "Throughput", "Mean", "p50", "p95", "p99", "Longest", "Error share"];

fn figures(subject: Subject, row: &ScopeRow) -> Vec<String> {
    let metrics = [
        Metric::Throughput,
        Metric::Mean,
        Metric::Quantile(0.5),
        Metric::Quantile(0.95),
        Metric::Quantile(0.99),
        Metric::Max,
        Metric::ErrorShare,
    ];
    let mut cells = vec![n_requests(&row.aggregate)];
    cells.extend(metrics.map(|metric| subject.sure(&row.aggregate, &row.intervals, metric)));
    cells
}

fn budgets(subject: Subject) -> Table {
    let titles = ["Service", "Metric", "Budget", "Actual", "Status"];
    let mut table = Table::new(subject.headline_note(), &titles, 2).ending_in_words();
    for service in &subject.summary.services {
        let of_service = |result: &&BudgetResult| Scope::Service(result.service.clone()) == service.scope;
        let results: Vec<_> = subject.summary.budgets.iter().filter(of_service).collect();
        if results.is_empty() {
            let metric = Metric::Quantile(0.95);
            table.row([
                service.name.clone(),
                metric_words(metric),
                "none set".to_owned(),
                subject.sure(&service.aggregate, &service.intervals, metric),
                humanize::MISSING.to_owned(),
            ]);
        }
        for result in results {
            let metric = result.budget.metric;
            table.row([
                result.service.clone(),
                metric_words(metric),
                limit_words(metric, result.budget.limit),
                result.reading().map_or_else(|| printed(None), |reading| service.intervals.beside(reading)),
                status(result.verdict),
            ]);
        }
    }
    table
}
