//! One request for a token, and what its answer says.

use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Response, StatusCode};
use serde::Deserialize;

use super::TokenRequest;
use crate::engine::request::Place;

/// Answers of token endpoints are small; what goes on is of somebody else.
const MAX_ANSWER: usize = 256 * 1024;

/// A token that was fetched just now.
pub(super) struct Fetched {
    pub token: String,
    /// None where the answer does not say: it is used for the whole run then.
    pub valid_for: Option<Duration>,
}

/// Where the client's credentials stand in a request.
// Servers have to understand the header (RFC 6749 §2.3.1), but some know the body only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CredentialsPlace {
    Header,
    Body,
}

/// Why there is no token.
pub(super) struct Refusal {
    pub reason: String,
    /// Whether the client itself was not known.
    pub is_of_client: bool,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    token_type: Option<String>,
    /// Seconds; some servers write them as text.
    expires_in: Option<serde_json::Value>,
}

#[derive(Default, Deserialize)]
struct Refused {
    error: Option<String>,
    error_description: Option<String>,
}

/// Asks for a token once.
pub(super) async fn fetch(
    client: &Client,
    request: &TokenRequest,
    place: CredentialsPlace,
) -> Result<Fetched, Refusal> {
    let form = |text: &str| Place::Form.written(text).into_owned();
    let mut body = "grant_type=client_credentials".to_owned();
    if let Some(scope) = &request.scope {
        body.push_str(&format!("&scope={}", form(scope)));
    }
    let mut asked = client
        .post(&request.url)
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    match place {
        CredentialsPlace::Header => {
            asked = asked.header(AUTHORIZATION, format!("Basic {}", request.basic_credentials()));
        }
        CredentialsPlace::Body => {
            let (id, secret) = (form(&request.client_id), form(&request.client_secret));
            body.push_str(&format!("&client_id={id}&client_secret={secret}"));
        }
    }
    let sent = asked.body(body).send().await;
    let answer = sent.map_err(|error| Refusal::plain(told(&error)))?;
    let status = answer.status();
    let body = read(answer).await.map_err(|error| Refusal::plain(told(&error)))?;
    if status.is_success() { granted(&body) } else { Err(refused(status, &body)) }
}

impl Refusal {
    fn plain(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), is_of_client: false }
    }
}

fn granted(body: &[u8]) -> Result<Fetched, Refusal> {
    let granted: Granted = serde_json::from_slice(body)
        .map_err(|_| Refusal::plain("the answer is no JSON with an `access_token`"))?;
    let kind = granted.token_type.as_deref().unwrap_or("bearer");
    if !kind.eq_ignore_ascii_case("bearer") {
        return Err(Refusal::plain(format!("the token is one of type `{kind}`, not a bearer token")));
    }
    if granted.access_token.is_empty() || HeaderValue::from_str(&granted.access_token).is_err() {
        return Err(Refusal::plain("the token is empty, or cannot stand in a header"));
    }
    let secs = granted.expires_in.and_then(|value| value.as_f64().or_else(|| value.as_str()?.parse().ok()));
    let valid_for = secs.and_then(|secs| Duration::try_from_secs_f64(secs).ok());
    Ok(Fetched { token: granted.access_token, valid_for })
}

fn refused(status: StatusCode, body: &[u8]) -> Refusal {
    let refused: Refused = serde_json::from_slice(body).unwrap_or_default();
    let error = refused.error.unwrap_or_default();
    let words = [error.as_str(), refused.error_description.as_deref().unwrap_or_default()];
    let said = words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(": ");
    let reason = match said.as_str() {
        "" => format!("HTTP {}", status.as_u16()),
        said => format!("HTTP {}, {said}", status.as_u16()),
    };
    let is_of_client = error == "invalid_client" || (error.is_empty() && status == StatusCode::UNAUTHORIZED);
    Refusal { reason, is_of_client }
}

async fn read(mut answer: Response) -> reqwest::Result<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER {
            break;
        }
    }
    Ok(body)
}

/// The whole story of an error, without the URL, which may hold what nobody should see.
fn told(error: &reqwest::Error) -> String {
    let mut causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.next().map_or_else(
        || if error.is_timeout() { "it did not answer in time".to_owned() } else { error.to_string() },
        |first| causes.last().unwrap_or(first).to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_granted(body: &str, expected: Result<(&str, Option<u64>), &str>) {
        match (granted(body.as_bytes()), expected) {
            (Ok(fetched), Ok((token, secs))) => {
                assert_eq!(
                    (fetched.token.as_str(), fetched.valid_for),
                    (token, secs.map(Duration::from_secs))
                );
            }
            (Err(refusal), Err(words)) => assert!(refusal.reason.contains(words), "{}", refusal.reason),
            (Ok(_), Err(words)) => panic!("{body} is not refused with {words}"),
            (Err(refusal), Ok(_)) => panic!("{body}: {}", refusal.reason),
        }
    }

    #[test]
    fn answers_of_token_endpoints_are_understood() {
        check_granted(
            r#"{"access_token": "t", "token_type": "Bearer", "expires_in": 3600}"#,
            Ok(("t", Some(3600))),
        );
        check_granted(r#"{"access_token": "t", "expires_in": "60"}"#, Ok(("t", Some(60))));
        check_granted(r#"{"access_token": "t"}"#, Ok(("t", None)));
        check_granted(r#"{"access_token": "t", "token_type": "mac"}"#, Err("`mac`"));
        check_granted(r#"{"access_token": "a\nb"}"#, Err("cannot stand in a header"));
        check_granted("<html>", Err("no JSON"));
    }

    #[test]
    fn refusals_say_what_the_endpoint_said() {
        let refusal = |status, body: &str| refused(StatusCode::from_u16(status).unwrap(), body.as_bytes());
        let known = refusal(400, r#"{"error": "invalid_scope", "error_description": "no such scope"}"#);
        assert_eq!(
            (known.reason.as_str(), known.is_of_client),
            ("HTTP 400, invalid_scope: no such scope", false)
        );
        assert!(refusal(401, r#"{"error": "invalid_client"}"#).is_of_client);
        assert_eq!(refusal(503, "<html>").reason, "HTTP 503");
    }
}
