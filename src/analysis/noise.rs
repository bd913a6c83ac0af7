//! A against A: how much repeated runs of one scenario differ, and so which change this environment can show.
//!
//! Runs are the unit and logarithms the scale, as where a candidate's runs are compared with a base's.

use super::stats::{
    CONFIDENCE, N_BLOCKS, RunLevel, chi_squared_quantile, normal_quantile, run_interval, t_upper,
};
use super::{comparison::MIN_REPETITIONS, metric_text, metric_words};
use crate::humanize;
use crate::model::Metric;

/// The metrics that noise is told of.
pub const NOISE_METRICS: [Metric; 5] = [
    Metric::Quantile(0.5),
    Metric::Quantile(0.9),
    Metric::Quantile(0.95),
    Metric::Quantile(0.99),
    Metric::Throughput,
];

/// The changes for which the number of runs is told.
pub const CHANGES_ASKED_FOR: [f64; 3] = [0.02, 0.05, 0.1];

/// With fewer runs the spread itself is hardly known.
pub const GOOD_N_RUNS: usize = 5;

/// How often a change that is there is to be found.
const POWER: f64 = 0.8;

/// More runs a side than that are no advice.
const MAX_RUNS_A_SIDE: usize = 1_000;

/// One metric of one run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunFigure {
    /// In the metric's unit.
    pub value: f64,
    /// The run's own 95 % interval, where it bounds the metric on both sides.
    pub interval: Option<(f64, f64)>,
}

/// How noisy one metric is.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricNoise {
    pub metric: Metric,
    pub level: RunLevel,
    /// Standard deviation of the logarithms between runs: 0.03 is about 3 %.
    pub between: f64,
    /// Its bounds at 95 % confidence, as if the logarithms were normal.
    pub between_bounds: (f64, f64),
    /// The same of one run by its own interval, the median of those that have one.
    pub within: Option<f64>,
    /// The smallest rise found in 80 % of comparisons with as many runs a side, at 5 % false alarms.
    pub detectable_change: f64,
    /// How many runs a side find each change of [`CHANGES_ASKED_FOR`] as surely; none beyond a thousand.
    pub runs_needed: [Option<usize>; 3],
}

impl MetricNoise {
    /// How noisy a metric is by repeated runs; none for fewer than two, or where a value is not above nothing.
    pub fn of(metric: Metric, figures: &[RunFigure]) -> Option<Self> {
        let values: Vec<f64> = figures.iter().map(|figure| figure.value).collect();
        let level = run_interval(&values)?;
        let degrees = values.len() as f64 - 1.0;
        let mean = level.mean.ln();
        let squares: f64 = values.iter().map(|value| (value.ln() - mean).powi(2)).sum();
        let between = (squares / degrees).sqrt();
        let tail = (1.0 - CONFIDENCE) / 2.0;
        let bound = |probability| (squares / chi_squared_quantile(probability, degrees)).sqrt();
        Some(Self {
            metric,
            level,
            between,
            between_bounds: (bound(1.0 - tail), bound(tail)),
            within: within(figures),
            detectable_change: detectable_change(between, values.len()),
            runs_needed: CHANGES_ASKED_FOR.map(|change| runs_needed(between, change)),
        })
    }

    /// A row of a table of noise.
    pub fn cells(&self) -> [String; 9] {
        let (low, high) = self.between_bounds;
        let needed = |n_runs: Option<usize>| match n_runs {
            Some(n_runs) => humanize::count(n_runs as u64),
            None => format!("> {}", humanize::count(MAX_RUNS_A_SIDE as u64)),
        };
        let [few, some, many] = self.runs_needed.map(needed);
        [
            metric_words(self.metric),
            metric_text(self.metric, self.level.mean),
            humanize::percent(self.between),
            format!("{} to {}", humanize::percent(low), humanize::percent(high)),
            self.within.map_or_else(|| humanize::MISSING.to_owned(), humanize::percent),
            humanize::change(self.detectable_change),
            few,
            some,
            many,
        ]
    }
}

/// The smallest rise that a comparison of `n_runs` a side finds in 80 %, where runs spread so far on logarithms.
// T of two sides with a common spread s has the noncentrality ln(1 + change) / (s sqrt(2/n)). That P(T > t) is 80 %
// is solved by Abramowitz and Stegun's approximation of the noncentral t, 26.7.10, which is normal.
pub fn detectable_change(spread: f64, n_runs: usize) -> f64 {
    if n_runs < 2 {
        return f64::INFINITY;
    }
    let degrees = 2.0 * (n_runs as f64 - 1.0);
    let t = t_upper((1.0 - CONFIDENCE) / 2.0, degrees);
    let noncentrality =
        t * (1.0 - 1.0 / (4.0 * degrees)) + normal_quantile(POWER) * (1.0 + t * t / (2.0 * degrees)).sqrt();
    (noncentrality * spread * (2.0 / n_runs as f64).sqrt()).exp_m1()
}

/// What the columns of a table of noise mean, for so many runs.
pub fn noise_note(n_runs: usize) -> String {
    format!(
        "«Shows from»: the smallest change that a comparison of {n_runs} runs a side finds in 80 % of cases, at 5 % \
         false alarms. «Runs for»: how many runs a side find such a change as surely; repetitions are compared from \
         {MIN_REPETITIONS} a side on. Spreads are standard deviations of logarithms."
    )
}

/// The heads of a table of noise, in the order of [`MetricNoise::cells`].
pub fn noise_heads() -> [String; 9] {
    let [few, some, many] = CHANGES_ASKED_FOR.map(|change| format!("Runs for {}", humanize::percent(change)));
    let head = str::to_owned;
    [
        head("Metric"),
        head("Mean"),
        head("Between runs"),
        head("95 % bounds"),
        head("Within a run"),
        head("Shows from"),
        few,
        some,
        many,
    ]
}

/// How many runs a side find a rise in 80 %; none beyond a thousand.
pub fn runs_needed(spread: f64, change: f64) -> Option<usize> {
    (2..=MAX_RUNS_A_SIDE).find(|n_runs| detectable_change(spread, *n_runs) <= change)
}

/// The median spread of single runs, from their intervals of t times the standard error to either side.
fn within(figures: &[RunFigure]) -> Option<f64> {
    let reach = t_upper((1.0 - CONFIDENCE) / 2.0, N_BLOCKS as f64 - 1.0);
    let spread =
        |(low, high): (f64, f64)| (low > 0.0 && high >= low).then(|| (high / low).ln() / (2.0 * reach));
    let mut spreads: Vec<f64> =
        figures.iter().filter_map(|figure| figure.interval.and_then(spread)).collect();
    spreads.sort_by(f64::total_cmp);
    let middle = spreads.len() / 2;
    match spreads.len() {
        0 => None,
        n if n % 2 == 1 => Some(spreads[middle]),
        _ => Some((spreads[middle - 1] + spreads[middle]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng as _, SeedableRng as _};
    use rand_distr::StandardNormal;
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;
    use crate::analysis::stats::run_level;

    fn noise(values: &[f64]) -> Option<MetricNoise> {
        let figures: Vec<_> =
            values.iter().map(|value| RunFigure { value: *value, interval: None }).collect();
        MetricNoise::of(Metric::Quantile(0.95), &figures)
    }

    fn check(actual: f64, expected: f64) {
        assert!((actual - expected).abs() < 1e-4 * expected.abs(), "{actual} is not {expected}");
    }

    #[test]
    fn spread_is_the_standard_deviation_of_logarithms() {
        // Logs -0.2, -0.1, 0, 0.1, 0.2: squares 0.1, variance 0.025; chi-square of 4 degrees .484419, 11.143287.
        let values = [-0.2f64, -0.1, 0.0, 0.1, 0.2].map(f64::exp);
        let noise = noise(&values).unwrap();
        check(noise.between, 0.158114);
        check(noise.between_bounds.0, (0.1f64 / 11.143287).sqrt());
        check(noise.between_bounds.1, (0.1f64 / 0.484419).sqrt());
        check(noise.level.mean, 1.0);
        // t(.975, 8) = 2.306004: 2.306004 · 31/32 = 2.233941, and .841621 · sqrt(1 + 2.306004²/16) = .971461, times
        // .158114 · sqrt(2/5).
        check(noise.detectable_change.ln_1p(), (2.233941 + 0.971461) * 0.158114 * 0.4f64.sqrt());
    }

    #[test]
    fn runs_needed_are_those_of_the_printed_tables_of_power() {
        // Differences in standard deviations with the figures a side that 80 % power needs at 5 %, to either side.
        for (difference, n) in [(0.2f64, 394), (0.5, 64), (0.8, 26), (1.0, 17), (2.0, 6)] {
            assert_eq!(runs_needed(1.0, difference.exp_m1()), Some(n), "{difference}");
        }
        assert_eq!(runs_needed(1.0, 0.02), None);
        assert_eq!(runs_needed(0.0, 0.02), Some(2));
    }

    #[test]
    fn a_change_just_detectable_is_found_four_times_in_five() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(6);
        for (spread, n_runs) in [(0.03, 5), (0.1, 8)] {
            let shift = detectable_change(spread, n_runs).ln_1p();
            let mut runs = |level: f64| -> Vec<f64> {
                let mut draw = || (level + spread * random.sample::<f64, _>(StandardNormal)).exp();
                (0..n_runs).map(|_| draw()).collect()
            };
            let n_found = (0..2_000)
                .filter(|_| run_level(&runs(0.0), &runs(shift)).is_some_and(|change| change.p_value < 0.05))
                .count();
            let power = n_found as f64 / 2_000.0;
            assert!((0.76..0.84).contains(&power), "{power} with {n_runs} runs");
        }
    }

    #[test]
    fn the_spread_of_single_runs_is_told_apart() {
        let figure = |half: f64| RunFigure { value: 1.0, interval: Some(((-half).exp(), half.exp())) };
        let bare = RunFigure { value: 1.2, interval: None };
        let figures = [figure(0.2262157), figure(0.4524314), figure(0.1), bare];
        let noise = MetricNoise::of(Metric::Quantile(0.99), &figures).unwrap();
        check(noise.within.unwrap(), 0.1);
        assert!(noise.between > 0.0 && noise.between < 0.1);
    }

    #[test]
    fn one_run_and_nothing_have_no_noise_and_equal_runs_none_at_all() {
        assert_eq!(noise(&[1.0]), None);
        assert_eq!(noise(&[1.0, 0.0]), None);
        let equal = noise(&[2.0; 5]).unwrap();
        assert!(equal.between < 1e-12 && equal.detectable_change < 1e-9);
        assert_eq!((equal.within, equal.runs_needed), (None, [Some(2); 3]));
    }
}
