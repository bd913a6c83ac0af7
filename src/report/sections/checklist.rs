//! The production-readiness checklist, row by row, with its last line.

use crate::report::document::{Document, Table};
use crate::report::texts::TextPlace;

use super::{Subject, analyst};

pub fn write(document: &mut Document, subject: Subject) {
    let own = &subject.paper.diagnosis.checklist;
    if own.rows.is_empty() {
        return;
    }
    let checklist = match subject.paper.comparison {
        Some(comparison) => &own.beside(comparison, subject.summary),
        None => own,
    };
    document.heading(2, "Production-readiness checklist");
    let titles = ["Item", "State", "What it rests on"];
    let note = "Derived from this run. «Not shown» means that the run does not tell; it is no «yes».";
    let mut table = Table::new(note, &titles, 3);
    let is_sheet = subject.is_sheet();
    for row in &checklist.rows {
        let rests_on = if is_sheet { first_sentence(&row.rests_on) } else { &row.rests_on };
        // Upon one line: a sheet has few.
        let blank = if is_sheet { "\u{a0}" } else { " " };
        let state = row.state.name().replace(' ', blank);
        table.row([row.item.name().to_owned(), state, rests_on.to_owned()]);
    }
    document.table(table);
    let remarks = &subject.paper.texts.checklist;
    for row in &checklist.rows {
        if let Some(remark) = remarks.get(row.item.name()).filter(|remark| !remark.trim().is_empty()) {
            document.heading(4, format!("Remark on: {}", row.item.name()));
            let place = TextPlace::Checklist(row.item.name().to_owned());
            analyst::write_prose(document, subject, &place, remark);
        }
    }
    document.lead(checklist.sentence());
}

/// As much as there is room for on one sheet; all of it stands in the full report.
fn first_sentence(text: &str) -> &str {
    text.find(". ").map_or(text, |end| &text[..=end])
}
