//! What stands beside the services: counts, control, the admin page and `/metrics`. None of it is counted as a request.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse as _, Response};

use super::answers::problem;
use super::cache_manager::StoreKind;
use super::control::{CacheState, PoolState, SandboxChange, SandboxState, SlowStatement};
use super::data::Data;
use super::metrics::Metrics;
use super::platform::Platform;
use super::routes;

/// All that requests share.
pub(super) struct Site {
    pub platform: Arc<Platform>,
    pub data: Data,
    pub metrics: Metrics,
    /// How fast an answer travels to its client.
    pub link_bytes_per_sec: Option<f64>,
    /// One change at a time: switches and tables go together.
    changing: tokio::sync::Mutex<()>,
}

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const FORM: &str =
    "the body must be JSON such as {\"switches\":{\"query_optimizer\":true},\"error_ratio\":0.01}";

impl Site {
    pub fn new(platform: Arc<Platform>, data: Data, link_bytes_per_sec: Option<f64>) -> Self {
        let changing = tokio::sync::Mutex::default();
        Self { platform, data, metrics: Metrics::new(), link_bytes_per_sec, changing }
    }

    async fn state(&self) -> SandboxState {
        let counts = routes::counts(&self.platform);
        let (pool, cache) = (self.data.optimizer.pool(), self.data.cache_stats().await);
        let (slow, n_slow) = self.data.optimizer.slow_entries();
        SandboxState {
            switches: self.platform.switches.now(),
            error_ratio: self.platform.error_ratio(),
            n_received: counts.values().sum(),
            n_received_by_route: counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect(),
            n_in_flight: self.metrics.n_in_flight(),
            database: self.data.optimizer.kind().to_owned(),
            pool: PoolState {
                size: pool.size,
                n_in_use: pool.n_in_use,
                n_waiting: pool.n_waiting,
                n_taken: pool.n_taken,
                wait_seconds: pool.waited.as_secs_f64(),
            },
            cache_store: match cache.store {
                StoreKind::Memory => "memory",
                StoreKind::Redis => "redis",
            }
            .to_owned(),
            cache: CacheState {
                n_hits: cache.n_hits,
                n_misses: cache.n_misses,
                n_sets: cache.n_sets,
                n_evictions: cache.n_evictions,
                n_invalidations: cache.n_invalidations,
                n_errors: cache.n_errors,
                n_entries: cache.n_entries.unwrap_or_default(),
            },
            n_statements: self.data.optimizer.figures().iter().map(|(_, figures)| figures.n_run).sum(),
            n_slow,
            slow_statements: slow
                .into_iter()
                .map(|slow| SlowStatement {
                    name: slow.name.to_owned(),
                    text: slow.text,
                    millis: slow.took.as_secs_f64() * 1e3,
                    n_rows: slow.n_rows,
                    n_scanned: slow.n_scanned,
                    at_millis: slow.at.as_millis() as u64,
                })
                .collect(),
            payload: self.data.payload(),
        }
    }

    /// Obeys a change as a whole, or says what of it cannot be and changes nothing.
    async fn change(&self, wanted: &SandboxChange) -> Result<(), (StatusCode, String)> {
        if wanted.error_ratio.is_some_and(|ratio| !(0.0..=1.0).contains(&ratio)) {
            return Err((StatusCode::BAD_REQUEST, "error_ratio must be between 0 and 1".to_owned()));
        }
        let _turn = self.changing.lock().await;
        let before = self.platform.switches.now();
        let switches = wanted.switches.of(before);
        if switches != before {
            let refused = |message| (StatusCode::INTERNAL_SERVER_ERROR, message);
            // Requests that began with the old switches may keep an answer of theirs after the first clearing.
            self.data.follow(switches).await.map_err(refused)?;
            self.platform.switches.replace(switches);
            self.data.follow(switches).await.map_err(refused)?;
        }
        if let Some(error_ratio) = wanted.error_ratio {
            self.platform.replace_error_ratio(error_ratio);
        }
        Ok(())
    }
}

/// `GET /control`.
pub(super) async fn control(State(site): State<Arc<Site>>) -> Json<SandboxState> {
    Json(site.state().await)
}

/// `POST /control`. Pages of other sites cannot send it: JSON needs their browser to ask first, and nothing here agrees.
pub(super) async fn change_control(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let is_json = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.to_ascii_lowercase().starts_with("application/json"));
    if !is_json {
        return problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, FORM);
    }
    let Ok(wanted) = serde_json::from_slice(&body) else {
        return problem(StatusCode::BAD_REQUEST, FORM);
    };
    match site.change(&wanted).await {
        Ok(()) => Json(site.state().await).into_response(),
        Err((status, message)) => problem(status, &message),
    }
}

/// `GET /admin`.
pub(super) async fn admin() -> Response {
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'";
    ([("content-security-policy", policy)], Html(include_str!("admin.html"))).into_response()
}

/// `GET /metrics`.
pub(super) async fn metrics(State(site): State<Arc<Site>>) -> Response {
    ([(CONTENT_TYPE, OPEN_METRICS)], site.metrics.text(&site.platform, &site.data).await).into_response()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::server::tests::TestServer;

    fn metric(server: &TestServer, line_start: &str) -> Option<f64> {
        let text = server.ask_raw("GET", "/metrics");
        let line = text.lines().find(|line| line.starts_with(line_start))?;
        line.rsplit(' ').next()?.parse().ok()
    }

    #[test]
    fn the_admin_page_asks_nobody_else() {
        let page = TestServer::start(0.0).ask_raw("GET", "/admin");
        assert!(page.starts_with("HTTP/1.1 200") && page.contains("text/html"), "{page}");
        assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("src="));
        for switch in ["cache_manager", "query_optimizer", "payload_optimizer"] {
            assert!(page.contains(switch), "{switch}");
        }
    }

    #[test]
    fn metrics_are_open_metrics_and_count_what_was_asked() {
        let server = TestServer::start(0.0);
        server.ask("GET", "/education/courses?page=1", "");
        server.ask("GET", "/education/courses/401", "");
        let text = server.ask_raw("GET", "/metrics");
        assert!(text.contains("application/openmetrics-text") && text.ends_with("# EOF\n"), "{text}");
        let value = |line_start: &str| metric(&server, line_start);
        let list = "route=\"GET /education/courses\"";
        assert_eq!(value(&format!("sandbox_requests_total{{{list},class=\"2xx\"}}")), Some(1.0));
        let one = "route=\"GET /education/courses/{id}\"";
        assert_eq!(value(&format!("sandbox_requests_total{{{one},class=\"4xx\"}}")), Some(1.0));
        assert_eq!(value(&format!("sandbox_request_duration_seconds_count{{{list}}}")), Some(1.0));
        assert_eq!(
            value("sandbox_db_statements_total{statement=\"teacher and lessons of a course\"}"),
            Some(10.0)
        );
        assert!(value("sandbox_db_statement_seconds_total{statement=\"teacher and lessons").unwrap() >= 0.01);
        assert_eq!(value("sandbox_workers{service=\"education\"}"), Some(8.0));
        assert_eq!(value("sandbox_workers_busy{service=\"education\"}"), Some(0.0));
        assert_eq!(value("sandbox_db_pool_connections "), Some(16.0));
        assert_eq!(value("sandbox_optimisation_on{switch=\"cache_manager\"}"), Some(0.0));
        assert!(value("sandbox_process_start_time_seconds ").unwrap() > 1.7e9);
        for name in [
            "cache_hits_total",
            "cache_misses_total",
            "cache_evictions_total",
            "cache_entries",
            "in_flight_requests",
        ] {
            assert_eq!(value(&format!("sandbox_{name} ")), Some(0.0), "{name}");
        }
    }

    #[test]
    fn control_refuses_what_it_cannot_read_and_changes_nothing() {
        let server = TestServer::start(0.5);
        assert_eq!(server.ask("POST", "/control", "on").0, 400);
        assert_eq!(
            server.ask_with("POST", "/control", "content-type: text/plain\r\n", "{\"error_ratio\":0}").0,
            415
        );
        let both = r#"{"switches":{"query_optimizer":true},"error_ratio":2}"#;
        assert_eq!(server.ask("POST", "/control", both).0, 400);
        let state = server.ask("GET", "/control", "").1;
        assert_eq!(
            (&state["error_ratio"], &state["switches"]["query_optimizer"]),
            (&json!(0.5), &json!(false))
        );
    }
}
