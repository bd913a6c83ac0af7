//! What was sent, for the eye: the bytes of a request, taken apart again.

use super::WireTransport;
use crate::engine::transport::{MAX_KEPT_BODY, Ready as _, Shows, Transport};
use crate::metrics::{SentRequest, ShownBody};

impl Shows for WireTransport {
    fn sent(&self, request: &<Self as Transport>::Ready<'_>) -> Vec<SentRequest> {
        let (head, small_body) = request.request().parts();
        let head = String::from_utf8_lossy(head);
        let headers = head.split("\r\n").skip(1).filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let line = request.line();
        let (method, url) = line.split_once(' ').unwrap_or((line.as_str(), ""));
        let body = request.request().large_body.as_deref().unwrap_or(small_body);
        let kept = &body[..body.len().min(MAX_KEPT_BODY)];
        vec![SentRequest {
            method: method.to_owned(),
            url: url.to_owned(),
            headers,
            body: ShownBody::new(kept, body.len() as u64, kept.len() == body.len()),
            redirected_by: None,
        }]
    }
}
