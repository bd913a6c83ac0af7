//! Where a redirect leads.
//!
//! reqwest could follow too, but then nobody would see the bytes, the phases and the cookies on the way.

use reqwest::Method;
use reqwest::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST, LOCATION,
    PROXY_AUTHORIZATION, TRANSFER_ENCODING,
};

use super::super::request::PreparedRequest;
use super::super::transport::AnswerHeaders;

/// The request that an answer sends us to; none where it does not, or not to a place that we can go to.
// As browsers do it (and RFC 9110 §15.4 allows): a POST becomes a GET with 301, 302 and 303, any other method
// but HEAD with 303 only; 307 and 308 keep method and body.
pub(super) fn next(
    request: &PreparedRequest,
    status: u16,
    headers: &AnswerHeaders,
) -> Option<PreparedRequest> {
    let keeps_body = match status {
        301 | 302 => request.method != Method::POST,
        303 => false,
        307 | 308 => true,
        _ => return None,
    };
    let location = std::str::from_utf8(headers.get(&LOCATION)?.as_bytes()).ok()?;
    let url = request.url.join(location).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let mut next = request.clone();
    if !keeps_body {
        next.body = None;
        if next.method != Method::HEAD {
            next.method = Method::GET;
        }
        for header in [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING] {
            next.headers.remove(header);
        }
    }
    if request.url.origin() != url.origin() {
        // What was meant for one host is not given to another.
        let keys = request.headers.iter().filter(|(_, value)| value.is_sensitive()).map(|(name, _)| name);
        for header in [AUTHORIZATION, COOKIE, HOST, PROXY_AUTHORIZATION].iter().chain(keys) {
            next.headers.remove(header);
        }
    }
    next.url = url;
    next.measure();
    Some(next)
}
