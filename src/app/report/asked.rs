//! What report is wanted, and what was made of it.

use std::sync::Arc;

use crate::{
    launch::BesideRun,
    metrics::RunId,
    report::{Document, Outdated, ReportTexts, Stranger, TextPlace},
};

/// Everything that a report depends on beside its run and what is kept with it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportAsked {
    pub run_id: RunId,
    /// The run that it stands beside, where one was chosen.
    pub against: Option<RunId>,
    /// What the analyst wrote and chose; none until it is read.
    pub texts: Option<Arc<ReportTexts>>,
}

/// A report as it will be read.
#[derive(Debug)]
pub struct MadeReport {
    pub asked: ReportAsked,
    pub document: Document,
    /// The words and choices that it was made with.
    pub texts: Arc<ReportTexts>,
    /// Sentences whose numbers read differently now.
    pub outdated: Vec<(TextPlace, Outdated)>,
    /// Numbers that no figure of the report is.
    pub strangers: Vec<(TextPlace, Stranger)>,
    /// What is wrong with the words; they are not kept while there is any.
    pub problems: Vec<String>,
    /// What had to be left out, in words.
    pub notes: Vec<String>,
    /// Kept for the next report beside the same run.
    pub beside: Option<Arc<BesideRun>>,
}

impl ReportAsked {
    /// The report of a run as it was left, beside no other.
    pub fn of(run_id: RunId) -> Self {
        Self { run_id, against: None, texts: None }
    }
}
