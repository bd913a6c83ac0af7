//! `stats`: percentiles with their intervals of an HdrHistogram log, or of a table of times and latencies.

use hdrhistogram::Histogram;
use serde_json::{Value, json};

use crate::analysis::stats::{CONFIDENCE, RankInterval, ShareCount, independent_ranks, interval_ranks};
use crate::humanize;
use crate::model::Metric;

use super::{
    exit::{CliError, Exit},
    history_args::{LatencyUnit, StatsArgs},
    latencies::{TaggedLatencies, read_log, read_table},
    out::{print, print_json},
    tables::table,
};

const QUANTILES: [f64; 7] = [0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999];

/// A repair that would come to more latencies than that is a mistake in its interval.
const MAX_REPAIRED: f64 = 1e10;

/// One percentile of one tag, in seconds.
struct Percentile {
    quantile: f64,
    value: f64,
    low: Option<f64>,
    high: Option<f64>,
    n_effective: f64,
}

/// What is told of one tag.
struct Told {
    tag: Option<String>,
    n_samples: u64,
    n_slices: usize,
    duration_secs: f64,
    mean_secs: f64,
    max_secs: f64,
    /// Whether there are blocks that tell how far latencies depend on each other.
    by_blocks: bool,
    percentiles: Vec<Percentile>,
}

/// Tells percentiles with their intervals, tag by tag.
pub fn stats(args: &StatsArgs) -> Result<Exit, CliError> {
    let is_log = args.file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("hlog"));
    let unit = args.unit.unwrap_or(if is_log { LatencyUnit::Ns } else { LatencyUnit::Ms });
    // Tables are counted in nanoseconds whatever they are written in.
    let (mut all, secs_per_unit) = match is_log {
        true => (read_log(&args.file)?, unit.secs()),
        false => (vec![read_table(&args.file, unit.secs() * 1e9)?], 1e-9),
    };
    if let Some(tag) = &args.tag {
        all.retain(|found| found.tag.as_ref() == Some(tag));
    }
    all.retain(|found| found.blocks.iter().any(|block| !block.is_empty()));
    if all.is_empty() {
        return Err(CliError::BadInput(format!("there are no latencies: {}", args.file.display())));
    }
    if let Some(interval) = args.repair {
        let interval = (interval.0.as_secs_f64() / secs_per_unit) as u64;
        for found in &mut all {
            *found = repaired(found, interval)?;
        }
    }
    let told: Vec<Told> = all.iter().map(|found| Told::of(found, secs_per_unit)).collect();
    if args.json {
        print_json(&stats_json(args, &told))?
    } else {
        print(&stats_lines(args, unit, &told))?
    }
    Ok(Exit::Pass)
}

fn repaired(found: &TaggedLatencies, interval: u64) -> Result<TaggedLatencies, CliError> {
    if interval == 0 {
        return Err(CliError::BadInput("an interval between requests must be above nothing".to_owned()));
    }
    if found.n_repaired(interval) > MAX_REPAIRED {
        return Err(CliError::BadInput(
            "so short an interval between requests would add thousands of millions of latencies".to_owned(),
        ));
    }
    Ok(found.repaired(interval))
}

impl LatencyUnit {
    fn words(self) -> &'static str {
        match self {
            Self::Ns => "nanoseconds",
            Self::Us => "microseconds",
            Self::Ms => "milliseconds",
            Self::S => "seconds",
        }
    }
}

impl Told {
    fn of(found: &TaggedLatencies, secs_per_unit: f64) -> Self {
        let merged = found.merged();
        let by_blocks = found.blocks.iter().filter(|block| !block.is_empty()).count() >= 2;
        let percentile = |quantile: &f64| {
            let value = value_at(&merged, *quantile);
            let ranks = ranks(found, &merged, *quantile, value);
            let bound = |rank: Option<u64>| rank.and_then(|rank| bounds_at_rank(&merged, rank));
            Percentile {
                quantile: *quantile,
                value: value as f64 * secs_per_unit,
                low: bound(ranks.low).map(|(lowest, _)| lowest as f64 * secs_per_unit),
                high: bound(ranks.high).map(|(_, highest)| highest as f64 * secs_per_unit),
                n_effective: ranks.n_effective,
            }
        };
        Self {
            tag: found.tag.clone(),
            n_samples: merged.len(),
            n_slices: found.n_slices,
            duration_secs: found.duration_secs,
            mean_secs: merged.mean() * secs_per_unit,
            max_secs: merged.max() as f64 * secs_per_unit,
            by_blocks,
            percentiles: QUANTILES.iter().map(percentile).collect(),
        }
    }
}

/// By blocks of time where there are several, else as if latencies were independent.
fn ranks(found: &TaggedLatencies, merged: &Histogram<u64>, quantile: f64, value: u64) -> RankInterval {
    let count = |block: &Histogram<u64>| ShareCount { n_hits: block.count_between(0, value), n: block.len() };
    let counts = found.blocks.iter().filter(|block| !block.is_empty()).map(count).collect();
    interval_ranks(&[counts], merged.len(), quantile).unwrap_or_else(|| {
        let (low, high) = independent_ranks(merged.len(), quantile, CONFIDENCE);
        RankInterval { n_effective: merged.len() as f64, low, high }
    })
}

// A part in 10^12 less, so that the last bit of a quantile names no further rank.
fn value_at(merged: &Histogram<u64>, quantile: f64) -> u64 {
    merged.value_at_quantile(quantile * (1.0 - 1e-12))
}

/// Between which values the latency of this rank lies.
fn bounds_at_rank(merged: &Histogram<u64>, rank: u64) -> Option<(u64, u64)> {
    let mut n_until = 0;
    let found = merged.iter_recorded().find(|found| {
        n_until += found.count_at_value();
        n_until >= rank
    })?;
    let value = found.value_iterated_to();
    Some((merged.lowest_equivalent(value), merged.highest_equivalent(value)))
}

fn stats_lines(args: &StatsArgs, unit: LatencyUnit, told: &[Told]) -> String {
    let mut text = format!("{}, values taken as {}\n", args.file.display(), unit.words());
    for found in told {
        let tag = found.tag.as_deref().map(|tag| format!("{tag}: ")).unwrap_or_default();
        text += &format!(
            "  {tag}{} within {}, mean {}, longest {}\n",
            humanize::counted(found.n_samples, "sample"),
            humanize::span(std::time::Duration::from_secs_f64(found.duration_secs.max(0.0))),
            humanize::latency_secs(found.mean_secs),
            humanize::latency_secs(found.max_secs),
        );
    }
    if let Some(interval) = args.repair {
        text += &format!(
            "  Repaired: latencies that a closed loop left out are added, for requests {} apart.\n",
            humanize::span(interval.0)
        );
    }
    let rows =
        told.iter().flat_map(|found| found.percentiles.iter().map(|percentile| row(found, percentile)));
    let header = ["Tag", "Percentile", "Value", "95 % from", "to", "Worth"];
    text += &format!("\n{}\n", table(&header, 2..6, rows));
    text += match told.iter().all(|found| found.by_blocks) {
        true => {
            "Intervals from ten blocks of time; «Worth» is how many independent requests would tell as much. Where \
             «to» is missing nothing bounds the percentile: measure longer.\n"
        }
        false => {
            "There is one block of time only: intervals are as if requests were independent, and the true ones are \
             wider.\n"
        }
    };
    text
}

fn row(found: &Told, percentile: &Percentile) -> Vec<String> {
    let secs = |secs: Option<f64>| secs.map_or_else(|| humanize::MISSING.to_owned(), humanize::latency_secs);
    vec![
        found.tag.clone().unwrap_or_default(),
        Metric::Quantile(percentile.quantile).to_string(),
        humanize::latency_secs(percentile.value),
        secs(percentile.low),
        secs(percentile.high),
        humanize::count(percentile.n_effective.round() as u64),
    ]
}

fn stats_json(args: &StatsArgs, told: &[Told]) -> Value {
    let percentile = |percentile: &Percentile| {
        json!({
            "quantile": percentile.quantile,
            "value_secs": percentile.value,
            "low_secs": percentile.low,
            "high_secs": percentile.high,
            "n_effective": percentile.n_effective,
        })
    };
    let tag = |found: &Told| {
        json!({
            "tag": found.tag,
            "n_samples": found.n_samples,
            "n_slices": found.n_slices,
            "duration_secs": found.duration_secs,
            "mean_secs": found.mean_secs,
            "max_secs": found.max_secs,
            "intervals_by": if found.by_blocks { "blocks" } else { "independence" },
            "percentiles": found.percentiles.iter().map(percentile).collect::<Vec<_>>(),
        })
    };
    json!({
        "file": args.file.display().to_string(),
        "repaired_interval_secs": args.repair.map(|interval| interval.0.as_secs_f64()),
        "tags": told.iter().map(tag).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(n_blocks: usize) -> TaggedLatencies {
        let mut histogram = Histogram::<u64>::new(3).unwrap();
        (1..=1_000u64).for_each(|micros| histogram.record(micros).unwrap());
        TaggedLatencies {
            tag: None,
            blocks: vec![histogram; n_blocks],
            n_slices: n_blocks,
            duration_secs: n_blocks as f64,
        }
    }

    #[test]
    fn blocks_that_agree_give_the_intervals_of_independent_latencies() {
        let told = Told::of(&found(10), 1e-6);
        assert!(told.by_blocks && told.n_samples == 10_000);
        let p50 = &told.percentiles[0];
        assert!((p50.value - 500e-6).abs() < 1e-9 && p50.n_effective == 10_000.0);
        // d = 2.262157 sqrt(2,500) = 113.1: ranks 4,886 and 5,115, ten latencies of each value.
        assert!((p50.low.unwrap() - 489e-6).abs() < 1e-9 && (p50.high.unwrap() - 512e-6).abs() < 1e-9);
        let p99_99 = &told.percentiles[6];
        assert!(p99_99.low.is_some() && p99_99.high.is_none());
    }

    #[test]
    fn one_block_says_that_its_intervals_take_independence_for_granted() {
        let told = Told::of(&found(1), 1e-6);
        assert!(!told.by_blocks && told.percentiles[0].low.is_some());
    }

    #[test]
    fn a_repair_needs_an_interval_that_makes_sense() {
        assert!(repaired(&found(2), 0).is_err());
        assert!(repaired(&found(2), 100).unwrap().merged().len() > 2_000);
    }
}
