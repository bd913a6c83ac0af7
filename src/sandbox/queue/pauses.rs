//! The queue's clock and its working time, which stands still whenever everything stops.

use std::time::Duration;

use super::QueueStall;

/// How working time follows from the clock, both counted from the first request.
#[derive(Clone, Copy)]
pub(super) struct Pauses(pub Option<QueueStall>);

impl Pauses {
    /// The working time at a moment of the clock.
    pub fn working_at(self, clock: Duration) -> Duration {
        match self.0 {
            Some(QueueStall { every, pause }) if clock >= every => {
                let n_begun = whole(clock, every);
                let into = clock - times(every, n_begun);
                clock - times(pause, n_begun - 1) - into.min(pause)
            }
            _ => clock,
        }
    }

    /// The moment of the clock at which working time has come so far; where it stands still, the end of the pause.
    pub fn clock_at(self, working: Duration) -> Duration {
        match self.0 {
            Some(QueueStall { every, pause }) if working >= every => {
                let n_over = whole(working - every, every - pause) + 1;
                working + times(pause, n_over)
            }
            _ => working,
        }
    }
}

/// How many times a length goes into a time.
fn whole(time: Duration, length: Duration) -> u64 {
    (time.as_nanos() / length.as_nanos()) as u64
}

fn times(length: Duration, n: u64) -> Duration {
    Duration::from_nanos(length.as_nanos() as u64 * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN_AND_ONE: Pauses =
        Pauses(Some(QueueStall { every: Duration::from_secs(10), pause: Duration::from_secs(1) }));

    #[track_caller]
    fn check(clock: f64, working: f64) {
        let measured = TEN_AND_ONE.working_at(Duration::from_secs_f64(clock));
        assert_eq!(measured, Duration::from_secs_f64(working), "{clock}");
    }

    #[test]
    fn working_time_stands_still_for_a_second_every_ten() {
        check(0.0, 0.0);
        check(9.5, 9.5);
        check(10.0, 10.0);
        check(10.75, 10.0);
        check(11.0, 10.0);
        check(19.5, 18.5);
        check(20.5, 19.0);
        check(21.5, 19.5);
        check(31.0, 28.0);
    }

    #[test]
    fn the_clock_is_found_again_and_pauses_are_at_their_end() {
        for millis in (0..45_000).step_by(250) {
            let clock = Duration::from_millis(millis);
            let found = TEN_AND_ONE.clock_at(TEN_AND_ONE.working_at(clock));
            let within = Duration::from_millis(millis % 10_000);
            let is_pause = millis >= 10_000 && within < Duration::from_secs(1);
            let expected = if is_pause { clock - within + Duration::from_secs(1) } else { clock };
            assert_eq!(found, expected, "{clock:?}");
        }
        let never = Pauses(None);
        assert_eq!(never.clock_at(never.working_at(Duration::from_secs(77))), Duration::from_secs(77));
    }
}
