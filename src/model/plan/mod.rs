//! Everything that is known before running: when iterations start, how many users there are, what counts where.
//!
//! A plan may change while its run goes on; what was planned before the change stands.

mod blocks;
mod change;
mod journeys;
mod piece;
mod starts;
mod users;
mod windows;

#[cfg(test)]
mod change_tests;
#[cfg(test)]
mod tests;

use std::time::Duration;

use super::{Arrivals, LoadModel, Scenario, SearchStage, Shape, Stage};
use blocks::Blocks;
use piece::Piece;

pub use blocks::BlockPair;
pub use starts::{IntendedStarts, PlannedStart, StartClock};
pub use users::UserWindow;
pub use windows::Segment;

/// Everything that is known before running; times count from the start of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    model: LoadModel,
    stages: Vec<PlannedStage>,
    /// Ends of the stages close together, because each request asks for its stage.
    stage_ends: Vec<Duration>,
    /// What the stages come to, in order and without gaps; as if resumed at once while paused without end.
    pieces: Vec<Piece>,
    /// Since when it is paused, while no end of the pause is known.
    paused_from: Option<Duration>,
    /// Everything before this stands.
    settled: Duration,
    has_steady_stages: bool,
    /// Whether its stages are the probes of a search.
    is_search: bool,
    warm_up: Duration,
    graceful_stop: Duration,
    /// One cycle of the mixed journeys, as indexes.
    journey_cycle: Vec<u32>,
    /// How the sides of an interleaved run take turns.
    blocks: Option<Blocks>,
    n_steps_by_journey: Vec<u32>,
}

/// One stage of the profile with its place in the run.
#[derive(Clone, Debug, PartialEq)]
pub struct PlannedStage {
    pub name: String,
    pub start: Duration,
    pub end: Duration,
    pub start_level: f64,
    pub end_level: f64,
    pub shape: Shape,
    /// Of the time from start to end.
    paused: Duration,
    /// Whether a change gave it another level on its way.
    is_bent: bool,
    /// Whether it only lets the load of a search's probe settle.
    settles: bool,
}

impl PlannedStage {
    /// How long it makes load, pauses left out.
    pub fn duration(&self) -> Duration {
        self.end - self.start - self.paused
    }

    /// Whether the level stays the same throughout, pauses aside.
    pub fn holds(&self) -> bool {
        self.start_level == self.end_level && !self.is_bent
    }

    /// Whether it holds a level that makes load: a jump has no length, a rest no requests, and settling does not count.
    pub fn carries(&self) -> bool {
        self.holds() && !self.settles && self.end_level > 0.0 && self.start < self.end
    }
}

impl Plan {
    /// The plan of a valid scenario, with durations multiplied by `time_scale` (1 leaves them).
    pub fn new(scenario: &Scenario, time_scale: f64) -> Self {
        let load = &scenario.load;
        let mut plan = Self {
            model: load.model.clone(),
            stages: Vec::with_capacity(load.stages.len()),
            stage_ends: Vec::new(),
            pieces: Vec::with_capacity(load.stages.len()),
            paused_from: None,
            settled: Duration::ZERO,
            has_steady_stages: false,
            is_search: scenario.is_search(),
            warm_up: load.warm_up.mul_f64(time_scale),
            graceful_stop: load.graceful_stop,
            journey_cycle: journeys::journey_cycle(scenario),
            blocks: Blocks::of(scenario),
            n_steps_by_journey: scenario
                .journeys
                .iter()
                .map(|journey| journey.enabled_steps().count() as u32)
                .collect(),
        };
        for stage in &load.stages {
            plan.append(stage, stage.duration.mul_f64(time_scale));
        }
        plan.add_up();
        plan
    }

    /// Adds a stage at the end, from the level that the last one reaches.
    fn append(&mut self, stage: &Stage, duration: Duration) {
        let (start, level) =
            self.stages.last().map_or((Duration::ZERO, 0.0), |last| (last.end, last.end_level));
        let end = start.saturating_add(duration);
        let start_level = if stage.shape == Shape::Step { stage.end_level } else { level };
        if start < end {
            self.pieces.push(Piece::new(self.stages.len(), (start, end), (start_level, stage.end_level)));
        }
        self.stages.push(PlannedStage {
            name: stage.name.clone(),
            start,
            end,
            start_level,
            end_level: stage.end_level,
            shape: stage.shape,
            paused: Duration::ZERO,
            is_bent: false,
            settles: self.is_search && matches!(SearchStage::of(&stage.name), Some(SearchStage::Settle(_))),
        });
    }

    /// Brings up to date what follows from stages and pieces.
    fn add_up(&mut self) {
        let mut area = 0.0;
        for piece in &mut self.pieces {
            piece.area_before = area;
            area = piece.area_after();
        }
        self.stage_ends.clear();
        self.stage_ends.extend(self.stages.iter().map(|stage| stage.end));
        self.has_steady_stages = self.stages.iter().any(|stage| stage.carries() && stage.end > self.warm_up);
    }

    pub fn model(&self) -> &LoadModel {
        &self.model
    }

    pub fn is_open(&self) -> bool {
        self.model.is_open()
    }

    /// The last stage that confirms a search's answer; none in other runs, and before there is one.
    pub fn confirming_stage(&self) -> Option<&PlannedStage> {
        let confirms =
            |stage: &&PlannedStage| matches!(SearchStage::of(&stage.name), Some(SearchStage::Confirm(_)));
        self.stages.iter().rev().find(confirms).filter(|_| self.is_search)
    }

    pub fn stages(&self) -> &[PlannedStage] {
        &self.stages
    }

    pub fn warm_up(&self) -> Duration {
        self.warm_up
    }

    pub fn graceful_stop(&self) -> Duration {
        self.graceful_stop
    }

    /// When the last stage ends; iterations in flight may finish after it. While it is paused without a known
    /// end, when the last stage would end without this pause; ask [`Plan::load_end`] whether load is over.
    pub fn duration(&self) -> Duration {
        self.stages.last().map_or(Duration::ZERO, |stage| stage.end)
    }

    /// When load ends; unknown while it is paused without a known end.
    pub fn load_end(&self) -> Option<Duration> {
        self.paused_from.is_none().then(|| self.duration())
    }

    /// Whether it is paused without a known end.
    pub fn is_paused(&self) -> bool {
        self.paused_from.is_some()
    }

    /// Since when it is paused, while no end of the pause is known.
    pub fn paused_since(&self) -> Option<Duration> {
        let mut since = self.paused_from?;
        // What is changed during a pause cuts it.
        for piece in self.pieces.iter().rev().filter(|piece| piece.paused) {
            if piece.end < since {
                break;
            }
            since = piece.start;
        }
        Some(since)
    }

    /// The pauses whose end is known, in order, each from when to when.
    pub fn pauses(&self) -> impl Iterator<Item = (Duration, Duration)> {
        self.pieces.iter().filter(|piece| piece.paused).map(|piece| (piece.start, piece.end))
    }

    /// The moment at which `length` has passed since `from`, pauses left out; unknown while it is paused by then.
    pub fn after(&self, from: Duration, length: Duration) -> Option<Duration> {
        let mut until = from.saturating_add(length);
        for (start, end) in self.pauses().filter(|(_, end)| *end > from) {
            if until < start {
                return Some(until);
            }
            until = until.saturating_add(end - start.max(from));
        }
        self.paused_from.is_none_or(|since| until < since).then_some(until)
    }

    /// The highest level of the profile: users (closed) or arrivals per second (open).
    pub fn peak_level(&self) -> f64 {
        let planned = self.stages.iter().flat_map(|stage| [stage.start_level, stage.end_level]);
        // A stage that was bent may have been higher on its way.
        planned.chain(self.pieces.iter().map(|piece| piece.end_level)).fold(0.0, f64::max)
    }

    /// The level at a time: users (closed) or arrivals per second (open); 0 while paused and after the end.
    pub fn level_at(&self, time: Duration) -> f64 {
        if self.paused_from.is_some_and(|from| from <= time) {
            return 0.0;
        }
        let index = self.pieces.partition_point(|piece| piece.end <= time);
        self.pieces.get(index).map_or(0.0, |piece| piece.level_at(time))
    }

    /// Area under the profile up to a time: user-seconds (closed) or arrivals (open).
    pub fn area_at(&self, time: Duration) -> f64 {
        let time = self.until_pause(time);
        let n_begun = self.pieces.partition_point(|piece| piece.start <= time);
        n_begun.checked_sub(1).map_or(0.0, |index| self.pieces[index].area_at(time))
    }

    /// The index of the stage at a time; the last one after the end.
    pub fn stage_at(&self, time: Duration) -> usize {
        let time = self.until_pause(time);
        let index = self.stage_ends.partition_point(|end| *end <= time);
        index.min(self.stages.len().saturating_sub(1))
    }

    /// The corners of the profile in order: each a time and the level there.
    pub fn corners(&self) -> Vec<(Duration, f64)> {
        let ends = |piece: &Piece| [(piece.start, piece.start_level), (piece.end, piece.end_level)];
        let mut corners: Vec<_> = self.pieces.iter().flat_map(ends).collect();
        // A ramp begins where the stage before it ended.
        corners.dedup();
        corners
    }

    /// Iterations planned to start before `time` (open model; evenly spaced arrivals are exact, random ones expected).
    pub fn n_planned_before(&self, time: Duration) -> Option<u64> {
        self.is_open().then(|| n_within(self.area_at(time)))
    }

    /// Iterations that the open model starts in all; none for the closed model, where answers decide.
    pub fn n_planned_iterations(&self) -> Option<u64> {
        match self.model {
            LoadModel::Closed => None,
            LoadModel::Open { arrivals: Arrivals::Constant, .. } => {
                Some(n_within(self.pieces.last().map_or(0.0, Piece::area_after)))
            }
            // What a pause holds back is planned all the same.
            LoadModel::Open { .. } if self.is_paused() => {
                Self { paused_from: None, ..self.clone() }.n_planned_iterations()
            }
            LoadModel::Open { .. } => Some(self.intended_starts().count() as u64),
        }
    }

    /// Requests that the open model sends if every iteration starts.
    pub fn n_planned_requests(&self) -> Option<u64> {
        let n_iterations = self.n_planned_iterations()?;
        let cycle_len = self.journey_cycle.len() as u64;
        if cycle_len == 0 {
            return Some(0);
        }
        let n_steps = |journey: &u32| u64::from(self.n_steps_by_journey[*journey as usize]);
        let per_cycle: u64 = self.journey_cycle.iter().map(n_steps).sum();
        let rest = (n_iterations % cycle_len) as usize;
        let in_rest: u64 = self.journey_cycle[..rest].iter().map(n_steps).sum();
        Some(n_iterations / cycle_len * per_cycle + in_rest)
    }

    /// The time, or the moment at which the plan came to stand still.
    fn until_pause(&self, time: Duration) -> Duration {
        self.paused_from.map_or(time, |from| time.min(from))
    }
}

/// Evenly spaced iterations within an area.
// Iteration n is due at area n + 1/2; the tolerance forgives the last bit of the area's sums.
fn n_within(area: f64) -> u64 {
    (area + 0.5 + 1e-9).floor() as u64
}
