//! Values in this process, bounded by their size. What is rarely asked for goes first.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant as SystemInstant};

use axum::body::Bytes;
use moka::Expiry;
use moka::future::Cache;
use moka::notification::RemovalCause;
use moka::ops::compute::Op;
use tokio::time::Instant;

use super::{CacheStore, Pattern, StoreError, StoreFigures, StoreKind};

/// About what an entry takes beside its key and value.
const N_BYTES_PER_ENTRY: usize = 128;

/// Values in memory.
pub struct MemoryStore {
    cache: Cache<String, Entry>,
    gone: Arc<Gone>,
}

#[derive(Clone)]
struct Entry {
    value: Bytes,
    ttl: Duration,
    /// By the runtime's clock, which tests can stop; moka frees memory by its own.
    until: Instant,
}

impl Entry {
    fn is_past(&self) -> bool {
        self.until <= Instant::now()
    }
}

#[derive(Default)]
struct Gone {
    n_evictions: AtomicU64,
    n_expirations: AtomicU64,
}

impl MemoryStore {
    /// A store that takes about so much memory and no more.
    pub fn new(max_bytes: u64) -> Self {
        let gone = Arc::new(Gone::default());
        let counted = gone.clone();
        let cache = Cache::builder()
            .max_capacity(max_bytes)
            .weigher(|key: &String, entry: &Entry| {
                u32::try_from(N_BYTES_PER_ENTRY + key.len() + entry.value.len()).unwrap_or(u32::MAX)
            })
            .expire_after(ByEntry)
            .eviction_listener(move |_, entry: Entry, cause| {
                // One that is past its time has expired, whatever it was found by.
                if entry.is_past() || cause == RemovalCause::Expired {
                    counted.n_expirations.fetch_add(1, Relaxed);
                } else if cause == RemovalCause::Size {
                    counted.n_evictions.fetch_add(1, Relaxed);
                }
            })
            .build();
        Self { cache, gone }
    }
}

impl CacheStore for MemoryStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError> {
        let Some(entry) = self.cache.get(key).await else { return Ok(None) };
        if !entry.is_past() {
            return Ok(Some(entry.value));
        }
        // Removes it only if no new one has come in between.
        let past = |entry: Option<moka::Entry<String, Entry>>| {
            std::future::ready(match entry {
                Some(entry) if entry.value().is_past() => Op::Remove,
                _ => Op::Nop,
            })
        };
        self.cache.entry_by_ref(key).and_compute_with(past).await;
        Ok(None)
    }

    async fn set(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), StoreError> {
        self.cache.insert(key.to_owned(), Entry { value, ttl, until: Instant::now() + ttl }).await;
        Ok(())
    }

    async fn remove(&self, key: &str) -> Result<bool, StoreError> {
        Ok(self.cache.remove(key).await.is_some_and(|entry| !entry.is_past()))
    }

    async fn remove_matching(&self, pattern: &Pattern) -> Result<u64, StoreError> {
        let keys: Vec<Arc<String>> =
            self.cache.iter().map(|(key, _)| key).filter(|key| pattern.matches(key)).collect();
        let mut n_removed = 0;
        for key in keys {
            n_removed += u64::from(self.remove(&key).await?);
        }
        Ok(n_removed)
    }

    async fn figures(&self) -> StoreFigures {
        // Counts lag behind otherwise.
        self.cache.run_pending_tasks().await;
        StoreFigures {
            kind: StoreKind::Memory,
            connected: true,
            trouble: None,
            n_entries: Some(self.cache.entry_count()),
            n_evictions: self.gone.n_evictions.load(Relaxed),
            n_expirations: self.gone.n_expirations.load(Relaxed),
        }
    }
}

/// Each entry lasts as long as its own time to live.
struct ByEntry;

impl Expiry<String, Entry> for ByEntry {
    fn expire_after_create(&self, _key: &String, entry: &Entry, _at: SystemInstant) -> Option<Duration> {
        Some(entry.ttl)
    }

    fn expire_after_update(
        &self,
        _key: &String,
        entry: &Entry,
        _at: SystemInstant,
        _left: Option<Duration>,
    ) -> Option<Duration> {
        Some(entry.ttl)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::cache_manager::TtlClass;

    #[tokio::test]
    async fn memory_stays_within_its_bound_and_what_goes_is_counted() {
        let store = MemoryStore::new(100_000);
        for n in 0..1_000 {
            store
                .set(&format!("key:{n}"), Bytes::from(vec![b'x'; 1_000]), TtlClass::Long.into())
                .await
                .unwrap();
        }
        let figures = store.figures().await;
        let n_entries = figures.n_entries.unwrap();
        assert!((1..=100_000 / 1_128).contains(&n_entries), "{figures:?}");
        assert_eq!(figures.n_evictions, 1_000 - n_entries);
        assert_eq!(figures.n_expirations, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn each_entry_expires_by_its_own_class_to_the_moment() {
        let store = MemoryStore::new(100_000);
        for class in TtlClass::ALL {
            store.set(&format!("{class:?}"), Bytes::from_static(b"x"), class.into()).await.unwrap();
        }
        let mut passed = Duration::ZERO;
        for class in TtlClass::ALL {
            let key = format!("{class:?}");
            tokio::time::advance(class.duration() - passed - Duration::from_millis(1)).await;
            assert!(store.get(&key).await.unwrap().is_some(), "{key} went too early");
            tokio::time::advance(Duration::from_millis(1)).await;
            assert!(store.get(&key).await.unwrap().is_none(), "{key} stayed too long");
            passed = class.duration();
        }
        let figures = store.figures().await;
        assert_eq!((figures.n_expirations, figures.n_evictions, figures.n_entries), (4, 0, Some(0)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_value_set_again_lasts_its_new_time() {
        let store = MemoryStore::new(100_000);
        store.set("key", Bytes::from_static(b"old"), Duration::from_secs(10)).await.unwrap();
        tokio::time::advance(Duration::from_secs(9)).await;
        store.set("key", Bytes::from_static(b"new"), Duration::from_secs(10)).await.unwrap();
        tokio::time::advance(Duration::from_secs(9)).await;
        assert_eq!(store.get("key").await.unwrap().as_deref(), Some(&b"new"[..]));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(store.get("key").await.unwrap(), None);
        assert_eq!(store.figures().await.n_expirations, 1);
    }

    #[tokio::test]
    async fn a_hit_shares_the_value_and_copies_nothing() {
        let store = MemoryStore::new(100_000);
        let value = Bytes::from(vec![7; 5_000]);
        store.set("key", value.clone(), TtlClass::Short.into()).await.unwrap();
        assert_eq!(store.get("key").await.unwrap().unwrap().as_ptr(), value.as_ptr());
    }
}
