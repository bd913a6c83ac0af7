//! What was changed in the plan of a run while it went on, in words, and the stages before and after.

use std::time::Duration;

use super::words::{plan_change_words, stages_text};
use crate::humanize;
use crate::metrics::RunRecord;
use crate::model::{Plan, PlanChange, PlanChangeKind, PlannedStage, Stage};

/// A sentence tells no more changes than this.
const MAX_TOLD: usize = 4;

/// A stage of a run whose plan was changed.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplannedStage {
    pub name: String,
    /// As planned at the start; none for one that was added.
    pub planned: Option<StageEnd>,
    /// As changed; none for one that was dropped.
    pub changed: Option<StageEnd>,
}

/// Where a stage ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StageEnd {
    /// Since the start of the run.
    pub at: Duration,
    pub level: f64,
}

/// The changes of a run's plan in order, each with its moment and what it did.
pub fn plan_changes(record: &RunRecord) -> Vec<(Duration, String)> {
    let mut plan = planned(record);
    let told = |change: &PlanChange| {
        let before = plan.clone();
        plan.apply(change);
        let words = match &change.kind {
            PlanChangeKind::Redraw { .. } => redraw_words(&before, &plan, change.at),
            kind => plan_change_words(kind, plan.is_open()),
        };
        (change.at, words)
    };
    record.plan_changes.iter().map(told).collect()
}

/// The stages of a run as planned and as changed, in order; none where nothing was changed.
pub fn replanned_stages(record: &RunRecord) -> Vec<ReplannedStage> {
    if record.plan_changes.is_empty() {
        return Vec::new();
    }
    let (planned, changed) = (planned(record), record.plan());
    let dropped = planned.stages().iter().filter(|stage| named(changed.stages(), &stage.name).is_none());
    let row = |stage: &PlannedStage| ReplannedStage {
        name: stage.name.clone(),
        planned: named(planned.stages(), &stage.name).map(StageEnd::of),
        changed: named(changed.stages(), &stage.name).map(StageEnd::of),
    };
    changed.stages().iter().chain(dropped).map(row).collect()
}

/// What a redrawn future comes to: `Spike now ends at 1:40 at 250/s; load ends at 3:10 instead of 3:00`.
pub fn redraw_words(before: &Plan, after: &Plan, at: Duration) -> String {
    // While it is paused nobody knows when it goes on: as if that were now.
    let is_paused = before.is_paused();
    let (before, after) = (before.clone().resumed_at(at), after.clone().resumed_at(at));
    let present = before.stage_at(at);
    let mut told = Vec::new();
    for (index, stage) in after.stages().iter().enumerate().skip(present) {
        let old = named(before.stages(), &stage.name);
        told.extend(changed_words(old, stage, index == present, after.is_open()));
    }
    let dropped = before.stages()[present..].iter().filter(|old| named(after.stages(), &old.name).is_none());
    told.extend(dropped.map(|stage| format!("{} was dropped", stage.name)));
    if told.len() > MAX_TOLD {
        let n_more = (told.len() - MAX_TOLD) as u64;
        told.truncate(MAX_TOLD);
        told.push(humanize::counted(n_more, "more change"));
    }
    if before.duration() != after.duration() {
        let [old, new] = [before.duration(), after.duration()].map(humanize::clock);
        told.push(format!("load ends at {new} instead of {old}"));
    }
    if told.is_empty() {
        return "nothing was changed".to_owned();
    }
    let words = told.join("; ");
    if is_paused { format!("{words} (if it is resumed at once)") } else { words }
}

fn changed_words(
    old: Option<&PlannedStage>,
    stage: &PlannedStage,
    is_present: bool,
    is_open: bool,
) -> Option<String> {
    let end = StageEnd::of(stage);
    let words = format!("{} at {}", humanize::clock(end.at), humanize::level(end.level, is_open));
    let Some(old) = old else {
        let added = Stage {
            name: stage.name.clone(),
            duration: stage.duration(),
            end_level: stage.end_level,
            shape: stage.shape,
        };
        return Some(format!("{} was added: {}", stage.name, stages_text(&[added], is_open)));
    };
    let is_same = old.end_level == stage.end_level
        && old.duration() == stage.duration()
        && (is_present || old.shape == stage.shape);
    (!is_same).then(|| format!("{} now ends at {words}", stage.name))
}

impl StageEnd {
    fn of(stage: &PlannedStage) -> Self {
        Self { at: stage.end, level: stage.end_level }
    }
}

fn named<'a>(stages: &'a [PlannedStage], name: &str) -> Option<&'a PlannedStage> {
    stages.iter().find(|stage| stage.name == name)
}

fn planned(record: &RunRecord) -> Plan {
    Plan::new(&record.start.scenario, record.start.time_scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;
    use crate::model::{PresentEnd, Shape};

    const AT: Duration = Duration::from_secs(12);

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// What is said of the sample's run, in its stage *Sustain (50)* until 0:30, the last one ending at 0:40.
    fn check(present: Option<(u64, f64)>, edit: impl Fn(&mut Vec<Stage>), expected: &str) {
        let mut record = sample::record(sample::scenario());
        let mut stages = record.start.scenario.load.stages[2..].to_vec();
        edit(&mut stages);
        let present = present.map(|(left, level)| PresentEnd { left: secs(left), level });
        record.plan_changes = vec![PlanChange { at: AT, kind: PlanChangeKind::Redraw { present, stages } }];
        assert_eq!(plan_changes(&record), [(AT, expected.to_owned())]);
    }

    #[test]
    fn a_redrawn_future_is_told_by_what_it_changed() {
        check(
            Some((28, 80.0)),
            |_| {},
            "Sustain (50) now ends at 0:40 at 80 users; load ends at 0:50 instead of 0:40",
        );
        check(None, |stages| stages[0].end_level = 5.0, "Spike (200) now ends at 0:40 at 5 users");
        check(None, Vec::clear, "Spike (200) was dropped; load ends at 0:30 instead of 0:40");
        let more = Stage { name: "More".into(), duration: secs(5), end_level: 9.0, shape: Shape::Step };
        check(
            None,
            |stages| stages.push(more.clone()),
            "More was added: 5s at 9 users; load ends at 0:45 instead of 0:40",
        );
    }

    #[test]
    fn stages_stand_beside_what_they_were_planned_to_be() {
        let mut record = sample::record(sample::scenario());
        assert!(replanned_stages(&record).is_empty());
        let more = Stage { name: "More".into(), duration: secs(5), end_level: 9.0, shape: Shape::Step };
        let present = Some(PresentEnd { left: secs(8), level: 20.0 });
        let kind = PlanChangeKind::Redraw { present, stages: vec![more] };
        record.plan_changes = vec![PlanChange { at: AT, kind }];
        let end = |at, level| Some(StageEnd { at: secs(at), level });
        let rows: Vec<_> =
            replanned_stages(&record).into_iter().map(|row| (row.name, row.planned, row.changed)).collect();
        assert_eq!(rows.len(), 4);
        assert_eq!(rows[1], ("Sustain (50)".into(), end(30, 50.0), end(20, 20.0)));
        assert_eq!(rows[2], ("More".into(), None, end(25, 9.0)));
        assert_eq!(rows[3], (record.start.scenario.load.stages[2].name.clone(), end(40, 200.0), None));
    }
}
