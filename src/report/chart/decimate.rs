//! As many points as the paper can show: the lowest and the highest of each column of pixels.

use super::Position;

/// A line whose points within one column of pixels are its lowest and its highest, in the order in which they came.
pub fn decimated(points: Vec<Position>) -> Vec<Position> {
    let Some((first, last)) = points.first().zip(points.last()) else { return points };
    let n_columns = (last.x - first.x).abs().ceil().max(1.0);
    if points.len() as f64 <= 2.0 * n_columns {
        return points;
    }
    let (first, last) = (*first, *last);
    let mut kept = vec![first];
    let mut column: Option<(f64, Position, Position)> = None;
    for point in points {
        let x = point.x.floor();
        match &mut column {
            Some((at, low, high)) if *at == x => {
                if point.y < low.y {
                    *low = point;
                } else if point.y > high.y {
                    *high = point;
                }
            }
            _ => {
                flush(&mut kept, column.take());
                column = Some((x, point, point));
            }
        }
    }
    flush(&mut kept, column);
    kept.push(last);
    kept.dedup();
    kept
}

fn flush(kept: &mut Vec<Position>, column: Option<(f64, Position, Position)>) {
    let Some((_, low, high)) = column else { return };
    let in_order = if low.x <= high.x { [low, high] } else { [high, low] };
    kept.extend(in_order);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_column_keeps_its_lowest_and_its_highest() {
        let wave =
            |n: usize| Position { x: n as f64 / 12.0, y: if n == 4_321 { 99.0 } else { (n % 7) as f64 } };
        let points = decimated((0..7_200).map(wave).collect());
        assert!(points.len() <= 2 * 600 + 2, "{}", points.len());
        assert!(points.is_sorted_by(|a, b| a.x <= b.x));
        for y in [0.0, 6.0, 99.0] {
            assert!(points.iter().any(|point| point.y == y), "{y} is lost");
        }
        assert_eq!((points[0].x, points[points.len() - 1].x), (0.0, 7_199.0 / 12.0));
    }

    #[test]
    fn few_points_are_all_drawn() {
        let points: Vec<_> = (0..40).map(|n| Position { x: f64::from(n) * 10.0, y: f64::from(n) }).collect();
        assert_eq!(decimated(points.clone()), points);
        assert!(decimated(Vec::new()).is_empty());
    }
}
