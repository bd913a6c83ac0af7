//! What a report is made of beside its run, gathered from the library: words, templates, another run.

use crate::analysis::comparison::{CompareOptions, Comparison};
use crate::metrics::RunId;
use crate::report::{ReportTexts, TemplateName, Templates, TextsError};
use crate::store::{Library, OwnTemplates, StoreError};

use super::{CompareError, compare_kept};

/// Why the words or templates of a report cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReportingError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Texts(#[from] TextsError),
    #[error(transparent)]
    Compare(#[from] CompareError),
}

/// The user's own templates, with a note on each that was left out.
#[derive(Debug, Default)]
pub struct FoundTemplates {
    /// None where there are none.
    pub templates: Option<Templates>,
    pub notes: Vec<String>,
}

/// Another run, beside which a report puts its own.
#[derive(Clone, Debug)]
pub struct BesideRun {
    pub comparison: Comparison,
    pub identity: String,
}

/// The texts of a run's report: its own, else those it starts from.
pub fn report_texts_of(library: &Library, run_id: RunId) -> Result<ReportTexts, ReportingError> {
    let own = library.report_texts(run_id)?;
    let inherited = match own {
        Some(_) => None,
        None => library.inherited_report_texts(run_id)?,
    };
    let inherited = inherited.as_ref().map(|(of_run, texts)| (*of_run, texts.as_str()));
    Ok(ReportTexts::of_run(own.as_deref(), inherited)?)
}

/// The templates of a folder; there need not be one.
pub fn templates_in(folder: &OwnTemplates) -> Result<FoundTemplates, ReportingError> {
    let (mut templates, mut notes) = (Templates::default(), Vec::new());
    for template in folder.read()? {
        let path = template.path.display();
        match TemplateName::of_file(&template.file_name) {
            Ok(name) => templates.replace(name, &path.to_string(), &template.text),
            Err(problem) => notes.push(format!("{problem} It was left out: {path}")),
        }
    }
    Ok(FoundTemplates { templates: templates.digest().is_some().then_some(templates), notes })
}

/// A run beside another; none where it was given up.
pub fn beside_run(
    library: &Library,
    run_id: RunId,
    other: RunId,
    is_cancelled: &(dyn Fn() -> bool + Sync),
    on_read: &mut dyn FnMut(usize),
) -> Result<Option<BesideRun>, ReportingError> {
    let sides = [vec![other], vec![run_id]];
    let comparison = compare_kept(library, &sides, &CompareOptions::default(), is_cancelled, on_read)?;
    let Some(comparison) = comparison else { return Ok(None) };
    Ok(Some(BesideRun { comparison, identity: library.identity_of(other)? }))
}
