//! Values in Redis, under a prefix of their own. It answers soon or is given up, and is tried again in the background.

#[cfg(test)]
mod double;
mod link;
mod server_counts;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use redis::{Cmd, FromRedisValue, cmd};

use super::{CacheError, CacheStore, Pattern, StoreError, StoreFigures, StoreKind};
use link::{Link, next_page};
use server_counts::ServerCounts;

/// All keys of the sandbox begin so, and only those are touched.
const PREFIX: &str = "stagewright:sandbox:";
/// Redis answers within a millisecond or two; a request of the sandbox must not wait for it much longer.
const PATIENCE: Duration = Duration::from_millis(40);
/// Counting entries stops here.
const MAX_PAGES_COUNTED: usize = 40;

/// Where Redis is, and whom to trust.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisOptions {
    /// `redis://` or `rediss://`, with user and password where they are needed.
    pub url: String,
    /// Certificates in PEM to trust instead of the public ones.
    pub ca_pem: Option<Vec<u8>>,
    /// How long an answer may take before Redis counts as lost.
    pub patience: Duration,
}

impl RedisOptions {
    /// At this address, trusting what the public trusts, with the usual patience.
    pub fn at(url: &str) -> Self {
        Self { url: url.to_owned(), ca_pem: None, patience: PATIENCE }
    }
}

/// Values in Redis.
pub struct RedisStore {
    link: Arc<Link>,
    server_counts: ServerCounts,
}

impl RedisStore {
    /// Connects, and clears what an earlier sandbox may have left.
    pub async fn connect(options: &RedisOptions) -> Result<Self, CacheError> {
        let store = Self { link: Link::connect(options).await?, server_counts: ServerCounts::default() };
        // Counts of the server begin here.
        store.figures().await;
        Ok(store)
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        self.link.ask(command).await
    }

    async fn count_entries(&self) -> Result<Option<u64>, StoreError> {
        let (mut n_entries, mut cursor) = (0, 0);
        let everything = Pattern::new("*").for_redis(PREFIX);
        for _ in 0..MAX_PAGES_COUNTED {
            let (next, keys): (u64, Vec<Bytes>) = self.ask(&next_page(cursor, &everything)).await?;
            n_entries += keys.len() as u64;
            if next == 0 {
                return Ok(Some(n_entries));
            }
            cursor = next;
        }
        Ok(None)
    }
}

fn full(key: &str) -> String {
    [PREFIX, key].concat()
}

impl CacheStore for RedisStore {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, StoreError> {
        self.ask(cmd("GET").arg(full(key))).await
    }

    async fn set(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), StoreError> {
        // Redis knows no time to live of zero.
        let millis = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX).max(1);
        self.ask(cmd("SET").arg(full(key)).arg(&*value).arg("PX").arg(millis)).await
    }

    async fn remove(&self, key: &str) -> Result<bool, StoreError> {
        let n_removed: u64 = self.ask(cmd("UNLINK").arg(full(key))).await?;
        Ok(n_removed > 0)
    }

    async fn remove_matching(&self, pattern: &Pattern) -> Result<u64, StoreError> {
        let glob = pattern.for_redis(PREFIX);
        let (mut n_removed, mut cursor) = (0, 0);
        loop {
            let (next, keys): (u64, Vec<Bytes>) = self.ask(&next_page(cursor, &glob)).await?;
            if !keys.is_empty() {
                let keys: Vec<&[u8]> = keys.iter().map(|key| &**key).collect();
                n_removed += self.ask::<u64>(cmd("UNLINK").arg(keys)).await?;
            }
            if next == 0 {
                return Ok(n_removed);
            }
            cursor = next;
        }
    }

    async fn figures(&self) -> StoreFigures {
        let n_entries = self.count_entries().await.ok().flatten();
        if let Ok(info) = self.ask::<String>(cmd("INFO").arg("stats")).await {
            self.server_counts.read(&info);
        }
        let (n_evictions, n_expirations) = self.server_counts.since_start();
        let trouble = self.link.trouble();
        StoreFigures {
            kind: StoreKind::Redis,
            connected: trouble.is_none(),
            trouble,
            n_entries,
            n_evictions,
            n_expirations,
        }
    }
}
