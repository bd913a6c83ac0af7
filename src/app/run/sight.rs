//! One run in the terms of the screen, whether it is under way or kept.

use std::{sync::Arc, time::Duration};

use crate::analysis::StretchIntervals;
use crate::app::{
    search::SearchNow,
    state::{LiveNow, LoadedRun},
};
use crate::metrics::{
    Annotation, ErrorGroup, History, LiveSnapshot, Phase, RunId, SecondPoint, Watched, WindowSums,
};
use crate::model::{Plan, PlanChange, Scenario};

/// What the Run screen shows.
#[derive(Clone, Copy)]
pub struct Sight<'a> {
    pub run_id: RunId,
    pub scenario: &'a Scenario,
    /// As it was at the start.
    pub planned: &'a Plan,
    /// With the changes so far, as if it were not paused.
    pub plan: &'a Plan,
    pub points: &'a [SecondPoint],
    pub history: &'a History,
    /// What numbers and tables show: everything that ended within a stretch of seconds, which is the one that the
    /// analyst selected, or a live run so far. None for a kept run without a selection, which shows its summary.
    pub sums: Option<&'a WindowSums>,
    /// The stretch that the analyst selected, in seconds from and to.
    pub selection: Option<(u32, u32)>,
    /// How sure the percentiles of that stretch are, once it is known.
    pub intervals: Option<&'a StretchIntervals>,
    /// How long load has been made, as far as known.
    pub elapsed: Duration,
    pub error_groups: &'a [ErrorGroup],
    pub annotations: &'a [Annotation],
    /// What was changed in the plan, each with an annotation of its moment.
    pub plan_changes: &'a [PlanChange],
    pub source: Source<'a>,
    /// What monitors read; none where nothing was watched.
    pub watch: Option<WatchSight<'a>>,
    /// How far the search is that steers the run, where one does.
    pub search: Option<&'a SearchNow>,
}

/// What monitors read of a run.
#[derive(Clone, Copy)]
pub struct WatchSight<'a> {
    pub watched: &'a Arc<Watched>,
    /// What is wrong with each monitor just now; none for a kept run.
    pub troubles: Option<&'a [Option<String>]>,
}

/// What tables were made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShownKey {
    revision: u64,
    seconds: Option<(u32, u32)>,
    selection: Option<(u32, u32)>,
    /// Whether intervals are known: they come a moment after a kept run, or a stretch.
    is_precise: bool,
}

/// Where the numbers come from.
#[derive(Clone, Copy)]
pub enum Source<'a> {
    Live(&'a LiveSnapshot),
    Kept(&'a LoadedRun),
}

impl<'a> Sight<'a> {
    pub fn live(now: &'a LiveNow) -> Self {
        let snapshot = &*now.snapshot;
        Self {
            run_id: now.run_id,
            scenario: &now.scenario,
            planned: &now.planned,
            plan: &now.plan,
            points: &snapshot.history,
            history: &snapshot.past,
            sums: None,
            selection: None,
            intervals: None,
            elapsed: snapshot.elapsed.min(now.plan.duration()),
            error_groups: &snapshot.error_groups,
            annotations: &snapshot.annotations,
            plan_changes: &snapshot.plan_changes,
            source: Source::Live(snapshot),
            watch: now
                .watch
                .as_ref()
                .map(|watch| WatchSight { watched: &watch.watched, troubles: Some(&watch.troubles) }),
            search: now.search.as_ref(),
        }
    }

    pub fn kept(run: &'a LoadedRun) -> Self {
        Self {
            run_id: run.record.run_id,
            scenario: &run.record.start.scenario,
            planned: &run.planned,
            plan: &run.plan,
            points: &run.points,
            history: &run.history,
            sums: None,
            selection: None,
            intervals: None,
            elapsed: run.record.end.load_duration,
            error_groups: &run.record.error_groups,
            annotations: &run.record.annotations,
            plan_changes: &run.record.plan_changes,
            source: Source::Kept(run),
            watch: Some(WatchSight { watched: &run.record.watched, troubles: None }),
            search: None,
        }
    }

    /// The same run with what numbers and tables show.
    pub fn with_sums(self, sums: Option<&'a WindowSums>) -> Self {
        Self { sums, ..self }
    }

    /// The same run with the stretch that the analyst selected.
    pub fn with_selection(self, selection: Option<(u32, u32)>) -> Self {
        Self { selection, ..self }
    }

    /// The same run with how sure the percentiles of the selected stretch are.
    pub fn with_intervals(self, intervals: Option<&'a StretchIntervals>) -> Self {
        Self { intervals, ..self }
    }

    /// Changes whenever something that tables show changes.
    pub fn shown_key(&self) -> ShownKey {
        let seconds = self.sums.map(|sums| (sums.seconds.start, sums.seconds.end));
        let is_precise = match self.source {
            _ if self.sums.is_some() => self.intervals.is_some(),
            Source::Kept(run) => run.precise().is_some(),
            Source::Live(_) => false,
        };
        ShownKey { revision: self.revision(), seconds, selection: self.selection, is_precise }
    }

    /// Since when the load is paused.
    pub fn paused_since(&self) -> Option<Duration> {
        match self.source {
            Source::Live(snapshot) => snapshot.paused_since(),
            Source::Kept(_) => None,
        }
    }

    /// Whether what is to come can still be changed.
    pub fn takes_changes(&self) -> bool {
        match self.source {
            Source::Live(snapshot) => matches!(snapshot.phase, Phase::Preparing | Phase::Running),
            Source::Kept(_) => false,
        }
    }

    pub fn is_live(&self) -> bool {
        matches!(self.source, Source::Live(_))
    }

    /// Changes whenever something that charts show changes.
    pub fn revision(&self) -> u64 {
        let last = self.points.last().map_or(0, |point| u64::from(point.second) + 1);
        let n_notes = self.annotations.len() as u64;
        (self.run_id.0 as u64) << 40
            | u64::from(self.is_live()) << 39
            | (n_notes & 0x3ff) << 28
            | (last & 0xfff_ffff)
    }
}
