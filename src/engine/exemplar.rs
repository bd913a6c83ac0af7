//! What is kept of a failed request: as it was sent and as it was answered, bounded, and without what nobody may see.

use std::time::Duration;

use super::errors::clipped;
use super::secrets::{HIDDEN, Secrets};
use super::transport::{Answer, Exchange};
use crate::metrics::{ErrorExemplar, ExemplarText, ShownBody};

/// The most that is kept of a head, in bytes.
const MAX_HEAD: usize = 2 * 1024;
/// The most that is kept of a body, in bytes.
pub(super) const MAX_BODY: usize = 1024;
/// How much is looked through for secrets before its beginning is kept.
// Longer than what is kept: a secret that is cut in two would not be known any more.
pub(super) const MAX_LOOKED_INTO: usize = 8 * MAX_BODY;

/// An exchange as it went over the network, as far as that is known; secrets are still in it.
pub(super) struct Glimpse {
    pub sent: Message,
    /// None without an answer whose head came whole.
    pub answer: Option<Message>,
}

/// The beginnings of a request or an answer.
pub(super) struct Message {
    /// First line and headers, one per line.
    head: String,
    body: ShownBody,
}

impl Message {
    /// A message of its parts; `body` is its beginning, or all of it.
    pub fn new(line: String, headers: &[(String, String)], body: &[u8], n_body_bytes: u64) -> Self {
        let lines = headers.iter().map(|(name, value)| format!("\n{name}: {value}"));
        Self { head: line + &lines.collect::<String>(), body: beginning(body, n_body_bytes) }
    }

    /// A message of a head as HTTP/1.1 writes it.
    pub fn of_bytes(head: &[u8], body: &[u8], n_body_bytes: u64) -> Self {
        let head = String::from_utf8_lossy(&head[..head.len().min(MAX_LOOKED_INTO)]);
        let head = head.replace("\r\n", "\n").trim_end().to_owned();
        Self { head, body: beginning(body, n_body_bytes) }
    }

    /// An answer whose head is known only as it was read.
    pub fn of_answer(answer: &Answer, version: &str) -> Self {
        let line = format!("{version} {}", answer.status);
        Self::new(line, &answer.headers.shown(), &answer.body, answer.n_body_bytes)
    }

    fn kept(&self, secrets: &Secrets) -> ExemplarText {
        let head: Vec<_> = self.head.lines().map(without_credentials).collect();
        let head = head.join("\n");
        let body = self.body.text.as_deref().unwrap_or_default();
        ExemplarText {
            head: cut(&secrets.masked_beginning(&head), MAX_HEAD),
            body: cut(&secrets.masked_beginning(body), MAX_BODY),
            body_bytes: self.body.n_bytes,
        }
    }
}

/// The exemplar of a failed request, whose method and URL are its `line`.
pub(super) fn exemplar(
    line: &str,
    exchange: &Exchange,
    glimpse: &Glimpse,
    at: Duration,
    secrets: &Secrets,
) -> ErrorExemplar {
    let detail = match &exchange.answer {
        Ok(answer) => {
            let body = &answer.body[..answer.body.len().min(MAX_LOOKED_INTO)];
            format!("HTTP {}\n{}", answer.status, String::from_utf8_lossy(body))
        }
        Err(failure) => failure.detail.clone(),
    };
    ErrorExemplar {
        at,
        request: clipped(&secrets.masked(line)).to_owned(),
        detail: clipped(&secrets.masked_beginning(&detail)).to_owned(),
        sent: Some(glimpse.sent.kept(secrets)),
        answer: glimpse.answer.as_ref().map(|answer| answer.kept(secrets)),
    }
}

fn beginning(body: &[u8], n_bytes: u64) -> ShownBody {
    let kept = &body[..body.len().min(MAX_LOOKED_INTO)];
    ShownBody::new(kept, n_bytes, kept.len() as u64 == n_bytes)
}

fn cut(text: &str, n_bytes: usize) -> String {
    text[..text.floor_char_boundary(n_bytes)].to_owned()
}

/// A header line without what proves who sent it: sessions and tokens of a run live on in its library.
fn without_credentials(line: &str) -> String {
    let Some((name, value)) = line.split_once(": ") else { return line.to_owned() };
    let hidden = match name.to_ascii_lowercase().as_str() {
        "authorization" | "proxy-authorization" => match value.split_once(' ') {
            Some((scheme, _)) => format!("{scheme} {HIDDEN}"),
            None => HIDDEN.to_owned(),
        },
        "cookie" => value.split("; ").map(without_value).collect::<Vec<_>>().join("; "),
        "set-cookie" => match value.split_once(';') {
            Some((cookie, attributes)) => format!("{};{attributes}", without_value(cookie)),
            None => without_value(value),
        },
        _ => return line.to_owned(),
    };
    format!("{name}: {hidden}")
}

fn without_value(cookie: &str) -> String {
    match cookie.split_once('=') {
        Some((name, _)) => format!("{name}={HIDDEN}"),
        None => HIDDEN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::engine::testing::answer;

    fn kept(head: &str, body: &[u8], n_bytes: u64) -> ExemplarText {
        let secrets = Secrets::from(BTreeMap::from([("key".to_owned(), "hush hush".to_owned())]));
        Message::of_bytes(head.as_bytes(), body, n_bytes).kept(&secrets)
    }

    #[test]
    fn a_head_is_kept_line_by_line_without_credentials() {
        let head = "GET /a HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer abc\r\ncookie: a=1; b=2\r\nx-key: hush hush\r\n\r\n";
        let expected =
            "GET /a HTTP/1.1\nHost: x\nAuthorization: Bearer •••\ncookie: a=•••; b=•••\nx-key: •••";
        assert_eq!(kept(head, b"", 0).head, expected);
        let answered = kept("HTTP/1.1 200 OK\r\nSet-Cookie: id=77; Path=/\r\n", b"", 0);
        assert_eq!(answered.head, "HTTP/1.1 200 OK\nSet-Cookie: id=•••; Path=/");
        assert_eq!(
            kept("HTTP/1.1 200 OK\r\nproxy-authorization: abc", b"", 0).head.lines().nth(1),
            Some("proxy-authorization: •••")
        );
    }

    #[test]
    fn both_parts_are_bounded_and_a_secret_at_the_cut_is_hidden() {
        let long = kept(&"x: y\r\n".repeat(100_000), &[b'z'; 100_000], 100_000);
        assert_eq!((long.head.len(), long.body.len(), long.body_bytes), (MAX_HEAD, MAX_BODY, 100_000));
        let begun = kept("", b"the key is hush hu", 900);
        assert_eq!((begun.body.as_str(), begun.body_bytes), ("the key is •••", 900));
        let across = format!("{}hush hush", "z".repeat(MAX_BODY - 4));
        assert!(!kept("", across.as_bytes(), across.len() as u64).body.contains("hush"));
    }

    #[test]
    fn bytes_that_are_no_text_are_only_counted() {
        let binary = kept("HTTP/1.1 500 Oh", &[0xff, 0xfe, 0x00], 3);
        assert_eq!((binary.body.as_str(), binary.body_bytes), ("", 3));
    }

    #[test]
    fn the_detail_stays_what_it_was() {
        let exchange = answer(503, "busy");
        let sent = Message::new("GET / HTTP/1.1".into(), &[], b"", 0);
        let glimpse = Glimpse { sent, answer: None };
        let kept = exemplar("GET http://x/", &exchange, &glimpse, Duration::ZERO, &Secrets::default());
        assert_eq!((kept.request.as_str(), kept.detail.as_str()), ("GET http://x/", "HTTP 503\nbusy"));
        assert_eq!((kept.sent.unwrap().head.as_str(), kept.answer), ("GET / HTTP/1.1", None));
    }
}
