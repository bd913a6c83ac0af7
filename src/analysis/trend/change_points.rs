//! Where the level of a series changed: the method of Hunter and Apache Otava, with Student's t as its judge.
//!
//! Windows are divided as long as the parts differ at ten times the level asked for; then the weakest of these
//! places is dropped until all that are left hold. Nothing in it is drawn by chance.

use crate::analysis::stats::t_two_sided_p;

use super::divisive::{Division, best_division};

/// How a series is searched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Search {
    /// Figures looked at together; the next window begins half of it later.
    pub(super) window: usize,
    pub(super) max_p: f64,
    /// What the magnitude of a change must exceed.
    pub(super) min_magnitude: f64,
    /// How large a change between two levels is.
    pub(super) magnitude: fn(f64, f64) -> f64,
}

/// A place where the level changed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Place {
    /// The first figure of the new level.
    pub(super) index: usize,
    pub(super) before: f64,
    pub(super) after: f64,
    pub(super) p_value: f64,
}

impl Search {
    pub(super) fn find(&self, values: &[f64]) -> Vec<Place> {
        let indices = self.merge(values, self.split(values));
        self.settle(values, indices)
    }

    /// The places at which windows divide, in order.
    fn split(&self, values: &[f64]) -> Vec<usize> {
        let max_p = match self.max_p {
            p if p < 0.05 => 10.0 * p,
            p if p < 0.5 => 2.0 * p,
            p => p,
        };
        let (mut found, mut start) = (Vec::new(), 0);
        while start < values.len() {
            let end = (start + self.window).min(values.len());
            let places = divide(&values[start..end], max_p);
            let last = places.last().map_or(0, |last| start + last);
            found.extend(places.iter().map(|place| start + place));
            start = last.max(start + (self.window / 2).max(1));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Drops the weakest place until all hold, as Hunter and Otava do.
    // Of the neighbours of a dropped place they judge the two after it anew, and the one before it not.
    fn merge(&self, values: &[f64], mut indices: Vec<usize>) -> Vec<usize> {
        let mut places = judged_all(values, &indices);
        while let Some(weakest) = self.weakest(&places) {
            places.remove(weakest);
            indices.remove(weakest);
            for after in weakest..places.len().min(weakest + 2) {
                places[after] = judged_among(values, &indices, after);
            }
        }
        indices
    }

    /// Judges what is left by the levels that are left, and drops what does not hold by these.
    fn settle(&self, values: &[f64], mut indices: Vec<usize>) -> Vec<Place> {
        loop {
            let places = judged_all(values, &indices);
            let Some(weakest) = self.weakest(&places) else { return places };
            indices.remove(weakest);
        }
    }

    /// The place that holds least; none where all hold.
    fn weakest(&self, places: &[Place]) -> Option<usize> {
        let magnitude = |place: &Place| (self.magnitude)(place.before, place.after);
        // The first of equals, from either side.
        let least_sure =
            (0..places.len()).rev().max_by(|a, b| places[*a].p_value.total_cmp(&places[*b].p_value))?;
        if places[least_sure].p_value >= self.max_p {
            return Some(least_sure);
        }
        let smallest =
            (0..places.len()).min_by(|a, b| magnitude(&places[*a]).total_cmp(&magnitude(&places[*b])))?;
        let is_too_small = magnitude(&places[smallest]) <= self.min_magnitude;
        is_too_small.then_some(smallest)
    }
}

/// The places at which a window divides, in order; each division is the strongest of all parts.
fn divide(values: &[f64], max_p: f64) -> Vec<usize> {
    let mut parts = vec![Part::of(values, 0, values.len())];
    loop {
        // The first of equals.
        let strength = |part: &Part| part.division.map_or(f64::NEG_INFINITY, |division| division.strength);
        let strongest =
            (0..parts.len()).rev().max_by(|a, b| strength(&parts[*a]).total_cmp(&strength(&parts[*b])));
        let Some((place, Division { index, .. })) =
            strongest.and_then(|place| Some((place, parts[place].division?)))
        else {
            break;
        };
        let Part { start, end, .. } = parts[place];
        let index = start + index;
        if judged(values, start, index, end).p_value > max_p {
            break;
        }
        parts.splice(place..=place, [Part::of(values, start, index), Part::of(values, index, end)]);
    }
    parts[1..].iter().map(|part| part.start).collect()
}

/// A part of a window with its best division, which is worked out once.
struct Part {
    start: usize,
    end: usize,
    division: Option<Division>,
}

impl Part {
    fn of(values: &[f64], start: usize, end: usize) -> Self {
        Self { start, end, division: best_division(&values[start..end]) }
    }
}

fn judged_all(values: &[f64], indices: &[usize]) -> Vec<Place> {
    (0..indices.len()).map(|place| judged_among(values, indices, place)).collect()
}

fn judged_among(values: &[f64], indices: &[usize], place: usize) -> Place {
    let start = place.checked_sub(1).map_or(0, |before| indices[before]);
    let end = indices.get(place + 1).copied().unwrap_or(values.len());
    judged(values, start, indices[place], end)
}

/// Student's t with a common variance, to either side.
// As Otava does, the variances that it is given are those of a population, so that p is a little too small for a
// few figures. Where nothing varies, any difference is one.
fn judged(values: &[f64], start: usize, index: usize, end: usize) -> Place {
    let (left, right) = (&values[start..index], &values[index..end]);
    let (before, variance_before) = mean_and_population_variance(left);
    let (after, variance_after) = mean_and_population_variance(right);
    let (n_left, n_right) = (left.len() as f64, right.len() as f64);
    let degrees = n_left + n_right - 2.0;
    let variance = ((n_left - 1.0) * variance_before + (n_right - 1.0) * variance_after) / degrees;
    let error = (variance * (1.0 / n_left + 1.0 / n_right)).sqrt();
    let noise = 1e-12 * before.abs().max(after.abs());
    let difference = (before - after).abs();
    let p_value = match () {
        () if degrees <= 0.0 || difference <= noise => 1.0,
        () if error <= noise => 0.0,
        () => t_two_sided_p(difference / error, degrees),
    };
    Place { index, before, after, p_value }
}

fn mean_and_population_variance(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    (mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / n)
}

#[cfg(test)]
mod tests {
    use super::{super::tigerbeetle::TIGERBEETLE, *};

    /// Otava's magnitude: relative to the smaller of both.
    fn relative(before: f64, after: f64) -> f64 {
        (after / before - 1.0).abs().max((before / after - 1.0).abs())
    }

    fn found(values: &[f64], window: usize, max_p: f64, min_magnitude: f64) -> Vec<usize> {
        let search = Search { window, max_p, min_magnitude, magnitude: relative };
        search.find(values).iter().map(|place| place.index).collect()
    }

    fn check(max_p: f64, min_magnitude: f64, published: &[usize]) {
        let search = Search { window: 30, max_p, min_magnitude, magnitude: relative };
        let merged = search.merge(&TIGERBEETLE, search.split(&TIGERBEETLE));
        assert_eq!(merged, published, "{max_p} {min_magnitude}");
    }

    #[test]
    fn short_published_series_change_where_published() {
        let documented = [1.02, 0.95, 0.99, 1.0, 1.12, 0.9, 0.5, 0.51, 0.48, 0.48, 0.55];
        assert_eq!(found(&documented, 50, 0.001, 0.0), [6]);
        let tested = [
            1.02, 0.95, 0.99, 1.00, 1.12, 1.00, 1.01, 0.98, 1.01, 0.96, 0.50, 0.51, 0.48, 0.48, 0.55, 0.50,
            0.49, 0.51, 0.50, 0.49,
        ];
        assert_eq!(found(&tested, 10, 0.0001, 0.0), [10]);
        let steps = [0.3, 2.4, 1.5, -0.9, -0.5, 99.7, 98.3, 99.1, 149.0, 149.7, 149.5, 149.1, 148.8, 150.0];
        assert_eq!(divide(&steps, 0.01), [5, 8]);
    }

    #[test]
    #[rustfmt::skip]
    fn a_year_of_tigerbeetle_changes_where_published() {
        check(0.01, 0.05, &[15, 71]);
        check(0.05, 0.05, &[15, 71]);
        check(0.1, 0.05, &[10, 11, 15, 71, 363]);
        check(0.2, 0.05, &[10, 11, 15, 71]);
        check(0.1, 0.01, &[
            10, 11, 15, 28, 29, 35, 37, 48, 49, 61, 71, 95, 117, 131, 142, 148, 165, 169, 192, 206, 212, 260, 265,
            268, 278, 282, 363,
        ]);
        check(0.2, 0.0, &[
            3, 6, 7, 10, 11, 13, 15, 16, 28, 29, 35, 37, 39, 41, 44, 48, 49, 56, 58, 61, 65, 66, 69, 71, 74, 76, 82,
            95, 108, 117, 125, 126, 129, 131, 136, 137, 142, 148, 165, 169, 187, 190, 192, 197, 200, 212, 220, 241,
            243, 246, 247, 249, 250, 260, 265, 266, 268, 278, 282, 288, 305, 306, 325, 330, 337, 338, 340, 347, 349,
            363,
        ]);
        check(0.1, 0.0, &[
            3, 6, 10, 11, 15, 16, 28, 29, 35, 37, 39, 41, 44, 48, 49, 61, 71, 95, 117, 131, 142, 148, 165, 169,
            192, 206, 212, 260, 265, 268, 278, 282, 288, 305, 363,
        ]);
        check(0.01, 0.0, &[15, 26, 61, 71, 95, 117, 131, 142, 148, 165, 169, 192, 212, 260]);
        check(0.001, 0.0, &[15, 61, 71, 95, 117, 131, 142, 148, 192, 212, 260]);
        check(0.0001, 0.0, &[71, 95, 117, 131, 142, 148, 192, 212]);
        check(0.00001, 0.0, &[71, 95, 131, 192, 212]);
    }

    #[test]
    fn what_does_not_hold_by_the_levels_that_are_left_is_no_change() {
        assert_eq!(found(&TIGERBEETLE, 30, 0.01, 0.05), [15, 71]);
        // Published with 26, of which p between 15 and 61 is more than what was asked for.
        let alone = judged(&TIGERBEETLE, 15, 26, 61);
        assert!(alone.p_value > 0.01, "{alone:?}");
        let held = [15, 61, 71, 95, 117, 131, 142, 148, 165, 169, 192, 212, 260];
        assert_eq!(found(&TIGERBEETLE, 30, 0.01, 0.0), held);
    }

    #[test]
    fn constant_stretches_change_only_where_they_do() {
        assert!(found(&[5.0; 40], 50, 0.001, 0.0).is_empty());
        assert!(found(&[0.0; 40], 50, 0.001, 0.0).is_empty());
        let step: Vec<f64> = (0..40).map(|i| if i < 20 { 0.1 } else { 0.3 }).collect();
        assert_eq!(found(&step, 50, 0.001, 0.0), [20]);
        assert!(found(&[], 50, 0.001, 0.0).is_empty());
        assert!(found(&[1.0, 9.0], 50, 0.001, 0.0).is_empty());
    }
}
