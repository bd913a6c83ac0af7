//! The command line: its words, their help, and what can be refused before anything is read.

use std::{path::PathBuf, str::FromStr, time::Duration};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::metrics::RunLabels;
use crate::model::parse_duration;
use crate::report::Format;

use super::compare_args::CompareArgs;

use super::search_args::SearchArgs;

use super::monitors::MonitorsArgs;

use super::history_args::{CapacityArgs, NoiseArgs, StatsArgs, TrendArgs};
use super::report_args::ReportArgs;

use super::sandbox_args::SandboxArgs;
use super::what_if_args::WhatIfArgs;

pub use super::filter_args::{FilterArgs, Size};

/// Design a load, run it, judge it, compare it with an earlier run, hand a report over.
///
/// Without a command the window opens. All commands are headless and need no display.
#[derive(Debug, Parser)]
#[command(name = "stagewright", version, after_help = EXIT_CODES)]
pub struct CommandLine {
    /// The run library, an SQLite file [default: in this user's data directory]
    #[arg(long, global = true, value_name = "FILE")]
    pub library: Option<PathBuf>,
    /// Where the window writes, when it is closed, what each of its frames cost (CSV)
    #[arg(long, value_name = "FILE", hide = true)]
    pub frame_log: Option<PathBuf>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

const EXIT_CODES: &str = "\
Exit codes: 0 pass · 1 a must-threshold failed, a check of `send`, `runs check` found damage, or a report differs from its run · 2 inconclusive · 3 bad input or usage · 4 internal fault · \
130 interrupted (the run is kept)
A preset's name works wherever a scenario file does; `stagewright presets list` shows them.";

/// What to do without a window.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a scenario and keep the run in the library
    Run(RunArgs),
    /// Search the highest load that meets the targets, in one run of probes
    Search(SearchArgs),
    /// Check a scenario and say what it would do, without sending anything
    Validate(ValidateArgs),
    /// Send one iteration once, and show every request, answer and check
    Send(SendArgs),
    /// Reach what a scenario's monitors watch, once, and show what is read there
    Monitors(MonitorsArgs),
    /// List, show and tend the runs that are kept
    #[command(subcommand)]
    Runs(RunsCommand),
    /// Compare two to eight runs, with uncertainty
    Compare(CompareArgs),
    /// Where a scenario's level changed over its runs, or that of any series in a file
    Trend(TrendArgs),
    /// How much repeated runs of one scenario differ, and which change they can show
    Noise(NoiseArgs),
    /// Percentiles with intervals of an HdrHistogram log or a table of latencies
    Stats(StatsArgs),
    /// Which rate keeps the targets, how many users that is, and where throughput ends, of a run or a file of levels
    Capacity(CapacityArgs),
    /// What a change of the target would bring, by a model: a cache, smaller answers, a faster call, workers, traffic
    WhatIf(Box<WhatIfArgs>),
    /// Write the report of a run, keep your words with it, or verify a report
    Report(Box<ReportArgs>),
    /// Measure what this machine can do as a load generator, and keep it
    Calibrate(CalibrateArgs),
    /// Run the built-in target alone, on this machine only
    Sandbox(SandboxArgs),
    /// List and show presets: scenarios that come with the program, and your own
    #[command(subcommand)]
    Presets(PresetsCommand),
}

#[derive(Debug, Args)]
pub struct RunArgs {
    /// A scenario file, or a preset's name
    pub scenario: String,
    #[command(flatten)]
    pub kept: KeptArgs,
    #[command(flatten)]
    pub setup: SetupArgs,
    /// Multiply all stage durations, above 0 and at most 1000
    #[arg(long, value_name = "FACTOR", default_value = "1", allow_negative_numbers = true)]
    pub time_scale: TimeScale,
    /// Make the load with this many threads instead of as many as scenario and machine suggest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    pub workers: Option<u8>,
    /// Compare with this run at the end: a number, `latest` or `baseline`
    #[arg(long, value_name = "RUN")]
    pub baseline: Option<String>,
    /// Make so many runs one after the other, each kept and labelled repetition=2/5 and series=…; the exit code is that of
    /// the worst, and report.md becomes report-1.md, report-2.md, …
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub repeat: Option<u32>,
    /// Rest so long between two repetitions [default: 30s]
    #[arg(long, value_name = "TIME", requires = "repeat")]
    pub pause: Option<Rest>,
    #[command(flatten)]
    pub progress: ProgressArgs,
}

/// What becomes of a run that has ended.
#[derive(Debug, Args)]
pub struct KeptArgs {
    /// Write a report when the run has ended; .md, .html, .json, .csv or .xml (repeatable)
    #[arg(long = "report", value_name = "FILE")]
    pub reports: Vec<ReportFile>,
    /// Keep a label such as commit=1a2b3c with the run (repeatable)
    #[arg(long = "label", value_name = "KEY=VALUE")]
    labels: Vec<Assignment>,
}

impl KeptArgs {
    pub fn labels(&self) -> RunLabels {
        self.labels.iter().map(|label| (label.name.clone(), label.value.clone())).collect()
    }
}

/// Where a scenario is used, and with which values.
#[derive(Debug, Default, Args)]
pub struct SetupArgs {
    /// Use one of the scenario's environments: its base URL and its variables
    #[arg(long = "env", value_name = "NAME")]
    pub environment: Option<String>,
    /// Replace the value of a variable, of the scenario or of the environment (repeatable)
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub variables: Vec<Assignment>,
    /// Interleave: send by turns to this base URL as well, as the candidate, and compare the sides in pairs
    #[arg(long, value_name = "URL")]
    pub against: Option<String>,
    /// Interleave with another of the scenario's environments as the candidate
    #[arg(long, value_name = "NAME", conflicts_with = "against")]
    pub against_env: Option<String>,
    /// Interleave: how long one side gets all iterations [default: 10s]
    #[arg(long, value_name = "TIME")]
    pub block: Option<Rest>,
}

/// How much a run says while it goes on.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct ProgressArgs {
    /// Only the verdict
    #[arg(long)]
    pub quiet: bool,
    /// Plain lines, also on a terminal
    #[arg(long)]
    pub plain: bool,
    /// One JSON object per second, then one with the summary
    #[arg(long)]
    pub json_lines: bool,
}

#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// A scenario file, or a preset's name
    pub scenario: String,
    #[command(flatten)]
    pub setup: SetupArgs,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct SendArgs {
    /// A scenario file, or a preset's name
    pub scenario: String,
    /// The journey to send [default: the first that is enabled]
    #[arg(long, value_name = "NAME")]
    pub journey: Option<String>,
    /// Send this step of it only; values of earlier steps come from --var
    #[arg(long, value_name = "NAME")]
    pub step: Option<String>,
    /// Use one of the scenario's environments: its base URL and its variables
    #[arg(long = "env", value_name = "NAME")]
    pub environment: Option<String>,
    /// Give a variable its value, also one that an earlier step would extract (repeatable)
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub variables: Vec<Assignment>,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub enum RunsCommand {
    /// All runs, newest first, or those for which all that is asked holds
    List(ListArgs),
    /// What a run came to
    Show {
        run: RunReference,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Add tags to a run, or take them away
    Tag {
        run: RunReference,
        #[arg(required = true, value_name = "TAG", value_parser = clap::builder::NonEmptyStringValueParser::new())]
        tags: Vec<String>,
        /// Take the tags away
        #[arg(long)]
        remove: bool,
    },
    /// Replace the note of a run; an empty text removes it
    Note { run: RunReference, text: String },
    /// Make a run the baseline of its scenario and base URL
    Baseline {
        run: RunReference,
        /// The run is the baseline no longer
        #[arg(long)]
        clear: bool,
    },
    /// Mark a run to find it again; no rule removes it
    Star { run: RunReference },
    /// Take the star away
    Unstar { run: RunReference },
    /// Give a run labels such as commit=1a2b3c, or take labels away
    Label {
        run: RunReference,
        #[arg(required_unless_present = "remove", value_name = "KEY=VALUE")]
        labels: Vec<Assignment>,
        /// Take this label away (repeatable)
        #[arg(long, value_name = "KEY")]
        remove: Vec<String>,
    },
    /// Write a run into one file, for another library
    Export {
        run: RunReference,
        /// The file, such as checkout.stagewright; one that is there is replaced
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Take runs in that were exported; a file that is not as it was written changes nothing
    Import {
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Look through the whole library for damage; exits with 1 where there is some
    Check {
        /// Make well what can be; where kept data is damaged, the old file is kept beside
        #[arg(long)]
        repair: bool,
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// Hide old runs by a rule: never a baseline, a starred run, or the newest of its scenario
    Prune(PruneArgs),
    /// Hide a run; `runs restore` brings it back
    Delete { run: RunReference },
    /// Bring a deleted run back
    Restore {
        /// The number that `runs delete` said
        #[arg(value_name = "NUMBER")]
        run_id: i64,
    },
    /// Remove all deleted runs for good
    Purge,
}

#[derive(Debug, Args)]
pub struct ListArgs {
    #[command(flatten)]
    pub filter: FilterArgs,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct PruneArgs {
    /// Keep so many of the newest runs of each scenario
    #[arg(long, value_name = "N")]
    pub last: Option<u32>,
    /// Keep runs that began no longer ago than this many days
    #[arg(long, value_name = "N")]
    pub days: Option<u32>,
    /// Keep as many of the newest runs as fit into this, such as 500MiB or 2GiB
    #[arg(long, value_name = "SIZE")]
    pub size: Option<Size>,
    /// Keep these limits as the library's rule, which holds where none are given; without any, all runs are kept
    #[arg(long)]
    pub remember: bool,
    /// Show what would go, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct CalibrateArgs {
    /// Three seconds instead of sixteen, for rough figures
    #[arg(long)]
    pub quick: bool,
    /// The transport to measure; auto takes the leanest, as scenarios do
    #[arg(long, value_enum, default_value_t = CalibrateTransport::Auto)]
    pub transport: CalibrateTransport,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
}

/// The transport that a calibration measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CalibrateTransport {
    Auto,
    Wire,
    Reqwest,
}

#[derive(Debug, Subcommand)]
pub enum PresetsCommand {
    /// All presets
    List {
        /// Answer as JSON
        #[arg(long)]
        json: bool,
    },
    /// The text of a preset, ready to be saved and changed
    Show { name: String },
}

/// Names a run: a number, `latest`, or `baseline`.
#[derive(Clone, Debug)]
pub struct RunReference(pub String);

/// A name with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub name: String,
    pub value: String,
}

/// A factor on durations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TimeScale(pub f64);

/// A ratio from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Share(pub f64);

/// A report that has a file name, and a format by its ending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFile {
    pub path: PathBuf,
    pub format: ReportFormat,
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// The benchmark report as Markdown; in a file with its charts in a folder beside it
    Md,
    /// The same as one HTML file with its charts, for browsers and for PDF
    Html,
    /// The same figures for programs
    Json,
    /// One line per second; in a file with all results and errors in files beside it
    Csv,
    /// Thresholds and budgets as JUnit XML
    Xml,
}

const SUPPORTED: &str = "supported are .md, .html, .json, .csv (one line per second) and .xml (JUnit)";

impl ReportFormat {
    /// The format that a file's ending asks for.
    pub fn of(path: &std::path::Path) -> Result<Self, String> {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        match Format::of_ending(ending) {
            Some(Format::Markdown) => return Ok(Self::Md),
            Some(Format::Html) => return Ok(Self::Html),
            Some(Format::Json) => return Ok(Self::Json),
            Some(Format::Csv) => return Ok(Self::Csv),
            Some(Format::Junit) => return Ok(Self::Xml),
            None => {}
        }
        match ending.to_ascii_lowercase().as_str() {
            "" => Err(format!("the file name has no ending that names a format; {SUPPORTED}")),
            other => Err(format!("reports cannot be written as .{other}; {SUPPORTED}")),
        }
    }
}

impl From<ReportFormat> for Format {
    fn from(format: ReportFormat) -> Self {
        match format {
            ReportFormat::Md => Self::Markdown,
            ReportFormat::Html => Self::Html,
            ReportFormat::Json => Self::Json,
            ReportFormat::Csv => Self::Csv,
            ReportFormat::Xml => Self::Junit,
        }
    }
}

impl FromStr for RunReference {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                Ok(Self { name: name.trim().to_owned(), value: value.to_owned() })
            }
            _ => Err("write it as NAME=VALUE".to_owned()),
        }
    }
}

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rest(pub Duration);

impl FromStr for Rest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        parse_duration(text).map(Self)
    }
}

impl FromStr for TimeScale {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(factor) if factor > 0.0 && factor <= 1000.0 => Ok(Self(factor)),
            _ => Err("use a number above 0 and at most 1000, such as 0.1".to_owned()),
        }
    }
}

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(ratio) if (0.0..=1.0).contains(&ratio) => Ok(Self(ratio)),
            _ => Err("use a number from 0 to 1, such as 0.01 for one in a hundred".to_owned()),
        }
    }
}

impl FromStr for ReportFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let path = PathBuf::from(text);
        ReportFormat::of(&path).map(|format| Self { path, format })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parse(line: &str) -> Result<CommandLine, clap::Error> {
        CommandLine::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_command_line_is_well_formed() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn no_command_means_the_window() {
        assert!(parse("stagewright --library x.sqlite").is_ok_and(|line| line.command.is_none()));
    }

    #[test]
    fn a_time_scale_is_above_zero_and_finite() {
        for bad in ["0", "-1", "NaN", "inf", "1001", "fast"] {
            assert!(parse(&format!("stagewright run quickstart --time-scale {bad}")).is_err(), "{bad}");
        }
        assert!(parse("stagewright run quickstart --time-scale 0.05").is_ok());
    }

    #[test]
    fn a_report_s_ending_decides_its_format() {
        assert_eq!("a.md".parse::<ReportFile>().map(|file| file.format), Ok(ReportFormat::Md));
        assert_eq!("a.JSON".parse::<ReportFile>().map(|file| file.format), Ok(ReportFormat::Json));
        let message = "a.docx".parse::<ReportFile>().unwrap_err();
        assert!(message.contains(".docx") && message.contains(".md, .html, .json"), "{message}");
        assert!("report".parse::<ReportFile>().is_err());
    }

    #[test]
    fn an_assignment_may_hold_equals_signs_in_its_value() {
        let expected = Assignment { name: "token".to_owned(), value: "a=b".to_owned() };
        assert_eq!("token=a=b".parse(), Ok(expected));
        assert!("token".parse::<Assignment>().is_err());
        assert!("=b".parse::<Assignment>().is_err());
    }

    #[test]
    fn only_one_kind_of_progress_can_be_asked_for() {
        assert!(parse("stagewright run quickstart --quiet --json-lines").is_err());
    }
}
