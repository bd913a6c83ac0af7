//! What was sent, for the eye: requests as hyper writes them.

use std::cell::RefCell;

use reqwest::Request;
use reqwest::header::{CONTENT_LENGTH, HOST};

use super::ReqwestTransport;
use super::outgoing::is_framed;
use crate::engine::request::PreparedRequest;
use crate::engine::transport::{MAX_KEPT_BODY, Shows, Transport, shown_header};
use crate::metrics::{SentRequest, ShownBody};

/// The requests of the exchange under way.
#[derive(Default)]
pub(super) struct Shown(RefCell<Vec<SentRequest>>);

impl Shown {
    /// Notes a request, which is about to be sent as `outgoing`.
    pub fn sending(&self, request: &PreparedRequest, outgoing: &Request, is_http2: bool) {
        let body = request.body.as_deref().unwrap_or_default();
        let kept = &body[..body.len().min(MAX_KEPT_BODY)];
        self.0.borrow_mut().push(SentRequest {
            method: outgoing.method().to_string(),
            url: outgoing.url().to_string(),
            headers: headers_sent(request, outgoing, is_http2),
            body: ShownBody::new(kept, body.len() as u64, kept.len() == body.len()),
            redirected_by: None,
        });
    }

    /// Notes that the last request was answered by a redirect.
    pub fn redirected(&self, status: u16) {
        if let Some(last) = self.0.borrow_mut().last_mut() {
            last.redirected_by = Some(status);
        }
    }
}

/// The headers of a request that is sent as `outgoing`.
// hyper adds the host (not over HTTP/2, where it is no header) and the length of a body; a test compares this with what
// a server got.
pub(super) fn headers_sent(
    request: &PreparedRequest,
    outgoing: &Request,
    is_http2: bool,
) -> Vec<(String, String)> {
    let headers = outgoing.headers();
    let mut shown: Vec<_> = headers.iter().map(|(name, value)| shown_header(name, value)).collect();
    if !is_http2 && !headers.contains_key(HOST) {
        let url = outgoing.url();
        let host = url.host_str().unwrap_or_default();
        let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        shown.push((HOST.as_str().to_owned(), host));
    }
    let body = request.body.as_deref().unwrap_or_default();
    if !body.is_empty() && !is_framed(headers) {
        shown.push((CONTENT_LENGTH.as_str().to_owned(), body.len().to_string()));
    }
    shown
}

impl Shows for ReqwestTransport {
    fn sent(&self, _: &<Self as Transport>::Ready<'_>) -> Vec<SentRequest> {
        self.shown.as_ref().map(|shown| shown.0.take()).unwrap_or_default()
    }
}
