//! A kept run with what it comes to: what every command that tells of one run rests on.

use crate::analysis::{Diagnosis, Summary, summarize_precisely};
use crate::metrics::{RunId, RunRecord};
use crate::report::{self, Paper, ReportTexts, Templates};
use crate::store::Library;

use super::{args::ReportFormat, exit::CliError, out::complain, report::templates, report_texts::texts_of};

/// A kept run with what it comes to.
pub struct SummedUp {
    pub record: RunRecord,
    pub summary: Summary,
    pub diagnosis: Diagnosis,
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
        // Words that cannot be read must not keep anyone from the numbers.
        let texts = texts_of(library, run_id).unwrap_or_else(|error| {
            complain(&format!("Note: {error}"));
            ReportTexts::default()
        });
        let templates = templates(library, None).unwrap_or_else(|error| {
            complain(&format!("Note: {error}"));
            None
        });
        Ok(Self { record: run.record, summary, diagnosis, texts, templates })
    }

    /// What a report of it is made of.
    pub fn paper(&self) -> Paper<'_> {
        let paper = Paper::new(&self.record, &self.summary, &self.diagnosis).with_texts(&self.texts);
        Paper { templates: self.templates.as_ref(), ..paper }
    }
}

/// A report in a format.
pub fn report_text(paper: &Paper<'_>, format: ReportFormat) -> Result<String, CliError> {
    if let Some(templates) = paper.templates {
        templates.check(paper).map_err(|error| CliError::BadInput(error.to_string()))?;
    }
    Ok(match format {
        ReportFormat::Md => report::markdown(paper),
        ReportFormat::Json => format!("{:#}\n", report::json(paper)),
        ReportFormat::Csv => report::csv(paper)?,
        ReportFormat::Xml => report::junit(paper),
    })
}
