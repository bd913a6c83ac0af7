//! The generator's own machine, through sysinfo; reads only what a sample needs.

use std::time::Instant;

use sysinfo::{
    CpuRefreshKind, MemoryRefreshKind, Pid, ProcessRefreshKind, ProcessesToUpdate, RefreshKind, System,
};

use crate::metrics::{Environment, HostSample};

const UNKNOWN: &str = "not available";

/// Describes this machine and program.
pub fn environment() -> Environment {
    let wanted = RefreshKind::nothing()
        .with_cpu(CpuRefreshKind::nothing())
        .with_memory(MemoryRefreshKind::nothing().with_ram());
    let system = System::new_with_specifics(wanted).ok();
    let cpus = system.as_ref().map_or(&[][..], System::cpus);
    let brand = cpus.first().map(|cpu| cpu.brand().trim()).filter(|brand| !brand.is_empty());
    Environment {
        os: System::long_os_version().unwrap_or_else(|_| std::env::consts::OS.to_owned()),
        cpu: brand.map_or_else(System::cpu_arch, str::to_owned),
        n_cpus: cpus.len() as u32,
        memory_bytes: system.as_ref().map_or(0, System::total_memory),
        host_name: System::host_name().unwrap_or_else(|_| UNKNOWN.to_owned()),
        stagewright_version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

/// Reads this machine's load; ratios cover the time since the last call.
pub struct HostSampler {
    machine: Option<Machine>,
    last: Option<Reading>,
}

struct Machine {
    system: System,
    pid: Pid,
}

/// Where the process stood at a moment.
struct Reading {
    at: Instant,
    process_cpu_millis: u64,
}

impl HostSampler {
    pub fn new() -> Self {
        let machine = System::new().ok().zip(sysinfo::get_current_pid().ok());
        Self { machine: machine.map(|(system, pid)| Machine { system, pid }), last: None }
    }

    /// None where the machine cannot be read, and at the first call.
    pub fn sample(&mut self) -> Option<HostSample> {
        let Machine { system, pid } = self.machine.as_mut()?;
        // Processor use comes without frequencies, memory without swap, the process without its threads.
        system.refresh_cpu_usage();
        system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        let wanted = ProcessRefreshKind::nothing().with_cpu().with_memory().without_tasks();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[*pid]), false, wanted);

        let process = system.process(*pid)?;
        let reading = Reading { at: Instant::now(), process_cpu_millis: process.accumulated_cpu_time() };
        let last = self.last.replace(reading)?;
        let now = self.last.as_ref()?;
        let available = (now.at - last.at).as_secs_f64() * system.cpus().len() as f64;
        let used = now.process_cpu_millis.saturating_sub(last.process_cpu_millis) as f64 / 1e3;
        Some(HostSample {
            process_cpu_ratio: ratio(used, available),
            machine_cpu_ratio: (f64::from(system.global_cpu_usage()) / 100.0).clamp(0.0, 1.0),
            memory_used_ratio: ratio(system.used_memory() as f64, system.total_memory() as f64),
            process_memory_bytes: process.memory(),
        })
    }
}

impl Default for HostSampler {
    fn default() -> Self {
        Self::new()
    }
}

/// Clock grain can push a busy second a little over one.
fn ratio(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { (part / whole).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn this_machine_has_a_name_processors_and_memory() {
        let environment = environment();
        assert!(
            !environment.os.is_empty() && !environment.cpu.is_empty() && !environment.host_name.is_empty()
        );
        assert!(environment.n_cpus > 0 && environment.memory_bytes > 1 << 20);
        assert_eq!(environment.stagewright_version, env!("CARGO_PKG_VERSION"));
    }

    #[test]
    fn the_first_sample_only_sets_the_clock_and_the_second_sees_work() {
        let mut sampler = HostSampler::new();
        assert_eq!(sampler.sample(), None);
        // Long enough for sysinfo's least interval of 200 ms and the kernel's 10 ms grain.
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(250) {
            std::hint::spin_loop();
        }
        let sample = sampler.sample().unwrap();
        assert!(sample.process_cpu_ratio > 0.0 && sample.process_cpu_ratio <= 1.0, "{sample:?}");
        assert!(sample.machine_cpu_ratio > 0.0 && sample.machine_cpu_ratio <= 1.0, "{sample:?}");
        assert!(sample.memory_used_ratio > 0.0 && sample.memory_used_ratio < 1.0, "{sample:?}");
        assert!(sample.process_memory_bytes > 1 << 20, "{sample:?}");
    }
}
