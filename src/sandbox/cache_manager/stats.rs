//! What a cache did since it was made.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use super::StoreKind;

/// What a cache did, and how its store is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CacheStats {
    pub store: StoreKind,
    pub connected: bool,
    /// Why the store is not connected.
    pub trouble: Option<String>,
    pub n_hits: u64,
    pub n_misses: u64,
    pub n_sets: u64,
    /// Values removed by key or by pattern.
    pub n_invalidations: u64,
    /// Thrown out for want of room. Of Redis: the whole server's.
    pub n_evictions: u64,
    /// Found to be past their time. Of Redis: the whole server's.
    pub n_expirations: u64,
    pub n_loads: u64,
    pub n_failed_loads: u64,
    /// Misses that were served by the load of another.
    pub n_shared_loads: u64,
    /// Of all loads together.
    pub load_time: Duration,
    /// What the store was asked and failed to do.
    pub n_errors: u64,
    /// What it was not even asked, because it had failed a moment ago.
    pub n_skipped: u64,
    pub n_entries: Option<u64>,
}

impl CacheStats {
    /// Share of lookups that the store answered; None before the first.
    pub fn hit_ratio(&self) -> Option<f64> {
        let n_lookups = self.n_hits + self.n_misses;
        (n_lookups > 0).then(|| self.n_hits as f64 / n_lookups as f64)
    }

    /// Of one load; None before the first.
    pub fn mean_load_time(&self) -> Option<Duration> {
        (self.n_loads > 0).then(|| self.load_time.div_f64(self.n_loads as f64))
    }
}

/// The same while counting.
#[derive(Default)]
pub(super) struct Counts {
    pub n_hits: AtomicU64,
    pub n_misses: AtomicU64,
    pub n_sets: AtomicU64,
    pub n_invalidations: AtomicU64,
    pub n_loads: AtomicU64,
    pub n_failed_loads: AtomicU64,
    pub n_shared_loads: AtomicU64,
    pub load_nanos: AtomicU64,
    pub n_errors: AtomicU64,
    pub n_skipped: AtomicU64,
}

pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}
