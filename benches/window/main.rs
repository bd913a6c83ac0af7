//! What a frame of the Design screen costs: `cargo bench --bench window`, on any system, without a display.
//!
//! Counted is what the window's own thread does for a frame: events, layout, drawing to shapes and their triangles.
//! Painting the triangles is the graphics card's part.

mod desk;
mod scenarios;
mod scenes;

use std::time::Duration;

use scenes::Scene;

/// Frames that are counted, after some that warm up fonts and caches.
const N_FRAMES: usize = 600;

fn main() {
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
