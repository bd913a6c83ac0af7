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
    for row in &checklist.rows {
        table.row([row.item.name().to_owned(), row.state.name().to_owned(), row.rests_on.clone()]);
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
