//! Fewer points than pixels: the lowest and the highest of each pixel column, so that no spike is lost.

use std::ops::RangeInclusive;

use egui_plot::PlotPoint;

use super::TimePoint;

/// Unbroken pieces of a line; nothing is drawn between two pieces.
pub type Pieces = Vec<Vec<PlotPoint>>;

/// The points within `range` and one neighbour on each side, at most two per column, broken where nothing was measured.
pub fn decimate(points: &[TimePoint], range: &RangeInclusive<f64>, n_columns: usize) -> Pieces {
    let visible = visible_part(points, range);
    if visible.len() <= 2 * n_columns.max(1) {
        return pieces(visible.iter().copied());
    }
    let width = ((range.end() - range.start()) / n_columns.max(1) as f64).max(f64::MIN_POSITIVE);
    let column_of = |point: &TimePoint| ((point.at_secs - range.start()) / width).floor() as i64;
    let columns =
        visible.chunk_by(|a, b| column_of(a) == column_of(b) && a.value.is_some() == b.value.is_some());
    pieces(columns.flat_map(extremes))
}

/// The points that a chart of `range` can show: one more on each side lets lines run to the edge.
fn visible_part<'a>(points: &'a [TimePoint], range: &RangeInclusive<f64>) -> &'a [TimePoint] {
    let from = points.partition_point(|point| point.at_secs < *range.start()).saturating_sub(1);
    let to = (points.partition_point(|point| point.at_secs <= *range.end()) + 1).min(points.len());
    &points[from.min(to)..to]
}

/// Lowest and highest point of a column in order of time; a column of gaps is one gap.
fn extremes(column: &[TimePoint]) -> impl Iterator<Item = TimePoint> + use<> {
    let by_value =
        |a: &&TimePoint, b: &&TimePoint| a.value.partial_cmp(&b.value).unwrap_or(std::cmp::Ordering::Equal);
    let lowest = column.iter().min_by(by_value).copied();
    let highest = column.iter().max_by(by_value).copied();
    let (first, second) = match (lowest, highest) {
        (Some(low), Some(high)) if high.at_secs < low.at_secs => (Some(high), Some(low)),
        (Some(low), Some(high)) if high.at_secs > low.at_secs => (Some(low), Some(high)),
        (low, _) => (low, None),
    };
    first.into_iter().chain(second)
}

fn pieces(points: impl Iterator<Item = TimePoint>) -> Pieces {
    let mut pieces: Pieces = Vec::new();
    let mut is_broken = true;
    for point in points {
        let Some(value) = point.value else {
            is_broken = true;
            continue;
        };
        let point = PlotPoint::new(point.at_secs, value);
        match pieces.last_mut() {
            Some(piece) if !is_broken => piece.push(point),
            _ => pieces.push(vec![point]),
        }
        is_broken = false;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: &[Option<f64>]) -> Vec<TimePoint> {
        values.iter().enumerate().map(|(n, value)| TimePoint { at_secs: n as f64, value: *value }).collect()
    }

    #[test]
    fn spikes_survive_decimation() {
        let mut values = vec![Some(1.0); 10_000];
        values[4_321] = Some(99.0);
        values[7_777] = Some(-5.0);
        let pieces = decimate(&points(&values), &(0.0..=10_000.0), 100);
        let drawn: Vec<_> = pieces.iter().flatten().collect();
        assert!(drawn.len() <= 202, "{} points", drawn.len());
        assert!(drawn.iter().any(|point| point.y == 99.0));
        assert!(drawn.iter().any(|point| point.y == -5.0));
        assert!(drawn.iter().is_sorted_by_key(|point| point.x));
    }

    #[test]
    fn nothing_measured_breaks_the_line_and_is_never_zero() {
        let values = [Some(1.0), Some(2.0), None, Some(3.0), None, None, Some(4.0), Some(5.0)];
        let pieces = decimate(&points(&values), &(0.0..=7.0), 100);
        assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 2]);
        assert!(pieces.iter().flatten().all(|point| point.y > 0.0));
    }

    #[test]
    fn gaps_survive_decimation() {
        let mut values = vec![Some(1.0); 3_000];
        values[1_500] = None;
        assert_eq!(decimate(&points(&values), &(0.0..=3_000.0), 100).len(), 2);
    }

    #[test]
    fn only_the_visible_part_and_its_neighbours_are_drawn() {
        let pieces = decimate(&points(&[Some(1.0); 100]), &(10.0..=20.0), 500);
        assert_eq!(pieces[0].first().map(|point| point.x), Some(9.0));
        assert_eq!(pieces[0].last().map(|point| point.x), Some(21.0));
    }
}
