//! The mean difference within pairs, with what the order of the two adds taken out.

use crate::analysis::stats::{CONFIDENCE, t_two_sided_p, t_upper};
use crate::model::Side;

/// The difference of candidate and baseline in one pair, and which of them came first.
#[derive(Clone, Copy, Debug)]
pub struct PairDifference {
    pub first: Side,
    /// Candidate − baseline.
    pub difference: f64,
}

/// What all pairs say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crossover {
    pub difference: f64,
    /// Bounds at 95 % confidence.
    pub low: f64,
    pub high: f64,
    pub p_value: f64,
}

/// The mean difference by the analysis of two-period cross-over trials: the mean of both orders' means, by Student's t
/// with n − 2 degrees of freedom. None for fewer than three pairs, or where all have the same order.
// A drift adds to pairs of one order what it takes from those of the other. By all pairs as one heap it would not bias
// the mean, orders being as frequent, but its size would pass for noise: Hills and Armitage 1979; Senn, Cross-over
// Trials in Clinical Research, 2002, section 3.6.
pub fn crossover(pairs: &[PairDifference]) -> Option<Crossover> {
    let of_order = |first: Side| -> Vec<f64> {
        pairs.iter().filter(|pair| pair.first == first).map(|pair| pair.difference).collect()
    };
    let orders = Side::BOTH.map(of_order);
    let degrees = pairs.len().checked_sub(2).filter(|degrees| *degrees > 0)? as f64;
    if orders.iter().any(Vec::is_empty) || pairs.iter().any(|pair| !pair.difference.is_finite()) {
        return None;
    }
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let squares = |values: &[f64]| values.iter().map(|value| (value - mean(values)).powi(2)).sum::<f64>();
    let variance = orders.iter().map(|values| squares(values)).sum::<f64>() / degrees;
    let weights: f64 = orders.iter().map(|values| 1.0 / values.len() as f64).sum();
    let difference = orders.iter().map(|values| mean(values)).sum::<f64>() / 2.0;
    let error = (variance * weights).sqrt() / 2.0;
    let reach = t_upper((1.0 - CONFIDENCE) / 2.0, degrees) * error;
    let p_value = match (error > 0.0, difference == 0.0) {
        (true, _) => t_two_sided_p(difference / error, degrees),
        (false, true) => 1.0,
        (false, false) => 0.0,
    };
    Some(Crossover { difference, low: difference - reach, high: difference + reach, p_value })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(baseline_first: &[f64], candidate_first: &[f64]) -> Vec<PairDifference> {
        let of = |first: Side, differences: &[f64]| -> Vec<PairDifference> {
            differences.iter().map(|difference| PairDifference { first, difference: *difference }).collect()
        };
        [of(Side::Baseline, baseline_first), of(Side::Candidate, candidate_first)].concat()
    }

    #[test]
    fn what_the_order_adds_is_neither_difference_nor_noise() {
        let noise = [0.01, -0.01, 0.0];
        let shifted = |by: f64| noise.map(|noise| 0.1 + noise + by);
        let plain = crossover(&pairs(&shifted(0.0), &shifted(0.0))).unwrap();
        let drifted = crossover(&pairs(&shifted(0.5), &shifted(-0.5))).unwrap();
        for found in [plain, drifted] {
            // Squares 2 · 0.0002 over 4 degrees; 0.01 · √(2/3) ÷ 2; t(.975, 4) = 2.776445.
            let error = 0.01 * (2.0f64 / 3.0).sqrt() / 2.0;
            assert!((found.difference - 0.1).abs() < 1e-12);
            assert!((found.high - found.difference - 2.776_445 * error).abs() < 1e-8, "{found:?}");
            assert!(found.p_value < 0.001);
        }
    }

    #[test]
    fn uneven_orders_and_a_drift_leave_the_mean_where_it_is() {
        let found = crossover(&pairs(&[0.3, 0.3, 0.3, 0.31], &[-0.1, -0.09])).unwrap();
        assert!((found.difference - (0.3025 - 0.095) / 2.0).abs() < 1e-12);
        assert!(found.p_value < 0.001, "as one heap the six would say nothing");
    }

    #[test]
    fn equal_pairs_are_the_same_and_too_few_say_nothing() {
        let same = crossover(&pairs(&[0.0, 0.0], &[0.0])).unwrap();
        assert_eq!((same.difference, same.low, same.high, same.p_value), (0.0, 0.0, 0.0, 1.0));
        assert_eq!(crossover(&pairs(&[0.1], &[0.1])), None);
        assert_eq!(crossover(&pairs(&[0.1, 0.2, 0.3], &[])), None);
        assert_eq!(crossover(&pairs(&[0.1, f64::NAN, 0.3], &[0.1])), None);
    }
}
