//! What routes answer that need no data: small JSON bodies (0.2 to 4 KiB), the same for the same request number.

use axum::{
    Json,
    body::Bytes,
    extract::Query,
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse as _, Response},
};
use percent_encoding::percent_decode_str;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::services::SERVICES;
use super::shop::Orders;

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
