//! Linux: a timer with a descriptor, which the worker's event loop watches beside its connections.

use std::io;
use std::os::fd::OwnedFd;

use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};
use tokio::io::{Interest, unix::AsyncFd};
use tokio::time::Instant;

use super::Rings;

/// A timer with a descriptor.
pub(super) struct Precise(AsyncFd<OwnedFd>);

impl Rings for Precise {
    const WORDS: &'static str = "timerfd, set 40 µs early for the way to the processor";

    fn new() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        // SAFETY: an `OwnedFd` is open, and stays the same descriptor, until it is dropped; it is dropped with
        // the `AsyncFd` that owns it, and nobody takes it out.
        let registered = unsafe { AsyncFd::register_with_interest(timer, Interest::READABLE) };
        Ok(Self(registered?))
    }

    fn set(&self, at: Instant) -> io::Result<()> {
        // Nought would switch the timer off instead of letting it ring at once.
        let wait = at.saturating_duration_since(Instant::now()).as_nanos().max(1);
        let it_value =
            Timespec { tv_sec: (wait / 1_000_000_000) as i64, tv_nsec: (wait % 1_000_000_000) as i64 };
        let once = Itimerspec { it_interval: Timespec { tv_sec: 0, tv_nsec: 0 }, it_value };
        timerfd_settime(self.0.get_ref(), TimerfdTimerFlags::empty(), &once)?;
        Ok(())
    }

    async fn ring(&self) -> io::Result<()> {
        loop {
            let mut ready = self.0.readable().await?;
            let mut n_rings = [0; 8];
            let read = ready.try_io(|timer| Ok(rustix::io::read(timer.get_ref(), &mut n_rings)?));
            match read {
                Ok(read) => {
                    // Nothing is left to read until it rings again: the next wait need not find that out.
                    ready.clear_ready();
                    return read.map(drop);
                }
                // It was set anew after it had rung.
                Err(_would_block) => {}
            }
        }
    }
}
