//! Answers that show what was sent: the request as a whole, the fields of a form, the parts of an upload.

use axum::{
    Json,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::IntoResponse as _,
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answers::{Answer, Call, ok, problem};

#[derive(Deserialize)]
struct EchoQuery {
    status: Option<u16>,
}

/// Shows the whole request; `status=503` in the query is answered with that.
pub(super) fn echo(call: &Call<'_>) -> Answer {
    let asked = call.query::<EchoQuery>()?.status.unwrap_or(200);
    let status = StatusCode::from_u16(asked).map_err(|_| format!("{asked} is no status"))?;
    let headers: Vec<Value> = call
        .headers
        .iter()
        .map(|(name, value)| json!([name.as_str(), String::from_utf8_lossy(value.as_bytes())]))
        .collect();
    let shown = json!({
        "method": call.method.as_str(),
        "path": call.uri.path(),
        "query": call.uri.query(),
        "headers": headers,
        "n_body_bytes": call.body.len(),
        "body": String::from_utf8_lossy(&call.body),
    });
    Ok((status, Json(shown)).into_response())
}

/// Shows the fields of a form.
pub(super) fn form(call: &Call<'_>) -> Answer {
    if !content_type(&call.headers).starts_with("application/x-www-form-urlencoded") {
        let words = "a form has the content-type application/x-www-form-urlencoded";
        return Ok(problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, words));
    }
    let fields = call.form();
    ok(&json!({ "n_fields": fields.len(), "fields": fields }))
}

/// Shows the parts of a multipart body, and of each how much it holds.
pub(super) fn upload(call: &Call<'_>) -> Answer {
    let content_type = content_type(&call.headers);
    let boundary =
        content_type.strip_prefix("multipart/form-data").and_then(|rest| attribute(rest, "boundary"));
    let Some(boundary) = boundary else {
        let words = "an upload has the content-type multipart/form-data and a boundary";
        return Ok(problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, words));
    };
    let parts = parts(&call.body, boundary).ok_or("the body is not what its boundary promises")?;
    ok(&json!({ "n_parts": parts.len(), "parts": parts }))
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The parts of a multipart body (RFC 7578); none where it is not one.
fn parts(body: &[u8], boundary: &str) -> Option<Vec<Value>> {
    let delimiter = format!("\r\n--{boundary}");
    let mut rest = body.strip_prefix(&delimiter.as_bytes()[2..])?;
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let (part, after) = split_once(rest, delimiter.as_bytes())?;
        let (head, content) = split_once(part.strip_prefix(b"\r\n")?, b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(head);
        let header = |wanted: &str| {
            let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
            lines.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
        };
        let disposition = header("content-disposition")?;
        parts.push(json!({
            "name": attribute(disposition, "name"),
            "file_name": attribute(disposition, "filename"),
            "content_type": header("content-type"),
            "n_bytes": content.len(),
        }));
        rest = after;
    }
    Some(parts)
}

fn split_once<'a>(bytes: &'a [u8], separator: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = bytes.windows(separator.len()).position(|window| window == separator)?;
    Some((&bytes[..at], &bytes[at + separator.len()..]))
}

/// `value` of `; name="value"` or `; name=value`.
fn attribute<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    let mut attributes = header.split(';').filter_map(|attribute| attribute.trim().split_once('='));
    attributes.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::super::server::tests::TestServer;
    use super::*;

    #[test]
    fn an_echo_shows_method_path_query_headers_and_body_with_the_status_asked_for() {
        let server = TestServer::start(0.0);
        let (status, body) =
            server.ask_with("PUT", "/gateway/echo?status=418&a=%20", "x-one: 1\r\n", "hello");
        assert_eq!(status, 418);
        assert_eq!((&body["method"], &body["query"]), (&json!("PUT"), &json!("status=418&a=%20")));
        assert_eq!((&body["body"], &body["n_body_bytes"]), (&json!("hello"), &json!(5)));
        assert!(body["headers"].as_array().unwrap().contains(&json!(["x-one", "1"])));
        assert_eq!(server.ask("GET", "/gateway/echo?status=99", "").0, 400);
    }

    #[test]
    fn a_form_is_taken_apart() {
        let server = TestServer::start(0.0);
        let form = "content-type: application/x-www-form-urlencoded\r\n";
        let (status, body) = server.ask_with("POST", "/family/forms", form, "a=1+2&b=%C3%A9&a=");
        assert_eq!((status, &body["fields"]), (200, &json!([["a", "1 2"], ["b", "é"], ["a", ""]])));
        assert_eq!(server.ask("POST", "/family/forms", "a=1").0, 415);
    }

    #[test]
    fn the_parts_of_an_upload_are_listed() {
        let server = TestServer::start(0.0);
        let header = "content-type: multipart/form-data; boundary=\"cut\"\r\n";
        let upload = "--cut\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nhello\r\n\
             --cut\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.bin\"\r\ncontent-type: image/png\r\n\r\n\
             \r\n\r\n--cu\r\n--cut--\r\n";
        let (status, body) = server.ask_with("POST", "/family/uploads", header, upload);
        assert_eq!((status, &body["n_parts"]), (200, &json!(2)), "{body}");
        assert_eq!((&body["parts"][0]["name"], &body["parts"][0]["n_bytes"]), (&json!("note"), &json!(5)));
        let file = json!({ "name": "file", "file_name": "a.bin", "content_type": "image/png", "n_bytes": 8 });
        assert_eq!(body["parts"][1], file);
        for (headers, upload, status) in [
            (header, "nothing", 400),
            (header, "--cut\r\n", 400),
            ("content-type: text/plain\r\n", upload, 415),
        ] {
            assert_eq!(server.ask_with("POST", "/family/uploads", headers, upload).0, status, "{upload}");
        }
    }
}
