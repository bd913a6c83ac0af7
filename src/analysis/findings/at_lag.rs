//! How far two series go along with each other at one lag, for whoever chooses it.

use super::resource::{changes, effective_pairs, pairs_at, spearman};

/// Normal quantile of a two-sided 95 % interval.
const Z_95: f64 = 1.959_964;

/// How far two series go along with each other at a lag.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CorrelationAtLag {
    /// Seconds by which the second is taken later than the first.
    pub lag_secs: i32,
    /// Pairs of changes from second to second.
    pub n_pairs: usize,
    /// Spearman's, with its chance to either side; none of few pairs or where a side never changes.
    pub found: Option<(f64, f64)>,
    /// Where the correlation lies with 95 % confidence; none where it cannot be told.
    pub interval: Option<(f64, f64)>,
}

/// How far two series go along with each other when the second is taken so many seconds later, by their changes from
/// second to second.
// Fisher's transform with the variance of Fieller, Hartley and Pearson (1957) for ranks, of as many pairs as tell
// something of their own.
pub fn correlation_at_lag(first: &[(u32, f64)], second: &[(u32, f64)], lag_secs: i32) -> CorrelationAtLag {
    let pairs = pairs_at(&changes(first), &changes(second), lag_secs);
    let found = spearman(&pairs);
    let interval = found.and_then(|(correlation, _)| {
        let n = effective_pairs(&pairs)?;
        let half = Z_95 * (1.06 / (n - 3.0)).sqrt();
        let at = correlation.clamp(-0.999_999, 0.999_999).atanh();
        (n > 4.0).then(|| ((at - half).tanh(), (at + half).tanh()))
    });
    CorrelationAtLag { lag_secs, n_pairs: pairs.len(), found, interval }
}

#[cfg(test)]
mod tests {
    use rand::{Rng as _, SeedableRng as _};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    fn noise(seed: u64, n: u32) -> Vec<(u32, f64)> {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        (0..n).map(|second| (second, random.random::<f64>())).collect()
    }

    #[test]
    fn the_lag_at_which_two_go_along_shows_and_others_do_not() {
        let first = noise(1, 200);
        let later: Vec<(u32, f64)> = first.iter().map(|(second, value)| (second + 2, *value)).collect();
        let at = |lag| correlation_at_lag(&first, &later, lag);
        let (correlation, p_value) = at(2).found.unwrap();
        assert!(correlation > 0.99 && p_value < 1e-6);
        let (low, high) = at(2).interval.unwrap();
        assert!(low > 0.98 && high <= 1.0, "{low} {high}");
        assert_eq!(at(2).n_pairs, 199);
        let (low, high) = at(-2).interval.unwrap();
        assert!(low < 0.0 && high > 0.0, "{low} {high}");
    }

    #[test]
    fn an_interval_covers_no_correlation_nineteen_times_of_twenty() {
        let covers = |seed: u64| {
            let found = correlation_at_lag(&noise(2 * seed, 120), &noise(2 * seed + 1, 120), 0);
            found.interval.is_some_and(|(low, high)| low <= 0.0 && high >= 0.0)
        };
        let n_covered = (100..300).filter(|seed| covers(*seed)).count();
        assert!((180..=199).contains(&n_covered), "{n_covered} of 200");
    }

    #[test]
    fn few_pairs_and_series_that_stay_the_same_have_none() {
        let flat: Vec<(u32, f64)> = (0..100).map(|second| (second, 0.5)).collect();
        let of_flat = correlation_at_lag(&flat, &noise(1, 100), 0);
        assert_eq!((of_flat.n_pairs, of_flat.found, of_flat.interval), (99, None, None));
        assert_eq!(correlation_at_lag(&noise(1, 20), &noise(2, 20), 0).found, None);
        assert_eq!(correlation_at_lag(&[], &[], 0).n_pairs, 0);
    }
}
