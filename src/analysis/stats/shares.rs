//! Intervals of shares and of their differences. Counts may be fractions: an effective count is one.

use statrs::function::beta::inv_beta_reg;

use super::{CONFIDENCE, distributions::normal_quantile};

/// How far two shares are apart, at 95 % confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShareDifference {
    /// The first share − the second.
    pub difference: f64,
    pub low: f64,
    pub high: f64,
}

/// Wilson's bounds of a share of `k` in `n`; none where `n` is nothing.
pub fn wilson(k: f64, n: f64) -> Option<(f64, f64)> {
    score_interval(k, n, normal_quantile((1.0 + CONFIDENCE) / 2.0))
}

/// The bounds of a share of `k` in `n` that is off by as many of its own standard deviations as `z` says.
pub fn score_interval(k: f64, n: f64, z: f64) -> Option<(f64, f64)> {
    if !is_share(k, n) {
        return None;
    }
    let z_squared = z * z;
    let middle = (k + z_squared / 2.0) / (n + z_squared);
    let reach = z / (n + z_squared) * (k * (n - k) / n + z_squared / 4.0).sqrt();
    // At the ends rounding must not leave the share itself outside.
    let low = if k == 0.0 { 0.0 } else { (middle - reach).max(0.0) };
    let high = if k == n { 1.0 } else { (middle + reach).min(1.0) };
    Some((low, high))
}

/// Bounds that hold at least as often as they say, for `k` in `n`: wider than Wilson's.
pub fn clopper_pearson(k: f64, n: f64) -> Option<(f64, f64)> {
    if !is_share(k, n) {
        return None;
    }
    let tail = (1.0 - CONFIDENCE) / 2.0;
    let low = if k == 0.0 { 0.0 } else { inv_beta_reg(k, n - k + 1.0, tail) };
    let high = if k == n { 1.0 } else { inv_beta_reg(k + 1.0, n - k, 1.0 - tail) };
    Some((low, high))
}

/// Newcombe's bounds of `k1` in `n1` − `k2` in `n2`, from Wilson's of each.
pub fn newcombe(k1: f64, n1: f64, k2: f64, n2: f64) -> Option<ShareDifference> {
    let ((low1, high1), (low2, high2)) = (wilson(k1, n1)?, wilson(k2, n2)?);
    let (share1, share2) = (k1 / n1, k2 / n2);
    let difference = share1 - share2;
    Some(ShareDifference {
        difference,
        low: difference - (share1 - low1).hypot(high2 - share2),
        high: difference + (high1 - share1).hypot(share2 - low2),
    })
}

fn is_share(k: f64, n: f64) -> bool {
    n > 0.0 && n.is_finite() && (0.0..=n).contains(&k)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(actual: f64, expected: f64) {
        assert!((actual - expected).abs() < 5e-5, "{actual} is not {expected}");
    }

    #[test]
    fn newcombe_is_as_published() {
        let found = newcombe(56.0, 70.0, 48.0, 80.0).unwrap();
        check(found.difference, 0.2);
        check(found.low, 0.0524);
        check(found.high, 0.3339);
    }

    #[test]
    fn wilson_is_as_published_by_newcombe() {
        // Newcombe 1998, table I: 81/263 and 15/148.
        let (low, high) = wilson(81.0, 263.0).unwrap();
        check(low, 0.2553);
        check(high, 0.3662);
        let (low, high) = wilson(15.0, 148.0).unwrap();
        check(low, 0.0624);
        check(high, 0.1605);
    }

    #[test]
    fn without_hits_the_upper_bound_is_about_three_in_n() {
        let (low, high) = clopper_pearson(0.0, 1_000.0).unwrap();
        assert_eq!(low, 0.0);
        // 1 - .025^(1/1000).
        check(high, 0.003682);
        let (low, high) = wilson(0.0, 1_000.0).unwrap();
        assert!(low == 0.0 && high > 0.003 && high < 0.004, "{high}");
        assert_eq!(wilson(1_000.0, 1_000.0).unwrap().1, 1.0);
    }

    #[test]
    fn fewer_effective_counts_widen_the_interval() {
        let full = newcombe(20.0, 1_000.0, 10.0, 1_000.0).unwrap();
        let burst = newcombe(20.0 / 7.5, 1_000.0 / 7.5, 10.0 / 7.5, 1_000.0 / 7.5).unwrap();
        assert!((full.difference - burst.difference).abs() < 1e-12);
        assert!(burst.low < full.low && burst.high > full.high);
    }

    #[test]
    fn no_requests_have_no_share() {
        assert_eq!(wilson(0.0, 0.0), None);
        assert_eq!(wilson(3.0, 2.0), None);
        assert_eq!(clopper_pearson(-1.0, 2.0), None);
        assert_eq!(newcombe(1.0, 2.0, 0.0, 0.0), None);
    }
}
