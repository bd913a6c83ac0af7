//! How a library of ten thousand runs opens, lists, filters, searches and sorts.
//!
//! `cargo bench --bench library --no-default-features`; with `-- --write-runs FOLDER N` it only writes such a library, for
//! the window to be pointed at.

mod write;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use stagewright::metrics::{Standing, Verdict};
use stagewright::store::{Library, RetentionRule, RunFilter, RunListing};

const N_RUNS: u32 = 10_000;
const N_ROUNDS: usize = 21;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if let Some(at) = args.iter().position(|arg| arg == "--write-runs") {
        let (Some(folder), Some(n_runs)) = (args.get(at + 1), args.get(at + 2).and_then(|n| n.parse().ok()))
        else {
            eprintln!("write it as --write-runs FOLDER N");
            std::process::exit(2);
        };
        write::write(Path::new(folder), n_runs);
        return;
    }
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let path = write::write(folder.path(), N_RUNS);
    measure(&path);
}

fn measure(path: &Path) {
    println!("{:<44} {:>10} {:>10}   of {N_ROUNDS}", "", "median", "longest");
    row("open the library", || drop(Library::open(path).expect("it opens")));
    let library = Library::open(path).expect("it opens");
    row("list its runs", || drop(library.runs().expect("they list")));
    row("open and list", || {
        let library = Library::open(path).expect("it opens");
        drop(library.runs().expect("they list"));
    });
    let listings = library.runs().expect("they list");
    let filter = |name: &str, filter: &RunFilter| {
        let n_found = filter.choose(&listings).len();
        row(&format!("{name}: {n_found} runs"), || drop(std::hint::black_box(filter.choose(&listings))));
    };
    let any = RunFilter::default();
    let text = |text: &str| RunFilter { text: text.to_owned(), ..RunFilter::default() };
    let first = Instant::now();
    let n_found = text("night").choose(&listings).len();
    println!("{:<44} {:>10}", format!("first search of a list: {n_found} runs"), millis(first.elapsed()));
    filter("search for a word", &text("night"));
    filter("search for three words", &text("checkout commit=3 cache"));
    filter("search for what is not there", &text("nowhere"));
    filter("scenario", &RunFilter { scenario: Some("Checkout 3".to_owned()), ..any.clone() });
    filter(
        "all conditions at once",
        &RunFilter {
            environment: Some("staging".to_owned()),
            label: Some(("branch".to_owned(), "main".to_owned())),
            verdict: Some(Verdict::Pass),
            quality: Some(Standing::Valid),
            since_unix_millis: Some(0),
            text: "check".to_owned(),
            ..any
        },
    );
    let sorted = |name: &str, by: fn(&RunListing) -> f64| {
        row(name, || {
            let mut chosen: Vec<&RunListing> = listings.iter().collect();
            chosen.sort_by(|a, b| by(a).total_cmp(&by(b)));
            std::hint::black_box(chosen);
        });
    };
    let p95 = |run: &RunListing| {
        run.digest.as_ref().and_then(|it| it.p95).map_or(f64::MAX, |p95| p95.as_secs_f64())
    };
    sorted("sort by p95", p95);
    sorted("sort by size on disk", |run| run.n_bytes as f64);
    let rule = RetentionRule { n_per_scenario: Some(100), n_days: Some(90), n_bytes: Some(20 << 20) };
    row("what a retention rule lets go", || drop(std::hint::black_box(rule.prunable(&listings, i64::MAX))));
}

/// Measures something so many times, and prints the median and the longest.
fn row(name: &str, mut work: impl FnMut()) {
    let mut times: Vec<Duration> = (0..N_ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed()
        })
        .collect();
    times.sort();
    println!("{name:<44} {:>10} {:>10}", millis(times[N_ROUNDS / 2]), millis(times[N_ROUNDS - 1]));
}

fn millis(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}
