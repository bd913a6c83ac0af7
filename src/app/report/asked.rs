//! What report is wanted, and what was made of it.

use std::sync::Arc;

use crate::{
    analysis::comparison::Comparison,
    metrics::RunId,
    report::{Document, ReportOptions},
};

/// Everything that a report depends on beside its run.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportAsked {
    pub run_id: RunId,
    /// The run that it stands beside, where one was chosen.
    pub against: Option<RunId>,
    pub options: ReportOptions,
}

/// A report as it will be read.
#[derive(Debug)]
pub struct MadeReport {
    pub asked: ReportAsked,
    pub document: Document,
    /// Kept for the next report beside the same run.
    pub comparison: Option<Arc<Comparison>>,
}

impl ReportAsked {
    /// The full report of a run, beside no other.
    pub fn of(run_id: RunId) -> Self {
        Self { run_id, against: None, options: ReportOptions::default() }
    }
}
