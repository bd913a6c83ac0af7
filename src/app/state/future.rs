//! What the run under way can still take over from the load profile that is open.

use std::time::Duration;

use super::{RunState, Workbench};
use crate::{
    engine::{EngineError, open_files_short},
    humanize,
    model::{LoadProfile, Plan, PlanChange, PlanChangeKind, Stage},
};

/// The stages of a profile that are to follow the present stage of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Future {
    pub stages: Vec<Stage>,
    /// When the present stage ends, unless the run is paused.
    from: Option<Duration>,
}

impl Future {
    /// What comes in `profile` after the stage that `plan` is in at a time; the error says why that is of no use.
    pub fn of(profile: &LoadProfile, plan: &Plan, at: Duration) -> Result<Self, String> {
        if profile.model.is_open() != plan.is_open() {
            let model = if plan.is_open() { "open" } else { "closed" };
            return Err(format!(
                "The run goes by the {model} model, and that cannot change while it goes on"
            ));
        }
        let is_paused = plan.is_paused();
        let plan = plan.clone().resumed_at(at);
        let present = plan.stage_at(at);
        let Some(stages) = profile.stages.get(present + 1..) else {
            let n_stages = humanize::counted(profile.stages.len() as u64, "stage");
            return Err(format!(
                "The run is in stage {} already, and the profile has {n_stages}",
                present + 1
            ));
        };
        let reached = &plan.stages()[..=present];
        if let Some(again) = stages.iter().find(|stage| reached.iter().any(|old| old.name == stage.name)) {
            return Err(format!(
                "The run has had a stage named {} already. Give the one to come another name, because results are \
                 told apart by name",
                again.name
            ));
        }
        let mut changed = plan.clone();
        changed.apply(&PlanChange { at, kind: PlanChangeKind::ReplaceFuture(stages.to_vec()) });
        if changed.stages() == plan.stages() {
            return Err("The run has the same stages still before it".to_owned());
        }
        let from = (!is_paused).then_some(plan.stages()[present].end);
        Ok(Self { stages: stages.to_vec(), from })
    }

    /// How the run goes on with it.
    pub fn words(&self) -> String {
        let with = humanize::counted(self.stages.len() as u64, "new stage");
        match self.from.map(humanize::clock) {
            Some(from) if self.stages.is_empty() => format!("ends with its present stage at {from}"),
            Some(from) => format!("goes on with {with} from {from}"),
            None if self.stages.is_empty() => "ends with its present stage once it is resumed".to_owned(),
            None => format!("goes on with {with} after its present one, once it is resumed"),
        }
    }
}

/// Why the run under way cannot go on with the profile that is open; none when it can.
pub fn apply_refusal(bench: &Workbench, run_state: &RunState) -> Option<String> {
    if let Some(reason) = run_state.plan_refusal() {
        return Some(reason.to_owned());
    }
    if let Some(reason) = bench.run_refusal() {
        return Some(reason);
    }
    let (now, scenario) = (&run_state.live()?.now, bench.scenario()?);
    if scenario.name != now.scenario.name {
        let (run_id, name) = (now.run_id, &now.scenario.name);
        return Some(format!("Run {run_id} is a run of {name}, which is not the scenario that is open"));
    }
    if let Err(reason) = Future::of(&scenario.load, &now.plan, now.snapshot.elapsed) {
        return Some(reason);
    }
    open_files_short(scenario).map(|short| EngineError::OpenFiles(short).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        analysis::sample,
        model::{LoadModel, Shape},
    };

    const AT: Duration = Duration::from_secs(12);

    /// What is said of the sample's run, in stage 2 of 3 until 0:30, after its plan was changed and its profile edited.
    fn check(changes: &[PlanChangeKind], edit: impl Fn(&mut LoadProfile), expected: &str) {
        let mut scenario = sample::scenario();
        let mut plan = Plan::new(&scenario, 1.0);
        for kind in changes {
            plan.apply(&PlanChange { at: AT, kind: kind.clone() });
        }
        edit(&mut scenario.load);
        let said = Future::of(&scenario.load, &plan, AT).map(|future| future.words());
        assert_eq!(said.unwrap_or_else(|reason| reason), expected);
    }

    fn longer(load: &mut LoadProfile) {
        load.stages.push(Stage { name: "End".to_owned(), ..load.stages[1].clone() });
    }

    #[test]
    fn the_run_takes_over_what_follows_its_present_stage() {
        check(&[], longer, "goes on with 2 new stages from 0:30");
        check(&[PlanChangeKind::ExtendStage(AT)], longer, "goes on with 2 new stages from 0:42");
        check(&[], |load| load.stages[2].shape = Shape::Step, "goes on with 1 new stage from 0:30");
        check(&[], |load| load.stages.truncate(2), "ends with its present stage at 0:30");
        let paused = "goes on with 2 new stages after its present one, once it is resumed";
        check(&[PlanChangeKind::Pause], longer, paused);
    }

    #[test]
    fn a_profile_that_changes_nothing_to_come_is_refused_with_the_reason() {
        let same = "The run has the same stages still before it";
        let extended = [PlanChangeKind::ExtendStage(AT), PlanChangeKind::Pause];
        check(&[], |_| {}, same);
        check(&extended, |_| {}, same);
        check(&[], |load| load.stages[1].duration = AT, same);
        let reached = "The run is in stage 2 already, and the profile has 1 stage";
        check(&[], |load| load.stages.truncate(1), reached);
        let again = "The run has had a stage named Sustain (50) already. Give the one to come another name, because \
                     results are told apart by name";
        check(&[], |load| load.stages.swap(1, 2), again);
        let closed = "The run goes by the closed model, and that cannot change while it goes on";
        check(&[], |load| load.model = LoadModel::open(), closed);
    }
}
