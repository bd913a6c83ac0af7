//! Latency histograms: microseconds, three significant digits, 1 µs to one hour; merging loses nothing.

use std::{io::Cursor, time::Duration};

use hdrhistogram::{
    Histogram,
    serialization::{Deserializer, Serializer, V2DeflateSerializer},
};

/// The longest latency told apart; longer ones count as this and are never dropped.
const MAX_MICROS: u64 = 3_600_000_000;

/// A histogram of latencies in microseconds with three significant digits.
#[derive(Clone, Debug, PartialEq)]
pub struct LatencyHistogram {
    counts: Histogram<u64>,
}

/// A histogram as kept: HdrHistogram V2, compressed; empty bytes for an empty histogram.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EncodedHistogram(pub Vec<u8>);

/// Why kept bytes are no histogram.
#[derive(Debug, thiserror::Error)]
#[error("a kept histogram cannot be read ({0}): the library is damaged or was written by another program")]
pub struct HistogramError(String);

impl Default for LatencyHistogram {
    fn default() -> Self {
        let mut counts = Histogram::new(3).expect("three significant digits are within 0 to 5");
        counts.auto(true);
        Self { counts }
    }
}

impl LatencyHistogram {
    pub fn record(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        self.counts.record(micros.clamp(1, MAX_MICROS)).expect("an hour fits a growing histogram");
    }

    pub fn merge(&mut self, other: &Self) {
        if !other.is_empty() {
            self.counts.add(&other.counts).expect("a growing histogram takes any other");
        }
    }

    pub fn merge_encoded(&mut self, encoded: &EncodedHistogram) -> Result<(), HistogramError> {
        // Most phases of most rows are empty: a run of an hour has some hundred thousand of them.
        if !encoded.0.is_empty() {
            self.merge(&encoded.decode()?);
        }
        Ok(())
    }

    /// Hands out each value that occurs, in microseconds and in order, with the number of its samples.
    pub fn for_each(&self, mut take: impl FnMut(u64, u64)) {
        self.counts.iter_recorded().for_each(|found| {
            take(self.counts.lowest_equivalent(found.value_iterated_to()), found.count_at_value())
        });
    }

    /// Empties the histogram and keeps its memory.
    pub fn clear(&mut self) {
        if !self.is_empty() {
            self.counts.reset();
        }
    }

    pub fn n_samples(&self) -> u64 {
        self.counts.len()
    }

    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// The value at a quantile between 0 and 1: at least this share of samples is no larger.
    // hdrhistogram 7.6 multiplies and rounds up, so that a quantile too large by its last bit, such as
    // 99.9 / 100, names the next rank: the maximum of 1,000 samples. A part in 10^12 takes no real rank away.
    pub fn quantile(&self, quantile: f64) -> Option<Duration> {
        let below_noise = quantile * (1.0 - 1e-12);
        (!self.is_empty()).then(|| Duration::from_micros(self.counts.value_at_quantile(below_noise)))
    }

    pub fn min(&self) -> Option<Duration> {
        (!self.is_empty()).then(|| Duration::from_micros(self.counts.min()))
    }

    pub fn max(&self) -> Option<Duration> {
        (!self.is_empty()).then(|| Duration::from_micros(self.counts.max()))
    }

    pub fn mean(&self) -> Option<Duration> {
        (!self.is_empty()).then(|| Duration::from_secs_f64(self.counts.mean() / 1e6))
    }

    /// The squared coefficient of variation: variance ÷ squared mean.
    pub fn cv_squared(&self) -> Option<f64> {
        (!self.is_empty()).then(|| (self.counts.stdev() / self.counts.mean()).powi(2))
    }

    /// The share of samples that are at most `limit`.
    pub fn share_at_most(&self, limit: Duration) -> Option<f64> {
        let micros = u64::try_from(limit.as_micros()).unwrap_or(u64::MAX).min(MAX_MICROS);
        (!self.is_empty()).then(|| self.counts.quantile_below(micros))
    }

    pub fn encode(&self) -> EncodedHistogram {
        let mut bytes = Vec::new();
        if !self.is_empty() {
            V2DeflateSerializer::new()
                .serialize(&self.counts, &mut bytes)
                .expect("writing to memory cannot fail");
        }
        EncodedHistogram(bytes)
    }
}

impl EncodedHistogram {
    pub fn decode(&self) -> Result<LatencyHistogram, HistogramError> {
        if self.0.is_empty() {
            return Ok(LatencyHistogram::default());
        }
        let mut counts: Histogram<u64> = Deserializer::new()
            .deserialize(&mut Cursor::new(&self.0))
            .map_err(|error| HistogramError(error.to_string()))?;
        counts.auto(true);
        Ok(LatencyHistogram { counts })
    }
}

#[cfg(test)]
mod tests {
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
        let histogram = LatencyHistogram::default();
        assert_eq!((histogram.quantile(0.5), histogram.mean(), histogram.max()), (None, None, None));
        assert_eq!(histogram.cv_squared(), None);
        assert!(histogram.encode().0.is_empty());
    }

    #[test]
    fn damaged_bytes_are_an_error() {
        assert!(EncodedHistogram(vec![1, 2, 3]).decode().is_err());
    }
}
