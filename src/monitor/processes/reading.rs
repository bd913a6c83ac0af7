//! What processes' counters stand at, and what two such readings say of the time between them.

use std::collections::HashMap;

use tokio::time::Instant;

/// Names of the values, in their order.
pub(super) const NAMES: [&str; 9] = [
    "processes",
    "CPU",
    "CPU wait",
    "memory",
    "major faults",
    "threads",
    "open files",
    "disk reads",
    "disk writes",
];

/// A process that nobody can take for another one: numbers are used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ProcessKey {
    pub pid: u32,
    /// When it started, in whatever unit the system has.
    pub started: u64,
}

/// One process; what the system does not tell, or not to this user, is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct ProcessCounts {
    pub cpu_secs: Option<f64>,
    /// How long each thread has waited for a processor.
    pub waited_secs: Option<HashMap<u32, f64>>,
    pub memory_bytes: Option<f64>,
    pub major_faults: Option<f64>,
    pub n_threads: Option<f64>,
    pub n_open_files: Option<f64>,
    pub read_bytes: Option<f64>,
    pub written_bytes: Option<f64>,
}

/// All wanted processes at a moment.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub at: Instant,
    pub n_cpus: f64,
    pub processes: HashMap<ProcessKey, ProcessCounts>,
}

impl Reading {
    /// Names of the values that are not told of any process.
    pub fn missing(&self) -> Vec<&'static str> {
        let is_told = |is_told: fn(&ProcessCounts) -> bool| self.processes.values().any(is_told);
        let are_there = [
            true,
            is_told(|counts| counts.cpu_secs.is_some()),
            is_told(|counts| counts.waited_secs.is_some()),
            is_told(|counts| counts.memory_bytes.is_some()),
            is_told(|counts| counts.major_faults.is_some()),
            is_told(|counts| counts.n_threads.is_some()),
            is_told(|counts| counts.n_open_files.is_some()),
            is_told(|counts| counts.read_bytes.is_some()),
            is_told(|counts| counts.written_bytes.is_some()),
        ];
        NAMES.into_iter().zip(are_there).filter(|(_, is_there)| !is_there).map(|(name, _)| name).collect()
    }
}

/// What happened between two readings, in the order of [`NAMES`]; NaN for what cannot be told.
pub(super) fn values(before: Option<&Reading>, now: &Reading) -> [f64; NAMES.len()] {
    let secs = before.map_or(0.0, |before| (now.at - before.at).as_secs_f64());
    let sum = |of: fn(&ProcessCounts) -> Option<f64>| total(now.processes.values().map(of));
    // Of those that both have: the first growth of a new one is not known.
    let rate = |growth: &dyn Fn(&ProcessCounts, &ProcessCounts) -> Option<f64>| {
        let pairs =
            now.processes.iter().filter_map(|(key, counts)| Some((before?.processes.get(key)?, counts)));
        let grown = total(pairs.map(|(then, now)| growth(then, now)));
        if secs > 0.0 { grown / secs } else { f64::NAN }
    };
    let by = |of: fn(&ProcessCounts) -> Option<f64>| {
        rate(&move |then, now| {
            let growth = of(now)? - of(then)?;
            (growth >= 0.0).then_some(growth)
        })
    };
    [
        now.processes.len() as f64,
        by(|counts| counts.cpu_secs) / now.n_cpus,
        rate(&waited),
        sum(|counts| counts.memory_bytes),
        by(|counts| counts.major_faults),
        sum(|counts| counts.n_threads),
        sum(|counts| counts.n_open_files),
        by(|counts| counts.read_bytes),
        by(|counts| counts.written_bytes),
    ]
}

// Threads come and go; what one that has gone had waited must not be missed from the others.
fn waited(then: &ProcessCounts, now: &ProcessCounts) -> Option<f64> {
    let (then, now) = (then.waited_secs.as_ref()?, now.waited_secs.as_ref()?);
    let growths = now.iter().map(|(thread, secs)| secs - then.get(thread).unwrap_or(&0.0));
    Some(growths.filter(|growth| *growth > 0.0).sum())
}

/// NaN where not one is known.
fn total(values: impl Iterator<Item = Option<f64>>) -> f64 {
    let known: Vec<f64> = values.flatten().collect();
    if known.is_empty() { f64::NAN } else { known.iter().sum() }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::{Probe, ProcessesProbe};

    #[test]
    fn the_names_are_those_that_a_scenario_may_ask_for_in_their_order() {
        let series = Probe::Processes(ProcessesProbe::default()).series();
        assert_eq!(series.iter().map(|series| &*series.name).collect::<Vec<_>>(), NAMES);
    }

    fn counts(n: f64) -> ProcessCounts {
        ProcessCounts {
            cpu_secs: Some(n),
            waited_secs: Some([(1, n), (2, 2.0 * n)].into()),
            memory_bytes: Some(100.0 * n),
            major_faults: Some(n),
            n_threads: Some(3.0),
            n_open_files: None,
            read_bytes: Some(10.0 * n),
            written_bytes: Some(20.0 * n),
        }
    }

    #[test]
    fn processes_count_together_and_those_that_come_or_go_do_not_spoil_it() {
        let at = Instant::now();
        let key = |pid: u32, started: u64| ProcessKey { pid, started };
        let before = Reading {
            at,
            n_cpus: 4.0,
            processes: [(key(1, 1), counts(1.0)), (key(2, 1), counts(500.0))].into(),
        };
        let now = Reading {
            at: at + Duration::from_secs(2),
            n_cpus: 4.0,
            processes: [(key(1, 1), counts(3.0)), (key(2, 9), counts(1.0)), (key(3, 1), counts(70.0))].into(),
        };
        let values = values(Some(&before), &now);
        assert_eq!(&values[..6], [3.0, 0.25, 3.0, 7400.0, 1.0, 9.0]);
        assert!(values[6].is_nan());
        assert_eq!(&values[7..], [10.0, 20.0]);
        assert_eq!(now.missing(), ["open files"]);
    }

    #[test]
    fn threads_that_end_take_nothing_away() {
        let waits = |waits: &[(u32, f64)]| ProcessCounts {
            waited_secs: Some(waits.iter().copied().collect()),
            ..ProcessCounts::default()
        };
        assert_eq!(waited(&waits(&[(1, 5.0), (2, 50.0)]), &waits(&[(1, 6.0), (3, 0.5)])), Some(1.5));
    }

    #[test]
    fn without_any_process_there_is_their_number_alone() {
        let nobody = Reading { at: Instant::now(), n_cpus: 2.0, processes: HashMap::new() };
        let values = values(Some(&nobody), &nobody);
        assert_eq!(values[0], 0.0);
        assert!(values[1..].iter().all(|value| value.is_nan()));
    }
}
