//! The way of an answer to its client, over a line of a given rate: its head comes at once, its body piece by piece.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::time::sleep_until;

/// For how long one piece travels at least; what waits for less is not on time.
const PIECE: Duration = Duration::from_millis(1);
const MIN_PIECE_BYTES: f64 = 512.0;
const MAX_PIECE_BYTES: f64 = 65_536.0;

/// A body on its way: each piece is handed over when its last byte would have come, by whoever keeps the time.
struct Travelling<A, W> {
    rest: Bytes,
    n_sent: usize,
    bytes_per_sec: f64,
    /// When its first byte set out, once it has.
    begun: Option<Instant>,
    alarm: A,
    /// Until when the next piece travels.
    wait: Option<W>,
}

/// Lets the body of an answer travel at so many bytes a second.
pub async fn sent_over(bytes_per_sec: f64, answer: Response) -> Response {
    let (head, body) = answer.into_parts();
    // Answers are in memory, where reading them does not fail.
    let rest = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let alarm = |at: Instant| Box::pin(sleep_until(at.into()));
    Response::from_parts(head, travelling(rest, bytes_per_sec, alarm))
}

/// A body that travels at so many bytes a second; `alarm` gives what ends at a moment.
pub fn travelling<A, W>(bytes: Bytes, bytes_per_sec: f64, alarm: A) -> Body
where
    A: FnMut(Instant) -> W + Send + Unpin + 'static,
    W: Future + Send + Unpin + 'static,
{
    Body::new(Travelling { rest: bytes, n_sent: 0, bytes_per_sec, begun: None, alarm, wait: None })
}

impl<A, W> Travelling<A, W> {
    fn piece(&self) -> usize {
        let n_bytes = self.bytes_per_sec * PIECE.as_secs_f64();
        (n_bytes.clamp(MIN_PIECE_BYTES, MAX_PIECE_BYTES) as usize).min(self.rest.len())
    }
}

impl<A, W> hyper::body::Body for Travelling<A, W>
where
    A: FnMut(Instant) -> W + Unpin,
    W: Future + Unpin,
{
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let this = &mut *self;
        if this.rest.is_empty() {
            return Poll::Ready(None);
        }
        let n_bytes = this.piece();
        let begun = *this.begun.get_or_insert_with(|| tokio::time::Instant::now().into_std());
        // By what has been sent since the beginning, so that a piece that is late makes the next ones no later.
        let there = begun + Duration::from_secs_f64((this.n_sent + n_bytes) as f64 / this.bytes_per_sec);
        let wait = this.wait.get_or_insert_with(|| (this.alarm)(there));
        // Whoever ends has no more time to keep: what is left goes at once.
        ready!(Pin::new(wait).poll(context));
        this.wait = None;
        this.n_sent += n_bytes;
        Poll::Ready(Some(Ok(Frame::data(this.rest.split_to(n_bytes)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Body, Response, sent_over, to_bytes};

    #[tokio::test(start_paused = true)]
    async fn a_body_is_whole_once_its_bytes_have_travelled() {
        let text = "x".repeat(30_000);
        let start = Instant::now();
        let answer = sent_over(1e6, Response::new(Body::from(text.clone()))).await;
        assert_eq!(start.elapsed(), Duration::ZERO, "its head does not wait");
        assert_eq!(hyper::body::Body::size_hint(answer.body()).exact(), Some(30_000));
        let body = to_bytes(answer.into_body(), usize::MAX).await.unwrap();
        assert_eq!(body, text);
        let took = start.elapsed();
        assert!((30..=32).contains(&took.as_millis()), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_takes_no_time() {
        let start = Instant::now();
        let answer = sent_over(1_000.0, Response::new(Body::empty())).await;
        assert_eq!(to_bytes(answer.into_body(), 10).await.unwrap(), "");
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
