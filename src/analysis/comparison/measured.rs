//! What a comparison needs of one run: each of its stretches as a whole and in equal blocks of time, step by step.
//!
//! Small enough to keep eight long runs beside each other; the run itself can be let go.

use std::{ops::Range, sync::Arc, time::Duration};

use crate::analysis::{
    Standing, Summary,
    alignment::{ranges, whole_seconds},
    stats::{BlockedSample, N_BLOCKS},
};
use crate::metrics::{
    EncodedHistogram, Finish, HistogramError, History, LatencyHistogram, RunId, RunRecord, RunStart,
    RunTotals, SecondPoint, StepStats, Watched,
};
use crate::model::{Metric, Plan, Scope, Segment, Window};

/// Stretches of time that are compared one by one, so that a ramp does not pass for noise.
const N_TIME_STRETCHES: u32 = 4;

/// Which stretches of a run are measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stretches {
    /// The stages that hold their level, warm-up left out; all stages where none does.
    Held,
    /// All stages, warm-up left out.
    All,
    /// The first so many seconds, in equal parts.
    Seconds(u32),
}

/// What is compared of one run.
#[derive(Clone, Debug)]
pub struct ComparedRun {
    pub run_id: RunId,
    pub start: RunStart,
    pub finish: Finish,
    /// Whether the measurement carries its numbers.
    pub standing: Standing,
    /// The lowest percentile that timeouts hide.
    pub hidden_from: Option<Metric>,
    /// One point per second, for charts.
    pub points: Arc<Vec<SecondPoint>>,
    pub plan: Plan,
    /// What monitors saw.
    pub(super) watched: Arc<Watched>,
    pub(super) stretches: Vec<MeasuredStretch>,
}

/// A stretch of a run.
#[derive(Clone, Debug)]
pub(in crate::analysis) struct MeasuredStretch {
    pub name: String,
    /// Its index in the plan, where it is a stage.
    pub stage: u16,
    /// What was asked for at its end: users (closed) or arrivals per second (open).
    pub level: f64,
    pub duration: Duration,
    /// The whole seconds that lie in it.
    pub seconds: Vec<u32>,
    /// By the step's index in the scenario.
    pub steps: Vec<MeasuredStep>,
    /// Length of each block; none where the stretch is too short to be cut.
    pub block_secs: Vec<f64>,
}

/// A step within a stretch.
#[derive(Clone, Debug, Default)]
pub(in crate::analysis) struct MeasuredStep {
    pub whole: Tally,
    pub blocks: Vec<Tally>,
}

/// Requests of a step within some time.
#[derive(Clone, Debug, Default)]
pub(in crate::analysis) struct Tally {
    pub n_requests: u64,
    pub n_errors: u64,
    /// Of successful requests.
    pub response_time: EncodedHistogram,
}

impl Tally {
    fn of(stats: &StepStats) -> Self {
        let (n_requests, n_errors) = (stats.counters.n_requests(), stats.counters.n_errors());
        Self { n_requests, n_errors, response_time: stats.response_time.encode() }
    }
}

impl ComparedRun {
    /// Measures what is to be compared of a run.
    pub fn new(
        record: &RunRecord,
        summary: &Summary,
        history: &History,
        stretches: &Stretches,
    ) -> Result<Self, HistogramError> {
        let plan = record.plan();
        let hides = |metric: &Metric| {
            summary.reading(&summary.headline, *metric).is_some_and(|reading| reading.is_censored)
        };
        Ok(Self {
            run_id: record.run_id,
            start: record.start.clone(),
            finish: record.end.finish,
            standing: summary.quality.standing,
            hidden_from: [0.5, 0.9, 0.95, 0.99].map(Metric::Quantile).into_iter().find(hides),
            points: Arc::clone(&record.points),
            watched: Arc::clone(&record.watched),
            stretches: match stretches {
                Stretches::Held => stages(record, history, &Window::Steady)?,
                Stretches::All => stages(record, history, &Window::Run)?,
                Stretches::Seconds(until) => parts_of_time(history, *until)?,
            },
            plan,
        })
    }

    /// How many stretches were measured.
    pub fn n_stretches(&self) -> usize {
        self.stretches.len()
    }

    /// The index in the plan of the stage that a stretch is.
    pub fn stage_of(&self, stretch: usize) -> u16 {
        self.stretches[stretch].stage
    }

    /// The blocks of some steps together in some stretches, both by their index.
    pub fn blocks(&self, stretches: &[usize], steps: &[usize]) -> Result<BlockedSample, HistogramError> {
        Ok(self.sample(stretches, steps)?.blocks)
    }
}

impl MeasuredStretch {
    /// Requests completed per second, failed ones included.
    pub fn throughput_per_sec(&self) -> f64 {
        let n_requests: u64 = self.steps.iter().map(|step| step.whole.n_requests).sum();
        n_requests as f64 / self.duration.as_secs_f64()
    }
}

/// The stages of a window that have requests.
// As a whole they count by intended start, as in the run's own report; blocks are cut from closed seconds, in which
// requests count by their end. A block only tells how much a share sways, so a request at its edge does not matter.
fn stages(
    record: &RunRecord,
    history: &History,
    within: &Window,
) -> Result<Vec<MeasuredStretch>, HistogramError> {
    let totals = RunTotals::new(record)?;
    let plan = totals.plan();
    let mut stages = Vec::new();
    for (index, stage) in plan.stages().iter().enumerate() {
        let segment = Segment { stage: u16::try_from(index).unwrap_or(u16::MAX), warm_up: false };
        let window = Window::Stage(stage.name.clone());
        let whole = totals.select(&Scope::Run, &window);
        let is_first = plan.stages()[..index].iter().all(|before| before.name != stage.name);
        if !plan.window_contains(within, segment) || whole.stats.is_empty() || !is_first {
            continue;
        }
        let spans = plan.window_spans(&window, record.end.load_duration);
        let seconds = whole_seconds(&spans);
        let blocks = Blocks::of(history, &seconds)?;
        let steps = (0..history.n_steps()).map(|step| MeasuredStep {
            whole: Tally::of(&totals.select_step(step, &window).stats),
            blocks: blocks.of_step(step),
        });
        stages.push(MeasuredStretch {
            name: stage.name.clone(),
            stage: segment.stage,
            level: stage.end_level,
            duration: whole.duration,
            seconds,
            steps: steps.collect(),
            block_secs: blocks.secs(),
        });
    }
    Ok(stages)
}

fn parts_of_time(history: &History, until: u32) -> Result<Vec<MeasuredStretch>, HistogramError> {
    // A part has to be cut into blocks of some seconds again.
    let n_parts = N_TIME_STRETCHES.min(until / (3 * N_BLOCKS as u32)).max(1);
    let part = |part: u32| part_of_time(history, until * part / n_parts..until * (part + 1) / n_parts);
    (0..n_parts).filter_map(|number| part(number).transpose()).collect()
}

/// A stretch of seconds; none where nothing was measured in it.
pub(in crate::analysis) fn part_of_time(
    history: &History,
    seconds: Range<u32>,
) -> Result<Option<MeasuredStretch>, HistogramError> {
    let sums = history.sums(seconds.clone())?;
    if sums.load.span.is_zero() {
        return Ok(None);
    }
    let blocks = Blocks::of(history, &seconds.clone().collect::<Vec<_>>())?;
    let steps = sums.steps.iter().enumerate();
    let steps =
        steps.map(|(step, stats)| MeasuredStep { whole: Tally::of(stats), blocks: blocks.of_step(step) });
    Ok(Some(MeasuredStretch {
        stage: u16::MAX,
        name: format!("seconds {} to {}", seconds.start, seconds.end),
        level: sums.asked_level().unwrap_or(f64::NAN),
        duration: sums.load.span,
        seconds: seconds.collect(),
        steps: steps.collect(),
        block_secs: blocks.secs(),
    }))
}

/// Equal blocks of seconds, with what ended in each by step.
#[derive(Default)]
struct Blocks {
    blocks: Vec<(f64, Vec<Tally>)>,
}

impl Blocks {
    fn of(history: &History, seconds: &[u32]) -> Result<Self, HistogramError> {
        let mut blocks = Self::default();
        if seconds.len() < N_BLOCKS {
            return Ok(blocks);
        }
        let mut piece = Default::default();
        for block in 0..N_BLOCKS {
            let within = &seconds[seconds.len() * block / N_BLOCKS..seconds.len() * (block + 1) / N_BLOCKS];
            let mut steps = vec![StepStats::default(); history.n_steps()];
            let mut span = Duration::ZERO;
            for range in ranges(within) {
                history.sum_up(range, &mut piece)?;
                span += piece.load.span;
                steps.iter_mut().zip(&piece.steps).for_each(|(step, more)| step.merge_responses(more));
            }
            blocks.blocks.push((span.as_secs_f64(), steps.iter().map(Tally::of).collect()));
        }
        Ok(blocks)
    }

    fn secs(&self) -> Vec<f64> {
        self.blocks.iter().map(|(secs, _)| *secs).collect()
    }

    fn of_step(&self, step: usize) -> Vec<Tally> {
        self.blocks.iter().map(|(_, steps)| steps[step].clone()).collect()
    }
}

/// What a scope of a run comes to in some of its stretches.
#[derive(Clone, Debug, Default)]
pub(in crate::analysis) struct ScopeSample {
    pub duration: Duration,
    pub n_requests: u64,
    pub n_errors: u64,
    pub response_time: LatencyHistogram,
    pub strata: Vec<Stratum>,
    /// Response times of the same strata.
    pub blocks: BlockedSample,
}

/// The blocks of one stretch.
#[derive(Clone, Debug, Default)]
pub(in crate::analysis) struct Stratum {
    pub secs: Vec<f64>,
    pub n_requests: Vec<u64>,
    pub n_errors: Vec<u64>,
    /// Successful requests, and their mean response time in seconds.
    pub n_ok: Vec<u64>,
    pub means: Vec<Option<f64>>,
}

impl ComparedRun {
    /// Some steps together in some stretches, both by their index.
    pub(super) fn sample(&self, stretches: &[usize], steps: &[usize]) -> Result<ScopeSample, HistogramError> {
        let mut sample = ScopeSample::default();
        stretches.iter().try_for_each(|stretch| sample.add(&self.stretches[*stretch], steps))?;
        Ok(sample)
    }

    /// The same of one stretch, whose blocks are a stratum of a sample of the same steps.
    // Reading blocks again would be the dearest part of comparing stage by stage.
    pub(super) fn sample_of_stratum(
        &self,
        stretch: usize,
        steps: &[usize],
        (all, stratum): (&ScopeSample, usize),
    ) -> Result<ScopeSample, HistogramError> {
        let mut sample = ScopeSample::default();
        sample.add_whole(&self.stretches[stretch], steps)?;
        sample.strata.push(all.strata[stratum].clone());
        sample.blocks.push(all.blocks.strata()[stratum].clone());
        Ok(sample)
    }
}

impl ScopeSample {
    /// Adds some steps of a stretch, which becomes a stratum of its own.
    pub fn add(&mut self, stretch: &MeasuredStretch, steps: &[usize]) -> Result<(), HistogramError> {
        self.add_whole(stretch, steps)?;
        let n_blocks = stretch.block_secs.len();
        let mut stratum = Stratum {
            secs: stretch.block_secs.clone(),
            n_requests: vec![0; n_blocks],
            n_errors: vec![0; n_blocks],
            ..Stratum::default()
        };
        let mut response_times = vec![LatencyHistogram::default(); n_blocks];
        for step in steps.iter().map(|step| &stretch.steps[*step]) {
            for (block, tally) in step.blocks.iter().enumerate() {
                stratum.n_requests[block] += tally.n_requests;
                stratum.n_errors[block] += tally.n_errors;
                response_times[block].merge_encoded(&tally.response_time)?;
            }
        }
        stratum.n_ok = response_times.iter().map(LatencyHistogram::n_samples).collect();
        let mean = |block: &LatencyHistogram| block.mean().map(|mean| mean.as_secs_f64());
        stratum.means = response_times.iter().map(mean).collect();
        self.strata.push(stratum);
        self.blocks.push(response_times);
        Ok(())
    }

    /// What some steps of a stretch come to, without blocks.
    fn add_whole(&mut self, stretch: &MeasuredStretch, steps: &[usize]) -> Result<(), HistogramError> {
        self.duration += stretch.duration;
        for step in steps.iter().map(|step| &stretch.steps[*step]) {
            self.n_requests += step.whole.n_requests;
            self.n_errors += step.whole.n_errors;
            self.response_time.merge_encoded(&step.whole.response_time)?;
        }
        Ok(())
    }

    /// The value of a metric in its unit; none where nothing was measured.
    pub fn value(&self, metric: Metric) -> Option<f64> {
        let secs = self.duration.as_secs_f64();
        let latency = match metric {
            Metric::Quantile(quantile) => self.response_time.quantile(quantile),
            Metric::Mean => self.response_time.mean(),
            Metric::ErrorShare => {
                return (self.n_requests > 0).then(|| self.n_errors as f64 / self.n_requests as f64);
            }
            Metric::Throughput => return (secs > 0.0).then(|| self.n_requests as f64 / secs),
            Metric::Max | Metric::Availability | Metric::SentShare => None,
        };
        latency.map(|latency| latency.as_secs_f64())
    }
}
