//! Reads answers: counts what comes, keeps what somebody looks into.

use bytes::{Bytes, BytesMut};
use reqwest::Response;

use super::super::request::headers_size;
use super::super::transport::{Answer, MAX_KEPT_BODY};

/// Reads a whole answer, adding what came to `bytes_received`.
pub(super) async fn read(
    mut response: Response,
    wants_body: bool,
    bytes_received: &mut u64,
) -> Result<Answer, reqwest::Error> {
    // The first chunk is kept as it came: most bodies are one chunk, and need no copy.
    let mut body = KeptBody { first: Bytes::new(), more: BytesMut::new(), complete: true };
    let mut n_body_bytes = 0;
    while let Some(chunk) = response.chunk().await? {
        n_body_bytes += chunk.len() as u64;
        *bytes_received += chunk.len() as u64;
        body.keep(chunk, wants_body);
    }
    Ok(Answer {
        status: response.status().as_u16(),
        headers: std::mem::take(response.headers_mut()).into(),
        packed: None,
        body_complete: body.complete,
        n_body_bytes,
        body: body.into_bytes(),
    })
}

/// Size of an answer's head as HTTP/1.1 writes it.
pub(super) fn head_size(response: &Response) -> u64 {
    let reason = response.status().canonical_reason().map_or(0, str::len);
    ("HTTP/1.1 200 \r\n".len() + reason + headers_size(response.headers()) + "\r\n".len()) as u64
}

struct KeptBody {
    first: Bytes,
    /// The first chunk and those after it, once there are several.
    more: BytesMut,
    complete: bool,
}

impl KeptBody {
    fn keep(&mut self, chunk: Bytes, wants_body: bool) {
        if self.first.is_empty() {
            self.first = chunk;
        } else if !wants_body {
            self.complete = false;
        } else if self.complete {
            if self.more.is_empty() {
                self.more.extend_from_slice(&self.first);
            }
            self.more.extend_from_slice(&chunk);
        }
        self.complete &= self.first.len().max(self.more.len()) <= MAX_KEPT_BODY;
    }

    fn into_bytes(self) -> Bytes {
        if self.more.is_empty() { self.first } else { self.more.freeze() }
    }
}
