//! Hand-made runs for tests: every figure in them is known beforehand.

mod watched;

use std::{sync::Arc, time::Duration};

use rand::{Rng as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::metrics::{
    EncodedStats, EngineFacts, Environment, Finish, GeneratorStats, HostSample, IntervalLoad, IntervalRow,
    IntervalStats, KeptRun, LatencyHistogram, LoadStats, Outcome, Packer, RequestPhase, RunEnd, RunId,
    RunRecord, RunStart, SecondPoint, StepStats,
};
use crate::model::{
    Budget, Candidate, Interleave, Journey, LoadModel, LoadProfile, Metric, Scenario, Scope, Service, Shape,
    Side, Stage, Step, Threshold, ThresholdSeverity, Window,
};

pub use watched::watched;

/// Requests of each step in each second of a sample run.
pub const N_PER_SECOND: u64 = 20;

/// How late every request of a sample run left.
const START_LAG: Duration = Duration::from_micros(400);

/// A closed-model scenario: 10 s ramp to 50 users with 5 s warm-up, 20 s at 50, 10 s ramp to 200; two steps.
pub fn scenario() -> Scenario {
    let stage = |name: &str, seconds, end_level| Stage {
        name: name.to_owned(),
        duration: Duration::from_secs(seconds),
        end_level,
        shape: Shape::Ramp,
    };
    let load = LoadProfile {
        model: LoadModel::Closed,
        warm_up: Duration::from_secs(5),
        graceful_stop: LoadProfile::DEFAULT_GRACEFUL_STOP,
        stages: vec![
            stage("Ramp-up (50)", 10, 50.0),
            stage("Sustain (50)", 20, 50.0),
            stage("Spike (200)", 10, 200.0),
        ],
    };
    let steps = vec![step("List courses", "education"), step("Sign in", "auth")];
    Scenario {
        journeys: vec![Journey { steps, ..Journey::new("Browse and enrol") }],
        services: vec![service("education"), service("auth")],
        ..Scenario::new("Checkout, normal day", "http://10.0.0.7:4600", load)
    }
}

fn step(name: &str, service: &str) -> Step {
    Step { service: Some(service.to_owned()), ..Step::get(name, "/") }
}

fn service(name: &str) -> Service {
    Service { name: name.to_owned(), budgets: Vec::new() }
}

/// A must-threshold on the run's steady window.
pub fn must(metric: Metric, limit: f64) -> Threshold {
    Threshold {
        metric,
        scope: Scope::Run,
        window: Window::Steady,
        limit,
        severity: ThresholdSeverity::Must,
        abort_after: None,
    }
}

/// A budget in milliseconds on the 95th percentile.
pub fn budget_p95(millis: u64) -> Budget {
    Budget { metric: Metric::Quantile(0.95), limit: millis as f64 / 1e3 }
}

/// A completed run of a scenario: latencies by [`latency_of`], an idle generator, nothing lost.
pub fn record(scenario: Scenario) -> RunRecord {
    let start = RunStart {
        labels: [("commit".to_owned(), "4f2a9c1".to_owned())].into(),
        environment: Environment {
            os: "Debian 13".to_owned(),
            cpu: "Example CPU".to_owned(),
            n_cpus: 8,
            memory_bytes: 16 << 30,
            host_name: "bench-1".to_owned(),
            stagewright_version: "0.1.0".to_owned(),
        },
        engine: EngineFacts {
            n_workers: 4,
            transport: "reqwest".to_owned(),
            timer: "tokio, 1 ms".to_owned(),
            arrivals: "the system's stamp".to_owned(),
            ..Default::default()
        },
        ..RunStart::new(scenario, 1_795_504_834_000)
    };
    let end = RunEnd::completed(Duration::ZERO);
    let mut record = RunRecord {
        run_id: RunId(7),
        identity: "5a3c9e0b7d1f42688e24c6a0b1d3f597".to_owned(),
        start,
        end,
        intervals: Vec::new(),
        rows: Vec::new(),
        points: Arc::default(),
        error_groups: Vec::new(),
        watched: std::sync::Arc::default(),
        audit: None,
        annotations: Vec::new(),
        plan_changes: Vec::new(),
        tags: Vec::new(),
        note: String::new(),
        is_baseline: false,
    };
    record.end.load_duration = record.plan().duration();
    fill(&mut record);
    record
}

/// The seconds that a sample run was made of, with whatever was made of them since.
pub fn intervals(record: &RunRecord) -> Vec<IntervalStats> {
    let n_steps = record.start.scenario.n_steps();
    // In a sample run each second has a row per step.
    let interval = |interval: &IntervalLoad| IntervalStats {
        second: interval.second,
        rows: record.rows.chunks(n_steps).nth(interval.second as usize).unwrap_or_default().to_vec(),
        errors: Vec::new(),
        load: interval.load.clone(),
    };
    record.intervals.iter().map(interval).collect()
}

/// A sample run as it is kept.
impl From<RunRecord> for KeptRun {
    fn from(record: RunRecord) -> Self {
        let mut packer = Packer::new(record.start.scenario.n_steps());
        intervals(&record).into_iter().for_each(|interval| packer.push(interval).unwrap());
        let (overview, history) = packer.finish();
        Self { record: overview.complete(record), history }
    }
}

/// A sample run as it is kept, with each of its seconds changed, or left out; not of one that was kept before.
pub fn kept(record: RunRecord, mut change: impl FnMut(IntervalStats) -> Option<IntervalStats>) -> KeptRun {
    let mut packer = Packer::new(record.start.scenario.n_steps());
    for interval in intervals(&record).into_iter().filter_map(&mut change) {
        packer.push(interval).unwrap();
    }
    let (overview, history) = packer.finish();
    KeptRun { record: overview.complete(record), history }
}

/// The scenario with one stage that holds its level for so long, without warm-up.
pub fn hold(n_secs: u64) -> Scenario {
    let mut scenario = scenario();
    scenario.load.warm_up = Duration::ZERO;
    let duration = Duration::from_secs(n_secs);
    scenario.load.stages =
        vec![Stage { name: "Hold".to_owned(), duration, end_level: 50.0, shape: Shape::Step }];
    scenario
}

/// Has the requests of a second take from 0.9 to 1.09 times this long, the median 0.99 times.
pub fn pace(interval: &mut IntervalStats, typical: Duration) {
    let mut stats = StepStats::default();
    let latency = |k: u64| typical.mul_f64(0.9 + 0.01 * k as f64);
    (0..N_PER_SECOND).for_each(|k| add_to(&mut stats, Outcome::Ok, latency(k)));
    let stats = stats.encode();
    interval.rows.iter_mut().for_each(|row| row.stats = stats.clone());
}

/// A kept run with such seconds; those of which nothing is typical are missing.
pub fn paced(record: RunRecord, typical: impl Fn(u32) -> Option<Duration>) -> KeptRun {
    kept(record, |mut interval| {
        let typical = typical(interval.second)?;
        pace(&mut interval, typical);
        Some(interval)
    })
}

/// Gives a run the seconds of its load.
fn fill(record: &mut RunRecord) {
    let intervals = seconds_of(record);
    let points = intervals.iter().map(|interval| SecondPoint::from_interval(interval).unwrap());
    record.points = Arc::new(points.collect());
    record.rows = intervals.iter().flat_map(|interval| interval.rows.clone()).collect();
    record.intervals = intervals.into_iter().map(IntervalLoad::from).collect();
}

fn seconds_of(record: &RunRecord) -> Vec<IntervalStats> {
    // All seconds are alike, so they are encoded once.
    let measured: Vec<EncodedStats> =
        (0..record.start.scenario.n_steps() as u16).map(|step| stats(step).encode()).collect();
    let n_seconds = record.end.load_duration.as_secs() as u32;
    (0..n_seconds).map(|index| second(record, index, &measured)).collect()
}

/// The latency of the `k`th request of a step in a second: 20 to 39 ms for step 0, twice that for step 1.
pub fn latency_of(step: u16, k: u64) -> Duration {
    Duration::from_millis((20 + k) * (u64::from(step) + 1))
}

fn second(record: &RunRecord, second: u32, measured: &[EncodedStats]) -> IntervalStats {
    let plan = record.plan();
    let (from, until) = (Duration::from_secs(u64::from(second)), Duration::from_secs(u64::from(second) + 1));
    let n_steps = measured.len() as u64;
    let rows = measured.iter().enumerate().map(|(step, stats)| IntervalRow {
        segment: plan.segment_at(from),
        step: step as u16,
        stats: stats.clone(),
    });
    let n_due = plan.n_planned_before(until).zip(plan.n_planned_before(from));
    let n_due = n_due.map_or(0, |(until, from)| until - from);
    let mut start_lag = LatencyHistogram::default();
    (0..N_PER_SECOND * n_steps).for_each(|_| start_lag.record(START_LAG));
    IntervalStats {
        second,
        rows: rows.collect(),
        errors: Vec::new(),
        load: LoadStats {
            span: Duration::from_secs(1),
            asked_level: plan.level_at(from + Duration::from_millis(500)),
            n_due,
            n_started: if plan.is_open() { n_due } else { N_PER_SECOND },
            n_dropped: 0,
            n_completed: N_PER_SECOND,
            n_sent: N_PER_SECOND * n_steps,
            n_users: plan.n_users_at(from),
            n_in_flight: 3,
            start_lag: start_lag.encode(),
            host: Some(HostSample {
                process_cpu_ratio: 0.12,
                machine_cpu_ratio: 0.2,
                memory_used_ratio: 0.3,
                process_memory_bytes: 40 << 20,
            }),
            generator: Some(generator(n_steps)),
        },
    }
}

/// An idle generator that lost nothing: requests in flight are rate × service time.
fn generator(n_steps: u64) -> GeneratorStats {
    let service_time =
        |step: u64| -> Duration { (0..N_PER_SECOND).map(|k| latency_of(step as u16, k) - START_LAG).sum() };
    let service_time_total = (0..n_steps).map(service_time).sum();
    let mut hiccups = LatencyHistogram::default();
    (0..1_000).for_each(|_| hiccups.record(Duration::from_micros(60)));
    GeneratorStats {
        in_flight_time: service_time_total,
        service_time_total,
        n_connections: 50,
        worker_cpu: Some(Duration::from_micros(400)),
        busiest_worker_ratio: Some(0.02),
        run_queue_ratio: Some(0.001),
        cpu_pressure_ratio: Some(0.01),
        clock_jump: Duration::ZERO,
        hiccups: hiccups.encode(),
    }
}

fn stats(step: u16) -> StepStats {
    let mut stats = StepStats::default();
    (0..N_PER_SECOND).for_each(|k| add_to(&mut stats, Outcome::Ok, latency_of(step, k)));
    // One user in twenty comes anew with its first request.
    if step == 0 {
        stats.counters.n_connections = 1;
        stats.phases[RequestPhase::Connect as usize].record(Duration::from_micros(500));
    }
    stats
}

fn add_to(stats: &mut StepStats, outcome: Outcome, latency: Duration) {
    stats.counters.n_by_outcome[outcome as usize] += 1;
    stats.counters.bytes_sent += 100;
    stats.counters.bytes_received += 1_000;
    if outcome.is_ok() {
        stats.counters.n_by_status_class[2] += 1;
        stats.response_time.record(latency);
        let (send, receive) = (Duration::from_micros(20), Duration::from_millis(1));
        stats.service_time.record(latency - START_LAG);
        stats.phases[RequestPhase::Send as usize].record(send);
        stats.phases[RequestPhase::Wait as usize].record(latency.saturating_sub(START_LAG + send + receive));
        stats.phases[RequestPhase::Receive as usize].record(receive);
    } else {
        stats.error_time.record(latency);
    }
}

/// Adds requests to one step in one second.
pub fn add(record: &mut RunRecord, second: u32, step: usize, requests: &[(Outcome, Duration)]) {
    record.intervals[second as usize].n_requests += requests.len() as u64;
    let n_steps = record.start.scenario.n_steps();
    let row = &mut record.rows[second as usize * n_steps + step];
    let mut stats = StepStats::default();
    stats.merge_encoded(&row.stats).unwrap();
    requests.iter().for_each(|(outcome, latency)| add_to(&mut stats, *outcome, *latency));
    row.stats = stats.encode();
}

/// Cuts a run short after some seconds, which are those of [`record`] again.
pub fn cut(record: &mut RunRecord, finish: Finish, n_seconds: u32) {
    record.end.finish = finish;
    record.end.load_duration = Duration::from_secs(u64::from(n_seconds));
    fill(record);
}

/// The same scenario under an open model that starts iterations evenly.
pub fn open_scenario() -> Scenario {
    let mut scenario = scenario();
    scenario.load.model = LoadModel::open();
    scenario
}

/// Gives each second of each step so many requests as `draw` makes them.
pub fn redraw(record: &mut RunRecord, n_per_second: u64, mut draw: impl FnMut(usize) -> (Outcome, Duration)) {
    for second in 0..record.intervals.len() as u32 {
        redraw_second(record, second, n_per_second, &mut draw);
    }
}

fn redraw_second(
    record: &mut RunRecord,
    second: u32,
    n_per_second: u64,
    draw: &mut impl FnMut(usize) -> (Outcome, Duration),
) {
    let n_steps = record.start.scenario.n_steps();
    for step in 0..n_steps {
        let mut stats = StepStats::default();
        (0..n_per_second).for_each(|_| {
            let (outcome, latency) = draw(step);
            add_to(&mut stats, outcome, latency);
        });
        record.rows[second as usize * n_steps + step].stats = stats.encode();
    }
    record.intervals[second as usize].n_requests = n_per_second * n_steps as u64;
}

/// What the requests of one held stage come to.
#[derive(Clone, Copy, Debug)]
pub struct HeldLevel {
    /// Users or arrivals per second.
    pub level: f64,
    /// Iterations that end in each second.
    pub n_per_second: u64,
    /// Mean of exponential response times.
    pub mean_millis: f64,
    /// One request in so many fails; none where it is 0.
    pub one_fails_in: u64,
}

/// A run that holds some levels one after the other for a number of seconds each.
pub fn held(mut scenario: Scenario, n_secs: u32, levels: &[HeldLevel]) -> RunRecord {
    let stage = |held: &HeldLevel| Stage {
        name: format!("At {}", held.level),
        duration: Duration::from_secs(n_secs.into()),
        end_level: held.level,
        shape: Shape::Step,
    };
    scenario.load.warm_up = Duration::ZERO;
    scenario.load.stages = levels.iter().map(stage).collect();
    let mut record = record(scenario);
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut n_drawn = 0;
    for (index, held) in levels.iter().enumerate() {
        let mut draw = |_: usize| {
            n_drawn += 1;
            let millis = 1.0 - held.mean_millis * (1.0 - random.random::<f64>()).ln();
            let fails = held.one_fails_in > 0 && n_drawn % held.one_fails_in == 0;
            let outcome = if fails { Outcome::Status } else { Outcome::Ok };
            (outcome, Duration::from_secs_f64(millis / 1e3))
        };
        for second in n_secs * index as u32..n_secs * (index as u32 + 1) {
            redraw_second(&mut record, second, held.n_per_second, &mut draw);
            let interval = &mut record.intervals[second as usize];
            interval.load.n_sent = interval.n_requests;
            interval.load.n_completed = held.n_per_second;
            if let Some(generator) = &mut interval.load.generator {
                let in_flight = Duration::from_secs_f64((held.mean_millis + 0.6) / 1e3);
                generator.in_flight_time = in_flight.mul_f64(interval.n_requests as f64);
                generator.service_time_total = generator.in_flight_time;
            }
        }
    }
    record
}

/// What requests of a side come to in a second: the outcome and latency of each, for each step.
pub type SideAnswers<'a> = &'a dyn Fn(u32, Side, &mut Xoshiro256PlusPlus) -> Vec<(Outcome, Duration)>;

/// An interleaved run of one held stage.
pub fn interleaved(n_secs: u32, block_secs: u32, answers: SideAnswers<'_>) -> RunRecord {
    let mut scenario = scenario();
    let duration = Duration::from_secs(n_secs.into());
    let hold = Stage { name: "Hold".to_owned(), duration, end_level: 20.0, shape: Shape::Step };
    scenario.load.warm_up = Duration::ZERO;
    scenario.load.stages = vec![hold];
    let candidate = Candidate::BaseUrl("http://10.0.0.8:4600".to_owned());
    let block = Duration::from_secs(block_secs.into());
    scenario.interleave = Some(Interleave { block, ..Interleave::with(candidate) });
    let mut record = record(scenario.interleaved());
    let (plan, n_steps) = (record.plan(), record.start.scenario.n_steps());
    let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
    for second in 0..n_secs {
        let side = plan.side_at(Duration::from_secs(second.into()));
        for step in 0..n_steps {
            let mut stats = StepStats::default();
            if let Some(side) = side.filter(|side| record.start.scenario.side_of_step(step) == Some(*side)) {
                answers(second, side, &mut random)
                    .iter()
                    .for_each(|(outcome, latency)| add_to(&mut stats, *outcome, *latency));
            }
            record.rows[second as usize * n_steps + step].stats = stats.encode();
        }
    }
    record
}

/// Thirty answers a second whose latencies drift widely; those of the candidate take so many times longer.
pub fn drifting(times: f64) -> impl Fn(u32, Side, &mut Xoshiro256PlusPlus) -> Vec<(Outcome, Duration)> {
    move |second, side, random| {
        let drift = 20.0 + 0.1 * f64::from(second) + 12.0 * (f64::from(second) / 100.0).sin();
        let scale = if side == Side::Candidate { drift * times } else { drift };
        let mut millis = || scale * (0.7 - 0.3 * random.random::<f64>().ln());
        (0..30).map(|_| (Outcome::Ok, Duration::from_secs_f64(millis() / 1e3))).collect()
    }
}
