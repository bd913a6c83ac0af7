//! What the generator watches of its own machine, second by second.

use std::io;

use super::clock_watch::ClockWatch;
use super::hiccups::HiccupMeter;
use super::pressure::cpu_pressure_ratio;
use crate::metrics::GeneratorStats;

/// Watches from its start until it is dropped.
pub(super) struct SelfWatch {
    hiccups: HiccupMeter,
    clock: ClockWatch,
}

impl SelfWatch {
    pub fn start() -> io::Result<Self> {
        Ok(Self { hiccups: HiccupMeter::start()?, clock: ClockWatch::new() })
    }

    /// Tells what was seen since it was last asked.
    // Seconds are closed shortly after their end, so this stretch lies a little later than the second does.
    pub fn tell(&mut self, stats: &mut GeneratorStats) {
        stats.hiccups = self.hiccups.take().encode();
        stats.clock_jump = self.clock.jump();
        stats.cpu_pressure_ratio = cpu_pressure_ratio();
    }
}

#[cfg(test)]
mod tests {
    use std::{thread, time::Duration};

    use super::*;

    #[test]
    fn a_second_gets_its_hiccups_and_leaves_what_others_measured() {
        let mut watch = SelfWatch::start().unwrap();
        thread::sleep(Duration::from_millis(50));
        let mut stats = GeneratorStats { n_connections: 7, ..GeneratorStats::default() };
        watch.tell(&mut stats);
        assert!(!stats.hiccups.decode().unwrap().is_empty());
        assert_eq!((stats.n_connections, stats.clock_jump), (7, Duration::ZERO));
    }
}
