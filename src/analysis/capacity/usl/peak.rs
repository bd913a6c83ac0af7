//! How sure the peak's place is: curves fitted again to points drawn around the first one.

use rand::SeedableRng as _;
use rand_distr::{Distribution as _, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::{
    peak_concurrency,
    solver::{Fit, ROUGH, best_fit, throughput},
};
use crate::analysis::stats::CONFIDENCE;

/// Enough that the bounds move by less than they are printed with.
const N_DRAWS: usize = 1_000;

/// The same points give the same bounds.
const SEED: u64 = 1;

/// Bounds of the peak's concurrency at 95 % confidence: parametric bootstrap, percentile interval.
// A drawn curve without peak has it at infinity, so that many of them leave the peak without an upper bound.
pub(super) fn peak_interval(points: &[(f64, f64)], fit: &Fit, deviation: f64) -> (Option<f64>, Option<f64>) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(SEED);
    let mut drawn = points.to_vec();
    let mut peaks: Vec<f64> = (0..N_DRAWS)
        .map(|_| {
            for (n, x) in &mut drawn {
                let noise: f64 = StandardNormal.sample(&mut random);
                *x = throughput(fit.parameters, *n) + deviation * noise;
            }
            let parameters = best_fit(&drawn, &[fit.parameters], ROUGH).map(|fit| fit.parameters);
            parameters.and_then(peak_concurrency).unwrap_or(f64::INFINITY)
        })
        .collect();
    peaks.sort_by(f64::total_cmp);
    let tail = (1.0 - CONFIDENCE) / 2.0;
    let bound = |share: f64| {
        let rank = (share * N_DRAWS as f64).ceil() as usize;
        peaks.get(rank.clamp(1, N_DRAWS) - 1).copied().filter(|peak| peak.is_finite())
    };
    (bound(tail), bound(1.0 - tail))
}
