//! A report is made, and written, on a thread of its own; comparing with another run tells how far it is.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::asked::{MadeReport, ReportAsked};
use crate::{
    analysis::comparison::{CompareOptions, Comparison},
    app::{
        compare::Progress,
        state::{LoadedRun, Outcome, Precise, Slot, State},
    },
    launch::compare_kept,
    metrics::RunId,
    report::{self, Paper},
    store::{self, Library},
};

/// What a report is made from: an open run, and a comparison that was made before.
#[derive(Clone)]
struct Material {
    asked: ReportAsked,
    run: Arc<LoadedRun>,
    comparison: Option<Arc<Comparison>>,
    library: PathBuf,
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

    /// Writes a run's report; the ending chooses the format.
    pub fn export_report(&mut self, run_id: RunId, path: PathBuf) {
        let asked = self.report.asked_of(run_id);
        let Some(material) = self.material(&asked) else {
            self.messages.fail(format!("Run {run_id} is not open; open its report, then export it."));
            return;
        };
        self.jobs.spawn(Slot::Export, move || {
            let written = material.write(&path);
            Outcome::Exported(path, written)
        });
    }

    fn material(&self, asked: &ReportAsked) -> Option<Material> {
        Some(Material {
            asked: asked.clone(),
            run: Arc::clone(self.shelf.loaded(asked.run_id)?),
            comparison: self.report.comparison_for(asked),
            library: self.shelf.path().to_owned(),
        })
    }
}

impl Material {
    /// The document; none where it was given up.
    fn make(self, progress: &Progress, wake: &dyn Fn()) -> Result<Option<MadeReport>, String> {
        let precise = self.run.make_precise().map_err(|error| error.to_string())?;
        let Some(comparison) = self.compared(progress, wake)? else { return Ok(None) };
        let document = report::document(&self.paper(precise, comparison.as_deref()));
        Ok(Some(MadeReport { document, comparison, asked: self.asked }))
    }

    fn write(self, path: &Path) -> Result<(), String> {
        let precise = self.run.make_precise().map_err(|error| error.to_string())?;
        let comparison = self.compared(&Progress::new(0), &|| {})?.flatten();
        let paper = self.paper(precise, comparison.as_deref());
        let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        let text = match is_json {
            true => format!("{:#}\n", report::json(&paper)),
            false => report::markdown(&paper),
        };
        store::write_file(path, &text).map_err(|error| error.to_string())
    }

    fn paper<'a>(&'a self, precise: &'a Precise, comparison: Option<&'a Comparison>) -> Paper<'a> {
        Paper { comparison, options: self.asked.options.clone(), ..self.run.paper(precise) }
    }

    /// The comparison that is asked for, if one is; the outer none where it was given up.
    #[expect(clippy::option_option, reason = "given up, not asked for, and made are three things")]
    fn compared(
        &self,
        progress: &Progress,
        wake: &dyn Fn(),
    ) -> Result<Option<Option<Arc<Comparison>>>, String> {
        let Some(against) = self.asked.against else { return Ok(Some(None)) };
        if let Some(comparison) = &self.comparison {
            return Ok(Some(Some(Arc::clone(comparison))));
        }
        let library = Library::open(&self.library).map_err(|error| error.to_string())?;
        let sides = [vec![against], vec![self.asked.run_id]];
        let mut on_read = |n_read| {
            progress.set_read(n_read);
            wake();
        };
        let is_cancelled = || progress.is_cancelled();
        let comparison =
            compare_kept(&library, &sides, &CompareOptions::default(), &is_cancelled, &mut on_read)
                .map_err(|error| error.to_string())?;
        Ok(comparison.map(|comparison| Some(Arc::new(comparison))))
    }
}
