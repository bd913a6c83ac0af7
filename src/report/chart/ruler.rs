//! Values along an axis: round ends, marks at round numbers, and where a value lies on the paper.

use std::time::Duration;

use super::{Axis, Quantity, Scale};
use crate::humanize;
use crate::model::Metric;

/// Steps on a time axis, in seconds.
const TIME_STEPS: [f64; 16] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1_800.0, 3_600.0, 7_200.0, 21_600.0,
    86_400.0,
];

/// Multiples of a power of ten that a logarithmic axis may have marks at, the densest first.
const LOG_PLACES: [&[f64]; 3] = [&[1.0, 2.0, 5.0], &[1.0, 3.0], &[1.0]];

/// An axis with its ends, before it is known how long it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruler {
    pub from: f64,
    pub to: f64,
    pub is_log: bool,
    pub quantity: Quantity,
    pub names: Vec<String>,
}

/// A mark with its words.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    pub value: f64,
    pub label: String,
}

impl Ruler {
    /// For values between these, of which there may be none; `n_marks` is how many marks there is room for.
    pub fn new(axis: &Axis, values: Option<(f64, f64)>, n_marks: usize) -> Self {
        let (low, high) = values.unwrap_or((0.0, 0.0));
        let ruler = |from, to| Self {
            from,
            to,
            is_log: axis.scale == Scale::Log,
            quantity: axis.quantity,
            names: Vec::new(),
        };
        match &axis.scale {
            Scale::Names(names) => Self { names: names.clone(), ..ruler(0.0, names.len().max(1) as f64) },
            Scale::Log => {
                let from = axis.from.filter(|from| *from > 0.0);
                let low = from.unwrap_or_else(|| if low > 0.0 { round_below(low) } else { 1e-3 });
                let high = axis.to.unwrap_or_else(|| round_above(high.max(low)));
                ruler(low, if high > low { high } else { low * 10.0 })
            }
            Scale::Linear => {
                let from = axis.from.unwrap_or(low.min(0.0));
                let to = axis.to.unwrap_or(high.max(from));
                let step = step_of(axis.quantity, to - from, n_marks);
                let from = axis.from.unwrap_or_else(|| (from / step + 1e-9).floor() * step);
                let to = axis.to.unwrap_or_else(|| from + ((to - from) / step - 1e-9).ceil().max(1.0) * step);
                ruler(from, if to > from { to } else { from + step })
            }
        }
    }

    /// Where a value lies between the ends: 0 to 1.
    pub fn place(&self, value: f64) -> f64 {
        let place = if self.is_log {
            (value.max(f64::MIN_POSITIVE) / self.from).ln() / (self.to / self.from).ln()
        } else {
            (value - self.from) / (self.to - self.from)
        };
        place.clamp(0.0, 1.0)
    }

    /// Whether a value lies within the ends.
    pub fn contains(&self, value: f64) -> bool {
        let slack = (self.to - self.from) * 1e-9;
        value >= self.from - slack && value <= self.to + slack
    }

    /// Marks at round numbers, at most about so many.
    pub fn ticks(&self, n_marks: usize) -> Vec<Tick> {
        let n_marks = n_marks.max(2);
        if !self.names.is_empty() {
            let tick =
                |(index, name): (usize, &String)| Tick { value: index as f64 + 0.5, label: name.clone() };
            return self.names.iter().enumerate().map(tick).collect();
        }
        let values = match (self.quantity, self.is_log) {
            (Quantity::Quantile, true) => self.quantile_values(n_marks),
            (_, true) => self.log_values(n_marks),
            _ => self.linear_values(n_marks),
        };
        values.into_iter().map(|value| Tick { value, label: words(self.quantity, value) }).collect()
    }

    fn linear_values(&self, n_marks: usize) -> Vec<f64> {
        let step = step_of(self.quantity, self.to - self.from, n_marks);
        let first = (self.from / step - 1e-9).ceil() as i64;
        let last = (self.to / step + 1e-9).floor() as i64;
        (first..=last).map(|n| n as f64 * step).collect()
    }

    fn log_values(&self, n_marks: usize) -> Vec<f64> {
        let decades = self.from.log10().floor() as i32..=self.to.log10().ceil() as i32;
        let of = |places: &[f64]| -> Vec<f64> {
            let all =
                decades.clone().flat_map(|decade| places.iter().map(move |place| place * 10f64.powi(decade)));
            all.filter(|value| self.contains(*value)).collect()
        };
        let fitting = LOG_PLACES.iter().map(|places| of(places)).find(|values| values.len() <= n_marks);
        let values = fitting.unwrap_or_else(|| {
            let powers = of(LOG_PLACES[2]);
            let every = powers.len().div_ceil(n_marks);
            powers.into_iter().step_by(every).collect()
        });
        if values.len() < 2 { self.linear_values(n_marks) } else { values }
    }

    /// The median, and then a mark for each nine.
    fn quantile_values(&self, n_marks: usize) -> Vec<f64> {
        let nines = (1..=9).map(|n| 10f64.powi(n));
        [1.0, 2.0, 4.0]
            .into_iter()
            .chain(nines)
            .filter(|value| self.contains(*value))
            .take(n_marks + 3)
            .collect()
    }
}

/// A value as its axis prints it.
pub fn words(quantity: Quantity, value: f64) -> String {
    match quantity {
        Quantity::Clock => humanize::clock(Duration::from_secs_f64(value.max(0.0).round())),
        Quantity::Quantile => quantile_words(value),
        _ if value == 0.0 => "0".to_owned(),
        Quantity::Number | Quantity::Count | Quantity::Users => trimmed(humanize::number(value)),
        Quantity::Rate => humanize::level(value, true),
        Quantity::Latency => humanize::latency_limit(value),
        Quantity::Ratio => humanize::percent(value),
        Quantity::Bytes => match humanize::bytes(value.max(0.0) as u64).split_once(' ') {
            Some((digits, unit)) => format!("{} {unit}", trimmed(digits.to_owned())),
            None => humanize::MISSING.to_owned(),
        },
    }
}

fn quantile_words(odds: f64) -> String {
    if odds <= 1.0 {
        return "p0".to_owned();
    }
    // As many digits as there are nines, so that 1 − 1/1,000 is 0.999 and nothing beside it.
    let digits = 10f64.powf(odds.log10().ceil() + 1.0);
    Metric::Quantile(((1.0 - 1.0 / odds) * digits).round() / digits).to_string()
}

fn trimmed(text: String) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A round step that cuts `extent` into at most `n_parts`.
fn step_of(quantity: Quantity, extent: f64, n_parts: usize) -> f64 {
    let rough = extent / n_parts.max(1) as f64;
    match quantity {
        Quantity::Clock => TIME_STEPS.into_iter().find(|step| *step >= rough).unwrap_or(rough),
        // Half a user is none.
        Quantity::Count | Quantity::Users => round_step(rough).max(1.0),
        Quantity::Bytes => binary_step(rough),
        _ => round_step(rough),
    }
}

/// 1, 2 or 5 times a power of ten.
fn round_step(rough: f64) -> f64 {
    if !rough.is_finite() || rough <= 0.0 {
        return 1.0;
    }
    let power = 10f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    steps.into_iter().find(|step| *step >= rough * 0.999).unwrap_or(rough)
}

/// 1, 2, 5, 10, 20 … 500 times a power of 1,024.
fn binary_step(rough: f64) -> f64 {
    if !rough.is_finite() || rough <= 1.0 {
        return 1.0;
    }
    let unit = 1_024f64.powf((rough.ln() / 1_024f64.ln()).floor());
    (round_step(rough / unit) * unit).max(1.0)
}

fn round_below(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    let places = [5.0, 2.0, 1.0].map(|factor| factor * power);
    places.into_iter().find(|place| *place <= value * 1.000_001).unwrap_or(power)
}

fn round_above(value: f64) -> f64 {
    let power = 10f64.powf(value.log10().floor());
    let places = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power);
    places.into_iter().find(|place| *place >= value * 0.999_999).unwrap_or(power * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis, values: (f64, f64), n_marks: usize) -> Vec<String> {
        let ruler = Ruler::new(axis, Some(values), n_marks);
        ruler.ticks(n_marks).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn linear_axes_begin_at_zero_and_end_at_round_numbers_with_units() {
        let axis = |quantity| Axis::of("", quantity);
        assert_eq!(
            labels(&axis(Quantity::Latency), (0.02, 0.084), 5),
            ["0", "20 ms", "40 ms", "60 ms", "80 ms", "100 ms"]
        );
        assert_eq!(labels(&axis(Quantity::Rate), (0.0, 1_180.0), 4), ["0", "500/s", "1,000/s", "1,500/s"]);
        assert_eq!(
            labels(&axis(Quantity::Ratio), (0.0, 0.0031), 4),
            ["0", "0.1 %", "0.2 %", "0.3 %", "0.4 %"]
        );
        assert_eq!(labels(&axis(Quantity::Users), (0.0, 2.0), 8), ["0", "1", "2"]);
        assert_eq!(
            labels(&axis(Quantity::Bytes), (0.0, 40e6), 4),
            ["0", "10 MiB", "20 MiB", "30 MiB", "40 MiB"]
        );
        assert_eq!(
            labels(&axis(Quantity::Number), (-0.4, 0.6), 5),
            ["−0.4", "−0.2", "0", "0.2", "0.4", "0.6"]
        );
    }

    #[test]
    fn time_reads_as_a_clock() {
        assert_eq!(
            labels(&Axis::time(660.0), (0.0, 660.0), 7),
            ["0:00", "2:00", "4:00", "6:00", "8:00", "10:00"]
        );
        assert_eq!(
            labels(&Axis::time(7_200.0), (0.0, 0.0), 5),
            ["0:00", "30:00", "1:00:00", "1:30:00", "2:00:00"]
        );
    }

    #[test]
    fn logarithmic_axes_have_as_many_marks_as_there_is_room_for() {
        let axis = Axis::of("", Quantity::Latency).log();
        assert_eq!(
            labels(&axis, (0.0021, 0.9), 9),
            ["2 ms", "5 ms", "10 ms", "20 ms", "50 ms", "100 ms", "200 ms", "500 ms", "1 s"]
        );
        assert_eq!(labels(&axis, (0.0021, 0.9), 4), ["10 ms", "100 ms", "1 s"]);
        assert_eq!(labels(&axis, (1e-6, 900.0), 5), ["1 µs", "100 µs", "10 ms", "1 s", "100 s"]);
    }

    #[test]
    fn percentiles_are_spread_by_their_nines() {
        let axis = Axis::of("", Quantity::Quantile).log().from(1.0);
        assert_eq!(labels(&axis, (1.0, 20_000.0), 9), ["p0", "p50", "p75", "p90", "p99", "p99.9", "p99.99"]);
        assert_eq!(words(Quantity::Quantile, 100_000.0), "p99.999");
    }

    #[test]
    fn an_axis_without_values_still_has_ends() {
        for axis in [Axis::of("", Quantity::Rate), Axis::of("", Quantity::Latency).log(), Axis::names(vec![])]
        {
            let ruler = Ruler::new(&axis, None, 4);
            assert!(ruler.to > ruler.from, "{ruler:?}");
            assert!(ruler.place(ruler.from).is_finite() && ruler.place(0.0).is_finite());
        }
    }
}
