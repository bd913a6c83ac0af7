//! Counts that add up, stacked: one bar per second, or the mean of several where there are more seconds than pixels.

use std::ops::RangeInclusive;

use super::Series;

/// One bar: where each layer ends, counted from zero.
#[derive(Clone, Debug, PartialEq)]
pub struct StackBar {
    pub from_secs: f64,
    pub to_secs: f64,
    pub tops: Vec<f64>,
}

/// The bars within `range`, in at most `n_columns` columns; layers share their times, one value per second.
// Means of counts are exact: the sum of the column's seconds is the bar times its measured seconds.
pub fn stack(layers: &[&Series], range: &RangeInclusive<f64>, n_columns: usize) -> Vec<StackBar> {
    let Some(first) = layers.first() else { return Vec::new() };
    let (start, end) = (range.start().floor().max(0.0), range.end().ceil());
    let secs_per_bar = ((end - start) / n_columns.max(1) as f64).ceil().max(1.0);
    let from = first.points.partition_point(|point| point.at_secs < start);
    let to = first.points.partition_point(|point| point.at_secs < end);
    let column_of = |index: &usize| (first.points[*index].at_secs / secs_per_bar).floor() as i64;
    let indices: Vec<usize> = (from..to).collect();
    let bars = indices.chunk_by(|a, b| {
        let is_measured = |index: &usize| first.points[*index].value.is_some();
        column_of(a) == column_of(b) && is_measured(a) == is_measured(b)
    });
    bars.filter_map(|seconds| {
        first.points[seconds[0]].value?;
        let mut top = 0.0;
        let tops = layers.iter().map(|layer| {
            let values = seconds.iter().filter_map(|index| layer.points.get(*index)?.value);
            top += values.sum::<f64>() / seconds.len() as f64;
            top
        });
        Some(StackBar {
            tops: tops.collect(),
            from_secs: first.points[seconds[0]].at_secs.floor(),
            to_secs: first.points[seconds[seconds.len() - 1]].at_secs.floor() + 1.0,
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::charts::TimePoint;

    fn layer(values: impl IntoIterator<Item = Option<f64>>) -> Series {
        let point = |(second, value): (usize, Option<f64>)| TimePoint { at_secs: second as f64 + 0.5, value };
        Series::new("layer", 0, values.into_iter().enumerate().map(point).collect())
    }

    #[test]
    fn layers_stand_on_each_other_and_gaps_stay_gaps() {
        let (low, high) = (layer([Some(1.0), None, Some(4.0)]), layer([Some(2.0), None, Some(0.0)]));
        let bars = stack(&[&low, &high], &(0.0..=3.0), 100);
        let of =
            |from_secs, tops: [f64; 2]| StackBar { from_secs, to_secs: from_secs + 1.0, tops: tops.to_vec() };
        assert_eq!(bars, [of(0.0, [1.0, 3.0]), of(2.0, [4.0, 4.0])]);
    }

    #[test]
    fn many_seconds_of_a_pixel_keep_their_sum() {
        let values: Vec<f64> = (0..7_200).map(|second| f64::from(second % 7)).collect();
        let low = layer(values.iter().map(|value| Some(*value)));
        let high = layer(values.iter().map(|_| Some(2.0)));
        let bars = stack(&[&low, &high], &(0.0..=7_200.0), 500);
        assert_eq!(bars.len(), 480);
        let area: f64 = bars.iter().map(|bar| bar.tops[1] * (bar.to_secs - bar.from_secs)).sum();
        let sum: f64 = values.iter().sum::<f64>() + 2.0 * 7_200.0;
        assert!((area - sum).abs() < 1e-6, "{area} and {sum}");
    }
}
