//! How exactly the system wakes the calling thread.

/// Asks the system to wake this thread on time instead of up to 50 µs later, Linux's default.
// A refusal leaves things as they were, and the lateness that follows is measured anyway. Elsewhere timers have
// no slack that a thread could set.
pub(super) fn sharpen() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::set_current_timer_slack(std::num::NonZero::new(1));
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_sharpened_thread_has_the_least_slack() {
        let slack = std::thread::spawn(|| {
            sharpen();
            rustix::thread::current_timer_slack().unwrap()
        });
        assert_eq!(slack.join().unwrap(), 1);
    }
}
