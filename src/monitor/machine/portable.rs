//! Systems other than Linux, through sysinfo: processors and memory; it knows no waits, queues, disks or links by counter.

use sysinfo::{MemoryRefreshKind, System};
use tokio::time::Instant;

use super::parse::CpuTicks;
use super::reading::Reading;

/// The machine's counters.
#[derive(Default)]
pub(super) struct Counters {
    system: Option<System>,
    /// Shares add up to a counter of their own.
    ticks: CpuTicks,
}

impl Counters {
    pub fn read(&mut self) -> Reading {
        let mut reading = Reading::nothing(Instant::now());
        if self.system.is_none() {
            self.system = System::new().ok();
        }
        let Some(system) = &mut self.system else { return reading };
        system.refresh_cpu_usage();
        system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        self.ticks.busy += f64::from(system.global_cpu_usage()) / 100.0;
        self.ticks.total += 1.0;
        // Not told: no zero.
        self.ticks.stolen = f64::NAN;
        self.ticks.n_cpus = system.cpus().len() as u32;
        reading.cpu = Some(self.ticks);
        let total = system.total_memory() as f64;
        reading.memory_used = (total > 0.0).then(|| 1.0 - system.available_memory() as f64 / total);
        reading
    }

    pub fn bytes_read(&self) -> u64 {
        0
    }
}
