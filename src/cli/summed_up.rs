//! A kept run with what it comes to: what every command that tells of one run rests on.

use crate::analysis::{Diagnosis, Summary, summarize_precisely, what_if::Projections};
use crate::launch::projections_of;
use crate::metrics::{RunId, RunRecord};
use crate::report::{self, Paper};
use crate::store::Library;

use super::{args::ReportFormat, exit::CliError};

/// A kept run with what it comes to.
pub struct SummedUp {
    pub record: RunRecord,
    pub summary: Summary,
    pub diagnosis: Diagnosis,
    /// Made from it, and made earlier and set beside it.
    pub projections: Projections,
}

impl SummedUp {
    /// Reads a run and sums it up.
    pub fn load(library: &Library, run_id: RunId) -> Result<Self, CliError> {
        let run = library.open_run(run_id)?;
        let summary = summarize_precisely(&run)?;
        let diagnosis = Diagnosis::new(&run.record, &run.history, &summary)?;
        let projections = projections_of(library, run_id)?.beside(&run, &summary)?;
        Ok(Self { record: run.record, summary, diagnosis, projections })
    }

    /// What a report of it is made of.
    pub fn paper(&self) -> Paper<'_> {
        Paper {
            projections: Some(&self.projections),
            ..Paper::new(&self.record, &self.summary, &self.diagnosis)
        }
    }
}

/// A report in a format.
pub fn report_text(paper: &Paper<'_>, format: ReportFormat) -> Result<String, CliError> {
    Ok(match format {
        ReportFormat::Md => report::markdown(paper),
        ReportFormat::Json => format!("{:#}\n", report::json(paper)),
        ReportFormat::Csv => report::csv(paper.record)?,
        ReportFormat::Xml => report::junit(paper),
    })
}
