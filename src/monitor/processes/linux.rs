//! Processes out of `/proc`: <https://docs.kernel.org/filesystems/proc.html>.

use std::collections::HashMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use tokio::time::Instant;

use super::Wanted;
use super::reading::{ProcessCounts, ProcessKey, Reading};

/// The kernel cuts names of programs here.
const MAX_COMM: usize = 15;

/// Threads whose waits are read at most; each costs the opening of a file.
const MAX_THREADS: usize = 256;

/// The wanted processes of this machine.
pub(super) struct Table {
    /// By number, with what each was wanted for.
    found: HashMap<u32, Wanted>,
    n_cpus: f64,
    tick_secs: f64,
    page_bytes: f64,
    text: String,
    n_read: u64,
}

/// `/proc/PID/stat`, as far as it is wanted.
#[derive(Debug, PartialEq)]
struct Stat {
    major_faults: f64,
    ticks: f64,
    n_threads: f64,
    started: u64,
    n_pages: f64,
    is_zombie: bool,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            found: HashMap::new(),
            n_cpus: n_cpus(),
            tick_secs: 1.0 / procfs::ticks_per_second() as f64,
            page_bytes: procfs::page_size() as f64,
            text: String::new(),
            n_read: 0,
        }
    }
}

impl Table {
    /// Looks through all processes of the machine for those that are wanted.
    pub fn look_for(&mut self, wanted: &[Wanted]) {
        self.found.clear();
        for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(pid) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
            if let Some(wanted) = self.wanted_for(pid, wanted) {
                self.found.insert(pid, wanted.clone());
            }
        }
    }

    fn wanted_for<'w>(&mut self, pid: u32, wanted: &'w [Wanted]) -> Option<&'w Wanted> {
        if let Some(by_pid) = wanted.iter().find(|wanted| **wanted == Wanted::Pid(pid)) {
            return Some(by_pid);
        }
        let names = || wanted.iter().filter(|wanted| matches!(wanted, Wanted::Name(_)));
        names().next()?;
        let folder = format!("/proc/{pid}");
        let comm = self.text_of(&format!("{folder}/comm"))?.trim_end_matches('\n').to_owned();
        if let Some(found) = names().find(|wanted| matches!(wanted, Wanted::Name(name) if *name == comm)) {
            return Some(found);
        }
        // A name may be longer than the kernel keeps, or the program may have given itself another.
        let may_be = |name: &str| name.len() > MAX_COMM && name.starts_with(&comm);
        let is_cut = |wanted: &&Wanted| matches!(wanted, Wanted::Name(name) if may_be(name));
        let cut = names().find(is_cut)?;
        let command = self.text_of(&format!("{folder}/cmdline"))?;
        let program = Path::new(command.split('\0').next()?).file_name()?.to_str()?;
        matches!(cut, Wanted::Name(name) if name == program).then_some(cut)
    }

    /// What of the wanted has no process just now.
    pub fn missing(&self, wanted: &[Wanted]) -> Vec<String> {
        let is_missing = |wanted: &&Wanted| !self.found.values().any(|found| found == *wanted);
        wanted.iter().filter(is_missing).map(ToString::to_string).collect()
    }

    /// Reads the processes that were found; forgets those that have ended.
    pub fn read(&mut self) -> Reading {
        let mut reading = Reading { at: Instant::now(), n_cpus: self.n_cpus, processes: HashMap::new() };
        let pids: Vec<u32> = self.found.keys().copied().collect();
        for pid in pids {
            match self.process(pid) {
                Some((key, counts)) => _ = reading.processes.insert(key, counts),
                None => _ = self.found.remove(&pid),
            }
        }
        reading
    }

    fn process(&mut self, pid: u32) -> Option<(ProcessKey, ProcessCounts)> {
        let folder = format!("/proc/{pid}");
        let stat = stat(self.text_of(&format!("{folder}/stat"))?).filter(|stat| !stat.is_zombie)?;
        let io = self.text_of(&format!("{folder}/io"));
        let field = |name: &str| {
            let line = io?.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))?;
            line.trim().parse().ok()
        };
        let (read_bytes, written_bytes) = (field("read_bytes"), field("write_bytes"));
        let counts = ProcessCounts {
            cpu_secs: Some(stat.ticks * self.tick_secs),
            waited_secs: self.waits(&folder, stat.n_threads),
            memory_bytes: Some(stat.n_pages * self.page_bytes),
            major_faults: Some(stat.major_faults),
            n_threads: Some(stat.n_threads),
            n_open_files: n_open_files(&folder),
            read_bytes,
            written_bytes,
        };
        Some((ProcessKey { pid, started: stat.started }, counts))
    }

    /// How long each thread has waited for a processor: the second number of its `schedstat`, in nanoseconds.
    fn waits(&mut self, folder: &str, n_threads: f64) -> Option<HashMap<u32, f64>> {
        if n_threads > MAX_THREADS as f64 {
            return None;
        }
        let mut waits = HashMap::new();
        for entry in fs::read_dir(format!("{folder}/task")).ok()?.flatten() {
            let Some(thread) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            // A thread may have ended meanwhile.
            let Some(text) = self.text_of(&format!("{folder}/task/{thread}/schedstat")) else { continue };
            let nanos: f64 = text.split(' ').nth(1)?.parse().ok()?;
            waits.insert(thread, nanos / 1e9);
        }
        (!waits.is_empty()).then_some(waits)
    }

    fn text_of(&mut self, path: &str) -> Option<&str> {
        self.text.clear();
        let mut file = fs::File::open(path).ok()?;
        self.n_read += file.read_to_string(&mut self.text).ok()? as u64;
        Some(&self.text)
    }

    pub fn bytes_read(&self) -> u64 {
        self.n_read
    }
}

/// Reads `/proc/PID/stat`; a program's name may hold blanks and brackets, so fields count from its last bracket.
fn stat(text: &str) -> Option<Stat> {
    let (_, rest) = text.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    // The first field behind the name is the third of all.
    let field = |number: usize| fields.get(number - 3).copied();
    let number = |n: usize| field(n)?.parse::<f64>().ok();
    Some(Stat {
        major_faults: number(12)?,
        ticks: number(14)? + number(15)?,
        n_threads: number(20)?,
        started: field(22)?.parse().ok()?,
        n_pages: number(24)?.max(0.0),
        is_zombie: field(3)? == "Z",
    })
}

// Linux 6.2 tells their number as the folder's size; before that, they have to be counted.
fn n_open_files(folder: &str) -> Option<f64> {
    let files = format!("{folder}/fd");
    let n_files = fs::metadata(&files).ok()?.len();
    if n_files > 0 {
        return fs::File::open(&files).ok().map(|_| n_files as f64);
    }
    Some(fs::read_dir(&files).ok()?.count() as f64)
}

fn n_cpus() -> f64 {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let is_cpu = |line: &&str| line.starts_with("cpu") && !line.starts_with("cpu ");
    match stat.lines().filter(is_cpu).count() {
        0 => std::thread::available_parallelism().map_or(1.0, |n| n.get() as f64),
        n => n as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_brackets_do_not_shift_the_fields() {
        let text = "4711 (odd ) name) S 1 4711 4711 0 -1 4194560 1000 0 7 0 300 200 0 0 20 0 12 0 98765 1000000 250 18446744073709551615 1 1 0";
        let expected = Stat {
            major_faults: 7.0,
            ticks: 500.0,
            n_threads: 12.0,
            started: 98_765,
            n_pages: 250.0,
            is_zombie: false,
        };
        assert_eq!(stat(text), Some(expected));
        assert_eq!(stat("4711 (cut"), None);
        assert_eq!(stat("4711 (cut) S 1"), None);
    }

    #[test]
    fn this_process_is_found_by_the_name_that_the_system_has_for_it() {
        let comm = fs::read_to_string("/proc/self/comm").unwrap();
        let wanted = [Wanted::Name(comm.trim().to_owned())];
        let mut table = Table::default();
        assert_eq!(table.missing(&wanted).len(), 1);
        table.look_for(&wanted);
        assert!(table.missing(&wanted).is_empty());
        let reading = table.read();
        let (_, own) = reading.processes.iter().find(|(key, _)| key.pid == std::process::id()).unwrap();
        assert!(own.n_open_files.unwrap() >= 3.0 && own.memory_bytes.unwrap() > 1e6, "{own:?}");
    }
}
