//! Intervals of percentiles by order statistics: as wide as blocks of time vary, and as if requests were independent.

use crate::metrics::{LatencyHistogram, PercentileInterval};

use super::{
    BlockedSample, CONFIDENCE, ShareCount, dispersion,
    distributions::{binomial_cdf, t_upper},
};

/// Between which ranks, from 1, a percentile lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankInterval {
    /// As many independent requests would tell as much.
    pub n_effective: f64,
    /// None where no sample bounds the percentile.
    pub low: Option<u64>,
    pub high: Option<u64>,
}

/// Where a percentile lies, from the dispersion of the samples at most as large between blocks of time.
pub fn percentile_interval(
    merged: &LatencyHistogram,
    blocks: &BlockedSample,
    quantile: f64,
) -> Option<PercentileInterval> {
    let n_samples = merged.n_samples();
    let counts = blocks.counts_at_most(merged.quantile(quantile)?);
    let ranks = interval_ranks(&counts, n_samples, quantile)?;
    Some(interval_at(merged, quantile, ranks))
}

/// The ranks between which a percentile of `n` samples lies, from how many of each block are at most as large.
// Ranks floor(np - d) and ceil(np + d) + 1 with d = t sqrt(phi n p (1-p)).
pub fn interval_ranks(counts: &[Vec<ShareCount>], n: u64, quantile: f64) -> Option<RankInterval> {
    if !(quantile > 0.0 && quantile < 1.0) {
        return None;
    }
    let dispersion = dispersion(counts, n, quantile)?;
    let middle = n as f64 * quantile;
    let reach = t_upper((1.0 - CONFIDENCE) / 2.0, dispersion.degrees)
        * (dispersion.phi * middle * (1.0 - quantile)).sqrt();
    let (low, high) = ((middle - reach).floor(), (middle + reach).ceil() + 1.0);
    Some(RankInterval {
        n_effective: n as f64 / dispersion.phi,
        low: (low >= 1.0).then_some(low as u64),
        high: (high <= n as f64).then_some(high as u64),
    })
}

/// Where a percentile would lie if requests were independent of each other; for reference and for single histograms.
pub fn independent_interval(merged: &LatencyHistogram, quantile: f64) -> Option<PercentileInterval> {
    let n_samples = merged.n_samples();
    if n_samples == 0 || !(quantile > 0.0 && quantile < 1.0) {
        return None;
    }
    let (low, high) = independent_ranks(n_samples, quantile, CONFIDENCE);
    let ranks = RankInterval { n_effective: n_samples as f64, low, high };
    Some(interval_at(merged, quantile, ranks))
}

/// Each bound takes in its whole bucket.
fn interval_at(merged: &LatencyHistogram, quantile: f64, ranks: RankInterval) -> PercentileInterval {
    let bounds = |rank: Option<u64>| rank.and_then(|rank| merged.bounds_at_rank(rank));
    PercentileInterval {
        quantile,
        n_samples: merged.n_samples(),
        n_effective: ranks.n_effective,
        low: bounds(ranks.low).map(|(lowest, _)| lowest),
        high: bounds(ranks.high).map(|(_, highest)| highest),
    }
}

/// The ranks, from 1, between which a percentile of `n` independent samples lies; none where no sample bounds it.
// The largest l with P(B <= l-1) <= a/2 and the smallest u with P(B >= u) <= a/2, B ~ Binomial(n, p).
pub fn independent_ranks(n: u64, quantile: f64, confidence: f64) -> (Option<u64>, Option<u64>) {
    let tail = (1.0 - confidence) / 2.0;
    let n_low = count_until(n + 1, |k| binomial_cdf(k, n, quantile) <= tail);
    let u = 1 + count_until(n + 1, |k| 1.0 - binomial_cdf(k, n, quantile) > tail);
    ((n_low > 0).then_some(n_low), (u <= n).then_some(u))
}

/// How many of the numbers from 0 on hold, where all that hold come first.
fn count_until(n: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// The i-th of exp(i/100), i from 0, which is R confintr's example.
    fn confintr(rank: Option<u64>) -> f64 {
        ((rank.unwrap() - 1) as f64 / 100.0).exp()
    }

    fn rounded(value: f64) -> f64 {
        (value * 1e4).round() / 1e4
    }

    #[test]
    fn independent_ranks_are_those_published() {
        let (low, high) = independent_ranks(101, 0.3, 0.95);
        assert_eq!((rounded(confintr(low)), rounded(confintr(high))), (1.2214, 1.4770));
        let (low, high) = independent_ranks(101, 0.5, 0.90);
        assert_eq!((rounded(confintr(low)), rounded(confintr(high))), (1.5068, 1.8040));
    }

    #[test]
    fn a_percentile_needs_so_many_samples_for_two_bounds() {
        let needs = [(0.5, 6), (0.9, 36), (0.95, 72), (0.99, 368), (0.999, 3_688), (0.9999, 36_887)];
        for (quantile, n) in needs {
            let is_finite = |n| matches!(independent_ranks(n, quantile, 0.95), (Some(_), Some(_)));
            assert!(is_finite(n) && !is_finite(n - 1), "{quantile}");
        }
    }

    fn steady_blocks() -> BlockedSample {
        let mut blocks = vec![LatencyHistogram::default(); 10];
        (0..1_000).for_each(|i| blocks[i as usize % 10].record(Duration::from_micros(1_000 + i)));
        BlockedSample::of_one_stage(blocks)
    }

    #[test]
    fn where_blocks_agree_the_interval_is_that_of_independent_samples() {
        let blocks = steady_blocks();
        let interval = percentile_interval(blocks.merged(), &blocks, 0.5).unwrap();
        assert_eq!((interval.n_samples, interval.n_effective), (1_000, 1_000.0));
        // d = 2.262157 sqrt(250) = 35.768: ranks 464 and 537, and the first value is 1,000 µs.
        assert_eq!(interval.low, Some(Duration::from_micros(1_463)));
        assert_eq!(interval.high, Some(Duration::from_micros(1_536)));
    }

    #[test]
    fn what_no_sample_bounds_has_no_bound() {
        let blocks = steady_blocks();
        let merged = blocks.merged();
        let high = percentile_interval(merged, &blocks, 0.999).unwrap();
        assert!(high.low.is_some() && high.high.is_none(), "{high:?}");
        let low = percentile_interval(merged, &blocks, 0.001).unwrap();
        assert!(low.low.is_none() && low.high.is_some(), "{low:?}");
        let alone = independent_interval(merged, 0.999).unwrap();
        assert!(alone.low.is_some() && alone.high.is_none(), "{alone:?}");
    }

    #[test]
    fn blocks_that_differ_tell_as_much_as_fewer_samples() {
        let mut blocks = vec![LatencyHistogram::default(); 10];
        for (b, block) in blocks.iter_mut().enumerate() {
            (0..100).for_each(|i| block.record(Duration::from_micros(1_000 + 40 * b as u64 + i)));
        }
        let blocks = BlockedSample::of_one_stage(blocks);
        let merged = blocks.merged();
        let interval = percentile_interval(merged, &blocks, 0.5).unwrap();
        assert!(interval.n_effective < 20.0, "{interval:?}");
        let alone = independent_interval(merged, 0.5).unwrap();
        assert!(interval.low < alone.low && interval.high > alone.high, "{interval:?} {alone:?}");
    }

    #[test]
    fn stages_of_different_levels_do_not_widen_the_interval() {
        let stage = |base: u64| {
            let mut blocks = vec![LatencyHistogram::default(); 10];
            (0..1_000).for_each(|i| blocks[i as usize % 10].record(Duration::from_micros(base + i)));
            blocks
        };
        let blocks = BlockedSample::new(vec![stage(1_000), stage(500_000)]);
        let interval = percentile_interval(blocks.merged(), &blocks, 0.9).unwrap();
        assert_eq!(interval.n_effective, 2_000.0);
    }

    #[test]
    fn nothing_and_one_block_have_no_interval() {
        let empty = BlockedSample::of_one_stage(vec![LatencyHistogram::default(); 10]);
        assert_eq!(percentile_interval(empty.merged(), &empty, 0.5), None);
        let mut one = LatencyHistogram::default();
        one.record(Duration::from_millis(3));
        let one = BlockedSample::of_one_stage(vec![one]);
        assert_eq!(percentile_interval(one.merged(), &one, 0.5), None);
        assert_eq!(percentile_interval(steady_blocks().merged(), &steady_blocks(), 1.0), None);
        assert_eq!(independent_interval(&LatencyHistogram::default(), 0.5), None);
    }
}
