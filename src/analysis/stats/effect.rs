//! How far two distributions lie apart, from their histograms: Cliff's delta, Mann-Whitney, Kolmogorov-Smirnov.
//!
//! Sizes only. Their p values take requests for independent, which they are not: identical systems under load
//! differ by them more often than not.

use crate::metrics::LatencyHistogram;

use super::distributions::normal_cdf;

/// Mann and Whitney's statistic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MannWhitney {
    /// How many pairs have the larger value in the first histogram; a tie counts half.
    pub u: f64,
    /// To either side, by the normal distribution, corrected for ties and steps; as if samples were independent.
    pub p_value: f64,
}

/// How large Cliff's delta is, in Romano's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CliffMagnitude {
    Negligible,
    Small,
    Medium,
    Large,
}

impl CliffMagnitude {
    pub fn of(delta: f64) -> Self {
        match delta.abs() {
            size if size < 0.147 => Self::Negligible,
            size if size < 0.33 => Self::Small,
            size if size < 0.474 => Self::Medium,
            _ => Self::Large,
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            Self::Negligible => "negligible",
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }
}

/// How much oftener a sample of `a` exceeds one of `b` than the other way round, from -1 to 1.
pub fn cliffs_delta(a: &LatencyHistogram, b: &LatencyHistogram) -> Option<f64> {
    let n_pairs = a.n_samples() as f64 * b.n_samples() as f64;
    (n_pairs > 0.0).then(|| 2.0 * u_statistic(&counts_by_value(a, b)) / n_pairs - 1.0)
}

/// Mann and Whitney's statistic of `a` against `b`.
pub fn mann_whitney(a: &LatencyHistogram, b: &LatencyHistogram) -> Option<MannWhitney> {
    let (n_a, n_b) = (a.n_samples() as f64, b.n_samples() as f64);
    if n_a == 0.0 || n_b == 0.0 {
        return None;
    }
    let counts = counts_by_value(a, b);
    let (u, n) = (u_statistic(&counts), n_a + n_b);
    let ties: f64 = counts.iter().map(|(a, b)| (a + b).powi(3) - (a + b)).sum();
    let deviation = (n_a * n_b / 12.0 * ((n + 1.0) - ties / (n * (n - 1.0)))).max(0.0).sqrt();
    let distance = ((u - n_a * n_b / 2.0).abs() - 0.5).max(0.0);
    let p_value = if deviation > 0.0 { 2.0 * normal_cdf(-distance / deviation) } else { 1.0 };
    Some(MannWhitney { u, p_value: p_value.min(1.0) })
}

/// The largest distance between the two cumulative shares; at least that, since a bucket is one step.
pub fn ks_distance(a: &LatencyHistogram, b: &LatencyHistogram) -> Option<f64> {
    let (n_a, n_b) = (a.n_samples() as f64, b.n_samples() as f64);
    if n_a == 0.0 || n_b == 0.0 {
        return None;
    }
    let (mut of_a, mut of_b, mut distance) = (0.0, 0.0, 0.0f64);
    for (count_a, count_b) in counts_by_value(a, b) {
        of_a += count_a;
        of_b += count_b;
        distance = distance.max((of_a / n_a - of_b / n_b).abs());
    }
    Some(distance)
}

/// The counts of both at each value that either has, in order.
fn counts_by_value(a: &LatencyHistogram, b: &LatencyHistogram) -> Vec<(f64, f64)> {
    let mut values: Vec<(u64, f64, f64)> = Vec::new();
    a.for_each(|value, n| values.push((value, n as f64, 0.0)));
    b.for_each(|value, n| values.push((value, 0.0, n as f64)));
    // Stable and of two runs in order, so this is one merge.
    values.sort_by_key(|(value, ..)| *value);
    values.dedup_by(|next, kept| {
        let is_same = next.0 == kept.0;
        if is_same {
            kept.1 += next.1;
            kept.2 += next.2;
        }
        is_same
    });
    values.into_iter().map(|(_, a, b)| (a, b)).collect()
}

fn u_statistic(counts: &[(f64, f64)]) -> f64 {
    let (mut u, mut n_below) = (0.0, 0.0);
    for (a, b) in counts {
        u += a * (n_below + b / 2.0);
        n_below += b;
    }
    u
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn of_millis(values: &[u64]) -> LatencyHistogram {
        let mut histogram = LatencyHistogram::default();
        values.iter().for_each(|millis| histogram.record(Duration::from_micros(*millis)));
        histogram
    }

    #[test]
    fn cliffs_delta_is_as_published() {
        // Hogarty and Kromrey 1999, the example of R effsize.
        let treatment = of_millis(&[10, 10, 20, 20, 20, 30, 30, 30, 40, 50]);
        let control = of_millis(&[10, 20, 30, 40, 40, 50]);
        assert_eq!(cliffs_delta(&treatment, &control), Some(-0.25));
        assert_eq!(cliffs_delta(&control, &treatment), Some(0.25));
        assert_eq!(CliffMagnitude::of(-0.25).word(), "small");
    }

    #[test]
    fn mann_whitney_is_as_published() {
        // Ages at diagnosis, the example of scipy.stats.mannwhitneyu.
        let males = of_millis(&[19, 22, 16, 29, 24]);
        let females = of_millis(&[20, 11, 17, 12]);
        let found = mann_whitney(&males, &females).unwrap();
        assert_eq!(found.u, 17.0);
        assert!((found.p_value - 0.11134688653314041).abs() < 1e-9, "{found:?}");
        assert_eq!(mann_whitney(&females, &males).unwrap().u, 3.0);
    }

    #[test]
    fn ties_make_the_deviation_smaller() {
        // Ranks 1.5 1.5 4 | 4 4 6: U = .5 · 1 · 2 = 1; ties 2³-2 + 3³-3 = 30; sd² = 9/12 (7 - 30/30) = 4.5.
        let found = mann_whitney(&of_millis(&[1, 1, 2]), &of_millis(&[2, 2, 3])).unwrap();
        assert_eq!(found.u, 1.0);
        assert!((found.p_value - 2.0 * normal_cdf(-3.0 / 4.5f64.sqrt())).abs() < 1e-12);
        assert_eq!(mann_whitney(&of_millis(&[5; 9]), &of_millis(&[5; 4])).unwrap().p_value, 1.0);
    }

    #[test]
    fn the_distance_of_shares_is_the_largest_step_between_them() {
        // After 2: 2/4 against 0; after 3: 3/4 against 1/2.
        assert_eq!(ks_distance(&of_millis(&[1, 2, 3, 4]), &of_millis(&[3, 5])), Some(0.5));
        assert_eq!(ks_distance(&of_millis(&[1, 2]), &of_millis(&[1, 2])), Some(0.0));
        assert_eq!(ks_distance(&of_millis(&[1, 2]), &of_millis(&[3])), Some(1.0));
    }

    #[test]
    fn sizes_have_romano_s_words() {
        let words =
            [(0.1, "negligible"), (0.147, "small"), (-0.33, "medium"), (0.474, "large"), (-1.0, "large")];
        for (delta, word) in words {
            assert_eq!(CliffMagnitude::of(delta).word(), word);
        }
    }

    #[test]
    fn nothing_has_no_distance_to_anything() {
        let (empty, some) = (LatencyHistogram::default(), of_millis(&[1]));
        assert_eq!(cliffs_delta(&empty, &some), None);
        assert_eq!(mann_whitney(&some, &empty), None);
        assert_eq!(ks_distance(&empty, &empty), None);
    }
}
