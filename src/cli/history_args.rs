//! The words of the commands that look at many runs, and at files of others.

use std::{path::PathBuf, str::FromStr};

use clap::{Args, ValueEnum};

use crate::launch::TREND_METRICS;
use crate::model::Metric;

use super::args::{Rest, RunReference};

#[derive(Debug, Args)]
pub struct TrendArgs {
    /// The scenario's name
    #[arg(required_unless_present = "csv")]
    pub scenario: Option<String>,
    /// Look at a file of times and values instead: `time,value` with or without a header
    #[arg(long, value_name = "FILE", conflicts_with_all = ["scenario", "metrics", "environment"])]
    pub csv: Option<PathBuf>,
    /// In the file a higher value is the better one
    #[arg(long, requires = "csv")]
    pub higher_is_better: bool,
    /// p50, p90, p95, p99, mean, throughput or error_share (repeatable) [default: p50, p95, p99, throughput and
    /// error_share]
    #[arg(long = "metric", value_name = "METRIC")]
    pub metrics: Vec<TrendMetricArg>,
    /// Only runs in this environment
    #[arg(long = "env", value_name = "NAME")]
    pub environment: Option<String>,
    /// End with exit code 1 where the newest level of any metric is worse than the one before
    #[arg(long, value_enum, value_name = "WHAT")]
    pub fail_on: Option<FailOn>,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
    /// Write to a file instead; .md or .json
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// What ends a command with exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Worse,
}

/// A metric that runs are listed with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TrendMetricArg(pub Metric);

#[derive(Debug, Args)]
pub struct NoiseArgs {
    /// Two runs of one scenario or more; five or more tell well
    #[arg(required_unless_present = "series", num_args = 1..)]
    pub runs: Vec<RunReference>,
    /// All runs of a series, by the name that `run --repeat` gave it
    #[arg(long, value_name = "NAME", conflicts_with = "runs")]
    pub series: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Args)]
pub struct StatsArgs {
    /// An HdrHistogram log (.hlog), or a table of times and latencies (.csv)
    pub file: PathBuf,
    /// The unit of the latencies in the file [default: ns in a log, ms in a table]
    #[arg(long, value_enum)]
    pub unit: Option<LatencyUnit>,
    /// Only what has this tag
    #[arg(long, value_name = "TAG")]
    pub tag: Option<String>,
    /// Add what a closed loop left out, for requests meant to follow each other at this interval; the result is
    /// called repaired
    #[arg(long, value_name = "TIME")]
    pub repair: Option<Rest>,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
}

/// The unit of latencies in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LatencyUnit {
    Ns,
    Us,
    Ms,
    S,
}

impl FromStr for TrendMetricArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let metric: Metric = text.parse()?;
        if TREND_METRICS.contains(&metric) {
            return Ok(Self(metric));
        }
        let known = TREND_METRICS.map(|metric| metric.to_string()).join(", ");
        Err(format!("runs are not listed with {metric}; there are {known}"))
    }
}
