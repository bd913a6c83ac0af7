//! The stretches between changes of level, and the runs that stand out of them.

use crate::analysis::stats::{generalised_esd, median};

use super::{TrendScale, TrendSegment};

/// The stretches that begin at these values; `indices` tells which point each value is of.
pub(super) fn segments(
    scale: TrendScale,
    indices: &[usize],
    values: &[f64],
    starts: &[usize],
) -> Vec<TrendSegment> {
    stretches(values.len(), starts)
        .map(|(from, until)| TrendSegment {
            first: indices[from],
            last: indices[until - 1],
            n_values: until - from,
            level: scale.given(values[from..until].iter().sum::<f64>() / (until - from) as f64),
        })
        .collect()
}

/// The points that lie outside of their stretch, in order: at most one in ten.
// Distances from the medians of their stretches, so that a change of level is no outlier, and an outlier moves no
// level.
pub(super) fn outliers(indices: &[usize], values: &[f64], starts: &[usize], significance: f64) -> Vec<usize> {
    let mut distances = Vec::with_capacity(values.len());
    for (from, until) in stretches(values.len(), starts) {
        let median = median(&values[from..until]).unwrap_or(f64::NAN);
        distances.extend(values[from..until].iter().map(|value| value - median));
    }
    let mut found = generalised_esd(&distances, values.len() / 10, significance);
    found.sort_unstable();
    found.into_iter().map(|value| indices[value]).collect()
}

fn stretches(n_values: usize, starts: &[usize]) -> impl Iterator<Item = (usize, usize)> {
    let from = std::iter::once(0).chain(starts.iter().copied());
    let until = starts.iter().copied().chain(std::iter::once(n_values));
    from.zip(until).filter(|(from, until)| from < until)
}
