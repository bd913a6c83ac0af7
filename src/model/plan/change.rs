//! Changes of the plan while its run goes on: what was planned before the change stands to the last bit.

use std::time::Duration;

use super::{Plan, piece::Piece};
use crate::model::{PlanChange, PlanChangeKind, PresentEnd, Stage};

/// The longest extension at once, that of a whole scenario.
const MAX_EXTENSION: Duration = Duration::from_secs(7 * 24 * 3_600);
const LEAST_LEFT: Duration = Duration::from_millis(1);

impl Plan {
    /// Changes what is planned from `change.at` on; without effect once the load has ended.
    pub fn apply(&mut self, change: &PlanChange) {
        let at = change.at.max(self.settled);
        if self.load_end().is_some_and(|end| end <= at) {
            return;
        }
        self.settled = at;
        // While it is paused the plan stands still: it goes on for the blink of the change.
        let was_paused = self.resume(at);
        match &change.kind {
            PlanChangeKind::Pause => self.pause(at),
            PlanChangeKind::Resume => {}
            PlanChangeKind::SkipStage => self.skip_stage(at),
            PlanChangeKind::ExtendStage(by) => self.extend_stage(at, (*by).min(MAX_EXTENSION)),
            PlanChangeKind::ReplaceFuture(stages) => self.replace_future(at, stages),
            PlanChangeKind::Redraw { present, stages } => {
                if let Some(end) = present {
                    self.bend_stage(at, *end);
                }
                self.replace_future(at, stages);
            }
        }
        if was_paused && change.kind != PlanChangeKind::Resume {
            self.pause(at);
        }
        self.add_up();
    }

    /// The plan as it goes on if it is resumed at `at`; the same where it is not paused.
    pub fn resumed_at(mut self, at: Duration) -> Self {
        if self.is_paused() {
            self.apply(&PlanChange { at, kind: PlanChangeKind::Resume });
        }
        self
    }

    fn pause(&mut self, at: Duration) {
        self.paused_from = (at < self.duration()).then_some(at);
    }

    /// Whether there was a pause to end.
    fn resume(&mut self, at: Duration) -> bool {
        let Some(from) = self.paused_from.take() else { return false };
        if from == at {
            return true;
        }
        let (stage, index) = (self.stage_at(from), self.cut(from));
        let length = at - from;
        self.pieces.insert(index, Piece::pause(stage, from, at));
        self.stages[stage].paused += length;
        self.shift(stage, index + 1, |time| time + length);
        if from < self.warm_up {
            self.warm_up += length;
        }
        true
    }

    fn skip_stage(&mut self, at: Duration) {
        let (stage, index) = (self.stage_at(at), self.cut(at));
        let early = self.stages[stage].end - at;
        self.stages[stage].end_level = self.pieces[index].start_level;
        self.pieces.remove(index);
        self.shift(stage, index, |time| time - early);
    }

    fn extend_stage(&mut self, at: Duration, by: Duration) {
        let (stage, index) = (self.stage_at(at), self.cut(at));
        let rest = &self.pieces[index];
        let (span, levels) = ((at, rest.end + by), (rest.start_level, rest.end_level));
        self.pieces[index] = Piece::new(stage, span, levels);
        self.shift(stage, index + 1, |time| time + by);
    }

    /// Lets the present stage go straight to another end; the stages after it are the caller's to place.
    fn bend_stage(&mut self, at: Duration, PresentEnd { left, level }: PresentEnd) {
        let (stage, index) = (self.stage_at(at), self.cut(at));
        // One that is to end at once ends a moment later: it stays the present one, whatever follows.
        let end = at + left.clamp(LEAST_LEFT, MAX_EXTENSION);
        let from = self.pieces[index].start_level;
        self.pieces[index] = Piece::new(stage, (at, end), (from, level));
        let bent = &mut self.stages[stage];
        bent.is_bent |= level != from;
        (bent.end, bent.end_level) = (end, level);
        self.stage_ends[stage] = end;
    }

    fn replace_future(&mut self, at: Duration, stages: &[Stage]) {
        let present = self.stage_at(at);
        self.stages.truncate(present + 1);
        self.pieces.retain(|piece| piece.stage <= present);
        for stage in stages {
            self.append(stage, stage.duration);
        }
    }

    /// Makes a piece begin at a time before the end, and returns its index.
    fn cut(&mut self, at: Duration) -> usize {
        let index = self.pieces.partition_point(|piece| piece.end <= at);
        if self.pieces[index].start == at {
            return index;
        }
        let rest = self.pieces[index].cut(at);
        self.pieces.insert(index + 1, rest);
        index + 1
    }

    /// Moves the end of `stage`, the stages after it and the pieces from `piece` on.
    fn shift(&mut self, stage: usize, piece: usize, moved: impl Fn(Duration) -> Duration) {
        self.stages[stage].end = moved(self.stages[stage].end);
        for later in &mut self.stages[stage + 1..] {
            (later.start, later.end) = (moved(later.start), moved(later.end));
        }
        for end in &mut self.stage_ends[stage..] {
            *end = moved(*end);
        }
        for later in &mut self.pieces[piece..] {
            (later.start, later.end) = (moved(later.start), moved(later.end));
        }
    }
}
