//! Differences of means between two sides of unequal variance, by stratum where there are several.

use super::{
    CONFIDENCE,
    distributions::{t_two_sided_p, t_upper},
    mean_and_squares,
};

/// How far two means are apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanDifference {
    /// Candidate − base.
    pub difference: f64,
    /// Bounds at 95 % confidence.
    pub low: f64,
    pub high: f64,
    /// Of Welch's test, to either side.
    pub p_value: f64,
    pub degrees: f64,
}

/// One stratum's figures of both sides and what it weighs.
#[derive(Clone, Debug, Default)]
pub struct WelchStratum {
    pub weight: f64,
    pub base: Vec<f64>,
    pub candidate: Vec<f64>,
}

/// The mean of a few figures with its bounds at 95 % confidence, by Student's t; none for fewer than two.
pub fn mean_interval(values: &[f64]) -> Option<MeanDifference> {
    let side = Side::of(values)?;
    Some(Sum { difference: side.mean, scale: side.mean.abs(), ..Sum::default() }.plus(&side, 1.0).tested())
}

/// How far the means of two sides are apart; none where a side has fewer than two figures.
pub fn welch(base: &[f64], candidate: &[f64]) -> Option<MeanDifference> {
    let sides = (Side::of(base)?, Side::of(candidate)?);
    Some(Sum::default().with(&sides, 1.0).tested())
}

/// How far the means of two sides are apart, stratum by stratum, weighted; strata without two figures a side are
/// left out, and there is none where all are.
pub fn welch_stratified(strata: &[WelchStratum]) -> Option<MeanDifference> {
    let usable: Vec<_> = strata
        .iter()
        .filter(|stratum| stratum.weight > 0.0)
        .filter_map(|stratum| {
            Some((stratum.weight, (Side::of(&stratum.base)?, Side::of(&stratum.candidate)?)))
        })
        .collect();
    let weight_sum: f64 = usable.iter().map(|(weight, _)| weight).sum();
    let sum = |sum: Sum, (weight, sides): &(f64, (Side, Side))| sum.with(sides, weight / weight_sum);
    (!usable.is_empty()).then(|| usable.iter().fold(Sum::default(), sum).tested())
}

/// The mean of one side with its squared standard error.
struct Side {
    mean: f64,
    error_squared: f64,
    degrees: f64,
}

impl Side {
    fn of(values: &[f64]) -> Option<Self> {
        let (mean, squares) = mean_and_squares(values)?;
        let degrees = values.len() as f64 - 1.0;
        let error_squared = squares / degrees / values.len() as f64;
        (degrees >= 1.0).then_some(Self { mean, error_squared, degrees })
    }
}

/// Differences added up over strata, with what Satterthwaite's degrees of freedom need.
#[derive(Default)]
struct Sum {
    difference: f64,
    error_squared: f64,
    squares_by_degrees: f64,
    all_degrees: f64,
    /// How large the means are: what is smaller than their last digits is no difference.
    scale: f64,
}

impl Sum {
    fn with(mut self, (base, candidate): &(Side, Side), weight: f64) -> Self {
        self.difference += weight * (candidate.mean - base.mean);
        self.scale += weight * base.mean.abs().max(candidate.mean.abs());
        self.plus(base, weight).plus(candidate, weight)
    }

    fn plus(mut self, side: &Side, weight: f64) -> Self {
        let error_squared = weight * weight * side.error_squared;
        self.error_squared += error_squared;
        self.squares_by_degrees += error_squared * error_squared / side.degrees;
        self.all_degrees += side.degrees;
        self
    }

    fn tested(self) -> MeanDifference {
        let (difference, error) = (self.difference, self.error_squared.sqrt());
        let noise = 1e-12 * self.scale;
        // Figures without any variance: what differs at all, differs.
        if error <= noise {
            let (difference, p_value) =
                if difference.abs() <= noise { (0.0, 1.0) } else { (difference, 0.0) };
            let (low, high) = (difference, difference);
            return MeanDifference { difference, low, high, p_value, degrees: self.all_degrees };
        }
        let degrees = self.error_squared * self.error_squared / self.squares_by_degrees;
        let reach = t_upper((1.0 - CONFIDENCE) / 2.0, degrees) * error;
        MeanDifference {
            difference,
            low: difference - reach,
            high: difference + reach,
            p_value: t_two_sided_p(difference / error, degrees),
            degrees,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(actual: f64, expected: f64) {
        assert!((actual - expected).abs() < 1e-6, "{actual} is not {expected}");
    }

    #[test]
    fn welch_is_worked_out_by_hand() {
        // Means 2 and 5, variances 1 and 4, three figures each: error sqrt(5/3), t = 2.32379;
        // degrees (5/3)² / ((1/3)²/2 + (4/3)²/2) = 2.941176.
        let found = welch(&[1.0, 2.0, 3.0], &[3.0, 5.0, 7.0]).unwrap();
        check(found.difference, 3.0);
        check(found.degrees, 50.0 / 17.0);
        check(found.high - 3.0, t_upper(0.025, 50.0 / 17.0) * (5.0f64 / 3.0).sqrt());
        check(found.p_value, t_two_sided_p(3.0 / (5.0f64 / 3.0).sqrt(), 50.0 / 17.0));
        assert!(found.p_value > 0.05 && found.low < 0.0, "{found:?}");
    }

    #[test]
    fn a_test_and_its_interval_agree() {
        let base = [4.1, 4.4, 3.9, 4.0, 4.2];
        for shift in [0.0, 0.1, 0.2, 0.3, 0.4, 0.8] {
            let candidate = base.map(|value| value * 1.1 - 0.4 + shift);
            let found = welch(&base, &candidate).unwrap();
            assert_eq!(found.p_value < 0.05, found.low > 0.0 || found.high < 0.0, "{found:?}");
        }
    }

    #[test]
    fn one_stratum_is_the_plain_test_and_weights_are_relative() {
        let stratum = |weight| WelchStratum { weight, base: vec![1.0, 2.0, 4.0], candidate: vec![2.0, 5.0] };
        let plain = welch(&stratum(1.0).base, &stratum(1.0).candidate);
        assert_eq!(welch_stratified(&[stratum(7.0)]), plain);
        let two = welch_stratified(&[stratum(1.0), stratum(3.0)]).unwrap();
        check(two.difference, plain.unwrap().difference);
    }

    #[test]
    fn strata_of_different_levels_do_not_hide_a_difference() {
        let noise = [-0.1, 0.1, -0.05, 0.05];
        let stratum = |level: f64| WelchStratum {
            weight: 1.0,
            base: noise.map(|noise| level + noise).to_vec(),
            candidate: noise.map(|noise| level + 1.0 - noise).to_vec(),
        };
        let found = welch_stratified(&[stratum(10.0), stratum(1_000.0)]).unwrap();
        check(found.difference, 1.0);
        assert!(found.p_value < 1e-6, "{found:?}");
    }

    #[test]
    fn figures_without_variance_differ_or_do_not() {
        let same = welch(&[0.1; 4], &[0.1; 7]).unwrap();
        assert_eq!((same.p_value, same.low, same.high), (1.0, 0.0, 0.0));
        assert_eq!(welch(&[0.1; 4], &[0.2; 4]).unwrap().p_value, 0.0);
        assert_eq!(welch(&[0.0; 4], &[0.0; 4]).unwrap().p_value, 1.0);
    }

    #[test]
    fn too_few_figures_tell_nothing() {
        assert_eq!(welch(&[1.0], &[1.0, 2.0]), None);
        assert_eq!(welch(&[], &[]), None);
        assert_eq!(welch(&[1.0, f64::NAN], &[1.0, 2.0]), None);
        assert_eq!(welch_stratified(&[WelchStratum::default()]), None);
    }

    #[test]
    fn a_mean_has_student_s_interval() {
        // Mean 3, sd 1.581139, error .707107, t(.975, 4) = 2.776445.
        let found = mean_interval(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        check(found.high, 3.0 + 2.776445 * 0.5f64.sqrt());
        assert_eq!(mean_interval(&[1.0]), None);
    }
}
