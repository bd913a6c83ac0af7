//! How late this machine wakes a thread that only sleeps: pauses that no request of ours can be blamed for.
//!
//! As jHiccup (Gil Tene) does: a sleeper on a thread of its own, and what a long pause kept it from seeing is
//! filled in. Unlike there, nothing is subtracted: lateness counts from the moment asked for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use std::{io, mem};

use super::promptness;
use crate::metrics::LatencyHistogram;

// jHiccup sleeps 1 ms; on a virtual machine that is 2.2 % of a processor where it is idle and 1.0 % where it is
// busy (measured: 23 and 13 µs per wake-up). Every second millisecond halves that, and sees each longer pause.
const INTERVAL: Duration = Duration::from_millis(2);

/// Measures hiccups from its start until it is dropped.
pub(super) struct HiccupMeter {
    shared: Arc<Shared>,
    ticker: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    gathered: Mutex<LatencyHistogram>,
    ended: AtomicBool,
}

impl HiccupMeter {
    pub fn start() -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let of_ticker = Arc::clone(&shared);
        let ticker = thread::Builder::new().name("hiccups".to_owned()).spawn(move || tick(&of_ticker))?;
        Ok(Self { shared, ticker: Some(ticker) })
    }

    /// What was gathered since the last take.
    pub fn take(&self) -> LatencyHistogram {
        // A panic under this lock leaves a histogram that is still one.
        mem::take(&mut self.shared.gathered.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for HiccupMeter {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Relaxed);
        // It has nothing to tell any more, not even that it panicked.
        let _ = self.ticker.take().map(JoinHandle::join);
    }
}

fn tick(shared: &Shared) {
    promptness::sharpen();
    let mut last = Instant::now();
    while !shared.ended.load(Ordering::Relaxed) {
        // Counted from the last look and not from the next line: a pause between the two is a hiccup as well.
        let due = last + INTERVAL;
        thread::sleep(due.saturating_duration_since(Instant::now()));
        last = Instant::now();
        let mut gathered = shared.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        record(&mut gathered, last.saturating_duration_since(due));
    }
}

/// Records a lateness, and those of the sleeps that it swallowed.
// HdrHistogram's recordValueWithExpectedInterval, as jHiccup calls it: whoever had wanted to wake an interval
// later would have been late by an interval less, and so on.
fn record(histogram: &mut LatencyHistogram, lateness: Duration) {
    histogram.record(lateness);
    let mut swallowed = lateness.saturating_sub(INTERVAL);
    while swallowed >= INTERVAL {
        histogram.record(swallowed);
        swallowed -= INTERVAL;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_pause_counts_for_every_sleep_that_it_swallowed() {
        let check = |lateness_micros: u64, expected_micros: &[u64]| {
            let (mut recorded, mut expected) = (LatencyHistogram::default(), LatencyHistogram::default());
            record(&mut recorded, Duration::from_micros(lateness_micros));
            expected_micros.iter().for_each(|micros| expected.record(Duration::from_micros(*micros)));
            assert_eq!(recorded, expected, "{lateness_micros} µs");
        };
        check(60, &[60]);
        check(3_900, &[3_900]);
        check(4_000, &[4_000, 2_000]);
        check(7_500, &[7_500, 5_500, 3_500]);
    }

    #[test]
    fn each_take_has_only_what_is_new_and_the_meter_ends_with_its_owner() {
        let meter = HiccupMeter::start().unwrap();
        let n_after = |duration: Duration| {
            let start = Instant::now();
            thread::sleep(duration);
            (meter.take(), start.elapsed())
        };
        let (first, _) = n_after(Duration::from_millis(50));
        assert!(!first.is_empty());
        let (second, waited) = n_after(Duration::from_millis(50));
        // One sample per interval, repaired ones included, give or take those under way at both ends.
        let most = waited.as_millis() as u64 / 2 + 2;
        assert!((1..=most).contains(&second.n_samples()), "{} in {waited:?}", second.n_samples());
        let shared = Arc::downgrade(&meter.shared);
        drop(meter);
        assert_eq!(shared.strong_count(), 0);
    }
}
