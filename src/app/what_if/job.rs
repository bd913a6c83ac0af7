//! A projection is worked out on a thread of its own, and kept by the librarian.

use std::sync::Arc;

use super::{Keeping, WhatIfAsked, WhatIfView, Work};
use crate::{
    analysis::what_if::{Base, Projection, project},
    app::{
        shell::Dialog,
        state::{LoadedRun, Outcome, Slot, State},
    },
    launch,
    metrics::RunId,
};

impl State {
    /// Opens the dialog for a run that is open.
    pub fn ask_what_if(&mut self, run_id: RunId) {
        if let Some(run) = self.shelf.loaded(run_id) {
            self.dialog = Some(Dialog::WhatIf(Box::new(WhatIfView::new(run))));
        }
    }

    /// Works out what is asked.
    pub fn project(&mut self, asked: WhatIfAsked) {
        let Some(run) = self.shelf.loaded(asked.run_id).map(Arc::clone) else { return };
        if let Some(Dialog::WhatIf(view)) = &mut self.dialog {
            view.work = Work::UnderWay(Box::new(asked.clone()));
        }
        self.jobs.spawn(Slot::WhatIf, move || {
            let projected = projected(&run, &asked);
            Outcome::Projected(Box::new(asked), projected.map(Box::new))
        });
    }

    pub fn receive_projection(&mut self, asked: &WhatIfAsked, outcome: Result<Box<Projection>, String>) {
        if let Some(Dialog::WhatIf(view)) = &mut self.dialog {
            view.take(asked, outcome);
        }
    }

    /// Keeps a projection with its run.
    pub fn keep_projection(&mut self, projection: Arc<Projection>) {
        let run_id = projection.run_id;
        if let Some(Dialog::WhatIf(view)) = &mut self.dialog {
            view.note_keeping(Keeping::UnderWay);
        }
        let slot = self.jobs.change_slot();
        self.jobs.on_library(slot, move |library| {
            let kept = launch::keep_projection(library, &projection).map(drop);
            Outcome::ProjectionKept(run_id, kept.map_err(|error| error.to_string()))
        });
    }

    pub fn receive_kept_projection(&mut self, run_id: RunId, kept: Result<(), String>) {
        let now = if kept.is_ok() { Keeping::Kept } else { Keeping::Not };
        if let Some(Dialog::WhatIf(view)) = &mut self.dialog {
            view.note_keeping(now);
        }
        match kept {
            Ok(()) => {
                self.messages.ok(format!("The projection is kept with run {run_id}"));
                self.report.renew(run_id);
            }
            Err(error) => self.messages.fail(format!("The projection was not kept: {error}")),
        }
    }
}

fn projected(run: &LoadedRun, asked: &WhatIfAsked) -> Result<Projection, String> {
    let precise = run.make_precise().map_err(|error| error.to_string())?;
    let base = Base::new(&run.kept(), &precise.summary, &asked.subject).map_err(|error| error.to_string())?;
    Ok(project(&base, &asked.change, &asked.queue))
}
