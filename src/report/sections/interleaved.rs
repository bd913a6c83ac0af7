//! The two sides of an interleaved run beside each other.

use crate::analysis::{Interleaved, SideBySide, SideChange, metric_words};
use crate::humanize;
use crate::report::document::{Document, Table};

use super::{Subject, printed};

pub fn write(document: &mut Document, subject: Subject) {
    let Some(sides) = &subject.summary.interleaved else { return };
    document.heading(2, "Baseline and candidate by turns");
    document.lead(sides.sentence.clone());
    document.bullets(vec![
        format!("Baseline: {}", sides.baseline),
        format!("Candidate: {}", sides.candidate),
        sides.division_words(),
    ]);
    let mut table = Table::new(
        note(sides),
        &["Metric", "Baseline", "Candidate", "Change", "95 % interval", "Candidate is"],
        1,
    )
    .ending_in_words();
    for change in &sides.whole.changes {
        table.row([vec![metric_words(change.metric)], cells(change)].concat());
    }
    document.table(table);
    document.heading(3, "Step by step");
    document.table(steps(subject, sides));
    if sides.steps.len() > subject.n_shown(sides.steps.len()) {
        document.paragraph("Only the first steps are listed; the JSON has all.");
    }
    document.paragraph(
        "All other sections count both sides together where they speak of the run, a stage or a service; steps of the \
         candidate carry its name.",
    );
}

fn note(sides: &Interleaved) -> String {
    format!(
        "Window: {} of whole blocks. Values are those of all blocks of a side; changes are geometric means of the ratios \
         within pairs (of error shares the mean difference), with what the order of the two adds taken out. Worse or \
         better means significant (percentiles: p < 0.05 after Holm's correction) and beyond 5 % (error shares: 0.1 pp); \
         same means an interval within that. A request counts in the pair of the second in which it ended, always on its \
         own side.",
        humanize::counted(sides.n_pairs as u64, "pair")
    )
}

fn steps(subject: Subject, sides: &Interleaved) -> Table {
    let titles = ["Step", "Metric", "Baseline", "Candidate", "Change", "95 % interval", "Candidate is"];
    let note = "As above; percentiles are corrected for all steps together.";
    let mut table = Table::new(note, &titles, 2).ending_in_words();
    for SideBySide { name, changes } in sides.steps.iter().take(subject.n_shown(sides.steps.len())) {
        for change in changes {
            table.row([vec![name.clone(), metric_words(change.metric)], cells(change)].concat());
        }
    }
    table
}

fn cells(change: &SideChange) -> Vec<String> {
    let or_missing = |text: Option<String>| text.unwrap_or_else(|| humanize::MISSING.to_owned());
    vec![
        printed(change.baseline),
        printed(change.candidate),
        or_missing(change.change_text()),
        or_missing(change.interval_text()),
        change.verdict_words(),
    ]
}
