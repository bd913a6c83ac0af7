//! Processes of this machine by name or number: all that belong to one monitor count together.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod portable;
mod reading;

#[cfg(target_os = "linux")]
use self::linux::Table;
#[cfg(not(target_os = "linux"))]
use self::portable::Table;
use self::reading::{Reading, values};
use super::source::{Begun, Ended, ProbeError, RunStretch, Source};
use crate::model::ProcessesProbe;

/// Readings between two looks at all processes of the machine, while all that are wanted are there.
const LOOK_EVERY: u32 = 5;

/// Which processes are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Pid(u32),
    /// A program's name.
    Name(String),
}

/// Reads processes.
pub(super) struct ProcessesSource {
    wanted: Result<Vec<Wanted>, ProbeError>,
    table: Table,
    before: Option<Reading>,
    n_since_look: u32,
}

impl ProcessesSource {
    pub fn new(probe: &ProcessesProbe) -> Self {
        Self { wanted: wanted(&probe.processes), table: Table::default(), before: None, n_since_look: 0 }
    }

    fn reading(&mut self) -> Result<Reading, ProbeError> {
        let wanted = self.wanted.as_ref().map_err(Clone::clone)?;
        let are_all_there = self.table.missing(wanted).is_empty();
        if !are_all_there || self.n_since_look >= LOOK_EVERY {
            self.table.look_for(wanted);
            self.n_since_look = 0;
        }
        self.n_since_look += 1;
        Ok(self.table.read())
    }
}

impl Source for ProcessesSource {
    async fn begin(&mut self) -> Result<Begun, ProbeError> {
        let reading = self.reading()?;
        let wanted = self.wanted.as_ref().map_err(Clone::clone)?;
        let missing = self.table.missing(wanted);
        if reading.processes.is_empty() {
            let names = missing.join(", ");
            return Err(ProbeError(format!(
                "no such process runs: {names}; start it, or look at its name in `ps -e`"
            )));
        }
        let mut notes = Vec::new();
        if !missing.is_empty() {
            notes.push(format!("Not running when it began: {}.", missing.join(", ")));
        }
        let untold = reading.missing();
        if !untold.is_empty() {
            notes.push(format!("Not available on this system, or not to this user: {}.", untold.join(", ")));
        }
        self.before = Some(reading);
        Ok(Begun { notes, ..Begun::default() })
    }

    async fn read(&mut self) -> Result<Vec<f64>, ProbeError> {
        let now = self.reading()?;
        let values = values(self.before.as_ref(), &now);
        self.before = Some(now);
        Ok(values.to_vec())
    }

    async fn end(&mut self, _: RunStretch) -> Result<Ended, ProbeError> {
        Ok(Ended::default())
    }

    fn bytes_read(&self) -> u64 {
        self.table.bytes_read()
    }
}

fn wanted(processes: &[String]) -> Result<Vec<Wanted>, ProbeError> {
    if processes.is_empty() {
        return Err(ProbeError("no process is named; write names of programs, or pid:N".to_owned()));
    }
    let one =
        |text: &String| match text.trim().strip_prefix("pid:") {
            Some(number) => number.trim().parse().map(Wanted::Pid).map_err(|_| {
                ProbeError(format!("`{text}` is no process; write its number, such as pid:4711"))
            }),
            None => Ok(Wanted::Name(text.trim().to_owned())),
        };
    processes.iter().map(one).collect()
}

impl std::fmt::Display for Wanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Pid(pid) => write!(f, "pid:{pid}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_process_is_found_by_its_number_and_its_work_is_seen() {
        let probe = ProcessesProbe { processes: vec![format!("pid:{}", std::process::id())] };
        let mut source = ProcessesSource::new(&probe);
        source.begin().await.unwrap();
        let start = std::time::Instant::now();
        while start.elapsed() < std::time::Duration::from_millis(60) {
            std::hint::spin_loop();
        }
        let values = source.read().await.unwrap();
        assert_eq!(values[0], 1.0);
        assert!(values[1] > 0.0, "{values:?}");
        assert!(values[3] > 1e6 && values[5] >= 1.0, "{values:?}");
    }

    #[tokio::test]
    async fn what_does_not_run_is_told_with_its_name() {
        let of = |name: &str| ProcessesSource::new(&ProcessesProbe { processes: vec![name.to_owned()] });
        let error = of("no-such-program-anywhere").begin().await.unwrap_err();
        assert!(error.0.contains("no-such-program-anywhere"), "{error}");
        let error = of("pid:some").begin().await.unwrap_err();
        assert!(error.0.contains("pid:4711"), "{error}");
        let error = ProcessesSource::new(&ProcessesProbe::default()).begin().await.unwrap_err();
        assert!(error.0.contains("no process is named"), "{error}");
    }
}
