//! Warm-up and steady state: whether the stages that hold their level were steady, and from when on.
//!
//! Found in the median of each second, shown beside the figures, and never cut from any of them.

mod mser;
mod pelt;
mod series;
mod shape;
#[cfg(test)]
mod tests;
mod words;

use std::{ops::Range, time::Duration};

use crate::metrics::{Aggregate, HistogramError, History, RunRecord};
use crate::model::{Metric, Plan, Window};

use super::{Reading, Summary, alignment::ranges, is_thin};
use mser::mser_5;
use series::Series;
use shape::Shape;

pub use series::MIN_POINTS;

/// What the stages that hold their level say of warm-up and steady state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Steadiness {
    /// Those that were reached, in order.
    pub stages: Vec<StageSteadiness>,
    /// What it comes to, or why nothing was looked for.
    pub sentence: String,
}

/// How steady a stage was while it held its level.
#[derive(Clone, Debug, PartialEq)]
pub struct StageSteadiness {
    pub name: String,
    /// Its index in the plan.
    pub stage: usize,
    /// What it held: users (closed) or arrivals per second (open).
    pub level: f64,
    /// From its first whole second to the end of its last, since the start of the run; the own warm-up belongs to it.
    pub seconds: Range<u32>,
    /// Seconds with a median.
    pub n_points: usize,
    /// Whole seconds without one: nothing was kept of them, or no request succeeded; pauses do not count.
    pub n_missing: usize,
    /// Seconds at a time: one, or more where the hold has very many.
    pub grain: u32,
    pub class: SteadinessClass,
    /// Stretches between changes of level; none where it is too short to tell.
    pub segments: Vec<LevelSegment>,
    /// Single seconds far from their surroundings, which make no level of their own.
    pub n_outliers: usize,
    pub mser: Option<MserCut>,
    /// The second from which on the last level holds; none where it never does, or that cannot be told.
    pub steady_from: Option<u32>,
    /// The second from which on figures describe the steady state, where that is not from the beginning.
    pub cut: Option<u32>,
    /// The stage as it counts everywhere: the scenario's own warm-up left out.
    pub as_counted: SteadinessFigures,
    /// What remains of it with the cut; none where nothing more would be left out.
    pub with_cut: Option<SteadinessFigures>,
    /// What was found, in plain words.
    pub sentence: String,
    /// What to do about it.
    pub advice: Option<String>,
}

/// What the medians of a stage do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SteadinessClass {
    /// One level from the beginning to the end.
    Flat,
    /// The last level is reached from slower ones.
    WarmUp,
    /// The last level is slower than one before it.
    Slowdown,
    /// No level covers the final quarter.
    NeverSteady,
    /// Too few seconds: the scenario's own warm-up has to do.
    TooShort,
}

/// A stretch of a stage without a change of level.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelSegment {
    /// Since the start of the run.
    pub seconds: Range<u32>,
    /// The mean of its seconds' medians, for what it is: a level, and no percentile of its requests.
    pub level: Duration,
    /// Whether it is the last level, or as near to it as that varies.
    pub is_last_level: bool,
}

/// What MSER-5 would leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MserCut {
    /// The first second that it would keep.
    pub from: u32,
    /// It may not leave out more than half, and would.
    pub is_at_limit: bool,
}

/// A stage's figures in one of its views.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SteadinessFigures {
    pub n_requests: u64,
    pub n_errors: u64,
    /// None where there are too few requests.
    pub p50: Option<Reading>,
    pub p95: Option<Reading>,
    pub p99: Option<Reading>,
}

impl SteadinessClass {
    pub fn name(self) -> &'static str {
        match self {
            Self::Flat => "flat",
            Self::WarmUp => "warm-up",
            Self::Slowdown => "slowdown",
            Self::NeverSteady => "no steady state",
            Self::TooShort => "too short",
        }
    }
}

impl StageSteadiness {
    /// Stretches at another level between two at the last one.
    pub fn disturbances(&self) -> impl Iterator<Item = &LevelSegment> {
        let settled = self.segments.iter().skip_while(|segment| !segment.is_last_level);
        settled.filter(|segment| !segment.is_last_level)
    }

    /// The last level; none where it is too short to tell.
    pub fn last_level(&self) -> Option<Duration> {
        self.segments.last().map(|segment| segment.level)
    }
}

impl Steadiness {
    /// Of a kept run that was summed up.
    pub fn of(record: &RunRecord, history: &History, summary: &Summary) -> Result<Self, HistogramError> {
        if record.start.scenario.interleave.is_some() {
            return Ok(Self { stages: Vec::new(), sentence: words::INTERLEAVED.to_owned() });
        }
        let run = Run { record, history, summary, plan: record.plan() };
        let mut stages = Vec::new();
        for stage in 0..run.plan.stages().len() {
            stages.extend(run.steadiness_of(stage)?);
        }
        let sentence = words::sentence(&stages);
        Ok(Self { stages, sentence })
    }
}

/// What a stage's steadiness is found in.
struct Run<'a> {
    record: &'a RunRecord,
    history: &'a History,
    summary: &'a Summary,
    plan: Plan,
}

impl Run<'_> {
    /// None of a stage that does not hold a level, or was not reached.
    fn steadiness_of(&self, stage: usize) -> Result<Option<StageSteadiness>, HistogramError> {
        let planned = &self.plan.stages()[stage];
        if !planned.carries() {
            return Ok(None);
        }
        let spans = self.plan.window_spans(&Window::Run, self.record.end.load_duration).into_iter();
        let within = spans.filter(|(start, _)| (planned.start..planned.end).contains(start));
        let series = Series::of(&within.collect::<Vec<_>>(), &self.record.points);
        let Some(seconds) = series.extent() else { return Ok(None) };
        let mut found = StageSteadiness {
            name: planned.name.clone(),
            stage,
            level: planned.end_level,
            n_points: series.n_points(),
            n_missing: series.seconds.len() - series.n_points(),
            grain: series.grain(),
            class: SteadinessClass::TooShort,
            segments: Vec::new(),
            n_outliers: 0,
            mser: None,
            steady_from: None,
            cut: None,
            as_counted: self.as_counted(stage),
            with_cut: None,
            sentence: String::new(),
            advice: None,
            seconds,
        };
        if series.n_points() >= MIN_POINTS {
            found.look_at(&series);
            found.with_cut = self.with_cut(&found, &series)?;
        }
        found.sentence = words::stage_sentence(&found);
        found.advice = words::advice(&found, &self.plan, self.record);
        Ok(Some(found))
    }

    fn as_counted(&self, stage: usize) -> SteadinessFigures {
        let row = self.summary.stages.get(stage);
        row.map(|row| SteadinessFigures::of(&row.aggregate, self.summary)).unwrap_or_default()
    }

    // Requests count in the second in which they ended: where to cut was found by these.
    fn with_cut(
        &self,
        found: &StageSteadiness,
        series: &Series,
    ) -> Result<Option<SteadinessFigures>, HistogramError> {
        let Some(cut) = found.cut.filter(|cut| Duration::from_secs((*cut).into()) > self.plan.warm_up())
        else {
            return Ok(None);
        };
        let kept: Vec<u32> = series.seconds.iter().copied().filter(|second| *second >= cut).collect();
        let mut all = Aggregate::default();
        for range in ranges(&kept) {
            let sums = self.history.sums(range)?;
            all.stats.merge_responses(&sums.all());
            all.duration += sums.load.span;
        }
        Ok(Some(SteadinessFigures::of(&all, self.summary)))
    }
}

impl StageSteadiness {
    fn look_at(&mut self, series: &Series) {
        let shape = Shape::of(&series.values());
        let second = |point: usize| series.second_of(point, self.seconds.end);
        self.segments = shape
            .segments
            .iter()
            .map(|segment| LevelSegment {
                seconds: second(segment.from)..second(segment.until),
                level: Duration::from_secs_f64(segment.level),
                is_last_level: segment.is_last_level,
            })
            .collect();
        let mser = mser_5(&series.values())
            .map(|cut| MserCut { from: second(cut.n_left_out), is_at_limit: cut.is_at_limit });
        let steady_from = shape.steady_from.map(second);
        self.cut = match (shape.class, steady_from) {
            // Change points see the first steps of a decay, MSER its long end: the later of the two leaves least of it.
            (SteadinessClass::WarmUp, Some(from)) => {
                let of_mser = mser.filter(|mser| !mser.is_at_limit).map(|mser| mser.from);
                Some(of_mser.map_or(from, |mser| mser.max(from)))
            }
            (SteadinessClass::Slowdown, from) => from,
            _ => None,
        };
        (self.class, self.n_outliers) = (shape.class, shape.n_outliers);
        (self.steady_from, self.mser) = (steady_from, mser);
    }
}

impl SteadinessFigures {
    fn of(aggregate: &Aggregate, summary: &Summary) -> Self {
        let reading = |quantile: f64| {
            let reading = summary.reading(aggregate, Metric::Quantile(quantile));
            reading.filter(|reading| reading.is_censored || !is_thin(&aggregate.stats, quantile))
        };
        let counters = &aggregate.stats.counters;
        Self {
            n_requests: counters.n_requests(),
            n_errors: counters.n_errors(),
            p50: reading(0.5),
            p95: reading(0.95),
            p99: reading(0.99),
        }
    }
}
