//! Response times with weights: what models work on. Buckets of a histogram stand at their median value.

use std::time::Duration;

use crate::metrics::{LatencyBucket, LatencyHistogram};

/// A share of all weight that is surely less than one request, and more than what sums lose.
const TOLERANCE: f64 = 1e-9;

/// Response times in seconds, in order, each with its weight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Points {
    values: Vec<f64>,
    weights: Vec<f64>,
    total: f64,
}

impl Points {
    /// Of values in order.
    pub fn of_sorted(values: Vec<f64>, weights: Vec<f64>) -> Self {
        debug_assert!(values.is_sorted() && values.len() == weights.len());
        let total = weights.iter().sum();
        Self { values, weights, total }
    }

    /// Of values in any order.
    pub fn of(mut points: Vec<(f64, f64)>) -> Self {
        points.sort_by(|one, other| one.0.total_cmp(&other.0));
        let (values, weights) = points.into_iter().unzip();
        Self::of_sorted(values, weights)
    }

    pub fn of_histogram(histogram: &LatencyHistogram) -> Self {
        let (mut values, mut weights) = (Vec::new(), Vec::new());
        histogram.for_each_bucket(|bucket, n| {
            values.push(bucket.middle().as_secs_f64());
            weights.push(n as f64);
        });
        Self::of_sorted(values, weights)
    }

    /// One value.
    pub fn atom(value: f64, weight: f64) -> Self {
        Self { values: vec![value], weights: vec![weight], total: weight }
    }

    pub fn total(&self) -> f64 {
        self.total
    }

    pub fn iter(&self) -> impl Iterator<Item = (f64, f64)> {
        self.values.iter().copied().zip(self.weights.iter().copied())
    }

    pub fn values(&self) -> &[f64] {
        &self.values
    }

    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    pub fn mean(&self) -> f64 {
        self.iter().map(|(value, weight)| value * weight).sum::<f64>() / self.total
    }

    pub fn variance(&self) -> f64 {
        let mean = self.mean();
        self.iter().map(|(value, weight)| (value - mean).powi(2) * weight).sum::<f64>() / self.total
    }

    /// The squared coefficient of variation.
    pub fn cv_squared(&self) -> f64 {
        self.variance() / self.mean().powi(2)
    }

    /// The least value that at least this share of the weight does not exceed.
    pub fn quantile(&self, quantile: f64) -> f64 {
        quantiles(&[(self, 1.0)], &[quantile], Between::Values)[0]
    }

    /// Each value changed by what its rank, between 0 and 1, and itself make of it.
    pub fn map(&self, mut change: impl FnMut(f64, f64) -> f64) -> Self {
        let mut before = 0.0;
        let mut values: Vec<f64> = Vec::with_capacity(self.values.len());
        for (value, weight) in self.iter() {
            values.push(change((before + weight / 2.0) / self.total, value));
            before += weight;
        }
        if values.is_sorted() {
            return Self { values, weights: self.weights.clone(), total: self.total };
        }
        Self::of(values.into_iter().zip(self.weights.iter().copied()).collect())
    }

    /// The slowest of them, without this share of the weight.
    pub fn slowest_without(&self, share: f64) -> Self {
        let mut left_out = share * self.total;
        let mut weights = self.weights.clone();
        for weight in &mut weights {
            let gone = weight.min(left_out);
            *weight -= gone;
            left_out -= gone;
        }
        Self::of_sorted(self.values.clone(), weights)
    }

    /// All of several.
    pub fn pooled(parts: &[&Self]) -> Self {
        match parts {
            [only] => (*only).clone(),
            _ => Self::of(parts.iter().flat_map(|part| part.iter()).collect()),
        }
    }

    /// The values at shares of the weight that rise, in the middle between what lies below and above.
    pub fn at_ranks(&self, ranks: &[f64]) -> Vec<f64> {
        let mut found = Vec::with_capacity(ranks.len());
        let (mut index, mut until) = (0, self.weights.first().copied().unwrap_or_default());
        for rank in ranks {
            while index + 1 < self.values.len() && until <= rank * self.total {
                index += 1;
                until += self.weights[index];
            }
            found.push(self.values[index]);
        }
        found
    }
}

/// What a quantile can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// One of the values: bucket by bucket, as histograms tell it.
    Values,
    /// Also between two values that are close to each other, where there are too few to tell draws apart.
    Neighbours,
}

/// Values closer than this share are neighbours.
const NEIGHBOURS: f64 = 0.1;

/// Quantiles, in rising order, of a mixture of parts whose weights count so many times.
pub fn quantiles(parts: &[(&Points, f64)], quantiles: &[f64], between: Between) -> Vec<f64> {
    let total: f64 = parts.iter().map(|(points, factor)| points.total * factor).sum();
    let mut heads = vec![0; parts.len()];
    let mut found = Vec::with_capacity(quantiles.len());
    let (mut below, mut last) = (0.0, f64::NAN);
    while found.len() < quantiles.len() {
        let mut next: Option<(usize, f64)> = None;
        for (part, ((points, _), head)) in parts.iter().zip(&heads).enumerate() {
            if let Some(value) = points.values.get(*head)
                && next.is_none_or(|(_, least)| *value < least)
            {
                next = Some((part, *value));
            }
        }
        let Some((part, value)) = next else { break };
        let (points, factor) = parts[part];
        let weight = points.weights[heads[part]] * factor;
        below += weight;
        heads[part] += 1;
        // The rule of histograms: the rank is rounded up, and what binary fractions add to it does not count.
        while found.len() < quantiles.len() && below >= (quantiles[found.len()] - TOLERANCE) * total {
            let has_neighbour = between == Between::Neighbours && value - last <= NEIGHBOURS * value;
            let beyond = below - quantiles[found.len()] * total;
            let back = if has_neighbour && weight > 0.0 { (beyond / weight).clamp(0.0, 1.0) } else { 0.0 };
            found.push(if back > 0.0 { value - back * (value - last) } else { value });
        }
        last = value;
    }
    found.resize(quantiles.len(), last);
    found
}

/// A value as percentiles are told: the last of its bucket.
pub fn told(secs: f64) -> f64 {
    LatencyBucket::of(Duration::from_secs_f64(secs.max(0.0))).last().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn histogram(micros: &[u64]) -> LatencyHistogram {
        let mut histogram = LatencyHistogram::default();
        micros.iter().for_each(|micros| histogram.record(Duration::from_micros(*micros)));
        histogram
    }

    proptest! {
        #[test]
        fn percentiles_of_points_are_those_of_their_histogram(
            micros in prop::collection::vec(1..3_000_000u64, 1..400),
        ) {
            let histogram = histogram(&micros);
            let points = Points::of_histogram(&histogram);
            for quantile in [0.001, 0.5, 0.9, 0.95, 0.975, 0.99, 0.999, 1.0] {
                let expected = histogram.quantile(quantile).unwrap().as_secs_f64();
                prop_assert_eq!(told(points.quantile(quantile)), expected);
            }
            prop_assert!((points.mean() - histogram.mean().unwrap().as_secs_f64()).abs() < 1e-9);
        }

        #[test]
        fn a_mixture_has_the_percentiles_of_all_its_samples(
            one in prop::collection::vec(1..50_000u64, 1..200),
            other in prop::collection::vec(1..50_000u64, 1..200),
        ) {
            let (one, other) = (histogram(&one), histogram(&other));
            let mut all = one.clone();
            all.merge(&other);
            let parts = [Points::of_histogram(&one), Points::of_histogram(&other)];
            let asked = [0.1, 0.5, 0.9, 0.99];
            let found = quantiles(&[(&parts[0], 1.0), (&parts[1], 1.0)], &asked, Between::Values);
            for (quantile, value) in asked.into_iter().zip(found) {
                prop_assert_eq!(told(value), all.quantile(quantile).unwrap().as_secs_f64());
            }
        }
    }

    #[test]
    fn the_slowest_share_is_what_is_left_at_the_upper_end() {
        let points = Points::of_histogram(&histogram(&[1, 2, 3, 4]));
        let slowest = points.slowest_without(0.625);
        assert_eq!(slowest.total(), 1.5);
        assert!((slowest.mean() - (0.5 * 3e-6 + 4e-6) / 1.5).abs() < 1e-15);
    }

    #[test]
    fn between_neighbours_a_quantile_moves_with_its_rank_and_across_a_gap_it_does_not() {
        let points = Points::of(vec![(0.1, 1.0), (0.102, 1.0), (0.2, 2.0)]);
        let at = |quantile, between| quantiles(&[(&points, 1.0)], &[quantile], between)[0];
        assert!((at(0.375, Between::Neighbours) - 0.101).abs() < 1e-12);
        assert_eq!(at(0.375, Between::Values), 0.102);
        assert_eq!(at(0.75, Between::Neighbours), 0.2);
        assert_eq!(at(0.1, Between::Neighbours), 0.1);
    }

    #[test]
    fn what_turns_the_order_around_is_sorted_again() {
        let points = Points::of_histogram(&histogram(&[10, 20, 30]));
        let turned = points.map(|rank, value| if rank < 0.4 { 1.0 } else { value });
        assert_eq!(turned.values(), [20e-6, 30e-6, 1.0]);
        assert_eq!(points.at_ranks(&[0.0, 0.5, 1.0]), [10e-6, 20e-6, 30e-6]);
    }
}
