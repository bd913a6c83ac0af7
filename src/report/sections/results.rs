//! Results per stage, per step, and per service against its budget.

use crate::analysis::{
    BudgetResult, ScopeRow, StageEnd, StageRow, ThresholdVerdict, limit_words, metric_words, plan_changes,
    replanned_stages,
};
use crate::humanize;
use crate::model::{Metric, Scope};
use crate::report::{
    charts,
    document::{Document, Table},
    selection::{
        Windows, left_out, most_telling_budgets, most_telling_scopes, most_telling_stages, others_row,
        others_words, together,
    },
};

use super::{Subject, n_requests, printed, stage_status, status};

pub fn write_stages(document: &mut Document, subject: Subject) {
    document.heading(2, "Results per stage");
    if let Some(chart) = charts::stages(subject.paper) {
        document.chart(chart);
    }
    document.table(stages(subject));
    subject.write_cut(document, subject.summary.stages.len(), "stage");
    document.paragraph(
        "Status: the must and should thresholds of scope run on latency, errors and availability, put to the \
         stage alone.",
    );
    write_events(document, subject);
}

pub fn write_steps(document: &mut Document, subject: Subject) {
    document.heading(2, "Results per step");
    document.table(steps(subject));
    subject.write_cut(document, subject.summary.steps.len(), "step");
}

pub fn write_services(document: &mut Document, subject: Subject) {
    document.heading(2, "Results per service against budget");
    if subject.summary.services.is_empty() {
        document.paragraph("The scenario names no services.");
        return;
    }
    if let Some(chart) = charts::services(subject.paper).filter(|_| !subject.is_short()) {
        document.chart(chart);
    }
    document.table(budgets(subject));
    if subject.is_short() {
        return;
    }
    document.heading(3, "Services in detail");
    document.table(services(subject));
    subject.write_cut(document, subject.summary.services.len(), "service");
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
    let stages = &subject.summary.stages;
    let chosen = most_telling_stages(subject.summary, subject.n_shown(stages.len()));
    for stage in chosen.iter().map(|index| &stages[*index]) {
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
    let others = left_out(stages.len(), &chosen);
    let (n, all) = together(Windows::EachItsOwn, others.iter().map(|index| &stages[*index].aggregate));
    if n > 0 {
        let metrics = [Metric::Throughput, Metric::Mean, Metric::Quantile(0.5), Metric::Quantile(0.95)];
        let metrics = metrics.into_iter().chain([Metric::Quantile(0.99), Metric::ErrorShare]);
        let missing = || humanize::MISSING.to_owned();
        let mut cells =
            vec![others_words(n, "stage"), humanize::span(all.duration), missing(), n_requests(&all)];
        cells.extend(metrics.map(|metric| subject.metric(&all, metric)));
        cells.push(missing());
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
    document.bullets(first_and_count(subject, annotations.iter().map(event).collect(), "event"));
}

/// The first items of a list, and how many more there are.
fn first_and_count(subject: Subject, mut items: Vec<String>, noun: &str) -> Vec<String> {
    let n_more = items.len() - subject.n_shown(items.len());
    if n_more > 0 {
        items.truncate(items.len() - n_more);
        items.push(format!(
            "{} not listed; the JSON has all.",
            humanize::counted(n_more as u64, &format!("more {noun}"))
        ));
    }
    items
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
    document.bullets(first_and_count(subject, changes.into_iter().map(change).collect(), "change"));
    document.table(replanned(subject));
}

/// The stages as planned at the start beside those of the plan as changed.
fn replanned(subject: Subject) -> Table {
    let titles = ["Stage", "Planned end", "Planned level at the end", "End as changed", "Level as changed"];
    let mut table = Table::new("Ends count from the start of the run, pauses included.", &titles, 1);
    let mut stages = replanned_stages(subject.record);
    let n_more = stages.len() - subject.n_shown(stages.len());
    stages.truncate(stages.len() - n_more);
    for stage in stages {
        let cells = |end: Option<StageEnd>, nothing: &str| match end {
            Some(end) => [humanize::clock(end.at), humanize::level(end.level, subject.is_open())],
            None => [nothing.to_owned(), humanize::MISSING.to_owned()],
        };
        let (planned, changed) = (cells(stage.planned, "not planned"), cells(stage.changed, "dropped"));
        table.row([stage.name].into_iter().chain(planned).chain(changed));
    }
    if n_more > 0 {
        let missing = [const { humanize::MISSING }; 4].map(str::to_owned);
        table.row([others_words(n_more as u64, "stage")].into_iter().chain(missing));
    }
    table
}

fn steps(subject: Subject) -> Table {
    let titles = [&["Step", "Journey", "Service"][..], &FIGURE_TITLES].concat();
    let mut table = Table::new(subject.headline_note() + &subject.brackets_note(), &titles, 3);
    let steps = &subject.summary.steps;
    let described: Vec<_> = subject.record.start.scenario.sent_steps().collect();
    let chosen = most_telling_scopes(subject.summary, steps, subject.n_shown(steps.len()));
    let others = others_row(steps, &chosen, "step").map(|row| (row, humanize::MISSING.to_owned()));
    let described = chosen.iter().map(|index| {
        let service = described.get(*index).and_then(|(_, _, step)| step.service.clone());
        (steps[*index].clone(), service.unwrap_or_else(|| humanize::MISSING.to_owned()))
    });
    for (row, service) in described.chain(others) {
        let mut cells = vec![row.name.clone(), row.detail.clone(), service];
        cells.extend(figures(subject, &row));
        table.row(cells);
    }
    table
}

fn services(subject: Subject) -> Table {
    let titles = [&["Service", "Made of"][..], &FIGURE_TITLES].concat();
    let mut table = Table::new(subject.headline_note() + &subject.brackets_note(), &titles, 2);
    let services = &subject.summary.services;
    let chosen = most_telling_scopes(subject.summary, services, subject.n_shown(services.len()));
    let others = others_row(services, &chosen, "service");
    for row in chosen.iter().map(|index| &services[*index]).chain(&others) {
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
    let all: Vec<&BudgetResult> = subject.summary.budgets.iter().collect();
    let shown: Vec<&BudgetResult> =
        most_telling_budgets(&all, subject.n_shown(all.len())).into_iter().map(|index| all[index]).collect();
    let is_cut = shown.len() < all.len();
    for service in &subject.summary.services {
        let of_service = |result: &BudgetResult| Scope::Service(result.service.clone()) == service.scope;
        let results: Vec<_> = shown.iter().copied().filter(|result| of_service(result)).collect();
        // Where budgets are left out, services without one are too: their figures stand in the next table.
        if results.is_empty()
            && !is_cut
            && subject.n_shown(subject.summary.services.len()) == subject.summary.services.len()
        {
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
    if is_cut {
        let n_more = (all.len() - shown.len()) as u64;
        let n_over = all.iter().filter(|result| result.verdict == ThresholdVerdict::Fail).count();
        let n_over_shown = shown.iter().filter(|result| result.verdict == ThresholdVerdict::Fail).count();
        let missing = || humanize::MISSING.to_owned();
        let over = humanize::count((n_over - n_over_shown) as u64);
        table.row([others_words(n_more, "budget"), missing(), missing(), missing(), format!("{over} over")]);
    }
    table
}
