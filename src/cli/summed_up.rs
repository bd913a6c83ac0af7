//! A kept run with what it comes to: what every command that tells of one run rests on.

use std::path::{Path, PathBuf};

use crate::analysis::{Diagnosis, Summary, summarize_precisely, what_if::Projections};
use crate::launch::{projections_of, report_texts_of};
use crate::metrics::{RunId, RunRecord};
use crate::report::{self, Paper, ReportTexts, Templates};
use crate::store::{Library, is_stream, write_file, write_files};

use super::{args::ReportFormat, exit::CliError, out::complain, report::templates};

/// A kept run with what it comes to.
pub struct SummedUp {
    pub record: RunRecord,
    pub summary: Summary,
    pub diagnosis: Diagnosis,
    /// Made from it, and made earlier and set beside it.
    pub projections: Projections,
    /// What the analyst wrote for its report.
    pub texts: ReportTexts,
    /// The user's own templates.
    pub templates: Option<Templates>,
}

impl SummedUp {
    /// Reads a run and sums it up.
    pub fn load(library: &Library, run_id: RunId) -> Result<Self, CliError> {
        let run = library.open_run(run_id)?;
        let summary = summarize_precisely(&run)?;
        let diagnosis = Diagnosis::new(&run.record, &run.history, &summary)?;
        let projections = projections_of(library, run_id)?.beside(&run, &summary)?;
        // Words that cannot be read must not keep anyone from the numbers.
        let texts = report_texts_of(library, run_id).unwrap_or_else(|error| {
            complain(&format!("Note: {error}"));
            ReportTexts::default()
        });
        let templates = templates(library, None).unwrap_or_else(|error| {
            complain(&format!("Note: {error}"));
            None
        });
        Ok(Self { record: run.record, summary, diagnosis, projections, texts, templates })
    }

    /// What a report of it is made of.
    pub fn paper(&self) -> Paper<'_> {
        let paper = Paper::new(&self.record, &self.summary, &self.diagnosis).with_texts(&self.texts);
        Paper { projections: Some(&self.projections), templates: self.templates.as_ref(), ..paper }
    }
}

/// Writes reports to files, and beside each what belongs to it; all of them or none.
pub fn write_reports(paper: &Paper<'_>, outputs: &[(&Path, ReportFormat)]) -> Result<(), CliError> {
    check_templates(paper)?;
    let mut streams = Vec::new();
    let mut placed: Vec<(PathBuf, Vec<u8>)> = Vec::new();
    for (path, format) in outputs {
        // Beside a terminal or a pipe there is no room for charts.
        if is_stream(path) {
            streams.push((*path, report_text(paper, *format)?));
            continue;
        }
        placed.extend(report::files_at(paper, (*format).into(), path)?);
    }
    let files: Vec<(PathBuf, &[u8])> = placed.iter().map(|(path, bytes)| (path.clone(), &**bytes)).collect();
    write_files(&files)?;
    for (path, text) in streams {
        write_file(path, &text)?;
    }
    Ok(())
}

/// Refuses templates of the user's own that a report cannot be written by.
pub fn check_templates(paper: &Paper<'_>) -> Result<(), CliError> {
    paper.check_templates().map_err(|error| CliError::BadInput(error.to_string()))
}

/// A report in a format, as one text.
pub fn report_text(paper: &Paper<'_>, format: ReportFormat) -> Result<String, CliError> {
    check_templates(paper)?;
    Ok(match format {
        ReportFormat::Md => report::markdown(paper),
        ReportFormat::Html => report::html(paper),
        ReportFormat::Json => format!("{:#}\n", report::json(paper)),
        ReportFormat::Csv => report::csv(paper)?,
        ReportFormat::Xml => report::junit(paper),
    })
}
