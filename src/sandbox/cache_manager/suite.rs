//! What holds for a cache on any store. The usual tests run it in memory and against a small Redis; those of the feature
//! `servers` run the very same against a real one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{CacheManager, Source, TtlClass};

/// How long something may take to come true on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long a request may be held up by a store that fails: its patience, and a busy machine's share.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// Waits until something is so.
pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !is_so().await {
        assert!(start.elapsed() < PATIENCE, "never came true: {what}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Everything that holds while the store is well. Each check has keys of its own.
pub async fn check_all(cache: &Arc<CacheManager>) {
    values_come_back_until_they_are_removed(cache).await;
    values_of_any_bytes_and_size_come_back(cache).await;
    values_expire(cache).await;
    a_pattern_removes_its_keys_and_no_others(cache).await;
    many_misses_of_one_key_load_once(cache).await;
    a_load_that_fails_fails_for_those_who_waited_and_is_not_kept(cache).await;
    a_load_that_is_given_up_is_taken_over(cache).await;
    what_is_removed_while_it_loads_is_not_kept(cache).await;
    what_is_set_while_it_loads_stays(cache).await;
    everything_is_counted(cache).await;
}

pub async fn values_come_back_until_they_are_removed(cache: &Arc<CacheManager>) {
    assert_eq!(cache.get("plain:a").await, None);
    cache.set("plain:a", Bytes::from_static(b"one"), TtlClass::Short).await;
    cache.set("plain:b", Bytes::from_static(b"two"), TtlClass::VeryLong).await;
    assert_eq!(cache.get("plain:a").await.as_deref(), Some(&b"one"[..]));
    cache.set("plain:a", Bytes::from_static(b"three"), TtlClass::Short).await;
    assert_eq!(cache.get("plain:a").await.as_deref(), Some(&b"three"[..]));
    cache.remove("plain:a").await;
    assert_eq!(cache.get("plain:a").await, None);
    assert_eq!(cache.get("plain:b").await.as_deref(), Some(&b"two"[..]));
}

pub async fn values_of_any_bytes_and_size_come_back(cache: &Arc<CacheManager>) {
    let every_byte: Vec<u8> = (0..=255).collect();
    for (key, value) in [
        ("bytes:none", Vec::new()),
        ("bytes:every", every_byte.clone()),
        ("bytes:many", every_byte.repeat(1_000)),
        ("bytes:ключ \r\n$5", b"\r\n$-1\r\n".to_vec()),
    ] {
        cache.set(key, Bytes::from(value.clone()), TtlClass::Long).await;
        assert_eq!(cache.get(key).await.as_deref(), Some(&value[..]), "{key}");
    }
}

pub async fn values_expire(cache: &Arc<CacheManager>) {
    let ttl = Duration::from_millis(200);
    let start = Instant::now();
    cache.set("expiry:soon", Bytes::from_static(b"x"), ttl).await;
    cache.set("expiry:late", Bytes::from_static(b"x"), TtlClass::Medium).await;
    let early = cache.get("expiry:soon").await;
    // A busy machine may have let the time pass already.
    assert!(early.is_some() || start.elapsed() >= ttl);
    until("the value expires", async || cache.get("expiry:soon").await.is_none()).await;
    // Redis counts in whole milliseconds.
    assert!(start.elapsed() + Duration::from_millis(2) >= ttl, "too early: {:?}", start.elapsed());
    assert!(cache.get("expiry:late").await.is_some());
    let fetched =
        cache.get_or_set("expiry:soon", TtlClass::Short, async || Ok(Bytes::from_static(b"y"))).await;
    assert_eq!(fetched.unwrap().source, Source::Load);
}

pub async fn a_pattern_removes_its_keys_and_no_others(cache: &Arc<CacheManager>) {
    let matching: Vec<String> = (0..25).map(|n| format!("pattern:[{n}]\\*:x")).collect();
    let others = ["pattern:[1]", "pattern", "xpattern:[1]\\*:x", "pattern:1\\*:x"];
    for key in matching.iter().map(String::as_str).chain(others) {
        cache.set(key, Bytes::from_static(b"x"), TtlClass::Medium).await;
    }
    assert_eq!(cache.invalidate_pattern("pattern:[*]\\*:?").await, 25);
    for key in &matching {
        assert_eq!(cache.get(key).await, None, "{key}");
    }
    for key in others {
        assert!(cache.get(key).await.is_some(), "{key}");
    }
    assert_eq!(cache.invalidate_pattern("pattern:nothing:*").await, 0);
}

pub async fn many_misses_of_one_key_load_once(cache: &Arc<CacheManager>) {
    let before = cache.stats().await;
    let (n_loads, open) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
    let mut callers = JoinSet::new();
    for _ in 0..50 {
        let (cache, n_loads, open) = (cache.clone(), n_loads.clone(), open.clone());
        callers.spawn(async move {
            let load = async || {
                n_loads.fetch_add(1, SeqCst);
                open.notified().await;
                Ok(Bytes::from_static(b"loaded"))
            };
            cache.get_or_set("stampede", TtlClass::Short, load).await.unwrap()
        });
    }
    until("all have missed", async || cache.stats().await.n_misses - before.n_misses == 50).await;
    open.notify_one();
    let fetched = callers.join_all().await;
    assert_eq!(n_loads.load(SeqCst), 1);
    assert!(fetched.iter().all(|fetched| fetched.value == "loaded"));
    assert_eq!(fetched.iter().filter(|fetched| fetched.source == Source::Load).count(), 1);
    let after = cache.stats().await;
    assert_eq!((after.n_loads - before.n_loads, after.n_shared_loads - before.n_shared_loads), (1, 49));
    assert_eq!(cache.get("stampede").await.as_deref(), Some(&b"loaded"[..]));
    assert_eq!(cache.n_loads_under_way(), 0);
}

pub async fn a_load_that_fails_fails_for_those_who_waited_and_is_not_kept(cache: &Arc<CacheManager>) {
    let before = cache.stats().await;
    let open = Arc::new(Notify::new());
    let mut callers = JoinSet::new();
    for _ in 0..10 {
        let (cache, open) = (cache.clone(), open.clone());
        callers.spawn(async move {
            let load = async || {
                open.notified().await;
                Err("no database".to_owned())
            };
            cache.get_or_set("failing", TtlClass::Short, load).await
        });
    }
    until("all have missed", async || cache.stats().await.n_misses - before.n_misses == 10).await;
    open.notify_one();
    // One that missed before and joined after has a load of its own; let that fail too.
    let mut n_failed = 0;
    while n_failed < 10 {
        tokio::select! {
            Some(failed) = callers.join_next() => {
                assert_eq!(failed.unwrap().unwrap_err(), "no database");
                n_failed += 1;
            }
            () = tokio::time::sleep(Duration::from_millis(50)) => open.notify_one(),
        }
    }
    let after = cache.stats().await;
    assert!(after.n_failed_loads > before.n_failed_loads);
    assert_eq!(after.n_sets, before.n_sets);
    let fetched =
        cache.get_or_set("failing", TtlClass::Short, async || Ok(Bytes::from_static(b"well again"))).await;
    assert_eq!(fetched.unwrap().value, "well again");
    assert_eq!(cache.n_loads_under_way(), 0);
}

pub async fn a_load_that_is_given_up_is_taken_over(cache: &Arc<CacheManager>) {
    let started = Arc::new(Notify::new());
    let first = tokio::spawn({
        let (cache, started) = (cache.clone(), started.clone());
        async move {
            let load = async || {
                started.notify_one();
                std::future::pending().await
            };
            cache.get_or_set("abandoned", TtlClass::Short, load).await
        }
    });
    started.notified().await;
    let before = cache.stats().await;
    let second = tokio::spawn({
        let cache = cache.clone();
        async move {
            cache.get_or_set("abandoned", TtlClass::Short, async || Ok(Bytes::from_static(b"second"))).await
        }
    });
    until("the second waits", async || cache.stats().await.n_misses > before.n_misses).await;
    first.abort();
    assert_eq!(
        second.await.unwrap().unwrap(),
        super::Fetched { value: Bytes::from_static(b"second"), source: Source::Load }
    );
    assert_eq!(cache.n_loads_under_way(), 0);
}

/// Loads `key` for another, who has `old` in hand while `meanwhile` happens.
async fn during_a_load(cache: &Arc<CacheManager>, key: &'static str, meanwhile: impl AsyncFnOnce()) {
    let (started, open) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let loading = tokio::spawn({
        let (cache, started, open) = (cache.clone(), started.clone(), open.clone());
        async move {
            let load = async || {
                started.notify_one();
                open.notified().await;
                Ok(Bytes::from_static(b"old"))
            };
            cache.get_or_set(key, TtlClass::Short, load).await
        }
    });
    started.notified().await;
    meanwhile().await;
    open.notify_one();
    assert_eq!(loading.await.unwrap().unwrap().value, "old");
}

pub async fn what_is_removed_while_it_loads_is_not_kept(cache: &Arc<CacheManager>) {
    during_a_load(cache, "race:removed", async || cache.remove("race:removed").await).await;
    assert_eq!(cache.get("race:removed").await, None);
    during_a_load(cache, "race:matched", async || {
        cache.invalidate_pattern("race:*").await;
    })
    .await;
    assert_eq!(cache.get("race:matched").await, None);
    // Who comes after the removal does not get what began before it.
    during_a_load(cache, "race:after", async || {
        cache.remove("race:after").await;
        let fetched =
            cache.get_or_set("race:after", TtlClass::Short, async || Ok(Bytes::from_static(b"new"))).await;
        assert_eq!(fetched.unwrap().value, "new");
    })
    .await;
    assert_eq!(cache.get("race:after").await.as_deref(), Some(&b"new"[..]));
}

pub async fn what_is_set_while_it_loads_stays(cache: &Arc<CacheManager>) {
    during_a_load(cache, "race:set", async || {
        cache.set("race:set", Bytes::from_static(b"new"), TtlClass::Short).await
    })
    .await;
    assert_eq!(cache.get("race:set").await.as_deref(), Some(&b"new"[..]));
}

pub async fn everything_is_counted(cache: &Arc<CacheManager>) {
    cache.invalidate_pattern("*").await;
    let before = cache.stats().await;
    assert_eq!(before.n_entries, Some(0));
    cache.get("count:a").await;
    cache.set("count:a", Bytes::from_static(b"x"), TtlClass::Long).await;
    cache.get("count:a").await;
    cache.get("count:a").await;
    cache.get_or_set("count:b", TtlClass::Long, async || Ok(Bytes::from_static(b"x"))).await.unwrap();
    cache.get_or_set("count:c", TtlClass::Long, async || Err("no".to_owned())).await.unwrap_err();
    cache.remove("count:a").await;
    cache.remove("count:nothing").await;
    let after = cache.stats().await;
    let counted = [
        after.n_hits - before.n_hits,
        after.n_misses - before.n_misses,
        after.n_sets - before.n_sets,
        after.n_invalidations - before.n_invalidations,
        after.n_loads - before.n_loads,
        after.n_failed_loads - before.n_failed_loads,
        after.n_errors,
        after.n_skipped,
    ];
    assert_eq!(counted, [2, 3, 2, 1, 2, 1, 0, 0]);
    assert_eq!(after.n_entries, Some(1));
    assert!(after.n_expirations >= before.n_expirations);
    assert!(after.connected && after.trouble.is_none());
    let ratio = after.hit_ratio().unwrap();
    assert!(ratio > 0.0 && ratio < 1.0);
    assert!(after.mean_load_time().is_some());
}

/// What holds when the store is lost and comes back: questions go on as misses, nobody waits long, and nothing that was
/// removed during the outage is seen again. `lose` makes it fail, `restore` makes it well at the same address.
pub async fn check_outage(cache: &Arc<CacheManager>, lose: impl AsyncFnOnce(), restore: impl AsyncFnOnce()) {
    kept(cache, b"old").await;
    let before = cache.stats().await;
    lose().await;
    for n in 0..50 {
        let start = Instant::now();
        let value = Bytes::from(n.to_string());
        let fetched =
            cache.get_or_set("outage:kept", TtlClass::Short, async || Ok(value.clone())).await.unwrap();
        assert_eq!(fetched, super::Fetched { value, source: Source::Load });
        assert!(start.elapsed() < LONGEST_WAIT, "request {n} waited {:?}", start.elapsed());
    }
    assert_eq!(cache.invalidate_pattern("outage:*").await, 0);
    let during = cache.stats().await;
    assert!(!during.connected && during.trouble.is_some(), "{during:?}");
    assert!(during.n_errors > before.n_errors && during.n_skipped > before.n_skipped, "{during:?}");
    assert_eq!(during.n_misses - before.n_misses, 50);
    restore().await;
    until("the store is used again", async || cache.stats().await.connected).await;
    assert_eq!(cache.get("outage:kept").await, None);
    kept(cache, b"new").await;
}

/// Keeps a value. A busy machine may take a store for lost now and then, so more than once.
async fn kept(cache: &CacheManager, value: &'static [u8]) {
    until("the store keeps a value", async || {
        cache.set("outage:kept", Bytes::from_static(value), TtlClass::VeryLong).await;
        cache.get("outage:kept").await.as_deref() == Some(value)
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! in_memory {
        ($($check:ident)*) => {$(
            #[tokio::test(start_paused = true)]
            async fn $check() {
                super::$check(&Arc::new(CacheManager::in_memory(10_000_000))).await;
            }
        )*};
    }

    in_memory! {
        values_come_back_until_they_are_removed
        values_of_any_bytes_and_size_come_back
        values_expire
        a_pattern_removes_its_keys_and_no_others
        many_misses_of_one_key_load_once
        a_load_that_fails_fails_for_those_who_waited_and_is_not_kept
        a_load_that_is_given_up_is_taken_over
        what_is_removed_while_it_loads_is_not_kept
        what_is_set_while_it_loads_stays
        everything_is_counted
    }

    #[tokio::test(start_paused = true)]
    async fn all_of_it_holds_one_after_the_other() {
        check_all(&Arc::new(CacheManager::in_memory(10_000_000))).await;
    }

    #[tokio::test(start_paused = true)]
    async fn load_time_is_the_time_of_loads() {
        let cache = CacheManager::<String>::in_memory(10_000_000);
        for (key, millis) in [("a", 30), ("b", 50)] {
            let load = async || {
                tokio::time::sleep(Duration::from_millis(millis)).await;
                Ok(Bytes::new())
            };
            cache.get_or_set(key, TtlClass::Short, load).await.unwrap();
            cache.get_or_set(key, TtlClass::Short, async || Err("not called".to_owned())).await.unwrap();
        }
        let stats = cache.stats().await;
        assert_eq!((stats.n_loads, stats.load_time.as_millis(), stats.hit_ratio()), (2, 80, Some(0.5)));
        assert_eq!(stats.mean_load_time(), Some(Duration::from_millis(40)));
    }
}
