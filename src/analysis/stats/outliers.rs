//! Figures that lie outside all others: the generalised extreme Studentised deviate (Rosner 1983), to either side.

use super::{distributions::t_upper, mean_and_squares};

/// One step: the figure furthest from the mean of those that are left.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EsdStep {
    pub index: usize,
    /// Its distance from the mean in standard deviations.
    pub statistic: f64,
    /// What chance exceeds in 5 % or whatever was asked for.
    pub critical: f64,
}

/// The places of outliers, the furthest first: at most `n_at_most`, at this level of significance.
// As many as the last step that exceeds its limit, whatever the steps before it say: outliers side by side hide
// each other.
pub fn generalised_esd(values: &[f64], n_at_most: usize, significance: f64) -> Vec<usize> {
    let steps = esd_steps(values, n_at_most, significance);
    let n_found = steps.iter().rposition(|step| step.statistic > step.critical).map_or(0, |last| last + 1);
    steps[..n_found].iter().map(|step| step.index).collect()
}

/// Each step of the search for outliers; ends where those left are all equal.
pub fn esd_steps(values: &[f64], n_at_most: usize, significance: f64) -> Vec<EsdStep> {
    let mut left: Vec<usize> = (0..values.len()).filter(|index| values[*index].is_finite()).collect();
    let mut steps = Vec::new();
    // Three are the fewest whose spread says something of one of them.
    while steps.len() < n_at_most && left.len() >= 3 {
        let Some(step) = step(values, &left, significance) else { break };
        left.retain(|index| *index != step.index);
        steps.push(step);
    }
    steps
}

fn step(values: &[f64], left: &[usize], significance: f64) -> Option<EsdStep> {
    let figures: Vec<f64> = left.iter().map(|index| values[*index]).collect();
    let (mean, squares) = mean_and_squares(&figures)?;
    let n = figures.len() as f64;
    let deviation = (squares / (n - 1.0)).sqrt();
    let distance = |index: usize| (values[index] - mean).abs();
    let index = left.iter().copied().max_by(|a, b| distance(*a).total_cmp(&distance(*b)))?;
    if deviation <= 1e-12 * mean.abs() {
        return None;
    }
    let t = t_upper(significance / (2.0 * n), n - 2.0);
    let critical = (n - 1.0) * t / ((n - 2.0 + t * t) * n).sqrt();
    Some(EsdStep { index, statistic: distance(index) / deviation, critical })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rosner's data as NIST prints them (e-Handbook 1.3.5.17.3).
    const ROSNER: [f64; 54] = [
        -0.25, 0.68, 0.94, 1.15, 1.20, 1.26, 1.26, 1.34, 1.38, 1.43, 1.49, 1.49, 1.55, 1.56, 1.58, 1.65,
        1.69, 1.70, 1.76, 1.77, 1.81, 1.91, 1.94, 1.96, 1.99, 2.06, 2.09, 2.10, 2.14, 2.15, 2.23, 2.24, 2.26,
        2.35, 2.37, 2.40, 2.47, 2.54, 2.62, 2.64, 2.90, 2.92, 2.92, 2.93, 3.21, 3.26, 3.30, 3.59, 3.68, 4.30,
        4.64, 5.34, 5.42, 6.01,
    ];

    #[test]
    fn rosner_s_data_have_the_three_outliers_published() {
        let outliers = generalised_esd(&ROSNER, 10, 0.05);
        assert_eq!(outliers.iter().map(|index| ROSNER[*index]).collect::<Vec<_>>(), [6.01, 5.42, 5.34]);
    }

    #[test]
    fn every_step_is_the_one_published() {
        let published = [
            (3.118, 3.158),
            (2.942, 3.151),
            (3.179, 3.143),
            (2.810, 3.136),
            (2.815, 3.128),
            (2.848, 3.120),
            (2.279, 3.111),
            (2.310, 3.103),
            (2.101, 3.094),
            (2.067, 3.085),
        ];
        let steps = esd_steps(&ROSNER, 10, 0.05);
        assert_eq!(steps.len(), published.len());
        for (step, (statistic, critical)) in steps.iter().zip(published) {
            assert!((step.statistic - statistic).abs() < 2e-3, "{step:?} is not {statistic}");
            assert!((step.critical - critical).abs() < 2e-3, "{step:?} is not {critical}");
        }
    }

    #[test]
    fn equal_and_few_figures_have_no_outliers() {
        assert!(generalised_esd(&[4.0; 20], 3, 0.05).is_empty());
        assert!(generalised_esd(&[1.0, 900.0], 1, 0.05).is_empty());
        assert!(generalised_esd(&[], 3, 0.05).is_empty());
    }

    #[test]
    fn what_is_no_number_is_passed_over() {
        let mut values = vec![f64::NAN, 10.0, 10.1, 9.9, 10.05, 9.95, 10.02, 9.97, 10.0, 10.1, 9.9, 50.0];
        values.push(f64::NAN);
        assert_eq!(generalised_esd(&values, 2, 0.05), [11]);
    }
}
