//! Keeps answers for a while, so that equal questions cost one reading: in this process, or in Redis.
//!
//! Whatever happens to the store, questions go on: what it cannot give is a miss. Concurrent misses of one key load once.
//! What an outage made the store miss is cleared before it is used again. Knows neither routes nor the database.

mod flights;
pub mod keys;
mod manager;
mod memory;
mod pattern;
mod redis;
mod stats;
mod store;
#[cfg(any(test, feature = "servers"))]
pub mod suite;
mod ttl;

pub use manager::{CacheManager, Fetched, Source};
pub use memory::MemoryStore;
pub use pattern::Pattern;
pub use redis::{RedisOptions, RedisStore};
pub use stats::CacheStats;
pub use store::{AnyStore, CacheStore, StoreError, StoreFigures, StoreKind};
pub use ttl::TtlClass;

/// Why a cache cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    #[error(
        "the cache manager cannot use this address: {0}. Write it as redis://:password@host:6379/0, or rediss:// for TLS"
    )]
    Address(String),
    #[error("the cache manager is not let in: {why}. Check user and password in the address: {address}")]
    Refused { why: String, address: String },
    #[error(
        "the cache manager does not reach Redis: {why}. Start it, or check host, port and TLS: {address}"
    )]
    Unreachable { why: String, address: String },
}
