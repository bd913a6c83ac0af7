//! What the last run of the open scenario tells of the target, for estimates that say where they come from.

use std::time::Duration;

use super::Desk;
use crate::{
    analysis::{Experience, MeanIteration},
    app::command::{Command, Commands},
    humanize,
    metrics::Finish,
    model::{LoadModel, Scenario},
};

/// Assumed of the answers of one iteration together while nothing is known.
const ASSUMED: Duration = Duration::from_secs(1);

/// What is known of the target.
#[derive(Clone, Debug)]
pub enum LastRun {
    None,
    /// It is being read.
    Loading,
    Known {
        experience: Experience,
        /// Which run it was, in words.
        name: String,
    },
}

impl LastRun {
    /// Of the newest kept run of the scenario that has results; asks for it where it is not read yet.
    pub fn of(desk: &Desk<'_>, scenario: &Scenario, commands: &mut Commands) -> Self {
        let is_fit = |finish: Finish| finish != Finish::Running;
        let mut runs = desk.shelf.listings().iter().filter(|listing| {
            listing.scenario_name == scenario.name && listing.n_seconds > 0 && is_fit(listing.finish)
        });
        let Some(listing) = runs.next() else { return Self::None };
        let run_id = listing.run_id;
        let Some(run) = desk.shelf.loaded(run_id) else {
            if desk.shelf.trouble(run_id).is_some() {
                return Self::None;
            }
            commands.push(Command::LoadRun(run_id));
            return Self::Loading;
        };
        let name = format!("run {run_id}, {}", humanize::moment(listing.started_at_unix_millis));
        Experience::of(&run.summary).map_or(Self::None, |experience| Self::Known { experience, name })
    }

    pub fn experience(&self) -> Option<&Experience> {
        match self {
            Self::Known { experience, .. } => Some(experience),
            Self::None | Self::Loading => None,
        }
    }

    /// One iteration as the run measured it.
    pub fn iteration(&self, scenario: &Scenario) -> Option<MeanIteration> {
        MeanIteration::of(scenario, self.experience()?.service_time)
    }

    /// How long an iteration takes for converting between the models, and where that comes from.
    pub fn iteration_time(&self, scenario: &Scenario) -> (Duration, String) {
        if let (Self::Known { name, .. }, Some(iteration)) = (self, self.iteration(scenario))
            && !iteration.duration.is_zero()
        {
            return (iteration.duration, format!("think time and answers as in {name}"));
        }
        let pauses = MeanIteration::of(scenario, Duration::ZERO).map(|iteration| iteration.duration);
        (pauses.unwrap_or_default() + ASSUMED, "think time and an assumed 1 s for all answers".to_owned())
    }
}

/// The level at which this machine is known to make no more requests; none where it cannot be told.
pub fn ceiling(desk: &Desk<'_>, scenario: &Scenario, last_run: &LastRun) -> Option<f64> {
    let per_sec = desk.machine.requests_per_sec(scenario)?;
    let known = last_run.iteration(scenario);
    let is_open = scenario.load.model != LoadModel::Closed;
    // Without a run, users are known by their pauses alone, and not at all where they make none.
    let iteration = known.or_else(|| MeanIteration::of(scenario, Duration::ZERO))?;
    iteration.level_of(per_sec, is_open)
}
