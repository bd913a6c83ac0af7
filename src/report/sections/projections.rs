//! What changes would bring by models, and what earlier projections said beside what was measured now.

use crate::analysis::what_if::{
    LABEL, Line, NumberedProjection, PredictedAndMeasured, PredictedRow, Projection, percentile_words,
};
use crate::analysis::{capitalized, short_interval};
use crate::humanize;
use crate::report::document::{Document, Table};

use super::Subject;

pub fn write(document: &mut Document, Subject { paper, .. }: Subject) {
    let Some(projections) = paper.projections.filter(|projections| !projections.is_empty()) else { return };
    document.heading(2, "What if");
    if !projections.own.is_empty() {
        document.lead(format!(
            "{LABEL} Each says what a change of the target would bring, and what it takes for granted."
        ));
    }
    projections.own.iter().for_each(|own| write_projection(document, own));
    if !projections.measured.is_empty() {
        document.heading(3, "Predicted before, measured now");
        document.paragraph(
            "Projections that were made from earlier runs of this scenario, beside what this run measured. They can only come \
             true where the change was made in between.",
        );
    }
    projections.measured.iter().for_each(|measured| write_measured(document, measured));
    document.bullets(projections.notes.clone());
}

fn write_projection(
    document: &mut Document,
    NumberedProjection { number, projection, .. }: &NumberedProjection,
) {
    document.heading(3, format!("{number}. {}", projection.title()));
    document.paragraph(projection.inputs_words());
    if projection.speaking_line().is_some() {
        document.lead(projection.sentence());
        document.table(percentiles(projection));
        projection.queue_words().into_iter().for_each(|words| document.paragraph(words));
        if !projection.sensitivity.is_empty() {
            document.table(sensitivity(projection));
        }
    }
    let mut said: Vec<String> =
        projection.refusals.iter().map(|refusal| format!("Not told: {}", refusal.text)).collect();
    let case =
        |case: &crate::analysis::what_if::Case| format!("{}: {}", capitalized(&case.name), case.meaning);
    said.extend(projection.cases.iter().map(case));
    said.extend(projection.assumptions.iter().cloned());
    document.bullets(said);
}

fn percentiles(projection: &Projection) -> Table {
    let mut titles = vec!["Percentile", "Measured", "Queue unchanged", "Queue rescaled"];
    let cases: Vec<String> = projection.cases.iter().map(|case| capitalized(&case.name)).collect();
    titles.extend(cases.iter().map(String::as_str));
    let note = format!(
        "{}. In brackets behind measured values the 95 % interval, behind projected ones p5 to p95.",
        projection.scope_words()
    );
    let mut table = Table::new(note, &titles, 1);
    for percentile in &projection.percentiles {
        let mut row = vec![
            percentile_words(percentile.quantile),
            percentile.base_text(),
            percentile.line_text(Line::Unchanged),
            percentile.line_text(Line::Rescaled),
        ];
        let case = |index: usize| {
            percentile.cases.get(index).map_or_else(|| humanize::MISSING.to_owned(), |case| case.text())
        };
        row.extend((0..cases.len()).map(case));
        table.row(row);
    }
    table
}

fn sensitivity(projection: &Projection) -> Table {
    let line = projection.speaking_line().map_or("", Line::name);
    let note =
        format!("How far each figure moves the result, all others in the middle of their ranges ({line}).");
    let quantiles: Vec<f64> = projection.percentiles.iter().map(|percentile| percentile.quantile).collect();
    let names: Vec<String> =
        quantiles.iter().map(|quantile| crate::model::Metric::Quantile(*quantile).to_string()).collect();
    let titles: Vec<&str> = std::iter::once("Figure").chain(names.iter().map(String::as_str)).collect();
    let mut table = Table::new(note, &titles, 1);
    for moved in &projection.sensitivity {
        let cells = quantiles.iter().map(|quantile| moved.moved_text(*quantile));
        table.row(std::iter::once(moved.input_text()).chain(cells));
    }
    table
}

fn write_measured(document: &mut Document, measured: &PredictedAndMeasured) {
    let NumberedProjection { run_id, number, projection } = &measured.predicted;
    document.heading(4, format!("Run {run_id}, projection {number}: {}", projection.title()));
    document.paragraph(projection.inputs_words());
    document.lead(measured.sentence.clone());
    if let Some(obstacle) = measured.obstacle.as_ref().filter(|obstacle| **obstacle != measured.sentence) {
        document.paragraph(obstacle.clone());
    }
    if measured.rows.is_empty() {
        return;
    }
    let note = format!(
        "{} in {}; projected for {}, now {}.",
        capitalized(&crate::analysis::scope_words(&projection.scope)),
        projection.window_words,
        humanize::rate(projection.projected_per_sec),
        measured.measured_per_sec.map_or_else(|| humanize::MISSING.to_owned(), humanize::rate)
    );
    let titles = ["Percentile", "Line", "Measured before", "Predicted", "Measured now", "Now is"];
    let mut table = Table::new(note, &titles, 2).ending_in_words();
    for row in &measured.rows {
        table.row([
            percentile_words(row.quantile),
            row.line.name().to_owned(),
            humanize::latency_secs(row.base_secs),
            row.predicted.text(),
            measured_text(row),
            row.agreement.words().to_owned(),
        ]);
    }
    document.table(table);
}

fn measured_text(row: &PredictedRow) -> String {
    let value = humanize::latency_secs(row.measured_secs);
    match (row.low_secs, row.high_secs) {
        (None, None) => value,
        (low, high) => format!("{value} ({})", short_interval(low, high)),
    }
}
