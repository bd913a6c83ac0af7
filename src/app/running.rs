//! Starts runs off the frame: those of the open scenario, of the queue and of the tour alike.

use std::{path::PathBuf, sync::Arc};

use egui::Context;

use super::state::{Outcome, RunState, Slot, State};
use crate::{
    launch::{Launch, launch},
    metrics::{LookBack, RunLabels},
    model::Scenario,
};

/// What is to be run.
pub struct RunAsked {
    pub scenario: Arc<Scenario>,
    pub files_root: Option<PathBuf>,
    pub labels: RunLabels,
    /// By which all durations of the load are multiplied.
    pub time_scale: f64,
}

impl State {
    /// Starts a run off the frame; on the window's own sandbox, where it asks for a plain one and one is up.
    pub fn launch_run(&mut self, ctx: &Context, asked: RunAsked) {
        let RunAsked { scenario, files_root, labels, time_scale } = asked;
        self.run_state = RunState::Starting(Arc::clone(&scenario));
        let (ctx, library) = (ctx.clone(), self.shelf.path().to_owned());
        let pace = Arc::clone(self.pacer.pace());
        let sandbox = self.sandbox.base_url().map(str::to_owned);
        self.jobs.spawn(Slot::Launch, move || {
            let launched = launch(Launch {
                scenario: (*scenario).clone(),
                files_root,
                time_scale,
                n_workers: None,
                labels,
                sandbox,
                library: &library,
                look_back: LookBack::All,
                wake: Box::new(move || ctx.request_repaint_after(pace.wait())),
            });
            Outcome::Launched(launched.map_err(|error| error.to_string()))
        });
    }

    /// Why no run can be kept now; none where one can.
    pub fn keeping_refusal(&self) -> Option<String> {
        if self.machine.measuring().is_some() {
            return Some("This machine is being calibrated; that takes 16 seconds".to_owned());
        }
        let unusable = "The run library cannot be opened, so a run could not be kept";
        (!self.shelf.is_usable()).then(|| unusable.to_owned())
    }
}
