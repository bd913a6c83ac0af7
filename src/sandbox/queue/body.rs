//! A body that is sent at a bounded rate, as over a slow line.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::body::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::sync::oneshot;

use super::desk::Desk;

/// So much of a body goes at once.
const PIECE: Duration = Duration::from_millis(4);
const MIN_PIECE_BYTES: f64 = 1_460.0;
const MAX_PIECE_BYTES: f64 = 65_536.0;

/// Bytes on a slow line: each piece is handed over when its last byte would have come.
pub(super) struct SlowBody {
    left: Bytes,
    n_sent: usize,
    bytes_per_sec: f64,
    began: Instant,
    desk: Arc<Desk>,
    on_its_way: Option<oneshot::Receiver<()>>,
}

impl SlowBody {
    pub fn new(bytes: Bytes, bytes_per_sec: f64, desk: Arc<Desk>) -> Self {
        Self { left: bytes, n_sent: 0, bytes_per_sec, began: Instant::now(), desk, on_its_way: None }
    }

    fn next_bytes(&self) -> usize {
        let piece = self.bytes_per_sec * PIECE.as_secs_f64();
        (piece.clamp(MIN_PIECE_BYTES, MAX_PIECE_BYTES) as usize).min(self.left.len())
    }
}

impl Body for SlowBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let n_bytes = self.next_bytes();
        if n_bytes == 0 {
            return Poll::Ready(None);
        }
        // Counted from the beginning, so that what one piece comes late is not added to the next.
        let there = self.began + Duration::from_secs_f64((self.n_sent + n_bytes) as f64 / self.bytes_per_sec);
        let desk = Arc::clone(&self.desk);
        let on_its_way = self.on_its_way.get_or_insert_with(|| desk.alarm(there));
        // A desk that closes has no more time to keep.
        let _ = ready!(Pin::new(on_its_way).poll(context));
        self.on_its_way = None;
        self.n_sent += n_bytes;
        Poll::Ready(Some(Ok(Frame::data(self.left.split_to(n_bytes)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.len() as u64)
    }
}
