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

#[derive(Debug, Args)]
pub struct CapacityArgs {
    /// A run: its number, `latest` or `baseline`
    #[arg(required_unless_present = "csv")]
    pub run: Option<RunReference>,
    /// Look at a file of levels instead: `concurrency,throughput` or `concurrency,throughput,latency`, with or without
    /// a header
    #[arg(long, value_name = "FILE", conflicts_with_all = ["run", "demand"])]
    pub csv: Option<PathBuf>,
    /// The unit of the latencies in the file [default: ms]
    #[arg(long, value_enum, requires = "csv", conflicts_with = "run")]
    pub unit: Option<LatencyUnit>,
    /// Requests per second that the target has to bear, to tell the headroom, such as 1000/s [default: the scenario's
    /// threshold on throughput]
    #[arg(long, value_name = "RATE", allow_negative_numbers = true)]
    pub demand: Option<DemandArg>,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
}

/// Requests per second that somebody needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DemandArg(pub f64);

impl FromStr for DemandArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.trim().trim_end_matches("/s").trim_end();
        match number.parse::<f64>() {
            Ok(rate) if rate > 0.0 && rate.is_finite() => Ok(Self(rate)),
            _ => Err("use requests per second above 0, such as 1000 or 1000/s".to_owned()),
        }
    }
}

/// The unit of latencies in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LatencyUnit {
    Ns,
    Us,
    Ms,
    S,
}

impl LatencyUnit {
    /// How long one is, in seconds.
    pub fn secs(self) -> f64 {
        match self {
            Self::Ns => 1e-9,
            Self::Us => 1e-6,
            Self::Ms => 1e-3,
            Self::S => 1.0,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demand_is_a_rate_above_nothing() {
        assert_eq!("1000".parse(), Ok(DemandArg(1_000.0)));
        assert_eq!("12.5/s".parse(), Ok(DemandArg(12.5)));
        for bad in ["0", "-5", "NaN", "inf", "fast", "", "10/min"] {
            assert!(bad.parse::<DemandArg>().unwrap_err().contains("1000/s"), "{bad}");
        }
    }
}
