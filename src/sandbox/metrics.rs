//! What the sandbox tells of itself at `/metrics`, in OpenMetrics: the names below stay as they are.
//!
//! Counters end in `_total`; times are in seconds, sizes in bytes. Scraping counts nothing and costs the platform nothing
//! between scrapes but a counter and a histogram per request.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::http::StatusCode;
use axum::response::Response;
use prometheus_client::encoding::{EncodeLabelSet, text::encode};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};
use tokio::time::Instant;

use super::data::Data;
use super::platform::Platform;
use super::services::SERVICES;

/// Upper bounds of the durations' classes, in seconds.
const BOUNDS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: &'static str,
    /// Such as `2xx`.
    class: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRoute {
    route: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfService {
    service: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfStatement {
    statement: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfStage {
    /// `before` or `after`.
    stage: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfSwitch {
    switch: &'static str,
}

type Histograms = Family<OfRoute, Histogram, fn() -> Histogram>;

/// What is counted while requests are answered; the rest is asked for when it is scraped.
pub(super) struct Metrics {
    answered: Family<Answered, Counter>,
    durations: Histograms,
    n_in_flight: AtomicU64,
    started_at: f64,
}

impl Metrics {
    pub fn new() -> Self {
        let started_at = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64());
        let histogram: fn() -> Histogram = || Histogram::new(BOUNDS);
        Self {
            answered: Family::default(),
            durations: Family::new_with_constructor(histogram),
            n_in_flight: AtomicU64::new(0),
            started_at,
        }
    }

    pub fn n_in_flight(&self) -> u64 {
        self.n_in_flight.load(Relaxed)
    }

    /// Counts and times the answer to a request of this route.
    pub async fn watch(&self, route: &'static str, answer: impl Future<Output = Response>) -> Response {
        let start = Instant::now();
        let _flight = Flight::begin(&self.n_in_flight);
        let response = answer.await;
        self.answered.get_or_create(&Answered { route, class: class_of(response.status()) }).inc();
        self.durations.get_or_create(&OfRoute { route }).observe(start.elapsed().as_secs_f64());
        response
    }

    /// Everything, as it is now.
    pub async fn text(&self, platform: &Platform, data: &Data) -> String {
        let mut registry = Registry::with_prefix("sandbox");
        self.register_requests(&mut registry);
        register_platform(&mut registry, platform);
        register_database(&mut registry, data);
        register_cache(&mut registry, data).await;
        let mut text = String::new();
        // Writing into a text cannot fail.
        let _ = encode(&mut text, &registry);
        text
    }

    fn register_requests(&self, registry: &mut Registry) {
        registry.register(
            "requests",
            "Requests answered, by route and class of status",
            self.answered.clone(),
        );
        let help = "From receiving a request to having its answer";
        registry.register_with_unit("request_duration", help, Unit::Seconds, self.durations.clone());
        gauge(registry, "in_flight_requests", "Requests being answered", self.n_in_flight() as i64);
        let started_at = Gauge::<f64, std::sync::atomic::AtomicU64>::default();
        started_at.set(self.started_at);
        registry.register_with_unit("process_start_time", "Since 1970", Unit::Seconds, started_at);
    }
}

/// Counts a request in flight until it is answered or given up.
struct Flight<'a>(&'a AtomicU64);

impl<'a> Flight<'a> {
    fn begin(n_in_flight: &'a AtomicU64) -> Self {
        n_in_flight.fetch_add(1, Relaxed);
        Self(n_in_flight)
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

fn class_of(status: StatusCode) -> &'static str {
    match status.as_u16() {
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}

fn register_platform(registry: &mut Registry, platform: &Platform) {
    let (busy, size) = (Family::<OfService, Gauge>::default(), Family::<OfService, Gauge>::default());
    for (index, service) in SERVICES.iter().enumerate() {
        let label = OfService { service: service.name };
        busy.get_or_create(&label).set(platform.n_busy(index) as i64);
        size.get_or_create(&label).set(service.n_workers as i64);
    }
    registry.register("workers_busy", "Workers of a service that have something to do", busy);
    registry.register("workers", "Workers of a service", size);
    let on = Family::<OfSwitch, Gauge>::default();
    let switches = platform.switches.now();
    for (switch, is_on) in [
        ("cache_manager", switches.cache_manager),
        ("query_optimizer", switches.query_optimizer),
        ("payload_optimizer", switches.payload_optimizer),
    ] {
        on.get_or_create(&OfSwitch { switch }).set(i64::from(is_on));
    }
    registry.register("optimisation_on", "Whether an optimisation is on, 1 or 0", on);
}

fn register_database(registry: &mut Registry, data: &Data) {
    let pool = data.optimizer.pool();
    gauge(registry, "db_pool_connections", "Connections to the database", pool.size as i64);
    gauge(registry, "db_pool_in_use", "Connections that a request holds", pool.n_in_use as i64);
    gauge(registry, "db_pool_waiting", "Requests that wait for a connection", pool.n_waiting as i64);
    counter(registry, "db_pool_taken", "How often a connection was taken", pool.n_taken);
    let waited = seconds(pool.waited.as_secs_f64());
    registry.register_with_unit(
        "db_pool_wait",
        "Time that requests waited for a connection",
        Unit::Seconds,
        waited,
    );
    let (run, rows) = (Family::<OfStatement, Counter>::default(), Family::<OfStatement, Counter>::default());
    let (scanned, slow) =
        (Family::<OfStatement, Counter>::default(), Family::<OfStatement, Counter>::default());
    let took = Family::<OfStatement, Seconds>::default();
    for (statement, figures) in data.optimizer.figures() {
        let label = OfStatement { statement };
        run.get_or_create(&label).inc_by(figures.n_run);
        rows.get_or_create(&label).inc_by(figures.n_rows);
        scanned.get_or_create(&label).inc_by(figures.n_scanned);
        slow.get_or_create(&label).inc_by(figures.n_slow);
        took.get_or_create(&label).inc_by(figures.took.as_secs_f64());
    }
    registry.register("db_statements", "Statements run", run);
    registry.register_with_unit("db_statement", "Time that statements took", Unit::Seconds, took);
    registry.register("db_rows", "Rows that statements brought", rows);
    registry.register("db_rows_scanned", "Rows read one after the other for want of an index", scanned);
    registry.register("db_slow_statements", "Statements that took long", slow);
    let (sizes, payload) = (Family::<OfStage, Counter>::default(), data.payload());
    sizes.get_or_create(&OfStage { stage: "before" }).inc_by(payload.bytes_before);
    sizes.get_or_create(&OfStage { stage: "after" }).inc_by(payload.bytes_after);
    let help = "Bytes of answers before and after the payload optimizer";
    registry.register_with_unit("payload", help, Unit::Bytes, sizes);
    counter(
        registry,
        "payload_answers",
        "Answers that went through the payload optimizer",
        payload.n_answers,
    );
}

async fn register_cache(registry: &mut Registry, data: &Data) {
    let stats = data.cache_stats().await;
    counter(
        registry,
        "cache_lookups",
        "Look-ups, whether they found anything or not",
        stats.n_hits + stats.n_misses,
    );
    counter(registry, "cache_hits", "Look-ups that found what they looked for", stats.n_hits);
    counter(registry, "cache_misses", "Look-ups that did not", stats.n_misses);
    counter(registry, "cache_sets", "Values kept", stats.n_sets);
    counter(registry, "cache_evictions", "Values thrown out for want of room", stats.n_evictions);
    counter(
        registry,
        "cache_invalidations",
        "Values forgotten because they had changed",
        stats.n_invalidations,
    );
    counter(registry, "cache_errors", "What the store failed to do", stats.n_errors);
    if let Some(n_entries) = stats.n_entries {
        gauge(registry, "cache_entries", "Values kept now", n_entries as i64);
    }
}

type Seconds = Counter<f64, AtomicU64>;

fn seconds(value: f64) -> Seconds {
    let counter = Seconds::default();
    counter.inc_by(value);
    counter
}

fn counter(registry: &mut Registry, name: &str, help: &str, value: u64) {
    let counter = Counter::<u64, AtomicU64>::default();
    counter.inc_by(value);
    registry.register(name, help, counter);
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: i64) {
    let gauge = Gauge::<i64>::default();
    gauge.set(value);
    registry.register(name, help, gauge);
}
