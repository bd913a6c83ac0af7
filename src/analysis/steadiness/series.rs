//! The medians of a stage, second by second.

use std::{ops::Range, time::Duration};

use crate::analysis::alignment::whole_seconds;
use crate::metrics::SecondPoint;

/// With fewer points nothing is told of a warm-up.
pub const MIN_POINTS: usize = 50;

/// The most points that changes of level are looked for in; of more, several in a row become one.
// Looking takes a time that grows with their square, and a hold of hours needs no single seconds.
const MAX_POINTS: usize = 1_200;

/// The medians of a stage.
pub struct Series {
    /// The whole seconds of the stage, pauses left out.
    pub seconds: Vec<u32>,
    /// Those that have a median of successful requests, with it in seconds.
    medians: Vec<(u32, f64)>,
}

impl Series {
    /// Within these spans of the run.
    pub fn of(spans: &[(Duration, Duration)], points: &[SecondPoint]) -> Self {
        let seconds = whole_seconds(spans);
        let median = |second: &u32| {
            let point = points.binary_search_by_key(second, |point| point.second).ok()?;
            Some((*second, points[point].p50?.as_secs_f64()))
        };
        let medians = seconds.iter().filter_map(median).collect();
        Self { seconds, medians }
    }

    /// From the first second to the end of the last; none without seconds.
    pub fn extent(&self) -> Option<Range<u32>> {
        Some(*self.seconds.first()?..*self.seconds.last()? + 1)
    }

    pub fn n_points(&self) -> usize {
        self.medians.len()
    }

    /// How many points in a row become one value.
    pub fn grain(&self) -> u32 {
        self.medians.len().div_ceil(MAX_POINTS).max(1) as u32
    }

    /// A value for each point, or the mean of several in a row.
    // Means of medians are what MSER-5 batches too: a level, and never shown as a percentile.
    pub fn values(&self) -> Vec<f64> {
        let mean = |points: &[(u32, f64)]| {
            points.iter().map(|(_, median)| median).sum::<f64>() / points.len() as f64
        };
        self.medians.chunks(self.grain() as usize).map(mean).collect()
    }

    /// The second in which a value begins; the end of the stage beyond the last.
    pub fn second_of(&self, value: usize, end: u32) -> u32 {
        let point = value * self.grain() as usize;
        match (value, self.medians.get(point)) {
            (0, _) => self.seconds.first().copied().unwrap_or(end),
            (_, Some((second, _))) => *second,
            (_, None) => end,
        }
    }
}
