//! PELT: where a series changes its level, exactly and in one pass.
//!
//! Killick, Fearnhead and Eckley 2012, with the l2 cost: the sum of squared distances from each segment's mean, and a
//! penalty for every change. Segments have a least length, so a cut is dropped only once it could be replaced.

/// The least number of values of a segment.
pub const MIN_SEGMENT: usize = 5;

/// Candidates are looked through for those to drop at every such end: dropping late changes nothing.
const DROP_EVERY: usize = 8;

/// The ends of the segments, in order, the last of which is that of the series; none of fewer values than a segment has.
pub fn segment_ends(values: &[f64], penalty: f64) -> Vec<usize> {
    if values.len() < MIN_SEGMENT {
        return Vec::new();
    }
    let cost = Cost::of(values);
    // The least cost of all that ends at each place, and where its last segment begins.
    let mut least = vec![f64::INFINITY; values.len() + 1];
    let mut begins = vec![0; values.len() + 1];
    least[0] = -penalty;
    let mut candidates = vec![Candidate::at(0, least[0], &cost)];
    for end in MIN_SEGMENT..=values.len() {
        let (sum, squares) = (cost.sums[end], cost.squares[end]);
        let (mut best, mut begin) = (f64::INFINITY, 0);
        for candidate in &mut candidates {
            candidate.total = candidate.least + candidate.cost_until(end, sum, squares);
            if candidate.total < best {
                (best, begin) = (candidate.total, candidate.from);
            }
        }
        (least[end], begins[end]) = (best + penalty, begin);
        if end.is_multiple_of(DROP_EVERY) {
            candidates.retain(|candidate| candidate.until > end + 1);
            for candidate in candidates.iter_mut().filter(|candidate| candidate.total > least[end]) {
                // From then on a segment that begins at `end` is long enough, and never dearer.
                candidate.until = candidate.until.min(end + MIN_SEGMENT);
            }
        }
        let next = end + 1 - MIN_SEGMENT;
        if next >= MIN_SEGMENT {
            candidates.push(Candidate::at(next, least[next], &cost));
        }
    }
    let mut ends = Vec::new();
    let mut end = values.len();
    while end > 0 {
        ends.push(end);
        end = begins[end];
    }
    ends.reverse();
    ends
}

/// Where the last segment may begin.
struct Candidate {
    from: usize,
    /// What all before it costs at least.
    least: f64,
    sum: f64,
    squares: f64,
    /// The end from which on it need not be tried.
    until: usize,
    /// What all up to the present end costs with it, without the penalty of its change.
    total: f64,
}

impl Candidate {
    fn at(from: usize, least: f64, cost: &Cost) -> Self {
        let (sum, squares) = (cost.sums[from], cost.squares[from]);
        Self { from, least, sum, squares, until: usize::MAX, total: f64::INFINITY }
    }

    /// The squared distances from their mean of all values from here to the end with these running sums.
    fn cost_until(&self, end: usize, sum: f64, squares: f64) -> f64 {
        let sum = sum - self.sum;
        (squares - self.squares - sum * sum / (end - self.from) as f64).max(0.0)
    }
}

/// Squared distances from the mean of any segment, from running sums.
struct Cost {
    sums: Vec<f64>,
    squares: Vec<f64>,
}

impl Cost {
    // Values are taken relative to one of them: squares of a large level would eat the digits that differ.
    fn of(values: &[f64]) -> Self {
        let base = values[values.len() / 2];
        let running = |power: i32| {
            let mut total = 0.0;
            let sums = values.iter().map(|value| {
                total += (value - base).powi(power);
                total
            });
            std::iter::once(0.0).chain(sums).collect()
        };
        Self { sums: running(1), squares: running(2) }
    }

    #[cfg(test)]
    fn of_segment(&self, from: usize, end: usize) -> f64 {
        Candidate::at(from, 0.0, self).cost_until(end, self.sums[end], self.squares[end])
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng as _, SeedableRng as _};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    /// Levels with how many values each has, and a zigzag of ±1 around them.
    fn series(levels: &[(f64, usize)]) -> Vec<f64> {
        let values = levels.iter().flat_map(|(level, n)| std::iter::repeat_n(*level, *n));
        values.enumerate().map(|(index, level)| level + if index % 2 == 0 { 1.0 } else { -1.0 }).collect()
    }

    #[test]
    fn known_changes_of_level_are_found_where_they_are() {
        let penalty = 3.0 * 60f64.ln();
        assert_eq!(segment_ends(&series(&[(10.0, 20), (20.0, 30), (14.0, 10)]), penalty), [20, 50, 60]);
        assert_eq!(segment_ends(&series(&[(10.0, 5), (30.0, 5)]), penalty), [5, 10]);
        assert_eq!(segment_ends(&series(&[(10.0, 60)]), penalty), [60]);
    }

    #[test]
    fn a_penalty_says_what_a_change_must_be_worth() {
        // A change of 2 in the middle of 20 saves 20 squares of 1.
        let values = series(&[(10.0, 10), (12.0, 10)]);
        assert_eq!(segment_ends(&values, 19.9), [10, 20]);
        assert_eq!(segment_ends(&values, 20.1), [20]);
    }

    #[test]
    fn a_segment_has_at_least_five_values() {
        let mut values = series(&[(10.0, 40)]);
        values[20] = 1_000.0;
        let ends = segment_ends(&values, 10.0);
        let lengths: Vec<usize> =
            std::iter::once(0).chain(ends.iter().copied()).zip(&ends).map(|(a, b)| b - a).collect();
        assert!(ends.len() > 1 && lengths.iter().all(|length| *length >= MIN_SEGMENT), "{ends:?}");
        assert!(segment_ends(&[1.0; 4], 1.0).is_empty());
        assert_eq!(segment_ends(&[1.0; 5], 1.0), [5]);
        assert_eq!(
            segment_ends(&[7.5; 100], 0.0),
            [100],
            "equal values are one segment even where changes are free"
        );
    }

    /// The least total over all ways to cut, by trying every last segment at every end.
    fn least_total(values: &[f64], penalty: f64) -> f64 {
        let cost = Cost::of(values);
        let mut least = vec![f64::INFINITY; values.len() + 1];
        least[0] = -penalty;
        for end in MIN_SEGMENT..=values.len() {
            for from in 0..=end - MIN_SEGMENT {
                least[end] = least[end].min(least[from] + cost.of_segment(from, end) + penalty);
            }
        }
        least[values.len()]
    }

    #[test]
    fn nothing_that_was_dropped_would_have_been_better() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(7);
        for _ in 0..300 {
            let n = random.random_range(5..90);
            let mut level = 10.0;
            let values: Vec<f64> = (0..n)
                .map(|_| {
                    if random.random_bool(0.06) {
                        level = random.random_range(5.0..25.0);
                    }
                    level + random.random_range(-2.0..2.0)
                })
                .collect();
            let penalty = random.random_range(0.5..40.0);
            let ends = segment_ends(&values, penalty);
            let cost = Cost::of(&values);
            let starts = std::iter::once(0).chain(ends.iter().copied());
            let total: f64 = starts.zip(&ends).map(|(from, end)| cost.of_segment(from, *end) + penalty).sum();
            let expected = least_total(&values, penalty);
            assert!((total - penalty - expected).abs() < 1e-6, "{total} {expected} {ends:?}");
        }
    }
}
