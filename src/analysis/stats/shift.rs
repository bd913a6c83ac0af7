//! The shift function: by how much each decile moved, and so whether the fast or the slow requests changed.

use std::time::Duration;

use super::{BlockedSample, difference_interval, percentile_interval, quantile_change::estimate};

/// How far one decile moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShiftPoint {
    pub quantile: f64,
    pub base: Duration,
    pub candidate: Duration,
    /// Candidate − base in seconds.
    pub difference_secs: f64,
    /// Its bounds in seconds at 95 % confidence, each none where a decile it needs has no bound.
    pub interval_secs: (Option<f64>, Option<f64>),
}

/// How far the nine deciles moved; none where either side has no samples.
pub fn shift_function(base: &BlockedSample, candidate: &BlockedSample) -> Option<[ShiftPoint; 9]> {
    let (base_merged, candidate_merged) = (base.merged(), candidate.merged());
    if base_merged.is_empty() || candidate_merged.is_empty() {
        return None;
    }
    Some(std::array::from_fn(|index| {
        let quantile = (index + 1) as f64 / 10.0;
        // Histograms that hold samples have every quantile.
        let base_value = base_merged.quantile(quantile).unwrap_or_default();
        let candidate_value = candidate_merged.quantile(quantile).unwrap_or_default();
        let of_base = estimate(base_value, percentile_interval(base_merged, base, quantile));
        let of_candidate =
            estimate(candidate_value, percentile_interval(candidate_merged, candidate, quantile));
        ShiftPoint {
            quantile,
            base: base_value,
            candidate: candidate_value,
            difference_secs: of_candidate.value - of_base.value,
            interval_secs: difference_interval(of_base, of_candidate),
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::LatencyHistogram;

    fn blocks(shift_from: u64, shift: u64) -> BlockedSample {
        let mut blocks = vec![LatencyHistogram::default(); 10];
        (0..1_000u64).for_each(|i| {
            let micros = 10_000 + i * 10 + if i >= shift_from { shift } else { 0 };
            blocks[i as usize % 10].record(Duration::from_micros(micros));
        });
        BlockedSample::of_one_stage(blocks)
    }

    #[test]
    fn only_the_deciles_that_moved_are_shifted() {
        let points = shift_function(&blocks(1_000, 0), &blocks(550, 5_000)).unwrap();
        for point in points {
            let (low, high) = (point.interval_secs.0.unwrap(), point.interval_secs.1.unwrap());
            let expected = if point.quantile > 0.55 { 0.005 } else { 0.0 };
            assert!((point.difference_secs - expected).abs() < 2e-5, "{point:?}");
            assert!(low < expected && expected < high, "{point:?}");
            assert_eq!(low > 0.0, point.quantile > 0.55, "{point:?}");
        }
        assert_eq!(points.map(|point| (point.quantile * 10.0).round() as u8), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }

    #[test]
    fn nothing_does_not_shift() {
        assert_eq!(shift_function(&BlockedSample::default(), &blocks(0, 0)), None);
    }
}
