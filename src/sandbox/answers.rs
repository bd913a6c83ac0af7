//! What each route answers: small JSON bodies (0.2 to 4 KiB), the same for the same request number.

use axum::{
    Json,
    body::Bytes,
    extract::Query,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::services::SERVICES;
use super::shop::Orders;

const N_COURSES: u32 = 400;
const N_COURSES_PER_PAGE: u32 = 10;

const TOPICS: [&str; 8] = [
    "Algebra",
    "Bookkeeping",
    "Statistics",
    "Typography",
    "Networks",
    "Databases",
    "Bread and Pastry",
    "Carpentry",
];

const TRADES: [&str; 10] = [
    "Welder",
    "Data analyst",
    "Nurse",
    "Rust developer",
    "Gardener",
    "Teacher",
    "Test engineer",
    "Baker",
    "Electrician",
    "Translator",
];

const MEMBERS: [(&str, &str); 6] = [
    ("Ada", "parent"),
    ("Grace", "parent"),
    ("Edsger", "child"),
    ("Barbara", "child"),
    ("Donald", "grandparent"),
    ("Katherine", "grandparent"),
];

/// A request whose work is done.
pub(super) struct Call<'a> {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
    pub orders: &'a Orders,
    /// Number within its service, from 0.
    pub n: u64,
}

/// An answer, or what is wrong with the request, in words for its sender.
pub(super) type Answer = Result<Response, String>;

/// An answer that says what is wrong.
pub(super) fn problem(status: StatusCode, message: &str) -> Response {
    let error = status.canonical_reason().unwrap_or("error");
    (status, Json(json!({ "error": error, "message": message }))).into_response()
}

pub(super) fn ok(body: &impl Serialize) -> Answer {
    Ok(Json(body).into_response())
}

pub(super) fn created(body: &impl Serialize) -> Answer {
    Ok((StatusCode::CREATED, Json(body)).into_response())
}

impl Call<'_> {
    pub fn query<T: DeserializeOwned>(&self) -> Result<T, String> {
        let query = Query::try_from_uri(&self.uri);
        query.map(|Query(query)| query).map_err(|error| format!("the query cannot be read: {error}"))
    }

    pub fn json<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_slice(&self.body)
            .map_err(|error| format!("the body is not the JSON expected: {error}"))
    }

    /// The fields of a form, as browsers write them.
    pub fn form(&self) -> Vec<(String, String)> {
        let body = String::from_utf8_lossy(&self.body).replace('+', " ");
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let fields = body.split('&').filter(|field| !field.is_empty());
        fields
            .map(|field| field.split_once('=').unwrap_or((field, "")))
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect()
    }
}

pub(super) fn health(call: &Call<'_>) -> Answer {
    ok(&json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "n_answered": call.n + 1,
        "services": SERVICES.map(|service| json!({ "name": service.name, "status": "up" })),
    }))
}

#[derive(Deserialize)]
struct PageQuery {
    page: Option<u32>,
}

#[derive(Serialize)]
struct CoursePage {
    page: u32,
    n_pages: u32,
    items: Vec<Course>,
}

#[derive(Serialize)]
struct Course {
    id: u32,
    title: String,
    level: &'static str,
    n_lessons: u32,
    price: f64,
    description: &'static str,
}

pub(super) fn courses(call: &Call<'_>) -> Answer {
    let page = call.query::<PageQuery>()?.page.unwrap_or(1);
    if page == 0 {
        return Err("pages count from 1".to_owned());
    }
    let first = (page - 1).saturating_mul(N_COURSES_PER_PAGE).min(N_COURSES) + 1;
    let last = (first + N_COURSES_PER_PAGE - 1).min(N_COURSES);
    ok(&CoursePage {
        page,
        n_pages: N_COURSES / N_COURSES_PER_PAGE,
        items: (first..=last).map(course_of).collect(),
    })
}

pub(super) fn course(call: &Call<'_>) -> Answer {
    let id = call.uri.path().rsplit('/').next().and_then(|id| id.parse().ok());
    match id.filter(|id| (1..=N_COURSES).contains(id)) {
        Some(id) => ok(&course_of(id)),
        None => Ok(problem(StatusCode::NOT_FOUND, &format!("no such course: ids go from 1 to {N_COURSES}"))),
    }
}

fn course_of(id: u32) -> Course {
    const LEVELS: [&str; 3] = ["beginner", "intermediate", "advanced"];
    Course {
        id,
        title: format!("{} {}", TOPICS[id as usize % TOPICS.len()], id.div_ceil(TOPICS.len() as u32)),
        level: LEVELS[id as usize % LEVELS.len()],
        n_lessons: 6 + id % 18,
        price: f64::from(1_900 + id % 50 * 100) / 100.0,
        description: "Short lessons with exercises, one project, and a certificate for those who finish it.",
    }
}

pub(super) fn enrolment(call: &Call<'_>) -> Answer {
    let wanted: Value = call.json()?;
    created(&json!({
        "id": call.n + 1,
        "status": "enrolled",
        "course": wanted.get("course"),
        "starts_on": "2026-01-12",
        "lessons": (1..=6).map(|n| json!({ "n": n, "title": format!("Lesson {n}"), "done": false })).collect::<Vec<_>>(),
    }))
}

pub(super) fn wallet(call: &Call<'_>) -> Answer {
    let entry = |back: u64| {
        let n = call.n + 20 - back;
        json!({ "id": n, "amount": cents(n * 137 % 9_000), "kind": if n.is_multiple_of(3) { "withdrawal" } else { "payment" } })
    };
    ok(&json!({
        "balance": cents(128_450 + call.n * 37 % 10_000),
        "currency": "EUR",
        "entries": (0..8).map(entry).collect::<Vec<_>>(),
    }))
}

fn cents(n_cents: u64) -> f64 {
    n_cents as f64 / 100.0
}

pub(super) fn withdrawal(call: &Call<'_>) -> Answer {
    let wanted: Value = call.json()?;
    created(&json!({
        "id": call.n + 1,
        "status": "pending",
        "amount": wanted.get("amount"),
        "currency": "EUR",
        "reference": format!("W-{:08}", call.n + 1),
        "message": "The amount is set aside and arrives within two working days.",
    }))
}

#[derive(Deserialize)]
struct JobQuery {
    q: Option<String>,
}

/// The jobs whose title holds the text come first; never an empty list, as in a search that ranks.
pub(super) fn jobs(call: &Call<'_>) -> Answer {
    const TOWNS: [&str; 4] = ["Aarhus", "Bruges", "Cork", "Dresden"];
    let text = call.query::<JobQuery>()?.q.unwrap_or_default().to_lowercase();
    let mut trades: Vec<(usize, &str)> = TRADES.into_iter().enumerate().collect();
    trades.sort_by_key(|(_, trade)| !trade.to_lowercase().contains(&text));
    let job = |(index, trade): (usize, &str)| {
        json!({
            "id": 100 + index,
            "title": trade,
            "town": TOWNS[index % TOWNS.len()],
            "hours_per_week": 20 + index % 3 * 10,
            "summary": format!("{trade} wanted for a small team; training is paid, tools are provided."),
        })
    };
    ok(&json!({ "items": trades.into_iter().map(job).collect::<Vec<_>>() }))
}

pub(super) fn question(call: &Call<'_>) -> Answer {
    let asked: Value = call.json()?;
    ok(&json!({
        "id": call.n + 1,
        "question": asked.get("question"),
        "answer": "It depends on what you measure from. Count from the moment at which the request should have \
                   been sent and a stall shows in full; count from the moment at which it was sent and the stall \
                   hides every request that had to wait for it. Both clocks are useful, but only the first one \
                   says what a visitor would have seen.",
        "sources": [
            { "title": "How not to measure latency", "kind": "talk" },
            { "title": "Queueing for beginners", "kind": "book" },
        ],
    }))
}

pub(super) fn members(_: &Call<'_>) -> Answer {
    let member = |(index, (name, role)): (usize, &(&str, &str))| {
        json!({
            "id": index + 1,
            "name": name,
            "role": role,
            "email": format!("{}@family.example", name.to_lowercase()),
            "born": 1950 + index * 9,
        })
    };
    ok(&json!({ "items": MEMBERS.iter().enumerate().map(member).collect::<Vec<_>>() }))
}
