//! The parts of the bench by name, and the roles that it takes in processes of its own.

use std::process::ExitCode;
use std::time::Duration;

use crate::{accuracy, bare, cost, delays, machine, overload, scaling, schedule, soak, storm, users};

/// How long and how much.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// `--full`: as long as the figures in the README ask for.
    pub full: bool,
    /// `--rounds N`, of the parts that compare tools.
    pub n_rounds: usize,
    /// `--minutes N`, of the soak.
    pub n_minutes: u64,
}

/// A part by its name.
type Part = (&'static str, fn(Extent));

const PARTS: [Part; 8] = [
    ("cost", cost::measure),
    ("scaling", scaling::measure),
    ("schedule", schedule::measure),
    ("accuracy", accuracy::measure),
    ("users", users::measure),
    ("overload", overload::measure),
    ("storm", storm::measure),
    ("soak", soak::measure),
];
/// Takes an hour: only when it is named.
const ONLY_BY_NAME: &str = "soak";

/// Obeys the command line.
pub fn run(arguments: Vec<String>) -> ExitCode {
    // A role in a process of its own, which this program started.
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--bare-reqwest", url, secs] => return bare::run(url, secs),
        ["--storm-server"] => return storm::serve(),
        ["--delay-server", distribution, per_sec] => return delays::serve(distribution, per_sec),
        _ => {}
    }
    match read(&arguments) {
        Ok((parts, extent)) => {
            println!("{}\n", machine::described());
            parts.into_iter().for_each(|(_, part)| part(extent));
            ExitCode::SUCCESS
        }
        Err(complaint) => {
            let names: Vec<_> = PARTS.iter().map(|(name, _)| *name).collect();
            eprintln!("{complaint}. Parts: {}; options: --full, --rounds N, --minutes N", names.join(", "));
            ExitCode::FAILURE
        }
    }
}

fn read(arguments: &[String]) -> Result<(Vec<Part>, Extent), String> {
    let mut extent = Extent { full: false, n_rounds: 5, n_minutes: 60 };
    let mut named = Vec::new();
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        let mut number = || {
            let number = words.next().and_then(|number| number.parse::<u32>().ok()).filter(|n| *n > 0);
            number.ok_or_else(|| format!("{word} needs a number"))
        };
        match word.as_str() {
            // Cargo says so to every bench.
            "--bench" => {}
            "--full" => extent.full = true,
            "--rounds" => extent.n_rounds = number()? as usize,
            "--minutes" => extent.n_minutes = u64::from(number()?),
            name => match PARTS.into_iter().find(|(known, _)| *known == name) {
                Some(part) => named.push(part),
                None => return Err(format!("{name} is unknown")),
            },
        }
    }
    if named.is_empty() {
        named = PARTS.into_iter().filter(|(name, _)| *name != ONLY_BY_NAME).collect();
    }
    Ok((named, extent))
}

impl Extent {
    /// One of two durations, in seconds.
    pub fn secs(self, short: u64, full: u64) -> Duration {
        Duration::from_secs(if self.full { full } else { short })
    }
}
