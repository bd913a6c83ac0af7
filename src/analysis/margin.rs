//! How far a figure is from its limit.

use crate::humanize;
use crate::model::Unit;

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

    /// The room ÷ the limit; none where the limit is nothing.
    pub fn room_ratio(&self) -> Option<f64> {
        (self.limit > 0.0).then(|| self.room() / self.limit)
    }

    /// The margin in the metric's unit and as a share of the limit: `26.0 ms (26 %) to spare`.
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
        let share = self.room_ratio().map_or_else(String::new, |ratio| {
            // A hundredth of a percent of a limit is beyond what anyone asks.
            format!(" ({})", humanize::change(ratio.abs()).trim_start_matches(['+', '±']))
        });
        let side = match (room < 0.0, self.reading.metric.higher_is_better()) {
            (false, _) => "to spare",
            (true, false) => "over",
            (true, true) => "short",
        };
        // Longer than the timeout by nobody knows how much: the true value lies further over.
        let bound = if self.reading.is_censored { "> " } else { "" };
        format!("{bound}{amount}{share} {side}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Metric;

    fn text(metric: Metric, value: f64, limit: f64) -> String {
        Margin::of(Reading { metric, value, is_censored: false }, limit).text()
    }

    #[test]
    fn margins_say_which_side_of_the_limit_and_how_far() {
        let p95 = Metric::Quantile(0.95);
        assert_eq!(text(p95, 0.074, 0.1), "26.0 ms (26.0 %) to spare");
        assert_eq!(text(p95, 0.112, 0.1), "12.0 ms (12.0 %) over");
        assert_eq!(text(p95, 0.1, 0.1), "at the limit");
        assert_eq!(text(Metric::ErrorShare, 0.0042, 0.01), "0.58 pp (58.0 %) to spare");
        assert_eq!(text(Metric::ErrorShare, 0.02, 0.0), "2 pp over");
        assert_eq!(text(Metric::Availability, 0.985, 0.99), "0.5 pp (0.51 %) short");
        assert_eq!(text(Metric::Throughput, 120.0, 100.0), "20.0/s (20.0 %) to spare");
        assert_eq!(text(Metric::Throughput, 60.0, 100.0), "40.0/s (40.0 %) short");
    }

    #[test]
    fn what_the_timeout_hides_is_at_least_so_far_over() {
        let reading = Reading { metric: Metric::Quantile(0.95), value: 30.0, is_censored: true };
        let margin = Margin::of(reading, 10.0);
        assert_eq!(margin.text(), "> 20.0 s (200 %) over");
        assert!((margin.room_ratio().unwrap() + 2.0).abs() < 1e-12);
    }
}
