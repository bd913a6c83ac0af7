//! The way of an answer to its client, over a link of a given rate: its head comes at once, its body piece by piece.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

/// For how long one piece travels at least; what waits for less is not on time.
const PIECE: Duration = Duration::from_millis(1);
const MIN_PIECE_BYTES: usize = 512;

/// A body on its way.
struct Travelling {
    rest: Bytes,
    n_sent: usize,
    bytes_per_sec: f64,
    /// When its first byte set out, once it has.
    begun: Option<Instant>,
    /// Until when the next piece travels.
    wait: Option<Pin<Box<Sleep>>>,
}

/// Lets the body of an answer travel at so many bytes a second.
pub async fn sent_over(bytes_per_sec: f64, answer: Response) -> Response {
    let (head, body) = answer.into_parts();
    // Answers are in memory, where reading them does not fail.
    let rest = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let travelling = Travelling { rest, n_sent: 0, bytes_per_sec, begun: None, wait: None };
    Response::from_parts(head, Body::new(travelling))
}

impl Travelling {
    fn piece(&self) -> usize {
        let n_bytes = (self.bytes_per_sec * PIECE.as_secs_f64()) as usize;
        n_bytes.max(MIN_PIECE_BYTES).min(self.rest.len())
    }
}

impl hyper::body::Body for Travelling {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let n_bytes = self.piece();
        let begun = *self.begun.get_or_insert_with(Instant::now);
        // By what has been sent since the beginning, so that a piece that is late makes the next ones no later.
        let takes = Duration::from_secs_f64((self.n_sent + n_bytes) as f64 / self.bytes_per_sec);
        ready!(self.wait.get_or_insert_with(|| Box::pin(sleep_until(begun + takes))).as_mut().poll(context));
        self.wait = None;
        self.n_sent += n_bytes;
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(n_bytes)))))
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
    use super::*;

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
