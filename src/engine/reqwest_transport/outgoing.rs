//! Requests as they are given to reqwest: with what the transport's options add, and a body that is watched.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_LENGTH, HeaderMap, HeaderValue, TRANSFER_ENCODING};
use reqwest::{Body, Request};
use tokio::time::Instant;

use super::cookies::Cookies;
use super::unpack;
use crate::engine::request::{PreparedRequest, headers_size};
use crate::model::TransportOptions;

/// Pieces in which hyper gets a body: with the last of them nearly all of it has been handed to the system.
const PIECE: usize = 64 * 1024;

/// What the options add to each request.
pub(super) struct Additions {
    pub compression: bool,
}

/// A request to be sent once.
pub(super) struct Outgoing {
    pub request: Request,
    /// Size of head and body as HTTP/1.1 writes them.
    pub n_bytes: u64,
    /// None without a body.
    pub body_taken: Option<BodyTaken>,
}

/// When hyper took the last piece of a body.
#[derive(Clone, Default)]
pub(super) struct BodyTaken(Arc<OnceLock<Instant>>);

impl BodyTaken {
    pub fn at(&self) -> Option<Instant> {
        self.0.get().copied()
    }
}

impl Additions {
    pub fn new(options: &TransportOptions) -> Self {
        Self { compression: options.compression }
    }

    /// A request with all that is added to it; `cookies` are those of its user, where the scenario keeps them.
    pub fn outgoing(&self, request: &PreparedRequest, cookies: Option<&Cookies>) -> Outgoing {
        let mut outgoing = Request::new(request.method.clone(), request.url.clone());
        let mut headers = request.headers.clone();
        let n_headers = headers.len();
        self.add_to(&mut headers);
        if let Some(cookies) = cookies {
            cookies.add_to(&mut headers, &request.url);
        }
        let added = if headers.len() == n_headers {
            0
        } else {
            headers_size(&headers) - headers_size(&request.headers)
        };
        // hyper says nothing of a body that is empty; its size has been counted with the request's.
        if request.body.as_ref().is_some_and(|body| body.is_empty()) && !is_framed(&headers) {
            headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        *outgoing.headers_mut() = headers;
        let body = request.body.clone().filter(|body| !body.is_empty());
        let body_taken = body.map(|body| {
            let taken = BodyTaken::default();
            *outgoing.body_mut() = Some(Body::wrap(WatchedBody { rest: body, taken: taken.clone() }));
            taken
        });
        Outgoing { request: outgoing, n_bytes: request.n_bytes + added as u64, body_taken }
    }

    fn add_to(&self, headers: &mut HeaderMap) {
        if self.compression {
            headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static(unpack::ACCEPTED));
        }
    }
}

/// Whether a step itself says how long its body is, or how it is framed.
pub(super) fn is_framed(headers: &HeaderMap) -> bool {
    headers.contains_key(CONTENT_LENGTH) || headers.contains_key(TRANSFER_ENCODING)
}

/// A body that notes when its last piece was taken.
struct WatchedBody {
    rest: Bytes,
    taken: BodyTaken,
}

impl hyper::body::Body for WatchedBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let n_bytes = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(n_bytes);
        if self.rest.is_empty() {
            // Taken once only: a request that is sent again gets a body of its own.
            let _ = self.taken.0.set(Instant::now());
        }
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}
