//! A comparison is made on a thread with a library of its own, tells how far it is, and can be given up.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use super::{Asked, Compared, StepMatching};
use crate::{
    analysis::comparison::CompareOptions,
    app::{
        command::View,
        state::{Outcome, Slot, State},
    },
    launch::compare_kept,
    metrics::RunId,
    report,
    store::{self, Library},
};

/// How far work on kept runs is.
#[derive(Debug)]
pub struct Progress {
    pub n_runs: usize,
    n_read: AtomicUsize,
    is_cancelled: AtomicBool,
}

impl Progress {
    pub fn new(n_runs: usize) -> Self {
        Self { n_runs, n_read: AtomicUsize::new(0), is_cancelled: AtomicBool::new(false) }
    }

    pub fn n_read(&self) -> usize {
        self.n_read.load(Ordering::Relaxed)
    }

    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }

    pub fn set_read(&self, n_read: usize) {
        self.n_read.store(n_read, Ordering::Relaxed);
    }

    pub fn is_cancelled(&self) -> bool {
        self.is_cancelled.load(Ordering::Relaxed)
    }
}

impl State {
    /// Compares single runs, the baseline first.
    pub fn compare_runs(&mut self, runs: &[RunId]) {
        self.view = View::Compare;
        self.compare_as(self.compare.asked().of_runs(runs));
    }

    /// Compares as asked; what is under way is given up.
    pub fn compare_as(&mut self, asked: Asked) {
        let Some(progress) = self.compare.begin(asked.clone()) else { return };
        let scenario = |side: &Vec<RunId>| {
            let listing = side.first().and_then(|run_id| self.shelf.listing(*run_id));
            listing.map(|listing| listing.scenario_name.clone()).unwrap_or_default()
        };
        let scenarios: Vec<String> = asked.sides.iter().map(scenario).collect();
        let (path, ctx) = (self.shelf.path().to_owned(), self.jobs.ctx().clone());
        self.jobs.spawn(Slot::Compare, move || {
            let compared = compared(&path, &asked, &scenarios, &progress, &|| ctx.request_repaint());
            Outcome::Compared(Box::new(asked), compared)
        });
    }

    /// Keeps which steps belong together; the comparison starts anew when that is done.
    pub fn match_steps(&mut self, matching: StepMatching) {
        let slot = self.jobs.change_slot();
        self.jobs.on_library(slot, move |library| {
            let StepMatching { baseline, candidate, matches } = &matching;
            let kept = library.keep_step_matches(baseline, candidate, matches);
            Outcome::StepsMatched(kept.map_err(|error| error.to_string()))
        });
    }

    pub fn receive_matches(&mut self, kept: Result<(), String>) {
        match kept {
            Ok(()) => self.compare_as(self.compare.asked().clone()),
            Err(error) => self.messages.fail(format!("Which steps belong together was not kept: {error}")),
        }
    }

    /// Writes the comparison on the screen; the ending chooses the format.
    pub fn export_comparison(&mut self, path: PathBuf) {
        let Some(compared) = self.compare.shown() else {
            self.messages.fail("Nothing was exported: there is no comparison on the screen.");
            return;
        };
        let comparison = compared.comparison.clone();
        self.jobs.spawn(Slot::Export, move || {
            let is_json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
            let text = match is_json {
                true => format!("{:#}\n", report::comparison_json(&comparison)),
                false => report::comparison_markdown(&comparison),
            };
            let result = store::write_file(&path, &text).map_err(|error| error.to_string());
            Outcome::Exported(path, result)
        });
    }
}

/// Reads and compares; none where it was given up.
fn compared(
    library: &Path,
    asked: &Asked,
    scenarios: &[String],
    progress: &Progress,
    wake: &dyn Fn(),
) -> Result<Option<Box<Compared>>, String> {
    let library = Library::open(library).map_err(|error| error.to_string())?;
    let by_hand = scenarios[1..].iter().map(|candidate| library.step_matches(&scenarios[0], candidate));
    let options = CompareOptions {
        alignment: asked.alignment,
        smallest_relevant: asked.smallest_relevant,
        by_hand: by_hand.collect::<Result<_, _>>().map_err(|error| error.to_string())?,
        ..CompareOptions::default()
    };
    let mut on_read = |n_read| {
        progress.set_read(n_read);
        wake();
    };
    let comparison =
        compare_kept(&library, &asked.sides, &options, &|| progress.is_cancelled(), &mut on_read)
            .map_err(|error| error.to_string())?;
    Ok(comparison.map(|comparison| Box::new(Compared::new(asked.clone(), Arc::new(comparison)))))
}
