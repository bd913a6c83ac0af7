//! What a projection starts from: the response times of a run in one window, as a whole and in blocks of time.

use std::{cell::OnceCell, time::Duration};

use crate::analysis::{
    Summary,
    comparison::{ComparedRun, Stretches},
    precision::Intervals,
    reading::censored_ratio,
    stats::{BlockedSample, percentile_interval},
    window_words,
};
use crate::metrics::{
    HistogramError, KeptRun, LatencyHistogram, PercentileInterval, RequestPhase, RunId, RunTotals, StepStats,
};
use crate::model::{Arrivals, LoadModel, Plan, PlannedStage, Scenario, Scope, Segment, Window};

/// A stage says how long requests take without a queue where it asks for no more than this share of the rate.
const LOW_LOAD: f64 = 0.5;

/// Fewer successful requests than that say too little of a stage.
const FEWEST_OF_STAGE: u64 = 100;

/// Levels that differ by no more than this share are one.
const SAME_LEVEL: f64 = 0.02;

/// What a projection is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// The requests that would be changed.
    pub changed: Scope,
    /// The requests whose percentiles are told; all that is changed is among them.
    pub scope: Scope,
    /// None for that of the run's headline numbers.
    pub window: Option<Window>,
    /// The step that stands for the call that gets faster.
    pub call: Option<String>,
}

impl Subject {
    /// What a change of some requests brings for themselves, in the window of the headline numbers.
    pub fn of(changed: Scope) -> Self {
        Self { scope: changed.clone(), changed, window: None, call: None }
    }
}

/// Why a projection cannot be begun.
#[derive(Debug, thiserror::Error)]
pub enum BaseError {
    #[error(transparent)]
    Damaged(#[from] HistogramError),
    /// What is asked for is not in the run.
    #[error("{0}")]
    Unknown(String),
}

/// Requests of one kind in the window.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured {
    /// Of successful requests, as a whole: the run's own figures.
    pub response_time: LatencyHistogram,
    /// The same in blocks of time, by stage.
    pub strata: Vec<Vec<LatencyHistogram>>,
    pub n_requests: u64,
    pub n_ok: u64,
    pub bytes_received: u64,
    /// Mean time from the first byte of an answer to the last; none where phases were not measured.
    pub receive_secs: Option<f64>,
}

/// The quietest held stage, where it is quiet enough to say what requests take without a queue.
#[derive(Clone, Debug)]
pub(super) struct LowLoad {
    pub stage: String,
    pub per_sec: f64,
    pub changed: Measured,
}

/// How long another service takes at low load and in the window.
#[derive(Clone, Debug)]
pub(super) struct Elsewhere {
    pub name: String,
    pub low_secs: f64,
    pub base_secs: f64,
}

/// What a projection starts from.
#[derive(Clone, Debug)]
pub struct Base {
    pub(super) run_id: RunId,
    pub(super) scenario: String,
    pub(super) subject: Subject,
    pub(super) window: Window,
    pub(super) window_words: String,
    pub(super) secs: f64,
    pub(super) is_open: bool,
    /// Arrivals are evenly spaced, which waits less than a queue's model says.
    pub(super) is_even: bool,
    /// Each step that would be changed.
    pub(super) changed: Vec<Measured>,
    /// All else in the scope.
    pub(super) rest: Measured,
    /// The scope as a whole.
    pub(super) whole: StepStats,
    pub(super) intervals: Vec<PercentileInterval>,
    pub(super) call: Option<Measured>,
    pub(super) n_levels: usize,
    /// The highest rate of the changed requests that any held stage reached.
    pub(super) highest_per_sec: f64,
    pub(super) low_load: Option<LowLoad>,
    pub(super) elsewhere: Vec<Elsewhere>,
}

impl Base {
    /// Of a kept run that was summed up.
    ///
    /// # Errors
    /// Where the run has no such step, service or stage, or cannot be read.
    pub fn new(run: &KeptRun, summary: &Summary, subject: &Subject) -> Result<Self, BaseError> {
        let scenario = &run.record.start.scenario;
        let window = subject.window.clone().unwrap_or_else(|| summary.headline_window.clone());
        let changed = steps_of(scenario, &subject.changed)?;
        let scope = steps_of(scenario, &subject.scope)?;
        if changed.iter().any(|step| !scope.contains(step)) {
            return Err(BaseError::Unknown(format!(
                "what would be changed ({}) has to be among what is asked about ({})",
                subject.changed, subject.scope
            )));
        }
        check_window(&run.record.plan(), &window)?;
        let call = match &subject.call {
            Some(name) => steps_of(scenario, &Scope::Step(name.clone()))?,
            None => Vec::new(),
        };
        let totals = RunTotals::new(&run.record)?;
        let compared = ComparedRun::new(&run.record, summary, &run.history, &Stretches::All)?;
        let reader = Reader { totals: &totals, compared: &compared };
        let rest: Vec<usize> = scope.iter().copied().filter(|step| !changed.contains(step)).collect();
        let (_, whole) = reader.totals(&scope, &window);
        let secs = totals.select(&Scope::Run, &window).duration.as_secs_f64();
        let mut base = Self {
            run_id: run.record.run_id,
            scenario: scenario.name.clone(),
            window_words: window_words(&window, totals.plan()),
            secs,
            is_open: totals.plan().is_open(),
            is_even: matches!(totals.plan().model(), LoadModel::Open { arrivals: Arrivals::Constant, .. }),
            changed: changed
                .iter()
                .map(|step| reader.measured(&[*step], &window))
                .collect::<Result<_, _>>()?,
            rest: reader.measured(&rest, &window)?,
            intervals: reader.intervals(&scope, &window, &whole.response_time)?,
            whole,
            call: if call.is_empty() { None } else { Some(reader.measured(&call, &window)?) },
            n_levels: n_levels(&reader.stages(&window)),
            highest_per_sec: 0.0,
            low_load: None,
            elsewhere: Vec::new(),
            subject: subject.clone(),
            window,
        };
        base.look_at_stages(&reader, scenario, &changed)?;
        Ok(base)
    }

    /// Requests per second of what would be changed, failed ones among them.
    pub(super) fn changed_per_sec(&self) -> f64 {
        let n: u64 = self.changed.iter().map(|step| step.n_requests).sum();
        if self.secs > 0.0 { n as f64 / self.secs } else { 0.0 }
    }

    /// Requests per second of the whole scope.
    pub(super) fn per_sec(&self) -> f64 {
        if self.secs > 0.0 { self.whole.counters.n_requests() as f64 / self.secs } else { 0.0 }
    }

    pub(super) fn changed_ok(&self) -> u64 {
        self.changed.iter().map(|step| step.n_ok).sum()
    }

    /// The share of requests in the scope whose time nobody knows, as they were given up.
    pub(super) fn hidden_ratio(&self) -> f64 {
        censored_ratio(&self.whole)
    }

    /// The mean time in which the changed answers came, first byte to last; none where it was not measured.
    pub(super) fn receive_secs(&self) -> Option<f64> {
        let known = self.changed.iter().filter_map(|step| Some((step.receive_secs?, step.n_ok as f64)));
        weighted_mean(known)
    }

    /// The stages that hold their level: the quietest one, the highest rate, and how long others take.
    fn look_at_stages(
        &mut self,
        reader: &Reader<'_>,
        scenario: &Scenario,
        changed: &[usize],
    ) -> Result<(), BaseError> {
        let base_per_sec = self.changed_per_sec();
        self.highest_per_sec = base_per_sec;
        let mut quietest: Option<(f64, Window)> = None;
        for stage in reader.stages(&Window::Steady) {
            let window = Window::Stage(stage.name.clone());
            let (secs, stats) = reader.totals(changed, &window);
            if secs <= 0.0 || stats.counters.n_ok() < FEWEST_OF_STAGE || !stage.holds() {
                continue;
            }
            let per_sec = stats.counters.n_requests() as f64 / secs;
            self.highest_per_sec = self.highest_per_sec.max(per_sec);
            if per_sec <= LOW_LOAD * base_per_sec
                && quietest.as_ref().is_none_or(|(least, _)| per_sec < *least)
            {
                quietest = Some((per_sec, window));
            }
        }
        let Some((per_sec, window)) = quietest else { return Ok(()) };
        let measured = reader.measured(changed, &window)?;
        if measured.strata.iter().all(Vec::is_empty) {
            return Ok(());
        }
        let Window::Stage(stage) = &window else { return Ok(()) };
        self.low_load = Some(LowLoad { stage: stage.clone(), per_sec, changed: measured });
        for service in &scenario.services {
            let steps = steps_of(scenario, &Scope::Service(service.name.clone())).unwrap_or_default();
            if steps.is_empty() || steps.iter().any(|step| changed.contains(step)) {
                continue;
            }
            let mean = |window: &Window| {
                let (_, stats) = reader.totals(&steps, window);
                stats.response_time.mean().map(|mean: Duration| mean.as_secs_f64())
            };
            if let Some((low_secs, base_secs)) = mean(&window).zip(mean(&self.window)) {
                self.elsewhere.push(Elsewhere { name: service.name.clone(), low_secs, base_secs });
            }
        }
        Ok(())
    }
}

/// Reads figures of some steps in some window.
struct Reader<'a> {
    totals: &'a RunTotals,
    compared: &'a ComparedRun,
}

impl Reader<'_> {
    /// How long the window is, and what the steps come to in it.
    fn totals(&self, steps: &[usize], window: &Window) -> (f64, StepStats) {
        let (mut stats, mut secs) = (StepStats::default(), 0.0);
        for step in steps {
            let of_step = self.totals.select_step(*step, window);
            secs = of_step.duration.as_secs_f64();
            stats.merge(&of_step.stats);
        }
        (secs, stats)
    }

    fn measured(&self, steps: &[usize], window: &Window) -> Result<Measured, HistogramError> {
        let (_, stats) = self.totals(steps, window);
        let receive = stats.phase(RequestPhase::Receive).mean();
        Ok(Measured {
            strata: self.compared.blocks(&self.stretches(window), steps)?.strata().to_vec(),
            n_requests: stats.counters.n_requests(),
            n_ok: stats.counters.n_ok(),
            bytes_received: stats.counters.bytes_received,
            receive_secs: receive.map(|receive| receive.as_secs_f64()),
            response_time: stats.response_time,
        })
    }

    fn intervals(
        &self,
        steps: &[usize],
        window: &Window,
        response_time: &LatencyHistogram,
    ) -> Result<Vec<PercentileInterval>, HistogramError> {
        let blocks = self.compared.blocks(&self.stretches(window), steps)?;
        Ok(intervals(response_time, &blocks))
    }

    fn stretches(&self, window: &Window) -> Vec<usize> {
        let is_within = |stretch: &usize| {
            let segment = Segment { stage: self.compared.stage_of(*stretch), warm_up: false };
            self.compared.plan.window_contains(window, segment)
        };
        (0..self.compared.n_stretches()).filter(is_within).collect()
    }

    /// The stages of a window that were measured.
    fn stages(&self, window: &Window) -> Vec<&PlannedStage> {
        let stage =
            |stretch: usize| self.compared.plan.stages().get(usize::from(self.compared.stage_of(stretch)));
        self.stretches(window).into_iter().filter_map(stage).collect()
    }
}

/// The percentiles that are projected, each with where it lies at 95 % confidence.
pub(super) fn intervals(response_time: &LatencyHistogram, blocks: &BlockedSample) -> Vec<PercentileInterval> {
    let interval = |quantile: &f64| percentile_interval(response_time, blocks, *quantile);
    super::QUANTILES.iter().filter_map(interval).collect()
}

/// A later run, of which figures are asked for one after the other.
pub(super) struct Later<'a> {
    run: &'a KeptRun,
    summary: &'a Summary,
    totals: RunTotals,
    /// Measured where the summary's tables have no interval; the dearest part, so once at most.
    compared: OnceCell<ComparedRun>,
}

/// What a later run measured of a scope in a window.
pub(super) struct LaterFigures {
    pub secs: f64,
    pub stats: StepStats,
    pub intervals: Vec<PercentileInterval>,
}

impl<'a> Later<'a> {
    pub fn new(run: &'a KeptRun, summary: &'a Summary) -> Result<Self, HistogramError> {
        Ok(Self { run, summary, totals: RunTotals::new(&run.record)?, compared: OnceCell::new() })
    }

    /// What it measured; none where it has no such step or stage.
    pub fn figures(&self, scope: &Scope, window: &Window) -> Result<Option<LaterFigures>, HistogramError> {
        let scenario = &self.run.record.start.scenario;
        let (Ok(steps), Ok(())) = (steps_of(scenario, scope), check_window(self.totals.plan(), window))
        else {
            return Ok(None);
        };
        let aggregate = self.totals.select(scope, window);
        let (secs, stats) = (aggregate.duration.as_secs_f64(), aggregate.stats);
        let intervals = match self.known(scope, window) {
            Some(known) => known.all().to_vec(),
            None => {
                let reader = Reader { totals: &self.totals, compared: self.compared()? };
                reader.intervals(&steps, window, &stats.response_time)?
            }
        };
        Ok(Some(LaterFigures { secs, stats, intervals }))
    }

    /// The intervals that the summary's tables have.
    fn known(&self, scope: &Scope, window: &Window) -> Option<&Intervals> {
        let found = match (scope, window) {
            (_, window) if *window == self.summary.headline_window => self.summary.intervals_of(scope),
            (Scope::Run, Window::Stage(name)) => {
                self.summary.stages.iter().find(|stage| stage.name == *name).map(|stage| &stage.intervals)
            }
            _ => None,
        };
        found.filter(|intervals| !intervals.is_empty())
    }

    fn compared(&self) -> Result<&ComparedRun, HistogramError> {
        if let Some(compared) = self.compared.get() {
            return Ok(compared);
        }
        let Self { run, summary, .. } = self;
        let compared = ComparedRun::new(&run.record, summary, &run.history, &Stretches::All)?;
        Ok(self.compared.get_or_init(|| compared))
    }
}

/// The steps of a scope that are sent, by their index.
fn steps_of(scenario: &Scenario, scope: &Scope) -> Result<Vec<usize>, BaseError> {
    let covered = scenario.covered_steps(scope);
    let sent = scenario.sent_steps().map(|(index, _, _)| index);
    let steps: Vec<usize> = sent.filter(|step| covered[*step]).collect();
    if steps.is_empty() {
        let (what, names): (_, Vec<&str>) = match scope {
            Scope::Step(_) => {
                ("steps", scenario.sent_steps().map(|(_, _, step)| step.name.as_str()).collect())
            }
            Scope::Service(_) => {
                ("services", scenario.services.iter().map(|service| service.name.as_str()).collect())
            }
            Scope::Journey(_) => {
                ("journeys", scenario.enabled_journeys().map(|(_, journey)| journey.name.as_str()).collect())
            }
            Scope::Run => ("steps", Vec::new()),
        };
        return Err(BaseError::Unknown(format!(
            "the run sent nothing for {scope}; its {what}: {}",
            known_names(&names)
        )));
    }
    Ok(steps)
}

fn check_window(plan: &Plan, window: &Window) -> Result<(), BaseError> {
    let Window::Stage(name) = window else { return Ok(()) };
    let stages = plan.stages();
    if stages.iter().any(|stage| stage.name == *name) {
        return Ok(());
    }
    let names: Vec<&str> = stages.iter().map(|stage| stage.name.as_str()).collect();
    Err(BaseError::Unknown(format!("the run has no stage {name}; its stages: {}", known_names(&names))))
}

/// Names for somebody who looks for one.
fn known_names(names: &[&str]) -> String {
    const MOST: usize = 12;
    let more = names.len().saturating_sub(MOST);
    let shown = names[..names.len() - more].join(", ");
    match (names.is_empty(), more) {
        (true, _) => "none".to_owned(),
        (false, 0) => shown,
        (false, more) => format!("{shown} and {more} more"),
    }
}

fn n_levels(stages: &[&PlannedStage]) -> usize {
    let mut levels: Vec<f64> = stages.iter().flat_map(|stage| [stage.start_level, stage.end_level]).collect();
    levels.sort_by(f64::total_cmp);
    levels.dedup_by(|higher, lower| *higher - *lower <= SAME_LEVEL * *higher);
    levels.len()
}

/// The mean of values by their weights; none without weight.
pub(super) fn weighted_mean(values: impl Iterator<Item = (f64, f64)>) -> Option<f64> {
    let (sum, weight) =
        values.fold((0.0, 0.0), |(sum, total), (value, weight)| (sum + value * weight, total + weight));
    (weight > 0.0).then(|| sum / weight)
}
