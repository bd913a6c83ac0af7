//! The sandbox's routes in one table, and the way each request takes: count, read, work, answer.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{StatusCode, request::Parts},
    response::Response,
    routing::{MethodFilter, any, get, on},
};
use serde::Serialize;

use super::answers::{self, Answer, Call, problem};
use super::data::Kind;
use super::platform::{Platform, Work};
use super::queue::Desk;
use super::services::SERVICES;
use super::site::{self, Site};
use super::{SandboxOptions, access, link, mirror, queue, shop};

/// The largest body that is read.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// One route of a service.
struct Route {
    method: MethodFilter,
    /// Method and path as `/count` prints them.
    name: &'static str,
    answer: Answers,
}

/// How a route comes to its answer.
#[derive(Clone, Copy)]
enum Answers {
    /// From the request alone, once its service has worked on it.
    Alone(fn(&Call<'_>) -> Answer),
    /// From the data.
    From(Kind),
}

use Answers::{Alone, From};

/// What an echo takes.
const ANY: MethodFilter = MethodFilter::GET
    .or(MethodFilter::POST)
    .or(MethodFilter::PUT)
    .or(MethodFilter::PATCH)
    .or(MethodFilter::DELETE);

const ROUTES: [Route; 21] = [
    Route { method: MethodFilter::GET, name: "GET /gateway/health", answer: Alone(answers::health) },
    Route { method: ANY, name: "ANY /gateway/echo", answer: Alone(mirror::echo) },
    Route { method: MethodFilter::POST, name: "POST /auth/login", answer: Alone(access::login) },
    Route { method: MethodFilter::POST, name: "POST /auth/token", answer: Alone(access::client_token) },
    Route { method: MethodFilter::GET, name: "GET /auth/account", answer: Alone(access::account) },
    Route { method: MethodFilter::GET, name: "GET /auth/basic", answer: Alone(access::basic_account) },
    Route { method: MethodFilter::GET, name: "GET /auth/key", answer: Alone(access::key_account) },
    Route { method: MethodFilter::GET, name: "GET /education/courses", answer: From(Kind::Courses) },
    Route { method: MethodFilter::GET, name: "GET /education/courses/{id}", answer: From(Kind::Course) },
    Route { method: MethodFilter::POST, name: "POST /education/enrolments", answer: From(Kind::Enrol) },
    Route { method: MethodFilter::GET, name: "GET /education/enrolments", answer: From(Kind::Enrolments) },
    Route { method: MethodFilter::GET, name: "GET /mint/wallet", answer: From(Kind::Wallet) },
    Route { method: MethodFilter::POST, name: "POST /mint/withdrawals", answer: From(Kind::Withdraw) },
    Route { method: MethodFilter::GET, name: "GET /mint/products", answer: Alone(shop::products) },
    Route { method: MethodFilter::GET, name: "GET /mint/products/{id}", answer: Alone(shop::product) },
    Route { method: MethodFilter::POST, name: "POST /mint/orders", answer: Alone(shop::order) },
    Route { method: MethodFilter::GET, name: "GET /forge/jobs", answer: From(Kind::Jobs) },
    Route { method: MethodFilter::POST, name: "POST /sapiens/questions", answer: Alone(answers::question) },
    Route { method: MethodFilter::GET, name: "GET /family/members", answer: Alone(answers::members) },
    Route { method: MethodFilter::POST, name: "POST /family/forms", answer: Alone(mirror::form) },
    Route { method: MethodFilter::POST, name: "POST /family/uploads", answer: Alone(mirror::upload) },
];

/// The route of the queue, which belongs to no service; it is counted behind all others.
const QUEUE_PATH: &str = "/queue";
const QUEUE_METHODS: MethodFilter = MethodFilter::GET.or(MethodFilter::POST);
const QUEUE_NAME: &str = "ANY /queue";
const QUEUE_INDEX: usize = ROUTES.len();

/// The state that the routes need.
pub(super) fn platform(options: &SandboxOptions) -> Arc<Platform> {
    let platform = Platform::new(options.seed, options.error_ratio, ROUTES.len() + 1);
    Arc::new(platform.slower_by(options.slower_ratio).switched(options.switches))
}

/// The queue, open.
pub(super) fn open_queue(options: &SandboxOptions) -> std::io::Result<Arc<Desk>> {
    let mut queue = options.queue.clone();
    queue.service_time = queue.service_time.mul_f64(1.0 + options.slower_ratio);
    Desk::open(queue, options.seed).map(Arc::new)
}

/// All routes, ready to serve.
pub(super) fn router(site: Arc<Site>, queue: Arc<Desk>) -> Router {
    let mut router = Router::new();
    for (index, route) in ROUTES.iter().enumerate() {
        let service = service_of(route);
        let handler = move |State(site): State<Arc<Site>>, request: Request| async move {
            let answer = serve_route(&site, index, service, request);
            site.metrics.watch(ROUTES[index].name, answer).await
        };
        router = router.route(path_of(route), on(route.method, handler));
    }
    let counted = Arc::clone(&queue);
    let serve_queue = move |State(site): State<Arc<Site>>, request: Request| {
        let queue = Arc::clone(&queue);
        async move { site.metrics.watch(QUEUE_NAME, serve_queue(&site.platform, &queue, request)).await }
    };
    router
        .route(QUEUE_PATH, on(QUEUE_METHODS, serve_queue))
        .route("/queue/stats", get(move || std::future::ready(queue::stats(&counted))))
        .route("/count", any(count))
        .route("/orders", get(orders))
        .route("/control", get(site::control).post(site::change_control))
        .route("/admin", get(site::admin))
        .route("/metrics", get(site::metrics))
        .fallback(unknown)
        .method_not_allowed_fallback(wrong_method)
        .with_state(site)
}

fn path_of(route: &Route) -> &'static str {
    route.name.split_once(' ').map_or(route.name, |(_, path)| path)
}

/// Index of the service whose name is the first part of the route's path.
fn service_of(route: &Route) -> usize {
    let first = path_of(route).split('/').nth(1);
    // A test holds that every route has a service.
    SERVICES.iter().position(|service| Some(service.name) == first).unwrap_or_default()
}

async fn serve_route(site: &Site, route: usize, service: usize, request: Request) -> Response {
    let answer = answer_of(site, route, service, request).await;
    match site.link_bytes_per_sec {
        // Its worker is free again: what is on its way keeps nobody busy.
        Some(bytes_per_sec) => link::sent_over(bytes_per_sec, answer).await,
        None => answer,
    }
}

async fn answer_of(site: &Site, route: usize, service: usize, request: Request) -> Response {
    let platform = &*site.platform;
    // Before anything else: a request that is given up while it waits was received all the same.
    platform.count(Some(route));
    let (Parts { method, uri, headers, .. }, body) = request.into_parts();
    let body = match read(body).await {
        Ok(body) => body,
        Err(answer) => return answer,
    };
    let mut call = Call { method, uri, headers, body, orders: &platform.orders, n: 0 };
    let answer = match ROUTES[route].answer {
        From(kind) => return site.data.answer(platform, service, kind, &call).await,
        Alone(answer) => answer,
    };
    match platform.work(service).await {
        Work::Done { n } => {
            call.n = n;
            answer(&call).unwrap_or_else(|message| problem(StatusCode::BAD_REQUEST, &message))
        }
        Work::Failed => {
            problem(StatusCode::SERVICE_UNAVAILABLE, "this failure is one of the error share asked for")
        }
    }
}

async fn serve_queue(platform: &Platform, queue: &Arc<Desk>, request: Request) -> Response {
    platform.count(Some(QUEUE_INDEX));
    match read(request.into_body()).await {
        Ok(_) => queue::answer(queue, platform.error_ratio()).await,
        Err(answer) => answer,
    }
}

async fn read(body: Body) -> Result<Bytes, Response> {
    let words = "the body cannot be read whole or is larger than 1 MiB";
    to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| problem(StatusCode::PAYLOAD_TOO_LARGE, words))
}

async fn unknown(State(site): State<Arc<Site>>) -> Response {
    site.platform.count(None);
    problem(StatusCode::NOT_FOUND, "the sandbox has no such path")
}

async fn wrong_method(State(site): State<Arc<Site>>) -> Response {
    site.platform.count(None);
    problem(StatusCode::METHOD_NOT_ALLOWED, "the sandbox has this path with another method")
}

/// What `/count` answers.
#[derive(Serialize)]
struct CountAnswer {
    total: u64,
    routes: BTreeMap<&'static str, u64>,
}

async fn count(State(site): State<Arc<Site>>) -> Json<CountAnswer> {
    let routes = counts(&site.platform);
    // Summed from the very numbers shown, so that they agree while requests come in.
    Json(CountAnswer { total: routes.values().sum(), routes })
}

pub(super) fn counts(platform: &Platform) -> BTreeMap<&'static str, u64> {
    let mut routes: BTreeMap<_, _> =
        ROUTES.iter().enumerate().map(|(index, route)| (route.name, platform.n_received(index))).collect();
    routes.insert(QUEUE_NAME, platform.n_received(QUEUE_INDEX));
    routes.insert("unknown", platform.n_unknown());
    routes
}

/// How often each key was ordered.
#[derive(Serialize)]
struct OrdersAnswer {
    total: u64,
    keys: BTreeMap<String, u64>,
}

async fn orders(State(site): State<Arc<Site>>) -> Json<OrdersAnswer> {
    let keys = site.platform.orders.by_key();
    Json(OrdersAnswer { total: keys.values().sum(), keys })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::server::tests::TestServer;
    use super::*;

    #[test]
    fn every_route_belongs_to_the_service_that_its_path_begins_with() {
        for route in &ROUTES {
            let service = SERVICES[service_of(route)].name;
            assert!(path_of(route).starts_with(&format!("/{service}/")), "{}", route.name);
        }
    }

    #[test]
    fn every_route_answers_json_of_a_realistic_size() {
        let server = TestServer::start(0.0);
        for (method, path, status) in [
            ("GET", "/gateway/health", 200),
            ("POST", "/auth/login", 200),
            ("GET", "/education/courses?page=3", 200),
            ("GET", "/education/courses/21", 200),
            ("POST", "/education/enrolments", 201),
            ("GET", "/mint/wallet", 200),
            ("POST", "/mint/withdrawals", 201),
            ("POST", "/sapiens/questions", 200),
            ("GET", "/family/members", 200),
        ] {
            let sent = r#"{"user":"ada","password":"x","course":21,"amount":5,"question":"why?"}"#;
            let (code, body) = server.ask(method, path, if method == "POST" { sent } else { "" });
            assert_eq!(code, status, "{path}");
            let n_bytes = body.to_string().len();
            assert!((150..=4096).contains(&n_bytes), "{path} {n_bytes}");
        }
        let n_bytes = server.ask("GET", "/forge/jobs?q=rust", "").1.to_string().len();
        assert!((20_000..=60_000).contains(&n_bytes), "no pages, all fields: {n_bytes}");
    }

    #[test]
    fn answers_hold_what_a_next_step_needs() {
        let server = TestServer::start(0.0);
        let (_, page) = server.ask("GET", "/education/courses?page=3", "");
        assert_eq!((&page["page"], &page["items"][0]["id"]), (&json!(3), &json!(21)));
        let (_, course) = server.ask("GET", "/education/courses/21", "");
        assert_eq!(course, page["items"][0]);
        let (_, login) = server.ask("POST", "/auth/login", r#"{"user":"ada","password":"x"}"#);
        assert!(login["token"].as_str().is_some_and(|token| token.len() > 100));
        let (_, jobs) = server.ask("GET", "/forge/jobs?q=RUST", "");
        assert_eq!(jobs["items"][0]["title"], "Rust developer");
        assert_eq!(server.ask("GET", "/mint/wallet", "").1["currency"], "EUR");
    }

    #[test]
    fn a_request_that_makes_no_sense_is_told_why() {
        let server = TestServer::start(0.0);
        for (method, path, body, status) in [
            ("POST", "/auth/login", "user=ada", 400),
            ("POST", "/auth/login", r#"{"user":"ada"}"#, 400),
            ("POST", "/mint/withdrawals", "", 400),
            ("GET", "/education/courses?page=last", "", 400),
            ("GET", "/education/courses?page=0", "", 400),
            ("GET", "/education/courses/401", "", 404),
            ("GET", "/nowhere", "", 404),
            ("DELETE", "/mint/wallet", "", 405),
        ] {
            let (code, body) = server.ask(method, path, body);
            assert_eq!(code, status, "{method} {path}");
            assert!(body["message"].is_string(), "{path} {body}");
        }
        let beyond = server.ask("GET", "/education/courses?page=4000000000", "").1;
        assert_eq!(beyond["items"], json!([]));
    }

    #[test]
    fn every_request_is_counted_by_its_route_and_counting_is_not() {
        let server = TestServer::start(0.0);
        for path in
            ["/mint/wallet", "/mint/wallet", "/education/courses/7", "/education/courses/8", "/nowhere"]
        {
            server.ask("GET", path, "");
        }
        server.ask("POST", "/auth/login", "not json");
        server.ask("GET", "/count", "");
        let (_, count) = server.ask("GET", "/count", "");
        assert_eq!(count["total"], 6);
        assert_eq!(count["routes"]["GET /mint/wallet"], 2);
        assert_eq!(count["routes"]["GET /education/courses/{id}"], 2);
        assert_eq!(count["routes"]["POST /auth/login"], 1);
        assert_eq!(count["routes"]["unknown"], 1);
        assert_eq!(super::super::count_received(&server.base_url()), Some(6));
    }

    #[test]
    fn the_error_share_answers_503_and_control_changes_it() {
        let server = TestServer::start(1.0);
        let (status, body) = server.ask("GET", "/gateway/health", "");
        assert_eq!((status, &body["error"]), (503, &Value::from("Service Unavailable")));
        assert_eq!(server.ask("GET", "/control", "").1["error_ratio"], json!(1.0));
        assert_eq!(server.ask("POST", "/control", r#"{"error_ratio":1.5}"#).0, 400);
        assert_eq!(server.ask("POST", "/control", r#"{"error_ratio":0.0}"#).0, 200);
        assert_eq!(server.ask("GET", "/gateway/health", "").0, 200);
        assert_eq!(server.ask("GET", "/count", "").1["total"], 2);
    }
}
