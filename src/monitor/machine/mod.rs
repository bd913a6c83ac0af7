//! This machine: processors, memory, disks and links by the USE method.

#[cfg(target_os = "linux")]
mod linux;
// Other systems need its types only.
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
mod parse;
#[cfg(not(target_os = "linux"))]
mod portable;
mod reading;

#[cfg(target_os = "linux")]
use self::linux::Counters;
#[cfg(not(target_os = "linux"))]
use self::portable::Counters;
use self::reading::{Reading, values};
use super::source::{Begun, Ended, ProbeError, RunStretch, Source};

/// Reads the machine's counters.
#[derive(Default)]
pub(super) struct MachineSource {
    counters: Counters,
    before: Option<Reading>,
}

impl Source for MachineSource {
    async fn begin(&mut self) -> Result<Begun, ProbeError> {
        let reading = self.counters.read();
        let missing = reading.missing();
        self.before = Some(reading);
        let mut notes = Vec::new();
        if !missing.is_empty() {
            notes.push(format!("Not available on this system: {}.", missing.join(", ")));
        }
        Ok(Begun { notes, ..Begun::default() })
    }

    async fn read(&mut self) -> Result<Vec<f64>, ProbeError> {
        let now = self.counters.read();
        let values = values(self.before.as_ref(), &now);
        self.before = Some(now);
        Ok(values.to_vec())
    }

    async fn end(&mut self, _: RunStretch) -> Result<Ended, ProbeError> {
        Ok(Ended::default())
    }

    fn bytes_read(&self) -> u64 {
        self.counters.bytes_read()
    }
}
