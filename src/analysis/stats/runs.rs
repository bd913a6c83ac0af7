//! Whole runs as figures: what repeated runs say of a percentile, alone, against others, and in pairs.

use super::{MeanDifference, logs, mean_interval, welch};

/// With so many runs a side the run is the unit: between-run noise is then known well enough.
pub const MIN_RUNS_A_SIDE: usize = 5;

/// A figure over repeated runs: the geometric mean with its bounds at 95 % confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunLevel {
    pub n_runs: usize,
    pub mean: f64,
    pub low: f64,
    pub high: f64,
}

/// A figure of the candidate's runs beside that of the base's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunChange {
    /// Candidate ÷ base, of geometric means.
    pub ratio: f64,
    /// Its bounds at 95 % confidence.
    pub ratio_interval: (f64, f64),
    pub p_value: f64,
    pub degrees: f64,
}

impl RunChange {
    fn of_logs(difference: MeanDifference) -> Self {
        Self {
            ratio: difference.difference.exp(),
            ratio_interval: (difference.low.exp(), difference.high.exp()),
            p_value: difference.p_value,
            degrees: difference.degrees,
        }
    }
}

/// The level of a figure over repeated runs, by Student's t on logarithms; none for fewer than two runs.
pub fn run_interval(values: &[f64]) -> Option<RunLevel> {
    let found = mean_interval(&logs(values)?)?;
    Some(RunLevel {
        n_runs: values.len(),
        mean: found.difference.exp(),
        low: found.low.exp(),
        high: found.high.exp(),
    })
}

/// Compares a figure of repeated runs of both sides, by Welch's test on logarithms; none for fewer than two a side.
pub fn run_level(base: &[f64], candidate: &[f64]) -> Option<RunChange> {
    welch(&logs(base)?, &logs(candidate)?).map(RunChange::of_logs)
}

/// Compares pairs of base and candidate that were measured beside each other, by Student's t on log ratios.
pub fn paired(pairs: &[(f64, f64)]) -> Option<RunChange> {
    let (base, candidate): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let (base, candidate) = (logs(&base)?, logs(&candidate)?);
    let differences: Vec<f64> =
        candidate.iter().zip(&base).map(|(candidate, base)| candidate - base).collect();
    mean_interval(&differences).map(RunChange::of_logs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(actual: f64, expected: f64) {
        assert!((actual - expected).abs() < 1e-6 * expected.abs(), "{actual} is not {expected}");
    }

    #[test]
    fn levels_are_geometric() {
        // Logs 0 and 2: mean 1, error 1, t(.975, 1) = 12.706205.
        let level = run_interval(&[1.0, 2f64.exp()]).unwrap();
        check(level.mean, 1f64.exp());
        check(level.high.ln(), 1.0 + 12.706205);
        assert_eq!(run_interval(&[5.0]), None);
        assert_eq!(run_interval(&[5.0, 0.0]), None);
    }

    #[test]
    fn runs_are_compared_by_ratios() {
        let base = [100.0, 104.0, 97.0, 101.0, 99.0];
        let slower = base.map(|value| value * 1.1);
        let change = run_level(&base, &slower).unwrap();
        check(change.ratio, 1.1);
        assert!(change.p_value < 0.001 && change.ratio_interval.0 > 1.05 && change.ratio_interval.1 < 1.15);
        // Milliseconds or seconds: ratios are the same.
        let in_secs = run_level(&base.map(|v| v / 1e3), &slower.map(|v| v / 1e3)).unwrap();
        check(in_secs.p_value, change.p_value);
    }

    #[test]
    fn pairs_take_out_what_both_have_in_common() {
        let drift = [1.0, 1.3, 0.8, 1.6, 1.1];
        let noise = [1.0, 1.01, 0.99, 1.005, 0.995];
        let pairs: Vec<(f64, f64)> =
            drift.iter().zip(noise).map(|(drift, noise)| (*drift, drift * 1.05 * noise)).collect();
        let (base, candidate): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
        assert!(run_level(&base, &candidate).unwrap().p_value > 0.5);
        let change = paired(&pairs).unwrap();
        assert!(change.p_value < 0.001 && (change.ratio - 1.05).abs() < 0.001, "{change:?}");
        assert_eq!(paired(&pairs[..1]), None);
    }

    #[test]
    fn equal_runs_are_the_same() {
        let change = run_level(&[7.0; 5], &[7.0; 5]).unwrap();
        assert_eq!((change.ratio, change.p_value), (1.0, 1.0));
        let change = paired(&[(3.0, 3.0), (4.0, 4.0)]).unwrap();
        assert_eq!((change.ratio, change.p_value), (1.0, 1.0));
    }
}
