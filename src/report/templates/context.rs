//! What templates are given: the report's JSON, its sections as Markdown, its figures as they are printed.

use std::collections::BTreeMap;

use minijinja::value::{Serde, Value};
use serde_json::{Map, json};

use crate::analysis::ThresholdVerdict;
use crate::model::{Metric, ThresholdSeverity};
use crate::report::{Document, Paper, ReportOptions, Section, facts::Facts, markdown, sections};

/// What the executive summary is made of: the named figures, and the answers to what its readers ask.
pub(super) fn answers(paper: &Paper<'_>) -> Value {
    let summary = paper.summary;
    let p95 = summary.reading(&summary.headline, Metric::Quantile(0.95));
    let interval = summary.headline_intervals.at(Metric::Quantile(0.95));
    let targets = Targets::of(paper);
    let mut values = named_figures(paper);
    values.extend([
        ("n_targets".to_owned(), json!(targets.n_met + targets.n_missed + targets.n_undecided)),
        ("n_met".to_owned(), json!(targets.n_met)),
        ("n_missed".to_owned(), json!(targets.n_missed)),
        ("n_undecided".to_owned(), json!(targets.n_undecided)),
        ("reasons".to_owned(), json!(summary.reasons)),
        ("caveats".to_owned(), json!(summary.caveats.iter().map(|caveat| &caveat.text).collect::<Vec<_>>())),
        ("has_succeeded".to_owned(), json!(p95.is_some())),
        ("p95_is_hidden".to_owned(), json!(p95.is_some_and(|reading| reading.is_censored))),
        ("p95_interval".to_owned(), json!(interval.map(|interval| interval.text()))),
        ("limit".to_owned(), json!(sections::limit_sentence(paper))),
        ("next".to_owned(), json!(sections::next_sentence(paper))),
        ("sides".to_owned(), json!(summary.interleaved.as_ref().map(|sides| &sides.sentence))),
    ]);
    Value::from(Serde(values))
}

/// What a whole report is made of.
pub(super) fn report(paper: &Paper<'_>) -> Value {
    let mut values = match crate::report::json(paper) {
        serde_json::Value::Object(values) => values,
        _ => Map::new(),
    };
    // Named figures stand in their own place, and at the top where no key of the JSON has their name.
    let printed = named_figures(paper);
    for (name, figure) in &printed {
        values.entry(name.clone()).or_insert_with(|| figure.clone());
    }
    values.insert("title".to_owned(), json!(sections::title(paper)));
    values.insert("run".to_owned(), json!(paper.record.run_id));
    values.insert("printed".to_owned(), serde_json::Value::Object(printed));
    let (with_heading, bodies) = all_sections(paper);
    values.insert("sections".to_owned(), json!(with_heading));
    values.insert("bodies".to_owned(), json!(bodies));
    let figures: Vec<_> = sections::document(paper)
        .figures()
        .into_iter()
        .map(|figure| json!({ "place": figure.place, "text": figure.text }))
        .collect();
    values.insert("figures".to_owned(), json!(figures));
    Value::from(Serde(values))
}

fn named_figures(paper: &Paper<'_>) -> Map<String, serde_json::Value> {
    let all = Facts::of(paper).all();
    all.into_iter().map(|(name, figure)| (name.to_owned(), json!(figure))).collect()
}

/// Each section that is asked for as Markdown, and the same without its heading; empty where the run has nothing for it.
fn all_sections(paper: &Paper<'_>) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let mut with_heading = BTreeMap::new();
    let mut bodies = BTreeMap::new();
    for section in Section::ALL {
        let is_asked_for = paper.options.sections.contains(&section);
        let options = ReportOptions { sections: vec![section], ..paper.options.clone() };
        let document = if is_asked_for {
            sections::of_section(&Paper { options, ..paper.clone() }, section)
        } else {
            Document::default()
        };
        let name = section.name().replace('-', "_");
        let body = Document { blocks: document.blocks.iter().skip(1).cloned().collect() };
        bodies.insert(name.clone(), text_of(&body));
        with_heading.insert(name, text_of(&document));
    }
    (with_heading, bodies)
}

fn text_of(document: &Document) -> String {
    if document.blocks.is_empty() { String::new() } else { markdown::write(document).trim_end().to_owned() }
}

/// How many of the limits that decide were met.
#[derive(Default)]
struct Targets {
    n_met: usize,
    n_missed: usize,
    n_undecided: usize,
}

impl Targets {
    fn of(paper: &Paper<'_>) -> Self {
        let summary = paper.summary;
        let decides = |severity: ThresholdSeverity| severity == ThresholdSeverity::Must;
        let thresholds = summary.thresholds.iter().filter(|result| decides(result.threshold.severity));
        let series = summary.watched.results.iter().filter(|result| result.is_must());
        let verdicts = thresholds
            .map(|result| result.verdict)
            .chain(summary.budgets.iter().map(|result| result.verdict))
            .chain(series.map(|result| result.verdict));
        let mut targets = Self::default();
        for verdict in verdicts {
            match verdict {
                ThresholdVerdict::Pass => targets.n_met += 1,
                ThresholdVerdict::Fail => targets.n_missed += 1,
                ThresholdVerdict::NotEnoughData => targets.n_undecided += 1,
            }
        }
        targets
    }
}
