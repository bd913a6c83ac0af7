//! A kept run with what it comes to: what every command that tells of one run rests on.

use std::path::Path;

use crate::analysis::{Diagnosis, Summary, summarize_precisely};
use crate::metrics::{RunId, RunRecord};
use crate::report::{self, Paper};
use crate::store::{Library, is_stream, write_file, write_files};

use super::{args::ReportFormat, exit::CliError};

/// A kept run with what it comes to.
pub struct SummedUp {
    pub record: RunRecord,
    pub summary: Summary,
    pub diagnosis: Diagnosis,
}

impl SummedUp {
    /// Reads a run and sums it up.
    pub fn load(library: &Library, run_id: RunId) -> Result<Self, CliError> {
        let run = library.open_run(run_id)?;
        let summary = summarize_precisely(&run)?;
        let diagnosis = Diagnosis::new(&run.record, &run.history, &summary)?;
        Ok(Self { record: run.record, summary, diagnosis })
    }

    /// What a report of it is made of.
    pub fn paper(&self) -> Paper<'_> {
        Paper::new(&self.record, &self.summary, &self.diagnosis)
    }
}

/// Writes a report to a file, and beside it what belongs to it; all of it or nothing.
pub fn write_report(paper: &Paper<'_>, format: ReportFormat, path: &Path) -> Result<(), CliError> {
    // Beside a terminal or a pipe there is no room for charts.
    if is_stream(path) {
        return Ok(write_file(path, &report_text(paper, format)?)?);
    }
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let files = report::files(paper, format.into(), &name)?;
    let mut placed: Vec<_> =
        files.iter().map(|file| (path.with_file_name(&file.path), &*file.bytes)).collect();
    // As it was written: a name need not be text.
    placed[0].0 = path.to_owned();
    Ok(write_files(&placed)?)
}

/// A report in a format, as one text.
pub fn report_text(paper: &Paper<'_>, format: ReportFormat) -> Result<String, CliError> {
    Ok(match format {
        ReportFormat::Md => report::markdown(paper),
        ReportFormat::Html => report::html(paper),
        ReportFormat::Json => format!("{:#}\n", report::json(paper)),
        ReportFormat::Csv => report::csv(paper)?,
        ReportFormat::Xml => report::junit(paper),
    })
}
