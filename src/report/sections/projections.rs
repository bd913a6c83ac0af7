//! What changes would bring by models, and what earlier projections said beside what was measured now.

use crate::analysis::what_if::{
    Case, LABEL, Line, NumberedProjection, PredictedAndMeasured, PredictedRow, Projected, Projection,
    percentile_words,
};
use crate::analysis::{capitalized, scope_words};
use crate::humanize;
use crate::model::Metric;
use crate::report::{
    Section,
    chart::{Axis, Chart, Quantity},
    charts::{PairedDots, ValueWithBounds},
    document::{Document, Table},
};

use super::Subject;

pub fn write(document: &mut Document, Subject { paper, .. }: Subject) {
    let Some(projections) = paper.projections.filter(|projections| !projections.is_empty()) else { return };
    document.heading(2, Section::Projections.title());
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
    let is_told = projection.speaking_line().is_some();
    if is_told {
        document.lead(projection.sentence());
        document.table(percentiles(projection));
        projection.queue_words().into_iter().for_each(|words| document.paragraph(words));
        document.table(sensitivity(projection));
    }
    let mut said: Vec<String> =
        projection.refusals.iter().map(|refusal| format!("Not told: {}", refusal.text)).collect();
    if is_told {
        let case = |case: &Case| format!("{}: {}", capitalized(&case.name), case.meaning);
        said.extend(projection.cases.iter().map(case));
        said.extend(projection.assumptions.iter().cloned());
    }
    document.bullets(said);
}

fn percentiles(projection: &Projection) -> Table {
    let note = format!(
        "{}. In brackets behind measured values the 95 % interval, behind projected ones p5 to p95.",
        projection.scope_words()
    );
    let heads = projection.percentile_heads();
    let titles: Vec<&str> = heads.iter().map(String::as_str).collect();
    let mut table = Table::new(note, &titles, 1);
    projection.percentile_rows().into_iter().for_each(|row| table.row(row));
    table
}

fn sensitivity(projection: &Projection) -> Table {
    let line = projection.speaking_line().map_or("", Line::name);
    let note =
        format!("How far each figure moves the result, all others in the middle of their ranges ({line}).");
    let quantiles: Vec<f64> = projection.percentiles.iter().map(|percentile| percentile.quantile).collect();
    let names: Vec<String> =
        quantiles.iter().map(|quantile| Metric::Quantile(*quantile).to_string()).collect();
    let titles: Vec<&str> = std::iter::once("Figure").chain(names.iter().map(String::as_str)).collect();
    let mut table = Table::new(note, &titles, 1);
    projection.sensitivity_rows().into_iter().for_each(|row| table.row(row));
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
        capitalized(&scope_words(&projection.scope)),
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
            row.measured_text(),
            row.agreement.words().to_owned(),
        ]);
    }
    document.table(table);
    document.chart(predicted_and_measured(measured));
}

/// What was predicted, with its range, above what was measured, with its interval.
fn predicted_and_measured(measured: &PredictedAndMeasured) -> Chart {
    let NumberedProjection { run_id, number, .. } = measured.predicted;
    let row = |row: &PredictedRow| {
        let bounded = |value, low, high| ValueWithBounds { value, low, high };
        let Projected { secs, low_secs, high_secs } = row.predicted;
        (
            format!("{}, {}", percentile_words(row.quantile), row.line.name()),
            bounded(secs, Some(low_secs), Some(high_secs)),
            Some(bounded(row.measured_secs, row.low_secs, row.high_secs)),
        )
    };
    PairedDots {
        id: &format!("predicted-{run_id}-{number}"),
        title: "Predicted and measured",
        note: "Response time. Whiskers: of predictions p5 to p95, of measured values the 95 % interval.",
        words: &measured.sentence,
        x: Axis::of("Response time", Quantity::Latency),
        names: ["predicted", "measured"],
        rows: measured.rows.iter().map(row).collect(),
    }
    .chart()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::analysis::what_if::{
        Base, Change, Draws, InputRange, KeptProjections, NumberedProjection, Projections, Queue, Subject,
        project_with,
    };
    use crate::analysis::{Diagnosis, Summary, sample, summarize_precisely};
    use crate::metrics::{KeptRun, Outcome, RunId};
    use crate::model::{LoadModel, Scope};
    use crate::report::{self, Paper, ReportOptions, Section};

    fn run(millis: u64) -> (KeptRun, Summary) {
        let mut scenario = sample::scenario();
        scenario.load.model = LoadModel::open();
        let mut record = sample::record(scenario);
        let mut n = 0;
        sample::redraw(&mut record, 80, |step| {
            n += 7;
            (Outcome::Ok, Duration::from_millis(millis + n * n % 41 + 10 * step as u64))
        });
        let run = KeptRun::from(record);
        let summary = summarize_precisely(&run).unwrap();
        (run, summary)
    }

    fn projections() -> (KeptRun, Summary, Projections) {
        let (run, summary) = run(20);
        let step = Scope::Step("Sign in".to_owned());
        let base = Base::new(&run, &summary, &Subject::of(step)).unwrap();
        let draws = Draws { n: 100, ..Draws::default() };
        let cache = Change::Cache {
            hit_ratio: InputRange::between(0.5, 0.7),
            hit_secs: InputRange::between(0.001, 0.003),
            lookup_secs: InputRange::exactly(0.0),
        };
        let queue = Queue {
            workers: Some(InputRange::exactly(6.0)),
            service_secs: Some(InputRange::between(0.045, 0.05)),
            cs_squared: Some(InputRange::exactly(0.2)),
        };
        let workers = Change::Workers { to: InputRange::exactly(8.0) };
        let of = |run_id: i64, number, change: &Change, queue: &Queue| {
            let projection = project_with(&base, change, queue, draws);
            NumberedProjection { run_id: RunId(run_id), number, projection }
        };
        let kept = KeptProjections {
            own: vec![of(7, 1, &cache, &queue), of(7, 2, &workers, &Queue::default())],
            earlier: vec![of(5, 1, &cache, &queue)],
            unreadable: vec!["Projection 2 of run 5 was kept by a newer version of this program.".to_owned()],
        };
        let projections = kept.beside(&run, &summary).unwrap();
        (run, summary, projections)
    }

    #[test]
    fn projections_and_what_became_of_earlier_ones_read_like_this() {
        let (run, summary, projections) = projections();
        let diagnosis = Diagnosis::default();
        let paper = Paper {
            projections: Some(&projections),
            options: ReportOptions::default().with(&[Section::Projections]),
            ..Paper::new(&run.record, &summary, &diagnosis)
        };
        let text = report::markdown(&paper);
        let from = text.find("## What if").unwrap();
        let section = &text[from..];
        let section = &section[..section.find("\n## ").unwrap_or(section.len())];
        insta::assert_snapshot!(section);
        let value = &report::json(&paper)["projections"];
        assert_eq!(value["label"], "A model, not measured.");
        let own = &value["from_this_run"][0];
        let told = own["of"]["projection"]["percentiles"][2]["rescaled"]["secs"].as_f64().unwrap();
        assert!(text.contains(&format!("would be {} (", crate::humanize::latency_secs(told))), "{told}");
        assert_eq!(value["from_this_run"][1]["of"]["is_refused"], true);
        let before = &value["predicted_before_measured_now"][0];
        assert_eq!((before["run_id"].as_i64(), before["number"].as_u64()), (Some(5), Some(1)));
        assert_eq!(before["percentiles"][0]["agreement"], "above");
    }

    #[test]
    fn a_run_without_projections_has_no_such_section() {
        let (run, summary) = run(20);
        let diagnosis = Diagnosis::default();
        let nothing = Projections::default();
        let plain = Paper::new(&run.record, &summary, &diagnosis);
        let paper = Paper { projections: Some(&nothing), ..plain.clone() };
        assert_eq!(report::markdown(&paper), report::markdown(&plain));
        assert!(!report::markdown(&plain).contains("What if"));
        assert!(report::json(&paper)["projections"].is_null());
    }
}
