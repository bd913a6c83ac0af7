//! The store against a small Redis that can fall silent, refuse, and die.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Bytes;

use super::super::{CacheError, CacheManager, CacheStore as _, suite};
use super::double::{Mood, RedisDouble};
use super::{RedisOptions, RedisStore};

const HOUR: Duration = Duration::from_secs(3_600);

/// As patient as a busy machine may need it, for tests in which nothing is lost.
fn patient(double: &RedisDouble) -> RedisOptions {
    RedisOptions { patience: Duration::from_secs(20), ..RedisOptions::at(&double.url()) }
}

async fn manager(options: &RedisOptions) -> Arc<CacheManager> {
    Arc::new(CacheManager::in_redis(options).await.unwrap())
}

#[tokio::test]
async fn everything_that_holds_in_memory_holds_over_a_connection() {
    let double = RedisDouble::start(Some("secret")).await;
    suite::check_all(&manager(&patient(&double)).await).await;
    assert!(!double.commands().iter().any(|command| command == "KEYS"));
}

#[tokio::test]
async fn only_keys_of_the_sandbox_are_touched_and_old_ones_cleared_at_the_start() {
    let double = RedisDouble::start(None).await;
    double.put("someone:else", "1");
    for n in 0..7 {
        double.put(&format!("stagewright:sandbox:courses:{n}"), "of an earlier sandbox");
    }
    let cache = manager(&patient(&double)).await;
    assert_eq!(cache.get("courses:3").await, None);
    cache.set("courses:3", Bytes::from_static(b"new"), HOUR).await;
    assert_eq!(double.keys(), ["someone:else", "stagewright:sandbox:courses:3"]);
    assert_eq!(cache.stats().await.n_entries, Some(1));
    assert_eq!(cache.invalidate_pattern("*").await, 1);
    assert_eq!(double.keys(), ["someone:else"]);
}

#[tokio::test]
async fn a_server_that_dies_costs_misses_and_comes_back_without_old_values() {
    let double = RedisDouble::start(None).await;
    let cache = manager(&RedisOptions::at(&double.url())).await;
    let cell = tokio::sync::Mutex::new(double);
    suite::check_outage(
        &cache,
        async || cell.lock().await.die().await,
        async || cell.lock().await.rise().await,
    )
    .await;
}

#[tokio::test]
async fn a_server_that_falls_silent_costs_misses_and_comes_back_without_old_values() {
    let double = RedisDouble::start(None).await;
    let cache = manager(&RedisOptions::at(&double.url())).await;
    suite::check_outage(&cache, async || double.turn(Mood::Silent), async || double.turn(Mood::Well)).await;
    assert_eq!(cache.stats().await.trouble, None);
}

#[tokio::test]
async fn a_server_that_refuses_costs_misses_too() {
    let double = RedisDouble::start(None).await;
    let cache = manager(&RedisOptions::at(&double.url())).await;
    suite::check_outage(&cache, async || double.turn(Mood::Refusing), async || double.turn(Mood::Well)).await;
}

#[tokio::test]
async fn while_it_is_silent_only_the_first_waits_and_says_why() {
    let double = RedisDouble::start(None).await;
    let store = RedisStore::connect(&RedisOptions::at(&double.url())).await.unwrap();
    double.turn(Mood::Silent);
    let failed = store.get("key").await.unwrap_err();
    assert_eq!(failed.to_string(), "the store failed: no answer within 40 ms");
    let start = Instant::now();
    for _ in 0..100_000 {
        store.get("key").await.unwrap_err();
    }
    // A hundred thousand times the patience would be more than an hour.
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    let figures = store.figures().await;
    assert_eq!((figures.connected, figures.n_entries), (false, None));
    assert!(figures.trouble.is_some());
}

#[tokio::test]
async fn a_store_that_nobody_holds_stops_trying() {
    let double = RedisDouble::start(None).await;
    let store = RedisStore::connect(&RedisOptions::at(&double.url())).await.unwrap();
    let link = Arc::downgrade(&store.link);
    double.turn(Mood::Silent);
    store.get("key").await.unwrap_err();
    drop(store);
    suite::until("the link is gone", async || link.strong_count() == 0).await;
}

/// What connecting with this address says, with `PORT` for the server's.
async fn refusal(double: &RedisDouble, url: &str) -> CacheError {
    let url = url.replace("PORT", &double.address().port().to_string());
    RedisStore::connect(&RedisOptions::at(&url)).await.err().unwrap()
}

#[tokio::test]
async fn a_wrong_password_is_told_without_telling_it() {
    let double = RedisDouble::start(Some("secret")).await;
    for url in ["redis://:guess@127.0.0.1:PORT/", "redis://127.0.0.1:PORT/"] {
        let error = refusal(&double, url).await;
        assert!(matches!(error, CacheError::Refused { .. }), "{error:?}");
        assert!(!error.to_string().contains("guess"), "{error}");
        assert!(error.to_string().ends_with(&double.address().to_string()), "{error}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_and_an_address_that_is_none_are_told() {
    let mut double = RedisDouble::start(None).await;
    double.die().await;
    let error = refusal(&double, "redis://:secret@127.0.0.1:PORT/").await;
    assert!(matches!(error, CacheError::Unreachable { .. }), "{error:?}");
    assert!(!error.to_string().contains("secret"), "{error}");
    let error = refusal(&double, "http://127.0.0.1:PORT/").await;
    assert!(matches!(error, CacheError::Address(_)), "{error:?}");
}

#[tokio::test]
async fn a_server_without_tls_is_told_from_one_with() {
    let double = RedisDouble::start(None).await;
    let error = refusal(&double, "rediss://127.0.0.1:PORT/").await;
    assert!(matches!(error, CacheError::Unreachable { .. }), "{error:?}");
}
