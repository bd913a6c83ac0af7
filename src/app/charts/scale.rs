//! Round numbers for axes: steps that people count in, for values and for time.

use std::ops::RangeInclusive;

use egui_plot::GridMark;

/// Steps on a time axis, in seconds.
const TIME_STEPS: [f64; 16] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 21_600.0,
    86_400.0,
];

/// A step of 1, 2 or 5 times a power of ten that cuts `extent` into at most `n_parts`.
pub fn round_step(extent: f64, n_parts: usize) -> f64 {
    let rough = extent / n_parts.max(1) as f64;
    if !rough.is_finite() || rough <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(rough.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(rough)
}

/// A step of whole seconds, minutes or hours that cuts `extent` seconds into at most `n_parts`.
pub fn time_step(extent: f64, n_parts: usize) -> f64 {
    let rough = extent / n_parts.max(1) as f64;
    TIME_STEPS.into_iter().find(|step| *step >= rough).unwrap_or(TIME_STEPS[TIME_STEPS.len() - 1])
}

/// The end of an axis that starts at zero: the next whole step at or above `highest`.
pub fn axis_end(highest: f64, step: f64) -> f64 {
    // The tolerance keeps 0.3 / 0.1 from asking for a fourth step.
    ((highest / step - 1e-9).ceil() * step).max(step)
}

/// Every whole step within `range`.
pub fn steps(range: RangeInclusive<f64>, step: f64) -> impl Iterator<Item = f64> {
    let (from, to) =
        ((range.start() / step - 1e-9).ceil() as i64, (range.end() / step + 1e-9).floor() as i64);
    (from..=to).map(move |n| n as f64 * step)
}

/// Marks at every whole step within `range`.
pub fn marks(range: RangeInclusive<f64>, step: f64) -> Vec<GridMark> {
    steps(range, step).map(|value| GridMark { value, step_size: step }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_end(highest: f64, expected: f64) {
        let end = axis_end(highest, round_step(highest, 4));
        assert!((end - expected).abs() < 1e-9, "{highest}: {end}, expected {expected}");
    }

    #[test]
    fn axes_end_at_round_numbers() {
        check_end(193.0, 200.0);
        check_end(0.3, 0.3);
        check_end(0.012, 0.015);
        check_end(1.0, 1.0);
        check_end(0.0, 1.0);
    }

    #[test]
    fn time_is_cut_at_whole_units() {
        assert_eq!(time_step(60.0, 6), 10.0);
        assert_eq!(time_step(3_600.0, 8), 600.0);
        assert_eq!(
            marks(0.0..=60.0, 15.0).iter().map(|mark| mark.value).collect::<Vec<_>>(),
            [0., 15., 30., 45., 60.]
        );
    }
}
