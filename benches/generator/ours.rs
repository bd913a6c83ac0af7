//! Our own runs: a scenario, the program, its JSON report.

use std::fs;
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use crate::machine::{self, Cost, Memory};
use crate::target::PROGRAM;

/// A run to be made.
pub struct Ours {
    pub base_url: String,
    /// Lines of the `[transport]` table.
    pub transport: &'static str,
    pub load: Load,
    pub think_time: Option<Duration>,
    pub path: &'static str,
    /// Further lines of the step.
    pub step: &'static str,
    pub n_workers: usize,
    pub cpus: Vec<usize>,
}

/// How load arrives.
#[derive(Clone, Copy)]
pub enum Load {
    Users { n: u32, ramp: Duration, duration: Duration },
    Rate { per_sec: u32, max_users: u32, duration: Duration },
}

/// What a run came to.
pub struct Report(pub Value);

impl Ours {
    /// Against `base_url` as fast as one core can.
    pub fn new(base_url: &str, load: Load) -> Self {
        Self {
            base_url: base_url.to_owned(),
            transport: "use = \"wire\"",
            load,
            think_time: None,
            path: "/",
            step: "",
            n_workers: 1,
            cpus: vec![0],
        }
    }

    /// Runs it to its end.
    pub fn run(&self) -> (Report, Cost) {
        let folder = self.prepare();
        let (output, cost) = machine::run(&mut self.command(&folder), &self.cpus);
        (Report::of(&folder, &output), cost)
    }

    /// Runs it to its end, looking at its memory meanwhile.
    pub fn run_watched(&self) -> (Report, Vec<Memory>) {
        let folder = self.prepare();
        let (output, memory) = machine::run_watched(&mut self.command(&folder), &self.cpus);
        (Report::of(&folder, &output), memory)
    }

    fn prepare(&self) -> TempDir {
        let folder = tempfile::tempdir().expect("there is room for a scenario");
        fs::write(folder.path().join("scenario.toml"), self.scenario()).expect("it can be written");
        folder
    }

    fn command(&self, folder: &TempDir) -> Command {
        let mut command = Command::new(PROGRAM);
        command.current_dir(folder.path());
        command.args(["run", "scenario.toml", "--quiet", "--report", "report.json"]);
        command.args(["--library", "library.sqlite", "--workers", &self.n_workers.to_string()]);
        command
    }

    fn scenario(&self) -> String {
        let stage = |name: &str, duration: Duration, level: &str, shape: &str| {
            let millis = duration.as_millis();
            format!(
                "[[load.stages]]\nname = \"{name}\"\nduration = \"{millis}ms\"\n{level}\nshape = \"{shape}\"\n"
            )
        };
        let load = match self.load {
            Load::Users { n, ramp, duration } => {
                let level = format!("users = {n}");
                let ramp = if ramp.is_zero() { String::new() } else { stage("Ramp", ramp, &level, "ramp") };
                format!("model = \"closed\"\n{ramp}{}", stage("Hold", duration, &level, "step"))
            }
            Load::Rate { per_sec, max_users, duration } => {
                let level = format!("rate = {per_sec}");
                format!(
                    "model = \"open\"\nmax_users = {max_users}\n{}",
                    stage("Hold", duration, &level, "step")
                )
            }
        };
        let think_time = self
            .think_time
            .map(|time| format!("think_time = \"{}ms\"\n", time.as_millis()))
            .unwrap_or_default();
        format!(
            "format = 1\nname = \"Bench\"\nbase_url = \"{}\"\n[transport]\n{}\n[load]\n{load}[[journeys]]\nname = \"Look\"\n\
             {think_time}[[journeys.steps]]\nname = \"Look\"\npath = \"{}\"\n{}[[thresholds]]\nmetric = \"error_share\"\n\
             limit = \"1%\"\n",
            self.base_url, self.transport, self.path, self.step
        )
    }
}

impl Report {
    fn of(folder: &TempDir, output: &Output) -> Self {
        let text = fs::read_to_string(folder.path().join("report.json"));
        let text =
            text.unwrap_or_else(|_| panic!("the run failed: {}", String::from_utf8_lossy(&output.stderr)));
        Self(serde_json::from_str(&text).expect("a report is JSON"))
    }

    /// A figure by its place, such as `/load/n_requests_sent`.
    pub fn number(&self, pointer: &str) -> f64 {
        self.0.pointer(pointer).and_then(Value::as_f64).unwrap_or(f64::NAN)
    }

    pub fn text(&self, pointer: &str) -> &str {
        self.0.pointer(pointer).and_then(Value::as_str).unwrap_or("–")
    }

    pub fn n_requests(&self) -> u64 {
        self.number("/whole_run/n_requests") as u64
    }

    /// The measured side of a self-check with its standing.
    pub fn check(&self, name: &str) -> String {
        let checks = self.0.pointer("/quality/checks").and_then(Value::as_array);
        let check = checks
            .into_iter()
            .flatten()
            .find(|check| check["name"].as_str().is_some_and(|known| known.to_lowercase().contains(name)));
        check.map_or_else(
            || "–".to_owned(),
            |check| {
                let [measured, standing] =
                    ["measured", "standing"].map(|key| check[key].as_str().unwrap_or("–").to_owned());
                format!("{measured}: {standing}")
            },
        )
    }

    pub fn reasons(&self) -> String {
        let reasons = self.0["reasons"].as_array().into_iter().flatten();
        reasons.filter_map(Value::as_str).collect::<Vec<_>>().join(" ")
    }
}
