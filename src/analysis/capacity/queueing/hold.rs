//! How long a level has to be held, so that its percentiles are bounded: requests that wait in one queue tell the same
//! story again and again.

use std::time::Duration;

use crate::analysis::stats::{CONFIDENCE, N_BLOCKS, t_upper};

/// How many service times pass until the requests in flight tell something new, in M/M/1. Whitt 1989.
// 90 at a utilisation of 0.8, 380 at 0.9.
pub fn service_times_per_independent(utilisation: f64) -> Option<f64> {
    (0.0..1.0).contains(&utilisation).then(|| 2.0 * (1.0 + utilisation) / (1.0 - utilisation).powi(2))
}

/// How many independent requests bound a percentile from above, at 95 % confidence from ten blocks of time.
// The upper rank n p + t sqrt(n p (1 - p)), rounded up, plus 1 is at most n. Without the rounding that is a square in
// the root of n, whose solution lies a few requests below.
pub fn n_independent_needed(quantile: f64) -> Option<f64> {
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

/// How long to hold a level for a bounded percentile, where one server is busy for such a share of the time.
pub fn hold_by_utilisation(quantile: f64, service_secs: f64, utilisation: f64) -> Option<Duration> {
    let apart = service_times_per_independent(utilisation)? * service_secs;
    Duration::try_from_secs_f64(n_independent_needed(quantile)? * apart).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::stats::{ShareCount, interval_ranks};

    #[test]
    fn whitts_distances_are_those_of_the_science() {
        let of = |utilisation| service_times_per_independent(utilisation).unwrap().round();
        assert_eq!([of(0.0), of(0.8), of(0.9)], [2.0, 90.0, 380.0]);
        assert_eq!(service_times_per_independent(1.0), None);
    }

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
        // 5 ms at 0.8: an independent request each 450 ms.
        let hold = hold_by_utilisation(0.99, 0.005, 0.8).unwrap();
        assert!((hold.as_secs_f64() - needed * 0.45).abs() < 1e-6, "{hold:?}");
        assert_eq!(hold_by_utilisation(0.99, 0.005, 1.2), None);
    }
}
