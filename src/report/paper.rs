//! What a report is made of: a run with all that was found in it, what the analyst wrote, and what is asked for.

use crate::analysis::{Diagnosis, Summary, comparison::Comparison, what_if::Projections};
use crate::metrics::RunRecord;

use super::{Against, ReportOptions, ReportTexts, TemplateError, Templates};

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
    /// What names the other run of the comparison.
    pub against: Option<Against>,
    /// What the analyst wrote.
    pub texts: &'a ReportTexts,
    /// The user's own templates, where there are any.
    pub templates: Option<&'a Templates>,
    pub options: ReportOptions,
    /// The version of the program that says it wrote the report: this one, unless an older report is made again.
    pub program: &'a str,
}

impl<'a> Paper<'a> {
    /// The full report of a run, beside no other and without words of an analyst.
    pub fn new(record: &'a RunRecord, summary: &'a Summary, diagnosis: &'a Diagnosis) -> Self {
        Self {
            record,
            summary,
            diagnosis,
            comparison: None,
            projections: None,
            against: None,
            texts: ReportTexts::EMPTY,
            templates: None,
            options: ReportOptions::default(),
            program: env!("CARGO_PKG_VERSION"),
        }
    }

    /// Refuses templates of the user's own that a report cannot be written by.
    ///
    /// # Errors
    /// What is wrong with the first of them.
    pub fn check_templates(&self) -> Result<(), TemplateError> {
        self.templates.map_or(Ok(()), |templates| templates.check(self))
    }

    /// The same with the analyst's words, in the variant and without the sections that they choose.
    pub fn with_texts(self, texts: &'a ReportTexts) -> Self {
        Self { texts, options: texts.options(), ..self }
    }

    /// The same beside another run, which has this identity.
    pub fn beside(self, comparison: &'a Comparison, identity: &str) -> Self {
        let run = comparison.baseline().run_ids.first().copied();
        let against = run.map(|run| Against { run, identity: identity.to_owned() });
        Self { comparison: Some(comparison), against, ..self }
    }
}
