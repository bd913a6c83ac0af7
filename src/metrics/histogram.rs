//! Latency histograms: microseconds, three significant digits, 1 µs to one hour; merging loses nothing.
//!
//! Buckets and arithmetic are HdrHistogram's, so that every figure equals what its libraries say of the same counts.

use std::{fmt, time::Duration};

/// The longest latency told apart; longer ones count as this and are never dropped.
const MAX_MICROS: u64 = 3_600_000_000;

/// The bucket of the longest latency.
pub(super) const MAX_INDEX: usize = index_of(MAX_MICROS);

/// Buckets per doubling of the latency: enough for three significant digits. The first two have a bucket per value.
const PER_DOUBLING: usize = 1_024;

/// Room is made by so many buckets at least.
const ROOM: usize = 128;

/// A histogram of latencies in microseconds with three significant digits.
#[derive(Clone, Default)]
pub struct LatencyHistogram {
    /// The bucket that `counts` starts with; a table from 0 on would be twice as long for most targets.
    base: usize,
    counts: Vec<u64>,
    n_samples: u64,
    /// The filled buckets are within; exactly as long as there are samples.
    lowest: usize,
    highest: usize,
}

/// Values that a histogram does not tell apart; all are microseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LatencyBucket(usize);

impl LatencyBucket {
    /// The bucket that a latency is counted in.
    pub fn of(latency: Duration) -> Self {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        Self(index_of(micros.clamp(1, MAX_MICROS)))
    }

    /// The value that stands for the bucket in means.
    pub fn middle(self) -> Duration {
        Duration::from_micros(middle_value_at(self.0))
    }

    /// The largest value, as which percentiles are told.
    pub fn last(self) -> Duration {
        Duration::from_micros(last_value_at(self.0))
    }
}

/// The bucket of a value.
pub(super) const fn index_of(micros: u64) -> usize {
    if micros < 2 * PER_DOUBLING as u64 {
        return micros as usize;
    }
    let shift = micros.ilog2() as usize - 10;
    shift * PER_DOUBLING + (micros >> shift) as usize
}

/// The least value of a bucket.
pub(super) const fn value_at(index: usize) -> u64 {
    let doublings = doublings_at(index);
    ((index - doublings * PER_DOUBLING) as u64) << doublings
}

const fn doublings_at(index: usize) -> usize {
    (index / PER_DOUBLING).saturating_sub(1)
}

/// The largest value of a bucket.
const fn last_value_at(index: usize) -> u64 {
    value_at(index) + (1 << doublings_at(index)) - 1
}

/// The value that stands for a bucket in means.
const fn middle_value_at(index: usize) -> u64 {
    value_at(index) + ((1 << doublings_at(index)) >> 1)
}

impl LatencyHistogram {
    pub fn record(&mut self, latency: Duration) {
        let LatencyBucket(index) = LatencyBucket::of(latency);
        self.window(index, index)[0] += 1;
        self.add_samples(1);
    }

    pub fn merge(&mut self, other: &Self) {
        if let Some(highest) = other.highest_index() {
            let theirs = &other.counts[other.lowest - other.base..=highest - other.base];
            let mine = self.window(other.lowest, highest);
            mine.iter_mut().zip(theirs).for_each(|(mine, theirs)| *mine += theirs);
            self.add_samples(other.n_samples);
        }
    }

    /// Hands out each value that occurs, in microseconds and in order, with the number of its samples.
    pub fn for_each(&self, mut take: impl FnMut(u64, u64)) {
        self.for_each_index(|index, n| take(value_at(index), n));
    }

    /// Hands out each filled bucket, in order, with the number of its samples.
    pub fn for_each_bucket(&self, mut take: impl FnMut(LatencyBucket, u64)) {
        self.for_each_index(|index, n| take(LatencyBucket(index), n));
    }

    /// Hands out the index of each filled bucket, in order, with the number of its samples.
    pub(super) fn for_each_index(&self, mut take: impl FnMut(usize, u64)) {
        let filled = self.filled().iter().enumerate().filter(|(_, n)| **n > 0);
        filled.for_each(|(offset, n)| take(self.lowest + offset, *n));
    }

    /// Empties the histogram and keeps its memory.
    pub fn clear(&mut self) {
        if !self.is_empty() {
            self.counts[self.lowest - self.base..=self.highest - self.base].fill(0);
            self.n_samples = 0;
        }
    }

    pub fn n_samples(&self) -> u64 {
        self.n_samples
    }

    pub fn is_empty(&self) -> bool {
        self.n_samples == 0
    }

    /// The value at a quantile between 0 and 1: at least this share of samples is no larger.
    // HdrHistogram multiplies and rounds up, so that a quantile too large by its last bit, such as 99.9 / 100,
    // names the next rank: the maximum of 1,000 samples. A part in 10^12 takes no real rank away.
    pub fn quantile(&self, quantile: f64) -> Option<Duration> {
        let below_noise = (quantile * (1.0 - 1e-12)).min(1.0);
        let rank = ((below_noise * self.n_samples as f64).ceil() as u64).max(1);
        let index = self.index_at_rank(rank)?;
        let micros = if below_noise == 0.0 { value_at(index) } else { last_value_at(index) };
        Some(Duration::from_micros(micros))
    }

    /// The bucket of the sample with this rank, counted from 1; none without samples.
    fn index_at_rank(&self, rank: u64) -> Option<usize> {
        // Sums of a few buckets at once cost a fraction of going one by one.
        const AT_ONCE: usize = 16;
        let filled = self.filled();
        let mut n_before = 0;
        for (chunk, counts) in filled.chunks(AT_ONCE).enumerate() {
            let n_within: u64 = counts.iter().sum();
            if n_before + n_within >= rank {
                let mut n_until = n_before;
                let offset = counts.iter().position(|n| {
                    n_until += n;
                    n_until >= rank
                });
                return offset.map(|offset| self.lowest + chunk * AT_ONCE + offset);
            }
            n_before += n_within;
        }
        self.highest_index()
    }

    pub fn min(&self) -> Option<Duration> {
        (!self.is_empty()).then(|| Duration::from_micros(value_at(self.lowest)))
    }

    pub fn max(&self) -> Option<Duration> {
        self.highest_index().map(|highest| Duration::from_micros(last_value_at(highest)))
    }

    pub fn mean(&self) -> Option<Duration> {
        (!self.is_empty()).then(|| Duration::from_secs_f64(self.mean_micros() / 1e6))
    }

    // In HdrHistogram's order, to the last bit.
    fn mean_micros(&self) -> f64 {
        let (mut mean, n_samples) = (0.0, self.n_samples as f64);
        self.for_each_index(|index, n| mean += middle_value_at(index) as f64 * n as f64 / n_samples);
        mean
    }

    /// The squared coefficient of variation: variance ÷ squared mean.
    pub fn cv_squared(&self) -> Option<f64> {
        let mean = self.mean_micros();
        let mut squares = 0.0;
        self.for_each_index(|index, n| {
            let deviation = middle_value_at(index) as f64 - mean;
            squares += deviation * deviation * n as f64;
        });
        (!self.is_empty()).then(|| ((squares / self.n_samples as f64).sqrt() / mean).powi(2))
    }

    /// The share of samples that are at most `limit`.
    pub fn share_at_most(&self, limit: Duration) -> Option<f64> {
        (!self.is_empty()).then(|| self.count_at_most(limit) as f64 / self.n_samples as f64)
    }

    /// How many samples are at most `limit`, or in its bucket.
    pub fn count_at_most(&self, limit: Duration) -> u64 {
        let micros = u64::try_from(limit.as_micros()).unwrap_or(u64::MAX).min(MAX_MICROS);
        let filled = self.filled();
        let n_buckets = (index_of(micros) + 1).saturating_sub(self.lowest).min(filled.len());
        filled[..n_buckets].iter().sum()
    }

    /// Up to which latency [`count_at_most`](Self::count_at_most) really counts: the end of the limit's bucket.
    pub fn counted_up_to(limit: Duration) -> Duration {
        let micros = u64::try_from(limit.as_micros()).unwrap_or(u64::MAX).min(MAX_MICROS);
        Duration::from_micros(last_value_at(index_of(micros)))
    }

    /// Between which values the sample of this rank lies, counted from 1: the ends of its bucket.
    pub fn bounds_at_rank(&self, rank: u64) -> Option<(Duration, Duration)> {
        let is_there = (1..=self.n_samples).contains(&rank);
        let index = is_there.then(|| self.index_at_rank(rank)).flatten()?;
        Some((Duration::from_micros(value_at(index)), Duration::from_micros(last_value_at(index))))
    }

    /// What it takes in memory beyond its own size.
    pub fn heap_bytes(&self) -> usize {
        self.counts.capacity() * size_of::<u64>()
    }

    fn filled(&self) -> &[u64] {
        if self.is_empty() { &[] } else { &self.counts[self.lowest - self.base..=self.highest - self.base] }
    }

    pub(super) fn highest_index(&self) -> Option<usize> {
        (!self.is_empty()).then_some(self.highest)
    }

    /// The counts of these buckets, to be added to; the caller tells how many samples that were.
    #[inline]
    pub(super) fn window(&mut self, lowest: usize, highest: usize) -> &mut [u64] {
        if lowest < self.base || highest >= self.base + self.counts.len() {
            self.make_room(lowest, highest);
        }
        if self.n_samples == 0 {
            (self.lowest, self.highest) = (lowest, highest);
        } else {
            self.lowest = self.lowest.min(lowest);
            self.highest = self.highest.max(highest);
        }
        &mut self.counts[lowest - self.base..=highest - self.base]
    }

    #[inline]
    pub(super) fn add_samples(&mut self, n: u64) {
        self.n_samples += n;
    }

    pub(super) fn take_samples(&mut self, n: u64) {
        self.n_samples -= n;
    }

    /// Finds the lowest and highest filled bucket anew, after samples were taken away.
    pub(super) fn settle(&mut self) {
        if let Some(first) = self.filled().iter().position(|n| *n > 0) {
            let last = self.filled().iter().rposition(|n| *n > 0).unwrap_or(first);
            (self.lowest, self.highest) = (self.lowest + first, self.lowest + last);
        }
    }

    #[cold]
    fn make_room(&mut self, lowest: usize, highest: usize) {
        let from = lowest / ROOM * ROOM;
        let until = (highest / ROOM + 1) * ROOM;
        if self.counts.is_empty() {
            self.base = from;
        } else if from < self.base {
            self.counts.splice(0..0, std::iter::repeat_n(0, self.base - from));
            self.base = from;
        }
        if until > self.base + self.counts.len() {
            let more = until - self.base - self.counts.len();
            self.counts.reserve_exact(more);
            self.counts.resize(until - self.base, 0);
        }
    }
}

/// In a line: a table of thousands of counts tells nobody anything.
impl fmt::Debug for LatencyHistogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (p50, max) = (self.quantile(0.5), self.max());
        f.debug_struct("LatencyHistogram")
            .field("n_samples", &self.n_samples)
            .field("p50", &p50)
            .field("max", &max)
            .finish_non_exhaustive()
    }
}

/// Equal counts are equal histograms, whatever room they have.
impl PartialEq for LatencyHistogram {
    fn eq(&self, other: &Self) -> bool {
        self.n_samples == other.n_samples
            && (self.is_empty() || (self.lowest == other.lowest && self.filled() == other.filled()))
    }
}

#[cfg(test)]
mod tests {
    use hdrhistogram::Histogram;
    use proptest::prelude::*;

    use super::*;

    fn of_millis(values: impl IntoIterator<Item = u64>) -> LatencyHistogram {
        let mut histogram = LatencyHistogram::default();
        values.into_iter().for_each(|millis| histogram.record(Duration::from_millis(millis)));
        histogram
    }

    #[test]
    fn percentiles_come_from_ranks_not_from_the_maximum() {
        let mut histogram = LatencyHistogram::default();
        (1..=1000).for_each(|micros| histogram.record(Duration::from_micros(micros)));
        assert_eq!(histogram.quantile(0.999), Some(Duration::from_micros(999)));
        assert_eq!(histogram.quantile(99.9 / 100.0), Some(Duration::from_micros(999)));
        assert_eq!(histogram.quantile(0.5), Some(Duration::from_micros(500)));
    }

    #[test]
    fn what_is_kept_reads_back_and_merges_the_same() {
        let (fast, slow) = (of_millis(1..50), of_millis([900, 20_000]));
        let mut merged = fast.clone();
        merged.merge(&slow);
        let mut from_kept = LatencyHistogram::default();
        from_kept.merge_encoded(&fast.encode()).unwrap();
        from_kept.merge_encoded(&slow.encode()).unwrap();
        for quantile in [0.0, 0.5, 0.9, 0.99, 1.0] {
            assert_eq!(merged.quantile(quantile), from_kept.quantile(quantile));
        }
        assert_eq!(from_kept.n_samples(), 51);
    }

    #[test]
    fn variation_is_relative_to_the_mean() {
        assert!(of_millis([20, 20]).cv_squared().unwrap() < 1e-6);
        // Mean 20, standard deviation 10.
        assert!((of_millis([10, 30]).cv_squared().unwrap() - 0.25).abs() < 1e-3);
    }

    #[test]
    fn extremes_saturate_and_are_counted() {
        let mut histogram = LatencyHistogram::default();
        histogram.record(Duration::ZERO);
        histogram.record(Duration::from_secs(86_400));
        assert_eq!(histogram.n_samples(), 2);
        assert!(histogram.max().unwrap() >= Duration::from_secs(3_600));
    }

    #[test]
    fn an_empty_histogram_has_no_numbers() {
        let mut histogram = LatencyHistogram::default();
        for _ in 0..2 {
            assert_eq!((histogram.quantile(0.5), histogram.mean(), histogram.max()), (None, None, None));
            assert_eq!((histogram.cv_squared(), histogram.min()), (None, None));
            assert_eq!(histogram.share_at_most(Duration::from_secs(1)), None);
            assert!(histogram.encode().is_empty());
            histogram.record(Duration::from_millis(7));
            histogram.clear();
        }
    }

    #[test]
    fn a_rank_lies_within_its_bucket_and_counts_take_the_bucket_in() {
        // From 2,048 µs on a bucket takes two values, from 4,096 µs on four.
        let mut histogram = LatencyHistogram::default();
        for micros in [7, 2_049, 4_099] {
            histogram.record(Duration::from_micros(micros));
        }
        let bounds =
            |rank| histogram.bounds_at_rank(rank).map(|(low, high)| (low.as_micros(), high.as_micros()));
        assert_eq!(bounds(0), None);
        assert_eq!(bounds(1), Some((7, 7)));
        assert_eq!(bounds(2), Some((2_048, 2_049)));
        assert_eq!(bounds(3), Some((4_096, 4_099)));
        assert_eq!(bounds(4), None);
        let counts = [6, 7, 2_047, 2_048, 4_095, 4_096]
            .map(|micros| histogram.count_at_most(Duration::from_micros(micros)));
        assert_eq!(counts, [0, 1, 1, 2, 2, 3]);
        assert_eq!(LatencyHistogram::default().bounds_at_rank(1), None);
        assert_eq!(LatencyHistogram::default().count_at_most(Duration::MAX), 0);
    }

    #[test]
    fn buckets_come_in_order_with_the_values_that_stand_for_them() {
        let mut histogram = LatencyHistogram::default();
        for micros in [7, 2_049, 4_099, 4_097] {
            histogram.record(Duration::from_micros(micros));
        }
        let mut found = Vec::new();
        histogram.for_each_bucket(|bucket, n| {
            found.push((bucket.middle().as_micros(), bucket.last().as_micros(), n));
        });
        assert_eq!(found, [(7, 7, 1), (2_049, 2_049, 1), (4_098, 4_099, 2)]);
        assert_eq!(LatencyBucket::of(Duration::from_micros(4_096)).last().as_micros(), 4_099);
        assert_eq!(LatencyBucket::of(Duration::ZERO).last().as_micros(), 1);
    }

    fn reference(values: &[u64]) -> Histogram<u64> {
        let mut counts = Histogram::new(3).unwrap();
        counts.auto(true);
        values.iter().for_each(|micros| counts.record((*micros).clamp(1, MAX_MICROS)).unwrap());
        counts
    }

    proptest! {
        #[test]
        fn every_figure_is_the_one_of_hdr_histogram_to_the_last_digit(
            values in prop::collection::vec(prop_oneof![0..5_000u64, 0..2_000_000u64, 0..5_000_000_000u64], 1..200),
            cut in 0usize..200,
            limit in 0..4_000_000_000u64,
        ) {
            let (first, second) = values.split_at(cut.min(values.len()));
            let record = |values: &[u64]| {
                let mut histogram = LatencyHistogram::default();
                values.iter().for_each(|micros| histogram.record(Duration::from_micros(*micros)));
                histogram
            };
            let mut mine = record(first);
            mine.merge(&record(second));
            let theirs = reference(&values);
            for quantile in [0.0, 0.001, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1.0] {
                let expected = Duration::from_micros(theirs.value_at_quantile(quantile * (1.0 - 1e-12)));
                prop_assert_eq!(mine.quantile(quantile), Some(expected), "{}", quantile);
            }
            prop_assert_eq!(mine.min(), Some(Duration::from_micros(theirs.min())));
            prop_assert_eq!(mine.max(), Some(Duration::from_micros(theirs.max())));
            prop_assert_eq!(mine.mean(), Some(Duration::from_secs_f64(theirs.mean() / 1e6)));
            prop_assert_eq!(mine.cv_squared(), Some((theirs.stdev() / theirs.mean()).powi(2)));
            let share = theirs.quantile_below(limit.min(MAX_MICROS));
            prop_assert_eq!(mine.share_at_most(Duration::from_micros(limit)), Some(share));
            let mut listed = Vec::new();
            mine.for_each(|micros, n| listed.push((micros, n)));
            let expected: Vec<_> = theirs
                .iter_recorded()
                .map(|found| (theirs.lowest_equivalent(found.value_iterated_to()), found.count_at_value()))
                .collect();
            prop_assert_eq!(listed, expected);
        }
    }
}
