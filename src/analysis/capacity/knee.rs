//! Kneedle: where a curve turns, as an aid for the eye. Satopää et al. 2011, sensitivity 1.
//!
//! No number of capacity rests on it: where a curve turns depends on how far its axes reach.

/// Fewer points show no turn.
pub const MIN_POINTS: usize = 4;

/// How far the difference curve has to fall behind a maximum, in mean steps of the axis.
const SENSITIVITY: f64 = 1.0;

/// How a curve that has a knee is bent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bend {
    /// Rises and flattens, as throughput does with load.
    Concave,
    /// Rises ever more steeply, as latency does with load.
    Convex,
}

/// The place of the knee among points in order of their first figure, all different; none where no local maximum passes.
// The difference curve y - x of the normalised points; a knee is a local maximum behind which it falls below the
// threshold y - S × mean step before it rises again. A convex curve is turned upside down and read from its end.
pub fn knee(points: &[(f64, f64)], bend: Bend) -> Option<usize> {
    if points.len() < MIN_POINTS || !points.is_sorted_by(|a, b| a.0 < b.0) {
        return None;
    }
    let xs = normalised(points.iter().map(|(x, _)| *x))?;
    let ys = normalised(points.iter().map(|(_, y)| *y))?;
    let differences: Vec<f64> = match bend {
        Bend::Concave => xs.iter().zip(&ys).map(|(x, y)| y - x).collect(),
        Bend::Convex => xs.iter().zip(&ys).rev().map(|(x, y)| x - y).collect(),
    };
    let found = first_knee(&differences)?;
    Some(match bend {
        Bend::Concave => found,
        Bend::Convex => points.len() - 1 - found,
    })
}

fn first_knee(differences: &[f64]) -> Option<usize> {
    let last = differences.len() - 1;
    let at = |index: usize| differences[index];
    let before = |index: usize| at(index.saturating_sub(1));
    let after = |index: usize| at((index + 1).min(last));
    let step = SENSITIVITY / last as f64;
    let mut candidate: Option<(usize, f64)> = None;
    for index in 0..last {
        if at(index) >= before(index) && at(index) >= after(index) {
            candidate = Some((index, at(index) - step));
        }
        if at(index) <= before(index) && at(index) <= after(index) {
            // Beyond a local minimum the curve has to fall below nothing.
            candidate = candidate.map(|(found, _)| (found, 0.0));
        }
        if let Some((found, _)) = candidate.filter(|(_, threshold)| at(index + 1) < *threshold) {
            return Some(found);
        }
    }
    None
}

/// From 0 to 1; none where all are alike or one is no number.
fn normalised(values: impl Iterator<Item = f64>) -> Option<Vec<f64>> {
    let values: Vec<f64> = values.collect();
    let (low, high) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(*value), high.max(*value)));
    let is_spread = high > low && values.iter().all(|value| value.is_finite());
    is_spread.then(|| values.iter().map(|value| (value - low) / (high - low)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_index(ys: &[f64]) -> Vec<(f64, f64)> {
        ys.iter().enumerate().map(|(x, y)| (x as f64, *y)).collect()
    }

    #[test]
    fn published_knees_are_found() {
        // Figure 2 of the paper, y = 5 - 1 / (x + 0.1): 0.22.
        let figure: Vec<(f64, f64)> =
            (0..10).map(|k| f64::from(k) / 9.0).map(|x| (x, 5.0 - 1.0 / (x + 0.1))).collect();
        let found = figure[knee(&figure, Bend::Concave).unwrap()];
        assert!((found.0 - 0.2222).abs() < 1e-3 && (found.1 - 1.897).abs() < 1e-3, "{found:?}");
        // kneed's concave and convex curves: 2 and 7.
        let concave = by_index(&[0.0, 60.0, 80.0, 85.0, 90.0, 95.0, 96.0, 97.0, 98.0, 99.0]);
        assert_eq!(knee(&concave, Bend::Concave), Some(2));
        let convex = by_index(&[1.0, 2.0, 3.0, 4.0, 5.0, 10.0, 15.0, 20.0, 40.0, 100.0]);
        assert_eq!(knee(&convex, Bend::Convex), Some(7));
        let truncated = by_index(&[0.0, 60.0, 80.0, 85.0, 90.0, 95.0, 96.0]);
        assert_eq!(knee(&truncated, Bend::Concave), Some(2));
    }

    #[test]
    fn published_curves_without_a_knee_have_none() {
        // kneed's two: a constant, and three points of a decay (as it falls, turned upside down).
        assert_eq!(knee(&by_index(&[1.0; 10]), Bend::Concave), None);
        let decay = [0.90483742, 0.81873075, 0.74081822].map(|y| 1.0 - y);
        assert_eq!(knee(&by_index(&decay), Bend::Concave), None);
        let differences = [0.0, (0.90483742 - 0.81873075) / (0.90483742 - 0.74081822) - 0.5, 0.0];
        assert_eq!(first_knee(&differences), None, "too few points are not the reason");
    }

    #[test]
    fn a_straight_line_has_no_knee() {
        let line = by_index(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!((knee(&line, Bend::Concave), knee(&line, Bend::Convex)), (None, None));
    }

    #[test]
    fn steps_of_the_axis_need_not_be_equal() {
        let latencies = [(10.0, 5.0), (20.0, 5.2), (40.0, 5.5), (80.0, 6.0), (120.0, 9.0), (160.0, 60.0)];
        assert_eq!(knee(&latencies, Bend::Convex), Some(4));
        let throughput = [(1.0, 10.0), (2.0, 20.0), (4.0, 40.0), (8.0, 60.0), (16.0, 63.0), (32.0, 64.0)];
        assert_eq!(knee(&throughput, Bend::Concave), Some(3));
    }

    #[test]
    fn points_that_are_out_of_order_or_no_numbers_have_no_knee() {
        let repeated = [(1.0, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, 3.1)];
        assert_eq!(knee(&repeated, Bend::Concave), None);
        let broken = [(1.0, 1.0), (2.0, f64::NAN), (3.0, 3.0), (4.0, 3.1)];
        assert_eq!(knee(&broken, Bend::Concave), None);
    }
}
