//! Any stretch of a run as one set of numbers: the only road from stored seconds to figures.

use std::{collections::BTreeMap, time::Duration};

use crate::model::{Metric, Plan, Scenario, Scope, Segment, Step, Window};

use super::{HistogramError, LatencyHistogram, LoadStats, RunRecord, StepStats};

/// All requests of a run, merged per segment and step: every scope and window is a sum of these.
#[derive(Clone, Debug)]
pub struct RunTotals {
    plan: Plan,
    load_duration: Duration,
    cells: BTreeMap<(Segment, u16), StepStats>,
    /// Journey and service of each step, with its own name.
    step_scopes: Vec<StepScope>,
    n_started: u64,
    n_due: u64,
    start_lag: LatencyHistogram,
}

#[derive(Clone, Debug)]
struct StepScope {
    step: String,
    journey: String,
    service: Option<String>,
}

/// One scope in one window.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aggregate {
    pub stats: StepStats,
    /// Requests among them that users still made after the load had ended: they are in no rate.
    pub n_after: u64,
    /// Length of the window in which load was made.
    pub duration: Duration,
    /// Iterations started ÷ due, over the whole run (open model).
    pub sent_ratio: Option<f64>,
}

impl RunTotals {
    /// Everything of a kept run.
    pub fn new(record: &RunRecord) -> Result<Self, HistogramError> {
        let mut totals = Self::empty(record.plan(), &record.start.scenario);
        totals.load_duration = record.end.load_duration;
        for row in &record.rows {
            totals.cell(row.segment, row.step).merge_encoded(&row.stats)?;
        }
        record.intervals.iter().try_for_each(|interval| totals.add_load(&interval.load))?;
        Ok(totals)
    }

    fn empty(plan: Plan, scenario: &Scenario) -> Self {
        let scope = |(journey, step): (usize, &Step)| StepScope {
            step: step.name.clone(),
            journey: scenario.journeys[journey].name.clone(),
            service: step.service.clone(),
        };
        Self {
            plan,
            load_duration: Duration::ZERO,
            cells: BTreeMap::new(),
            step_scopes: scenario.steps().map(scope).collect(),
            n_started: 0,
            n_due: 0,
            start_lag: LatencyHistogram::default(),
        }
    }

    fn add_load(&mut self, load: &LoadStats) -> Result<(), HistogramError> {
        self.start_lag.merge_encoded(&load.start_lag)?;
        self.n_started += load.n_started;
        self.n_due += load.n_due;
        Ok(())
    }

    fn cell(&mut self, segment: Segment, step: u16) -> &mut StepStats {
        self.cells.entry((segment, step)).or_default()
    }

    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Sent − intended start, over the whole run.
    pub fn start_lag(&self) -> &LatencyHistogram {
        &self.start_lag
    }

    /// Iterations started, and due by the plan (open model), over the whole run.
    pub fn n_started_and_due(&self) -> (u64, u64) {
        (self.n_started, self.n_due)
    }

    /// One scope in one window; requests count by their intended start.
    pub fn select(&self, scope: &Scope, window: &Window) -> Aggregate {
        self.select_where(window, |step| match (scope, &self.step_scopes[step]) {
            (Scope::Run, _) => true,
            (Scope::Step(name), of) => of.step == *name,
            (Scope::Journey(name), of) => of.journey == *name,
            (Scope::Service(name), of) => of.service.as_ref() == Some(name),
        })
    }

    /// One step, by its index, in one window.
    pub fn select_step(&self, step: usize, window: &Window) -> Aggregate {
        self.select_where(window, |index| index == step)
    }

    fn select_where(&self, window: &Window, includes: impl Fn(usize) -> bool) -> Aggregate {
        let mut sum = Aggregate::default();
        for ((segment, step), cell) in &self.cells {
            if includes(usize::from(*step)) && self.plan.window_contains(window, *segment) {
                sum.stats.merge(cell);
                sum.n_after += n_after(*segment, cell);
            }
        }
        Aggregate {
            duration: self.plan.window_duration(window, self.load_duration),
            sent_ratio: (self.n_due > 0).then(|| self.n_started as f64 / self.n_due as f64),
            ..sum
        }
    }
}

/// How many requests of a segment were made after the load had ended: all, or none.
pub(super) fn n_after(segment: Segment, stats: &StepStats) -> u64 {
    if segment == Segment::AFTER { stats.counters.n_requests() } else { 0 }
}

impl Aggregate {
    /// Requests completed per second of the window, while load was made.
    pub fn throughput_per_sec(&self) -> Option<f64> {
        let seconds = self.duration.as_secs_f64();
        let n_requests = self.stats.counters.n_requests() - self.n_after;
        (seconds > 0.0).then(|| n_requests as f64 / seconds)
    }

    /// The value of a metric in its [`Unit`](crate::model::Unit); none where nothing was measured.
    pub fn metric(&self, metric: Metric) -> Option<f64> {
        let seconds = |latency: Option<Duration>| latency.map(|latency| latency.as_secs_f64());
        let response_time = &self.stats.response_time;
        match metric {
            Metric::Quantile(quantile) => seconds(response_time.quantile(quantile)),
            Metric::Mean => seconds(response_time.mean()),
            Metric::Max => seconds(response_time.max()),
            Metric::ErrorShare => self.stats.counters.error_ratio(),
            Metric::Availability => self.stats.counters.error_ratio().map(|ratio| 1.0 - ratio),
            Metric::Throughput => self.throughput_per_sec(),
            Metric::SentShare => self.sent_ratio,
        }
    }
}
