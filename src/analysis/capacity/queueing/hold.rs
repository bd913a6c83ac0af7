//! How long a level has to be held, so that its percentiles are bounded: requests that wait in one queue tell the same
//! story again and again.

use std::time::Duration;

use crate::analysis::stats::{CONFIDENCE, N_BLOCKS, t_upper};

/// How many independent requests bound a percentile from above, at 95 % confidence from ten blocks of time.
// The upper rank n p + t sqrt(n p (1 - p)), rounded up, plus 1 is at most n. Without the rounding that is a square in
// the root of n, whose solution lies a few requests below.
fn n_independent_needed(quantile: f64) -> Option<f64> {
    if !(quantile > 0.0 && quantile < 1.0) {
        return None;
    }
    let t = t_upper((1.0 - CONFIDENCE) / 2.0, N_BLOCKS as f64 - 1.0);
    let (beyond, spread) = (1.0 - quantile, t * (quantile * (1.0 - quantile)).sqrt());
    let root = (spread + (spread * spread + 4.0 * beyond).sqrt()) / (2.0 * beyond);
    let mut n = (root * root).floor();
    while (n * quantile + spread * n.sqrt()).ceil() + 1.0 > n {
        n += 1.0;
    }
    Some(n)
}

/// How long to hold a level for a bounded percentile, by how much a measured hold told.
pub fn hold_by_measured(quantile: f64, measured: Duration, n_effective: f64) -> Option<Duration> {
    let needed = n_independent_needed(quantile)?;
    (n_effective > 0.0).then(|| measured.mul_f64((needed / n_effective).min(1e6)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::stats::{ShareCount, interval_ranks};

    #[test]
    fn so_many_independent_requests_bound_a_percentile_and_fewer_do_not() {
        let is_bounded = |n: u64, quantile: f64| {
            let counts = vec![ShareCount { n_hits: 1, n: 2 }; N_BLOCKS];
            interval_ranks(&[counts], n, quantile).unwrap().high.is_some()
        };
        for quantile in [0.5, 0.9, 0.95, 0.99, 0.999] {
            let n = n_independent_needed(quantile).unwrap() as u64;
            assert!(is_bounded(n, quantile) && !is_bounded(n - 1, quantile), "{n} at {quantile}");
        }
        assert_eq!(n_independent_needed(1.0), None);
    }

    #[test]
    fn a_hold_grows_with_what_it_still_lacks() {
        let minute = Duration::from_secs(60);
        let needed = n_independent_needed(0.99).unwrap();
        assert_eq!(hold_by_measured(0.99, minute, needed / 2.0).unwrap().as_secs(), 120);
        assert_eq!(hold_by_measured(0.99, minute, 0.0), None);
    }
}
