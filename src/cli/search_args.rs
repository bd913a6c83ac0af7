//! The words of `search`.

use clap::Args;

use super::args::{KeptArgs, ProgressArgs, Rest, SetupArgs};
use crate::model::SearchOptions;

#[derive(Debug, Args)]
#[command(after_help = AFTER_HELP)]
pub struct SearchArgs {
    /// A scenario file, or a preset's name; its thresholds and budgets of response time and errors are the targets
    pub scenario: String,
    /// Level of the first probe, users or arrivals per second [default: a tenth of the profile's peak]
    #[arg(long, value_name = "LEVEL", allow_negative_numbers = true)]
    pub start: Option<f64>,
    /// The highest level that is tried [default: 1,024 times the first]
    #[arg(long, value_name = "LEVEL", allow_negative_numbers = true)]
    pub max: Option<f64>,
    /// How long a probe is held at least; twice as long where that does not decide [default: 1m]
    #[arg(long, value_name = "TIME")]
    pub hold: Option<Rest>,
    /// How long a probe's load settles before it counts [default: 10s]
    #[arg(long, value_name = "TIME")]
    pub settle: Option<Rest>,
    /// How long the answer is held to confirm it [default: 5m]
    #[arg(long, value_name = "TIME")]
    pub confirm: Option<Rest>,
    /// End once the lowest level that failed is at most so many times the highest that passed [default: 1.05]
    #[arg(long, value_name = "RATIO", allow_negative_numbers = true)]
    pub resolution: Option<f64>,
    /// Probes at most, those that confirm aside [default: 20]
    #[arg(long, value_name = "N")]
    pub max_probes: Option<u32>,
    #[command(flatten)]
    pub kept: KeptArgs,
    #[command(flatten)]
    pub setup: SetupArgs,
    /// Make the load with this many threads instead of as many as the highest level and the machine suggest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..))]
    pub workers: Option<u8>,
    /// Answer as JSON
    #[arg(long, conflicts_with_all = ["quiet", "plain", "json_lines"])]
    pub json: bool,
    #[command(flatten)]
    pub progress: ProgressArgs,
}

const AFTER_HELP: &str = "\
The load doubles from probe to probe until one fails, then halves the distance, and the answer is held again for longer.
A probe passes where the upper bounds of its percentiles and error shares keep their limits, fails where a lower bound
misses one or requests in flight grow, and is else undecided, which counts as not passed unless the longest hold decides
it. A probe that the generator could not make is held once more, and counts as nothing.

Exit codes: 0 found and confirmed · 1 the lowest level fails already · 2 inconclusive: the generator's end, undecided,
not confirmed, no single number · 3 bad input or usage · 130 interrupted (the run is kept, what is known so far is told)";

impl SearchArgs {
    /// The scenario's own options, with what was asked for in their place.
    pub fn over(&self, own: Option<SearchOptions>) -> SearchOptions {
        let own = own.unwrap_or_default();
        let span = |asked: Option<Rest>, own| asked.map_or(own, |asked| asked.0);
        SearchOptions {
            start: self.start.or(own.start),
            max: self.max.or(own.max),
            hold: span(self.hold, own.hold),
            settle: span(self.settle, own.settle),
            confirm: span(self.confirm, own.confirm),
            resolution: self.resolution.unwrap_or(own.resolution),
            max_probes: self.max_probes.unwrap_or(own.max_probes),
        }
    }
}
