//! What the tour does in the window: each act is a command that is there without it, too.

use std::{path::Path, sync::Arc};

use egui::Context;

use super::{
    Optimisation, PRESET, Projected, ProjectionsKept, Shown, TOUR_SETTING, Tour, TourAct, TourCommand,
    TourStep, TourView,
    projection::project_optimisation,
    road::{Facts, RunFact, SandboxFact},
};
use crate::{
    app::{
        command::{Command, View},
        report::ReportAsked,
        running::RunAsked,
        sandbox_panel::SandboxCommand,
        state::{Outcome, Slot, State},
    },
    metrics::{Finish, RunId, RunLabels},
    model::parse_scenario,
    sandbox::{SandboxChange, Switches},
    store,
};

impl TourView {
    /// The tour of the last visit; the error says why it did not come back.
    pub fn restored(kept: Option<String>) -> (Self, Option<String>) {
        match kept.map(|text| Tour::read(&text)) {
            None => (Self::default(), None),
            Some(Ok(tour)) => (Self::of(tour), None),
            Some(Err(error)) => (Self::default(), Some(error)),
        }
    }
}

impl State {
    pub fn obey_tour(&mut self, ctx: &Context, command: TourCommand) {
        let view = &mut self.tour;
        match command {
            TourCommand::Show => (view.tour.shown, view.is_folded) = (Shown::Now, false),
            TourCommand::Leave => {
                view.tour.shown = Shown::Left;
                self.messages.info("The tour waits where you left it: Settings, or the command palette");
            }
            TourCommand::Restart => view.tour.restart(),
            TourCommand::ChoosePace(pace) => view.tour.pace = pace,
            TourCommand::Choose(optimisation) => view.chosen = optimisation,
            TourCommand::Fold => view.is_folded = !view.is_folded,
            TourCommand::Act(act) => self.act(ctx, act),
        }
        self.keep_tour();
    }

    fn act(&mut self, ctx: &Context, act: TourAct) {
        let (first, second) = (self.tour.tour.first, self.tour.tour.second);
        match act {
            TourAct::StartSandbox => self.start_plain_sandbox(),
            TourAct::SwitchAllOff => self.switch_to(&[]),
            TourAct::Run => self.run_for_tour(ctx),
            TourAct::WatchRun => {
                self.run.shown = None;
                self.view = View::Run;
            }
            TourAct::ReadFindings => {
                if let Some(run_id) = first {
                    self.obey(ctx, Command::OpenRun(run_id));
                    self.run.show_meaning();
                }
            }
            TourAct::SwitchOn => {
                let chosen = self.tour.chosen;
                self.tour.tour.tried = Some(chosen);
                self.tour.tour.projected = Projected::NotAsked;
                self.switch_to(&[chosen]);
            }
            TourAct::Compare => {
                self.obey(ctx, Command::Compare(first.into_iter().chain(second).collect()));
            }
            TourAct::OpenReport => {
                if let Some(run_id) = second {
                    self.report.propose(ReportAsked { against: first, ..ReportAsked::of(run_id) });
                    self.obey(ctx, Command::ShowReport(run_id));
                }
            }
            TourAct::TryAnother => {
                self.tour.tour.try_another();
                let others = Optimisation::ALL.into_iter().filter(|other| *other != self.tour.chosen);
                self.tour.chosen = others.into_iter().next().unwrap_or(self.tour.chosen);
            }
        }
    }

    fn switch_to(&mut self, on: &[Optimisation]) {
        let switches = Switches {
            cache_manager: on.contains(&Optimisation::CacheManager),
            query_optimizer: on.contains(&Optimisation::QueryOptimizer),
            payload_optimizer: on.contains(&Optimisation::PayloadOptimizer),
        };
        let change = SandboxChange { switches: switches.into(), ..SandboxChange::default() };
        self.obey_sandbox(SandboxCommand::Change(change));
    }

    /// Runs the preset at the tour's pace. It is opened too, unless that would throw edits away.
    fn run_for_tour(&mut self, ctx: &Context) {
        if let Some(reason) = self.keeping_refusal() {
            self.messages.fail(format!("The run did not start. {reason}"));
            return;
        }
        let Some(preset) = store::preset(PRESET) else { return };
        let scenario = match parse_scenario(preset.text) {
            Ok((scenario, _)) => scenario,
            Err(_) => return self.messages.fail(format!("The preset {PRESET} cannot be read.")),
        };
        if !self.bench.is_dirty() && self.bench.scenario().is_none_or(|open| **open != scenario) {
            self.open_preset(PRESET);
        }
        self.tour.launching = self.tour.tour.next(&self.tour.facts);
        self.view = View::Run;
        self.run.shown = None;
        self.launch_run(
            ctx,
            RunAsked {
                scenario: Arc::new(scenario),
                files_root: None,
                labels: RunLabels::new(),
                time_scale: self.tour.tour.pace.time_scale(),
            },
        );
    }

    /// Takes in that a run began; none where it did not.
    pub fn tour_hears_of_launch(&mut self, run_id: Option<RunId>) {
        let Some(step) = self.tour.launching.take() else { return };
        if let Some(run_id) = run_id {
            self.tour.tour.run_began(step, run_id);
            self.keep_tour();
        }
    }

    /// Remembers that the tour's report is being written.
    pub fn tour_hears_of_export(&mut self, asked: &ReportAsked, path: &Path) {
        let tour = &self.tour.tour;
        let is_it = tour.second == Some(asked.run_id) && tour.first.is_some() && asked.against == tour.first;
        self.tour.exporting = is_it.then(|| path.to_owned());
    }

    /// Takes in that a file was written.
    pub fn tour_hears_of_file(&mut self, path: &Path) {
        if self.tour.exporting.as_deref() != Some(path) {
            return;
        }
        self.tour.exporting = None;
        let place = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.tour.tour.report_written(place);
        self.keep_tour();
    }

    /// Looks at what happened, and has the projection made where it is due.
    pub fn follow_tour(&mut self) {
        if !self.tour.tour.is_shown() {
            return;
        }
        self.tour.facts = self.tour_facts();
        let TourView { tour, facts, .. } = &mut self.tour;
        if tour.observe(facts) {
            self.keep_tour();
        }
        self.project_for_tour();
    }

    /// Projects the optimisation before the second run begins.
    fn project_for_tour(&mut self) {
        let TourView { tour, facts, .. } = &mut self.tour;
        let has_model = |tried: &Optimisation| *tried != Optimisation::PayloadOptimizer;
        let Some(tried) = tour.tried.filter(has_model) else { return };
        let is_due = tour.projected == Projected::NotAsked
            && tour.next(facts) == Some(TourStep::SecondRun)
            && tour.second.is_none();
        let Some(run_id) = tour.first.filter(|_| is_due) else { return };
        let Some(run) = self.shelf.loaded(run_id).map(Arc::clone) else {
            match self.shelf.trouble(run_id) {
                Some(trouble) => tour.projected = Projected::Refused(trouble.to_owned()),
                None => self.shelf.load(&mut self.jobs, run_id),
            }
            return;
        };
        tour.projected = Projected::UnderWay;
        let library = self.shelf.path().to_owned();
        self.jobs.spawn(Slot::TourProjection, move || {
            Outcome::TourProjected(run_id, project_optimisation(tried, &run, &library))
        });
    }

    pub fn receive_tour_projection(&mut self, run_id: RunId, projected: Result<ProjectionsKept, String>) {
        let tour = &mut self.tour.tour;
        // The analyst may have begun anew meanwhile.
        if tour.first != Some(run_id) || tour.projected != Projected::UnderWay {
            return;
        }
        tour.projected = match projected {
            Ok(kept) => Projected::Kept { n_kept: kept.n_kept, sentence: kept.sentence },
            Err(reason) => Projected::Refused(reason),
        };
        self.report.renew(run_id);
        self.keep_tour();
    }

    fn keep_tour(&mut self) {
        self.jobs.keep_setting(TOUR_SETTING, self.tour.tour.text());
    }

    fn tour_facts(&self) -> Facts {
        let TourView { tour, .. } = &self.tour;
        let sandbox = match self.sandbox.standing() {
            None if self.sandbox.is_starting() => SandboxFact::Starting,
            None => SandboxFact::Down,
            Some(up) => match up.state() {
                None => SandboxFact::Unknown,
                Some(state) => SandboxFact::Up(switched_on(&state.switches)),
            },
        };
        let shown = self.run.shown.filter(|run_id| {
            let is_read = self.shelf.loaded(*run_id).is_some_and(|run| run.precise().is_some());
            self.view == View::Run && self.run.is_meaning_shown() && is_read
        });
        let compared = self.compare.shown().filter(|_| self.view == View::Compare);
        let compared = compared.and_then(|compared| match compared.asked.sides.as_slice() {
            [baseline, candidate] => Some((*baseline.first()?, *candidate.first()?)),
            _ => None,
        });
        Facts {
            sandbox,
            first: self.run_fact(tour.first),
            second: self.run_fact(tour.second),
            is_busy: self.run_state.is_busy(),
            meaning_of: shown,
            compared,
        }
    }

    fn run_fact(&self, run_id: Option<RunId>) -> RunFact {
        let Some(run_id) = run_id else { return RunFact::Unknown };
        if self.run_state.live().is_some_and(|live| live.now.run_id == run_id) {
            return RunFact::UnderWay;
        }
        match self.shelf.listing(run_id) {
            Some(listing) if listing.finish == Finish::Running => RunFact::UnderWay,
            Some(listing) => RunFact::Kept {
                is_whole: listing.finish == Finish::Completed,
                switched_on: labelled_on(&listing.labels),
            },
            // What began a moment ago is not listed yet.
            None if self.shelf.is_listed() && !self.jobs.is_under_way(&Slot::Listings) => RunFact::Gone,
            None => RunFact::Unknown,
        }
    }
}

/// What the labels of a run say was on; none where they do not say it of all three.
fn labelled_on(labels: &RunLabels) -> Option<Vec<Optimisation>> {
    let mut on = Vec::new();
    for optimisation in Optimisation::ALL {
        if labels.get(optimisation.label())? == "on" {
            on.push(optimisation);
        }
    }
    Some(on)
}

fn switched_on(switches: &Switches) -> Vec<Optimisation> {
    let is_on = |optimisation: &Optimisation| match optimisation {
        Optimisation::CacheManager => switches.cache_manager,
        Optimisation::QueryOptimizer => switches.query_optimizer,
        Optimisation::PayloadOptimizer => switches.payload_optimizer,
    };
    Optimisation::ALL.into_iter().filter(is_on).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_say_what_was_on_or_that_they_do_not_know() {
        let mut labels: RunLabels =
            Optimisation::ALL.iter().map(|one| (one.label().to_owned(), "off".to_owned())).collect();
        assert_eq!(labelled_on(&labels), Some(Vec::new()));
        labels.insert("query_optimizer".to_owned(), "on".to_owned());
        assert_eq!(labelled_on(&labels), Some(vec![Optimisation::QueryOptimizer]));
        labels.remove("cache_manager");
        assert_eq!(labelled_on(&labels), None);
    }
}
