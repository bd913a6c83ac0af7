//! What a report costs: two hours with 50 steps, and 2,000 steps, in every format, by the command as users call it.
//! `cargo bench --bench report`.

#[path = "../window/scenarios.rs"]
#[allow(dead_code)]
mod scenarios;
#[path = "../window/written.rs"]
mod written;

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// The program's own, so that times are its times.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const N_ROUNDS: usize = 7;
const FORMATS: [&str; 6] = ["md", "html", "json", "csv", "xml", "one-page"];

fn main() {
    // `cargo test --benches` asks whether it runs, not how fast it is.
    let is_bench = std::env::args().any(|argument| argument == "--bench");
    let (sizes, n_rounds) = match is_bench {
        true => ([(7_200, 50), (60, 2_000)], N_ROUNDS),
        false => ([(60, 10), (20, 100)], 1),
    };
    println!("| report | median, ms | longest, ms | peak memory so far, MB | size, kB |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for (n_seconds, n_steps) in sizes {
        let folder = tempfile::tempdir().expect("there is room for a temporary folder");
        written::write(folder.path(), n_seconds, n_steps, 1);
        for format in FORMATS {
            let mut times: Vec<Duration> = (0..n_rounds).map(|_| report(folder.path(), format)).collect();
            times.sort_unstable();
            let millis = |time: Duration| time.as_secs_f64() * 1e3;
            println!(
                "| {n_seconds} s, {n_steps} steps: {format} | {:.0} | {:.0} | {} | {} |",
                millis(times[n_rounds / 2]),
                millis(times[n_rounds - 1]),
                peak_of_reports().map_or("not told".to_owned(), |bytes| (bytes / 1_000_000).to_string()),
                std::fs::metadata(folder.path().join(name(format))).map_or(0, |file| file.len()) / 1_000,
            );
        }
    }
}

/// One call of the command, from its start to its end.
fn report(folder: &Path, format: &str) -> Duration {
    let begun = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_stagewright"));
    command.args(["report", "1", "--library", "library.sqlite", "-o", &name(format)]);
    if format == "one-page" {
        command.args(["--variant", "one-page"]);
    }
    let status = command.current_dir(folder).stdin(Stdio::null()).stdout(Stdio::null()).status();
    assert!(status.expect("the program starts").success(), "{format} was written");
    begun.elapsed()
}

fn name(format: &str) -> String {
    match format {
        "one-page" => "page.html".to_owned(),
        format => format!("report.{format}"),
    }
}

/// The most memory that any of the commands so far held; none where the system does not tell.
#[cfg(target_os = "linux")]
fn peak_of_reports() -> Option<u64> {
    use nix::sys::resource::{UsageWho, getrusage};
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).ok()?;
    u64::try_from(usage.max_rss()).ok().map(|kibibytes| kibibytes * 1_024)
}

#[cfg(not(target_os = "linux"))]
fn peak_of_reports() -> Option<u64> {
    None
}
