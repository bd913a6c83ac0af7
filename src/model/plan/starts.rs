//! Intended starts of the open model: the exact inverse of the area under the profile.
//!
//! Even arrivals sit at areas 1/2, 3/2, …: unbiased at both ends. Random ones are a unit Poisson process in
//! area, which makes the profile's rate theirs. An iteration keeps its area when the plan changes.

use std::time::Duration;

use rand::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::Plan;
use crate::model::{Arrivals, LoadModel};

/// How far into the plan's timetable a worker is; it goes on under the plan as it is then.
#[derive(Clone, Debug)]
pub struct StartClock {
    /// The next iteration.
    iteration: u64,
    stride: u64,
    /// Where the next iteration sits.
    area: f64,
    random: Option<Xoshiro256PlusPlus>,
    /// The piece that the last answer lay in: the next one is seldom far.
    piece: usize,
}

/// An iteration of the plan, and when it is meant to start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlannedStart {
    pub iteration: u64,
    /// Since the start of the run.
    pub intended: Duration,
}

/// See [`Plan::intended_starts`].
pub struct IntendedStarts<'a> {
    plan: &'a Plan,
    clock: StartClock,
}

impl StartClock {
    /// At the first of all iterations.
    pub fn new(plan: &Plan) -> Self {
        Self::striped(plan, 0, 1)
    }

    /// At iteration `first`, which every `stride`-th follows.
    pub fn striped(plan: &Plan, first: u64, stride: u64) -> Self {
        let random = match plan.model() {
            LoadModel::Open { arrivals: Arrivals::Poisson, seed, .. } => {
                Some(Xoshiro256PlusPlus::seed_from_u64(*seed))
            }
            _ => None,
        };
        let mut clock = Self { iteration: first, stride, area: 0.0, random, piece: 0 };
        clock.move_area(first + 1);
        clock
    }

    /// The next start; none if the plan has no more, or none until it is resumed.
    pub fn peek(&mut self, plan: &Plan) -> Option<PlannedStart> {
        if !plan.is_open() {
            return None;
        }
        self.piece = plan.piece_at_area(self.area, self.piece)?;
        let intended = plan.pieces[self.piece].time_at_area(self.area);
        let is_known = plan.paused_from.is_none_or(|from| intended <= from);
        is_known.then_some(PlannedStart { iteration: self.iteration, intended })
    }

    /// Goes on to the start after the next.
    pub fn advance(&mut self) {
        self.iteration += self.stride;
        self.move_area(self.stride);
    }

    /// The next start, and on to the one after.
    pub fn next(&mut self, plan: &Plan) -> Option<PlannedStart> {
        let start = self.peek(plan)?;
        self.advance();
        Some(start)
    }

    /// Moves to where `self.iteration` sits, `n` further than before.
    fn move_area(&mut self, n: u64) {
        match &mut self.random {
            // Draws are the same for every worker, whichever it takes. 1 − u is in (0, 1], so the logarithm is finite.
            Some(random) => (0..n).for_each(|_| self.area -= (1.0 - random.random::<f64>()).ln()),
            None => self.area = self.iteration as f64 + 0.5,
        }
    }
}

impl Iterator for IntendedStarts<'_> {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.clock.next(self.plan).map(|start| start.intended)
    }
}

impl Plan {
    /// Intended starts of the open model in order.
    pub fn intended_starts(&self) -> IntendedStarts<'_> {
        IntendedStarts { plan: self, clock: StartClock::new(self) }
    }

    /// The index of the piece in which the area under the profile reaches `area`; `hint` is where to look first.
    fn piece_at_area(&self, area: f64, hint: usize) -> Option<usize> {
        let is_in = |index: usize| {
            self.pieces.get(index).is_some_and(|piece| piece.reaches(area))
                && (index == 0 || !self.pieces[index - 1].reaches(area))
        };
        if is_in(hint) {
            return Some(hint);
        }
        let index = self.pieces.partition_point(|piece| !piece.reaches(area));
        (index < self.pieces.len()).then_some(index)
    }
}
