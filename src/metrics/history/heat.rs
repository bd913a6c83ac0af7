//! Response times of one second by logarithmic buckets: a column of the latency heatmap.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::metrics::{HistogramError, IntervalStats, LatencyHistogram, Outcome};

/// Buckets per decade of response time.
const PER_DECADE: f64 = 10.0;

/// Enough buckets for 1 µs to one hour.
pub const N_HEAT_BUCKETS: usize = 96;

/// What ended in one second, all steps together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HeatColumn {
    pub second: u32,
    /// Bucket and number of successful requests, buckets in order; empty ones are left out.
    pub counts: Vec<(u8, u32)>,
    pub n_timeouts: u64,
    /// Failed requests other than timeouts.
    pub n_errors: u64,
}

/// Where a bucket starts; it ends where the next one starts.
pub fn heat_bucket_start(bucket: usize) -> Duration {
    Duration::from_secs_f64(10f64.powf(bucket as f64 / PER_DECADE) / 1e6)
}

fn bucket_of(micros: u64) -> usize {
    // The tolerance keeps 1,000 µs, whose logarithm is a hair below 3, in the bucket that starts there.
    let bucket = ((micros.max(1) as f64).log10() * PER_DECADE + 1e-9).floor() as usize;
    bucket.min(N_HEAT_BUCKETS - 1)
}

impl HeatColumn {
    pub(super) fn of(interval: &IntervalStats) -> Result<Self, HistogramError> {
        let mut column = Self { second: interval.second, ..Self::default() };
        let mut merged = LatencyHistogram::default();
        for row in &interval.rows {
            merged.merge_encoded(&row.stats.response_time)?;
            let counters = &row.stats.counters;
            column.n_timeouts += counters.n_of(Outcome::Timeout);
            column.n_errors += counters.n_errors() - counters.n_of(Outcome::Timeout);
        }
        let mut counts = [0u64; N_HEAT_BUCKETS];
        merged.for_each(|micros, n| counts[bucket_of(micros)] += n);
        let filled = counts.iter().enumerate().filter(|(_, n)| **n > 0);
        column.counts =
            filled.map(|(bucket, n)| (bucket as u8, u32::try_from(*n).unwrap_or(u32::MAX))).collect();
        Ok(column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_latency_is_within_the_bounds_of_its_bucket() {
        for micros in [1, 2, 999, 1_000, 1_001, 25_000, 999_999, 3_600_000_000] {
            let bucket = bucket_of(micros);
            let latency = Duration::from_micros(micros).as_secs_f64() * (1.0 + 1e-9);
            assert!(heat_bucket_start(bucket).as_secs_f64() <= latency, "{micros} µs");
            assert!(latency < heat_bucket_start(bucket + 1).as_secs_f64() * (1.0 + 1e-6), "{micros} µs");
        }
    }
}
