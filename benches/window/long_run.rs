//! A run of two hours with 50 steps: what opening it, looking at it and selecting stretches of it costs.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use egui::{Event, MouseWheelUnit, Pos2, TouchPhase, vec2};
use rand::SeedableRng as _;
use rand_distr::{Distribution as _, LogNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use stagewright::{
    analysis::summarize,
    app::command::Command,
    metrics::{
        Finish, GeneratorStats, HostSample, IntervalRow, IntervalStats, Journal as _, LatencyHistogram,
        LoadStats, Outcome, RequestPhase, RunEnd, RunId, RunStart, StepStats,
    },
    model::{LoadModel, Plan, Scenario, Shape, Stage},
    store::Library,
};

use super::desk::{Desk, button};
use super::scenarios::with_steps;

/// How large a run is.
#[derive(Clone, Copy)]
pub struct Size {
    pub n_seconds: u32,
    pub n_steps: usize,
    pub n_frames: usize,
}

/// Requests of each step in each second.
const PER_SECOND: u32 = 10;

/// What was found, in the order in which it was measured.
pub struct Found {
    pub opened: Duration,
    pub summed: Vec<Duration>,
    pub hovered: Vec<Duration>,
    pub scrolled: Vec<Duration>,
    pub brushed: Vec<Duration>,
    pub memory_bytes: Option<u64>,
}

/// Writes the run in a process of its own, so that its memory does not count, then opens it in this one.
pub fn measure(size: Size) -> Found {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    write_apart(folder.path(), size);
    let run_id = RunId(1);
    let mut desk = Desk::new(folder.path());
    let opened = desk.time_until(Command::OpenRun(run_id), "Run 1");
    desk.settle();
    let chart = desk.place_of("Requests per second").expect("the chart has its title") + vec2(40.0, 90.0);
    let hovered = (0..size.n_frames).map(|frame| desk.draw(vec![moved(along(chart, frame))])).collect();
    let brushed = brush(&mut desk, chart, size.n_frames);
    let scrolled = scroll(&mut desk, chart, size.n_frames);
    let memory_bytes = resident_bytes();
    Found { opened, summed: sums(folder.path(), size), hovered, scrolled, brushed, memory_bytes }
}

fn along(chart: Pos2, frame: usize) -> Pos2 {
    chart + vec2((frame * 7 % 400) as f32, (frame % 40) as f32)
}

fn moved(to: Pos2) -> Event {
    Event::PointerMoved(to)
}

/// Selects a stretch whose end moves with every frame.
fn brush(desk: &mut Desk, chart: Pos2, n_frames: usize) -> Vec<Duration> {
    desk.draw(vec![moved(chart)]);
    desk.draw(vec![button(chart, true)]);
    let to = |frame: usize| chart + vec2(20.0 + (frame * 7 % 400) as f32, 0.0);
    let costs = (0..n_frames).map(|frame| desk.draw(vec![moved(to(frame))])).collect();
    desk.draw(vec![button(to(n_frames - 1), false)]);
    costs
}

fn scroll(desk: &mut Desk, over: Pos2, n_frames: usize) -> Vec<Duration> {
    desk.draw(vec![moved(over)]);
    let wheel = |frame: usize| Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, if frame % 200 < 100 { -60.0 } else { 60.0 }),
        phase: TouchPhase::Move,
        source: egui::MouseWheelSource::Wheel,
        modifiers: egui::Modifiers::NONE,
    };
    (0..n_frames).map(|frame| desk.draw(vec![wheel(frame)])).collect()
}

/// Sums over stretches of all lengths, without a window.
fn sums(folder: &Path, size: Size) -> Vec<Duration> {
    let library = Library::open(&folder.join("library.sqlite")).expect("the library is there");
    let run = library.open_run(RunId(1)).expect("the run is there");
    let n = size.n_seconds;
    let stretch = |index: u32| {
        let from = index.wrapping_mul(7_919) % n;
        from..from + 1 + index.wrapping_mul(104_729) % (n - from)
    };
    let cost = |index: u32| {
        let begun = Instant::now();
        let sums = run.history.sums(stretch(index)).expect("the run is sound");
        std::hint::black_box(sums);
        begun.elapsed()
    };
    (0..size.n_frames as u32).map(cost).collect()
}

/// What this process holds in memory; none where the system does not tell.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let kibibytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    kibibytes.trim().trim_end_matches(" kB").parse().ok().map(|kibibytes: u64| kibibytes * 1_024)
}

/// Names the role of the process that writes.
pub const WRITER_ROLE: &str = "--write-long-run";

fn write_apart(folder: &Path, size: Size) {
    let program = std::env::current_exe().expect("this program has a path");
    let numbers = [size.n_seconds.to_string(), size.n_steps.to_string()];
    let mut writer = std::process::Command::new(program);
    writer.arg(WRITER_ROLE).arg(folder).args(numbers);
    assert!(writer.status().expect("this program starts again").success(), "the run was not written");
}

/// Writes a run through the library's own door, and draws it up as the end of a run does.
pub fn write(folder: &Path, n_seconds: u32, n_steps: usize) {
    let library = Library::open(&folder.join("library.sqlite")).expect("a library can be made");
    let start = start(n_seconds, n_steps);
    let plan = Plan::new(&start.scenario, 1.0);
    let mut writer = library.begin_run(&start).expect("the library takes a run");
    let mut random = Xoshiro256PlusPlus::seed_from_u64(2);
    let begun = Instant::now();
    for second in 0..n_seconds {
        writer.interval(&interval(second, n_steps, &plan, &mut random), &[]).expect("there is room");
    }
    let end = RunEnd {
        finish: Finish::Completed,
        load_duration: Duration::from_secs(n_seconds.into()),
        n_abandoned: 0,
        n_counted_by_target: None,
        caveats: Vec::new(),
        starts: None,
    };
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
    RunStart {
        started_at_unix_millis: 1_795_504_834_000,
        base_url: scenario.base_url.clone(),
        scenario,
        time_scale: 1.0,
        labels: Default::default(),
        environment: Default::default(),
        engine: Default::default(),
        calibration: None,
    }
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
