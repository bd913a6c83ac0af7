//! Requests prepared once: URL, headers, body; only what varies from request to request is filled in per request.

mod body;
mod credentials;
mod draw;
mod key;
mod multipart;
mod supplies;
mod text;

use std::borrow::Cow;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use bytes::Bytes;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use rand::SeedableRng as _;
use rand_xoshiro::Xoshiro256PlusPlus;
use reqwest::{
    Method, Url,
    header::{ACCEPT, AUTHORIZATION, CONNECTION, HeaderMap, HeaderName, HeaderValue, USER_AGENT},
};

pub(super) use body::GappedBody;
pub(super) use key::{KeyRecipe, RequestKey, folded};
pub(super) use supplies::{Marks, Supplies};
pub(super) use text::{Gap, Piece, Place, QUERY, Slots, TARGET, Text, Values};

use super::wire::{WireRequest, WireTemplate};
use crate::model::{Auth, Step};
use credentials::Credentials;
use text::TextReader;

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
    /// How many redirects are followed, where the step does not leave it to the transport.
    pub max_redirects: Option<u32>,
    /// Whether a check or an extract looks into the answer's body.
    pub wants_body: bool,
    /// Whether one looks into its headers.
    pub wants_headers: bool,
    /// What it asks for, without the cookies that a transport adds; none where no cache could answer it.
    pub lookup_key: Option<RequestKey>,
}

/// A step's request: complete, or with gaps for what varies.
pub(super) enum StepRequest {
    Complete(Box<PreparedRequest>, Option<WireRequest>),
    Gapped(Box<GappedRequest>, Option<WireTemplate>),
}

pub(super) struct GappedRequest {
    pub method: Method,
    pub url: Text,
    pub headers: Vec<(HeaderName, Text)>,
    /// The header that proves who sends the request, where it is not the usual one.
    key_header: Option<HeaderName>,
    pub body: Option<GappedBody>,
    pub max_redirects: Option<u32>,
    pub wants_body: bool,
    pub wants_headers: bool,
    pub key: KeyRecipe,
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

/// What a step's request is prepared with, beside the step itself.
pub(super) struct Setting<'a> {
    pub base_url: &'a str,
    pub auth: &'a Auth,
    pub wants: Wants,
}

/// What the gaps of a request are filled with.
pub(super) struct Filling<'a> {
    pub values: &'a Values,
    /// The virtual user's own, so that a run can be repeated.
    pub random: &'a mut Xoshiro256PlusPlus,
    pub clock: fn() -> Timestamp,
}

/// Why a request cannot be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unsendable(pub String);

impl Unsendable {
    pub fn without_value(name: &str) -> Self {
        Self(format!("variable `{name}` was not extracted"))
    }
}

impl<'a> Filling<'a> {
    pub fn new(values: &'a Values, random: &'a mut Xoshiro256PlusPlus) -> Self {
        Self { values, random, clock: Timestamp::now }
    }
}

impl StepRequest {
    /// Prepares a step's request; `slots` already knows the variables that the journey extracts.
    pub fn prepare(
        step: &Step,
        setting: &Setting<'_>,
        slots: &mut Slots<'_>,
        supplies: &mut Supplies,
    ) -> Result<Self, Unsendable> {
        let gapped = GappedRequest::read(step, setting, &mut TextReader { slots, supplies })?;
        if gapped.has_gaps() {
            let template = WireTemplate::of(&gapped);
            return Ok(Self::Gapped(Box::new(gapped), template));
        }
        // Nothing is drawn where there are no gaps.
        let mut random = Xoshiro256PlusPlus::seed_from_u64(0);
        let complete = gapped.fill(&mut Filling::new(&Values::new(), &mut random))?;
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

    /// The request with its gaps filled.
    pub fn fill(&self, filling: &mut Filling<'_>) -> Result<Cow<'_, PreparedRequest>, Unsendable> {
        match self {
            Self::Complete(request, _) => Ok(Cow::Borrowed(request)),
            Self::Gapped(gapped, _) => gapped.fill(filling).map(Cow::Owned),
        }
    }
}

impl GappedRequest {
    fn read(step: &Step, setting: &Setting<'_>, reader: &mut TextReader<'_, '_>) -> Result<Self, Unsendable> {
        let method = Method::from_bytes(step.method.as_bytes())
            .map_err(|_| Unsendable(format!("`{}` is no HTTP method", step.method)))?;
        let mut headers = Vec::with_capacity(step.headers.len() + 4);
        for (name, value) in &step.headers {
            headers.push((header_name(name)?, reader.read(value, Place::Header)?));
        }
        let mut query = Vec::with_capacity(step.query.len());
        for (name, value) in &step.query {
            query.push((name.as_str(), reader.read(value, Place::Query)?));
        }
        let mut key_header = None;
        match Credentials::read(setting, reader)? {
            Credentials::None => {}
            Credentials::Header(name, value) => {
                key_header = Some(name.clone());
                add_default(&mut headers, name, value);
            }
            Credentials::Query(name, value) => query.push((name, value)),
        }
        add_default(&mut headers, ACCEPT, Text::of("*/*"));
        if setting.wants.close {
            add_default(&mut headers, CONNECTION, Text::of("close"));
        }
        let agent = concat!("stagewright/", env!("CARGO_PKG_VERSION"));
        add_default(&mut headers, USER_AGENT, Text::of(agent));
        let body = GappedBody::read(&step.body, &mut headers, reader)?;
        let mut url = reader.read_target(&absolute_url(setting.base_url, &step.path))?;
        url.cut_fragment();
        for (name, value) in query {
            url.push_query_mark();
            url.push(&Place::Query.written(name));
            url.push("=");
            url.append(value);
        }
        let Wants { body: wants_body, headers: wants_headers, .. } = setting.wants;
        let max_redirects = step.max_redirects;
        let key = KeyRecipe::new(&method, &headers, key_header.as_ref());
        Ok(Self { method, url, headers, key_header, body, max_redirects, wants_body, wants_headers, key })
    }

    fn has_gaps(&self) -> bool {
        self.url.has_gaps()
            || self.headers.iter().any(|(_, text)| text.has_gaps())
            || self.body.as_ref().is_some_and(GappedBody::has_gaps)
    }

    pub fn fill(&self, filling: &mut Filling<'_>) -> Result<PreparedRequest, Unsendable> {
        let url = self.url.fill(filling)?;
        let url = String::from_utf8_lossy(&url);
        let mut url = Url::parse(&url).map_err(|error| Unsendable(format!("`{url}` is no URL: {error}")))?;
        let mut headers = HeaderMap::with_capacity(self.headers.len() + N_HEADERS_ADDED);
        for (name, text) in &self.headers {
            let value = text.fill(filling)?;
            let mut value = HeaderValue::from_str(&String::from_utf8_lossy(&value))
                .map_err(|_| Unsendable(format!("header `{name}` has a value that HTTP does not allow")))?;
            value.set_sensitive(*name == AUTHORIZATION || self.key_header.as_ref() == Some(name));
            headers.append(name.clone(), value);
        }
        let mut key = Cow::Borrowed(&self.key);
        if let Some(credentials) = take_credentials(&mut url)
            && !headers.contains_key(AUTHORIZATION)
        {
            key = Cow::Owned(self.key.clone().with_credentials(credentials.as_bytes()));
            headers.insert(AUTHORIZATION, credentials);
        }
        let body = self.body.as_ref().map(|body| body.fill(filling)).transpose()?;
        let lookup_key = key.of_request(&url, &headers, body.as_deref());
        let n_bytes = message_size(&self.method, &url, &headers, body.as_ref());
        Ok(PreparedRequest {
            method: self.method.clone(),
            url,
            headers,
            body,
            n_bytes,
            max_redirects: self.max_redirects,
            wants_body: self.wants_body,
            wants_headers: self.wants_headers,
            lookup_key,
        })
    }
}

fn header_name(name: &str) -> Result<HeaderName, Unsendable> {
    HeaderName::from_bytes(name.as_bytes()).map_err(|_| Unsendable(format!("`{name}` is no header name")))
}

/// Adds a header unless the step has it.
fn add_default(headers: &mut Vec<(HeaderName, Text)>, name: HeaderName, value: Text) {
    if !headers.iter().any(|(known, _)| *known == name) {
        headers.push((name, value));
    }
}

impl PreparedRequest {
    /// Takes its size anew, after a change.
    pub fn measure(&mut self) {
        self.n_bytes = message_size(&self.method, &self.url, &self.headers, self.body.as_ref());
    }
}

/// A path below the base URL, or a whole URL as it is.
pub(super) fn absolute_url(base_url: &str, path: &str) -> String {
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
    use std::collections::BTreeMap;

    use reqwest::header::CONTENT_TYPE;

    use super::*;
    use crate::engine::testing::{step, with_filling};
    use crate::model::{Body, KeyPlace};

    const BASE_URL: &str = "http://localhost:1/api/";

    fn prepare_with(step: &Step, auth: &Auth, extracted: &[&str]) -> (StepRequest, Values) {
        let constants = BTreeMap::from([("page".to_owned(), "7".to_owned())]);
        let mut slots =
            Slots { constants: &constants, names: extracted.iter().map(|name| (*name).to_owned()).collect() };
        let setting = Setting { base_url: BASE_URL, auth, wants: Wants::default() };
        let request = StepRequest::prepare(step, &setting, &mut slots, &mut Supplies::default()).unwrap();
        (request, slots.initial_values())
    }

    fn prepare(step: &Step, extracted: &[&str]) -> (StepRequest, Values) {
        prepare_with(step, &Auth::None, extracted)
    }

    fn fill<'a>(request: &'a StepRequest, values: &Values) -> Result<Cow<'a, PreparedRequest>, Unsendable> {
        with_filling(values, |filling| request.fill(filling))
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
        let filled = fill(&request, &values).unwrap();
        assert_eq!(filled.url.path(), "/api/courses/a1");
        assert_eq!(filled.body.as_deref(), Some(br#"{"id": "a1", "page": 7}"#.as_slice()));
        assert_eq!(filled.headers[CONTENT_TYPE], "application/json");
    }

    #[test]
    fn a_missing_value_is_named() {
        let (request, values) = prepare(&step("/courses/{{id}}"), &["id"]);
        let unsendable = fill(&request, &values).unwrap_err();
        assert_eq!(unsendable, Unsendable("variable `id` was not extracted".into()));
    }

    #[test]
    fn an_extracted_variable_begins_as_the_constant_of_its_name() {
        let (request, values) = prepare(&step("/{{page}}"), &["page"]);
        assert!(matches!(request, StepRequest::Gapped(..)));
        assert_eq!(fill(&request, &values).unwrap().url.path(), "/api/7");
    }

    #[test]
    fn whole_urls_leave_the_base_url_aside() {
        let (request, _) = prepare(&step("https://example.org/x"), &[]);
        assert_eq!(fill(&request, &Vec::new()).unwrap().url.as_str(), "https://example.org/x");
    }

    #[test]
    fn credentials_in_a_url_are_sent_as_a_header() {
        let (request, _) = prepare(&step("http://me:p%40ss@localhost/x"), &[]);
        let request = fill(&request, &Vec::new()).unwrap();
        assert_eq!(request.headers[AUTHORIZATION], "Basic bWU6cEBzcw==");
        assert_eq!(request.url.as_str(), "http://localhost/x");
    }

    /// The value of the `name`d header of a request with `auth`, and its URL's query.
    fn check_auth(auth: &Auth, name: &str, header: Option<&str>, query: Option<&str>) {
        let (request, mut values) = prepare_with(&step("/"), auth, &["id"]);
        values[0] = Some("s&t".into());
        let request = fill(&request, &values).unwrap();
        let sent = request.headers.get(name).map(|value| value.to_str().unwrap());
        assert_eq!((sent, request.url.query()), (header, query));
    }

    #[test]
    fn credentials_stand_where_they_belong() {
        let basic = |user: &str, password: &str| Auth::Basic { user: user.into(), password: password.into() };
        check_auth(&basic("me", "p@ss"), "authorization", Some("Basic bWU6cEBzcw=="), None);
        check_auth(&basic("me", "{{id}}"), "authorization", Some("Basic bWU6cyZ0"), None);
        let bearer = Auth::Bearer { token: "a{{page}}{{id}}".into() };
        check_auth(&bearer, "authorization", Some("Bearer a7s&t"), None);
        let key = |place| Auth::ApiKey { place, name: "x-key".into(), value: "{{page}} {{id}}".into() };
        check_auth(&key(KeyPlace::Header), "x-key", Some("7 s&t"), None);
        check_auth(&key(KeyPlace::Query), "x-key", None, Some("x-key=7%20s%26t"));
    }

    #[test]
    fn a_header_that_the_step_gives_goes_before_its_credentials() {
        let mut described = step("http://me:secret@localhost/");
        described.headers = vec![("Authorization".into(), "Own".into())];
        let bearer = Auth::Bearer { token: "t".into() };
        let (request, values) = prepare_with(&described, &bearer, &[]);
        let request = fill(&request, &values).unwrap();
        let sent: Vec<_> = request.headers.get_all(AUTHORIZATION).iter().collect();
        assert_eq!(sent, ["Own"]);
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
        assert_eq!(fill(&request, &Vec::new()).unwrap().n_bytes, message.len() as u64);
    }
}
