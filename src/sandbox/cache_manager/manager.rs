//! The cache as its users see it: nothing that happens to the store is an error for them.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use axum::body::Bytes;
use tokio::time::Instant;

use super::flights::Flights;
use super::stats::{Counts, count};
use super::{
    AnyStore, CacheError, CacheStats, CacheStore as _, MemoryStore, Pattern, RedisOptions, RedisStore,
    StoreError,
};

/// Keeps what loads bring; `E` is how a load fails.
pub struct CacheManager<E = String> {
    store: AnyStore,
    flights: Flights<E>,
    counts: Counts,
}

/// A value, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    pub value: Bytes,
    pub source: Source,
}

/// Where a value came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A hit.
    Store,
    /// A miss: this caller loaded it.
    Load,
    /// A miss: another caller was loading it already.
    SharedLoad,
}

impl<E: Clone + Send + Sync + 'static> CacheManager<E> {
    /// A cache in this process that takes about so much memory.
    pub fn in_memory(max_bytes: u64) -> Self {
        Self::on(AnyStore::Memory(MemoryStore::new(max_bytes)))
    }

    /// A cache in Redis. Fails when it cannot be reached now; what happens to it later is no error.
    pub async fn in_redis(options: &RedisOptions) -> Result<Self, CacheError> {
        Ok(Self::on(AnyStore::Redis(RedisStore::connect(options).await?)))
    }

    /// A cache on a store.
    pub fn on(store: AnyStore) -> Self {
        Self { store, flights: Flights::default(), counts: Counts::default() }
    }

    /// The value of a key, if it is there.
    pub async fn get(&self, key: &str) -> Option<Bytes> {
        let value = self.noted(self.store.get(key).await).flatten();
        count(if value.is_some() { &self.counts.n_hits } else { &self.counts.n_misses });
        value
    }

    /// Keeps a value for so long.
    pub async fn set(&self, key: &str, value: Bytes, ttl: impl Into<Duration>) {
        // A load that began before would bring what was before.
        self.flights.outdate(key);
        self.keep(key, value, ttl.into()).await;
    }

    /// The value of a key, or what `load` brings, which is kept for so long. Of many who miss at once one loads, and all get
    /// what it brings, be it a failure; failures are not kept.
    pub async fn get_or_set<F, Fut>(&self, key: &str, ttl: impl Into<Duration>, load: F) -> Result<Fetched, E>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<Bytes, E>>,
    {
        if let Some(value) = self.get(key).await {
            return Ok(Fetched { value, source: Source::Store });
        }
        let ttl = ttl.into();
        let seat = self.flights.join(key);
        let flight = &*seat.flight;
        let mut source = Source::SharedLoad;
        let landed = flight.landed.get_or_init(|| async {
            // Another's load may have ended between the miss and here.
            if let Some(value) = self.noted(self.store.get(key).await).flatten() {
                return Ok(value);
            }
            source = Source::Load;
            let loaded = self.timed(load()).await;
            if let Ok(value) = &loaded
                && !flight.is_outdated()
            {
                self.keep(key, value.clone(), ttl).await;
                // Removed while it was being kept: what came first in the store is not known.
                if flight.is_outdated() {
                    self.noted(self.store.remove(key).await);
                }
            }
            loaded
        });
        let value = landed.await.clone();
        if source == Source::SharedLoad {
            count(&self.counts.n_shared_loads);
        }
        value.map(|value| Fetched { value, source })
    }

    /// Forgets the value of a key, and what is being loaded for it.
    pub async fn remove(&self, key: &str) {
        self.flights.outdate(key);
        let removed = self.noted(self.store.remove(key).await).unwrap_or(false);
        self.counts.n_invalidations.fetch_add(u64::from(removed), Relaxed);
    }

    /// Forgets all values whose keys are as the pattern says; how many there were.
    pub async fn invalidate_pattern(&self, pattern: impl Into<Pattern>) -> u64 {
        let pattern = pattern.into();
        self.flights.outdate_matching(&pattern);
        let n_removed = self.noted(self.store.remove_matching(&pattern).await).unwrap_or(0);
        self.counts.n_invalidations.fetch_add(n_removed, Relaxed);
        n_removed
    }

    /// What it did until now. Asks the store, so not for every request.
    pub async fn stats(&self) -> CacheStats {
        let figures = self.store.figures().await;
        let counts = &self.counts;
        let n = |counter: &AtomicU64| counter.load(Relaxed);
        CacheStats {
            store: figures.kind,
            connected: figures.connected,
            trouble: figures.trouble,
            n_hits: n(&counts.n_hits),
            n_misses: n(&counts.n_misses),
            n_sets: n(&counts.n_sets),
            n_invalidations: n(&counts.n_invalidations),
            n_evictions: figures.n_evictions,
            n_expirations: figures.n_expirations,
            n_loads: n(&counts.n_loads),
            n_failed_loads: n(&counts.n_failed_loads),
            n_shared_loads: n(&counts.n_shared_loads),
            load_time: Duration::from_nanos(n(&counts.load_nanos)),
            n_errors: n(&counts.n_errors),
            n_skipped: n(&counts.n_skipped),
            n_entries: figures.n_entries,
        }
    }

    async fn keep(&self, key: &str, value: Bytes, ttl: Duration) {
        if self.noted(self.store.set(key, value, ttl).await).is_some() {
            count(&self.counts.n_sets);
        }
    }

    async fn timed(&self, load: impl Future<Output = Result<Bytes, E>>) -> Result<Bytes, E> {
        let start = Instant::now();
        let loaded = load.await;
        // Wraps after five hundred years.
        self.counts.load_nanos.fetch_add(start.elapsed().as_nanos() as u64, Relaxed);
        count(&self.counts.n_loads);
        if loaded.is_err() {
            count(&self.counts.n_failed_loads);
        }
        loaded
    }

    /// Counts what the store failed to do.
    fn noted<T>(&self, answer: Result<T, StoreError>) -> Option<T> {
        match answer {
            Ok(value) => Some(value),
            Err(StoreError::OutOfReach) => {
                count(&self.counts.n_skipped);
                None
            }
            Err(StoreError::Failed(_)) => {
                count(&self.counts.n_errors);
                None
            }
        }
    }

    #[cfg(any(test, feature = "servers"))]
    pub(super) fn n_loads_under_way(&self) -> usize {
        self.flights.n_under_way()
    }
}
