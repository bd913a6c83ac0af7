//! MSER-5: which beginning of a series to leave out so that the mean of the rest is known best.
//!
//! White 1997 and Spratt 1998: of means of five values each, leave out the first d for which the variance of the rest,
//! divided by how many that are, is smallest; at most half of them.

/// Values that are averaged before anything else.
const BATCH: usize = 5;

/// Differences below this share of the whole's statistic are rounding.
const ROUNDING: f64 = 1e-12;

/// What MSER-5 leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MserResult {
    /// Values at the beginning.
    pub n_left_out: usize,
    /// It left out as much as it may: where the rest begins cannot be told by it.
    pub is_at_limit: bool,
}

/// None of fewer than two batches; values at the end that fill no batch do not count.
pub fn mser_5(values: &[f64]) -> Option<MserResult> {
    // Relative to the first value, so that equal ones leave no rounding behind.
    let base = *values.first()?;
    let mean = |batch: &[f64]| batch.iter().map(|value| value - base).sum::<f64>() / BATCH as f64;
    let means: Vec<f64> = values.chunks_exact(BATCH).map(mean).collect();
    let limit = means.len() / 2;
    if limit == 0 {
        return None;
    }
    let whole = statistic(&means);
    let (mut best, mut n_batches) = (whole, 0);
    for n_left_out in 1..=limit {
        let left = statistic(&means[n_left_out..]);
        if left < best - ROUNDING * whole {
            (best, n_batches) = (left, n_left_out);
        }
    }
    Some(MserResult { n_left_out: n_batches * BATCH, is_at_limit: n_batches == limit })
}

/// MSER(d) = sum over the rest of (Z_j − mean)² ÷ (n − d)².
fn statistic(rest: &[f64]) -> f64 {
    let n = rest.len() as f64;
    let mean = rest.iter().sum::<f64>() / n;
    rest.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each value five times, so that it is the mean of its batch.
    fn batches(means: &[f64]) -> Vec<f64> {
        means.iter().flat_map(|mean| [*mean; BATCH]).collect()
    }

    #[track_caller]
    fn check(means: &[f64], n_batches: usize, is_at_limit: bool) {
        let expected = MserResult { n_left_out: n_batches * BATCH, is_at_limit };
        assert_eq!(mser_5(&batches(means)), Some(expected), "{means:?}");
    }

    #[test]
    fn the_cut_is_where_the_statistic_is_smallest() {
        // By hand, n = 8, squares of the rest ÷ (n − d)²: d = 0: mean 2.5, 45.00 ÷ 64 = .703; d = 1: mean 12/7,
        // 5.429 ÷ 49 = .1108; d = 2: mean 1.5, 1.5 ÷ 36 = .0417; d = 3: mean 1.6, 1.2 ÷ 25 = .0480;
        // d = 4: mean 1.5, 1 ÷ 16 = .0625.
        check(&[8.0, 3.0, 1.0, 2.0, 1.0, 2.0, 2.0, 1.0], 2, false);
        assert!((statistic(&[1.0, 2.0, 1.0, 2.0, 2.0, 1.0]) - 1.5 / 36.0).abs() < 1e-15);
    }

    #[test]
    fn a_level_that_is_reached_is_cut_there() {
        check(&[9.0, 9.0, 9.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0], 3, false);
        // From below as well: MSER knows no direction.
        check(&[1.0, 5.0, 5.0, 5.0, 5.0, 5.0], 1, false);
    }

    #[test]
    fn a_constant_series_loses_nothing() {
        check(&[0.1 + 0.2; 40], 0, false);
        check(&[0.0; 12], 0, false);
    }

    #[test]
    fn a_series_that_never_levels_off_runs_into_the_limit() {
        let climbing: Vec<f64> = (0..20).map(f64::from).collect();
        check(&climbing, 10, true);
    }

    #[test]
    fn what_fills_no_batch_does_not_count() {
        let mut values = batches(&[9.0, 5.0, 5.0, 5.0]);
        values.extend([1e6; 4]);
        assert_eq!(mser_5(&values), Some(MserResult { n_left_out: 5, is_at_limit: false }));
        assert_eq!(mser_5(&[1.0; 9]), None);
        assert_eq!(mser_5(&[]), None);
    }
}
