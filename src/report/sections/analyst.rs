//! What the analyst wrote, marked as theirs, with what has changed since they wrote it.

use crate::report::document::Document;
use crate::report::facts::Facts;
use crate::report::texts::{TextPlace, prose};

use super::Subject;

/// Who wrote the report, and for whom.
pub fn write_byline(document: &mut Document, subject: Subject) {
    let texts = subject.paper.texts;
    let audience = filled(subject, &texts.audience);
    let parts = [("By ", texts.author.trim()), ("For ", audience.trim())];
    let words =
        parts.iter().filter(|(_, text)| !text.is_empty()).map(|(before, text)| format!("{before}{text}"));
    let byline = words.collect::<Vec<_>>().join(" · ");
    if !byline.is_empty() {
        document.paragraph(byline);
    }
}

/// Who approved the report; where it has an author, also that nobody did.
pub fn write_approval(document: &mut Document, subject: Subject) {
    let texts = subject.paper.texts;
    match filled(subject, &texts.approval).trim() {
        "" if texts.author.trim().is_empty() => {}
        "" => document.paragraph("Approval: none yet."),
        approval => document.paragraph(format!("Approval, in the approver's words: {approval}")),
    }
}

/// The analyst's summary under the machine's.
pub fn write_summary(document: &mut Document, subject: Subject) {
    let texts = subject.paper.texts;
    if texts.summary.trim().is_empty() {
        return;
    }
    document.heading(3, "In the analyst's words");
    write_prose(document, subject, &TextPlace::Summary, &texts.summary);
}

/// The analyst's notes, a section of their own.
pub fn write_notes(document: &mut Document, subject: Subject) {
    let texts = subject.paper.texts;
    if texts.notes.trim().is_empty() {
        return;
    }
    document.heading(2, "Notes by the analyst");
    write_prose(document, subject, &TextPlace::Notes, &texts.notes);
}

/// Whose words they are, the words, and which of their numbers read differently now.
pub fn write_prose(document: &mut Document, subject: Subject, place: &TextPlace, text: &str) {
    document.paragraph(origin(subject));
    prose::write(document, &filled(subject, text));
    write_outdated(document, subject, place);
}

fn origin(subject: Subject) -> String {
    let texts = subject.paper.texts;
    let author = match texts.author.trim() {
        "" => "Written by a person, not derived from the run".to_owned(),
        author => format!("Written by {author}, not derived from the run"),
    };
    match texts.inherited_from {
        Some(run_id) => format!("{author}; taken over from the report of run {run_id}."),
        None => format!("{author}."),
    }
}

fn write_outdated(document: &mut Document, subject: Subject, place: &TextPlace) {
    let here = subject.outdated().iter().filter(|(other, _)| other == place);
    let items: Vec<String> = here.map(|(_, outdated)| outdated.words()).collect();
    if !items.is_empty() {
        document.paragraph("Numbers in these words that have changed since:");
    }
    document.bullets(items);
}

pub fn filled(subject: Subject, text: &str) -> String {
    prose::filled(text, Facts::of(subject.paper)).text
}
