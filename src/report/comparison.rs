//! A comparison as a document.

use crate::analysis::{Change, Comparison, metric_text, metric_words, scope_words};
use crate::humanize;
use crate::model::Scope;

use super::document::{Document, Table};

pub fn document(comparison: &Comparison) -> Document {
    let mut document = Document::default();
    let Comparison { baseline, candidate, .. } = comparison;
    document.heading(1, format!("Comparison of run {candidate} with baseline run {baseline}"));
    document.paragraph(comparison.sentence.clone());
    if !comparison.cautions.is_empty() {
        document.heading(2, "Before you compare");
    }
    document.bullets(comparison.cautions.clone());
    document.heading(2, "What changed");
    document.table(changes(comparison, "Metric", |scope| *scope == Scope::Run));
    for (title, is_kind) in [
        ("Per service", (|scope| matches!(scope, Scope::Service(_))) as fn(&Scope) -> bool),
        ("Per step", |scope| matches!(scope, Scope::Step(_))),
    ] {
        if comparison.changes.iter().any(|change| is_kind(&change.scope)) {
            document.heading(3, title);
            document.table(changes(comparison, "Scope and metric", is_kind));
        }
    }
    document.heading(2, "What differs in the set-up");
    if comparison.setup_differences.is_empty() {
        document.paragraph("Nothing that is kept of the two runs.");
    }
    document.bullets(comparison.setup_differences.clone());
    document
}

fn changes(comparison: &Comparison, title: &str, includes: impl Fn(&Scope) -> bool) -> Table {
    let titles = [title, "Baseline", "Candidate", "Change", "Relative", "95 % interval"];
    let mut table = Table::new(window_note(comparison), &titles, 1);
    for change in comparison.changes.iter().filter(|change| includes(&change.scope)) {
        table.row(cells(change));
    }
    table
}

fn window_note(comparison: &Comparison) -> String {
    let (baseline, candidate) = (&comparison.baseline_window, &comparison.candidate_window);
    if baseline == candidate {
        return format!("Window of both runs: {baseline}.");
    }
    format!("Windows: {baseline} (baseline), {candidate} (candidate).")
}

fn cells(change: &Change) -> [String; 6] {
    let or_missing = |text: Option<String>| text.unwrap_or_else(|| humanize::MISSING.to_owned());
    let value = |value: Option<f64>| or_missing(value.map(|value| metric_text(change.metric, value)));
    let name = match change.scope {
        Scope::Run => metric_words(change.metric),
        _ => format!("{}: {}", scope_words(&change.scope), metric_words(change.metric)),
    };
    let interval = change.interval.map(|(low, high)| {
        let bound = |bound| Change::difference_text(change.metric, bound);
        format!("{} to {}", bound(low), bound(high))
    });
    [
        name,
        value(change.baseline),
        value(change.candidate),
        or_missing(change.absolute_text()),
        or_missing(change.relative().map(humanize::change)),
        interval.unwrap_or_else(|| "not estimated".to_owned()),
    ]
}
