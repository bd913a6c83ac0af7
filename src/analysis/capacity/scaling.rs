//! Throughput and latency against concurrency: the fitted law, and where the curves turn.

use super::{
    knee::{Bend, knee},
    usl::{Usl, UslPoint, UslRefusal},
};
use crate::analysis::stats::Estimate;

/// What concurrency is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Concurrency {
    /// Virtual users of a closed model.
    Users,
    /// Requests in flight on average, as an open model came to.
    InFlight,
    /// As a file says.
    #[default]
    Stated,
}

/// What came through at one level.
#[derive(Clone, Debug, PartialEq)]
pub struct ScalingPoint {
    /// Of its stage; empty in a file.
    pub name: String,
    /// What was asked for: users, arrivals per second, or the concurrency itself.
    pub level: f64,
    pub concurrency: f64,
    /// Successful requests per second.
    pub throughput: Estimate,
    /// 95th percentile, or the latency of a file.
    pub latency_secs: Option<f64>,
}

/// How throughput and latency grow with concurrency.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    pub concurrency: Concurrency,
    /// In order of the level.
    pub points: Vec<ScalingPoint>,
    pub usl: Result<Usl, UslRefusal>,
    /// The level at which throughput flattens, as an aid for the eye.
    pub throughput_knee: Option<f64>,
    /// The level at which latency begins to climb.
    pub latency_knee: Option<f64>,
}

impl Default for Scaling {
    fn default() -> Self {
        Self::new(Concurrency::default(), Vec::new())
    }
}

impl Scaling {
    /// Of points in any order.
    pub fn new(concurrency: Concurrency, mut points: Vec<ScalingPoint>) -> Self {
        points.sort_by(|a, b| a.level.total_cmp(&b.level));
        let of_law = |point: &ScalingPoint| UslPoint {
            concurrency: point.concurrency,
            throughput_per_sec: point.throughput.value,
            level: point.level,
        };
        let law: Vec<UslPoint> = points.iter().map(of_law).collect();
        let throughput = points.iter().map(|point| (point.level, point.throughput.value));
        let latency = points.iter().filter_map(|point| Some((point.level, point.latency_secs?)));
        Self {
            concurrency,
            usl: Usl::fit(&law),
            throughput_knee: knee_level(worst(throughput, f64::min), Bend::Concave),
            latency_knee: knee_level(worst(latency, f64::max), Bend::Convex),
            points,
        }
    }

    /// How many different levels there are.
    pub fn n_levels(&self) -> usize {
        let mut levels: Vec<f64> = self.points.iter().map(|point| point.level).collect();
        levels.dedup();
        levels.len()
    }
}

/// One figure for each level in order: of repeated levels the worse, because percentiles have no mean.
fn worst(points: impl Iterator<Item = (f64, f64)>, worse: impl Fn(f64, f64) -> f64) -> Vec<(f64, f64)> {
    let mut by_level: Vec<(f64, f64)> = Vec::new();
    for (level, figure) in points {
        match by_level.last_mut() {
            Some(last) if last.0 == level => last.1 = worse(last.1, figure),
            _ => by_level.push((level, figure)),
        }
    }
    by_level
}

fn knee_level(points: Vec<(f64, f64)>, bend: Bend) -> Option<f64> {
    knee(&points, bend).map(|index| points[index].0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(level: f64, throughput_per_sec: f64, latency_millis: f64) -> ScalingPoint {
        ScalingPoint {
            name: String::new(),
            level,
            concurrency: level,
            throughput: Estimate { value: throughput_per_sec, low: None, high: None },
            latency_secs: Some(latency_millis / 1e3),
        }
    }

    #[test]
    fn points_may_come_in_any_order_and_levels_may_be_repeated() {
        let rows = [
            point(160.0, 830.0, 190.0),
            point(10.0, 100.0, 5.0),
            point(20.0, 200.0, 5.2),
            point(80.0, 790.0, 12.0),
            point(40.0, 400.0, 5.5),
            point(120.0, 820.0, 60.0),
            point(80.0, 780.0, 11.0),
        ];
        let scaling = Scaling::new(Concurrency::Users, rows.to_vec());
        assert!(scaling.points.is_sorted_by(|a, b| a.level <= b.level));
        assert_eq!((scaling.n_levels(), scaling.usl.as_ref().unwrap().n_levels), (6, 6));
        assert_eq!(scaling.usl.as_ref().unwrap().n_points, 7);
        assert_eq!((scaling.throughput_knee, scaling.latency_knee), (Some(80.0), Some(120.0)));
    }

    #[test]
    fn nothing_has_no_curve_and_no_knee() {
        let nothing = Scaling::default();
        assert_eq!(nothing.usl, Err(UslRefusal::TooFewLevels(0)));
        assert_eq!((nothing.throughput_knee, nothing.latency_knee), (None, None));
    }
}
