//! Statistics of percentiles, shares and repeated runs: intervals, comparisons, sizes of effects, outliers.
//!
//! Everything here goes by histograms of blocks of time or by figures of whole runs, because requests depend on
//! each other: they wait in the same queues. What a difference means for a run is left to the comparison.

mod blocks;
mod dispersion;
mod distributions;
mod effect;
mod holm;
mod interval;
mod outliers;
mod quantile_change;
mod ratio;
mod runs;
mod shares;
mod shift;
#[cfg(test)]
mod simulation;
mod slope;
mod welch;

pub use blocks::{BlockedSample, N_BLOCKS};
pub use dispersion::{Dispersion, ShareCount, dispersion};
pub use distributions::{
    chi_squared_quantile, ln_gamma, normal_cdf, normal_quantile, t_two_sided_p, t_upper,
};
pub use effect::{CliffMagnitude, MannWhitney, cliffs_delta, ks_distance, mann_whitney};
pub use holm::holm;
pub use interval::{
    RankInterval, independent_interval, independent_ranks, interval_ranks, percentile_interval,
};
pub use outliers::{EsdStep, esd_steps, generalised_esd};
pub use quantile_change::quantile_p_value;
pub use ratio::{Estimate, difference_interval, ratio_interval};
pub use runs::{MIN_RUNS_A_SIDE, RunChange, RunLevel, paired, run_interval, run_level};
pub use shares::{ShareDifference, clopper_pearson, newcombe, score_interval, wilson};
pub use shift::{ShiftPoint, shift_function};
pub use slope::{MIN_VALUES as MIN_SLOPE_VALUES, Slope, slope};
pub use welch::{MeanDifference, WelchStratum, mean_interval, welch, welch_stratified};

/// The level of every interval.
pub const CONFIDENCE: f64 = 0.95;

/// The mean of values and the sum of their squared deviations from it; none without values or where one is no number.
fn mean_and_squares(values: &[f64]) -> Option<(f64, f64)> {
    if values.is_empty() || values.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    Some((mean, values.iter().map(|value| (value - mean).powi(2)).sum()))
}

/// The middle of some values, or half-way between the two in the middle; none of none.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    median_of_sorted(&sorted)
}

/// The same of values in order.
fn median_of_sorted(sorted: &[f64]) -> Option<f64> {
    let upper = *sorted.get(sorted.len() / 2)?;
    let has_two = sorted.len().is_multiple_of(2);
    Some(if has_two { f64::midpoint(sorted[sorted.len() / 2 - 1], upper) } else { upper })
}

/// The natural logarithms of values; none where one is not above nothing.
fn logs(values: &[f64]) -> Option<Vec<f64>> {
    values.iter().map(|value| (*value > 0.0 && value.is_finite()).then(|| value.ln())).collect()
}
