//! Two runs of one scenario beside each other by stage: which moment of one belongs to which of the other.

use std::{ops::Range, time::Duration};

use crate::model::{Plan, PlannedStage};

/// The stages that two plans have in common.
#[derive(Clone, Debug, Default)]
pub struct StageAlignment {
    pairs: Vec<Pair>,
}

/// A stage of the run with its counterpart in the baseline.
#[derive(Clone, Debug)]
struct Pair {
    run: Stretch,
    baseline: Stretch,
}

/// A stage without its pauses: pieces of time that belong together.
#[derive(Clone, Debug)]
struct Stretch {
    pieces: Vec<Range<Duration>>,
}

impl StageAlignment {
    /// Stages belong together by name, the second of a name with the second; one whose name the other plan lacks
    /// belongs to the one in its place, unless that has a namesake.
    pub fn new(run: &Plan, baseline: &Plan) -> Self {
        let by_name: Vec<Option<usize>> = counterparts(run.stages(), baseline.stages());
        let is_taken = |place: usize| by_name.contains(&Some(place));
        let by_place = |place: usize| (place < baseline.stages().len() && !is_taken(place)).then_some(place);
        let counterpart = by_name.iter().enumerate().map(|(place, named)| named.or_else(|| by_place(place)));
        let pairs = counterpart.enumerate().filter_map(|(index, place)| {
            let of = |plan: &Plan, stage: usize| Stretch::of(plan, &plan.stages()[stage]);
            Some(Pair { run: of(run, index), baseline: of(baseline, place?) })
        });
        Self { pairs: pairs.collect() }
    }

    /// The moment of the baseline that belongs to one of the run; none in a pause, or where the baseline has no such
    /// stage or ended it earlier.
    pub fn to_baseline(&self, at: Duration) -> Option<Duration> {
        self.pairs.iter().find_map(|pair| pair.baseline.at(pair.run.offset(at)?))
    }

    /// The moment of the run that belongs to one of the baseline.
    pub fn to_run(&self, at: Duration) -> Option<Duration> {
        self.pairs.iter().find_map(|pair| pair.run.at(pair.baseline.offset(at)?))
    }

    /// The seconds of the baseline that belong to seconds of the run, in order and joined where they touch.
    pub fn seconds_of_baseline(&self, seconds: Range<u32>) -> Vec<Range<u32>> {
        let middle = |second: u32| Duration::from_secs(second.into()) + Duration::from_millis(500);
        let mut found: Vec<u32> =
            seconds.filter_map(|second| Some(self.to_baseline(middle(second))?.as_secs() as u32)).collect();
        found.sort_unstable();
        found.dedup();
        let pieces = found.chunk_by(|one, next| one + 1 == *next);
        pieces.map(|piece| piece[0]..piece[piece.len() - 1] + 1).collect()
    }
}

/// For each stage the one of the same name, in order where a name comes more than once.
fn counterparts(stages: &[PlannedStage], others: &[PlannedStage]) -> Vec<Option<usize>> {
    let nth_of_name = |index: usize| {
        let name = &stages[index].name;
        let nth = stages[..index].iter().filter(|before| before.name == *name).count();
        let namesakes = others.iter().enumerate().filter(|(_, other)| other.name == *name);
        namesakes.map(|(place, _)| place).nth(nth)
    };
    (0..stages.len()).map(nth_of_name).collect()
}

impl Stretch {
    fn of(plan: &Plan, stage: &PlannedStage) -> Self {
        let mut pieces = Vec::new();
        let mut from = stage.start;
        for (pause_from, pause_to) in plan.pauses() {
            if pause_from >= stage.start && pause_to <= stage.end {
                pieces.push(from..pause_from);
                from = pause_to;
            }
        }
        pieces.push(from..stage.end);
        Self { pieces }
    }

    /// How much of the stage was over at a moment within it.
    fn offset(&self, at: Duration) -> Option<Duration> {
        let mut before = Duration::ZERO;
        for piece in &self.pieces {
            if piece.contains(&at) {
                return Some(before + (at - piece.start));
            }
            before += piece.end - piece.start;
        }
        None
    }

    /// The moment at which so much of the stage is over.
    fn at(&self, offset: Duration) -> Option<Duration> {
        let mut left = offset;
        for piece in &self.pieces {
            let length = piece.end - piece.start;
            if left < length {
                return Some(piece.start + left);
            }
            left -= length;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;
    use crate::model::{PlanChange, PlanChangeKind};

    fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    /// Stages of the sample's kind with these names and lengths in seconds.
    fn plan(stages: &[(&str, u64)]) -> Plan {
        let mut scenario = sample::scenario();
        let like = scenario.load.stages[1].clone();
        let stage = |(name, length): &(&str, u64)| {
            let mut stage = like.clone();
            (stage.name, stage.duration) = ((*name).to_owned(), secs(*length));
            stage
        };
        scenario.load.stages = stages.iter().map(stage).collect();
        Plan::new(&scenario, 1.0)
    }

    fn changed(mut plan: Plan, changes: &[(u64, PlanChangeKind)]) -> Plan {
        for (at, kind) in changes {
            plan.apply(&PlanChange { at: secs(*at), kind: kind.clone() });
        }
        plan
    }

    fn to_baseline(alignment: &StageAlignment, at: u64) -> Option<u64> {
        alignment.to_baseline(secs(at)).map(|at| at.as_secs())
    }

    #[test]
    fn the_same_plan_is_beside_itself() {
        let plan = plan(&[("Ramp", 10), ("Hold", 20)]);
        let alignment = StageAlignment::new(&plan, &plan);
        for at in 0..30 {
            assert_eq!(to_baseline(&alignment, at), Some(at));
        }
        assert_eq!(to_baseline(&alignment, 30), None, "after the end");
        assert_eq!(alignment.seconds_of_baseline(4..25), [4..25]);
    }

    #[test]
    fn stages_of_other_lengths_stand_beside_each_other_from_their_beginning() {
        let (run, baseline) = (plan(&[("Ramp", 10), ("Hold", 20)]), plan(&[("Ramp", 6), ("Hold", 30)]));
        let alignment = StageAlignment::new(&run, &baseline);
        assert_eq!(to_baseline(&alignment, 5), Some(5));
        assert_eq!(to_baseline(&alignment, 7), None, "the baseline's ramp was over");
        assert_eq!(to_baseline(&alignment, 10), Some(6));
        assert_eq!(to_baseline(&alignment, 29), Some(25));
        assert_eq!(alignment.seconds_of_baseline(0..30), [0..26], "6 s of the ramp, 20 s of the hold");
        assert_eq!(alignment.to_run(secs(6)), Some(secs(10)));
        assert_eq!(alignment.to_run(secs(30)), None, "beyond what the run holds");
    }

    #[test]
    fn stages_are_matched_by_name_then_by_place() {
        let run = plan(&[("Warm", 5), ("Hold", 10), ("Rest", 5), ("Hold", 10)]);
        let baseline = plan(&[("Start", 5), ("Hold", 10), ("Hold", 10)]);
        let alignment = StageAlignment::new(&run, &baseline);
        assert_eq!(to_baseline(&alignment, 1), Some(1), "in the same place");
        assert_eq!(to_baseline(&alignment, 6), Some(6));
        assert_eq!(to_baseline(&alignment, 16), None, "its place is the second hold's");
        assert_eq!(to_baseline(&alignment, 21), Some(16), "the second hold");
        assert_eq!(alignment.seconds_of_baseline(0..30), [0..25]);
    }

    #[test]
    fn pauses_of_either_side_are_left_out() {
        let plain = plan(&[("Hold", 20)]);
        let paused = changed(plain.clone(), &[(5, PlanChangeKind::Pause), (8, PlanChangeKind::Resume)]);
        let alignment = StageAlignment::new(&paused, &plain);
        assert_eq!(to_baseline(&alignment, 4), Some(4));
        assert_eq!(to_baseline(&alignment, 6), None, "in the pause");
        assert_eq!(to_baseline(&alignment, 8), Some(5));
        assert_eq!(to_baseline(&alignment, 22), Some(19));
        let back = StageAlignment::new(&plain, &paused);
        assert_eq!((to_baseline(&back, 4), to_baseline(&back, 5)), (Some(4), Some(8)));
        assert_eq!(back.seconds_of_baseline(0..20), [0..5, 8..23]);
    }

    #[test]
    fn skipped_and_extended_stages_keep_their_counterpart() {
        let plain = plan(&[("Ramp", 10), ("Hold", 20)]);
        let run = changed(
            plain.clone(),
            &[(4, PlanChangeKind::SkipStage), (10, PlanChangeKind::ExtendStage(secs(10)))],
        );
        let alignment = StageAlignment::new(&run, &plain);
        assert_eq!(to_baseline(&alignment, 3), Some(3));
        assert_eq!(to_baseline(&alignment, 4), Some(10), "the hold begins");
        assert_eq!(to_baseline(&alignment, 23), Some(29));
        assert_eq!(to_baseline(&alignment, 24), None, "the baseline ended earlier");
    }
}
