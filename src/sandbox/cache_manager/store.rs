//! What a cache keeps its values in, by one trait; and the choice between the two that there are.

use std::future::Future;
use std::time::Duration;

use axum::body::Bytes;

use super::{MemoryStore, Pattern, RedisStore};

/// Keeps values under keys until they expire.
pub trait CacheStore: Send + Sync + 'static {
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Bytes>, StoreError>> + Send;

    fn set(
        &self,
        key: &str,
        value: Bytes,
        ttl: Duration,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Whether there was one.
    fn remove(&self, key: &str) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// How many there were.
    fn remove_matching(&self, pattern: &Pattern) -> impl Future<Output = Result<u64, StoreError>> + Send;

    fn figures(&self) -> impl Future<Output = StoreFigures> + Send;
}

/// Why a store did not do what it was asked to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It was not even asked: it failed a moment ago, and is being tried in the background.
    #[error("the store is out of reach")]
    OutOfReach,
    #[error("the store failed: {0}")]
    Failed(String),
}

/// Where values are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    Memory,
    Redis,
}

/// What a store knows about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreFigures {
    pub kind: StoreKind,
    pub connected: bool,
    /// Why it is not connected.
    pub trouble: Option<String>,
    /// None where it cannot be told, or only at a price.
    pub n_entries: Option<u64>,
    /// Thrown out for want of room. Of Redis: the whole server's.
    pub n_evictions: u64,
    /// Found to be past their time. Of Redis: the whole server's.
    pub n_expirations: u64,
}

/// Either store.
pub enum AnyStore {
    Memory(MemoryStore),
    Redis(RedisStore),
}

impl CacheStore for AnyStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError> {
        match self {
            Self::Memory(store) => store.get(key).await,
            Self::Redis(store) => store.get(key).await,
        }
    }

    async fn set(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), StoreError> {
        match self {
            Self::Memory(store) => store.set(key, value, ttl).await,
            Self::Redis(store) => store.set(key, value, ttl).await,
        }
    }

    async fn remove(&self, key: &str) -> Result<bool, StoreError> {
        match self {
            Self::Memory(store) => store.remove(key).await,
            Self::Redis(store) => store.remove(key).await,
        }
    }

    async fn remove_matching(&self, pattern: &Pattern) -> Result<u64, StoreError> {
        match self {
            Self::Memory(store) => store.remove_matching(pattern).await,
            Self::Redis(store) => store.remove_matching(pattern).await,
        }
    }

    async fn figures(&self) -> StoreFigures {
        match self {
            Self::Memory(store) => store.figures().await,
            Self::Redis(store) => store.figures().await,
        }
    }
}
