//! Who may come in: logins and tokens, and the ways to prove oneself.
//!
//! Any user, password, key and client will do, as long as it is there; a token has to be one of the sandbox's own.

use axum::http::{HeaderMap, StatusCode, header::AUTHORIZATION};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Deserialize;
use serde_json::json;

use super::answers::{Answer, Call, ok, problem};

#[derive(Deserialize)]
struct Login {
    user: String,
    password: String,
}

pub(super) fn login(call: &Call<'_>) -> Answer {
    let login: Login = call.json()?;
    if login.user.is_empty() || login.password.is_empty() {
        return Err("user and password must not be empty".to_owned());
    }
    ok(&json!({
        "token": token(&login.user, call.n),
        "token_type": "Bearer",
        "expires_in": 3600,
        "user": { "name": login.user, "roles": ["learner", "member"] },
    }))
}

/// OAuth 2.0 client credentials (RFC 6749 §4.4), in the form or in a Basic header; `expires_in` may be asked for.
pub(super) fn client_token(call: &Call<'_>) -> Answer {
    let form = call.form();
    let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    if field("grant_type") != Some("client_credentials") {
        return Ok(problem(StatusCode::BAD_REQUEST, "grant_type must be client_credentials"));
    }
    let in_header = basic(&call.headers);
    let in_form = || Some((field("client_id")?.to_owned(), field("client_secret")?.to_owned()));
    match in_header.or_else(in_form).filter(|(id, secret)| !id.is_empty() && !secret.is_empty()) {
        None => Ok(problem(StatusCode::UNAUTHORIZED, "client_id and client_secret are missing")),
        Some((client_id, _)) => ok(&json!({
            "access_token": token(&client_id, call.n),
            "token_type": "Bearer",
            "expires_in": field("expires_in").and_then(|secs| secs.parse().ok()).unwrap_or(3_600_u32),
            "scope": field("scope"),
        })),
    }
}

/// What only a token opens.
pub(super) fn account(call: &Call<'_>) -> Answer {
    with_token(call, |_| {
        ok(&json!({
            "id": call.n + 1,
            "name": "Ada",
            "email": "ada@family.example",
            "roles": ["learner", "member"],
            "message": "You are known here by the token of your Authorization header.",
        }))
    })
}

/// What only a name and a password open.
pub(super) fn basic_account(call: &Call<'_>) -> Answer {
    match basic(&call.headers).filter(|(user, password)| !user.is_empty() && !password.is_empty()) {
        Some((user, _)) => ok(&json!({ "user": user, "scheme": "Basic", "message": PROVED })),
        None => Ok(problem(StatusCode::UNAUTHORIZED, "an Authorization header with Basic is missing")),
    }
}

/// What only a key opens, in the header `x-api-key` or in the query as `api_key`.
pub(super) fn key_account(call: &Call<'_>) -> Answer {
    #[derive(Deserialize)]
    struct KeyQuery {
        api_key: Option<String>,
    }
    let in_header = call.headers.get("x-api-key").is_some_and(|key| !key.is_empty());
    let in_query = call.query::<KeyQuery>()?.api_key.is_some_and(|key| !key.is_empty());
    match (in_header, in_query) {
        (false, false) => {
            Ok(problem(StatusCode::UNAUTHORIZED, "x-api-key, or api_key in the query, is missing"))
        }
        (in_header, _) => {
            let place = if in_header { "header" } else { "query" };
            ok(&json!({ "place": place, "scheme": "API key", "message": PROVED }))
        }
    }
}

const PROVED: &str = "You have proved who you are; the sandbox takes every name, password and key.";

/// Answers only requests with a token of the sandbox's own.
pub(super) fn with_token(call: &Call<'_>, answer: impl FnOnce(&Call<'_>) -> Answer) -> Answer {
    let header = call.headers.get(AUTHORIZATION).and_then(|header| header.to_str().ok());
    match header.and_then(|header| header.strip_prefix("Bearer ")) {
        None => Ok(problem(StatusCode::UNAUTHORIZED, "an Authorization header with Bearer is missing")),
        Some(token) if !is_token(token) => {
            Ok(problem(StatusCode::FORBIDDEN, "this token was never given out; log in at POST /auth/login"))
        }
        Some(_) => answer(call),
    }
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let encoded = headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Basic ")?;
    let decoded = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    decoded.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
}

/// A string as long as a signed token, different for each login.
fn token(user: &str, n: u64) -> String {
    // FNV-1a: spreads the name over the token; nothing here is secret.
    let state = user.bytes().fold(0xcbf2_9ce4_8422_2325_u64 ^ n, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    token_from(next(state))
}

/// The token that begins with this; each part follows from the one before.
fn token_from(first: u64) -> String {
    let mut token = String::with_capacity(220);
    let mut state = first;
    for part in 0..12 {
        if part == 4 || part == 8 {
            token.push('.');
        }
        token.push_str(&format!("{state:016x}"));
        state = next(state);
    }
    token
}

fn next(state: u64) -> u64 {
    state.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29)
}

/// Whether a token is one of those that are given out.
fn is_token(token: &str) -> bool {
    let first = token.get(..16).and_then(|part| u64::from_str_radix(part, 16).ok());
    first.is_some_and(|first| token_from(first) == token)
}

#[cfg(test)]
mod tests {
    use super::super::server::tests::TestServer;
    use super::*;

    fn check(server: &TestServer, request: (&str, &str), headers: &str, status: u16) {
        let (code, body) = server.ask_with(request.0, request.1, headers, "");
        assert_eq!(code, status, "{request:?} with {headers:?}: {body}");
    }

    #[test]
    fn doors_open_for_those_who_prove_themselves_only() {
        let server = TestServer::start(0.0);
        let (_, login) = server.ask("POST", "/auth/login", r#"{"user":"ada","password":"x"}"#);
        let token = login["token"].as_str().unwrap();
        let account = ("GET", "/auth/account");
        check(&server, account, &format!("authorization: Bearer {token}\r\n"), 200);
        check(&server, account, &format!("authorization: Bearer {}0\r\n", &token[..token.len() - 1]), 403);
        check(&server, account, "", 401);
        let basic = ("GET", "/auth/basic");
        check(&server, basic, "authorization: Basic YWRhOng=\r\n", 200);
        check(&server, basic, "authorization: Basic YWRhOg==\r\n", 401);
        check(&server, basic, "", 401);
        check(&server, ("GET", "/auth/key"), "x-api-key: k\r\n", 200);
        check(&server, ("GET", "/auth/key?api_key=k"), "", 200);
        check(&server, ("GET", "/auth/key?api_key="), "", 401);
    }

    #[test]
    fn a_client_gets_a_token_for_its_credentials() {
        let server = TestServer::start(0.0);
        let ask = |headers: &str, form: &str| server.ask_with("POST", "/auth/token", headers, form);
        let grant = "grant_type=client_credentials";
        let (status, body) =
            ask("", &format!("{grant}&client_id=a&client_secret=b&scope=read+all&expires_in=2"));
        assert_eq!((status, &body["expires_in"], &body["scope"]), (200, &json!(2), &json!("read all")));
        let bearer = format!("authorization: Bearer {}\r\n", body["access_token"].as_str().unwrap());
        check(&server, ("GET", "/auth/account"), &bearer, 200);
        assert_eq!(ask("authorization: Basic YTpi\r\n", grant).0, 200);
        assert_eq!(ask("", grant).0, 401);
        assert_eq!(ask("", "client_id=a&client_secret=b").0, 400);
    }
}
