//! How soon the system wakes the calling thread, and lets it run.

/// Asks the system to wake this thread on time, and to let it run then, before threads that have more to do at once.
// A refusal leaves things as they were, and the lateness that follows is measured anyway. Elsewhere timers have
// no slack that a thread could set, and slices are the system's own.
pub(super) fn sharpen() {
    #[cfg(target_os = "linux")]
    {
        // Up to 50 µs later is Linux's default.
        let _ = rustix::thread::set_current_timer_slack(std::num::NonZero::new(1));
        let _ = slice::shorten();
    }
}

/// Linux from 6.12 on: a thread that asks for short slices interrupts one with longer ones as soon as it wakes
/// (Documentation/scheduler/sched-eevdf.rst). Others wait for the end of the running slice, 1.4 ms or more: that is
/// how long the collector, or a window that paints, would hold back a start.
#[cfg(target_os = "linux")]
mod slice {
    use std::io;

    /// The shortest that is granted.
    pub const SLICE_NANOS: u64 = 100_000;

    pub fn shorten() -> io::Result<()> {
        let mut attributes = current()?;
        if attributes.sched_policy != libc::SCHED_OTHER as u32 {
            return Ok(());
        }
        attributes.sched_flags = 0;
        attributes.sched_runtime = SLICE_NANOS;
        // SAFETY: the call only reads the attributes, whose size they state; 0 is the calling thread.
        let result = unsafe { libc::syscall(libc::SYS_sched_setattr, 0, &raw const attributes, 0) };
        if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
    }

    /// How the calling thread is scheduled.
    pub fn current() -> io::Result<libc::sched_attr> {
        let size = size_of::<libc::sched_attr>() as u32;
        let mut attributes = libc::sched_attr {
            size,
            sched_policy: 0,
            sched_flags: 0,
            sched_nice: 0,
            sched_priority: 0,
            sched_runtime: 0,
            sched_deadline: 0,
            sched_period: 0,
        };
        // SAFETY: the call writes at most `size` bytes to the attributes, which have as many.
        let result = unsafe { libc::syscall(libc::SYS_sched_getattr, 0, &raw mut attributes, size, 0) };
        if result == 0 { Ok(attributes) } else { Err(io::Error::last_os_error()) }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_sharpened_thread_has_the_least_slack_and_the_shortest_slices() {
        let before = slice::current().unwrap();
        let (slack, after) = std::thread::spawn(|| {
            sharpen();
            (rustix::thread::current_timer_slack().unwrap(), slice::current().unwrap())
        })
        .join()
        .unwrap();
        assert_eq!(slack, 1);
        assert_eq!((after.sched_policy, after.sched_nice), (before.sched_policy, before.sched_nice));
        // Older systems know no slices, and tell 0.
        if before.sched_runtime > 0 {
            assert_eq!(after.sched_runtime, slice::SLICE_NANOS);
        }
    }
}
