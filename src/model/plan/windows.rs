//! What counts where: segments of requests, and the stretches of the run that windows cover.

use std::time::Duration;

use super::{Plan, PlannedStage};
use serde::{Deserialize, Serialize};

use crate::model::Window;

/// Which part of the plan a request was intended for; results are kept apart by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Segment {
    /// Index of the stage.
    pub stage: u16,
    pub warm_up: bool,
}

impl Segment {
    /// Of requests that users still make, to end their iterations, after the load has ended: they count over the whole
    /// run, in no stage and in no rate. No plan has so many stages, however it is changed.
    pub const AFTER: Self = Self { stage: u16::MAX, warm_up: false };
}

impl Plan {
    /// The segment that a request intended for `time` belongs to.
    pub fn segment_at(&self, time: Duration) -> Segment {
        let stage = u16::try_from(self.stage_at(time)).unwrap_or(u16::MAX);
        Segment { stage, warm_up: self.until_pause(time) < self.warm_up }
    }

    /// Whether requests of `segment` count within `window`.
    pub fn window_contains(&self, window: &Window, segment: Segment) -> bool {
        *window == Window::Run
            || !segment.warm_up
                && self.stages.get(usize::from(segment.stage)).is_some_and(|stage| self.covers(window, stage))
    }

    /// The stretches of `window` up to `until`, the moment at which load ended; pauses are left out.
    pub fn window_spans(&self, window: &Window, until: Duration) -> Vec<(Duration, Duration)> {
        let from = if *window == Window::Run { Duration::ZERO } else { self.warm_up };
        let until = self.until_pause(until);
        let mut spans: Vec<(Duration, Duration)> = Vec::new();
        let mut last_stage = None;
        for piece in self.pieces.iter().filter(|piece| !piece.paused) {
            let (start, end) = (piece.start.max(from), piece.end.min(until));
            if start >= end || !self.covers(window, &self.stages[piece.stage]) {
                continue;
            }
            match spans.last_mut() {
                Some(last) if last_stage == Some(piece.stage) && last.1 == start => last.1 = end,
                _ => spans.push((start, end)),
            }
            last_stage = Some(piece.stage);
        }
        spans
    }

    /// The length of `window` up to `until`, the moment at which load ended; pauses are left out.
    pub fn window_duration(&self, window: &Window, until: Duration) -> Duration {
        self.window_spans(window, until).iter().map(|(start, end)| *end - *start).sum()
    }

    /// Whether any stage after the warm-up holds its level, so that *steady* means the holding stages.
    pub fn has_steady_stages(&self) -> bool {
        self.has_steady_stages
    }

    fn covers(&self, window: &Window, stage: &PlannedStage) -> bool {
        match window {
            Window::Run => true,
            Window::Steady => stage.carries() || !self.has_steady_stages,
            Window::Stage(name) => stage.name == *name,
        }
    }
}
