//! Friendly steps of time and level, for snapping and for the marks of the axes. Pure.

/// Steps of time that people count in, in seconds.
const TIME_STEPS: [f64; 16] = [
    0.5, 1.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 21_600.0,
    86_400.0,
];

/// The smallest friendly step of time that is at least `secs`.
pub fn time_step(secs: f64) -> f64 {
    TIME_STEPS.into_iter().find(|step| *step >= secs).unwrap_or(86_400.0)
}

/// The smallest of …, 1, 2, 5, 10, 20, 50, … that is at least `level`.
pub fn level_step(level: f64) -> f64 {
    if level <= 0.0 || !level.is_finite() {
        return 1.0;
    }
    let power = 10_f64.powf(level.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|digit| digit * power)
        .find(|step| *step >= level * 0.999_999)
        .unwrap_or(power)
}

/// The multiple of `step` nearest to `value`.
pub fn snapped(value: f64, step: f64) -> f64 {
    let multiple = (value / step).round() * step;
    // Steps below one are no binary fractions: cut the noise that would show in the table.
    (multiple * 1e6).round() / 1e6
}

/// Marks at multiples of `step` from 0 to `max`.
pub fn marks(step: f64, max: f64) -> impl Iterator<Item = f64> {
    let n_marks = (max / step).floor().clamp(0.0, 1_000.0) as usize;
    (0..=n_marks).map(move |index| index as f64 * step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_those_that_people_count_in() {
        assert_eq!([0.1, 0.6, 3.0, 12.0, 61.0, 1e9].map(time_step), [0.5, 1.0, 5.0, 15.0, 120.0, 86_400.0]);
        assert_eq!([0.03, 0.1, 3.0, 5.0, 7.0, 120.0].map(level_step), [0.05, 0.1, 5.0, 5.0, 10.0, 200.0]);
    }

    #[test]
    fn snapping_leaves_no_binary_noise() {
        assert_eq!(snapped(0.31, 0.1), 0.3);
        assert_eq!(snapped(17.4, 5.0), 15.0);
    }
}
