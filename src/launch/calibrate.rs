//! Measures what this machine can do: short runs of the ordinary engine against the null target in this process.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use super::calibration::this_machine;
use super::unix_millis;
use crate::engine::{self, EngineError, RunJob, Surroundings};
use crate::metrics::{
    Annotation, Calibration, ErrorGroup, HistogramError, IntervalStats, Journal, JournalError,
    LatencyHistogram, LookBack, RunEnd, StepStats,
};
use crate::model::{
    Arrivals, Journey, LoadModel, LoadProfile, PlanChange, Scenario, Shape, Stage, Step, TransportChoice,
    TransportOptions,
};
use crate::sandbox::{NullTarget, SandboxError};

/// How to calibrate.
#[derive(Clone, Copy, Debug, Default)]
pub struct CalibrateOptions {
    pub transport: TransportChoice,
    /// Three seconds in all instead of sixteen; rough figures.
    pub quick: bool,
}

/// One of the runs that a calibration is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CalibrationPart {
    /// The open model at a low rate: what is in every reading.
    Floor,
    /// The closed model without think time: as fast as one worker goes.
    OneWorker,
    /// The same with as many workers as a run may get here.
    AllWorkers,
}

/// Why this machine could not be measured.
#[derive(Debug, thiserror::Error)]
pub enum CalibrateError {
    #[error(transparent)]
    Sandbox(#[from] SandboxError),
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Histogram(#[from] HistogramError),
    /// The null target answers everything: what failed is this machine or this program.
    #[error(
        "{n_errors} of {n_requests} requests to this program's own target failed; close what else is running and try again"
    )]
    Failed { n_errors: u64, n_requests: u64 },
    #[error("nothing could be measured: this machine is too busy; close what else is running and try again")]
    Nothing,
}

const FLOOR_RATE: f64 = 200.0;
/// As many as other tools are compared with.
const USERS_PER_WORKER: u32 = 64;
/// Nothing that answers at once takes this long.
const TIMEOUT: Duration = Duration::from_secs(5);

impl CalibrationPart {
    pub const ALL: [Self; 3] = [Self::Floor, Self::OneWorker, Self::AllWorkers];

    /// What it measures, in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Floor => "the floor, at 200 requests per second",
            Self::OneWorker => "the ceiling of one worker",
            Self::AllWorkers => "the ceiling of all workers",
        }
    }

    /// Its place among all parts, from 1.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// What is left out at the beginning, and what counts after it.
    // Five seconds at 200/s make the thousand requests that a p99.9 needs.
    fn seconds(self, quick: bool) -> Seconds {
        match self {
            _ if quick => Seconds { warm_up: 0, measured: 1 },
            Self::Floor => Seconds { warm_up: 1, measured: 5 },
            Self::OneWorker | Self::AllWorkers => Seconds { warm_up: 1, measured: 4 },
        }
    }

    /// How long it takes.
    pub fn duration(self, quick: bool) -> Duration {
        let Seconds { warm_up, measured } = self.seconds(quick);
        Duration::from_secs(u64::from(warm_up + measured))
    }

    fn n_workers(self) -> usize {
        if self == Self::AllWorkers { engine::most_workers() } else { 1 }
    }

    fn load(self) -> (LoadModel, f64) {
        let users = USERS_PER_WORKER * self.n_workers() as u32;
        match self {
            Self::Floor => {
                let arrivals = Arrivals::Constant;
                (LoadModel::Open { arrivals, max_users: users, seed: LoadModel::DEFAULT_SEED }, FLOOR_RATE)
            }
            Self::OneWorker | Self::AllWorkers => (LoadModel::Closed, f64::from(users)),
        }
    }
}

/// Name of the transport that a calibration with these options measures.
pub fn calibrated_transport(options: CalibrateOptions) -> String {
    engine::facts(&scenario(CalibrationPart::Floor, options), None).transport
}

/// Measures this machine; `tell` hears of each part before it begins.
pub fn calibrate(
    options: CalibrateOptions,
    mut tell: impl FnMut(CalibrationPart),
) -> Result<Calibration, CalibrateError> {
    let mut measure = |part: CalibrationPart| {
        tell(part);
        measure(part, options)
    };
    let floor = measure(CalibrationPart::Floor)?;
    let one = measure(CalibrationPart::OneWorker)?;
    let all = measure(CalibrationPart::AllWorkers)?;
    let quantile = |histogram: &LatencyHistogram, quantile| histogram.quantile(quantile).unwrap_or_default();
    let service_time = &floor.stats.service_time;
    Ok(Calibration {
        measured_at_unix_millis: unix_millis(SystemTime::now()),
        machine: this_machine(),
        transport: floor.transport,
        quick: options.quick,
        requests_per_sec_per_worker: one.stats.counters.n_ok() as f64 / one.span.as_secs_f64(),
        requests_per_sec: all.stats.counters.n_ok() as f64 / all.span.as_secs_f64(),
        n_workers: CalibrationPart::AllWorkers.n_workers() as u32,
        cpu_per_request: one.worker_cpu.div_f64(one.stats.counters.n_ok() as f64),
        floor_p50: quantile(service_time, 0.5),
        floor_p99_9: quantile(service_time, 0.999),
        start_lag_p50: quantile(&floor.start_lag, 0.5),
        start_lag_p99: quantile(&floor.start_lag, 0.99),
    })
}

/// The measured seconds of one part, merged; at least one request among them.
struct Measured {
    transport: String,
    stats: StepStats,
    start_lag: LatencyHistogram,
    span: Duration,
    /// Zero where the system does not tell.
    worker_cpu: Duration,
}

struct Seconds {
    warm_up: u32,
    measured: u32,
}

fn measure(part: CalibrationPart, options: CalibrateOptions) -> Result<Measured, CalibrateError> {
    let target = NullTarget::start(part.n_workers())?;
    let scenario = scenario(part, options);
    let mut measured = Measured {
        transport: engine::facts(&scenario, None).transport,
        stats: StepStats::default(),
        start_lag: LatencyHistogram::default(),
        span: Duration::ZERO,
        worker_cpu: Duration::ZERO,
    };
    let journal = SecondsInMemory::default();
    let n_workers = Some(part.n_workers());
    let job = RunJob {
        scenario,
        time_scale: 1.0,
        base_url: target.base_url(),
        candidate_base_url: None,
        files_root: None,
        secrets: BTreeMap::new(),
        n_workers,
    };
    let surroundings = Surroundings {
        sample_host: Box::new(|| None),
        wake: Box::new(|| {}),
        count_at_target: Box::new(|| None),
        watch: None,
        look_back: LookBack::Second,
    };
    engine::start(engine::prepare(job)?, Box::new(journal.clone()), surroundings)?.wait();
    let Seconds { warm_up, measured: n_measured } = part.seconds(options.quick);
    for second in
        journal.take().iter().filter(|second| (warm_up..warm_up + n_measured).contains(&second.second))
    {
        measured.add(second)?;
    }
    let counters = &measured.stats.counters;
    match (counters.n_errors(), counters.n_ok()) {
        (0, 0) => Err(CalibrateError::Nothing),
        (0, _) => Ok(measured),
        (n_errors, _) => Err(CalibrateError::Failed { n_errors, n_requests: counters.n_requests() }),
    }
}

impl Measured {
    fn add(&mut self, second: &IntervalStats) -> Result<(), HistogramError> {
        for row in &second.rows {
            self.stats.merge_encoded(&row.stats)?;
        }
        self.start_lag.merge_encoded(&second.load.start_lag)?;
        self.span += second.load.span;
        let generator = second.load.generator.as_ref();
        self.worker_cpu += generator.and_then(|generator| generator.worker_cpu).unwrap_or_default();
        Ok(())
    }
}

fn scenario(part: CalibrationPart, options: CalibrateOptions) -> Scenario {
    let (model, end_level) = part.load();
    let stage = Stage {
        name: "Hold".to_owned(),
        duration: part.duration(options.quick),
        end_level,
        shape: Shape::Step,
    };
    let step = Step::get("Ask", "/");
    let load = LoadProfile { model, warm_up: Duration::ZERO, graceful_stop: TIMEOUT, stages: vec![stage] };
    Scenario {
        timeout: TIMEOUT,
        transport: TransportOptions { choice: options.transport, ..TransportOptions::default() },
        journeys: vec![Journey { steps: vec![step], ..Journey::new("Ask") }],
        ..Scenario::new("Calibration", "", load)
    }
}

/// Keeps the seconds of a run as long as they are needed here.
#[derive(Clone, Default)]
struct SecondsInMemory(Arc<Mutex<Vec<IntervalStats>>>);

impl SecondsInMemory {
    fn take(&self) -> Vec<IntervalStats> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Journal for SecondsInMemory {
    fn interval(&mut self, interval: &IntervalStats, _changed: &[ErrorGroup]) -> Result<(), JournalError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(interval.clone());
        Ok(())
    }

    fn annotation(&mut self, _annotation: &Annotation) -> Result<(), JournalError> {
        Ok(())
    }

    fn plan_change(&mut self, _change: &PlanChange) -> Result<(), JournalError> {
        Ok(())
    }

    fn finish(&mut self, _end: &RunEnd) -> Result<(), JournalError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::validate;

    #[test]
    fn every_part_is_a_valid_scenario_of_the_length_it_tells() {
        for part in CalibrationPart::ALL {
            for quick in [false, true] {
                let mut scenario = scenario(part, CalibrateOptions { quick, ..Default::default() });
                scenario.base_url = "http://127.0.0.1:1".to_owned();
                let problems = validate(&scenario);
                assert!(!problems.iter().any(|problem| problem.is_error()), "{part:?} {problems:?}");
                assert_eq!(scenario.load.duration(), part.duration(quick));
            }
        }
        let numbers = CalibrationPart::ALL.map(CalibrationPart::number);
        assert_eq!(numbers, [1, 2, 3]);
        let total = |quick| CalibrationPart::ALL.iter().map(|part| part.duration(quick)).sum::<Duration>();
        assert!(total(false) <= Duration::from_secs(18) && total(true) <= Duration::from_secs(3));
    }
}
