//! Runs that are made for tests: a target with workers and a queue, whose faults are known because they were put in.
//!
//! Also read by the tests of the whole program, which is why it names rooms from outside.

mod running;
mod seconds;

use std::time::Duration;

use rand::Rng as _;
use rand_xoshiro::Xoshiro256PlusPlus;

use stagewright::metrics::{KeptRun, Outcome};
use stagewright::model::{
    Arrivals, Journey, LoadModel, LoadProfile, Scenario, Service, Shape, Stage, Step, ThinkTime,
};

use running::Running;

/// What draws chance in a made run.
pub type Random = Xoshiro256PlusPlus;

/// Workers of the target where nobody says otherwise.
pub const N_WORKERS: usize = 8;

/// What is made: a scenario's load against a target.
pub struct Made {
    pub scenario: Scenario,
    pub seed: u64,
    pub n_workers: usize,
    /// Whether the target runs on the generator's machine, so that its work shows in that machine's use.
    pub shares_machine: bool,
    /// How late requests leave, in seconds on average.
    pub start_lag: f64,
}

/// A request as the target sees it.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Seconds since the start of the run.
    pub at: f64,
    pub step: usize,
    /// Requests before it.
    pub n_before: u64,
    /// Workers that are busy, and requests that wait for one.
    pub n_busy: usize,
}

/// What the target does with a request.
#[derive(Clone, Copy, Debug)]
pub struct Answer {
    /// How long a worker is at it; none is needed for what is turned away at the door.
    pub work_secs: Option<f64>,
    pub failure: Option<(Outcome, &'static str)>,
    /// How long opening a connection took, and securing it, where it had to be.
    pub opening: Option<(f64, f64)>,
    pub receive_secs: f64,
    pub bytes: u64,
}

impl Answer {
    /// A sound answer after so much work.
    pub fn after(work_secs: f64) -> Self {
        Self { work_secs: Some(work_secs), failure: None, opening: None, receive_secs: 0.0002, bytes: 2_000 }
    }

    /// A failure at the door.
    pub fn refused(outcome: Outcome, signature: &'static str) -> Self {
        Self { work_secs: None, failure: Some((outcome, signature)), ..Self::after(0.0) }
    }

    /// The same, failing in the end.
    pub fn failing(self, outcome: Outcome, signature: &'static str) -> Self {
        Self { failure: Some((outcome, signature)), ..self }
    }
}

/// A time around a mean, as long as chance makes it: exponential.
pub fn around(random: &mut Random, mean_secs: f64) -> f64 {
    -mean_secs * (1.0 - random.random::<f64>()).ln()
}

/// A time near a mean: between half of it and one and a half.
pub fn near(random: &mut Random, mean_secs: f64) -> f64 {
    mean_secs * random.random_range(0.5..1.5)
}

impl Made {
    /// Random arrivals at these rates of iterations per second, each held for so many seconds.
    pub fn open(levels: &[(u64, f64)]) -> Self {
        let model = LoadModel::Open { arrivals: Arrivals::Poisson, max_users: 2_000, seed: 5 };
        Self::of(model, levels, Shape::Step)
    }

    /// So many users, each level held for so many seconds; they think 100 ms between their steps.
    pub fn closed(levels: &[(u64, f64)]) -> Self {
        let mut made = Self::of(LoadModel::Closed, levels, Shape::Step);
        made.scenario.journeys[0].think_time =
            ThinkTime::Uniform { min: Duration::from_millis(50), max: Duration::from_millis(150) };
        made
    }

    /// Stages that ramp to each level in turn.
    pub fn ramping(self) -> Self {
        let mut made = self;
        made.scenario.load.stages.iter_mut().for_each(|stage| stage.shape = Shape::Ramp);
        made
    }

    fn of(model: LoadModel, levels: &[(u64, f64)], shape: Shape) -> Self {
        let stage = |(index, (secs, level)): (usize, &(u64, f64))| Stage {
            name: format!("Stage {}", index + 1),
            duration: Duration::from_secs(*secs),
            end_level: *level,
            shape,
        };
        let load = LoadProfile {
            model,
            warm_up: Duration::ZERO,
            graceful_stop: LoadProfile::DEFAULT_GRACEFUL_STOP,
            stages: levels.iter().enumerate().map(stage).collect(),
        };
        let step = |(name, service): (&str, &str)| Step {
            service: Some(service.to_owned()),
            ..Step::get(name, format!("/{name}"))
        };
        let steps = [("list", "catalogue"), ("show", "catalogue"), ("buy", "shop")];
        let service = |name: &str| Service { name: name.to_owned(), budgets: Vec::new() };
        let scenario = Scenario {
            journeys: vec![Journey { steps: steps.map(step).into(), ..Journey::new("Browse and buy") }],
            services: vec![service("catalogue"), service("shop")],
            ..Scenario::new("Made", "http://10.0.0.7:4600", load)
        };
        Self { scenario, seed: 1, n_workers: N_WORKERS, shares_machine: false, start_lag: 0.0001 }
    }

    pub fn seeded(self, seed: u64) -> Self {
        Self { seed, ..self }
    }

    /// The same against a target on this machine.
    pub fn on_this_machine(mut self) -> Self {
        self.scenario.base_url = "http://127.0.0.1:4600".to_owned();
        Self { shares_machine: true, ..self }
    }

    /// Runs it.
    pub fn run(&self, answer: &mut dyn FnMut(&Asked, &mut Random) -> Answer) -> KeptRun {
        let mut run = Running::new(self);
        run.go(answer);
        run.kept()
    }
}
