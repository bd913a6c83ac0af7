//! Two runs of one scenario beside each other by stage: which moment and which step of one belong to which of the other.

use std::{ops::Range, time::Duration};

use crate::model::{Plan, PlannedStage, Scenario, Step};

/// The stages that a run has in common with its baseline.
#[derive(Clone, Debug, Default)]
pub struct StageAlignment {
    pairs: Vec<Pair>,
    baseline_end: Duration,
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

/// Seconds of two runs that belong together, in order and joined where they touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CommonSeconds {
    pub run: Vec<Range<u32>>,
    pub baseline: Vec<Range<u32>>,
}

impl StageAlignment {
    /// Stages belong together by name, the second of a name with the second; one whose name the other plan lacks
    /// belongs to the one in its place, unless that has a namesake. The baseline made load until `baseline_end`.
    pub fn new(run: &Plan, baseline: &Plan, baseline_end: Duration) -> Self {
        let name = |stage: &PlannedStage| stage.name.clone();
        let by_name = counterparts(run.stages(), baseline.stages(), name);
        let is_free = |place: &usize| *place < baseline.stages().len() && !by_name.contains(&Some(*place));
        let pair = |(index, named): (usize, &Option<usize>)| {
            let place = named.or_else(|| Some(index).filter(is_free))?;
            let of = |plan: &Plan, stage: usize| Stretch::of(plan, &plan.stages()[stage]);
            Some(Pair { run: of(run, index), baseline: of(baseline, place) })
        };
        Self { pairs: by_name.iter().enumerate().filter_map(pair).collect(), baseline_end }
    }

    /// The moment of the baseline that belongs to one of the run; none in a pause, or where the baseline has no such
    /// stage or ended it earlier.
    pub fn to_baseline(&self, at: Duration) -> Option<Duration> {
        let found = self.pairs.iter().find_map(|pair| pair.baseline.at(pair.run.offset(at)?));
        found.filter(|at| *at < self.baseline_end)
    }

    /// The moment of the run that belongs to one of the baseline.
    pub fn to_run(&self, at: Duration) -> Option<Duration> {
        self.pairs.iter().find_map(|pair| pair.run.at(pair.baseline.offset(at)?))
    }

    /// Those of the run's seconds that have a counterpart, and their counterparts.
    pub fn in_common(&self, seconds: Range<u32>) -> CommonSeconds {
        let middle = |second: u32| Duration::from_secs(second.into()) + Duration::from_millis(500);
        let both =
            seconds.filter_map(|second| Some((second, self.to_baseline(middle(second))?.as_secs() as u32)));
        let (run, baseline) = both.unzip();
        CommonSeconds { run: joined(run), baseline: joined(baseline) }
    }
}

/// For each step of a scenario, by its index, the step of another scenario with its name, else with its method and
/// path.
pub fn matching_steps(scenario: &Scenario, other: &Scenario) -> Vec<Option<usize>> {
    let of = |scenario: &Scenario| scenario.steps().map(|(_, step)| step.clone()).collect::<Vec<Step>>();
    let (own, others) = (of(scenario), of(other));
    let by_name = counterparts(&own, &others, |step| step.name.clone());
    let by_request = counterparts(&own, &others, |step| (step.method.clone(), step.path.clone()));
    let pairs = by_name.iter().zip(by_request);
    pairs.map(|(named, alike)| named.or(alike.filter(|place| !by_name.contains(&Some(*place))))).collect()
}

/// For each of `own` the one of `others` with the same key: the second of a key with the second.
pub(super) fn counterparts<T, K: PartialEq>(
    own: &[T],
    others: &[T],
    key: impl Fn(&T) -> K,
) -> Vec<Option<usize>> {
    let other_keys: Vec<K> = others.iter().map(&key).collect();
    let own_keys: Vec<K> = own.iter().map(key).collect();
    let counterpart = |index: usize| {
        let nth = own_keys[..index].iter().filter(|before| **before == own_keys[index]).count();
        let alike = other_keys.iter().enumerate().filter(|(_, other)| **other == own_keys[index]);
        alike.map(|(place, _)| place).nth(nth)
    };
    (0..own.len()).map(counterpart).collect()
}

fn joined(mut seconds: Vec<u32>) -> Vec<Range<u32>> {
    seconds.sort_unstable();
    seconds.dedup();
    ranges(&seconds).collect()
}

/// Seconds in order as ranges.
pub(super) fn ranges(seconds: &[u32]) -> impl Iterator<Item = Range<u32>> {
    seconds.chunk_by(|one, next| one + 1 == *next).map(|piece| piece[0]..piece[piece.len() - 1] + 1)
}

/// The seconds that lie within these spans as a whole.
pub(super) fn whole_seconds(spans: &[(Duration, Duration)]) -> Vec<u32> {
    let whole = |(start, end): &(Duration, Duration)| {
        let from = start.as_secs() + u64::from(start.subsec_nanos() > 0);
        (from..end.as_secs()).filter_map(|second| u32::try_from(second).ok())
    };
    spans.iter().flat_map(whole).collect()
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

    fn only(seconds: Range<u32>) -> Vec<Range<u32>> {
        std::iter::once(seconds).collect()
    }

    /// Beside a baseline that ran to its end.
    fn aligned(run: &Plan, baseline: &Plan) -> StageAlignment {
        StageAlignment::new(run, baseline, baseline.duration())
    }

    fn to_baseline(alignment: &StageAlignment, at: u64) -> Option<u64> {
        alignment.to_baseline(secs(at)).map(|at| at.as_secs())
    }

    #[test]
    fn the_same_plan_is_beside_itself() {
        let plan = plan(&[("Ramp", 10), ("Hold", 20)]);
        let alignment = aligned(&plan, &plan);
        for at in 0..30 {
            assert_eq!(to_baseline(&alignment, at), Some(at));
        }
        assert_eq!(to_baseline(&alignment, 30), None, "after the end");
        assert_eq!(alignment.in_common(4..25).baseline, only(4..25));
    }

    #[test]
    fn stages_of_other_lengths_stand_beside_each_other_from_their_beginning() {
        let (run, baseline) = (plan(&[("Ramp", 10), ("Hold", 20)]), plan(&[("Ramp", 6), ("Hold", 30)]));
        let alignment = aligned(&run, &baseline);
        assert_eq!(to_baseline(&alignment, 5), Some(5));
        assert_eq!(to_baseline(&alignment, 7), None, "the baseline's ramp was over");
        assert_eq!(to_baseline(&alignment, 10), Some(6));
        assert_eq!(to_baseline(&alignment, 29), Some(25));
        let common = alignment.in_common(0..30);
        assert_eq!(common.run, [0..6, 10..30], "6 s of the ramp, 20 s of the hold");
        assert_eq!(common.baseline, only(0..26));
        assert_eq!(alignment.to_run(secs(6)), Some(secs(10)));
        assert_eq!(alignment.to_run(secs(30)), None, "beyond what the run holds");
    }

    #[test]
    fn stages_are_matched_by_name_then_by_place() {
        let run = plan(&[("Warm", 5), ("Hold", 10), ("Rest", 5), ("Hold", 10)]);
        let baseline = plan(&[("Start", 5), ("Hold", 10), ("Hold", 10)]);
        let alignment = aligned(&run, &baseline);
        assert_eq!(to_baseline(&alignment, 1), Some(1), "in the same place");
        assert_eq!(to_baseline(&alignment, 6), Some(6));
        assert_eq!(to_baseline(&alignment, 16), None, "its place is the second hold's");
        assert_eq!(to_baseline(&alignment, 21), Some(16), "the second hold");
        assert_eq!(alignment.in_common(0..30).baseline, only(0..25));
    }

    #[test]
    fn pauses_of_either_side_are_left_out() {
        let plain = plan(&[("Hold", 20)]);
        let paused = changed(plain.clone(), &[(5, PlanChangeKind::Pause), (8, PlanChangeKind::Resume)]);
        let alignment = aligned(&paused, &plain);
        assert_eq!(to_baseline(&alignment, 4), Some(4));
        assert_eq!(to_baseline(&alignment, 6), None, "in the pause");
        assert_eq!(to_baseline(&alignment, 8), Some(5));
        assert_eq!(to_baseline(&alignment, 22), Some(19));
        let back = aligned(&plain, &paused);
        assert_eq!((to_baseline(&back, 4), to_baseline(&back, 5)), (Some(4), Some(8)));
        assert_eq!(back.in_common(0..20).baseline, [0..5, 8..23]);
    }

    #[test]
    fn skipped_and_extended_stages_keep_their_counterpart() {
        let plain = plan(&[("Ramp", 10), ("Hold", 20)]);
        let run = changed(
            plain.clone(),
            &[(4, PlanChangeKind::SkipStage), (10, PlanChangeKind::ExtendStage(secs(10)))],
        );
        let alignment = aligned(&run, &plain);
        assert_eq!(to_baseline(&alignment, 3), Some(3));
        assert_eq!(to_baseline(&alignment, 4), Some(10), "the hold begins");
        assert_eq!(to_baseline(&alignment, 23), Some(29));
        assert_eq!(to_baseline(&alignment, 24), None, "the baseline ended earlier");
    }

    #[test]
    fn a_baseline_that_was_stopped_has_nothing_after_its_end() {
        let plan = plan(&[("Hold", 20)]);
        let alignment = StageAlignment::new(&plan, &plan, secs(12));
        assert_eq!((to_baseline(&alignment, 11), to_baseline(&alignment, 12)), (Some(11), None));
        assert_eq!(alignment.in_common(5..20).run, only(5..12));
    }

    #[test]
    fn steps_are_matched_by_name_then_by_method_and_path() {
        let scenario = |steps: &[(&str, &str)]| {
            let mut scenario = sample::scenario();
            scenario.journeys[0].steps = steps.iter().map(|(name, path)| Step::get(*name, *path)).collect();
            scenario
        };
        let run = scenario(&[("List", "/a"), ("Renamed", "/b"), ("New", "/c"), ("List", "/d")]);
        let baseline = scenario(&[("Old", "/b"), ("List", "/x"), ("List", "/y")]);
        assert_eq!(matching_steps(&run, &baseline), [Some(1), Some(0), None, Some(2)]);
    }
}
