//! What the window costs. `cargo bench --bench window` times frames of the Design screen, on any system, without a
//! display; `cargo bench --bench window -- live [ROUNDS]` measures what an open window takes from a run (Linux, Xvfb).
//!
//! Counted is what the window's own thread does for a frame: events, layout, drawing to shapes and their triangles.
//! Painting the triangles is the graphics card's part.

mod desk;
#[cfg(target_os = "linux")]
mod live;
mod scenarios;
mod scenes;
#[cfg(target_os = "linux")]
mod x11;

use std::time::Duration;

use scenes::Scene;

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
    // `cargo test --benches` asks whether it runs, not how fast it is.
    let n_frames = if std::env::args().any(|argument| argument == "--bench") { N_FRAMES } else { 20 };
    println!("| frame | median, ms | 99th percentile, ms | longest, ms | asked for |");
    println!("| --- | ---: | ---: | ---: | --- |");
    for scene in scenes::all() {
        let mut costs = (scene.run)(n_frames);
        costs.sort_unstable();
        row(&scene, &costs);
    }
}

/// How often each kind of run is measured; none where frames are to be timed.
#[cfg(target_os = "linux")]
fn rounds_of_live_runs() -> Option<usize> {
    let mut arguments = std::env::args().skip_while(|argument| argument != "live");
    arguments.next()?;
    Some(arguments.next().and_then(|rounds| rounds.parse().ok()).unwrap_or(N_ROUNDS))
}

fn row(scene: &Scene, costs: &[Duration]) {
    let millis = |share: f64| {
        let index = ((costs.len() as f64 * share).ceil() as usize).clamp(1, costs.len()) - 1;
        costs[index].as_secs_f64() * 1_000.0
    };
    let (p99, limit) = (millis(0.99), scene.limit.as_secs_f64() * 1_000.0);
    let standing = if p99 <= limit { "holds" } else { "misses" };
    println!(
        "| {} | {:.2} | {p99:.2} | {:.2} | p99 ≤ {limit} ms: {standing} |",
        scene.name,
        millis(0.5),
        millis(1.0)
    );
}
