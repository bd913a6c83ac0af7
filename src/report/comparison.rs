//! A comparison as a document.

use crate::analysis::comparison::{
    Alignment, CandidateChange, Comparison, ComparisonRow, Measured, ResourceRow, RowScope, ShapeChange,
};
use crate::analysis::stats::CliffMagnitude;
use crate::analysis::{INTERVALS_NOTE, capitalized, metric_text, metric_words, short_interval};
use crate::humanize;
use crate::model::{Metric, Unit};

use super::document::{Document, Table};

/// Rows of the table of resources; the JSON has all.
const MAX_RESOURCES: usize = 60;

pub fn document(comparison: &Comparison) -> Document {
    let mut document = Document::default();
    let baseline = comparison.baseline().words();
    let candidates: Vec<String> = comparison.candidates().iter().map(|side| side.words()).collect();
    document.heading(1, format!("Comparison of {} with baseline {baseline}", candidates.join(", ")));
    comparison.sentences.iter().for_each(|sentence| document.paragraph(sentence.clone()));
    if !comparison.cautions.is_empty() {
        document.heading(2, "Before you compare");
    }
    document.bullets(comparison.cautions.clone());
    for (index, candidate) in candidates.iter().enumerate() {
        document.heading(2, format!("What changed: {candidate} against {baseline}"));
        changes(&mut document, comparison, index);
        shape(&mut document, &comparison.shapes[index]);
        resources(&mut document, comparison, index);
    }
    load_curves(&mut document, comparison);
    document.heading(2, "What differs in the set-up");
    for (candidate, differences) in candidates.iter().zip(&comparison.setup_differences) {
        if candidates.len() > 1 {
            document.heading(3, capitalized(candidate));
        }
        if differences.is_empty() {
            document.paragraph("Nothing that is kept of the two.");
        }
        document.bullets(differences.clone());
    }
    document.heading(2, "How it was compared");
    document.bullets(method(comparison));
    document
}

fn changes(document: &mut Document, comparison: &Comparison, candidate: usize) {
    let alignment = comparison.options.alignment;
    for title in ["", per_stage(alignment), "Per service", "Per step"] {
        let belongs = |row: &&ComparisonRow| table_of(&row.scope, alignment) == title;
        let rows: Vec<&ComparisonRow> = comparison.rows.iter().filter(belongs).collect();
        if rows.is_empty() {
            continue;
        }
        if !title.is_empty() {
            document.heading(3, title);
        }
        let first = if title.is_empty() { "Metric" } else { "Scope and metric" };
        let titles = [first, "Baseline", "Candidate", "Change", "95 % interval", "Verdict"];
        let note = format!("Window: {}. {INTERVALS_NOTE}", comparison.window);
        let mut table = Table::new(note, &titles, 1).ending_in_words();
        for row in rows {
            table.row(cells(row, &row.candidates[candidate]));
        }
        document.table(table);
    }
}

fn per_stage(alignment: Alignment) -> &'static str {
    if alignment == Alignment::Time { "Per stretch of time" } else { "Per stage" }
}

/// The title of the table that a row stands in; the run as a whole has none.
fn table_of(scope: &RowScope, alignment: Alignment) -> &'static str {
    match scope {
        RowScope::Run => "",
        RowScope::Stage(_) => per_stage(alignment),
        RowScope::Service(_) => "Per service",
        RowScope::Step { .. } => "Per step",
    }
}

fn cells(row: &ComparisonRow, candidate: &CandidateChange) -> [String; 6] {
    let missing = || humanize::MISSING.to_owned();
    let value = |measured: Option<Measured>| {
        measured.map_or_else(missing, |measured| measured_text(row.metric, &measured))
    };
    let name = match row.scope.name() {
        None => metric_words(row.metric),
        Some(scope) => format!("{scope}: {}", metric_words(row.metric)),
    };
    let size = candidate.change.map(|change| change.text(row.metric));
    let interval = candidate.change.map(|change| change.interval_text(row.metric));
    [
        name,
        value(row.baseline),
        value(candidate.measured),
        size.unwrap_or_else(missing),
        interval.unwrap_or_else(missing),
        candidate.verdict.name().to_owned(),
    ]
}

/// A value with its interval: `74.0 ms (70.1–79.9)`.
fn measured_text(metric: Metric, measured: &Measured) -> String {
    let text = metric_text(metric, measured.value);
    match (metric.unit(), measured.low, measured.high) {
        (Unit::Seconds, low, high) if low.or(high).is_some() => {
            format!("{text} ({})", short_interval(low, high))
        }
        _ => text,
    }
}

fn shape(document: &mut Document, shape: &ShapeChange) {
    if let Some(delta) = shape.cliffs_delta {
        document.paragraph(format!(
            "Cliff's delta {} ({}): how much more often a request of the candidate took longer than one of the \
             baseline than less long, from −1 to 1.",
            humanize::signed_decimal(delta, 3),
            CliffMagnitude::of(delta).word()
        ));
    }
    if shape.shift.is_empty() {
        return;
    }
    let titles = ["Quantile", "Baseline", "Candidate", "Difference", "95 % interval"];
    let mut table = Table::new("Difference by decile (shift function), successful requests.", &titles, 1);
    for point in &shape.shift {
        let secs = |latency: std::time::Duration| humanize::latency_secs(latency.as_secs_f64());
        let bound =
            |bound: Option<f64>| bound.map_or_else(|| "no bound".to_owned(), humanize::latency_change);
        table.row([
            Metric::Quantile(point.quantile).to_string(),
            secs(point.base),
            secs(point.candidate),
            humanize::latency_change(point.difference_secs),
            format!("{} to {}", bound(point.interval_secs.0), bound(point.interval_secs.1)),
        ]);
    }
    document.table(table);
}

/// What monitors read: of the whole, and stage by stage what tells most.
fn resources(document: &mut Document, comparison: &Comparison, candidate: usize) {
    if comparison.resources.is_empty() {
        return;
    }
    document.heading(3, "Resources");
    document.paragraph(
        "What monitors read on both sides. More or less of something is neither better nor worse by itself; an interval tells \
         how sure the difference of two means is, from ten blocks of each stretch or from the runs. A percentile of one run's \
         seconds has none, since they depend on each other.",
    );
    let titles = ["Scope", "Series", "Statistic", "Baseline", "Candidate", "Change", "95 % interval"];
    let mut table = Table::new(format!("Window: {}.", comparison.window), &titles, 3);
    // The sort is stable: the run before its stages, and what tells most before the rest of either.
    let mut rows: Vec<&ResourceRow> = comparison.resources.iter().collect();
    rows.sort_by_key(|row| (row.scope != RowScope::Run, !row.is_telling));
    for row in rows {
        let change = &row.candidates[candidate];
        table.row([
            row.scope.words(),
            row.name(),
            row.statistic.name().to_owned(),
            row.text(row.baseline),
            row.text(change.measured),
            row.change_text(change),
            row.interval_text(change),
        ]);
    }
    table.shorten(MAX_RESOURCES);
    document.table(table);
}

fn load_curves(document: &mut Document, comparison: &Comparison) {
    if comparison.sides.iter().all(|side| side.load_curve.is_empty()) {
        return;
    }
    document.heading(2, "Latency at throughput");
    let titles = ["Run and stage", "Asked", "Throughput", "p50", "p95", "p99"];
    let mut table =
        Table::new(format!("One row per held stage, by throughput. {INTERVALS_NOTE}"), &titles, 1);
    for side in &comparison.sides {
        for point in &side.load_curve {
            let value = |quantile, measured: &Option<Measured>| {
                let text = measured.map(|measured| measured_text(Metric::Quantile(quantile), &measured));
                text.unwrap_or_else(|| humanize::MISSING.to_owned())
            };
            table.row([
                format!("{}: {}", side.words(), point.stage),
                humanize::number(point.asked_level),
                humanize::rate(point.throughput_per_sec),
                value(0.5, &point.p50),
                value(0.95, &point.p95),
                value(0.99, &point.p99),
            ]);
        }
    }
    document.table(table);
}

/// What a reader needs to check the verdicts.
fn method(comparison: &Comparison) -> Vec<String> {
    let options = &comparison.options;
    let relevant = humanize::percent(options.smallest_relevant);
    let repetitions = comparison.sides[0].run_ids.len();
    let unit = if repetitions > 1 {
        format!(
            "The run is the unit: Welch's t test on the logarithms of {repetitions} runs' figures a side."
        )
    } else {
        "Each stretch is cut into ten equal blocks of time; Welch's t test on the blocks' shares of requests below the \
         pooled percentile. Requests are not the unit, since they depend on each other."
            .to_owned()
    };
    let aligned = match options.alignment {
        Alignment::Stage => "Aligned by stage: held stages of one name, or of one level.",
        Alignment::Time => "Aligned by time: seconds since the start, as far as all runs went.",
        Alignment::Rate => "Aligned by rate: held stages that delivered about the same throughput.",
    };
    vec![
        aligned.to_owned(),
        unit,
        format!(
            "Better or worse: p below 0.05 after Holm's correction over a table, and a change beyond ±{relevant} \
             (error shares: beyond ±0.1 pp, Newcombe's interval). Same: the whole interval within that. Else it cannot \
             be told."
        ),
    ]
}
