//! Requests as the bytes that go over the wire: rendered once where nothing varies, patched where something does.

use std::io::Write as _;
use std::{cell::Cell, sync::Arc};

use bytes::Bytes;
use percent_encoding::utf8_percent_encode;
use reqwest::{
    Method, Url,
    header::{AUTHORIZATION, CONTENT_LENGTH, HOST, HeaderName, HeaderValue, TRANSFER_ENCODING},
};

use crate::engine::request::{
    Filling, Gap, GappedBody, GappedRequest, KeyRecipe, Piece, PreparedRequest, RequestKey, TARGET, Text,
    Unsendable, take_credentials,
};

/// Where a request goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::engine) struct Origin {
    pub is_tls: bool,
    /// Without the brackets of an IPv6 address.
    pub host: String,
    pub port: u16,
}

/// A request as bytes.
#[derive(Debug)]
pub(in crate::engine) struct WireRequest {
    pub origin: Arc<Origin>,
    /// The origin's index with the transport, once it has one.
    pub origin_index: Cell<Option<u32>>,
    /// The head, and the body unless that is large.
    pub bytes: Vec<u8>,
    /// A large body, which is not copied.
    pub large_body: Option<Bytes>,
    pub is_head: bool,
    pub wants_body: bool,
    pub wants_headers: bool,
    /// What it asks for; none where no cache could answer it.
    pub lookup_key: Option<RequestKey>,
}

/// A request with gaps, ready to be patched.
pub(in crate::engine) struct WireTemplate {
    pub origin: Arc<Origin>,
    pub origin_index: Cell<Option<u32>>,
    /// From the request line to the end of the headers, without content-length.
    head: Vec<HeadPiece>,
    body: Option<GappedBody>,
    /// Whether the step itself says how long the body is, or how it is framed.
    has_length: bool,
    is_head: bool,
    wants_body: bool,
    wants_headers: bool,
    key: KeyRecipe,
}

enum HeadPiece {
    Literal(Vec<u8>),
    Gap(Gap),
}

/// Bodies up to this size are sent with their head, at the cost of a copy.
const MAX_SMALL_BODY: usize = 16 * 1024;

impl Origin {
    fn of(url: &Url) -> Option<Self> {
        let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
        Some(Self { is_tls: url.scheme() == "https", host, port: url.port_or_known_default()? })
    }
}

impl WireRequest {
    /// A complete request as bytes; none if its URL names no host.
    pub fn of(request: &PreparedRequest) -> Option<Self> {
        let url = &request.url;
        let mut bytes = Vec::with_capacity(request.n_bytes as usize);
        let query = url.query().map_or_else(String::new, |query| format!("?{query}"));
        bytes.extend_from_slice(format!("{} {}{query} HTTP/1.1\r\n", request.method, url.path()).as_bytes());
        if !request.headers.contains_key(HOST) {
            push_header(&mut bytes, &HOST, host_value(url).as_bytes());
        }
        for (name, value) in &request.headers {
            push_header(&mut bytes, name, value.as_bytes());
        }
        let has_length =
            request.headers.contains_key(CONTENT_LENGTH) || request.headers.contains_key(TRANSFER_ENCODING);
        if let Some(body) = request.body.as_ref().filter(|_| !has_length) {
            bytes.extend_from_slice(LengthLine::of(body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        let large_body = request.body.as_ref().and_then(|body| push_body(&mut bytes, body));
        Some(Self {
            origin: Arc::new(Origin::of(url)?),
            origin_index: Cell::new(None),
            bytes,
            large_body,
            is_head: request.method == Method::HEAD,
            wants_body: request.wants_body,
            wants_headers: request.wants_headers,
            lookup_key: request.lookup_key,
        })
    }

    /// Size of head and body.
    pub fn n_bytes(&self) -> usize {
        self.bytes.len() + self.large_body.as_ref().map_or(0, Bytes::len)
    }

    /// The head without the empty line behind it, and what comes after that.
    pub fn parts(&self) -> (&[u8], &[u8]) {
        let end = self.bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap_or(self.bytes.len());
        (&self.bytes[..end], self.bytes.get(end + 4..).unwrap_or_default())
    }

    /// Method and URL.
    pub fn line(&self) -> String {
        let end = self.bytes.iter().position(|byte| *byte == b'\r').unwrap_or(self.bytes.len());
        let line = String::from_utf8_lossy(&self.bytes[..end]);
        let mut words = line.split(' ');
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let Origin { is_tls, host, port } = &*self.origin;
        let (scheme, default) = if *is_tls { ("https", 443) } else { ("http", 80) };
        let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        let port = if *port == default { String::new() } else { format!(":{port}") };
        format!("{method} {scheme}://{host}{port}{target}")
    }
}

impl WireTemplate {
    /// Splits a request with gaps; none if its gaps reach into the host, or a header of it cannot be sent, so that
    /// it has to be built each time.
    pub fn of(request: &GappedRequest) -> Option<Self> {
        let Some(Piece::Literal(start)) = request.url.0.first() else { return None };
        let authority_at = start.find("://")? + 3;
        let end = start[authority_at..].find(['/', '?']).map(|at| authority_at + at);
        let end = end.or((request.url.0.len() == 1).then_some(start.len()))?;
        let mut url = Url::parse(&start[..end]).ok()?;
        // What no header may hold is told when the request is built.
        let may_be_header = |piece: &Piece| match piece {
            Piece::Literal(literal) => HeaderValue::from_str(literal).is_ok(),
            Piece::Gap(_) => true,
        };
        if !request.headers.iter().all(|(_, text)| text.0.iter().all(may_be_header)) {
            return None;
        }
        let credentials = take_credentials(&mut url);
        let mut head = Head::default();
        head.literal(format!("{} ", request.method).as_bytes());
        head.target(&start[end..], &request.url.0[1..]);
        head.literal(b" HTTP/1.1\r\n");
        let has = |name: HeaderName| request.headers.iter().any(|(known, _)| *known == name);
        if !has(HOST) {
            head.literal(format!("host: {}\r\n", host_value(&url)).as_bytes());
        }
        for (name, text) in &request.headers {
            head.literal(format!("{name}: ").as_bytes());
            head.text(text);
            head.literal(b"\r\n");
        }
        let mut key = request.key.clone();
        if let Some(credentials) = credentials.filter(|_| !has(AUTHORIZATION)) {
            key = key.with_credentials(credentials.as_bytes());
            head.literal(b"authorization: ");
            head.literal(credentials.as_bytes());
            head.literal(b"\r\n");
        }
        Some(Self {
            origin: Arc::new(Origin::of(&url)?),
            origin_index: Cell::new(None),
            head: head.pieces,
            body: request.body.clone(),
            has_length: has(CONTENT_LENGTH) || has(TRANSFER_ENCODING),
            is_head: request.method == Method::HEAD,
            wants_body: request.wants_body,
            wants_headers: request.wants_headers,
            key,
        })
    }

    /// The request with its gaps filled.
    pub fn fill(&self, filling: &mut Filling<'_>) -> Result<WireRequest, Unsendable> {
        let mut bytes = Vec::with_capacity(512);
        for piece in &self.head {
            match piece {
                HeadPiece::Literal(literal) => bytes.extend_from_slice(literal),
                HeadPiece::Gap(gap) => gap.write(&mut bytes, filling)?,
            }
        }
        let mut large_body = None;
        match &self.body {
            None => bytes.extend_from_slice(b"\r\n"),
            Some(GappedBody::Whole(body)) => {
                if !self.has_length {
                    bytes.extend_from_slice(LengthLine::of(body.len()).as_bytes());
                }
                bytes.extend_from_slice(b"\r\n");
                large_body = push_body(&mut bytes, body);
            }
            Some(body) => {
                let head_end = bytes.len();
                bytes.extend_from_slice(b"\r\n");
                body.write(&mut bytes, filling)?;
                if !self.has_length {
                    // Known only now; moving a body costs less than building it elsewhere.
                    let length = LengthLine::of(bytes.len() - head_end - b"\r\n".len());
                    bytes.splice(head_end..head_end, length.as_bytes().iter().copied());
                }
            }
        }
        let lookup_key = self.lookup_key(&bytes, large_body.as_deref());
        Ok(WireRequest {
            lookup_key,
            origin: Arc::clone(&self.origin),
            origin_index: self.origin_index.clone(),
            bytes,
            large_body,
            is_head: self.is_head,
            wants_body: self.wants_body,
            wants_headers: self.wants_headers,
        })
    }
}

impl WireTemplate {
    /// What a filled request asks for.
    fn lookup_key(&self, bytes: &[u8], large_body: Option<&[u8]>) -> Option<RequestKey> {
        let Origin { host, port, .. } = &*self.origin;
        if self.body.is_none() {
            return self.key.of_bytes(host, *port, bytes, None);
        }
        let end = memchr::memmem::find(bytes, b"\r\n\r\n").unwrap_or(bytes.len());
        let (head, rest) = bytes.split_at(end);
        let body = large_body.unwrap_or(rest.get(4..).unwrap_or_default());
        self.key.of_bytes(host, *port, head, Some(body))
    }
}

/// Adds a small body to its head; a large one is given back, to be sent after it.
fn push_body(bytes: &mut Vec<u8>, body: &Bytes) -> Option<Bytes> {
    if body.len() > MAX_SMALL_BODY {
        return Some(body.clone());
    }
    bytes.extend_from_slice(body);
    None
}

/// The header line that says how long a body is.
struct LengthLine {
    text: [u8; 40],
    length: usize,
}

impl LengthLine {
    fn of(n_bytes: usize) -> Self {
        let mut text = [0; 40];
        let mut rest = text.as_mut_slice();
        // A number of 64 bits has at most 20 digits.
        let _ = write!(rest, "content-length: {n_bytes}\r\n");
        let length = 40 - rest.len();
        Self { text, length }
    }

    fn as_bytes(&self) -> &[u8] {
        &self.text[..self.length]
    }
}

fn push_header(bytes: &mut Vec<u8>, name: &HeaderName, value: &[u8]) {
    for part in [name.as_str().as_bytes(), b": ", value, b"\r\n"] {
        bytes.extend_from_slice(part);
    }
}

fn host_value(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// A head under construction.
#[derive(Default)]
struct Head {
    pieces: Vec<HeadPiece>,
}

impl Head {
    fn literal(&mut self, bytes: &[u8]) {
        match self.pieces.last_mut() {
            Some(HeadPiece::Literal(literal)) => literal.extend_from_slice(bytes),
            _ => self.pieces.push(HeadPiece::Literal(bytes.to_vec())),
        }
    }

    fn text(&mut self, text: &Text) {
        for piece in &text.0 {
            match piece {
                Piece::Literal(literal) => self.literal(literal.as_bytes()),
                Piece::Gap(gap) => self.pieces.push(HeadPiece::Gap(gap.clone())),
            }
        }
    }

    /// The request target: `start` and the pieces after it.
    fn target(&mut self, start: &str, pieces: &[Piece]) {
        if !start.starts_with('/') {
            self.literal(b"/");
        }
        let start = Piece::Literal(start.to_owned());
        for piece in std::iter::once(&start).chain(pieces) {
            match piece {
                Piece::Literal(literal) => {
                    self.literal(utf8_percent_encode(literal, TARGET).to_string().as_bytes());
                }
                Piece::Gap(gap) => self.pieces.push(HeadPiece::Gap(gap.clone())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::request::{StepRequest, Wants};
    use crate::engine::testing::{prepared, step, with_filling};
    use crate::model::{Body, Step};

    const AGENT: &str = concat!("user-agent: stagewright/", env!("CARGO_PKG_VERSION"), "\r\n");

    fn prepare(step: &Step, base_url: &str, extracted: &[&str]) -> StepRequest {
        prepared(step, base_url, Wants::default(), extracted)
    }

    /// The request with `value` in its only gap, patched and built anew.
    fn both_ways(step: &Step, base_url: &str, value: &str) -> [Result<WireRequest, Unsendable>; 2] {
        let request = prepare(step, base_url, &["id"]);
        let values = vec![Some(value.to_owned())];
        let StepRequest::Gapped(gapped, Some(template)) = &request else { panic!("has no gap") };
        let filled = with_filling(&values, |filling| gapped.fill(filling));
        let built = filled.map(|filled| WireRequest::of(&filled).unwrap());
        [with_filling(&values, |filling| template.fill(filling)), built]
    }

    fn text(request: &WireRequest) -> &str {
        std::str::from_utf8(&request.bytes).unwrap()
    }

    #[test]
    fn a_request_without_gaps_is_rendered_once() {
        let mut described = step("/a?b=c#d");
        described.method = "POST".into();
        described.headers = vec![("X-One".into(), "1".into())];
        described.body = Body::Text("hello".into());
        let StepRequest::Complete(_, Some(whole)) = prepare(&described, "http://localhost:81/api/", &[])
        else {
            panic!("has gaps")
        };
        let expected = format!(
            "POST /api/a?b=c HTTP/1.1\r\nhost: localhost:81\r\nx-one: 1\r\naccept: */*\r\n{AGENT}content-length: 5\r\n\r\n\
             hello"
        );
        assert_eq!(text(&whole), expected);
        assert_eq!(whole.line(), "POST http://localhost:81/api/a?b=c");
    }

    #[test]
    fn a_patched_request_is_the_one_that_would_be_built() {
        let mut described = step("/courses/{{id}}/x?q={{id}}&r=a b");
        described.method = "PUT".into();
        described.headers = vec![("x-id".into(), "<{{id}}>".into()), ("host".into(), "other".into())];
        described.body = Body::Json(r#"{"id": "{{id}}"}"#.into());
        for base_url in ["http://10.0.0.7/api", "https://me:secret@[::1]:8443", "http://example.org:8080/"] {
            for value in ["a1", "with space", "ü&=", "1/2"] {
                let [patched, built] = both_ways(&described, base_url, value).map(Result::unwrap);
                // Where a header is not set by the step, credentials come last in one and first in the other.
                let sorted = |request: &WireRequest| {
                    let mut lines: Vec<String> = text(request).split("\r\n").map(str::to_owned).collect();
                    lines.sort();
                    lines
                };
                assert_eq!(sorted(&patched), sorted(&built), "{value} at {base_url}");
                assert_eq!((&patched.origin, patched.line()), (&built.origin, built.line()));
                assert_eq!(text(&patched).split("\r\n").next(), text(&built).split("\r\n").next());
            }
        }
    }

    #[test]
    fn a_value_cannot_write_headers_of_its_own() {
        let mut described = step("/{{id}}");
        described.headers = vec![("x-id".into(), "{{id}}".into())];
        let [patched, built] = both_ways(&described, "http://h", "a\r\nx-evil: 1");
        assert!(patched.unwrap_err().0.contains("`id`"));
        assert!(built.is_err());
        let described = step("/{{id}}");
        let [patched, _] = both_ways(&described, "http://h", "a\r\nx-evil: 1");
        assert!(text(&patched.unwrap()).starts_with("GET /a%0D%0Ax-evil:%201 HTTP/1.1\r\n"));
    }

    #[test]
    fn a_header_that_cannot_be_sent_is_refused_beside_gaps_too() {
        let mut described = step("/{{id}}");
        described.headers = vec![("x-one".into(), "1\r\nx-two: 2".into())];
        let request = prepare(&described, "http://h", &["id"]);
        assert!(matches!(request, StepRequest::Gapped(_, None)));
        let values = vec![Some("a".to_owned())];
        let refused = with_filling(&values, |filling| request.fill(filling).unwrap_err());
        assert!(refused.0.contains("`x-one`"));
    }

    #[test]
    fn a_length_that_the_step_says_is_not_said_twice() {
        let mut described = step("/{{id}}");
        described.headers = vec![("content-length".into(), "5".into())];
        described.body = Body::Text("hello".into());
        for request in both_ways(&described, "http://h", "a").map(Result::unwrap) {
            assert_eq!(text(&request).matches("content-length").count(), 1);
        }
    }

    #[test]
    fn a_host_that_is_a_value_is_built_each_time() {
        let request = prepare(&step("http://{{id}}/x"), "http://unused", &["id"]);
        assert!(matches!(request, StepRequest::Gapped(_, None)));
        assert!(request.may_need_tls());
    }
}
