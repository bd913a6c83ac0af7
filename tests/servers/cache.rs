//! The sandbox's cache manager on a real Redis: everything that holds for it in memory, and what happens when Redis dies.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use stagewright::sandbox::cache_manager::{CacheManager, RedisOptions, suite};

use super::redis::Redis;

async fn manager(redis: &Redis) -> Arc<CacheManager> {
    // A busy machine is no outage.
    let options =
        RedisOptions { patience: Duration::from_millis(400), ..RedisOptions::at(&redis.url_with_password()) };
    Arc::new(CacheManager::in_redis(&options).await.unwrap())
}

#[tokio::test]
async fn the_cache_manager_holds_on_redis_what_it_holds_in_memory() {
    let redis = Redis::start();
    suite::check_all(&manager(&redis).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_dies_costs_hits_and_no_request() {
    let redis = Redis::start();
    let cache = manager(&redis).await;
    let redis = Mutex::new(redis);
    let kill = async || redis.lock().unwrap().kill();
    let start_again = async || redis.lock().unwrap().start_again();
    suite::check_outage(&cache, kill, start_again).await;
}
