//! A report is made, and written, on a thread of its own; comparing with another run tells how far it is.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::asked::{MadeReport, ReportAsked};
use crate::{
    analysis::what_if::Projections,
    app::{
        compare::Progress,
        state::{LoadedRun, Outcome, Slot, State},
    },
    launch::{BesideRun, beside_run, projections_of, report_texts_of, templates_in},
    metrics::RunId,
    report::{self, Format, Paper, ReportTexts, Templates},
    store::{self, Library, OwnTemplates},
};

/// What a report is made from: an open run, and what was made before.
struct Material {
    asked: ReportAsked,
    run: Arc<LoadedRun>,
    beside: Option<Arc<BesideRun>>,
    library: PathBuf,
}

/// The same with all that is read from the library.
struct Gathered {
    texts: Arc<ReportTexts>,
    templates: Option<Templates>,
    beside: Option<Arc<BesideRun>>,
    projections: Projections,
    notes: Vec<String>,
}

impl State {
    /// Makes the report that is asked for, unless its run is not open.
    pub fn make_report(&mut self, asked: ReportAsked) {
        let Some(material) = self.material(&asked) else { return };
        let progress = self.report.begin(asked.clone());
        let ctx = self.jobs.ctx().clone();
        self.jobs.spawn(Slot::Report, move || {
            let made = material.make(&progress, &|| ctx.request_repaint());
            Outcome::ReportMade(Box::new(asked), made.map(|made| made.map(Box::new)))
        });
    }

    /// Takes the analyst's words over: they are kept at once, and the report is made anew with them.
    pub fn edit_report(&mut self, run_id: RunId, texts: ReportTexts) {
        self.keep_texts(run_id, &texts);
        let asked = ReportAsked { texts: Some(Arc::new(texts)), ..self.report.asked_of(run_id) };
        self.make_report(asked);
    }

    pub fn receive_report(&mut self, asked: &ReportAsked, outcome: Result<Option<Box<MadeReport>>, String>) {
        let Some(edited) = self.report.take(asked, outcome) else { return };
        // Once more, now that each of their numbers is known as the figure that it is.
        self.keep_texts(asked.run_id, &edited);
    }

    fn keep_texts(&mut self, run_id: RunId, texts: &ReportTexts) {
        let (slot, json) = (self.jobs.change_slot(), texts.to_json());
        self.jobs.on_library(slot, move |library| {
            Outcome::TextsKept(library.keep_report_texts(run_id, &json).map_err(|error| error.to_string()))
        });
    }

    /// Writes a run's report; the ending chooses the format.
    pub fn export_report(&mut self, run_id: RunId, path: PathBuf) {
        let asked = self.report.asked_of(run_id);
        let Some(material) = self.material(&asked) else {
            self.messages.fail(format!("Run {run_id} is not open; open its report, then export it."));
            return;
        };
        self.tour_hears_of_export(&asked, &path);
        self.jobs.spawn(Slot::Export, move || {
            let written = material.write(&path);
            Outcome::Exported(path, written)
        });
    }

    fn material(&self, asked: &ReportAsked) -> Option<Material> {
        Some(Material {
            asked: asked.clone(),
            run: Arc::clone(self.shelf.loaded(asked.run_id)?),
            beside: self.report.beside_for(asked),
            library: self.shelf.path().to_owned(),
        })
    }
}

impl Material {
    /// The report; none where it was given up.
    fn make(self, progress: &Progress, wake: &dyn Fn()) -> Result<Option<MadeReport>, String> {
        let precise = self.run.make_precise().map_err(|error| error.to_string())?;
        let Some(gathered) = self.gather(progress, wake)? else { return Ok(None) };
        let Gathered { texts, beside, notes, .. } = &gathered;
        let paper = gathered.paper(self.run.paper(precise));
        let problems: Vec<String> = texts.problems(&paper).iter().map(ToString::to_string).collect();
        // Texts that are only shown stay as they were kept, also those of an earlier run.
        let is_edited = self.asked.texts.is_some() && problems.is_empty();
        let kept =
            if is_edited { Arc::new(ReportTexts::clone(texts).kept_with(&paper)) } else { Arc::clone(texts) };
        let paper = Paper { texts: &kept, ..paper };
        Ok(Some(MadeReport {
            document: report::document(&paper),
            outdated: kept.outdated(&paper),
            strangers: kept.strangers(),
            problems,
            notes: notes.clone(),
            beside: beside.clone(),
            texts: Arc::clone(&kept),
            asked: self.asked,
        }))
    }

    fn write(self, path: &Path) -> Result<(), String> {
        let precise = self.run.make_precise().map_err(|error| error.to_string())?;
        let Some(gathered) = self.gather(&Progress::new(0), &|| {})? else { return Ok(()) };
        let paper = gathered.paper(self.run.paper(precise));
        paper.check_templates().map_err(|error| error.to_string())?;
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let format = Format::of_ending(ending).ok_or_else(|| {
            let endings = Format::ALL.map(|format| format!(".{}", format.ending())).join(", ");
            format!("a report's file ends in one of {endings}; this one does not: {}", path.display())
        })?;
        let files = report::files_at(&paper, format, path).map_err(|error| error.to_string())?;
        let placed: Vec<(PathBuf, &[u8])> =
            files.iter().map(|(place, bytes)| (place.clone(), &**bytes)).collect();
        store::write_files(&placed).map_err(|error| error.to_string())
    }

    /// Reads what the report needs beside its run; none where that was given up.
    fn gather(&self, progress: &Progress, wake: &dyn Fn()) -> Result<Option<Gathered>, String> {
        let library = Library::open(&self.library).map_err(|error| error.to_string())?;
        let mut notes = Vec::new();
        let texts = match &self.asked.texts {
            Some(texts) => Arc::clone(texts),
            None => Arc::new(report_texts_of(&library, self.asked.run_id).unwrap_or_else(|error| {
                // Words that cannot be read must not keep anyone from the numbers.
                notes.push(error.to_string());
                ReportTexts::default()
            })),
        };
        let templates = match templates_in(&OwnTemplates::beside(library.path())) {
            Ok(found) => {
                notes.extend(found.notes);
                found.templates
            }
            Err(error) => {
                notes.push(error.to_string());
                None
            }
        };
        let beside = match (self.asked.against, &self.beside) {
            (None, _) => None,
            (Some(_), Some(beside)) => Some(Arc::clone(beside)),
            (Some(other), None) => match self.compare(&library, other, progress, wake)? {
                Some(beside) => Some(Arc::new(beside)),
                None => return Ok(None),
            },
        };
        let projections = self.projections(&library)?;
        Ok(Some(Gathered { texts, templates, beside, projections, notes }))
    }

    /// Those of the run, and earlier ones beside what it measured.
    fn projections(&self, library: &Library) -> Result<Projections, String> {
        let kept = projections_of(library, self.asked.run_id).map_err(|error| error.to_string())?;
        if kept.is_empty() {
            return Ok(Projections::default());
        }
        let precise = self.run.make_precise().map_err(|error| error.to_string())?;
        kept.beside(&self.run.kept(), &precise.summary).map_err(|error| error.to_string())
    }

    fn compare(
        &self,
        library: &Library,
        other: RunId,
        progress: &Progress,
        wake: &dyn Fn(),
    ) -> Result<Option<BesideRun>, String> {
        let mut on_read = |n_read| {
            progress.set_read(n_read);
            wake();
        };
        beside_run(library, self.asked.run_id, other, &|| progress.is_cancelled(), &mut on_read)
            .map_err(|error| error.to_string())
    }
}

impl Gathered {
    fn paper<'a>(&'a self, paper: Paper<'a>) -> Paper<'a> {
        let paper = Paper {
            templates: self.templates.as_ref(),
            projections: Some(&self.projections),
            ..paper.with_texts(&self.texts)
        };
        match &self.beside {
            Some(beside) => paper.beside(&beside.comparison, &beside.identity),
            None => paper,
        }
    }
}
