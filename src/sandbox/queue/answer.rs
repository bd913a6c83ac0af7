//! What a request of the queue is answered with.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::http::header::{CONNECTION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use super::desk::{Desk, Place, Refused};
use super::line::{Refusal, Served};
use crate::sandbox::answers::problem;
use crate::sandbox::link;

/// Waits until the request is served, or refused, and says so; a share of what is served fails.
pub(in crate::sandbox) async fn answer(desk: &Arc<Desk>, error_ratio: f64) -> Response {
    let mut answer = match desk.arrive() {
        Ok(place) => served(desk, place, error_ratio).await,
        Err(refused) => refusal(desk, refused).await,
    };
    if desk.options.faults.closes {
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    answer
}

/// What the queue counts.
pub(in crate::sandbox) fn stats(desk: &Desk) -> Response {
    Json(desk.stats()).into_response()
}

async fn served(desk: &Arc<Desk>, place: Place, error_ratio: f64) -> Response {
    let luck = place.draw.luck;
    let Some(served) = place.served().await else {
        return problem(StatusCode::SERVICE_UNAVAILABLE, "the sandbox ends");
    };
    if luck < error_ratio {
        let words = "this failure is one of the error share asked for";
        return problem(StatusCode::SERVICE_UNAVAILABLE, words);
    }
    let text = Bytes::from(text(served, desk.options.body_bytes));
    let body = match desk.options.bytes_per_sec {
        Some(per_sec) => {
            let desk = Arc::clone(desk);
            link::travelling(text, per_sec, move |at| desk.alarm(at))
        }
        None => Body::from(text),
    };
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

/// How the request fared, as JSON of a length of at least so many bytes.
fn text(served: Served, n_bytes: Option<usize>) -> String {
    let mut text = json!({
        "n": served.n,
        "cached": served.from_cache,
        "waited_millis": served.waited.as_secs_f64() * 1e3,
        "worked_millis": served.worked.as_secs_f64() * 1e3,
    })
    .to_string();
    const FILLER: &str = ",\"filler\":\"";
    let n_lacking = n_bytes.unwrap_or_default().saturating_sub(text.len() + FILLER.len() + 1);
    if n_lacking > 0 {
        text.pop();
        text.push_str(FILLER);
        text.extend(('a'..='z').cycle().take(n_lacking));
        text.push_str("\"}");
    }
    text
}

async fn refusal(desk: &Desk, refused: Refused) -> Response {
    // A desk that closes has no more time to keep.
    let _ = desk.alarm(refused.told_at).await;
    match refused.why {
        Refusal::OverLimit => {
            let words = "more requests came in this second than the limit asked for";
            let mut answer = problem(StatusCode::TOO_MANY_REQUESTS, words);
            // A new second begins within one.
            answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            answer
        }
        Refusal::Full => {
            problem(StatusCode::SERVICE_UNAVAILABLE, "as many requests wait already as the queue takes")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::Value;

    use super::super::{QueueCache, QueueFaults, QueueOptions, ServiceTimes};
    use super::*;
    use crate::sandbox::SandboxOptions;
    use crate::sandbox::server::tests::TestServer;

    /// A queue that takes a millisecond for each request.
    fn quick() -> QueueOptions {
        QueueOptions {
            service: ServiceTimes::Constant,
            service_time: Duration::from_millis(1),
            ..QueueOptions::default()
        }
    }

    fn serve(queue: QueueOptions) -> TestServer {
        TestServer::start_with(SandboxOptions { queue, ..SandboxOptions::default() })
    }

    fn millis(answer: &Value, key: &str) -> f64 {
        answer[key].as_f64().unwrap()
    }

    #[test]
    fn the_queue_answers_counts_and_is_counted() {
        let server = serve(quick());
        for (n, method) in ["GET", "POST", "GET"].into_iter().enumerate() {
            let (status, answer) = server.ask(method, "/queue", "");
            assert_eq!((status, &answer["n"], &answer["cached"]), (200, &json!(n), &json!(false)));
            assert_eq!((millis(&answer, "waited_millis"), millis(&answer, "worked_millis")), (0.0, 1.0));
        }
        let (_, stats) = server.ask("GET", "/queue/stats", "");
        let expected = json!({
            "received": 3, "answered": 3, "cached": 0, "refused_429": 0, "refused_503": 0, "given_up": 0,
            "waiting": 0, "busy": 0, "workers": 4, "ceiling_per_sec": 4_000.0,
        });
        assert_eq!(stats, expected);
        assert_eq!(server.ask("GET", "/count", "").1["routes"]["ANY /queue"], 3);
        assert_eq!(server.ask("DELETE", "/queue", "").0, 405);
    }

    #[test]
    fn every_answer_takes_longer_by_the_share_asked_for_and_fails_by_the_share_asked_for() {
        let options = SandboxOptions { queue: quick(), slower_ratio: 0.5, ..SandboxOptions::default() };
        let (_, answer) = TestServer::start_with(options).ask("GET", "/queue", "");
        assert_eq!(millis(&answer, "worked_millis"), 1.5);
        let options = SandboxOptions { queue: quick(), error_ratio: 1.0, ..SandboxOptions::default() };
        assert_eq!(TestServer::start_with(options).ask("GET", "/queue", "").0, 503);
    }

    #[test]
    fn a_cache_answers_what_it_has() {
        let cache = Some(QueueCache { hit_ratio: 1.0, latency: Duration::from_micros(250) });
        let server = serve(QueueOptions { cache, ..quick() });
        let (_, answer) = server.ask("GET", "/queue", "");
        assert_eq!((&answer["cached"], millis(&answer, "worked_millis")), (&json!(true), 0.25));
        assert_eq!(server.ask("GET", "/queue/stats", "").1["cached"], 1);
    }

    #[test]
    fn refusals_say_what_they_are() {
        let limited = QueueFaults { limit_per_sec: Some(1), closes: true, ..QueueFaults::default() };
        let server = serve(QueueOptions { faults: limited, ..quick() });
        // Each second of the queue lets one in; two of three come in the same second at least once.
        let heads: Vec<String> = (0..3).map(|_| server.ask_raw("GET", "/queue")).collect();
        let refused = heads.iter().find(|head| head.starts_with("HTTP/1.1 429")).expect("one of them");
        assert!(refused.to_lowercase().contains("retry-after: 1\r\n"), "{refused}");
        assert!(heads.iter().all(|head| head.to_lowercase().contains("connection: close\r\n")), "{heads:?}");
        let busy = QueueOptions {
            n_workers: 1,
            service_time: Duration::from_millis(400),
            faults: QueueFaults { max_waiting: Some(0), ..QueueFaults::default() },
            ..quick()
        };
        let server = serve(busy);
        std::thread::scope(|scope| {
            let both = [(); 2].map(|()| scope.spawn(|| server.ask("GET", "/queue", "").0));
            let mut statuses = both.map(|asked| asked.join().unwrap());
            statuses.sort();
            assert_eq!(statuses, [200, 503]);
        });
        assert_eq!(server.ask("GET", "/queue/stats", "").1["refused_503"], 1);
    }

    #[test]
    fn a_body_is_as_long_as_asked_for_and_takes_the_time_of_its_bandwidth() {
        let slow = QueueOptions { body_bytes: Some(50_000), bytes_per_sec: Some(500e3), ..quick() };
        assert_eq!(slow.transfer_time(), Duration::from_millis(100));
        let server = serve(slow);
        let start = Instant::now();
        let answer = server.ask_raw("GET", "/queue");
        assert!(start.elapsed() >= Duration::from_millis(100), "{:?}", start.elapsed());
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert_eq!(body.len(), 50_000);
        assert!(head.to_lowercase().contains("content-length: 50000"), "{head}");
        assert!(serde_json::from_str::<Value>(body).unwrap()["filler"].is_string());
        assert!(
            serve(QueueOptions { body_bytes: Some(10), ..quick() }).ask_raw("GET", "/queue").ends_with('}')
        );
    }
}
