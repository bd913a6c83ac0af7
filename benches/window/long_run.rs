//! A run of two hours with 50 steps: what opening it, looking at it and selecting stretches of it costs.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use egui::{Event, Pos2, vec2};
use stagewright::{app::command::Command, metrics::RunId, store::Library};

use super::desk::{Desk, button};

/// How large a run is.
#[derive(Clone, Copy)]
pub struct Size {
    pub n_seconds: u32,
    pub n_steps: usize,
    pub n_frames: usize,
}

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
    let scrolled = desk.scroll(chart, size.n_frames, 60.0, (100, 200));
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
