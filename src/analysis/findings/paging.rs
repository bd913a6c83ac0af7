//! Missing paging: answers with long lists in them, and statements that give many rows at once.

use crate::analysis::audit::{LONG_ARRAY, transfer_saved};
use crate::humanize;
use crate::metrics::{PayloadFacts, StatementUse};
use crate::model::Scope;

use super::traffic::{Audited, MIN_ANSWERS, MIN_CALLS, audited, confidence_of, in_short, statements};
use super::{
    Confidence, Evidence, EvidenceChart, Experiment, Figure, FigureKey, FigureUnit, Finding, Grounds, Rule,
    SharePart, weight,
};

/// Rows that a call may give before pages are asked for; ours.
const MANY_ROWS: f64 = 200.0;

/// Items of a page that is reckoned with; ours.
pub(in crate::analysis) const PAGE: f64 = 20.0;

/// Smaller answers are not worth being split, in bytes; ours.
const MIN_BYTES: f64 = 4_096.0;

/// The most steps that are told each by itself.
const MAX_STEPS: usize = 3;

pub fn missing_paging(grounds: &Grounds<'_>) -> Vec<Finding> {
    let mut steps: Vec<(Audited<'_>, f64)> = audited(grounds)
        .into_iter()
        .filter_map(|step| {
            let payload = step.traffic.payload.as_ref()?;
            let (_, n_items) = payload.long_arrays.first()?;
            let is_long =
                payload.n_answers >= MIN_ANSWERS && *n_items > LONG_ARRAY && payload.wire_bytes >= MIN_BYTES;
            is_long.then_some((step, payload.wire_bytes))
        })
        .collect();
    steps.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut found: Vec<Finding> = steps
        .iter()
        .take(MAX_STEPS)
        .filter_map(|(step, _)| Some(of_answers(grounds, step, step.traffic.payload.as_ref()?)))
        .collect();
    found.extend(of_rows(grounds));
    found
}

fn of_answers(grounds: &Grounds<'_>, step: &Audited<'_>, payload: &PayloadFacts) -> Finding {
    let name = &step.row.name;
    let (path, n_items) = payload.long_arrays.first().cloned().unwrap_or_default();
    let saved = payload.wire_bytes * (1.0 - PAGE / n_items.max(PAGE));
    let confidence = confidence_of(payload.n_answers);
    let items = humanize::count(n_items.round() as u64);
    let parts =
        payload.long_arrays.iter().map(|(path, n_items)| SharePart { name: path.clone(), value: *n_items });
    Finding {
        rule: Rule::MissingPaging,
        scope: step.row.scope.clone(),
        claim: format!(
            "Answers of step {name} hold {items} items in {path} on average, {} in all.",
            humanize::bytes(payload.wire_bytes.round() as u64)
        ),
        evidence: Evidence {
            seconds: grounds.whole_run(),
            window: format!("the whole run, {} of step {name}", humanize::counted(payload.n_answers, "answer")),
            figures: vec![
                Figure::number("Items per answer, mean", n_items).keyed(FigureKey::Items),
                Figure::new("Mean size of an answer over the wire", FigureUnit::Bytes, payload.wire_bytes)
                    .keyed(FigureKey::AnswerBytes),
                Figure::new(
                    format!("Saved per answer by pages of {PAGE} items, if items are all of it"),
                    FigureUnit::Bytes,
                    saved,
                )
                .keyed(FigureKey::SavedBytes),
                Figure::latency("Sooner by that at 100 Mbit/s", transfer_saved(saved, 100e6)),
                Figure::latency("Sooner by that at 10 Mbit/s", transfer_saved(saved, 10e6)),
                Figure::count("Answers taken apart", payload.n_answers),
            ],
            chart: EvidenceChart::Shares {
                what: format!("Items per answer of step {name}"),
                unit: FigureUnit::Number,
                parts: parts.collect(),
            },
        },
        weight: weight(Rule::MissingPaging, &confidence, saved / payload.wire_bytes.max(1.0)),
        confidence,
        rests_on: None,
        other_explanations: vec![
            "Clients may need the whole list: pages would then cost them more requests.".to_owned(),
            "The list may be as long as it will ever be; one that grows with the data will take longer each month.".to_owned(),
        ],
        next_experiment: Experiment::again(
            "a page at a time",
            format!("Ask for a page of {PAGE} items, where the target can give one, and run the same again: compare the step."),
        ),
    }
}

/// The statement that gives the most rows at once.
fn of_rows(grounds: &Grounds<'_>) -> Option<Finding> {
    let many = statements(grounds)
        .filter(|(_, statement)| statement.rows_per_call > MANY_ROWS && statement.n_calls >= MIN_CALLS);
    let (monitor, statement) = many.max_by(|(_, a), (_, b)| a.rows_per_call.total_cmp(&b.rows_per_call))?;
    let StatementUse { text, n_calls, rows_per_call, mean_time, .. } = statement;
    let confidence = Confidence::medium("the database counted rows and calls, not what became of the rows");
    Some(Finding {
        rule: Rule::MissingPaging,
        scope: Scope::Run,
        claim: format!(
            "A statement gives {} rows per call: `{}`.",
            humanize::count(rows_per_call.round() as u64),
            in_short(text)
        ),
        evidence: Evidence {
            seconds: grounds.whole_run(),
            window: format!("the whole run, as {} counted", monitor.name),
            figures: vec![
                Figure::number("Rows per call", *rows_per_call).keyed(FigureKey::Items),
                Figure::count("Calls", *n_calls),
                Figure::latency("Mean time of a call", *mean_time),
            ],
            chart: EvidenceChart::Shares {
                what: "Rows per call".to_owned(),
                unit: FigureUnit::Number,
                parts: vec![SharePart { name: in_short(text), value: *rows_per_call }],
            },
        },
        weight: weight(Rule::MissingPaging, &confidence, 1.0 - MANY_ROWS / rows_per_call),
        confidence,
        rests_on: None,
        other_explanations: vec![
            "The statement may belong to something else that uses the database, such as an export."
                .to_owned(),
            "The target may need all rows, to sum them up; then the database could do that.".to_owned(),
        ],
        next_experiment: Experiment::again(
            "fewer rows",
            "Ask the database for a page at a time (`LIMIT`, or from the last key on) and run the same again.",
        ),
    })
}
