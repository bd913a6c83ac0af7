//! What comparing runs costs, and whether it is right. `cargo bench --bench comparison` times the comparison of eight
//! runs of an hour. `-- same [PAIRS]` and `-- slower [PAIRS]` make pairs of real runs on the sandbox, a minute each and
//! one after the other, with the second sandbox as fast or a tenth slower, and count what is said of them.

mod pairs;
#[path = "../window/scenarios.rs"]
#[allow(dead_code)]
mod scenarios;
#[path = "../window/written.rs"]
mod written;

use std::time::{Duration, Instant};

use stagewright::{
    analysis::comparison::{Alignment, CompareOptions},
    launch::compare_kept,
    metrics::RunId,
    store::Library,
};

/// The program's own, so that times are its times.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const N_RUNS: i64 = 8;
const N_ROUNDS: usize = 7;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |place: usize, default| arguments.get(place).and_then(|text| text.parse().ok()).unwrap_or(default);
    match arguments.first().map(String::as_str) {
        Some("same") => return pairs::run(pairs::Kind::Same, number(1, 20)),
        Some("slower") => return pairs::run(pairs::Kind::Slower, number(1, 10)),
        _ => {}
    }
    // `cargo test --benches` asks whether it runs, not how fast it is.
    let is_bench = arguments.iter().any(|argument| argument == "--bench");
    let (n_seconds, n_steps) = if is_bench { (3_600, 10) } else { (120, 10) };
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    (0..N_RUNS).for_each(|run| written::write(folder.path(), n_seconds, n_steps, run as u64 + 1));
    let library = Library::open(&folder.path().join("library.sqlite")).expect("the library is there");
    println!("| {N_RUNS} runs of {n_seconds} s, {n_steps} steps | median, ms | longest, ms |");
    println!("| --- | ---: | ---: |");
    for alignment in Alignment::ALL {
        let mut times: Vec<Duration> = (0..N_ROUNDS).map(|_| time(&library, alignment)).collect();
        times.sort_unstable();
        let millis = |time: Duration| time.as_secs_f64() * 1e3;
        let (median, longest) = (millis(times[N_ROUNDS / 2]), millis(times[N_ROUNDS - 1]));
        println!("| by {} | {median:.0} | {longest:.0} |", alignment.name());
    }
}

/// From eight kept runs to what is said of them.
fn time(library: &Library, alignment: Alignment) -> Duration {
    let sides: Vec<Vec<RunId>> = (1..=N_RUNS).map(|run| vec![RunId(run)]).collect();
    let options = CompareOptions { alignment, ..CompareOptions::default() };
    let begun = Instant::now();
    let comparison = compare_kept(library, &sides, &options, &|| false, &mut |_| {});
    let comparison = comparison.expect("the runs are sound").expect("nobody gives it up");
    assert!(!comparison.rows.is_empty());
    begun.elapsed()
}
