//! Wakes a worker at a moment, to within microseconds: tokio's own timers have a grain of a millisecond.
//!
//! Linux has a descriptor that becomes readable at a moment, which costs two system calls a ring. Elsewhere a
//! thread sleeps for the worker. Virtual time, and a system that refuses both, get tokio's timer.

#[cfg(target_os = "linux")]
mod descriptor;
#[cfg(any(not(target_os = "linux"), test))]
mod sleeper;

use std::{cell::Cell, io, time::Duration};

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

#[cfg(target_os = "linux")]
use descriptor::Precise;
#[cfg(not(target_os = "linux"))]
use sleeper::Precise;

/// From the ring to the worker's first instruction, at the median of a machine that was idle (measured: 35 to 45 µs).
const LEAD: Duration = Duration::from_micros(40);

/// One worker's alarm; it rings for the earliest moment that it was set to since it rang last.
pub(super) struct Alarm {
    precise: Option<Precise>,
    set_to: Cell<Option<Instant>>,
    /// Tells tokio's timer that it is to ring earlier.
    earlier: Notify,
}

impl Alarm {
    /// The finest alarm of this system; within a runtime.
    pub fn precise() -> Self {
        Self { precise: Precise::new().ok(), ..Self::coarse() }
    }

    /// Tokio's timer, which follows virtual time.
    pub fn coarse() -> Self {
        Self { precise: None, set_to: Cell::new(None), earlier: Notify::new() }
    }

    /// What wakes a worker here, with its grain.
    pub fn words() -> &'static str {
        Precise::WORDS
    }

    /// How long a worker takes to be awake after a ring: it may be set this much early, and wait out the rest.
    pub fn lead(&self) -> Duration {
        if self.precise.is_some() { LEAD } else { Duration::ZERO }
    }

    /// Makes the alarm ring at `at` at the latest.
    pub fn set(&self, at: Instant) {
        if self.set_to.get().is_some_and(|set_to| set_to <= at) {
            return;
        }
        self.set_to.set(Some(at));
        match &self.precise {
            // A system that refuses now what it did before leaves the worker to its next hand-over.
            Some(precise) => _ = precise.set(at),
            None => self.earlier.notify_one(),
        }
    }

    /// Waits until the alarm rings.
    pub async fn ring(&self) {
        match &self.precise {
            Some(precise) => _ = precise.ring().await,
            None => self.coarse_ring().await,
        }
        self.set_to.set(None);
    }

    async fn coarse_ring(&self) {
        loop {
            let Some(at) = self.set_to.get() else {
                self.earlier.notified().await;
                continue;
            };
            tokio::select! {
                biased;
                () = sleep_until(at) => return,
                () = self.earlier.notified() => {}
            }
        }
    }
}

/// An alarm of the system.
trait Rings: Sized {
    const WORDS: &'static str;

    fn new() -> io::Result<Self>;
    fn set(&self, at: Instant) -> io::Result<()>;
    async fn ring(&self) -> io::Result<()>;
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn check(precise: impl Rings) {
        let alarm_set_to = Instant::now() + Duration::from_millis(20);
        precise.set(alarm_set_to + Duration::from_secs(60)).unwrap();
        precise.set(alarm_set_to).unwrap();
        precise.ring().await.unwrap();
        assert!(Instant::now() >= alarm_set_to);
        assert!(alarm_set_to.elapsed() < Duration::from_secs(10));
        precise.set(Instant::now()).unwrap();
        precise.ring().await.unwrap();
    }

    #[tokio::test]
    async fn alarms_ring_when_they_are_set_to_and_not_before() {
        check(Precise::new().unwrap()).await;
        check(sleeper::Precise::new().unwrap()).await;
    }

    #[tokio::test(start_paused = true)]
    async fn the_coarse_alarm_rings_for_the_earliest_moment() {
        let alarm = Alarm::coarse();
        let start = Instant::now();
        alarm.set(start + Duration::from_secs(5));
        let set_earlier = async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            alarm.set(start + Duration::from_secs(2));
        };
        tokio::join!(alarm.ring(), set_earlier);
        assert_eq!(start.elapsed(), Duration::from_secs(2));
    }
}
