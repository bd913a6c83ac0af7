//! What a series is set beside, and the pairs of seconds that both come to.

use std::time::Duration;

use crate::app::charts::ChartUnit;
use crate::metrics::{ResourceSeries, SecondPoint};
use crate::model::Plan;

/// Seconds by which a measure may be taken later or earlier.
pub const MAX_LAG: i32 = 30;

/// A measure of the load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    Throughput,
    P50,
    #[default]
    P95,
    P99,
    ErrorShare,
}

/// One second of the series beside the measure so much later.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    /// Of the series.
    pub second: u32,
    pub stage: usize,
    pub series: f64,
    pub measure: f64,
}

impl Measure {
    pub const ALL: [Self; 5] = [Self::Throughput, Self::P50, Self::P95, Self::P99, Self::ErrorShare];

    pub fn name(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::P50 => "p50",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::ErrorShare => "error share",
        }
    }

    pub fn unit(self) -> ChartUnit {
        match self {
            Self::Throughput => ChartUnit::PerSecond,
            Self::P50 | Self::P95 | Self::P99 => ChartUnit::Seconds,
            Self::ErrorShare => ChartUnit::Ratio,
        }
    }

    pub fn of(self, point: &SecondPoint) -> Option<f64> {
        let secs = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
        match self {
            Self::Throughput => Some(point.completed_per_sec),
            Self::P50 => secs(point.p50),
            Self::P95 => secs(point.p95),
            Self::P99 => secs(point.p99),
            Self::ErrorShare => {
                let n_ended: u64 = point.n_by_outcome.iter().sum();
                (n_ended > 0).then(|| (point.errors_per_sec / n_ended as f64).min(1.0))
            }
        }
    }

    /// Second and value, of the seconds that have one within a stretch.
    pub fn values(self, points: &[SecondPoint], within: Option<(u32, u32)>) -> Vec<(u32, f64)> {
        let inside = points.iter().filter(|point| is_within(point.second, within));
        inside.filter_map(|point| Some((point.second, self.of(point)?))).collect()
    }
}

/// Second and value of a series, of the seconds that were read within a stretch.
pub fn series_values(series: &ResourceSeries, within: Option<(u32, u32)>) -> Vec<(u32, f64)> {
    let read = (0..series.values.len() as u32).filter(|second| is_within(*second, within));
    read.filter_map(|second| Some((second, series.at(second)?))).collect()
}

fn is_within(second: u32, within: Option<(u32, u32)>) -> bool {
    within.is_none_or(|(from, to)| (from..to).contains(&second))
}

/// Each second of the series beside the measure `lag` seconds later; both are in order of time.
pub fn pairs(series: &[(u32, f64)], measure: &[(u32, f64)], lag: i32, plan: &Plan) -> Vec<Pair> {
    let later = |second: u32| {
        let at = second.checked_add_signed(lag)?;
        let place = measure.binary_search_by_key(&at, |(second, _)| *second).ok()?;
        Some(measure[place].1)
    };
    let pair = |(second, value): &(u32, f64)| {
        let middle = Duration::from_millis(u64::from(*second) * 1_000 + 500);
        Some(Pair { second: *second, stage: plan.stage_at(middle), series: *value, measure: later(*second)? })
    };
    series.iter().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::sample;

    #[test]
    fn a_second_stands_beside_the_measure_so_much_later_and_gaps_beside_nothing() {
        let record = sample::watched();
        let plan = record.plan();
        let hits = record.watched.series("cache", "hit share").unwrap();
        let series = series_values(hits, None);
        assert_eq!(series.len(), 35);
        let measure = Measure::Throughput.values(&record.points, None);
        assert_eq!(measure.len(), 40);
        let at = |lag| pairs(&series, &measure, lag, &plan);
        assert_eq!((at(0).len(), at(3).len(), at(-3).len()), (35, 32, 32));
        let (first, last) = (at(0)[0], *at(0).last().unwrap());
        assert_eq!((first.second, first.stage, last.second, last.stage), (0, 0, 39, 2));
        assert_eq!(series_values(hits, Some((18, 27))).len(), 4);
        assert_eq!(Measure::P95.values(&record.points, Some((3, 5))).len(), 2);
    }

    #[test]
    fn error_shares_are_of_what_ended_in_the_second() {
        let record = sample::record(sample::scenario());
        let mut point = record.points[0].clone();
        point.errors_per_sec = point.n_by_outcome.iter().sum::<u64>() as f64 / 4.0;
        assert_eq!(Measure::ErrorShare.of(&point), Some(0.25));
        point.n_by_outcome.fill(0);
        assert_eq!(Measure::ErrorShare.of(&point), None);
    }
}
