//! Several futures at once on one thread, each with the processor time that it used.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use cpu_time::ThreadTime;
use tokio::time::Instant;

/// What a future came to.
#[derive(Debug)]
pub(super) struct Done<T> {
    pub output: T,
    /// None where this system does not tell.
    pub cpu: Option<Duration>,
    pub took: Duration,
}

struct Part<F: Future> {
    future: Pin<Box<F>>,
    cpu: Duration,
    done: Option<(F::Output, Duration)>,
}

/// Waits for all of them; what the thread did beside them, such as moving bytes of connections, is split in proportion.
pub(super) async fn together<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<Done<F::Output>>
where
    F::Output: Unpin,
{
    let started_at = Instant::now();
    let started_with = thread_cpu();
    let part = |future| Part { future: Box::pin(future), cpu: Duration::ZERO, done: None };
    let mut parts: Vec<Part<F>> = futures.into_iter().map(part).collect();
    poll_fn(|context| {
        let mut are_done = true;
        for part in parts.iter_mut().filter(|part| part.done.is_none()) {
            let before = thread_cpu();
            if let Poll::Ready(output) = part.future.as_mut().poll(context) {
                part.done = Some((output, started_at.elapsed()));
            }
            part.cpu += since(before).unwrap_or_default();
            are_done &= part.done.is_some();
        }
        if are_done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    let all = since(started_with);
    let own: Duration = parts.iter().map(|part| part.cpu).sum();
    let share =
        all.map(|all| if own.is_zero() { 1.0 } else { (all.as_secs_f64() / own.as_secs_f64()).max(1.0) });
    let done = |part: Part<F>| {
        let (output, took) = part.done?;
        Some(Done { output, cpu: share.map(|share| part.cpu.mul_f64(share)), took })
    };
    parts.into_iter().filter_map(done).collect()
}

fn thread_cpu() -> Option<Duration> {
    ThreadTime::try_now().ok().map(|time| time.as_duration())
}

fn since(before: Option<Duration>) -> Option<Duration> {
    Some(thread_cpu()?.saturating_sub(before?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn all_run_at_once_and_each_has_the_time_that_it_took_and_used() {
        let work = |millis: u64, is_busy: bool| async move {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            let before = thread_cpu();
            while is_busy && since(before) < Some(Duration::from_millis(20)) {
                std::hint::spin_loop();
            }
            millis
        };
        let done = together([work(300, false), work(100, true)]).await;
        assert_eq!(done.iter().map(|done| done.output).collect::<Vec<_>>(), [300, 100]);
        assert!(
            done[0].took >= Duration::from_millis(300) && done[0].took < Duration::from_millis(350),
            "{done:?}"
        );
        assert!(done[1].took < Duration::from_millis(150), "{done:?}");
        let cpu: Vec<Duration> = done.iter().map(|done| done.cpu.unwrap()).collect();
        assert!(cpu[1] >= Duration::from_millis(20) && cpu[0] < cpu[1] / 2, "{cpu:?}");
    }
}
