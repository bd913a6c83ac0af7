//! Bottlenecks and other findings: each with its evidence, what else may explain it, and what would tell more.

use crate::analysis::{
    findings::{Finding, Rule},
    uncapitalized,
};
use crate::humanize;
use crate::metrics::RunRecord;
use crate::report::charts;
use crate::report::document::{Document, Table};

use super::Subject;

/// Findings that are told in full; the rest stands in a table.
const MAX_IN_FULL: usize = 12;

/// Rows of that table; the rest is counted.
const MAX_IN_SHORT: usize = 40;

/// Findings of a report that has only what decides.
const MAX_ON_ONE_PAGE: usize = 4;

const NOTHING_FOUND: &str =
    "No rule found a limit. What a run is too short or too light to show is not found either.";

pub fn write(document: &mut Document, subject: Subject) {
    let diagnosis = subject.paper.diagnosis;
    // Where nothing was worked out, nothing can be said not to be there.
    if diagnosis.checklist.rows.is_empty() {
        return;
    }
    let findings = &diagnosis.findings;
    document.heading(2, "Bottlenecks and other findings");
    if findings.is_empty() {
        document.paragraph(if subject.is_sheet() {
            NOTHING_FOUND.to_owned()
        } else {
            nothing_found(subject.record)
        });
        return;
    }
    if subject.is_short() {
        document.table(in_short(
            "The heaviest first; each over its window in the full report.",
            findings,
            MAX_ON_ONE_PAGE,
        ));
        write_left_out(document, findings.len(), MAX_ON_ONE_PAGE);
        return;
    }
    let first = match findings.iter().any(|finding| finding.rule.is_limit()) {
        true => "What seems to limit this run, the heaviest first.",
        false => {
            "Nothing that limits this run was found. What would bring less traffic or time, the heaviest first."
        }
    };
    document.paragraph(format!(
        "{first} A finding says what was seen and how sure that is; the cause is not known before its experiment was made."
    ));
    for (index, finding) in findings.iter().take(MAX_IN_FULL).enumerate() {
        write_finding(document, subject, finding, index + 1);
    }
    write_rest(document, findings.get(MAX_IN_FULL..).unwrap_or_default());
}

fn nothing_found(record: &RunRecord) -> String {
    let looked_for = Rule::looked_for(record);
    let rules: Vec<String> = looked_for.iter().map(|rule| uncapitalized(rule.name())).collect();
    format!("{NOTHING_FOUND} Looked for: {}.", rules.join(", "))
}

fn write_finding(document: &mut Document, subject: Subject, finding: &Finding, number: usize) {
    document.heading(3, format!("{number}. {}", finding.title()));
    document.lead(finding.claim.clone());
    if let Some(rests_on) = &finding.rests_on {
        document.paragraph(rests_on.clone());
    }
    let mut table = Table::new(
        format!("Window: {}. Confidence: {}.", finding.evidence.window, finding.confidence.text()),
        &["Evidence", "Value"],
        1,
    );
    for figure in &finding.evidence.figures {
        table.row([figure.what.clone(), figure.text.clone()]);
    }
    document.table(table);
    for chart in charts::evidence(subject.record, finding, number) {
        document.chart(chart);
    }
    document.paragraph("Other explanations:");
    document.bullets(finding.other_explanations.clone());
    let experiment = &finding.next_experiment;
    document.paragraph(format!("Next experiment ({}): {}", experiment.name, experiment.words));
}

fn write_rest(document: &mut Document, rest: &[Finding]) {
    if rest.is_empty() {
        return;
    }
    document.heading(3, "Further findings");
    document.table(in_short("Each over the window that is named in the JSON report.", rest, MAX_IN_SHORT));
    write_left_out(document, rest.len(), MAX_IN_SHORT);
}

/// The first so many findings, a line each.
fn in_short(note: &str, findings: &[Finding], most: usize) -> Table {
    let titles = ["Finding", "What was seen", "Confidence", "Next experiment"];
    let mut table = Table::new(note, &titles, 4);
    for finding in findings.iter().take(most) {
        table.row([
            finding.title(),
            finding.claim.clone(),
            finding.confidence.level.name().to_owned(),
            finding.next_experiment.name.clone(),
        ]);
    }
    table
}

fn write_left_out(document: &mut Document, n_findings: usize, most: usize) {
    let n_more = n_findings.saturating_sub(most);
    if n_more > 0 {
        document.paragraph(format!(
            "{} lighter ones are left out; the JSON report has them all.",
            humanize::count(n_more as u64)
        ));
    }
}
