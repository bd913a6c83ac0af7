//! Processor time of the calling thread, and how long it was ready and had no processor.

use std::time::Duration;

use cpu_time::ThreadTime;

/// What the calling thread has used and waited for since it began; none where the system does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThreadTimes {
    pub cpu: Option<Duration>,
    /// Ready to run, and waiting for a processor (Linux only).
    pub run_queue: Option<Duration>,
}

impl ThreadTimes {
    // The processor time comes from the thread's clock and not from the same file: the file lags behind a
    // running thread by up to a tick (4 ms, measured), the clock does not.
    pub fn now() -> Self {
        let cpu = ThreadTime::try_now().ok().map(|time| time.as_duration());
        Self { cpu, run_queue: run_queue() }
    }

    /// Both together.
    pub fn plus(&self, other: &Self) -> Self {
        let sum = |a: Option<Duration>, b: Option<Duration>| a.map_or(b, |a| Some(a + b.unwrap_or_default()));
        Self { cpu: sum(self.cpu, other.cpu), run_queue: sum(self.run_queue, other.run_queue) }
    }

    /// What was added between `earlier` and this.
    pub fn since(&self, earlier: &Self) -> Self {
        let added = |now: Option<Duration>, then: Option<Duration>| Some(now?.saturating_sub(then?));
        Self { cpu: added(self.cpu, earlier.cpu), run_queue: added(self.run_queue, earlier.run_queue) }
    }
}

/// Linux: the second number of `schedstat` (Documentation/scheduler/sched-stats.rst), nanoseconds.
#[cfg(target_os = "linux")]
fn run_queue() -> Option<Duration> {
    use std::{fs::File, os::unix::fs::FileExt as _};

    // Opened once per thread: its name stands for whoever opens it.
    thread_local!(static SCHEDSTAT: Option<File> = File::open("/proc/thread-self/schedstat").ok());
    let read = |file: &Option<File>| {
        let mut text = [0; 96];
        let n_bytes = file.as_ref()?.read_at(&mut text, 0).ok()?;
        let number = text[..n_bytes].split(|byte| *byte == b' ').nth(1)?;
        std::str::from_utf8(number).ok()?.parse().ok().map(Duration::from_nanos)
    };
    SCHEDSTAT.try_with(read).ok().flatten()
}

#[cfg(not(target_os = "linux"))]
fn run_queue() -> Option<Duration> {
    None
}

#[cfg(test)]
mod tests {
    use std::{hint, thread, time::Instant};

    use super::*;

    fn spin(duration: Duration) {
        let start = Instant::now();
        while start.elapsed() < duration {
            hint::spin_loop();
        }
    }

    #[test]
    fn work_counts_and_sleep_does_not() {
        let before = ThreadTimes::now();
        thread::sleep(Duration::from_millis(60));
        let asleep = ThreadTimes::now();
        spin(Duration::from_millis(30));
        let worked = ThreadTimes::now();
        let (Some(asleep_cpu), Some(worked_cpu)) = (asleep.since(&before).cpu, worked.since(&asleep).cpu)
        else {
            panic!("this system tells no processor time of threads");
        };
        assert!(asleep_cpu < Duration::from_millis(30), "{asleep_cpu:?}");
        assert!(!worked_cpu.is_zero() && worked_cpu > asleep_cpu, "{worked_cpu:?} {asleep_cpu:?}");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn threads_that_share_a_processor_too_few_wait_for_it() {
        let n_threads = 2 * thread::available_parallelism().unwrap().get() + 1;
        let waited = || {
            let before = ThreadTimes::now();
            spin(Duration::from_millis(100));
            ThreadTimes::now().since(&before)
        };
        let times: Vec<ThreadTimes> = thread::scope(|scope| {
            let threads: Vec<_> = (0..n_threads).map(|_| scope.spawn(waited)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let Some(total) = times.iter().map(|times| times.run_queue).sum::<Option<Duration>>() else {
            panic!("this Linux keeps no scheduler statistics");
        };
        assert!(total > Duration::from_millis(20), "{times:?}");
    }

    #[test]
    fn what_is_not_known_stays_unknown() {
        let known = ThreadTimes { cpu: Some(Duration::from_millis(3)), run_queue: None };
        let earlier = ThreadTimes { cpu: Some(Duration::from_millis(1)), run_queue: Some(Duration::ZERO) };
        let added = ThreadTimes { cpu: Some(Duration::from_millis(2)), run_queue: None };
        assert_eq!(known.since(&earlier), added);
    }
}
