//! The run beside another one.

use crate::report::comparison;
use crate::report::document::{Block, Document};

use super::Subject;

pub fn write(document: &mut Document, subject: Subject) {
    let Some(comparison) = subject.paper.comparison else { return };
    document.heading(2, format!("Comparison with {}", comparison.baseline().words()));
    // The title says what the heading says.
    for block in comparison::document(comparison).blocks.into_iter().skip(1) {
        document.blocks.push(match block {
            Block::Heading { level, text } => Block::Heading { level: level + 1, text },
            block => block,
        });
    }
}
