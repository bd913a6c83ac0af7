//! Reads `/proc` and `/sys`: files are opened once and read again from their beginning.

use std::collections::HashMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use tokio::time::Instant;

use super::parse;
use super::reading::Reading;

/// The machine's counters.
pub(super) struct Counters {
    stat: ProcFile,
    loadavg: ProcFile,
    cpu_pressure: ProcFile,
    memory_pressure: ProcFile,
    cpu_stat: ProcFile,
    meminfo: ProcFile,
    vmstat: ProcFile,
    diskstats: ProcFile,
    dev: ProcFile,
    snmp: ProcFile,
    netstat: ProcFile,
    /// Of links that were seen; none where a link does not say.
    speeds: HashMap<String, Option<f64>>,
    text: Text,
}

/// Nothing where the system has no such file.
struct ProcFile(Option<File>);

/// What was read last; its room is used again.
#[derive(Default)]
struct Text {
    bytes: Vec<u8>,
    n_read: u64,
}

impl ProcFile {
    fn open(path: impl Into<PathBuf>) -> Self {
        Self(File::open(path.into()).ok())
    }
}

impl Text {
    fn of(&mut self, file: &ProcFile) -> Option<&str> {
        const PART: usize = 16 * 1024;
        let file = file.0.as_ref()?;
        let mut n_bytes = 0;
        loop {
            if self.bytes.len() < n_bytes + PART {
                self.bytes.resize(n_bytes + PART, 0);
            }
            let n_more = file.read_at(&mut self.bytes[n_bytes..], n_bytes as u64).ok()?;
            n_bytes += n_more;
            if n_more == 0 {
                break;
            }
        }
        self.n_read += n_bytes as u64;
        std::str::from_utf8(&self.bytes[..n_bytes]).ok()
    }
}

impl Default for Counters {
    fn default() -> Self {
        let proc = |name: &str| ProcFile::open(format!("/proc/{name}"));
        Self {
            stat: proc("stat"),
            loadavg: proc("loadavg"),
            cpu_pressure: proc("pressure/cpu"),
            memory_pressure: proc("pressure/memory"),
            cpu_stat: cpu_stat(),
            meminfo: proc("meminfo"),
            vmstat: proc("vmstat"),
            diskstats: proc("diskstats"),
            dev: proc("net/dev"),
            snmp: proc("net/snmp"),
            netstat: proc("net/netstat"),
            speeds: HashMap::new(),
            text: Text::default(),
        }
    }
}

impl Counters {
    pub fn read(&mut self) -> Reading {
        let text = &mut self.text;
        let mut reading = Reading::nothing(Instant::now());
        reading.cpu = text.of(&self.stat).and_then(parse::cpu_ticks);
        reading.runnable = text.of(&self.loadavg).and_then(parse::runnable);
        reading.cpu_waited_micros = text.of(&self.cpu_pressure).and_then(parse::waited_micros);
        reading.memory_waited_micros = text.of(&self.memory_pressure).and_then(parse::waited_micros);
        reading.periods = text.of(&self.cpu_stat).and_then(parse::periods);
        reading.memory_used = text.of(&self.meminfo).and_then(parse::memory_used);
        reading.paging = text.of(&self.vmstat).map(parse::paging).unwrap_or_default();
        reading.disks = text.of(&self.diskstats).map(parse::disks).unwrap_or_default();
        reading.links = text.of(&self.dev).map(parse::links).unwrap_or_default();
        reading.segments = text.of(&self.snmp).and_then(|snmp| {
            let field = |name| parse::protocol_field(snmp, "Tcp", name);
            field("RetransSegs").zip(field("OutSegs"))
        });
        reading.listen_drops = text
            .of(&self.netstat)
            .and_then(|netstat| parse::protocol_field(netstat, "TcpExt", "ListenDrops"));
        for link in &reading.links {
            let speed = self.speeds.entry(link.name.clone()).or_insert_with(|| speed_of(&link.name));
            if let Some(speed) = *speed {
                reading.link_bytes_per_sec.insert(link.name.clone(), speed);
            }
        }
        reading
    }

    pub fn bytes_read(&self) -> u64 {
        self.text.n_read
    }
}

/// A link's speed in bytes per second; virtual ones mostly do not say, or say −1.
fn speed_of(link: &str) -> Option<f64> {
    let text = fs::read_to_string(format!("/sys/class/net/{link}/speed")).ok()?;
    let megabits: f64 = text.trim().parse().ok()?;
    (megabits > 0.0).then_some(megabits * 1e6 / 8.0)
}

/// The processor's statistics of this program's control group, in either hierarchy.
fn cpu_stat() -> ProcFile {
    let cgroup = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let (unified, of_cpu) = parse::groups(&cgroup);
    let mut folders = Vec::new();
    folders.extend(of_cpu.iter().flat_map(|path| ["cpu", "cpu,cpuacct"].map(|name| format!("{name}{path}"))));
    // Within a container its own group is the root of what is mounted.
    folders.extend(unified.map(|path| path.trim_start_matches('/').to_owned()));
    folders.extend(["cpu", "cpu,cpuacct", ""].map(str::to_owned));
    let path = |folder: &String| PathBuf::from("/sys/fs/cgroup").join(folder).join("cpu.stat");
    let has_periods =
        |path: &PathBuf| fs::read_to_string(path).is_ok_and(|text| parse::periods(&text).is_some());
    folders.iter().map(path).find(has_periods).map_or(ProcFile(None), ProcFile::open)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_read_and_read_again() {
        let mut counters = Counters::default();
        let first = counters.read();
        let n_bytes = counters.bytes_read();
        let second = counters.read();
        let (first, second) = (first.cpu.unwrap(), second.cpu.unwrap());
        assert!(first.n_cpus > 0 && second.total >= first.total);
        assert!(n_bytes > 500 && counters.bytes_read() > n_bytes + 500);
    }
}
