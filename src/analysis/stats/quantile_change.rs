//! One percentile of two runs: whether it differs, from how shares vary between blocks of time.

use std::time::Duration;

use crate::metrics::PercentileInterval;

use super::{BlockedSample, Estimate, ShareCount, WelchStratum, welch_stratified};

/// How often chance alone shows a percentile of two runs as far apart, not yet adjusted for several questions; none
/// where either has too few blocks.
// The percentile of both together cuts each block into a share below and a share above. Welch's test takes blocks
// as its figures: they are few and nearly independent where requests are many and not.
pub fn quantile_p_value(base: &BlockedSample, candidate: &BlockedSample, quantile: f64) -> Option<f64> {
    let mut pooled = base.merged().clone();
    pooled.merge(candidate.merged());
    let limit = pooled.quantile(quantile)?;
    let strata = strata(base.counts_at_most(limit), candidate.counts_at_most(limit));
    welch_stratified(&strata).map(|test| test.p_value)
}

/// A percentile with its bounds, in seconds.
pub(super) fn estimate(value: Duration, interval: Option<PercentileInterval>) -> Estimate {
    let bound = |bound: fn(&PercentileInterval) -> Option<Duration>| {
        interval.as_ref().and_then(bound).map(|bound| bound.as_secs_f64())
    };
    Estimate {
        value: value.as_secs_f64(),
        low: bound(|interval| interval.low),
        high: bound(|interval| interval.high),
    }
}

/// Pairs the strata of both sides by their place; each weighs as much as it has requests.
fn strata(base: Vec<Vec<ShareCount>>, candidate: Vec<Vec<ShareCount>>) -> Vec<WelchStratum> {
    let shares = |blocks: &[ShareCount]| blocks.iter().map(ShareCount::share).collect();
    let stratum = |(base, candidate): (Vec<ShareCount>, Vec<ShareCount>)| WelchStratum {
        weight: base.iter().chain(&candidate).map(|block| block.n as f64).sum(),
        base: shares(&base),
        candidate: shares(&candidate),
    };
    base.into_iter().zip(candidate).map(stratum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::stats::{percentile_interval, ratio_interval};
    use crate::metrics::LatencyHistogram;

    /// A percentile's p value with its ratio, candidate ÷ base.
    #[derive(Debug)]
    struct Compared {
        p_value: f64,
        ratio: f64,
        ratio_interval: (Option<f64>, Option<f64>),
    }

    /// Ten blocks of a hundred values in equal steps, wandering a little from block to block.
    fn sample(factor: f64) -> Vec<LatencyHistogram> {
        let block = |b: u64| {
            let mut block = LatencyHistogram::default();
            (0..100u64).for_each(|i| {
                let micros = (10_000 + 200 * i + 97 * (b * 7 % 10)) as f64 * factor;
                block.record(Duration::from_micros(micros as u64));
            });
            block
        };
        (0..10).map(block).collect()
    }

    fn compared(base: f64, candidate: f64, quantile: f64) -> Compared {
        let side = |factor| BlockedSample::of_one_stage(sample(factor));
        let (base, candidate) = (side(base), side(candidate));
        let known = |side: &BlockedSample| {
            let merged = side.merged();
            estimate(merged.quantile(quantile).unwrap(), percentile_interval(merged, side, quantile))
        };
        let (of_base, of_candidate) = (known(&base), known(&candidate));
        Compared {
            p_value: quantile_p_value(&base, &candidate, quantile).unwrap(),
            ratio: of_candidate.value / of_base.value,
            ratio_interval: ratio_interval(of_base, of_candidate),
        }
    }

    #[test]
    fn the_same_blocks_twice_do_not_differ() {
        for quantile in [0.5, 0.9, 0.99] {
            let change = compared(1.0, 1.0, quantile);
            assert_eq!((change.ratio, change.p_value), (1.0, 1.0));
            let (low, high) = (change.ratio_interval.0, change.ratio_interval.1);
            assert!(low.is_none_or(|low| low < 1.0) && high.is_none_or(|high| high > 1.0), "{change:?}");
        }
    }

    #[test]
    fn what_is_slower_is_found_with_its_ratio_within_the_bounds() {
        let slower = compared(1.0, 1.2, 0.5);
        assert!(slower.p_value < 0.001 && (slower.ratio - 1.2).abs() < 0.01, "{slower:?}");
        let (low, high) = (slower.ratio_interval.0.unwrap(), slower.ratio_interval.1.unwrap());
        assert!(low > 1.0 && low < 1.2 && high > 1.2, "{slower:?}");
        let faster = compared(1.2, 1.0, 0.5);
        assert!((faster.p_value - slower.p_value).abs() < 1e-9, "{faster:?}");
        assert!((faster.ratio_interval.0.unwrap() * high - 1.0).abs() < 1e-9);
    }

    #[test]
    fn several_stages_are_compared_one_by_one() {
        let side = |factor: f64| BlockedSample::new(vec![sample(factor), sample(40.0 * factor)]);
        assert_eq!(quantile_p_value(&side(1.0), &side(1.0), 0.5), Some(1.0));
        let slower = quantile_p_value(&side(1.0), &side(1.3), 0.75).unwrap();
        assert!(slower < 0.001, "{slower}");
    }

    #[test]
    fn too_few_blocks_are_not_compared() {
        let one = BlockedSample::of_one_stage(sample(1.0)[..1].to_vec());
        assert_eq!(quantile_p_value(&one, &one, 0.5), None);
        let nothing = BlockedSample::default();
        assert_eq!(quantile_p_value(&nothing, &nothing, 0.5), None);
        assert_eq!(quantile_p_value(&nothing, &BlockedSample::of_one_stage(sample(1.0)), 0.5), None);
    }
}
