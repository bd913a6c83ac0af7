//! What a report is made of: a run with all that was found in it, what the analyst wrote, and what is asked for.

use crate::analysis::{Diagnosis, Summary, comparison::Comparison, what_if::Projections};
use crate::metrics::RunRecord;

use super::ReportOptions;

/// Everything that a report is made of: the same paper gives the same bytes.
#[derive(Clone, Debug)]
pub struct Paper<'a> {
    pub record: &'a RunRecord,
    pub summary: &'a Summary,
    pub diagnosis: &'a Diagnosis,
    /// The run beside its baseline or another run, where one was chosen.
    pub comparison: Option<&'a Comparison>,
    /// What changes would bring by models, and earlier such projections beside what was measured now.
    pub projections: Option<&'a Projections>,
    pub options: ReportOptions,
}

impl<'a> Paper<'a> {
    /// The full report of a run, beside no other.
    pub fn new(record: &'a RunRecord, summary: &'a Summary, diagnosis: &'a Diagnosis) -> Self {
        let options = ReportOptions::default();
        Self { record, summary, diagnosis, comparison: None, projections: None, options }
    }
}
