//! The words of `compare`.

use std::{path::PathBuf, str::FromStr};

use clap::{Args, ValueEnum};

use super::{
    args::{Assignment, RunReference, Share},
    history_args::FailOn,
};
use crate::analysis::comparison::Alignment;
use crate::model::Metric;

#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The run to compare with: a number, `latest` or `baseline`; five or more repetitions as 3,4,5,6,7 or series:NAME
    pub baseline: RunReference,
    /// The runs to judge, seven at most
    #[arg(required = true)]
    pub candidates: Vec<RunReference>,
    /// What is laid beside what
    #[arg(long, value_enum, default_value_t)]
    pub align: AlignBy,
    /// Changes up to this share do not matter
    #[arg(long, value_name = "SHARE", default_value = "0.05")]
    pub relevant: Share,
    /// Compare these percentiles [default: p50 p90 p95 p99] (repeatable)
    #[arg(long = "percentile", value_name = "PERCENTILE")]
    pub percentiles: Vec<Percentile>,
    /// Put a step of a candidate beside one of the baseline, both by name, or beside none where BASELINE is left out;
    /// remembered for the two scenarios (repeatable)
    #[arg(long = "match", value_name = "CANDIDATE=BASELINE")]
    pub step_matches: Vec<Assignment>,
    /// Exit with 1 when any figure got worse
    #[arg(long, value_enum, value_name = "VERDICT")]
    pub fail_on: Option<FailOn>,
    /// Answer as JSON
    #[arg(long)]
    pub json: bool,
    /// Write to a file instead
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How compared runs are laid beside each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum AlignBy {
    /// Held stages of one name, or of one level
    #[default]
    Stage,
    /// Seconds since the start
    Time,
    /// Held stages of about the same throughput
    Rate,
}

/// A percentile as `p99` or `99.9`, kept as a quantile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percentile(pub f64);

impl FromStr for Percentile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match format!("p{}", text.trim_start_matches(['p', 'P'])).parse() {
            Ok(Metric::Quantile(quantile)) => Ok(Self(quantile)),
            _ => Err("use a percentile between 0 and 100, such as p95 or 99.9".to_owned()),
        }
    }
}

impl From<AlignBy> for Alignment {
    fn from(align: AlignBy) -> Self {
        match align {
            AlignBy::Stage => Self::Stage,
            AlignBy::Time => Self::Time,
            AlignBy::Rate => Self::Rate,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::CommandLine;

    fn parse(line: &str) -> Result<CommandLine, clap::Error> {
        CommandLine::try_parse_from(line.split(' '))
    }

    #[test]
    fn a_percentile_is_written_with_or_without_its_p() {
        assert_eq!("p95".parse(), Ok(Percentile(0.95)));
        assert_eq!("99.9".parse::<Percentile>().unwrap().0, "p99.9".parse::<Percentile>().unwrap().0);
        assert!("p100".parse::<Percentile>().is_err() && "mean".parse::<Percentile>().is_err());
    }

    #[test]
    fn a_comparison_takes_a_baseline_and_candidates() {
        assert!(parse("stagewright compare 1").is_err());
        assert!(
            parse("stagewright compare baseline 2 series:x --align rate --fail-on worse --match a=b").is_ok()
        );
        assert!(parse("stagewright compare 1 2 --relevant 5").is_err());
    }
}
