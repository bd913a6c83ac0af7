//! How anybody can check the report: what it was made of, in words; programs read the line behind it.

use crate::report::document::{Document, Table};
use crate::report::{Provenance, Section, Variant};

use super::Subject;

pub fn write(document: &mut Document, subject: Subject) {
    let provenance = Provenance::of(subject.paper);
    if provenance.variant == Variant::Full {
        document.heading(2, "How to verify this report");
    }
    document.paragraph(provenance.sentence());
    if provenance.variant == Variant::Full && is_special(&provenance) {
        document.table(settings(&provenance));
    }
}

/// Whether anything was chosen.
fn is_special(provenance: &Provenance) -> bool {
    let Provenance { sections, against, texts, projections, templates, .. } = provenance;
    [sections.is_some(), against.is_some(), texts.is_some(), projections.is_some(), templates.is_some()]
        .contains(&true)
}

fn settings(provenance: &Provenance) -> Table {
    let mut table = Table::new("", &["What was chosen", "Value"], 2);
    let mut row = |what: &str, value: String| table.row([what.to_owned(), value]);
    if let Some(sections) = &provenance.sections {
        let left_out = Section::ALL.into_iter().filter(|section| !sections.contains(section));
        row("Sections left out", left_out.map(Section::title).collect::<Vec<_>>().join(", "));
    }
    if let Some(against) = &provenance.against {
        row("Compared with", format!("run {} (identity {})", against.run, against.identity));
    }
    if let Some(texts) = &provenance.texts {
        row("Words of the analyst", format!("kept with the run (digest {texts})"));
    }
    if let Some(projections) = &provenance.projections {
        row("Projections", format!("kept with the run and with earlier ones (digest {projections})"));
    }
    if let Some(templates) = &provenance.templates {
        row("Own templates", format!("digest {templates}"));
    }
    table
}
