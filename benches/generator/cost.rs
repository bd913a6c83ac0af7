//! CPU per request, ours beside other tools, on one core against the same server.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use serde_json::Value;

use crate::machine::{self, Cost};
use crate::ours::{Load, Ours};
use crate::parts::Extent;
use crate::table::{self, median, spread};
use crate::target::Target;

const N_USERS: u32 = 64;
const CPU: usize = 0;

/// One way of making load.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tool {
    Wire,
    Reqwest,
    Wrk,
    Oha,
    Bare,
}

/// All rounds of one tool.
struct Rounds {
    tool: Tool,
    cpu_micros: Vec<f64>,
    per_sec: Vec<f64>,
    /// What it says of itself, less what the server counted.
    surplus: Vec<i64>,
}

const TOOLS: [Tool; 5] = [Tool::Wire, Tool::Wrk, Tool::Oha, Tool::Reqwest, Tool::Bare];

impl Tool {
    fn name(self) -> &'static str {
        match self {
            Self::Wire => "Stagewright, wire",
            Self::Reqwest => "Stagewright, reqwest",
            Self::Wrk => "wrk -t1 -c64",
            Self::Oha => "oha -c 64",
            Self::Bare => "bare reqwest loop",
        }
    }

    fn is_there(self) -> bool {
        match self {
            Self::Wrk => found("wrk").is_some(),
            Self::Oha => oha().is_some(),
            Self::Wire | Self::Reqwest | Self::Bare => true,
        }
    }

    /// Makes load for `duration`; returns what it cost and how many requests it says there were.
    fn run(self, target: &Target, duration: Duration) -> (Cost, u64) {
        let (url, secs) = (format!("{}/", target.base_url), duration.as_secs().to_string());
        let run = |command: &mut Command| machine::run(command, &[CPU]);
        match self {
            Self::Wire => self.run_ours(target, duration, "use = \"wire\""),
            Self::Reqwest => self.run_ours(target, duration, "use = \"reqwest\""),
            Self::Wrk => {
                let (output, cost) =
                    run(Command::new("wrk").args(["-t1", "-c64", &format!("-d{secs}s"), &url]));
                (cost, said_by_wrk(&output))
            }
            Self::Oha => {
                let oha = oha().unwrap_or_else(|| PathBuf::from("oha"));
                let options = ["-c", "64", "--no-tui", "--output-format", "json", "-z"];
                let (output, cost) = run(Command::new(oha).args(options).args([&format!("{secs}s"), &url]));
                (cost, said_by_oha(&output))
            }
            Self::Bare => {
                let this = std::env::current_exe().expect("a program knows where it is");
                let (output, cost) = run(Command::new(this).args(["--bare-reqwest", &url, &secs]));
                (cost, text(&output).trim().parse().unwrap_or(0))
            }
        }
    }

    fn run_ours(self, target: &Target, duration: Duration, transport: &'static str) -> (Cost, u64) {
        let load = Load::Users { n: N_USERS, ramp: Duration::ZERO, duration };
        let (report, cost) = Ours { transport, ..Ours::new(&target.base_url, load) }.run();
        (cost, report.n_requests())
    }
}

/// Prints the comparison.
pub fn measure(extent: Extent) {
    let duration = Duration::from_secs(4);
    let target = Target::null();
    let (there, missing): (Vec<_>, Vec<_>) = TOOLS.into_iter().partition(|tool| tool.is_there());
    for tool in missing {
        println!("{} is not installed, and left out.\n", tool.name());
    }
    let mut all: Vec<Rounds> = there.into_iter().map(Rounds::new).collect();
    for n in 1..=extent.n_rounds {
        eprintln!("cost: round {n} of {}", extent.n_rounds);
        all.iter_mut().for_each(|rounds| rounds.go_on(&target, duration));
    }
    let rows: Vec<_> = all.iter().map(Rounds::row).collect();
    let sentence = format!(
        "CPU time of the whole process, user and system, per request that the server counted: median (least – most) \
         of {} interleaved rounds of {} s. 64 connections, generator on one processor, server on another.",
        extent.n_rounds,
        duration.as_secs()
    );
    let columns = ["tool", "CPU per request, µs", "requests/s", "reported − counted by the server"];
    table::print("CPU per request", &sentence, &columns, &rows);
    print_ratios(&all);
}

fn print_ratios(all: &[Rounds]) {
    let of = |tool| all.iter().find(|rounds| rounds.tool == tool);
    let pairs = [
        (Tool::Wire, Tool::Wrk, "≤ 1.0"),
        (Tool::Wire, Tool::Oha, "≤ 0.6"),
        (Tool::Reqwest, Tool::Bare, "≤ 1.15"),
    ];
    let mut rows = Vec::new();
    for (ours, theirs, asked) in pairs {
        let (Some(ours), Some(theirs)) = (of(ours), of(theirs)) else { continue };
        // Neighbours in time share what else the machine was doing.
        let by_round: Vec<f64> =
            ours.cpu_micros.iter().zip(&theirs.cpu_micros).map(|(ours, theirs)| ours / theirs).collect();
        let of_medians = median(&ours.cpu_micros) / median(&theirs.cpu_micros);
        rows.push(vec![
            format!("{} ÷ {}", ours.tool.name(), theirs.tool.name()),
            format!("{of_medians:.2}"),
            spread(&by_round, 2),
            asked.to_owned(),
        ]);
    }
    let columns = ["ratio of CPU per request", "of the medians", "round by round", "asked for"];
    table::print("Ratios", "Less than one is cheaper.", &columns, &rows);
}

impl Rounds {
    fn new(tool: Tool) -> Self {
        Self { tool, cpu_micros: Vec::new(), per_sec: Vec::new(), surplus: Vec::new() }
    }

    fn go_on(&mut self, target: &Target, duration: Duration) {
        let before = target.n_received();
        let (cost, n_reported) = self.tool.run(target, duration);
        let n_counted = target.n_received() - before;
        self.cpu_micros.push(cost.cpu.as_secs_f64() * 1e6 / n_counted as f64);
        self.per_sec.push(n_counted as f64 / duration.as_secs_f64());
        self.surplus.push(n_reported as i64 - n_counted as i64);
    }

    fn row(&self) -> Vec<String> {
        let (least, most) = (self.surplus.iter().min(), self.surplus.iter().max());
        let surplus = match (least, most) {
            (Some(least), Some(most)) if least != most => format!("{least} … {most}"),
            (Some(least), _) => least.to_string(),
            _ => "–".to_owned(),
        };
        vec![self.tool.name().to_owned(), spread(&self.cpu_micros, 2), spread(&self.per_sec, 0), surplus]
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// `613461 requests in 4.00s, …`
fn said_by_wrk(output: &Output) -> u64 {
    let said = text(output);
    let n = said.lines().find_map(|line| line.split_once(" requests in ")?.0.trim().parse().ok());
    n.unwrap_or(0)
}

/// Its answers by status; those under way at the deadline are not among them.
fn said_by_oha(output: &Output) -> u64 {
    let said: Value = serde_json::from_str(&text(output)).unwrap_or_default();
    let by_status = said["statusCodeDistribution"].as_object();
    by_status.into_iter().flatten().filter_map(|(_, n)| n.as_u64()).sum()
}

/// Where oha is: named by the variable OHA, on the path, or where cargo puts it.
fn oha() -> Option<PathBuf> {
    let named = std::env::var_os("OHA").map(PathBuf::from);
    let of_cargo = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo/bin/oha"));
    named.or_else(|| found("oha")).or_else(of_cargo).filter(|path| path.is_file())
}

fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
