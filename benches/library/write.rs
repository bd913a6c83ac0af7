//! Thousands of short runs, written through the library's own door as the end of a run writes them.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rand::{Rng as _, SeedableRng as _};
use rand_distr::{Distribution as _, LogNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use stagewright::analysis::summarize;
use stagewright::metrics::{
    Environment, Finish, IntervalRow, IntervalStats, Journal as _, LatencyHistogram, LoadStats, Outcome,
    RunEnd, RunLabels, RunStart, StepStats,
};
use stagewright::model::{Plan, Scenario, parse_scenario};
use stagewright::store::{Library, preset};

const N_SECONDS: u32 = 3;
const N_SCENARIOS: u32 = 8;
const N_PER_SECOND: u32 = 40;

/// Writes so many runs into `library.sqlite` of a folder, the last of them now; returns the library's path.
pub fn write(folder: &Path, n_runs: u32) -> PathBuf {
    std::fs::create_dir_all(folder).expect("the folder can be made");
    let path = folder.join("library.sqlite");
    let library = Library::open(&path).expect("a library can be made");
    let begun = Instant::now();
    let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
    let scenarios: Vec<Scenario> = (0..N_SCENARIOS).map(scenario).collect();
    for n in 0..n_runs {
        run(&library, &scenarios[(n % N_SCENARIOS) as usize], n, n_runs, &mut random);
    }
    let bytes = library.disk_use().map_or(0, |disk_use| disk_use.n_bytes);
    eprintln!(
        "{n_runs} runs of {N_SECONDS} s: written in {:.0} s, {} MB of library",
        begun.elapsed().as_secs_f64(),
        bytes / 1_000_000
    );
    path
}

/// The quickstart for three seconds, under several names, half of them in an environment.
fn scenario(n: u32) -> Scenario {
    let text = preset("quickstart").expect("it comes with the program").text;
    let (mut scenario, _) = parse_scenario(text).expect("it is sound");
    scenario.name = format!("Checkout {n}");
    scenario.load.warm_up = Duration::ZERO;
    for stage in &mut scenario.load.stages {
        stage.duration = Duration::from_secs(1);
    }
    if n.is_multiple_of(2) {
        scenario.environments.push(stagewright::model::Environment {
            name: "staging".to_owned(),
            base_url: None,
            variables: Default::default(),
        });
        scenario.environment = Some("staging".to_owned());
    }
    scenario
}

/// An hour apart, with a change of ten percent for the worse two thirds of the way, so that trends have something to show.
fn run(library: &Library, scenario: &Scenario, n: u32, n_runs: u32, random: &mut Xoshiro256PlusPlus) {
    let now = jiff::Timestamp::now().as_millisecond();
    let labels = RunLabels::from([
        ("commit".to_owned(), format!("{:07x}", n / 3)),
        ("branch".to_owned(), if n.is_multiple_of(5) { "next" } else { "main" }.to_owned()),
    ]);
    let started_at_unix_millis = now - i64::from(n_runs - n) * 3_600_000;
    let start = RunStart {
        labels,
        environment: Environment {
            os: "Linux".to_owned(),
            cpu: "a processor".to_owned(),
            n_cpus: 2,
            memory_bytes: 8 << 30,
            host_name: "bench".to_owned(),
            stagewright_version: "0.1.0".to_owned(),
        },
        ..RunStart::new(scenario.clone(), started_at_unix_millis)
    };
    let plan = Plan::new(scenario, 1.0);
    let median = 0.02 * if n > n_runs * 2 / 3 { 1.1 } else { 1.0 } * random.random_range(0.97..1.03);
    let mut writer = library.begin_run(&start).expect("the library takes a run");
    for second in 0..N_SECONDS {
        writer
            .interval(&interval(second, scenario.n_steps(), &plan, median, random), &[])
            .expect("there is room");
    }
    let finish = if n.is_multiple_of(97) { Finish::Stopped } else { Finish::Completed };
    let end = RunEnd { finish, ..RunEnd::completed(Duration::from_secs(N_SECONDS.into())) };
    writer.finish(&end).expect("there is room");
    let run_id = writer.run_id();
    library.keep_packs(run_id).expect("there is room");
    let record = library.load(run_id).expect("the run is there");
    library.keep_digest(run_id, &summarize(&record).expect("it is sound").digest()).expect("there is room");
    if n.is_multiple_of(4) {
        library.add_tag(run_id, "nightly").expect("there is room");
    }
    if n.is_multiple_of(7) {
        library.replace_note(run_id, "after the cache fix").expect("there is room");
    }
    if n.is_multiple_of(50) {
        library.star(run_id, true).expect("there is room");
    }
}

fn interval(
    second: u32,
    n_steps: usize,
    plan: &Plan,
    median: f64,
    random: &mut Xoshiro256PlusPlus,
) -> IntervalStats {
    let segment = plan.segment_at(Duration::from_millis(u64::from(second) * 1_000 + 500));
    let mut row =
        |step: usize| IntervalRow { segment, step: step as u16, stats: stats(median, random).encode() };
    let rows = (0..n_steps).map(&mut row).collect();
    let mut start_lag = LatencyHistogram::default();
    start_lag.record(Duration::from_micros(60));
    let load = LoadStats {
        span: Duration::from_secs(1),
        asked_level: f64::from(N_PER_SECOND),
        n_due: N_PER_SECOND.into(),
        n_started: N_PER_SECOND.into(),
        n_completed: N_PER_SECOND.into(),
        n_sent: u64::from(N_PER_SECOND) * n_steps as u64,
        start_lag: start_lag.encode(),
        ..LoadStats::default()
    };
    IntervalStats { second, rows, errors: Vec::new(), load }
}

fn stats(median: f64, random: &mut Xoshiro256PlusPlus) -> StepStats {
    let law = LogNormal::new(median.ln(), 0.5).expect("a spread is no less than 0");
    let mut stats = StepStats::default();
    for _ in 0..N_PER_SECOND {
        let latency = Duration::from_secs_f64(law.sample(random));
        stats.counters.n_by_outcome[Outcome::Ok as usize] += 1;
        stats.counters.n_by_status_class[2] += 1;
        stats.counters.bytes_sent += 300;
        stats.counters.bytes_received += 2_000;
        stats.response_time.record(latency);
        stats.service_time.record(latency.saturating_sub(Duration::from_micros(60)));
    }
    stats
}
