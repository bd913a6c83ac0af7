//! The value axis of the heatmap: buckets of latency, and above them a row for timeouts and one for errors.

use std::ops::Range;

use super::{
    frame::{HEAD_ROOM, ValueAxis},
    heat::HeatRow,
};
use crate::humanize;

/// Height of the rows for timeouts and errors, and the gap between them, in points.
const ROW_HEIGHT: f32 = 13.0;
const ROW_GAP: f32 = 3.0;
/// Gap between latencies and rows: the label of the highest latency stands beside that of the first row.
const FIRST_GAP: f32 = 7.0;
const BUCKETS_PER_DECADE: f64 = 10.0;
/// Latencies that labels may stand at within a decade, from the sparsest to the densest.
const LABELS: [&[f64]; 3] = [&[1.0], &[1.0, 3.0], &[1.0, 2.0, 5.0]];
/// Height that a label needs, in points.
const LABEL_HEIGHT: f32 = 18.0;

/// Where the rows of a heatmap stand; one bucket is one on the axis.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatAxis {
    buckets: Range<usize>,
    pub timeouts: (f64, f64),
    pub errors: (f64, f64),
    end: f64,
    height: f32,
}

impl HeatAxis {
    /// For a plot of this height, in points.
    pub fn new(buckets: Range<usize>, height: f32) -> Self {
        let rows_height = FIRST_GAP + 2.0 * ROW_HEIGHT + ROW_GAP;
        let room = (height - HEAD_ROOM - rows_height).max(1.0);
        let per_point = buckets.len().max(1) as f64 / f64::from(room);
        let top = buckets.end.max(buckets.start + 1) as f64;
        let row = |n: f32| {
            let from = top + f64::from(FIRST_GAP + n * (ROW_HEIGHT + ROW_GAP)) * per_point;
            (from, from + f64::from(ROW_HEIGHT) * per_point)
        };
        let end = buckets.start as f64 + f64::from(height) * per_point;
        Self { buckets, timeouts: row(0.0), errors: row(1.0), end, height }
    }

    /// Where the latencies begin and end.
    pub fn latencies(&self) -> (f64, f64) {
        (self.buckets.start as f64, self.buckets.end as f64)
    }

    /// Where a latency stands.
    pub fn y_of_secs(&self, secs: f64) -> f64 {
        (secs * 1e6).max(1.0).log10() * BUCKETS_PER_DECADE
    }

    /// The row at a place of the axis.
    pub fn row_at(&self, y: f64) -> Option<HeatRow> {
        let is_in = |(from, to): (f64, f64)| from <= y && y < to;
        match y {
            _ if is_in(self.latencies()) => Some(HeatRow::Latency(y as usize)),
            _ if is_in(self.timeouts) => Some(HeatRow::Timeouts),
            _ if is_in(self.errors) => Some(HeatRow::Errors),
            _ => None,
        }
    }

    /// The axis with its labels: as many latencies as there is room for, and the two rows.
    pub fn value_axis(&self) -> ValueAxis {
        let (start, end) = self.latencies();
        let per_bucket = f64::from(self.height) / (self.end - start);
        let has_room = |places: &&&[f64]| {
            let closest = BUCKETS_PER_DECADE / places.len() as f64 * 0.8;
            closest * per_bucket >= f64::from(LABEL_HEIGHT)
        };
        let places = LABELS.iter().rev().find(has_room).copied().unwrap_or(LABELS[0]);
        let decades = (start / BUCKETS_PER_DECADE).floor() as i32..=(end / BUCKETS_PER_DECADE).ceil() as i32;
        let latencies =
            decades.flat_map(|decade| places.iter().map(move |place| place * 10f64.powi(decade) / 1e6));
        let labels = latencies
            .map(|secs| (self.y_of_secs(secs), humanize::latency_limit(secs)))
            .filter(|(y, _)| start <= *y && *y <= end);
        let middle = |(from, to): (f64, f64)| (from + to) / 2.0;
        let rows =
            [(middle(self.timeouts), "timeouts".to_owned()), (middle(self.errors), "errors".to_owned())];
        ValueAxis { start, end: self.end, marks: labels.chain(rows).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(buckets: Range<usize>, height: f32) -> Vec<String> {
        HeatAxis::new(buckets, height).value_axis().marks.into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn labels_are_as_many_as_there_is_room_for() {
        assert_eq!(labels(30..60, 150.0), ["1 ms", "10 ms", "100 ms", "1 s", "timeouts", "errors"]);
        assert_eq!(
            labels(35..50, 190.0),
            ["5 ms", "10 ms", "20 ms", "50 ms", "100 ms", "timeouts", "errors"]
        );
        assert_eq!(labels(0..70, 90.0)[..3], ["1 µs", "10 µs", "100 µs"]);
    }

    #[test]
    fn every_place_belongs_to_its_row() {
        let axis = HeatAxis::new(30..60, 150.0);
        assert_eq!(axis.row_at(axis.y_of_secs(0.026)), Some(HeatRow::Latency(44)));
        assert_eq!(axis.row_at(axis.timeouts.0), Some(HeatRow::Timeouts));
        assert_eq!(axis.row_at(axis.errors.0), Some(HeatRow::Errors));
        assert_eq!((axis.row_at(axis.errors.1 + 0.1), axis.row_at(29.9)), (None, None));
        // 24 points of head room: 150 points are the whole axis.
        let above = (axis.value_axis().end - axis.errors.1) / (axis.value_axis().end - 30.0) * 150.0;
        assert!((above - f64::from(HEAD_ROOM)).abs() < 0.01, "{above}");
    }
}
