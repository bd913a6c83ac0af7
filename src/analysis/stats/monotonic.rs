//! Does a series climb or fall? Theil and Sen's slope, Mann and Kendall's test, corrected for values that depend on
//! those before them.

use super::distributions::normal_quantile;
use super::normal_cdf;

/// How a series of values goes along.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MonotonicTrend {
    /// The median of the slopes between all pairs: per unit of x.
    pub slope: f64,
    /// Bounds of the slope at the level that was asked for.
    pub low: f64,
    pub high: f64,
    /// Of Mann and Kendall's test, to either side.
    pub p_value: f64,
    /// By how much the variance of the test was raised, since values depend on those before them; at least 1.
    pub inflation: f64,
}

/// The fewest values of which a trend is told: with fewer, the normal distribution is no likeness of the test's.
const MIN_VALUES: usize = 8;

/// The trend of values (each an x and a y, x rising) with bounds at `confidence`; none of too few values.
// Sen 1968: the median of the pairwise slopes, its bounds from the ranks that Kendall's statistic allows. Hamed and
// Rao 1998: the variance of the statistic grows with the autocorrelation of the ranks, once the trend is taken out.
pub fn monotonic_trend(values: &[(f64, f64)], confidence: f64) -> Option<MonotonicTrend> {
    let n = values.len();
    if n < MIN_VALUES || values.iter().any(|(x, y)| !x.is_finite() || !y.is_finite()) {
        return None;
    }
    let mut slopes = Vec::with_capacity(n * (n - 1) / 2);
    let mut score = 0.0;
    for (index, (x, y)) in values.iter().enumerate() {
        for (later_x, later_y) in &values[index + 1..] {
            if later_x > x {
                slopes.push((later_y - y) / (later_x - x));
                // Zero for a tie, which `signum` does not know.
                score += f64::from(i8::from(later_y > y) - i8::from(later_y < y));
            }
        }
    }
    if slopes.is_empty() {
        return None;
    }
    slopes.sort_by(f64::total_cmp);
    let slope = median_of_sorted(&slopes);
    let inflation = inflation(values, slope);
    let deviation = (variance(values) * inflation).sqrt();
    let p_value = if deviation > 0.0 {
        // One step towards nothing: the statistic is whole.
        2.0 * normal_cdf(-((score.abs() - 1.0).max(0.0) / deviation))
    } else {
        1.0
    };
    let reach = normal_quantile(f64::midpoint(1.0, confidence)) * deviation;
    let n_slopes = slopes.len() as f64;
    let rank = |rank: f64| slopes[(rank.max(0.0) as usize).min(slopes.len() - 1)];
    let low = rank(((n_slopes - reach) / 2.0).floor() - 1.0);
    let high = rank(((n_slopes + reach) / 2.0).ceil());
    Some(MonotonicTrend { slope, low, high, p_value: p_value.min(1.0), inflation })
}

/// The median of values that are in order.
fn median_of_sorted(sorted: &[f64]) -> f64 {
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { f64::midpoint(sorted[middle - 1], sorted[middle]) }
}

/// The variance of Kendall's statistic among values in any order, ties counted.
fn variance(values: &[(f64, f64)]) -> f64 {
    let term = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
    let mut sorted: Vec<f64> = values.iter().map(|(_, y)| *y).collect();
    sorted.sort_by(f64::total_cmp);
    let ties: f64 = sorted.chunk_by(|a, b| a == b).map(|tied| term(tied.len() as f64)).sum();
    (term(values.len() as f64) - ties) / 18.0
}

/// How many times the variance is that of independent values.
// Only lags whose correlation is beyond chance count, and only such that raise the variance: values that alternate
// would make the test bolder than their number allows.
fn inflation(values: &[(f64, f64)], slope: f64) -> f64 {
    let n = values.len();
    let ranks = centred_ranks(&values.iter().map(|(x, y)| y - slope * x).collect::<Vec<_>>());
    let squares: f64 = ranks.iter().map(|rank| rank * rank).sum();
    if squares == 0.0 {
        return 1.0;
    }
    let by_chance = normal_quantile(0.95) / (n as f64).sqrt();
    let mut sum = 0.0;
    for lag in 1..=n / 4 {
        let products: f64 = ranks.iter().zip(&ranks[lag..]).map(|(a, b)| a * b).sum();
        let correlation = products / squares;
        // What follows an uncorrelated lag is chance.
        if correlation < by_chance {
            break;
        }
        let left = (n - lag) as f64;
        sum += left * (left - 1.0) * (left - 2.0) * correlation;
    }
    let n = n as f64;
    1.0 + 2.0 * sum / (n * (n - 1.0) * (n - 2.0))
}

/// The rank of each value less the mean rank; equal values share theirs.
pub(crate) fn centred_ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mean = (values.len() as f64 - 1.0) / 2.0;
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    for tied in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let rank = from as f64 + (tied.len() as f64 - 1.0) / 2.0 - mean;
        tied.iter().for_each(|index| ranks[*index] = rank);
        from += tied.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use rand::{Rng as _, SeedableRng as _};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    #[test]
    fn the_slope_of_sen_s_own_example_is_his() {
        let x = [1.0, 2.0, 3.0, 4.0, 10.0, 12.0, 18.0];
        let y = [9.0, 15.0, 19.0, 20.0, 45.0, 55.0, 78.0];
        let mut values: Vec<(f64, f64)> = x.into_iter().zip(y).collect();
        assert_eq!(monotonic_trend(&values, 0.95), None, "seven values are too few for our bounds");
        // An eighth on the line of his slope changes no median.
        values.push((20.0, 85.0));
        let found = monotonic_trend(&values, 0.95).unwrap();
        assert!((found.slope - 4.0).abs() < 0.03, "{found:?}");
        assert!(found.low < 4.0 && found.high > 4.0 && found.p_value < 0.01, "{found:?}");
    }

    #[test]
    fn kendall_s_statistic_is_worked_out_by_hand() {
        // Ten rising values: S = 45, variance 10 · 9 · 25 / 18 = 125, z = 44 / 11.18.
        let rising: Vec<(f64, f64)> = (0..10).map(|x| (f64::from(x), f64::from(x))).collect();
        let found = monotonic_trend(&rising, 0.95).unwrap();
        assert!((found.p_value - 2.0 * normal_cdf(-44.0 / 125f64.sqrt())).abs() < 1e-12, "{found:?}");
        assert_eq!((found.slope, found.low, found.high), (1.0, 1.0, 1.0));
        // Two pairs of ties take 2 · 2 · 1 · 9 / 18 away.
        assert_eq!(variance(&[1.0, 1.0, 2.0, 2.0, 3.0].map(|y| (0.0, y))), (5.0 * 4.0 * 15.0 - 36.0) / 18.0);
        let flat: Vec<(f64, f64)> = (0..10).map(|x| (f64::from(x), 7.0)).collect();
        assert_eq!(monotonic_trend(&flat, 0.95).unwrap().p_value, 1.0);
    }

    #[test]
    fn equal_values_share_their_rank() {
        assert_eq!(centred_ranks(&[5.0, 1.0, 5.0, 2.0]), [1.0, -1.5, 1.0, -0.5]);
    }

    /// How often a trend is found at 1 % where there is none, in values that each keep a share of the one before.
    fn false_alarms(memory: f64) -> f64 {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(5);
        let n_alarms = (0..1_000).filter(|_| {
            let mut last = 0.0;
            let mut values = Vec::new();
            for x in 0..60 {
                let noise: f64 = (0..4).map(|_| random.random::<f64>() - 0.5).sum();
                last = memory * last + noise;
                // The first ones have yet to forget where they began.
                if x >= 20 {
                    values.push((f64::from(x), last));
                }
            }
            monotonic_trend(&values, 0.95).unwrap().p_value < 0.01
        });
        n_alarms.count() as f64 / 1_000.0
    }

    #[test]
    fn values_that_depend_on_those_before_them_are_no_trend() {
        assert!(false_alarms(0.0) < 0.025, "{}", false_alarms(0.0));
        assert!(false_alarms(0.4) < 0.04, "{}", false_alarms(0.4));
        assert!(false_alarms(0.7) < 0.09, "{}", false_alarms(0.7));
    }
}
