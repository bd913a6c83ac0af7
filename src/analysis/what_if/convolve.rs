//! Less of a part's time, where only the marginal times of the whole and of the part are known.
//!
//! Independent: a convolution in a linear grid. Bounds: slow requests with slow parts, and slow requests with fast
//! ones. Nothing is ever deconvolved. What is saved is at most all that the part can have been.

use super::points::Points;

/// Beyond this quantile times are not convolved, but moved by the mean: the grid would be nothing but their tail.
const REACH: f64 = 0.999_5;

/// Bins per standard deviation of the narrower side.
const FINENESS: f64 = 20.0;

/// Bins where one result is wanted, and where thousands are, which are only held against each other.
pub const FINE: usize = 2_048;
pub const COARSE: usize = 128;

/// The whole less a share `saved` of the part, each taken as independent of the other.
// A part cannot have been longer than the whole, so that a request keeps at least 1 − saved of its time.
pub fn independent(whole: &Points, part: &Points, saved: f64, most_bins: usize) -> Points {
    let reach = whole.quantile(REACH);
    let narrower = whole.variance().min(part.variance() * saved * saved).sqrt();
    let step = (narrower / FINENESS).max(reach / most_bins as f64);
    if step <= 0.0 || step.is_nan() {
        return whole.map(|_, secs| secs * (1.0 - saved));
    }
    let n = (reach / step).ceil() as usize + 2;
    let (within, beyond): (Vec<_>, Vec<_>) = whole.iter().partition(|(secs, _)| *secs <= reach);
    let whole_bins = bins(within.into_iter(), step, n);
    let total = part.total();
    let part_bins = bins(part.iter().map(|(secs, weight)| (secs * saved, weight / total)), step, n);
    let mut still: Vec<f64> = Vec::with_capacity(n + 1);
    still.push(1.0);
    part_bins.iter().for_each(|share| still.push(still[still.len() - 1] - share));
    let mut found = vec![0.0; n];
    for (i, weight) in whole_bins.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        let most = (i as f64 * saved).floor() as usize;
        // Bin i − j gets what the part takes j bins away from.
        let less = part_bins[..most].iter();
        let into = found[i - most + usize::from(most > 0)..=i].iter_mut().rev();
        into.zip(less).for_each(|(bin, share)| *bin += weight * share);
        found[i - most] += weight * still[most].max(0.0);
    }
    let mean_saved = saved * part.mean();
    let of_grid = found.into_iter().enumerate().filter(|(_, weight)| *weight > 0.0);
    let of_grid = of_grid.map(|(bin, weight)| (bin as f64 * step, weight));
    let of_tail = beyond.into_iter().map(|(secs, weight)| (secs - mean_saved.min(saved * secs), weight));
    Points::of(of_grid.chain(of_tail).collect())
}

/// The same where slow requests have slow parts: the tail gains most.
pub fn comonotone(whole: &Points, part: &Points, saved: f64) -> Points {
    paired(whole, part, saved, |rank| rank)
}

/// The same where slow requests have fast parts: the tail gains least.
pub fn countermonotone(whole: &Points, part: &Points, saved: f64) -> Points {
    paired(whole, part, saved, |rank| 1.0 - rank)
}

fn paired(whole: &Points, part: &Points, saved: f64, partner: fn(f64) -> f64) -> Points {
    let cumulated = Cumulated::of(part);
    whole.map(|rank, secs| secs - (saved * cumulated.at(partner(rank))).min(saved * secs))
}

/// Values with how much weight lies below each.
struct Cumulated<'a> {
    values: &'a [f64],
    until: Vec<f64>,
}

impl<'a> Cumulated<'a> {
    fn of(points: &'a Points) -> Self {
        let total = points.total();
        let until = points.iter().scan(0.0, |sum, (_, weight)| {
            *sum += weight / total;
            Some(*sum)
        });
        Self { until: until.collect(), values: points.values() }
    }

    fn at(&self, rank: f64) -> f64 {
        let index = self.until.partition_point(|until| *until < rank);
        self.values.get(index).or(self.values.last()).copied().unwrap_or_default()
    }
}

/// Weights in bins of a grid, divided between the two neighbours so that means stay; the last bin takes what is beyond.
fn bins(points: impl Iterator<Item = (f64, f64)>, step: f64, n: usize) -> Vec<f64> {
    let mut bins = vec![0.0; n];
    for (secs, weight) in points {
        let place = (secs / step).min((n - 1) as f64);
        let (bin, share) = (place as usize, place.fract());
        bins[bin] += weight * (1.0 - share);
        if share > 0.0 {
            bins[bin + 1] += weight * share;
        }
    }
    bins
}

#[cfg(test)]
mod tests {
    use rand::{Rng as _, SeedableRng as _};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    fn exponential(mean: f64, floor: f64, n: usize) -> Points {
        let at = |i: usize| floor - mean * (1.0 - (i as f64 + 0.5) / n as f64).ln();
        Points::of((0..n).map(|i| (at(i), 1.0)).collect())
    }

    fn close(measured: f64, expected: f64, relative: f64) {
        assert!((measured - expected).abs() <= relative * expected.abs(), "{measured} is not {expected}");
    }

    #[test]
    fn independent_times_are_those_of_samples_drawn_by_themselves() {
        let (whole, part) = (exponential(0.01, 0.05, 4_000), exponential(0.008, 0.0, 4_000));
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut pick = |points: &Points| points.values()[random.random_range(0..points.values().len())];
        let drawn = (0..400_000).map(|_| (pick(&whole), pick(&part)));
        let saved = 0.75;
        let brute = Points::of(drawn.map(|(x, d)| (x - (saved * d).min(saved * x), 1.0)).collect());
        for (n_bins, within) in [(FINE, 0.006), (COARSE, 0.03)] {
            let found = independent(&whole, &part, saved, n_bins);
            close(found.total(), whole.total(), 1e-9);
            close(found.mean(), brute.mean(), 0.003);
            for quantile in [0.01, 0.5, 0.9, 0.95, 0.99] {
                close(found.quantile(quantile), brute.quantile(quantile), within);
            }
        }
    }

    #[test]
    fn a_part_never_takes_more_than_it_can_have_been() {
        let (whole, part) = (exponential(0.01, 0.0, 2_000), exponential(0.01, 0.0, 2_000));
        let found = independent(&whole, &part, 0.5, FINE);
        assert!(found.values()[0] >= 0.0);
        close(found.total(), whole.total(), 1e-9);
        assert!(found.mean() > whole.mean() / 2.0 && found.mean() < whole.mean());
    }

    #[test]
    fn bounds_lie_around_whatever_goes_together_with_what() {
        let (whole, part) = (exponential(0.01, 0.05, 4_000), exponential(0.008, 0.0, 4_000));
        let best = comonotone(&whole, &part, 0.9);
        let middle = independent(&whole, &part, 0.9, FINE);
        let worst = countermonotone(&whole, &part, 0.9);
        for quantile in [0.9, 0.95, 0.99] {
            let found = [&best, &middle, &worst].map(|points| points.quantile(quantile));
            assert!(found.is_sorted() && found[2] < whole.quantile(quantile), "{quantile}: {found:?}");
        }
        // All save the same on average, whatever goes together with what.
        for points in [&best, &middle, &worst] {
            close(points.mean(), 0.06 - 0.9 * 0.008, 0.002);
        }
    }

    #[test]
    fn times_that_do_not_vary_are_taken_away_as_they_are() {
        let found = independent(&Points::atom(0.1, 50.0), &Points::atom(0.04, 7.0), 0.5, FINE);
        close(found.quantile(0.5), 0.08, 0.002);
        close(found.total(), 50.0, 1e-12);
    }
}
