//! Intervals of a ratio or a difference from the intervals of both sides: MOVER, squared distances added up.

/// A value with the bounds that are known of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    pub value: f64,
    pub low: Option<f64>,
    pub high: Option<f64>,
}

impl Estimate {
    fn logs(self) -> Option<Self> {
        // A bound of nothing has no logarithm, and bounds nothing.
        let bound = |bound: Option<f64>| bound.filter(|bound| *bound > 0.0).map(f64::ln);
        (self.value > 0.0).then(|| Self {
            value: self.value.ln(),
            low: bound(self.low),
            high: bound(self.high),
        })
    }
}

/// Bounds of candidate ÷ base; each needs one bound of either side.
pub fn ratio_interval(base: Estimate, candidate: Estimate) -> (Option<f64>, Option<f64>) {
    let (Some(base), Some(candidate)) = (base.logs(), candidate.logs()) else {
        return (None, None);
    };
    let (low, high) = difference_interval(base, candidate);
    (low.map(f64::exp), high.map(f64::exp))
}

/// Bounds of candidate − base; each needs one bound of either side.
// Zou and Donner 2008: each bound is as far from the difference as the two distances that lead there, squared and
// added up.
pub fn difference_interval(base: Estimate, candidate: Estimate) -> (Option<f64>, Option<f64>) {
    let difference = candidate.value - base.value;
    let bound = |of_candidate: Option<f64>, of_base: Option<f64>| {
        Some((of_candidate? - candidate.value).hypot(of_base? - base.value))
    };
    let below = bound(candidate.low, base.high);
    let above = bound(candidate.high, base.low);
    (below.map(|below| difference - below), above.map(|above| difference + above))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: f64, low: f64, high: f64) -> Estimate {
        Estimate { value, low: Some(low), high: Some(high) }
    }

    fn check(actual: Option<f64>, expected: f64) {
        assert!((actual.unwrap() - expected).abs() < 1e-12, "{actual:?} is not {expected}");
    }

    #[test]
    fn distances_to_the_bounds_add_up_squared() {
        let (low, high) = difference_interval(estimate(10.0, 6.0, 13.0), estimate(20.0, 16.0, 23.0));
        // 10 - hypot(4, 3) and 10 + hypot(3, 4).
        check(low, 5.0);
        check(high, 15.0);
        let ratio = ratio_interval(
            estimate(1.0, (-4f64).exp(), 3f64.exp()),
            estimate(1.0, (-4f64).exp(), 3f64.exp()),
        );
        check(ratio.0.map(f64::ln), -5.0);
        check(ratio.1.map(f64::ln), 5.0);
    }

    #[test]
    fn a_side_without_bound_leaves_the_bound_open_that_needs_it() {
        let open = Estimate { high: None, ..estimate(10.0, 8.0, 12.0) };
        let closed = estimate(10.0, 9.0, 11.0);
        assert!(matches!(ratio_interval(open, closed), (None, Some(_))));
        assert!(matches!(ratio_interval(closed, open), (Some(_), None)));
        assert_eq!(ratio_interval(estimate(0.0, 0.0, 0.0), closed), (None, None));
        assert!(matches!(ratio_interval(closed, estimate(1.0, 0.0, 2.0)), (None, Some(_))));
    }
}
