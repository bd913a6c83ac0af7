//! The sandbox's state: workers of each service, counts of each route and key, the error share. Only orders take a lock.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

use super::Switches;
use super::services::{Draw, SERVICES};
use super::shop::Orders;
use super::switches::LiveSwitches;

/// State shared by all requests.
pub(super) struct Platform {
    seed: u64,
    /// Service times are multiplied by this.
    slowness: f64,
    /// Bits of an `f64`.
    error_ratio: AtomicU64,
    desks: [Desk; SERVICES.len()],
    n_received_by_route: Box<[AtomicU64]>,
    n_unknown: AtomicU64,
    /// Requests answered without a worker.
    n_on_the_way: AtomicU64,
    pub orders: Orders,
    pub switches: LiveSwitches,
}

/// Where the requests of one service queue.
struct Desk {
    workers: Semaphore,
    n_arrived: AtomicU64,
}

/// How the work for a request went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// `n` is the request's number within its service, from 0.
    Done {
        n: u64,
    },
    Failed,
}

/// A worker's time for one request.
pub(super) struct Shift<'a> {
    /// The request's number within its service, from 0.
    pub n: u64,
    pub begun: Instant,
    /// How long the request takes, all in all.
    pub service_time: Duration,
    /// It is one of the error share.
    pub fails: bool,
    _worker: Option<SemaphorePermit<'a>>,
}

/// The index of the gateway among the services.
const GATEWAY: usize = 0;

impl Platform {
    pub fn new(seed: u64, error_ratio: f64, n_routes: usize) -> Self {
        Self {
            seed,
            slowness: 1.0,
            error_ratio: AtomicU64::new(error_ratio.to_bits()),
            desks: std::array::from_fn(|index| Desk {
                workers: Semaphore::new(SERVICES[index].n_workers),
                n_arrived: AtomicU64::new(0),
            }),
            n_received_by_route: (0..n_routes).map(|_| AtomicU64::new(0)).collect(),
            n_unknown: AtomicU64::new(0),
            n_on_the_way: AtomicU64::new(0),
            orders: Orders::default(),
            switches: LiveSwitches::default(),
        }
    }

    /// The same, each service time longer by this share.
    pub fn slower_by(self, ratio: f64) -> Self {
        Self { slowness: 1.0 + ratio, ..self }
    }

    /// The same with these switches on.
    pub fn switched(self, switches: Switches) -> Self {
        Self { switches: LiveSwitches::new(switches), ..self }
    }

    /// Counts a request of a route; None for one that no route takes.
    pub fn count(&self, route: Option<usize>) {
        route.map_or(&self.n_unknown, |index| &self.n_received_by_route[index]).fetch_add(1, Relaxed);
    }

    pub fn n_received(&self, route: usize) -> u64 {
        self.n_received_by_route[route].load(Relaxed)
    }

    pub fn n_unknown(&self) -> u64 {
        self.n_unknown.load(Relaxed)
    }

    pub fn error_ratio(&self) -> f64 {
        f64::from_bits(self.error_ratio.load(Relaxed))
    }

    /// Changes the error share of the requests to come.
    pub fn replace_error_ratio(&self, error_ratio: f64) {
        self.error_ratio.store(error_ratio.to_bits(), Relaxed);
    }

    /// Waits for a worker of the service and then as long as the work takes; failing takes as long as succeeding.
    pub async fn work(&self, service: usize) -> Work {
        let shift = self.begin(service).await;
        sleep_until(shift.begun + shift.service_time).await;
        if shift.fails { Work::Failed } else { Work::Done { n: shift.n } }
    }

    /// Waits for a worker of the service, who is the request's until the shift is dropped.
    pub async fn begin(&self, service: usize) -> Shift<'_> {
        let desk = &self.desks[service];
        let n = desk.n_arrived.fetch_add(1, Relaxed);
        let Draw { service_time, luck } = SERVICES[service].draw(self.seed, n);
        // An error would mean a closed semaphore, and nobody closes it.
        let worker = desk.workers.acquire().await.ok();
        Shift {
            n,
            begun: Instant::now(),
            service_time: service_time.mul_f64(self.slowness),
            fails: luck < self.error_ratio(),
            _worker: worker,
        }
    }

    /// Whether a request that needs no worker fails.
    pub fn fails_on_the_way(&self) -> bool {
        let n = self.n_on_the_way.fetch_add(1, Relaxed);
        SERVICES[GATEWAY].draw(!self.seed, n).luck < self.error_ratio()
    }

    pub fn slowness(&self) -> f64 {
        self.slowness
    }

    /// Workers of a service that have something to do.
    pub fn n_busy(&self, service: usize) -> usize {
        SERVICES[service].n_workers
            - self.desks[service].workers.available_permits().min(SERVICES[service].n_workers)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::task::JoinSet;

    use super::*;

    const EDUCATION: usize = 2;

    /// Time until each of `n_requests` that arrive at once is answered, in order of answers.
    async fn answer_times(platform: &Arc<Platform>, n_requests: usize) -> Vec<Duration> {
        let start = Instant::now();
        let mut requests = JoinSet::new();
        for _ in 0..n_requests {
            let platform = platform.clone();
            requests.spawn(async move {
                platform.work(EDUCATION).await;
                start.elapsed()
            });
        }
        let mut times = requests.join_all().await;
        times.sort();
        times
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_requests_as_workers_take_their_drawn_time_and_no_longer() {
        let platform = Arc::new(Platform::new(3, 0.0, 1));
        let n_workers = SERVICES[EDUCATION].n_workers;
        let mut drawn: Vec<_> =
            (0..n_workers as u64).map(|n| SERVICES[EDUCATION].draw(3, n).service_time).collect();
        drawn.sort();
        for (measured, drawn) in answer_times(&platform, n_workers).await.iter().zip(drawn) {
            assert!(*measured >= drawn && *measured <= drawn + Duration::from_millis(2));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slower_platform_takes_its_share_longer_for_the_same_draws() {
        let slower = Arc::new(Platform::new(3, 0.0, 1).slower_by(0.5));
        let drawn = SERVICES[EDUCATION].draw(3, 0).service_time.mul_f64(1.5);
        let measured = answer_times(&slower, 1).await[0];
        assert!(measured >= drawn && measured <= drawn + Duration::from_millis(2), "{measured:?} {drawn:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn more_requests_than_workers_queue_at_the_ceiling_of_the_service() {
        let platform = Arc::new(Platform::new(3, 0.0, 1));
        let times = answer_times(&platform, 2_000).await;
        let per_sec = 2_000.0 / times[1_999].as_secs_f64();
        let ceiling = SERVICES[EDUCATION].ceiling_per_sec();
        assert!(per_sec < ceiling && per_sec > ceiling * 0.9, "{per_sec} {ceiling}");
        assert!(times[1_000] > SERVICES[EDUCATION].p95 * 20, "no queue: {:?}", times[1_000]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_service_leaves_the_others_alone() {
        let platform = Arc::new(Platform::new(3, 0.0, 1));
        let crowd = tokio::spawn({
            let platform = platform.clone();
            async move { answer_times(&platform, 500).await }
        });
        tokio::task::yield_now().await;
        let start = Instant::now();
        platform.work(0).await;
        assert!(start.elapsed() < Duration::from_millis(60));
        crowd.abort();
    }

    #[tokio::test(start_paused = true)]
    async fn the_error_share_is_kept_and_can_change_while_running() {
        let platform = Platform::new(3, 0.2, 1);
        let mut n_failed = 0;
        for _ in 0..2_000 {
            n_failed += u32::from(platform.work(0).await == Work::Failed);
        }
        assert!((340..460).contains(&n_failed), "{n_failed}");
        platform.replace_error_ratio(0.0);
        for _ in 0..200 {
            assert_ne!(platform.work(0).await, Work::Failed);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_its_client_gives_up_frees_its_place() {
        let platform = Arc::new(Platform::new(3, 0.0, 1));
        let crowd = tokio::spawn({
            let platform = platform.clone();
            async move { answer_times(&platform, 500).await }
        });
        tokio::task::yield_now().await;
        crowd.abort();
        let _ = crowd.await;
        assert_eq!(answer_times(&platform, 1).await.len(), 1);
        assert_eq!(platform.desks[EDUCATION].workers.available_permits(), SERVICES[EDUCATION].n_workers);
    }
}
