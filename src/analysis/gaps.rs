//! Are the gaps between starts those of the plan? Distances between distributions, with their sources.
//!
//! Gaps are rescaled: the area under the load profile between two starts, which is 1 on average whatever the
//! level does. Raw gaps of a ramp would be rejected though every start is right (SCIENCE §1).

use std::time::Duration;

use crate::metrics::StartsSample;
use crate::model::Plan;

/// More gaps than this make any real generator fail by its p value.
const MAX_GAPS: usize = 10_000;

/// A gap between two starts that follow each other in the plan.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gap {
    /// Area under the profile between the two starts: 1 is the planned mean.
    pub area: f64,
    /// The higher of the profile's levels at the two starts, per second.
    pub level: f64,
}

/// How well gaps agree with those of random arrivals, which are exponential with mean 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RandomFit {
    /// Kolmogorov–Smirnov: the largest distance between the two distribution functions.
    pub distance: f64,
    /// Chance of a distance at least this large among truly random arrivals.
    pub p_value: f64,
    /// Anderson–Darling A²: weighs the shortest and longest gaps more; 1 in 100 truly random samples exceeds 3.86.
    pub a_squared: f64,
    /// Squared coefficient of variation: 1 for random arrivals, 0 for even ones.
    pub cv_squared: f64,
}

/// Gaps of the sampled starts in units of the plan; a dropped iteration breaks the sequence.
pub fn rescaled(plan: &Plan, starts: &StartsSample) -> Vec<Gap> {
    let pairs = starts.sent.windows(2).filter_map(|pair| pair[0].zip(pair[1]));
    let gap = |(before, after): (Duration, Duration)| Gap {
        area: (plan.area_at(after) - plan.area_at(before)).max(0.0),
        level: plan.level_at(before).max(plan.level_at(after)),
    };
    pairs.map(gap).take(MAX_GAPS).collect()
}

/// The share of gaps that are as long as evenly spaced arrivals want them.
pub fn even_share(gaps: &[Gap], tolerance_ratio: f64, tolerance: Duration) -> f64 {
    let is_even = |gap: &&Gap| {
        let allowed = tolerance_ratio.max(tolerance.as_secs_f64() * gap.level);
        (gap.area - 1.0).abs() <= allowed + 1e-9
    };
    gaps.iter().filter(is_even).count() as f64 / gaps.len().max(1) as f64
}

/// Holds gaps against the exponential distribution of mean 1.
pub fn random_fit(gaps: &[Gap]) -> RandomFit {
    let mut areas: Vec<f64> = gaps.iter().map(|gap| gap.area).collect();
    areas.sort_by(f64::total_cmp);
    let distance = ks_distance(&areas);
    RandomFit {
        distance,
        p_value: kolmogorov_p(distance, areas.len()),
        a_squared: a_squared(&areas),
        cv_squared: cv_squared(&areas),
    }
}

// D = max over i of max(i/n − F(x_i), F(x_i) − (i−1)/n), with F(x) = 1 − e^−x.
fn ks_distance(sorted: &[f64]) -> f64 {
    let n = sorted.len() as f64;
    let distance_at = |(index, x): (usize, &f64)| {
        let (below, up_to) = (index as f64 / n, (index + 1) as f64 / n);
        let expected = -(-x).exp_m1();
        (up_to - expected).max(expected - below)
    };
    sorted.iter().enumerate().map(distance_at).fold(0.0, f64::max)
}

// Kolmogorov's asymptotic series Q(λ) = 2 Σ (−1)^(k−1) e^(−2k²λ²), with Stephens' correction (1970) that makes it
// good from five samples on: λ = (√n + 0.12 + 0.11/√n) D.
fn kolmogorov_p(distance: f64, n: usize) -> f64 {
    let root = (n as f64).sqrt();
    kolmogorov_q((root + 0.12 + 0.11 / root) * distance)
}

fn kolmogorov_q(lambda: f64) -> f64 {
    // Below 0.2 the series needs many terms to say what is 1 to twelve digits.
    if lambda < 0.2 {
        return 1.0;
    }
    let term = |k: i32| {
        let sign = if k % 2 == 1 { 1.0 } else { -1.0 };
        sign * (-2.0 * f64::from(k * k) * lambda * lambda).exp()
    };
    (2.0 * (1..=100).map(term).sum::<f64>()).clamp(0.0, 1.0)
}

// Anderson and Darling (1954), all parameters known (Stephens' case 0):
// A² = −n − 1/n Σ (2i−1) (ln F(x_i) + ln(1 − F(x_{n+1−i}))); here ln(1 − F(x)) = −x.
fn a_squared(sorted: &[f64]) -> f64 {
    // Two starts in the same nanosecond would have an infinite logarithm.
    const SHORTEST: f64 = 1e-12;
    let n = sorted.len() as f64;
    let ln_below = |x: f64| (-(-x.max(SHORTEST)).exp_m1()).ln();
    let pairs = sorted.iter().zip(sorted.iter().rev());
    let terms = pairs.enumerate().map(|(i, (low, high))| (2 * i + 1) as f64 * (ln_below(*low) - high));
    -n - terms.sum::<f64>() / n
}

fn cv_squared(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n;
    if mean > 0.0 { variance / (mean * mean) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use rand::{Rng as _, SeedableRng as _};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;
    use crate::analysis::sample;

    fn of(areas: impl IntoIterator<Item = f64>) -> Vec<Gap> {
        areas.into_iter().map(|area| Gap { area, level: 100.0 }).collect()
    }

    fn random_gaps(n: usize, seed: u64) -> Vec<Gap> {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
        of((0..n).map(|_| -(1.0 - random.random::<f64>()).ln()))
    }

    #[test]
    fn the_series_meets_the_published_critical_values() {
        // Smirnov (1948), table of the limiting distribution.
        for (lambda, p) in [(1.2238, 0.10), (1.3581, 0.05), (1.4802, 0.025), (1.6276, 0.01), (1.9495, 0.001)]
        {
            assert!((kolmogorov_q(lambda) - p).abs() < p * 2e-3, "Q({lambda}) = {}", kolmogorov_q(lambda));
        }
        assert_eq!((kolmogorov_q(0.0), kolmogorov_q(0.1)), (1.0, 1.0));
        // Finite samples: D's 5 % point for n = 20 is 0.29408, for n = 100 it is 0.13403 (Massey 1951; Miller 1956).
        assert!((kolmogorov_p(0.294_08, 20) - 0.05).abs() < 0.001);
        assert!((kolmogorov_p(0.134_03, 100) - 0.05).abs() < 0.001);
    }

    #[test]
    fn distances_are_those_worked_out_by_hand() {
        // One value at the median: F = 1/2, so D = 1/2 and A² = −1 − 2 ln(1/2).
        let median = std::f64::consts::LN_2;
        let fit = random_fit(&of([median]));
        assert!((fit.distance - 0.5).abs() < 1e-12);
        assert!((fit.a_squared - (2.0 * 2f64.ln() - 1.0)).abs() < 1e-12);
        // Even gaps all lie at F(1) = 1 − 1/e.
        let even = random_fit(&of([1.0; 1_000]));
        assert!((even.distance - (1.0 - (-1f64).exp())).abs() < 1e-3);
        assert_eq!(even.cv_squared, 0.0);
        // Two values at the quartiles: A² = −2 − (ln ¼ + ln ¼ + 3 ln ¾ + 3 ln ¾) / 2.
        let quartiles = random_fit(&of([(4f64 / 3.0).ln(), 4f64.ln()]));
        let expected = -2.0 - (2.0 * 0.25f64.ln() + 6.0 * 0.75f64.ln()) / 2.0;
        assert!((quartiles.a_squared - expected).abs() < 1e-12, "{}", quartiles.a_squared);
    }

    #[test]
    fn random_arrivals_are_rejected_as_often_as_the_p_values_say() {
        let fits: Vec<RandomFit> = (0..400).map(|seed| random_fit(&random_gaps(500, seed))).collect();
        let share = |rejects: &dyn Fn(&RandomFit) -> bool| {
            fits.iter().filter(|fit| rejects(fit)).count() as f64 / fits.len() as f64
        };
        // 400 trials of 5 %: within 2.5 to 8 % in all but one of 1,000 seeds. A²'s 5 % point is 2.492 (Stephens 1974).
        assert!((0.025..0.08).contains(&share(&|fit| fit.p_value < 0.05)));
        assert!((0.025..0.08).contains(&share(&|fit| fit.a_squared > 2.492)));
        assert!(fits.iter().all(|fit| fit.p_value >= 0.0001 && (0.6..1.6).contains(&fit.cv_squared)));
    }

    #[test]
    fn too_regular_and_too_bursty_arrivals_are_far_off() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(3);
        let erlang = random_fit(&of((0..2_000).map(|_| {
            let product: f64 = (0..4).map(|_| 1.0 - random.random::<f64>()).product();
            -product.ln() / 4.0
        })));
        assert!(erlang.distance > 0.10 && erlang.p_value < 1e-6 && erlang.cv_squared < 0.3, "{erlang:?}");
        // Starts by a timer of coarse grain: bursts of ten without a gap, then one gap of ten.
        let bursts = random_fit(&of((0..2_000).map(|k| if k % 10 == 0 { 10.0 } else { 0.0 })));
        assert!(bursts.distance > 0.5 && bursts.a_squared.is_finite(), "{bursts:?}");
    }

    #[test]
    fn a_ramp_is_rescaled_and_a_dropped_iteration_leaves_its_gaps_out() {
        let plan = sample::record(sample::open_scenario()).plan();
        let mut sent: Vec<Option<Duration>> = plan.intended_starts().take(200).map(Some).collect();
        let starts = |sent: &[Option<Duration>]| StartsSample { first_iteration: 0, sent: sent.to_vec() };
        let gaps = rescaled(&plan, &starts(&sent));
        assert_eq!(gaps.len(), 199);
        assert!(gaps.iter().all(|gap| (gap.area - 1.0).abs() < 1e-4));
        sent[50] = None;
        assert_eq!(rescaled(&plan, &starts(&sent)).len(), 197);
        sent.clear();
        assert!(rescaled(&plan, &starts(&sent)).is_empty());
    }

    #[test]
    fn even_gaps_may_be_off_by_a_share_or_by_what_no_timer_does_better() {
        let at = |level: f64, area: f64| [Gap { area, level }];
        let share = |gaps: &[Gap]| even_share(gaps, 0.1, Duration::from_micros(100));
        assert_eq!(share(&at(100.0, 1.09)), 1.0);
        assert_eq!(share(&at(100.0, 1.2)), 0.0);
        // 10,000/s: a whole gap is 100 µs.
        assert_eq!((share(&at(10_000.0, 0.0)), share(&at(10_000.0, 2.5))), (1.0, 0.0));
    }
}
