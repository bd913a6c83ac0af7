//! Processes of systems other than Linux, through sysinfo.

use std::collections::HashMap;

use sysinfo::{ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};
use tokio::time::Instant;

use super::Wanted;
use super::reading::{ProcessCounts, ProcessKey, Reading};

/// The wanted processes of this machine.
pub(super) struct Table {
    system: Option<System>,
    found: HashMap<sysinfo::Pid, Wanted>,
}

impl Default for Table {
    fn default() -> Self {
        Self { system: System::new().ok(), found: HashMap::new() }
    }
}

impl Table {
    /// Looks through all processes of the machine for those that are wanted.
    pub fn look_for(&mut self, wanted: &[Wanted]) {
        let Some(system) = &mut self.system else { return };
        system.refresh_processes_specifics(ProcessesToUpdate::All, true, refreshed());
        self.found.clear();
        for (pid, process) in system.processes() {
            let name = process.name().to_string_lossy();
            let is_it = |wanted: &&Wanted| match wanted {
                Wanted::Pid(number) => *number == pid.as_u32(),
                // Windows has `.exe` behind each.
                Wanted::Name(wanted) => *wanted == name || name.strip_suffix(".exe") == Some(wanted),
            };
            if let Some(found) = wanted.iter().find(is_it) {
                self.found.insert(*pid, found.clone());
            }
        }
    }

    /// What of the wanted has no process just now.
    pub fn missing(&self, wanted: &[Wanted]) -> Vec<String> {
        let is_missing = |wanted: &&Wanted| !self.found.values().any(|found| found == *wanted);
        wanted.iter().filter(is_missing).map(ToString::to_string).collect()
    }

    /// Reads the processes that were found; forgets those that have ended.
    pub fn read(&mut self) -> Reading {
        let n_cpus = std::thread::available_parallelism().map_or(1.0, |n| n.get() as f64);
        let mut reading = Reading { at: Instant::now(), n_cpus, processes: HashMap::new() };
        let Some(system) = &mut self.system else { return reading };
        let pids: Vec<sysinfo::Pid> = self.found.keys().copied().collect();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&pids), true, refreshed());
        for pid in pids {
            let Some(process) = system.process(pid) else {
                self.found.remove(&pid);
                continue;
            };
            let disk = process.disk_usage();
            let counts = ProcessCounts {
                cpu_secs: Some(process.accumulated_cpu_time() as f64 / 1e3),
                memory_bytes: Some(process.memory() as f64),
                read_bytes: Some(disk.total_read_bytes as f64),
                written_bytes: Some(disk.total_written_bytes as f64),
                ..ProcessCounts::default()
            };
            let key = ProcessKey { pid: pid.as_u32(), started: process.start_time() };
            reading.processes.insert(key, counts);
        }
        reading
    }

    pub fn bytes_read(&self) -> u64 {
        0
    }
}

fn refreshed() -> ProcessRefreshKind {
    ProcessRefreshKind::nothing()
        .with_cpu()
        .with_memory()
        .with_disk_usage()
        .with_exe(UpdateKind::Never)
        .without_tasks()
}
