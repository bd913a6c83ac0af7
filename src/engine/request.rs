//! Requests prepared once: parsed URL, headers, body; `{{name}}` is filled in per request only where a
//! value comes from an answer.

use std::{borrow::Cow, collections::BTreeMap};

use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use reqwest::{
    Method, Url,
    header::{
        ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
    },
};

use super::wire::{WireRequest, WireTemplate};
use crate::model::{Body, Step};

/// Room for the headers that are added on the way: of the host, of cookies, of what can be unpacked; and for one
/// more, since a map grows when it is only asked for a header that it might get.
const N_HEADERS_ADDED: usize = 4;

/// A request ready to be sent.
#[derive(Clone, Debug)]
pub(super) struct PreparedRequest {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Option<Bytes>,
    /// Size of head and body as HTTP/1.1 writes them.
    pub n_bytes: u64,
    /// Whether a check or an extract looks into the answer's body.
    pub wants_body: bool,
    /// Whether one looks into its headers.
    pub wants_headers: bool,
}

/// A step's request: complete, or with gaps for values taken out of earlier answers.
pub(super) enum StepRequest {
    Complete(Box<PreparedRequest>, Option<WireRequest>),
    Gapped(Box<GappedRequest>, Option<WireTemplate>),
}

pub(super) struct GappedRequest {
    pub method: Method,
    pub url: Text,
    pub headers: Vec<(HeaderName, Text)>,
    pub body: Option<Text>,
    pub wants_body: bool,
    pub wants_headers: bool,
}

/// What a step needs of its exchange.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wants {
    /// To see the answer's body.
    pub body: bool,
    /// To see the answer's headers.
    pub headers: bool,
    /// A connection that is closed after the answer.
    pub close: bool,
}

/// Values of variables taken out of answers, by slot.
pub(super) type Values = Vec<Option<String>>;

/// Knows the scenario's constant variables, and gives each extracted one of a journey its slot.
pub(super) struct Slots<'a> {
    pub constants: &'a BTreeMap<String, String>,
    pub names: Vec<String>,
}

/// Text in pieces; a gap is filled from the values.
#[derive(Clone)]
pub(super) enum Piece {
    Literal(String),
    Gap { slot: usize, name: String },
}

#[derive(Clone)]
pub(super) struct Text(pub Vec<Piece>);

/// Why a request cannot be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unsendable(pub String);

impl Unsendable {
    pub fn without_value(name: &str) -> Self {
        Self(format!("variable `{name}` was not extracted"))
    }
}

impl Slots<'_> {
    /// The slot of an extracted variable.
    pub fn slot_of(&mut self, name: &str) -> usize {
        self.names.iter().position(|known| known == name).unwrap_or_else(|| {
            self.names.push(name.to_owned());
            self.names.len() - 1
        })
    }

    /// Values at the start of an iteration: an extracted variable begins as the constant of its name.
    pub fn initial_values(&self) -> Values {
        self.names.iter().map(|name| self.constants.get(name).cloned()).collect()
    }
}

impl Text {
    fn parse(text: &str, slots: &mut Slots<'_>) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, (name, after))) =
            rest.split_once("{{").and_then(|(before, inner)| Some((before, inner.split_once("}}")?)))
        {
            push_literal(&mut pieces, before);
            let name = name.trim();
            match slots.constants.get(name) {
                Some(value) if !slots.names.iter().any(|known| known == name) => {
                    push_literal(&mut pieces, value);
                }
                _ => pieces.push(Piece::Gap { slot: slots.slot_of(name), name: name.to_owned() }),
            }
            rest = after;
        }
        push_literal(&mut pieces, rest);
        Self(pieces)
    }

    fn has_gaps(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Gap { .. }))
    }

    pub fn fill(&self, values: &[Option<String>]) -> Result<Cow<'_, str>, Unsendable> {
        if let [Piece::Literal(text)] = self.0.as_slice() {
            return Ok(Cow::Borrowed(text));
        }
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Literal(text) => filled.push_str(text),
                Piece::Gap { slot, name } => match &values[*slot] {
                    Some(value) => filled.push_str(value),
                    None => return Err(Unsendable::without_value(name)),
                },
            }
        }
        Ok(Cow::Owned(filled))
    }
}

fn push_literal(pieces: &mut Vec<Piece>, text: &str) {
    match pieces.last_mut() {
        _ if text.is_empty() => {}
        Some(Piece::Literal(literal)) => literal.push_str(text),
        _ => pieces.push(Piece::Literal(text.to_owned())),
    }
}

impl StepRequest {
    /// Prepares a step's request; `slots` already knows the variables that the journey extracts.
    pub fn prepare(
        step: &Step,
        base_url: &str,
        wants: Wants,
        slots: &mut Slots<'_>,
    ) -> Result<Self, Unsendable> {
        let method = Method::from_bytes(step.method.as_bytes())
            .map_err(|_| Unsendable(format!("`{}` is no HTTP method", step.method)))?;
        let mut headers = Vec::with_capacity(step.headers.len() + 3);
        for (name, value) in &step.headers {
            let parsed = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| Unsendable(format!("`{name}` is no header name")))?;
            headers.push((parsed, Text::parse(value, slots)));
        }
        let mut add_default = |name: HeaderName, value: &str| {
            if !headers.iter().any(|(known, _)| *known == name) {
                headers.push((name, Text(vec![Piece::Literal(value.to_owned())])));
            }
        };
        add_default(ACCEPT, "*/*");
        if wants.close {
            add_default(CONNECTION, "close");
        }
        add_default(USER_AGENT, concat!("stagewright/", env!("CARGO_PKG_VERSION")));
        let body = match &step.body {
            Body::None => None,
            Body::Text(text) => Some(Text::parse(text, slots)),
            Body::Form(_) | Body::Multipart(_) | Body::File(_) => {
                return Err(Unsendable("this kind of body cannot be sent yet".to_owned()));
            }
            Body::Json(text) => {
                add_default(CONTENT_TYPE, "application/json");
                Some(Text::parse(text, slots))
            }
        };
        let url = Text::parse(&absolute_url(base_url, &step.path), slots);
        let (wants_body, wants_headers) = (wants.body, wants.headers);
        let gapped = GappedRequest { method, url, headers, body, wants_body, wants_headers };
        if gapped.has_gaps() {
            let template = WireTemplate::of(&gapped);
            return Ok(Self::Gapped(Box::new(gapped), template));
        }
        let complete = gapped.fill(&[])?;
        let wire = WireRequest::of(&complete);
        Ok(Self::Complete(Box::new(complete), wire))
    }

    /// Whether it goes over TLS, or where it goes depends on values.
    pub fn may_need_tls(&self) -> bool {
        match self {
            Self::Complete(request, _) => request.url.scheme() == "https",
            Self::Gapped(_, template) => template.as_ref().is_none_or(|template| template.origin.is_tls),
        }
    }

    /// The request with the present values in its gaps.
    pub fn fill(&self, values: &[Option<String>]) -> Result<Cow<'_, PreparedRequest>, Unsendable> {
        match self {
            Self::Complete(request, _) => Ok(Cow::Borrowed(request)),
            Self::Gapped(gapped, _) => gapped.fill(values).map(Cow::Owned),
        }
    }
}

impl GappedRequest {
    fn has_gaps(&self) -> bool {
        let texts = self.headers.iter().map(|(_, text)| text).chain(&self.body);
        self.url.has_gaps() || texts.into_iter().any(Text::has_gaps)
    }

    pub fn fill(&self, values: &[Option<String>]) -> Result<PreparedRequest, Unsendable> {
        let url = self.url.fill(values)?;
        let mut url = Url::parse(&url).map_err(|error| Unsendable(format!("`{url}` is no URL: {error}")))?;
        let mut headers = HeaderMap::with_capacity(self.headers.len() + N_HEADERS_ADDED);
        for (name, text) in &self.headers {
            let value = HeaderValue::from_str(&text.fill(values)?)
                .map_err(|_| Unsendable(format!("header `{name}` has a value that HTTP does not allow")))?;
            headers.append(name.clone(), value);
        }
        if let Some(credentials) = take_credentials(&mut url) {
            headers.entry(AUTHORIZATION).or_insert(credentials);
        }
        let body = match &self.body {
            Some(text) => Some(Bytes::from(text.fill(values)?.into_owned())),
            None => None,
        };
        let n_bytes = message_size(&self.method, &url, &headers, body.as_ref());
        Ok(PreparedRequest {
            method: self.method.clone(),
            url,
            headers,
            body,
            n_bytes,
            wants_body: self.wants_body,
            wants_headers: self.wants_headers,
        })
    }
}

impl PreparedRequest {
    /// Takes its size anew, after a change.
    pub fn measure(&mut self) {
        self.n_bytes = message_size(&self.method, &self.url, &self.headers, self.body.as_ref());
    }
}

fn absolute_url(base_url: &str, path: &str) -> String {
    if path.starts_with("http://") || path.starts_with("https://") {
        return path.to_owned();
    }
    format!("{}/{}", base_url.trim_end_matches('/'), path.strip_prefix('/').unwrap_or(path))
}

/// The `Authorization` header for `http://name:password@host`; neither belongs into a request line or a report.
pub(super) fn take_credentials(url: &mut Url) -> Option<HeaderValue> {
    if url.username().is_empty() && url.password().is_none() {
        return None;
    }
    let mut credentials: Vec<u8> = percent_decode_str(url.username()).collect();
    credentials.push(b':');
    credentials.extend(percent_decode_str(url.password().unwrap_or_default()));
    // Neither can fail for a URL that has a name in it.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let mut header = HeaderValue::from_str(&format!("Basic {}", BASE64_STANDARD.encode(credentials))).ok()?;
    header.set_sensitive(true);
    Some(header)
}

fn message_size(method: &Method, url: &Url, headers: &HeaderMap, body: Option<&Bytes>) -> u64 {
    let target = url.path().len() + url.query().map_or(0, |query| query.len() + 1);
    let request_line = method.as_str().len() + 1 + target + " HTTP/1.1\r\n".len();
    let port = url.port().map_or(0, |port| port.to_string().len() + 1);
    let host = "host: \r\n".len() + url.host_str().map_or(0, str::len) + port;
    let body =
        body.map_or(0, |body| body.len() + "content-length: \r\n".len() + body.len().to_string().len());
    (request_line + host + headers_size(headers) + "\r\n".len() + body) as u64
}

/// Size of header lines as HTTP/1.1 writes them.
pub(super) fn headers_size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::testing::step;

    fn prepare(step: &Step, extracted: &[&str]) -> (StepRequest, Values) {
        let constants = BTreeMap::from([("page".to_owned(), "7".to_owned())]);
        let mut slots =
            Slots { constants: &constants, names: extracted.iter().map(|name| (*name).to_owned()).collect() };
        let request =
            StepRequest::prepare(step, "http://localhost:1/api/", Wants::default(), &mut slots).unwrap();
        (request, slots.initial_values())
    }

    #[test]
    fn constants_are_filled_in_once() {
        let (request, _) = prepare(&step("/courses?page={{ page }}"), &[]);
        let StepRequest::Complete(request, _) = request else { panic!("has gaps") };
        assert_eq!(request.url.as_str(), "http://localhost:1/api/courses?page=7");
    }

    #[test]
    fn extracted_values_are_filled_in_per_request() {
        let mut described = step("/courses/{{id}}");
        described.body = Body::Json(r#"{"id": "{{id}}", "page": {{page}}}"#.into());
        let (request, mut values) = prepare(&described, &["id"]);
        values[0] = Some("a1".into());
        let filled = request.fill(&values).unwrap();
        assert_eq!(filled.url.path(), "/api/courses/a1");
        assert_eq!(filled.body.as_deref(), Some(br#"{"id": "a1", "page": 7}"#.as_slice()));
        assert_eq!(filled.headers[CONTENT_TYPE], "application/json");
    }

    #[test]
    fn a_missing_value_is_named() {
        let (request, values) = prepare(&step("/courses/{{id}}"), &["id"]);
        let unsendable = request.fill(&values).unwrap_err();
        assert_eq!(unsendable, Unsendable("variable `id` was not extracted".into()));
    }

    #[test]
    fn an_extracted_variable_begins_as_the_constant_of_its_name() {
        let (request, values) = prepare(&step("/{{page}}"), &["page"]);
        assert!(matches!(request, StepRequest::Gapped(..)));
        assert_eq!(request.fill(&values).unwrap().url.path(), "/api/7");
    }

    #[test]
    fn whole_urls_leave_the_base_url_aside() {
        let (request, _) = prepare(&step("https://example.org/x"), &[]);
        assert_eq!(request.fill(&[]).unwrap().url.as_str(), "https://example.org/x");
    }

    #[test]
    fn credentials_in_a_url_are_sent_as_a_header() {
        let (request, _) = prepare(&step("http://me:p%40ss@localhost/x"), &[]);
        let request = request.fill(&[]).unwrap();
        assert_eq!(request.headers[AUTHORIZATION], "Basic bWU6cEBzcw==");
        assert_eq!(request.url.as_str(), "http://localhost/x");
    }

    #[test]
    fn the_size_is_that_of_the_http_message() {
        let mut described = step("/a?b=c");
        described.method = "POST".into();
        described.headers = vec![("x-one".into(), "1".into())];
        described.body = Body::Text("hello".into());
        let (request, _) = prepare(&described, &[]);
        let agent = concat!("user-agent: stagewright/", env!("CARGO_PKG_VERSION"), "\r\n");
        let message = format!(
            "POST /api/a?b=c HTTP/1.1\r\nhost: localhost:1\r\nx-one: 1\r\naccept: */*\r\n{agent}\
             content-length: 5\r\n\r\nhello"
        );
        assert_eq!(request.fill(&[]).unwrap().n_bytes, message.len() as u64);
    }
}
