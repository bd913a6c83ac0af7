//! Scaling capacity and headroom: the rate that kept the targets, latency at throughput, and the scalability law.

use crate::analysis::Capacity;
use crate::report::{
    Section,
    capacity_tables::{capacity_table, levels_table, usl_table},
    charts::{latency_at_throughput, scalability},
    document::Document,
    selection::most_telling_stages,
};

use super::Subject;

/// Rows of the table of levels.
const MAX_LEVELS: usize = 40;

pub fn write(document: &mut Document, subject: Subject) {
    let capacity = &subject.paper.diagnosis.capacity;
    if capacity.is_unknown() {
        return;
    }
    document.heading(2, Section::Capacity.title());
    document.lead(capacity.slo_sentence());
    if let Some(table) = capacity_table(capacity) {
        document.table(table);
    }
    let sentences = capacity.headroom_sentence().into_iter().chain(capacity.users_sentence());
    document.bullets(sentences.chain(capacity.notes.iter().cloned()).collect());
    if capacity.levels.is_empty() {
        return;
    }
    write_levels(document, subject, capacity);
    write_scaling(document, capacity);
}

fn write_levels(document: &mut Document, subject: Subject, capacity: &Capacity) {
    document.heading(3, "Latency at throughput");
    if let Some(chart) = latency_at_throughput(capacity) {
        document.chart(chart);
    }
    let is_long = capacity.levels.len() > MAX_LEVELS;
    let chosen = if is_long { most_telling_stages(subject.summary, MAX_LEVELS) } else { Vec::new() };
    let is_shown = |stage: u16| !is_long || chosen.contains(&usize::from(stage));
    document.table(levels_table(capacity, |level| is_shown(level.stage)));
}

fn write_scaling(document: &mut Document, capacity: &Capacity) {
    document.heading(3, "Throughput against concurrency");
    document.paragraph(capacity.scaling.usl_sentence());
    if let Some(chart) = scalability(&capacity.scaling) {
        document.chart(chart);
    }
    if let Some(table) = usl_table(&capacity.scaling) {
        document.table(table);
    }
    if let Some(sentence) = capacity.scaling.knee_sentence() {
        document.paragraph(sentence);
    }
}
