//! Where a stretch of figures is best divided in two: the E-divisive statistic of Matteson and James 2014.

/// The best place to divide a stretch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Division {
    /// The first figure of the second part.
    pub(super) index: usize,
    /// How far the parts are apart, against how far figures are apart within them.
    pub(super) strength: f64,
}

/// The best place to divide `values`; none for fewer than two.
// Largest Q(tau, kappa) of values[..tau] against values[tau..kappa], distances to the power of 1, so that what
// comes after kappa cannot hide a change. The first of equals.
pub(super) fn best_division(values: &[f64]) -> Option<Division> {
    let mut best: Option<Division> = None;
    let distances = cumulative_distances(values);
    let mut within_left = 0.0;
    for tau in 1..values.len() {
        // Distances of the newest figure of the left part to those before it.
        within_left += distances[tau - 1][tau - 1];
        let (mut between, mut within_right) = (0.0, 0.0);
        for kappa in tau + 1..=values.len() {
            let of_newest = &distances[kappa - 1];
            between += of_newest[tau];
            within_right += of_newest[kappa - 1] - of_newest[tau];
            let strength = strength((tau, kappa - tau), between, (within_left, within_right));
            if best.is_none_or(|best| strength > best.strength) {
                best = Some(Division { index: tau, strength });
            }
        }
    }
    best
}

/// For each figure the distances to those before it, added up: at place k those of the first k.
fn cumulative_distances(values: &[f64]) -> Vec<Vec<f64>> {
    let of = |last: usize| {
        let mut sum = 0.0;
        let sums = values[..last].iter().map(|value| {
            sum += (value - values[last]).abs();
            sum
        });
        std::iter::once(0.0).chain(sums).collect()
    };
    (0..values.len()).map(of).collect()
}

fn strength((n_left, n_right): (usize, usize), between: f64, (left, right): (f64, f64)) -> f64 {
    let (n, m) = (n_left as f64, n_right as f64);
    let within = |sum: f64, n_own: f64, n_other: f64| {
        if n_own > 1.0 { 2.0 * n_other / (m + n) / (n_own - 1.0) * sum } else { 0.0 }
    };
    2.0 / (m + n) * between - within(left, n, m) - within(right, m, n)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition, pair by pair.
    fn slowly(values: &[f64]) -> Division {
        let mut best = Division { index: 0, strength: f64::NEG_INFINITY };
        for tau in 1..values.len() {
            for kappa in tau + 1..=values.len() {
                let (x, y) = (&values[..tau], &values[tau..kappa]);
                let sum = |a: &[f64], b: &[f64]| -> f64 {
                    a.iter().map(|a| b.iter().map(|b| (a - b).abs()).sum::<f64>()).sum()
                };
                let (n, m) = (x.len() as f64, y.len() as f64);
                let pairs = |part: &[f64]| sum(part, part) / 2.0;
                let mut q = 2.0 / (m + n) * sum(x, y);
                if n > 1.0 {
                    q -= 2.0 * m / (m + n) / (n - 1.0) * pairs(x);
                }
                if m > 1.0 {
                    q -= 2.0 * n / (m + n) / (m - 1.0) * pairs(y);
                }
                if q > best.strength + 1e-9 {
                    best = Division { index: tau, strength: q };
                }
            }
        }
        best
    }

    #[test]
    fn sums_give_what_the_definition_gives() {
        let values = [0.3, 2.4, 1.5, -0.9, -0.5, 99.7, 98.3, 99.1, 149.0, 149.7, 149.5, 149.1, 148.8, 150.0];
        for from in 0..values.len() - 1 {
            let (quick, slow) = (best_division(&values[from..]).unwrap(), slowly(&values[from..]));
            assert_eq!(quick.index, slow.index);
            assert!((quick.strength - slow.strength).abs() < 1e-9, "{quick:?} {slow:?}");
        }
    }

    #[test]
    fn equal_figures_divide_with_no_strength() {
        assert_eq!(best_division(&[3.0; 6]), Some(Division { index: 1, strength: 0.0 }));
        assert_eq!(best_division(&[3.0]), None);
        assert_eq!(best_division(&[]), None);
    }
}
