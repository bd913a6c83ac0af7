//! Which series each kind of monitor has, by name: what limits and pictures may ask for.

use super::{Monitor, Probe, SeriesGroup, SeriesUnit};

/// Describes a series, whether it has been read or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesDescription {
    /// Unique within the monitor.
    pub name: String,
    pub unit: SeriesUnit,
    pub group: SeriesGroup,
    pub aspect: Aspect,
    /// What it counts, in a sentence without its full stop.
    pub meaning: String,
}

/// What a series says of a resource: the USE method's three questions (B. Gregg, 2013).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Aspect {
    Utilisation,
    /// Work that has to wait.
    Saturation,
    Errors,
    #[default]
    Other,
}

type Known = (&'static str, SeriesUnit, SeriesGroup, Aspect, &'static str);

use Aspect::{Errors, Other, Saturation, Utilisation};
use SeriesGroup::{Cache, Database, Disk, Memory, Network, Processor};
use SeriesUnit::{Bytes, BytesPerSec, Number, PerSec, Ratio, Seconds};

#[rustfmt::skip]
const MACHINE: &[Known] = &[
    ("CPU", Ratio, Processor, Utilisation, "Share of all processors that was neither idle nor waiting for a disk"),
    ("CPU stolen", Ratio, Processor, Saturation, "Share of all processors that the hypervisor gave to others"),
    ("CPU pressure", Ratio, Processor, Saturation, "Share of the time in which some task waited for a processor"),
    ("CPU throttled", Ratio, Processor, Saturation, "Share of its periods in which the control group had used up its processor time"),
    ("run queue", Number, Processor, Saturation, "Tasks that run or want to, for each processor"),
    ("memory", Ratio, Memory, Utilisation, "Share of the memory that is not available to programs"),
    ("memory pressure", Ratio, Memory, Saturation, "Share of the time in which some task waited for memory"),
    ("major faults", PerSec, Memory, Saturation, "Pages that had to be read from a disk"),
    ("swapped pages", PerSec, Memory, Saturation, "Pages moved to or from swap"),
    ("out-of-memory kills", PerSec, Memory, Errors, "Programs that the system ended for want of memory"),
    ("disk", Ratio, Disk, Utilisation, "Share of the time in which the busiest disk had something to do; disks that work in parallel reach 100 % early"),
    ("disk queue", Number, Disk, Saturation, "Requests waiting or worked on at the disk with the longest queue"),
    ("disk wait", Seconds, Disk, Saturation, "Mean time from a disk request to its end, at the slowest disk"),
    ("disk reads", BytesPerSec, Disk, Other, "Read from all disks"),
    ("disk writes", BytesPerSec, Disk, Other, "Written to all disks"),
    ("network", Ratio, Network, Utilisation, "Share of the link's speed that the busier direction of the busiest link used; loopback left out"),
    ("network received", BytesPerSec, Network, Other, "Received over all links but loopback"),
    ("network sent", BytesPerSec, Network, Other, "Sent over all links but loopback"),
    ("network drops", PerSec, Network, Saturation, "Packets that links dropped"),
    ("network errors", PerSec, Network, Errors, "Packets that links found damaged"),
    ("TCP retransmits", Ratio, Network, Errors, "Segments sent again ÷ segments sent"),
    ("listen drops", PerSec, Network, Saturation, "Connections that a program was too slow to accept"),
];

#[rustfmt::skip]
const PROCESSES: &[Known] = &[
    ("processes", Number, SeriesGroup::Other, Other, "Processes that were found"),
    ("CPU", Ratio, Processor, Utilisation, "Processor time ÷ that of all processors of the machine"),
    ("CPU wait", Number, Processor, Saturation, "Threads that waited for a processor, on average"),
    ("memory", Bytes, Memory, Utilisation, "Resident memory"),
    ("major faults", PerSec, Memory, Saturation, "Pages that had to be read from a disk"),
    ("threads", Number, SeriesGroup::Other, Other, "Threads"),
    ("open files", Number, SeriesGroup::Other, Other, "Open files, connections among them"),
    ("disk reads", BytesPerSec, Disk, Other, "Read from disks"),
    ("disk writes", BytesPerSec, Disk, Other, "Written to disks"),
];

#[rustfmt::skip]
const POSTGRES: &[Known] = &[
    ("connections", Ratio, Database, Utilisation, "Clients ÷ the connections that the server allows to ordinary users"),
    ("clients", Number, Database, Other, "Connections of clients"),
    ("active", Number, Database, Utilisation, "Clients that have a statement under way"),
    ("waiting", Number, Database, Saturation, "Clients whose statement waits: for a lock, a disk or another process"),
    ("waiting for locks", Number, Database, Saturation, "Clients whose statement waits for a lock"),
    ("idle in transaction", Number, Database, Saturation, "Clients that hold a transaction open and do nothing"),
    ("pool", Ratio, Database, Utilisation, "Clients within a statement or transaction ÷ the pool's size; queueing sets in above 80 %"),
    ("commits", PerSec, Database, Other, "Transactions committed"),
    ("rollbacks", PerSec, Database, Errors, "Transactions rolled back"),
    ("deadlocks", PerSec, Database, Errors, "Deadlocks that the server broke"),
    ("block hits", Ratio, Database, Other, "Blocks found in the server's own memory ÷ blocks asked for; others may still come from the system's cache"),
    ("temporary files", BytesPerSec, Database, Saturation, "Written to temporary files, for want of working memory"),
    ("active time", Number, Database, Utilisation, "Statements under way, on average over the second"),
    ("statements", PerSec, Database, Other, "Statements executed"),
    ("statement time", Seconds, Database, Other, "Mean time of the statements executed"),
];

#[rustfmt::skip]
const REDIS: &[Known] = &[
    ("hit share", Ratio, Cache, Other, "Lookups that found their key ÷ lookups"),
    ("lookups", PerSec, Cache, Other, "Keys looked up"),
    ("commands", PerSec, Cache, Other, "Commands processed"),
    ("evictions", PerSec, Cache, Saturation, "Keys removed for want of memory"),
    ("expired keys", PerSec, Cache, Other, "Keys whose time to live was over"),
    ("memory", Bytes, Cache, Other, "Memory in use"),
    ("memory use", Ratio, Cache, Utilisation, "Memory in use ÷ the most that is allowed"),
    ("clients", Number, Cache, Other, "Connections of clients"),
    ("blocked clients", Number, Cache, Saturation, "Clients that wait within a command"),
    ("rejected connections", PerSec, Cache, Errors, "Connections refused for having too many"),
    ("CPU", Number, Cache, Utilisation, "Processors that the server used; its commands run on one"),
];

impl Monitor {
    /// The series that it has when all goes well.
    pub fn series(&self) -> Vec<SeriesDescription> {
        self.probe.series()
    }
}

impl Probe {
    /// The series that it has when all goes well.
    pub fn series(&self) -> Vec<SeriesDescription> {
        let known: &[Known] = match self {
            Self::Machine => MACHINE,
            Self::Processes(_) => PROCESSES,
            Self::Postgres(_) => POSTGRES,
            Self::Redis(_) => REDIS,
            Self::Metrics(probe) => {
                let series = probe.series.iter();
                return series
                    .map(|series| own(&series.name, series.unit, series.group, &series.metric))
                    .collect();
            }
            Self::Prometheus(probe) => {
                let queries = probe.queries.iter();
                return queries
                    .map(|query| own(&query.name, query.unit, query.group, &query.query))
                    .collect();
            }
        };
        let described = |&(name, unit, group, aspect, meaning): &Known| SeriesDescription {
            name: name.to_owned(),
            unit,
            group,
            aspect,
            meaning: meaning.to_owned(),
        };
        known.iter().map(described).collect()
    }
}

/// A series that the scenario itself describes; what it says of its resource is not known.
fn own(name: &str, unit: SeriesUnit, group: SeriesGroup, source: &str) -> SeriesDescription {
    SeriesDescription {
        name: name.to_owned(),
        unit,
        group,
        aspect: Aspect::Other,
        meaning: format!("From {source}"),
    }
}

impl Aspect {
    pub const ALL: [Self; 4] = [Utilisation, Saturation, Errors, Other];

    pub fn name(self) -> &'static str {
        match self {
            Self::Utilisation => "utilisation",
            Self::Saturation => "saturation",
            Self::Errors => "errors",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_series_of_a_monitor_have_names_of_their_own_and_say_what_they_mean() {
        for known in [MACHINE, PROCESSES, POSTGRES, REDIS] {
            let names: BTreeSet<&str> = known.iter().map(|known| known.0).collect();
            assert_eq!(names.len(), known.len());
            assert!(known.iter().all(|known| !known.4.is_empty() && !known.4.ends_with('.')));
        }
    }
}
