//! Pairs of real runs on the sandbox, and what a comparison says of them.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_stagewright");

/// Two services at two fifths of what they can do; arrivals and service times are others in each run.
const SCENARIO: &str = r#"
format = 1
name = "Same or slower"
base_url = "URL"
[load]
model = "open"
arrivals = "poisson"
seed = SEED
warm_up = "5s"
[[load.stages]]
name = "Warm-up"
duration = "5s"
rate = 300
shape = "step"
[[load.stages]]
name = "Hold"
duration = "60s"
rate = 300
shape = "step"
[[journeys]]
name = "Courses"
weight = 2
[[journeys.steps]]
name = "List courses"
path = "/education/courses?page=1"
[[journeys]]
name = "Jobs"
[[journeys.steps]]
name = "List jobs"
path = "/forge/jobs"
"#;

/// What the second run of a pair meets.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Same,
    /// A sandbox that takes a tenth longer.
    Slower,
}

/// Makes pairs and says how many of them show a change of any percentile.
pub fn run(kind: Kind, n_pairs: u64) {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let library = folder.path().join("library.sqlite");
    let slower = if kind == Kind::Slower { "0.1" } else { "0" };
    let mut n_shown = 0;
    for pair in 0..n_pairs {
        make(folder.path(), &library, 2 * pair + 1, "0");
        make(folder.path(), &library, 2 * pair + 2, slower);
        let shown = changes(&library, 2 * pair + 1);
        n_shown += u64::from(!shown.is_empty());
        println!(
            "pair {}: {}",
            pair + 1,
            if shown.is_empty() { "no change".to_owned() } else { shown.join(", ") }
        );
    }
    println!("{n_shown} of {n_pairs} pairs show a change");
}

fn make(folder: &Path, library: &Path, seed: u64, slower: &str) {
    let sandbox = Sandbox::start(seed, slower);
    let scenario = folder.join("scenario.toml");
    let text = SCENARIO.replace("URL", &sandbox.url).replace("SEED", &seed.to_string());
    std::fs::write(&scenario, text).expect("there is room");
    let mut run = Command::new(PROGRAM);
    run.arg("--library").arg(library).arg("run").arg(&scenario).args(["--quiet", "--workers", "1"]);
    // A verdict other than pass is no reason not to compare.
    let output = run.output().expect("the program starts");
    assert!(
        output.status.code().is_some_and(|code| code <= 2),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Percentiles that are called better or worse, of the run and of its steps.
fn changes(library: &Path, baseline: u64) -> Vec<String> {
    let runs = [baseline.to_string(), (baseline + 1).to_string()];
    let mut compare = Command::new(PROGRAM);
    compare.arg("--library").arg(library).arg("compare").args(runs).arg("--json");
    let output = compare.output().expect("the program starts");
    let comparison: Value = serde_json::from_slice(&output.stdout).expect("the comparison is JSON");
    let rows = comparison["changes"].as_array().expect("there are rows");
    let shown = |row: &&Value| {
        let is_percentile = row["metric"].as_str().is_some_and(|metric| metric.starts_with('p'));
        is_percentile && matches!(row["candidates"][0]["verdict"].as_str(), Some("better" | "worse"))
    };
    let words = |row: &Value| {
        let size = row["candidates"][0]["change"]["size"].as_f64().unwrap_or(f64::NAN) * 100.0;
        format!(
            "{} {} {size:+.1} %",
            row["scope"].as_str().unwrap_or("?"),
            row["metric"].as_str().unwrap_or("?")
        )
    };
    rows.iter().filter(shown).map(words).collect()
}

/// A sandbox of its own process, stopped with this.
struct Sandbox {
    process: Child,
    url: String,
}

impl Sandbox {
    fn start(seed: u64, slower: &str) -> Self {
        let mut command = Command::new(PROGRAM);
        command.args(["sandbox", "--seed", &seed.to_string(), "--slower", slower]).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the program starts");
        let mut line = String::new();
        let output = process.stdout.take().expect("it was asked for");
        BufReader::new(output).read_line(&mut line).expect("it says where it listens");
        let url = line.split_whitespace().last().unwrap_or_default().to_owned();
        Self { process, url }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
