//! Long runs written through the library's own door, without any load.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use rand::SeedableRng as _;
use rand_distr::{Distribution as _, LogNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use stagewright::{
    analysis::summarize,
    metrics::{
        GeneratorStats, HostSample, IntervalRow, IntervalStats, Journal as _, LatencyHistogram, LoadStats,
        Outcome, RequestPhase, RunEnd, RunStart, StepStats,
    },
    model::{LoadModel, Plan, Scenario, Shape, Stage},
    store::Library,
};

use super::scenarios::with_steps;

/// Requests of each step in each second.
const PER_SECOND: u32 = 10;

/// Writes a run through the library's own door, and draws it up as the end of a run does.
pub fn write(folder: &Path, n_seconds: u32, n_steps: usize, seed: u64) {
    let library = Library::open(&folder.join("library.sqlite")).expect("a library can be made");
    let start = start(n_seconds, n_steps);
    let plan = Plan::new(&start.scenario, 1.0);
    let mut writer = library.begin_run(&start).expect("the library takes a run");
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let begun = Instant::now();
    for second in 0..n_seconds {
        writer.interval(&interval(second, n_steps, &plan, &mut random), &[]).expect("there is room");
    }
    let end = RunEnd::completed(Duration::from_secs(n_seconds.into()));
    writer.finish(&end).expect("there is room");
    let (written, begun) = (begun.elapsed(), Instant::now());
    library.keep_packs(writer.run_id()).expect("there is room");
    let record = library.load(writer.run_id()).expect("the run is there");
    let summary = summarize(&record).expect("the run is sound");
    library.keep_digest(writer.run_id(), &summary.digest()).expect("there is room");
    let bytes = std::fs::metadata(library.path()).map_or(0, |file| file.len());
    eprintln!(
        "{n_seconds} s with {n_steps} steps: written in {:.0} s, drawn up in {:.1} s, {} MB of library",
        written.as_secs_f64(),
        begun.elapsed().as_secs_f64(),
        bytes / 1_000_000
    );
}

fn start(n_seconds: u32, n_steps: usize) -> RunStart {
    let stage = |name: &str, share: u32, end_level| Stage {
        name: name.to_owned(),
        duration: Duration::from_secs((n_seconds * share / 10).into()),
        end_level,
        shape: Shape::Ramp,
    };
    let mut scenario: Scenario = with_steps(n_steps);
    scenario.name = "Two hours".to_owned();
    scenario.load.model = LoadModel::Closed;
    scenario.load.stages =
        vec![stage("Ramp-up", 1, 500.0), stage("Sustain", 8, 500.0), stage("Peak", 1, 900.0)];
    RunStart::new(scenario, 1_795_504_834_000)
}

fn interval(second: u32, n_steps: usize, plan: &Plan, random: &mut Xoshiro256PlusPlus) -> IntervalStats {
    let segment = plan.segment_at(Duration::from_secs(second.into()));
    let row = |step: usize| IntervalRow { segment, step: step as u16, stats: stats(step, random).encode() };
    let rows = (0..n_steps).map(row).collect();
    let log_normal =
        |median: f64, spread: f64| LogNormal::new(median.ln(), spread).expect("a spread is no less than 0");
    let mut random = Xoshiro256PlusPlus::seed_from_u64(u64::from(second) + 1);
    let mut of = |median: f64, spread: f64, n: u32| {
        let mut histogram = LatencyHistogram::default();
        let law = log_normal(median, spread);
        (0..n).for_each(|_| histogram.record(Duration::from_secs_f64(law.sample(&mut random))));
        histogram.encode()
    };
    let n_sent = u64::from(PER_SECOND) * n_steps as u64;
    let load = LoadStats {
        span: Duration::from_secs(1),
        asked_level: plan.level_at(Duration::from_millis(u64::from(second) * 1_000 + 500)),
        n_started: u64::from(PER_SECOND),
        n_completed: u64::from(PER_SECOND),
        n_sent,
        n_users: 500,
        n_in_flight: 60,
        start_lag: of(60e-6, 0.5, n_sent as u32),
        host: Some(HostSample { process_cpu_ratio: 0.1, machine_cpu_ratio: 0.2, ..HostSample::default() }),
        generator: Some(GeneratorStats {
            n_connections: 500,
            worker_cpu: Some(Duration::from_millis(40)),
            busiest_worker_ratio: Some(0.04),
            hiccups: of(60e-6, 0.4, 480),
            ..GeneratorStats::default()
        }),
        ..LoadStats::default()
    };
    IntervalStats { second, rows, errors: vec![], load }
}

/// Each step has a median of its own; one request in two hundred fails.
fn stats(step: usize, random: &mut Xoshiro256PlusPlus) -> StepStats {
    let median = 0.02 * (1.0 + step as f64 / 10.0);
    let law = LogNormal::new(median.ln(), 0.6).expect("a spread is no less than 0");
    let fails = LogNormal::new(0.0, 1.0).expect("a spread is no less than 0");
    let mut stats = StepStats::default();
    for _ in 0..PER_SECOND {
        let latency = Duration::from_secs_f64(law.sample(random));
        stats.counters.bytes_sent += 300;
        // Beyond 2.58 spreads: one in two hundred.
        if fails.sample(random) > 13.2 {
            stats.counters.n_by_outcome[Outcome::Status as usize] += 1;
            stats.counters.n_by_status_class[5] += 1;
            stats.error_time.record(latency);
            continue;
        }
        stats.counters.n_by_outcome[Outcome::Ok as usize] += 1;
        stats.counters.n_by_status_class[2] += 1;
        stats.counters.bytes_received += 2_000 + step as u64;
        stats.response_time.record(latency);
        stats.service_time.record(latency.saturating_sub(Duration::from_micros(60)));
        let send = Duration::from_secs_f64(20e-6 * law.sample(random) / median);
        let receive = Duration::from_secs_f64(300e-6 * law.sample(random) / median);
        for (phase, time) in [
            (RequestPhase::Send, send),
            (RequestPhase::Wait, latency.saturating_sub(send + receive)),
            (RequestPhase::Receive, receive),
        ] {
            stats.phases[phase as usize].record(time);
        }
    }
    stats
}
