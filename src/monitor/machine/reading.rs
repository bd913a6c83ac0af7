//! What the machine's counters stand at, and what two such readings say of the time between them.

use std::collections::HashMap;

use tokio::time::Instant;

use super::parse::{CpuTicks, DiskCounts, LinkCounts, Paging};

/// The machine's counters at a moment; what this system does not tell is none.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub at: Instant,
    pub cpu: Option<CpuTicks>,
    pub runnable: Option<f64>,
    pub cpu_waited_micros: Option<f64>,
    /// Periods of the control group, and those in which it was throttled.
    pub periods: Option<(f64, f64)>,
    pub memory_used: Option<f64>,
    pub memory_waited_micros: Option<f64>,
    pub paging: Paging,
    pub disks: Vec<DiskCounts>,
    pub links: Vec<LinkCounts>,
    /// Of links whose speed is known, in bytes.
    pub link_bytes_per_sec: HashMap<String, f64>,
    /// Segments sent again, and sent in all.
    pub segments: Option<(f64, f64)>,
    pub listen_drops: Option<f64>,
}

/// Names of the values, in their order.
#[rustfmt::skip]
pub(super) const NAMES: [&str; 22] = [
    "CPU", "CPU stolen", "CPU pressure", "CPU throttled", "run queue", "memory", "memory pressure", "major faults",
    "swapped pages", "out-of-memory kills", "disk", "disk queue", "disk wait", "disk reads", "disk writes", "network",
    "network received", "network sent", "network drops", "network errors", "TCP retransmits", "listen drops",
];

impl Reading {
    /// One that tells nothing.
    pub fn nothing(at: Instant) -> Self {
        Self {
            at,
            cpu: None,
            runnable: None,
            cpu_waited_micros: None,
            periods: None,
            memory_used: None,
            memory_waited_micros: None,
            paging: Paging::default(),
            disks: Vec::new(),
            links: Vec::new(),
            link_bytes_per_sec: HashMap::new(),
            segments: None,
            listen_drops: None,
        }
    }

    /// Names of the values that this system does not tell.
    pub fn missing(&self) -> Vec<&'static str> {
        let has_disks = !self.disks.is_empty();
        let has_links = !self.links.is_empty();
        let is_limited = self.periods.is_some_and(|(periods, _)| periods > 0.0);
        let are_there = [
            self.cpu.is_some(),
            self.cpu.is_some_and(|cpu| !cpu.stolen.is_nan()),
            self.cpu_waited_micros.is_some(),
            is_limited,
            self.runnable.is_some() && self.cpu.is_some(),
            self.memory_used.is_some(),
            self.memory_waited_micros.is_some(),
            self.paging.major_faults.is_some(),
            self.paging.swapped.is_some(),
            self.paging.kills.is_some(),
            has_disks,
            has_disks,
            has_disks,
            has_disks,
            has_disks,
            !self.link_bytes_per_sec.is_empty(),
            has_links,
            has_links,
            has_links,
            has_links,
            self.segments.is_some(),
            self.listen_drops.is_some(),
        ];
        NAMES.into_iter().zip(are_there).filter(|(_, is_there)| !is_there).map(|(name, _)| name).collect()
    }
}

/// What happened between two readings, in the order of [`NAMES`]; NaN for what cannot be told.
pub(super) fn values(before: Option<&Reading>, now: &Reading) -> [f64; NAMES.len()] {
    let nothing = Reading::nothing(now.at);
    let before = before.unwrap_or(&nothing);
    let secs = (now.at - before.at).as_secs_f64();
    let per_sec = |amount: Option<f64>| amount.filter(|_| secs > 0.0).map(|amount| amount / secs);
    let rate = |of: fn(&Reading) -> Option<f64>| per_sec(growth(of(before), of(now)));
    let ticks = |of: fn(CpuTicks) -> f64| {
        let total = growth(before.cpu.map(|cpu| cpu.total), now.cpu.map(|cpu| cpu.total));
        quotient(growth(before.cpu.map(of), now.cpu.map(of)), total)
    };
    let n_cpus = now.cpu.map(|cpu| f64::from(cpu.n_cpus)).filter(|n_cpus| *n_cpus > 0.0);
    // The one that asks runs at that moment too.
    let queue = now.runnable.zip(n_cpus).map(|(runnable, n_cpus)| (runnable - 1.0).max(0.0) / n_cpus);
    let disks = disks(before, now, secs);
    let links = links(before, now, secs);
    let retransmits = quotient(
        growth(before.segments.map(|segments| segments.0), now.segments.map(|segments| segments.0)),
        growth(before.segments.map(|segments| segments.1), now.segments.map(|segments| segments.1)),
    );
    let values = [
        ticks(|cpu| cpu.busy),
        ticks(|cpu| cpu.stolen),
        rate(|reading| reading.cpu_waited_micros).map(|micros| micros / 1e6),
        throttled(before, now),
        queue,
        now.memory_used,
        rate(|reading| reading.memory_waited_micros).map(|micros| micros / 1e6),
        rate(|reading| reading.paging.major_faults),
        rate(|reading| reading.paging.swapped),
        rate(|reading| reading.paging.kills),
        disks.busy,
        disks.queue,
        disks.wait,
        disks.read,
        disks.written,
        links.used,
        links.received,
        links.sent,
        links.drops,
        links.errors,
        retransmits,
        rate(|reading| reading.listen_drops),
    ];
    values.map(|value| value.unwrap_or(f64::NAN))
}

/// A counter that went backwards began anew, or ran over: by how much it grew is not known.
fn growth(before: Option<f64>, now: Option<f64>) -> Option<f64> {
    let growth = now? - before?;
    (growth >= 0.0).then_some(growth)
}

fn quotient(part: Option<f64>, whole: Option<f64>) -> Option<f64> {
    let (part, whole) = (part?, whole?);
    (whole > 0.0).then(|| part / whole)
}

// A group that has a limit and had nothing to do was not throttled.
fn throttled(before: &Reading, now: &Reading) -> Option<f64> {
    let (then, now) = (before.periods?, now.periods?);
    let (periods, throttled) = (growth(Some(then.0), Some(now.0))?, growth(Some(then.1), Some(now.1))?);
    match (now.0 > 0.0, periods > 0.0) {
        (true, true) => Some(throttled / periods),
        (true, false) => Some(0.0),
        (false, _) => None,
    }
}

#[derive(Default)]
struct Disks {
    busy: Option<f64>,
    queue: Option<f64>,
    wait: Option<f64>,
    read: Option<f64>,
    written: Option<f64>,
}

fn disks(before: &Reading, now: &Reading, secs: f64) -> Disks {
    let mut all = Disks::default();
    for disk in &now.disks {
        let Some(then) = before.disks.iter().find(|then| then.name == disk.name).filter(|_| secs > 0.0)
        else {
            continue;
        };
        let growth = |of: fn(&DiskCounts) -> f64| growth(Some(of(then)), Some(of(disk)));
        let millis = secs * 1e3;
        // Ticks of the kernel can push a busy second a little over one.
        largest(&mut all.busy, growth(|disk| disk.busy_millis).map(|busy| (busy / millis).min(1.0)));
        largest(&mut all.queue, growth(|disk| disk.weighted_millis).map(|weighted| weighted / millis));
        let wait = quotient(growth(|disk| disk.request_millis), growth(|disk| disk.n_requests));
        largest(&mut all.wait, wait.map(|millis| millis / 1e3));
        add(&mut all.read, growth(|disk| disk.read_bytes).map(|bytes| bytes / secs));
        add(&mut all.written, growth(|disk| disk.written_bytes).map(|bytes| bytes / secs));
    }
    all
}

#[derive(Default)]
struct Links {
    used: Option<f64>,
    received: Option<f64>,
    sent: Option<f64>,
    drops: Option<f64>,
    errors: Option<f64>,
}

fn links(before: &Reading, now: &Reading, secs: f64) -> Links {
    let mut all = Links::default();
    for link in &now.links {
        let Some(then) = before.links.iter().find(|then| then.name == link.name).filter(|_| secs > 0.0)
        else {
            continue;
        };
        let rate = |of: fn(&LinkCounts) -> f64| growth(Some(of(then)), Some(of(link))).map(|n| n / secs);
        let (received, sent) = (rate(|link| link.received_bytes), rate(|link| link.sent_bytes));
        let speed = now.link_bytes_per_sec.get(&link.name).copied();
        largest(
            &mut all.used,
            quotient(received.zip(sent).map(|(received, sent)| received.max(sent)), speed),
        );
        add(&mut all.received, received);
        add(&mut all.sent, sent);
        add(&mut all.drops, rate(|link| link.drops));
        add(&mut all.errors, rate(|link| link.errors));
    }
    all
}

fn largest(all: &mut Option<f64>, value: Option<f64>) {
    *all = match (*all, value) {
        (Some(all), Some(value)) => Some(all.max(value)),
        (all, value) => all.or(value),
    };
}

fn add(all: &mut Option<f64>, value: Option<f64>) {
    *all = match (*all, value) {
        (Some(all), Some(value)) => Some(all + value),
        (all, value) => all.or(value),
    };
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::model::Probe;

    #[test]
    fn the_names_are_those_that_a_scenario_may_ask_for_in_their_order() {
        let series = Probe::Machine.series();
        assert_eq!(series.iter().map(|series| &*series.name).collect::<Vec<_>>(), NAMES);
    }

    /// Two readings two seconds apart.
    fn two() -> (Reading, Reading) {
        let start = Instant::now();
        let disk = |name: &str, n: f64| DiskCounts {
            name: name.to_owned(),
            n_requests: 10.0 * n,
            read_bytes: 1000.0 * n,
            written_bytes: 2000.0 * n,
            request_millis: 50.0 * n,
            busy_millis: 500.0 * n,
            weighted_millis: 4000.0 * n,
        };
        let link = |name: &str, n: f64| LinkCounts {
            name: name.to_owned(),
            received_bytes: 1000.0 * n,
            sent_bytes: 4000.0 * n,
            drops: 2.0 * n,
            errors: 4.0 * n,
        };
        let reading = |n: f64| Reading {
            cpu: Some(CpuTicks { busy: 100.0 * n, stolen: 10.0 * n, total: 400.0 * n, n_cpus: 2 }),
            runnable: Some(4.0),
            cpu_waited_micros: Some(500_000.0 * n),
            periods: Some((20.0 * n, 5.0 * n)),
            memory_used: Some(0.25),
            memory_waited_micros: Some(0.0),
            paging: Paging { major_faults: Some(6.0 * n), swapped: Some(0.0), kills: None },
            disks: vec![disk("sda", n), disk("sdb", 2.0 * n)],
            links: vec![link("eth0", n), link("eth1", 2.0 * n)],
            link_bytes_per_sec: [("eth0".to_owned(), 10_000.0)].into(),
            segments: Some((1.0 * n, 100.0 * n)),
            listen_drops: Some(0.0),
            ..Reading::nothing(start + Duration::from_secs(2).mul_f64(n))
        };
        (reading(1.0), reading(2.0))
    }

    fn value(values: &[f64; NAMES.len()], name: &str) -> f64 {
        values[NAMES.iter().position(|known| *known == name).unwrap()]
    }

    #[test]
    fn counters_become_shares_rates_queues_and_waits() {
        let (before, now) = two();
        let values = values(Some(&before), &now);
        for (name, expected) in [
            ("CPU", 0.25),
            ("CPU stolen", 0.025),
            ("CPU pressure", 0.25),
            ("CPU throttled", 0.25),
            ("run queue", 1.5),
            ("memory", 0.25),
            ("memory pressure", 0.0),
            ("major faults", 3.0),
            ("disk", 0.5),
            ("disk queue", 4.0),
            ("disk wait", 0.005),
            ("disk reads", 1500.0),
            ("disk writes", 3000.0),
            ("network", 0.2),
            ("network received", 1500.0),
            ("network sent", 6000.0),
            ("network drops", 3.0),
            ("network errors", 6.0),
            ("TCP retransmits", 0.01),
            ("listen drops", 0.0),
        ] {
            assert!((value(&values, name) - expected).abs() < 1e-12, "{name}: {}", value(&values, name));
        }
        assert!(value(&values, "out-of-memory kills").is_nan());
        assert_eq!(now.missing(), ["out-of-memory kills"]);
    }

    #[test]
    fn counters_that_go_backwards_are_gaps_and_so_is_the_first_reading() {
        let (now, before) = two();
        let now = Reading { at: before.at + Duration::from_secs(1), ..now };
        let backwards = values(Some(&before), &now);
        for name in [
            "CPU",
            "CPU pressure",
            "CPU throttled",
            "major faults",
            "disk",
            "disk reads",
            "network sent",
            "TCP retransmits",
        ] {
            assert!(value(&backwards, name).is_nan(), "{name}");
        }
        assert_eq!(value(&backwards, "memory"), 0.25);
        let first = values(None, &now);
        assert!(value(&first, "CPU").is_nan() && value(&first, "network sent").is_nan());
        assert_eq!(value(&first, "run queue"), 1.5);
    }

    #[test]
    fn a_disk_that_comes_in_between_counts_from_then_on() {
        let (mut before, now) = two();
        before.disks.remove(1);
        assert_eq!(value(&values(Some(&before), &now), "disk reads"), 500.0);
    }
}
