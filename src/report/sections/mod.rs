//! The benchmark report, section by section, in the order in which it is read.

mod analyst;
mod appendix;
mod bottlenecks;
mod capacity;
mod checklist;
mod comparison;
mod context;
mod errors;
mod executive;
mod generator;
mod interleaved;
mod phases;
mod probes;
mod projections;
mod recommendations;
mod resources;
mod results;
mod search;
mod service_levels;
mod steadiness;
#[cfg(test)]
mod steady_tests;
mod targets;
mod traffic;
mod verifying;
mod watched;

use std::cell::OnceCell;

use crate::analysis::{INTERVALS_NOTE, Intervals, Reading, StageRow, Standing, Summary, ThresholdVerdict};
use crate::humanize;
use crate::metrics::{Aggregate, RunRecord};
use crate::model::Metric;

use super::{Outdated, Paper, Section, TextPlace, Variant, document::Document, selection};

pub use executive::{limit_sentence, next_sentence, title};

pub use search::probes_table;

/// The benchmark report of a run.
pub fn document(paper: &Paper<'_>) -> Document {
    let mut document = Document::default();
    let outdated = OnceCell::new();
    let subject = Subject::of(paper, &outdated);
    executive::write_title(&mut document, subject);
    for section in &paper.options.sections {
        write(&mut document, *section, subject);
    }
    verifying::write(&mut document, subject);
    match paper.options.max_rows() {
        Some(most) => document.shortened(most),
        None => document,
    }
}

/// One section alone; empty where the run has nothing for it.
pub fn of_section(paper: &Paper<'_>, section: Section) -> Document {
    let mut document = Document::default();
    write(&mut document, section, Subject::of(paper, &OnceCell::new()));
    match paper.options.max_rows() {
        Some(most) => document.shortened(most),
        None => document,
    }
}

fn write(document: &mut Document, section: Section, subject: Subject) {
    match section {
        Section::Summary => executive::write(document, subject),
        Section::Interleaved => interleaved::write(document, subject),
        Section::Context => context::write(document, subject),
        Section::Quality => {
            write_quality(document, subject);
            generator::write(document, subject);
        }
        Section::Steadiness => steadiness::write(document, subject),
        Section::Baseline => targets::write(document, subject),
        Section::ServiceLevels => service_levels::write(document, subject),
        Section::Errors => errors::write(document, subject),
        Section::Stages => results::write_stages(document, subject),
        Section::Steps => results::write_steps(document, subject),
        Section::Services => results::write_services(document, subject),
        Section::Phases => phases::write(document, subject),
        Section::Resources => resources::write(document, subject),
        Section::Comparison => comparison::write(document, subject),
        Section::Notes => analyst::write_notes(document, subject),
        Section::Capacity => {
            capacity::write(document, subject);
            search::write(document, subject);
        }
        Section::Bottlenecks => bottlenecks::write(document, subject),
        Section::Projections => projections::write(document, subject),
        Section::Recommendations => recommendations::write(document, subject),
        Section::Checklist => checklist::write(document, subject),
        Section::Appendix => appendix::write(document, subject),
    }
}

/// What a report is about.
#[derive(Clone, Copy)]
struct Subject<'a> {
    record: &'a RunRecord,
    summary: &'a Summary,
    /// The same with all that was found in the run, and what is asked for.
    paper: &'a Paper<'a>,
    /// What of the analyst's words has changed, once it is asked for: that takes a report of its own.
    outdated: &'a OnceCell<Vec<(TextPlace, Outdated)>>,
}

impl<'a> Subject<'a> {
    fn of(paper: &'a Paper<'a>, outdated: &'a OnceCell<Vec<(TextPlace, Outdated)>>) -> Self {
        Self { record: paper.record, summary: paper.summary, paper, outdated }
    }

    /// The sentences of the analyst's whose numbers read differently in this run.
    fn outdated(self) -> &'a [(TextPlace, Outdated)] {
        self.outdated.get_or_init(|| self.paper.texts.outdated(self.paper))
    }

    /// Whether only what decides is asked for.
    /// Whether it has to fit one sheet of paper.
    fn is_sheet(self) -> bool {
        self.paper.options.variant == Variant::OnePage
    }

    fn is_short(self) -> bool {
        self.paper.options.variant != Variant::Full
    }

    fn is_open(self) -> bool {
        self.record.start.scenario.load.model.is_open()
    }

    /// How many of so many rows a table shows.
    fn n_shown(self, n_rows: usize) -> usize {
        selection::n_shown(n_rows, self.paper.options.max_rows())
    }

    /// Says under a table that it does not show all rows, where it does not.
    fn write_cut(self, document: &mut Document, n_rows: usize, noun: &str) {
        let sentence = selection::cut_sentence(n_rows, self.n_shown(n_rows), noun);
        sentence.into_iter().for_each(|sentence| document.paragraph(sentence));
    }

    /// The note over a table whose figures cover the headline window.
    fn headline_note(self) -> String {
        format!("Window: {}.", self.summary.headline_words)
    }

    fn metric(self, aggregate: &Aggregate, metric: Metric) -> String {
        printed(self.summary.reading(aggregate, metric))
    }

    /// A metric with its interval, where it is a percentile that has one.
    fn sure(self, aggregate: &Aggregate, intervals: &Intervals, metric: Metric) -> String {
        let reading = self.summary.reading(aggregate, metric);
        reading.map_or_else(|| humanize::MISSING.to_owned(), |reading| intervals.beside(reading))
    }

    /// What brackets behind percentiles mean; nothing where there are none.
    fn brackets_note(self) -> String {
        if self.summary.headline_intervals.is_empty() {
            return String::new();
        }
        format!(" {INTERVALS_NOTE}")
    }
}

fn printed(reading: Option<Reading>) -> String {
    reading.map_or_else(|| humanize::MISSING.to_owned(), |reading| reading.text())
}

fn n_requests(aggregate: &Aggregate) -> String {
    humanize::count(aggregate.stats.counters.n_requests())
}

fn status(verdict: ThresholdVerdict) -> String {
    verdict.name().to_owned()
}

fn stage_status(stage: &StageRow) -> String {
    if stage.n_thresholds == 0 { humanize::MISSING.to_owned() } else { status(stage.verdict) }
}

fn write_quality(document: &mut Document, Subject { summary, .. }: Subject) {
    let quality = &summary.quality;
    document.heading(2, "Measurement quality");
    document.paragraph(match quality.standing {
        Standing::Valid => {
            "The measurement is valid: the self-checks found nothing that weakens the numbers."
        }
        Standing::Weak => "The measurement is weak: the numbers hold with the caveats below.",
        Standing::Invalid => "The measurement is invalid: the numbers do not describe the target.",
    });
    let mut table = super::document::Table::new(
        "Start lag, gaps, connections, clock, counts and seconds cover the whole run; the start lag's course, processors, \
         hiccups, Little's law and the floor cover the window of the headline numbers.",
        &["Self-check", "Measured", "Limit", "Standing"],
        4,
    );
    for row in &quality.rows {
        table.row([
            row.name.clone(),
            row.measured.clone(),
            row.limit.clone(),
            row.standing.name().to_owned(),
        ]);
    }
    document.table(table);
    if !summary.caveats.is_empty() {
        document.paragraph("Caveats:");
    }
    document.bullets(summary.caveats.iter().map(|caveat| caveat.text.clone()).collect());
}
