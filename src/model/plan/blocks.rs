//! Blocks of an interleaved run: which side iterations go to, by their intended start alone.
//!
//! Blocks come in pairs, one of each side; of two pairs in a row one has each order, which of them is drawn. Each stage
//! begins anew. Pauses count in no block.

use std::time::Duration;

use super::{Plan, PlannedStart, Segment};
use crate::model::{Scenario, Side, Window};

/// How a plan divides its stages among the sides.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Blocks {
    length: Duration,
    seed: u64,
    /// Each side's; those of the candidate follow those of the baseline. None before they are there twice.
    n_journeys: usize,
}

/// Two blocks of equal length one after the other, one of each side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockPair {
    /// Index of the stage.
    pub stage: u16,
    pub start: Duration,
    /// When the side changes.
    pub middle: Duration,
    pub end: Duration,
    /// The side that comes first.
    pub first: Side,
}

impl Blocks {
    pub fn of(scenario: &Scenario) -> Option<Self> {
        let interleave = scenario.interleave.as_ref()?;
        let of_baseline = scenario.journeys.iter().filter(|journey| journey.side == Some(Side::Baseline));
        // A block without length would have no side.
        let length = interleave.block.max(Duration::from_millis(1));
        Some(Self { length, seed: interleave.seed, n_journeys: of_baseline.count() })
    }

    /// The side of a moment so long after its stage's start.
    fn side_after(&self, stage: usize, since_start: Duration) -> Side {
        let n_blocks = (since_start.as_nanos() / self.length.as_nanos()) as u64;
        let first = self.first_side(stage, n_blocks / 2);
        if n_blocks.is_multiple_of(2) { first } else { first.other() }
    }

    /// The side that comes first in a pair: a coin thrown for each two pairs, the second of which turns it around.
    // So a drift that goes one way adds to as many pairs as it takes away from. SplitMix64 (Steele, Lea, Flood 2014) over
    // seed, stage and pairs. Kept runs are read by it: it never changes.
    fn first_side(&self, stage: usize, pair: u64) -> Side {
        let counter = ((stage as u64) << 40) + pair / 2 + 1;
        let mut mixed = self.seed.wrapping_add(counter.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let drawn = if (mixed ^ (mixed >> 31)) >> 63 == 0 { Side::Baseline } else { Side::Candidate };
        if pair.is_multiple_of(2) { drawn } else { drawn.other() }
    }
}

impl Plan {
    /// The side that an iteration meant for `time` goes to; none unless the run is interleaved.
    pub fn side_at(&self, time: Duration) -> Option<Side> {
        let blocks = self.blocks.as_ref()?;
        let stage = self.stage_at(time);
        Some(blocks.side_after(stage, self.since_stage_start(stage, time)))
    }

    /// The journey that an iteration walks: exact shares within each cycle, evenly mixed; among those of its side.
    pub fn journey_of(&self, start: PlannedStart) -> usize {
        let cycle = &self.journey_cycle;
        let journey = cycle[(start.iteration % cycle.len() as u64) as usize] as usize;
        match &self.blocks {
            Some(blocks) if self.side_at(start.intended) == Some(Side::Candidate) => {
                journey + blocks.n_journeys
            }
            _ => journey,
        }
    }

    /// The pairs that ended by `until` and count: whole ones, within what *steady* means, after the warm-up.
    pub fn block_pairs(&self, until: Duration) -> Vec<BlockPair> {
        let Some(blocks) = &self.blocks else { return Vec::new() };
        let mut pairs = Vec::new();
        for (index, stage) in self.stages.iter().enumerate() {
            let segment = Segment { stage: index as u16, warm_up: false };
            if !self.window_contains(&Window::Steady, segment) {
                continue;
            }
            let n_whole = (stage.duration().as_nanos() / (2 * blocks.length).as_nanos()) as u32;
            for pair in 0..n_whole {
                let at = |n_blocks: u32| {
                    self.after(stage.start, blocks.length.saturating_mul(2 * pair + n_blocks))
                };
                let (Some(start), Some(middle), Some(end)) = (at(0), at(1), at(2)) else { break };
                if end > until {
                    break;
                }
                if start >= self.warm_up {
                    let first = blocks.first_side(index, pair.into());
                    pairs.push(BlockPair { stage: segment.stage, start, middle, end, first });
                }
            }
        }
        pairs
    }

    /// How long the stage had made load by `time`, pauses left out.
    fn since_stage_start(&self, stage: usize, time: Duration) -> Duration {
        let time = self.until_pause(time);
        let start = self.stages.get(stage).map_or(Duration::ZERO, |stage| stage.start);
        let first = self.pieces.partition_point(|piece| piece.end <= start);
        let begun = self.pieces[first..].iter().take_while(|piece| piece.start < time);
        let paused =
            begun.filter(|piece| piece.paused).map(|piece| piece.end.min(time) - piece.start.max(start));
        time.saturating_sub(start).saturating_sub(paused.sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::plan::tests::scenario;
    use crate::model::{Candidate, Interleave, LoadModel, PlanChange, PlanChangeKind, Shape};

    const SECOND: Duration = Duration::from_secs(1);

    fn plan(stages: &[(u64, f64)], block_secs: u64) -> Plan {
        let mut scenario = scenario(LoadModel::open(), stages, &[1, 3]);
        scenario.load.stages[0].shape = Shape::Step;
        let candidate = Candidate::BaseUrl("http://b".to_owned());
        scenario.interleave =
            Some(Interleave { block: SECOND * block_secs as u32, ..Interleave::with(candidate) });
        Plan::new(&scenario.interleaved(), 1.0)
    }

    /// The side of each second, by its first letter.
    fn sides(plan: &Plan, seconds: std::ops::Range<u32>) -> String {
        let letter = |second| plan.side_at(SECOND * second).unwrap().name().chars().next().unwrap();
        seconds.map(letter).collect()
    }

    #[test]
    fn each_pair_has_one_block_of_each_side_in_an_order_that_never_changes() {
        let plan = plan(&[(60, 10.0), (21, 10.0)], 5);
        // Kept runs were sent in this order.
        assert_eq!(sides(&plan, 0..60), "cccccbbbbbbbbbbccccccccccbbbbbbbbbbccccccccccbbbbbbbbbbccccc");
        assert_eq!(plan.side_at(Duration::from_millis(4_999)), plan.side_at(Duration::ZERO));
        let pairs = plan.block_pairs(plan.duration());
        assert_eq!(pairs.len(), 8, "6 in the first stage and 2 in the second, whose last second is in none");
        for pair in &pairs {
            assert_eq!((pair.middle - pair.start, pair.end - pair.middle), (5 * SECOND, 5 * SECOND));
            assert_eq!(plan.side_at(pair.start), Some(pair.first));
            assert_eq!(plan.side_at(pair.middle), Some(pair.first.other()));
        }
        assert_eq!((pairs[6].stage, pairs[6].start, pairs[7].end), (1, 60 * SECOND, 80 * SECOND));
        assert_eq!(plan.block_pairs(59 * SECOND).len(), 5, "of a run stopped in the sixth pair");
    }

    #[test]
    fn both_orders_are_as_frequent_and_the_seed_draws_which_comes_first() {
        let drawn = |seed| {
            let mut plan = plan(&[(20_000, 1.0)], 10);
            plan.blocks.as_mut().unwrap().seed = seed;
            let pairs = plan.block_pairs(plan.duration());
            let is_baseline_first = pairs.iter().map(|pair| pair.first == Side::Baseline);
            let orders: Vec<bool> = is_baseline_first.collect();
            assert!(orders.len() == 1_000 && orders.chunks(2).all(|two| two[0] != two[1]));
            orders.iter().step_by(2).filter(|is_first| **is_first).count()
        };
        let counts = [1, 2, 3].map(drawn);
        assert!(counts.iter().all(|n| (205..295).contains(n)) && counts[0] != counts[1], "{counts:?}");
    }

    #[test]
    fn the_warm_up_and_ramps_have_sides_but_no_pair_that_counts() {
        let mut plan = plan(&[(30, 10.0), (20, 10.0), (20, 0.0)], 5);
        plan.warm_up = 7 * SECOND;
        let starts: Vec<_> =
            plan.block_pairs(plan.duration()).iter().map(|pair| pair.start.as_secs()).collect();
        assert_eq!(starts, [10, 20, 30, 40]);
        assert!(plan.side_at(69 * SECOND).is_some());
        assert_eq!(Plan::new(&scenario(LoadModel::open(), &[(30, 10.0)], &[1]), 1.0).side_at(SECOND), None);
    }

    #[test]
    fn a_pause_counts_in_no_block_and_what_was_sent_before_a_change_keeps_its_side() {
        let before = plan(&[(60, 10.0)], 5);
        let mut paused = before.clone();
        paused.apply(&PlanChange { at: 7 * SECOND, kind: PlanChangeKind::Pause });
        assert_eq!(sides(&paused, 0..7), sides(&before, 0..7));
        assert_eq!(paused.block_pairs(60 * SECOND).len(), 0, "nobody knows when the first pair ends");
        paused.apply(&PlanChange { at: 107 * SECOND, kind: PlanChangeKind::Resume });
        assert_eq!(sides(&paused, 0..7), sides(&before, 0..7));
        assert_eq!(sides(&paused, 107..160), sides(&before, 7..60));
        let pairs = paused.block_pairs(paused.duration());
        assert_eq!((pairs.len(), pairs[0].start, pairs[0].end), (6, Duration::ZERO, 110 * SECOND));
        for change in [PlanChangeKind::ExtendStage(30 * SECOND), PlanChangeKind::SkipStage] {
            let mut changed = before.clone();
            changed.apply(&PlanChange { at: 33 * SECOND, kind: change });
            assert_eq!(sides(&changed, 0..33), sides(&before, 0..33));
        }
    }

    #[test]
    fn each_side_walks_its_own_journeys_in_the_same_shares() {
        let plan = plan(&[(60, 10.0)], 5);
        for (iteration, intended) in plan.intended_starts().enumerate() {
            let journey = plan.journey_of(PlannedStart { iteration: iteration as u64, intended });
            let side = if journey < 2 { Side::Baseline } else { Side::Candidate };
            assert_eq!(Some(side), plan.side_at(intended));
            assert_eq!(journey % 2, plan.journey_cycle[iteration % 4] as usize);
        }
        assert_eq!(plan.n_planned_requests(), Some(600));
    }
}
