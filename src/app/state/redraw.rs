//! A future drawn on the ribbon of the Run screen, to be put in place of what a run has still before it. Pure.

use std::time::Duration;

use crate::analysis::{capitalized, redraw_words};
use crate::engine::PlanOrder;
use crate::humanize;
use crate::metrics::RunId;
use crate::model::profile::edit::{
    Behind, Point, append_stage, insert_behind, move_point, points, stage_start,
};
use crate::model::{LoadProfile, Plan, PlanChange, PlanChangeKind, PlannedStage, PresentEnd, Stage};

/// The present stage goes on for at least this long once it is drawn upon.
const LEAST_LEFT: Duration = Duration::from_millis(500);

const CHANGED: &str = "The plan was changed in another way meanwhile";

/// A future as it was drawn over a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Redraw {
    pub run_id: RunId,
    /// As drawn, from the start of the run on; what was reached stays as it was.
    profile: LoadProfile,
    /// The stages that it was drawn over.
    base: Vec<PlannedStage>,
    /// The first stage that was changed; all before it have their places in both.
    touched: usize,
}

impl Redraw {
    /// What `plan`, as if it were not paused, has planned; nothing is changed yet.
    pub fn of(run_id: RunId, plan: &Plan) -> Self {
        let base = plan.stages().to_vec();
        let stage = |stage: &PlannedStage| Stage {
            name: stage.name.clone(),
            duration: length(stage),
            end_level: stage.end_level,
            shape: stage.shape,
        };
        let profile = LoadProfile {
            model: plan.model().clone(),
            warm_up: plan.warm_up(),
            graceful_stop: plan.graceful_stop(),
            stages: base.iter().map(stage).collect(),
        };
        Self { run_id, profile, touched: base.len(), base }
    }

    /// The whole run as a profile, with what is drawn.
    pub fn profile(&self) -> &LoadProfile {
        &self.profile
    }

    /// The ends of all stages.
    pub fn points(&self) -> Vec<Point> {
        points(&self.profile)
    }

    /// The end of a stage.
    pub fn point(&self, index: usize) -> Option<Point> {
        self.points().get(index).copied()
    }

    /// Whether it was drawn over stages that are no longer those of the plan.
    pub fn is_outdated(&self, plan: &Plan) -> bool {
        self.base != plan.stages()
    }

    /// Moves the end of a stage that is not reached yet.
    pub fn move_point(&mut self, index: usize, to: Point, behind: Behind, now: Duration) {
        let least = (now + LEAST_LEFT).as_secs_f64();
        let before = self.profile.stages.clone();
        move_point(&mut self.profile, index, Point { secs: to.secs.max(least), ..to }, behind);
        if self.profile.stages != before {
            self.touched = self.touched.min(index);
        }
    }

    /// Adds a stage behind a stage, or `secs_behind_last` long at the end; returns its index.
    pub fn insert_behind(&mut self, index: usize, secs_behind_last: f64) -> Option<usize> {
        self.added(|profile| insert_behind(profile, index, secs_behind_last))
    }

    /// Adds a stage like the last one at the end; returns its index.
    pub fn append(&mut self) -> Option<usize> {
        self.added(append_stage)
    }

    fn added(&mut self, add: impl FnOnce(&mut LoadProfile) -> Option<usize>) -> Option<usize> {
        let added = add(&mut self.profile)?;
        self.touched = self.touched.min(added);
        Some(added)
    }

    /// Drops a stage with its time; what follows comes earlier.
    pub fn remove(&mut self, index: usize) {
        self.profile.stages.remove(index);
        self.touched = self.touched.min(index);
    }

    /// Takes over what became of the plan since, as if it were not paused; the error says why that is not possible.
    pub fn follow(&mut self, plan: &Plan, now: Duration) -> Result<(), String> {
        let present = plan.stage_at(now);
        let stages = plan.stages();
        let names =
            |stages: &[PlannedStage]| stages.iter().map(|stage| stage.name.clone()).collect::<Vec<_>>();
        if self.base != stages {
            if names(&self.base) != names(stages) {
                return Err(CHANGED.to_owned());
            }
            let kept = |(old, new): (&PlannedStage, &PlannedStage)| {
                (old.shape, old.end_level) == (new.shape, new.end_level) && length(old) == length(new)
            };
            // The present stage may have become longer, by a pause at least; anything else was drawn over.
            if !self.base.iter().zip(stages).skip(present + 1).all(kept)
                || self.base[present].end_level != stages[present].end_level
            {
                return Err(CHANGED.to_owned());
            }
        }
        if self.touched < present {
            let (name, end) = (&stages[self.touched].name, humanize::clock(stages[self.touched].end));
            return Err(format!("{name} ended at {end}, before its change was applied"));
        }
        for (index, stage) in stages.iter().enumerate().take(present + 1) {
            let drawn = &mut self.profile.stages[index].duration;
            *drawn = (*drawn + length(stage)).saturating_sub(length(&self.base[index]));
        }
        self.base = stages.to_vec();
        self.keep_ahead(present, now);
        Ok(())
    }

    /// The present stage cannot end in the past.
    fn keep_ahead(&mut self, present: usize, now: Duration) {
        if self.touched == present {
            let least = (now + LEAST_LEFT).saturating_sub(stage_start(&self.profile, present));
            let drawn = &mut self.profile.stages[present].duration;
            *drawn = (*drawn).max(least);
        }
    }

    /// Whether it differs from what it was drawn over.
    pub fn is_changed(&self) -> bool {
        let same = |(drawn, old): (&Stage, &PlannedStage)| {
            (&drawn.name, drawn.duration, drawn.end_level, drawn.shape)
                == (&old.name, length(old), old.end_level, old.shape)
        };
        self.profile.stages.len() != self.base.len() || !self.profile.stages.iter().zip(&self.base).all(same)
    }

    /// `plan`, as if it were not paused, with what is drawn in force from `now` on.
    pub fn preview(&self, plan: &Plan, now: Duration) -> Plan {
        let mut changed = plan.clone();
        changed.apply(&PlanChange { at: now, kind: self.kind(plan, now) });
        changed
    }

    /// What is to be ordered of a run; the error says why it is too late.
    pub fn order(&self, plan: &Plan, at: Duration) -> Result<PlanOrder, String> {
        let mut drawn = self.clone();
        let going_on = plan.clone().resumed_at(at);
        drawn.follow(&going_on, at)?;
        if !drawn.is_changed() {
            return Err("The run has the same still before it".to_owned());
        }
        let kind = drawn.kind(&going_on, at);
        let mut changed = plan.clone();
        changed.apply(&PlanChange { at, kind: kind.clone() });
        let words = capitalized(&redraw_words(plan, &changed, at));
        Ok(PlanOrder { kind, words: Some(words) })
    }

    /// What it comes to, in words.
    pub fn words(&self, plan: &Plan, now: Duration) -> String {
        capitalized(&redraw_words(plan, &self.preview(plan, now), now))
    }

    fn kind(&self, plan: &Plan, at: Duration) -> PlanChangeKind {
        let present = plan.stage_at(at);
        let stage = &plan.stages()[present];
        let drawn = &self.profile.stages[present];
        let end = stage.start + drawn.duration;
        let is_moved = (end, drawn.end_level) != (stage.end, stage.end_level);
        let bent = PresentEnd { left: end.saturating_sub(at), level: drawn.end_level };
        PlanChangeKind::Redraw {
            present: is_moved.then_some(bent),
            stages: self.profile.stages[present + 1..].to_vec(),
        }
    }
}

/// From its start to its end, pauses included.
fn length(stage: &PlannedStage) -> Duration {
    stage.end - stage.start
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::analysis::sample;
    use crate::model::Shape;

    const AT: Duration = Duration::from_secs(12);

    fn secs(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// The sample's plan: Ramp-up (50) until 0:10, Sustain (50) until 0:30, Spike (200) until 0:40.
    fn plan() -> Plan {
        Plan::new(&sample::scenario(), 1.0)
    }

    fn drawn(edit: impl FnOnce(&mut Redraw)) -> Redraw {
        let mut redraw = Redraw::of(RunId(4), &plan());
        edit(&mut redraw);
        redraw
    }

    fn changed(kinds: &[(u64, PlanChangeKind)]) -> Plan {
        let mut plan = plan();
        for (at, kind) in kinds {
            plan.apply(&PlanChange { at: secs(*at), kind: kind.clone() });
        }
        plan
    }

    fn moved(index: usize, secs: f64, level: f64, behind: Behind) -> Redraw {
        drawn(|redraw| redraw.move_point(index, Point { secs, level }, behind, AT))
    }

    /// The ends of all stages once it is ordered of a plan at a moment, or why it cannot be.
    fn check(redraw: &Redraw, plan: &Plan, at: Duration, expected: Result<&[(u64, f64)], &str>) {
        let ordered = redraw.order(plan, at).map(|order| {
            let mut plan = plan.clone();
            plan.apply(&PlanChange { at, kind: order.kind });
            let plan = plan.resumed_at(at);
            plan.stages().iter().map(|stage| (stage.end.as_secs(), stage.end_level)).collect::<Vec<_>>()
        });
        assert_eq!(ordered, expected.map(<[_]>::to_vec).map_err(str::to_owned));
    }

    #[test]
    fn what_is_drawn_is_what_the_run_goes_on_with() {
        let stays = moved(1, 20.0, 80.0, Behind::Stays);
        check(&stays, &plan(), AT, Ok(&[(10, 50.0), (20, 80.0), (40, 200.0)]));
        let ripples = moved(1, 20.0, 50.0, Behind::Moves);
        check(&ripples, &plan(), AT, Ok(&[(10, 50.0), (20, 50.0), (30, 200.0)]));
        let more = drawn(|redraw| _ = redraw.append());
        check(&more, &plan(), AT, Ok(&[(10, 50.0), (30, 50.0), (40, 200.0), (50, 200.0)]));
        let less = drawn(|redraw| redraw.remove(2));
        check(&less, &plan(), AT, Ok(&[(10, 50.0), (30, 50.0)]));
        let words = ripples.order(&plan(), AT).unwrap().words.unwrap();
        assert_eq!(words, "Sustain (50) now ends at 0:20 at 50 users; load ends at 0:30 instead of 0:40");
    }

    #[test]
    fn the_present_stage_ends_in_the_future_however_far_it_is_drawn_back() {
        let redraw = moved(1, 3.0, 50.0, Behind::Moves);
        assert_eq!(redraw.point(1).unwrap().secs, 12.5);
        let order = redraw.order(&plan(), secs(14)).unwrap();
        let PlanChangeKind::Redraw { present: Some(end), .. } = order.kind else { panic!("{order:?}") };
        assert_eq!(end.left, LEAST_LEFT, "time went on while it was drawn");
    }

    #[test]
    fn what_was_reached_meanwhile_is_refused_politely() {
        let redraw = moved(1, 20.0, 80.0, Behind::Stays);
        let late = "Sustain (50) ended at 0:30, before its change was applied";
        check(&redraw, &plan(), secs(31), Err(late));
        let later = moved(2, 60.0, 200.0, Behind::Moves);
        check(&later, &plan(), secs(31), Ok(&[(10, 50.0), (30, 50.0), (60, 200.0)]));
        check(&drawn(|_| {}), &plan(), AT, Err("The run has the same still before it"));
    }

    #[test]
    fn other_changes_of_the_plan_meanwhile_are_kept_or_refuse_it() {
        let redraw = moved(1, 20.0, 80.0, Behind::Moves);
        let extended = changed(&[(12, PlanChangeKind::ExtendStage(secs(30)))]);
        check(&redraw, &extended, AT, Ok(&[(10, 50.0), (50, 80.0), (60, 200.0)]));
        let replaced = changed(&[(12, PlanChangeKind::ReplaceFuture(Vec::new()))]);
        check(&redraw, &replaced, AT, Err(CHANGED));
        let bent = PlanChangeKind::Redraw {
            present: Some(PresentEnd { left: secs(9), level: 10.0 }),
            stages: sample::scenario().load.stages[2..].to_vec(),
        };
        check(&redraw, &changed(&[(12, bent)]), AT, Err(CHANGED));
    }

    #[test]
    fn while_it_is_paused_what_is_drawn_moves_on_with_the_clock() {
        let paused = changed(&[(12, PlanChangeKind::Pause)]);
        let shown = paused.clone().resumed_at(secs(20));
        let mut redraw = Redraw::of(RunId(4), &shown);
        assert_eq!(redraw.point(1).unwrap().secs, 38.0);
        redraw.move_point(1, Point { secs: 30.0, level: 70.0 }, Behind::Moves, secs(20));
        check(&redraw, &paused, secs(25), Ok(&[(10, 50.0), (35, 70.0), (45, 200.0)]));
        redraw.follow(&paused.clone().resumed_at(secs(29)), secs(29)).unwrap();
        assert_eq!(redraw.point(1).unwrap().secs, 39.0);
    }

    fn an_edit() -> impl Strategy<Value = (u8, usize, f64, f64, bool)> {
        (0_u8..5, 0_usize..6, 0.0..90.0_f64, 0.0..300.0_f64, any::<bool>())
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_is_drawn_keeps_the_past_and_is_what_it_showed(
            edits in prop::collection::vec(an_edit(), 1..6),
            millis in 0_u64..39_000,
        ) {
            let (plan, at) = (plan(), Duration::from_millis(millis));
            let mut redraw = Redraw::of(RunId(4), &plan);
            let present = plan.stage_at(at);
            for (what, index, secs, level, ripples) in edits {
                let n_stages = redraw.profile().stages.len();
                let index = present + index % (n_stages - present);
                let behind = if ripples { Behind::Moves } else { Behind::Stays };
                match what {
                    0 => _ = redraw.insert_behind(index, secs),
                    1 => _ = redraw.append(),
                    2 if index > present => redraw.remove(index),
                    _ => redraw.move_point(index, Point { secs, level }, behind, at),
                }
            }
            let shown = redraw.preview(&plan, at);
            if let Ok(order) = redraw.order(&plan, at) {
                let mut changed = plan.clone();
                changed.apply(&PlanChange { at, kind: order.kind });
                prop_assert_eq!(&shown, &changed);
            }
            for moment in (0..=50).map(|k| at * k / 50).filter(|moment| *moment < at) {
                prop_assert_eq!(plan.level_at(moment), shown.level_at(moment));
            }
            let drawn = redraw.profile();
            let ends = points(drawn);
            for (stage, end) in shown.stages().iter().zip(&ends) {
                prop_assert!((stage.end.as_secs_f64() - end.secs).abs() < 1e-6);
                prop_assert_eq!(stage.end_level, end.level);
            }
            let mut names: Vec<_> = drawn.stages.iter().map(|stage| &stage.name).collect();
            names.sort();
            names.dedup();
            prop_assert_eq!(names.len(), drawn.stages.len(), "names tell results apart");
            prop_assert!(drawn.stages.iter().all(|stage| matches!(stage.shape, Shape::Ramp | Shape::Step)));
        }
    }
}
