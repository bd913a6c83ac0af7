//! What the window costs. `cargo bench --bench window` times frames of the Design screen, of a long run and of a library
//! of 10,000 runs, and of a comparison of eight runs, on any system, without a display (`-- long-run`, `-- library` and
//! `-- comparing`: that one alone); `cargo bench --bench window -- live [ROUNDS]` measures what an open window takes from
//! a run (Linux, Xvfb).
//!
//! Counted is what the window's own thread does for a frame: events, layout, drawing to shapes and their triangles.
//! Painting the triangles is the graphics card's part.

mod comparing;
mod desk;
mod library;
#[cfg(target_os = "linux")]
mod live;
mod long_run;
mod scenarios;
mod scenes;
mod written;
#[cfg(target_os = "linux")]
mod x11;

use std::{path::Path, time::Duration};

use long_run::{Found, Size};

/// The program's own, so that memory counts the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Frames that are counted, after some that warm up fonts and caches.
const N_FRAMES: usize = 600;
/// Rounds of runs, unless asked for otherwise.
#[cfg(target_os = "linux")]
const N_ROUNDS: usize = 5;

fn main() {
    #[cfg(target_os = "linux")]
    if let Some(n_rounds) = rounds_of_live_runs() {
        return live::run(n_rounds);
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [role, folder, n_seconds, n_steps] = &arguments[..]
        && role == long_run::WRITER_ROLE
    {
        let number = |text: &str| text.parse().expect("this program passes numbers");
        return written::write(Path::new(folder), number(n_seconds), number(n_steps) as usize, 2);
    }
    // `cargo test --benches` asks whether it runs, not how fast it is.
    let is_bench = arguments.iter().any(|argument| argument == "--bench");
    let n_frames = if is_bench { N_FRAMES } else { 20 };
    let is_alone = |name: &str| arguments.iter().any(|argument| argument == name);
    println!("| frame | median, ms | 99th percentile, ms | longest, ms | asked for |");
    println!("| --- | ---: | ---: | ---: | --- |");
    if is_alone("library") {
        return library_rows(if is_bench { 10_000 } else { 300 }, n_frames);
    }
    if is_alone("comparing") {
        return comparing_rows(is_bench, n_frames);
    }
    // First, so that nothing else is in memory.
    long_run_rows(if is_bench {
        Size { n_seconds: 7_200, n_steps: 50, n_frames: N_FRAMES }
    } else {
        Size { n_seconds: 600, n_steps: 10, n_frames }
    });
    if is_alone("long-run") {
        return;
    }
    library_rows(if is_bench { 10_000 } else { 300 }, n_frames);
    comparing_rows(is_bench, n_frames);
    for scene in scenes::all() {
        let mut costs = (scene.run)(n_frames);
        costs.sort_unstable();
        row(scene.name, &costs, scene.limit);
    }
}

/// How often each kind of run is measured; none where frames are to be timed.
#[cfg(target_os = "linux")]
fn rounds_of_live_runs() -> Option<usize> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "live");
    arguments.next()?;
    Some(arguments.next().and_then(|rounds| rounds.parse().ok()).unwrap_or(N_ROUNDS))
}

fn long_run_rows(size: Size) {
    let Found { opened, summed, hovered, scrolled, brushed, memory_bytes } = long_run::measure(size);
    let run = format!("run of {} s with {} steps", size.n_seconds, size.n_steps);
    let rows = [
        ("is opened", vec![opened], 300),
        ("a stretch is summed up, no frame", summed, 16),
        ("the pointer moves over a chart", hovered, 8),
        ("the page is scrolled", scrolled, 8),
        ("a stretch is selected", brushed, 16),
    ];
    for (what, mut costs, limit) in rows {
        costs.sort_unstable();
        row(&format!("{run}: {what}"), &costs, Duration::from_millis(limit));
    }
    let memory = memory_bytes.map_or("n/a".to_owned(), |bytes| format!("{} MB", bytes / 1_000_000));
    println!("| {run}: resident memory after that: {memory} | | | | ≤ 300 MB |");
}

fn library_rows(n_runs: usize, n_frames: usize) {
    let found = library::measure(n_runs, n_frames);
    let rows = [
        ("the list is read, no frame", vec![found.listed], 300),
        ("History is shown", vec![found.first], 50),
        ("the list is scrolled", found.scrolled, 8),
        ("a letter is added to the search", found.searched, 50),
        ("the list is sorted anew", found.sorted, 50),
    ];
    for (what, mut costs, limit) in rows {
        costs.sort_unstable();
        row(&format!("library of {n_runs} runs: {what}"), &costs, Duration::from_millis(limit));
    }
}

fn comparing_rows(is_bench: bool, n_frames: usize) {
    let (n_seconds, n_steps) = if is_bench { (1_200, 50) } else { (60, 5) };
    let found = comparing::measure(n_seconds, n_steps, n_frames);
    let rows = [
        ("are compared and shown", vec![found.compared], 2_000),
        ("a frame while they are read", found.reading, 8),
        ("the table is sorted", found.sorted, 16),
        ("the pointer moves over the table", found.hovered, 8),
        ("the page is scrolled", found.scrolled, 8),
    ];
    for (what, mut costs, limit) in rows {
        costs.sort_unstable();
        row(
            &format!("eight runs of {n_seconds} s with {n_steps} steps: {what}"),
            &costs,
            Duration::from_millis(limit),
        );
    }
}

fn row(name: &str, costs: &[Duration], limit: Duration) {
    let millis = |share: f64| {
        let index = ((costs.len() as f64 * share).ceil() as usize).clamp(1, costs.len()) - 1;
        costs[index].as_secs_f64() * 1_000.0
    };
    let (p99, limit) = (millis(0.99), limit.as_secs_f64() * 1_000.0);
    let standing = if p99 <= limit { "holds" } else { "misses" };
    println!(
        "| {} | {:.2} | {p99:.2} | {:.2} | p99 ≤ {limit} ms: {standing} |",
        name,
        millis(0.5),
        millis(1.0)
    );
}
