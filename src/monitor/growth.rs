//! Counters of a server: how they grew since the last reading, and over the run.

/// Follows `N` counters that are read together; NaN stands for one that the server does not have.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Growth<const N: usize> {
    last: Option<[f64; N]>,
    totals: [Option<f64>; N],
    n_restarts: u32,
}

impl<const N: usize> Growth<N> {
    pub(super) fn new() -> Self {
        Self { last: None, totals: [None; N], n_restarts: 0 }
    }

    /// How much each grew since the last reading; none at the first, and where they began anew: by `anew`, or because
    /// one went backwards.
    // What was counted between the last reading and a new beginning is lost: totals are then too low, never too high.
    pub(super) fn step(&mut self, now: [f64; N], anew: bool) -> Option<[f64; N]> {
        let last = self.last.replace(now)?;
        let began_anew = anew || last.iter().zip(&now).any(|(last, now)| now < last);
        let base = if began_anew { [0.0; N] } else { last };
        let growth = std::array::from_fn(|index| now[index] - base[index]);
        for (total, growth) in self.totals.iter_mut().zip(&growth) {
            if f64::is_finite(*growth) {
                *total = Some(total.unwrap_or(0.0) + growth);
            }
        }
        self.n_restarts += u32::from(began_anew);
        (!began_anew).then_some(growth)
    }

    /// Growth over all readings until now; none where there were not two of them.
    pub(super) fn total(&self, index: usize) -> Option<f64> {
        self.totals[index]
    }

    /// How often they began anew.
    pub(super) fn n_restarts(&self) -> u32 {
        self.n_restarts
    }
}

/// A share of a whole; NaN where there was none of it.
pub(super) fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { f64::NAN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_grow_from_reading_to_reading_and_over_the_run() {
        let mut growth = Growth::new();
        assert_eq!((growth.step([5.0, 100.0], false), growth.total(0)), (None, None));
        assert_eq!(growth.step([7.0, 100.0], false), Some([2.0, 0.0]));
        assert_eq!(growth.step([10.0, 101.0], false), Some([3.0, 1.0]));
        assert_eq!((growth.total(0), growth.total(1), growth.n_restarts()), (Some(5.0), Some(1.0), 0));
    }

    #[test]
    fn counters_that_begin_anew_give_no_rate_and_count_from_zero_in_the_total() {
        let mut growth = Growth::new();
        growth.step([50.0, 10.0], false);
        growth.step([60.0, 10.0], false);
        assert_eq!(growth.step([4.0, 12.0], false), None);
        assert_eq!((growth.total(0), growth.total(1), growth.n_restarts()), (Some(14.0), Some(12.0), 1));
        assert_eq!(growth.step([5.0, 12.0], false), Some([1.0, 0.0]));
        // A new server may have counted more than the old one already.
        assert_eq!(growth.step([9.0, 13.0], true), None);
        assert_eq!(growth.total(0), Some(24.0));
    }

    #[test]
    fn a_counter_that_the_server_does_not_have_comes_to_nothing() {
        let mut growth = Growth::new();
        growth.step([1.0, f64::NAN], false);
        let grown = growth.step([2.0, f64::NAN], false).unwrap();
        assert!(grown[0] == 1.0 && grown[1].is_nan());
        assert_eq!(growth.total(1), None);
        assert!(share(0.0, 0.0).is_nan() && share(1.0, 4.0) == 0.25);
    }
}
