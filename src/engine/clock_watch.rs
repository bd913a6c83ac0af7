//! The clocks themselves: whether the system's clock jumped against the steady one, and the steady one's grain.

use std::time::{Duration, Instant, SystemTime};

/// More than a clock that is being disciplined moves in a second (500 ppm), and than two looks lie apart.
const TOLERANCE: Duration = Duration::from_millis(5);
/// A pause between looking at the two clocks must not pass for a jump of one.
const CLOSE_ENOUGH: Duration = Duration::from_micros(100);
const MAX_LOOKS: usize = 8;
/// Steps of the clock that [`grain`] looks at, and how often it looks at most.
const N_STEPS: usize = 200;
const MAX_READINGS: usize = 100_000;

/// Compares the system's clock with the steady one from call to call.
pub(super) struct ClockWatch {
    last: Clocks,
}

/// Both clocks at one moment.
#[derive(Clone, Copy)]
struct Clocks {
    steady: Instant,
    system: SystemTime,
}

impl ClockWatch {
    pub fn new() -> Self {
        Self { last: Clocks::now() }
    }

    /// How far the system's clock moved against the steady one since the last call; zero where it kept pace.
    // A machine that slept shows too: on Linux the steady clock stands still meanwhile, the system's does not.
    pub fn jump(&mut self) -> Duration {
        let now = Clocks::now();
        let last = std::mem::replace(&mut self.last, now);
        now.jump_since(last)
    }
}

impl Clocks {
    /// Looks several times, and believes the look during which the least time passed.
    fn now() -> Self {
        let look = || {
            let before = Instant::now();
            let system = SystemTime::now();
            let width = before.elapsed();
            (width, Self { steady: before + width / 2, system })
        };
        let mut best = look();
        for _ in 1..MAX_LOOKS {
            if best.0 <= CLOSE_ENOUGH {
                break;
            }
            let next = look();
            if next.0 < best.0 {
                best = next;
            }
        }
        best.1
    }

    fn jump_since(self, earlier: Self) -> Duration {
        let passed = self.steady.saturating_duration_since(earlier.steady);
        let jump = match self.system.duration_since(earlier.system) {
            Ok(by_system) => by_system.abs_diff(passed),
            Err(backwards) => backwards.duration() + passed,
        };
        if jump > TOLERANCE { jump } else { Duration::ZERO }
    }
}

/// The smallest step of the steady clock, as seen in a short loop.
pub(super) fn grain() -> Option<Duration> {
    let mut last = Instant::now();
    let readings = (0..MAX_READINGS).filter_map(|_| {
        let now = Instant::now();
        let step = now.saturating_duration_since(last);
        last = now;
        (!step.is_zero()).then_some(step)
    });
    readings.take(N_STEPS).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jumps_either_way_are_seen_and_small_steps_are_not() {
        let start = Clocks { steady: Instant::now(), system: SystemTime::now() };
        let check = |steady_millis: u64, system_millis: i64, expected_millis: u64| {
            let moved = Duration::from_millis(system_millis.unsigned_abs());
            let system = if system_millis < 0 { start.system - moved } else { start.system + moved };
            let later = Clocks { steady: start.steady + Duration::from_millis(steady_millis), system };
            let jump = later.jump_since(start);
            assert_eq!(jump, Duration::from_millis(expected_millis), "{steady_millis} {system_millis}");
        };
        check(1_000, 1_000, 0);
        check(1_000, 1_004, 0);
        check(1_000, 997, 0);
        check(1_000, 3_601_000, 3_600_000);
        check(1_000, 400, 600);
        check(1_000, -2_000, 3_000);
    }

    #[test]
    fn each_jump_is_told_once() {
        let mut watch = ClockWatch::new();
        watch.last.system -= Duration::from_secs(60);
        let jump = watch.jump();
        assert!(jump.abs_diff(Duration::from_secs(60)) < Duration::from_secs(1), "{jump:?}");
        assert!(watch.jump() < Duration::from_secs(1));
    }

    #[test]
    fn the_clock_of_this_machine_can_tell_milliseconds_apart() {
        let grain = grain().unwrap();
        assert!(!grain.is_zero() && grain < Duration::from_millis(20), "{grain:?}");
    }
}
