//! What a search found, from its probes: the capacity with its bounds, or why there is no single number.

use super::{
    machine::{Probe, ProbeKind, SearchEnd, highest_pass, lowest_stop},
    settings::SearchSettings,
    words,
};

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchOutcome {
    pub settings: SearchSettings,
    pub probes: Vec<Probe>,
    pub end: SearchEnd,
    /// The capacity, where it was confirmed.
    pub capacity: Option<FoundCapacity>,
    /// The highest level that passed, confirmed or not.
    pub highest_pass: Option<f64>,
    /// The lowest level that did not pass.
    pub lowest_stop: Option<f64>,
    /// What was found, in a sentence or two.
    pub sentence: String,
    /// What to know beside it.
    pub notes: Vec<String>,
}

/// The highest level that was shown to meet the targets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FoundCapacity {
    /// Users (closed) or arrivals per second (open).
    pub level: f64,
    /// The lowest level above that did not pass; none where the highest that may be tried passed.
    pub stops_at: Option<f64>,
    /// Requests ended per second while it was confirmed.
    pub throughput_per_sec: Option<f64>,
    /// How long it was held to confirm it.
    pub held_secs: u32,
    /// The number of the probe that confirmed it.
    pub probe: u32,
}

impl SearchOutcome {
    /// Of a search that ended so after these probes.
    pub fn new(settings: SearchSettings, probes: Vec<Probe>, end: SearchEnd) -> Self {
        let mut outcome = Self {
            capacity: found(&probes, end),
            highest_pass: highest_pass(&probes),
            lowest_stop: lowest_stop(&probes).map(|probe| probe.plan.level),
            sentence: String::new(),
            notes: Vec::new(),
            settings,
            probes,
            end,
        };
        outcome.sentence = words::sentence(&outcome);
        outcome.notes = words::notes(&outcome);
        outcome
    }

    pub fn is_open(&self) -> bool {
        self.settings.is_open
    }

    /// A probe by its number.
    pub fn probe(&self, number: u32) -> Option<&Probe> {
        self.probes.iter().find(|probe| probe.plan.number == number)
    }
}

fn found(probes: &[Probe], end: SearchEnd) -> Option<FoundCapacity> {
    let last =
        probes.last().filter(|probe| probe.plan.kind == ProbeKind::Confirm && end == SearchEnd::Confirmed)?;
    let level = last.plan.level;
    let above = probes.iter().filter(|probe| probe.plan.level > level);
    let stops = above.filter(|probe| probe.stops()).map(|probe| probe.plan.level);
    Some(FoundCapacity {
        level,
        stops_at: stops.min_by(f64::total_cmp),
        throughput_per_sec: last.figures.throughput_per_sec(),
        held_secs: last.figures.seconds.end - last.figures.seconds.start,
        probe: last.plan.number,
    })
}
