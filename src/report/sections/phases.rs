//! Where the time of a request goes, and how far connections were used again.

use crate::analysis::ScopeRow;
use crate::humanize;
use crate::metrics::RequestPhase;
use crate::report::document::{Document, Table};
use crate::report::selection::{most_telling_scopes, others_row};

use super::{Subject, n_requests};

pub fn write(document: &mut Document, subject: Subject) {
    if !subject.summary.headline.stats.has_phases() {
        return;
    }
    document.heading(2, "Phases of a request");
    document.paragraph(
        "Phases are of successful requests; DNS, connect and TLS only of those that opened a connection. Percentiles \
         of phases do not add up to those of the whole.",
    );
    document.table(phases(subject));
    document.heading(3, "Connections");
    document.table(connections(subject));
    subject.write_cut(document, subject.summary.steps.len(), "step");
}

/// The steps that are told of, and the others as one.
fn rows(subject: Subject) -> Vec<ScopeRow> {
    let steps = &subject.summary.steps;
    let chosen = most_telling_scopes(subject.summary, steps, subject.n_shown(steps.len()));
    let others = others_row(steps, &chosen, "step");
    chosen.iter().map(|index| steps[*index].clone()).chain(others).collect()
}

fn phases(subject: Subject) -> Table {
    let titles = ["Step", "Phase", "Requests", "p50", "p95", "p99"];
    let mut table = Table::new(subject.headline_note(), &titles, 2);
    for row in &rows(subject) {
        for phase in RequestPhase::ALL {
            let latency = row.aggregate.stats.phase(phase);
            if latency.is_empty() {
                continue;
            }
            let quantile = |quantile| latency.quantile(quantile).map_or(String::new(), humanize::latency);
            table.row([
                row.name.clone(),
                phase.name().to_owned(),
                humanize::count(latency.n_samples()),
                quantile(0.5),
                quantile(0.95),
                quantile(0.99),
            ]);
        }
    }
    table
}

fn connections(subject: Subject) -> Table {
    let titles = ["Step", "Requests", "Connections opened", "Reused one", "Sent again on a new one"];
    let mut table = Table::new(subject.headline_note(), &titles, 1);
    for row in &rows(subject) {
        table.row(connection_cells(row));
    }
    table
}

fn connection_cells(row: &ScopeRow) -> [String; 5] {
    let counters = &row.aggregate.stats.counters;
    let reuse = counters.reuse_ratio().map_or_else(|| humanize::MISSING.to_owned(), humanize::percent);
    [
        row.name.clone(),
        n_requests(&row.aggregate),
        humanize::count(counters.n_connections),
        reuse,
        humanize::count(counters.n_reconnects),
    ]
}
