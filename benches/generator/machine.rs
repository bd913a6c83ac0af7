//! Processors to pin to, and what processes cost.

use std::fs::{self, File};
use std::io::Write as _;
use std::process::{Child, Command, Output, Stdio};
use std::thread::{available_parallelism, sleep};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Between two looks at a process.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What a process that has ended cost.
pub struct Cost {
    /// User and system time of all its threads.
    pub cpu: Duration,
    pub wall: Duration,
}

/// Memory of a running process.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    pub at: Duration,
    pub resident_bytes: u64,
    pub peak_bytes: u64,
}

/// Where generators are pinned.
pub fn generator_cpus() -> Vec<usize> {
    if n_cpus() < 4 { vec![0] } else { vec![0, 1] }
}

/// Where the server is pinned: none of [`generator_cpus`], unless there is but one processor.
pub fn server_cpus() -> Vec<usize> {
    match n_cpus() {
        1 => vec![0],
        2 | 3 => vec![1],
        n => (2..n).collect(),
    }
}

/// Pinned to none: where processors have time to spare, whatever wakes gets a free one.
pub fn all_cpus() -> Vec<usize> {
    (0..n_cpus()).collect()
}

/// Keeps idle processors awake until what it returns is dropped, where the system lets us (usually: root only).
///
/// An idle processor takes its time to wake, a virtual one milliseconds: whoever measures punctuality turns that off
/// first, as `cyclictest` does by the same file (Linux, Documentation/power/pm_qos_interface.rst).
pub fn keep_awake() -> Option<File> {
    let mut latency = File::options().write(true).open("/dev/cpu_dma_latency").ok()?;
    latency.write_all(&0_i32.to_ne_bytes()).ok()?;
    Some(latency)
}

/// What [`keep_awake`] came to.
pub fn told(awake: Option<&File>) -> &'static str {
    match awake {
        Some(_) => "Idle processors were kept awake.",
        None => "Idle processors slept: the system did not let us keep them awake.",
    }
}

pub fn n_cpus() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// The machine in one line, with what else it was doing.
pub fn described() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    format!(
        "Machine: {} × {}; load average before the start: {load}.",
        n_cpus(),
        model.map_or("unknown processor", |(_, name)| name)
    )
}

/// Does something with this thread, and all processes and threads that it starts, on these processors only.
pub fn pinned<R>(cpus: &[usize], work: impl FnOnce() -> R) -> R {
    let before = sched_getaffinity(None).expect("a thread may ask where it runs");
    let mut only = CpuSet::new();
    cpus.iter().for_each(|cpu| only.set(*cpu));
    sched_setaffinity(None, &only).expect("the processors to pin to exist");
    let result = work();
    sched_setaffinity(None, &before).expect("what was allowed before still is");
    result
}

/// Runs a command to its end.
// The time of children that have been waited for only grows, and one at a time is waited for.
pub fn run(command: &mut Command, cpus: &[usize]) -> (Output, Cost) {
    let (before, started_at) = (cpu_of_children(), Instant::now());
    let output = pinned(cpus, || command.stdin(Stdio::null()).output());
    let output = output.unwrap_or_else(|error| panic!("{command:?} cannot be run: {error}"));
    (output, Cost { cpu: cpu_of_children() - before, wall: started_at.elapsed() })
}

/// Runs a command to its end, looking at its memory meanwhile.
pub fn run_watched(command: &mut Command, cpus: &[usize]) -> (Output, Vec<Memory>) {
    let started_at = Instant::now();
    let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pinned(cpus, || piped.spawn()).expect("the program can be run");
    let mut seen = Vec::new();
    while child.try_wait().expect("a child can be waited for").is_none() {
        seen.extend(memory_of(&child, started_at.elapsed()));
        sleep(LOOK_EVERY);
    }
    (child.wait_with_output().expect("its output can be read"), seen)
}

fn memory_of(child: &Child, at: Duration) -> Option<Memory> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let bytes = |key| {
        let kib = status.lines().find_map(|line| line.strip_prefix(key))?.split_whitespace().next()?;
        Some(kib.parse::<u64>().ok()? * 1024)
    };
    Some(Memory { at, resident_bytes: bytes("VmRSS:")?, peak_bytes: bytes("VmHWM:")? })
}

/// User and system time of all children that have been waited for.
pub fn cpu_of_children() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the system accounts for children");
    let time = |time: nix::sys::time::TimeVal| {
        Duration::from_micros(time.tv_sec() as u64 * 1_000_000 + time.tv_usec() as u64)
    };
    time(usage.user_time()) + time(usage.system_time())
}
