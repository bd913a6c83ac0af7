//! Starting a search, as a run is started.

use std::{path::Path, sync::Arc};

use egui::Context;

use super::SearchForm;
use crate::{
    app::{
        command::{Command, View},
        shell::Dialog,
        state::{Outcome, RunState, Slot, State},
    },
    launch::{Launch, LiveSearch, search},
    metrics::{LookBack, RunLabels},
    model::{Scenario, SearchOptions},
};

impl State {
    /// Opens the dialog for the open scenario.
    pub fn ask_search(&mut self) {
        if let Some(reason) = self.search_refusal() {
            self.messages.fail(format!("No search was started. {reason}"));
            return;
        }
        if let Some(scenario) = self.bench.scenario() {
            self.dialog = Some(Dialog::Search(Box::new(SearchForm::of(scenario))));
        }
    }

    fn search_refusal(&self) -> Option<String> {
        if self.run_state.is_busy() {
            return Some("A run is under way; start the search when it has ended.".to_owned());
        }
        self.refusal(&Command::StartRun)
    }

    /// Starts a search off the frame.
    pub fn start_search(&mut self, ctx: &Context, options: SearchOptions) {
        if let Some(reason) = self.search_refusal() {
            self.messages.fail(format!("No search was started. {reason}"));
            return;
        }
        let Some(scenario) = self.bench.scenario() else { return };
        let scenario = Arc::new(Scenario { search: Some(options), ..Scenario::clone(scenario) });
        self.view = View::Run;
        let files_root = self.bench.path().and_then(|path| path.parent()).map(Path::to_owned);
        self.run_state = RunState::Starting(Arc::clone(&scenario));
        let (ctx, library) = (ctx.clone(), self.shelf.path().to_owned());
        let pace = Arc::clone(self.pacer.pace());
        let sandbox = self.sandbox.base_url().map(str::to_owned);
        self.jobs.spawn(Slot::Launch, move || {
            let launched = search(Launch {
                scenario: (*scenario).clone(),
                files_root,
                time_scale: 1.0,
                n_workers: None,
                labels: RunLabels::new(),
                sandbox,
                library: &library,
                look_back: LookBack::All,
                wake: Box::new(move || ctx.request_repaint_after(pace.wait())),
            });
            Outcome::SearchLaunched(launched.map(Box::new).map_err(|error| error.to_string()))
        });
    }

    pub fn receive_search(&mut self, launched: Result<Box<LiveSearch>, String>) {
        let search = launched.as_ref().ok().map(|search| LiveSearch::clone(search));
        self.receive_launch(launched.map(|search| search.run().clone()));
        if let (RunState::Live(live), Some(search)) = (&mut self.run_state, search) {
            live.follow(search);
        }
    }
}
