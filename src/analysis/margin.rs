//! How far a figure is from its limit.

use crate::humanize;
use crate::model::{Metric, Unit};

use super::Reading;

/// How far a figure is from its limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margin {
    reading: Reading,
    limit: f64,
}

impl Margin {
    pub fn of(reading: Reading, limit: f64) -> Self {
        Self { reading, limit }
    }

    /// What is left until the limit, in the metric's unit; negative where it is missed.
    pub fn room(&self) -> f64 {
        let room = self.limit - self.reading.value;
        if self.reading.metric.higher_is_better() { -room } else { room }
    }

    /// The room ÷ what the limit allows, which of availability is the share that may fail; none where that is nothing.
    pub fn room_ratio(&self) -> Option<f64> {
        let allowed = match self.reading.metric {
            Metric::Availability => 1.0 - self.limit,
            _ => self.limit,
        };
        (allowed > 0.0).then(|| self.room() / allowed)
    }

    /// The margin in the metric's unit and as a share of the limit: `26.0 ms to spare (26.0 %)`.
    pub fn text(&self) -> String {
        let room = self.room();
        if room == 0.0 && !self.reading.is_censored {
            return "at the limit".to_owned();
        }
        let amount = match self.reading.metric.unit() {
            Unit::Seconds => humanize::latency_secs(room.abs()),
            Unit::Ratio => humanize::percent_points(room.abs()),
            Unit::PerSecond => humanize::rate(room.abs()),
        };
        let side = match (room < 0.0, self.reading.metric.higher_is_better()) {
            (false, _) => "to spare",
            (true, false) => "over",
            (true, true) => "short",
        };
        let share = match self.room_ratio() {
            None => String::new(),
            // Thousands of percent tell nobody anything.
            Some(ratio) if ratio <= -9.5 => {
                format!(" ({} × limit)", humanize::count((1.0 - ratio).round() as u64))
            }
            Some(ratio) => format!(" ({})", humanize::change(ratio.abs()).trim_start_matches(['+', '±'])),
        };
        // Longer than the timeout by nobody knows how much: the true value lies further over.
        let bound = if self.reading.is_censored { "> " } else { "" };
        format!("{bound}{amount} {side}{share}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(metric: Metric, value: f64, limit: f64) -> String {
        Margin::of(Reading { metric, value, is_censored: false }, limit).text()
    }

    #[test]
    fn margins_say_which_side_of_the_limit_and_how_far() {
        let p95 = Metric::Quantile(0.95);
        assert_eq!(text(p95, 0.074, 0.1), "26.0 ms to spare (26.0 %)");
        assert_eq!(text(p95, 0.112, 0.1), "12.0 ms over (12.0 %)");
        assert_eq!(text(p95, 0.1, 0.1), "at the limit");
        assert_eq!(text(Metric::ErrorShare, 0.0042, 0.01), "0.58 pp to spare (58.0 %)");
        assert_eq!(text(Metric::ErrorShare, 0.02, 0.0), "2 pp over");
        assert_eq!(text(Metric::ErrorShare, 0.34, 0.001), "33.9 pp over (340 × limit)");
        assert_eq!(text(Metric::Availability, 0.985, 0.99), "0.5 pp short (50.0 %)");
        assert_eq!(text(Metric::Availability, 1.0, 0.999), "0.1 pp to spare (100 %)");
        assert_eq!(text(Metric::Throughput, 120.0, 100.0), "20.0/s to spare (20.0 %)");
        assert_eq!(text(Metric::Throughput, 60.0, 100.0), "40.0/s short (40.0 %)");
    }

    #[test]
    fn what_the_timeout_hides_is_at_least_so_far_over() {
        let reading = Reading { metric: Metric::Quantile(0.95), value: 30.0, is_censored: true };
        let margin = Margin::of(reading, 10.0);
        assert_eq!(margin.text(), "> 20.0 s over (200 %)");
        assert!((margin.room_ratio().unwrap() + 2.0).abs() < 1e-12);
    }
}
