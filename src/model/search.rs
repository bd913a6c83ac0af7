//! The search for the highest load that meets the targets: what is asked for, and the stages that it is made of.

use std::time::Duration;

/// How the highest load that meets the targets is searched; a table of the scenario, which a plain run ignores.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchOptions {
    /// Level of the first probe: users (closed) or arrivals per second (open); by default a tenth of the profile's peak.
    pub start: Option<f64>,
    /// The highest level that is tried; by default 1,024 times the first.
    pub max: Option<f64>,
    /// How long a probe is held at least; twice as long where that does not decide.
    pub hold: Duration,
    /// How long a probe's load settles before it counts.
    pub settle: Duration,
    /// How long the answer is held to confirm it.
    pub confirm: Duration,
    /// The search ends once the lowest level that failed is at most so many times the highest that passed.
    pub resolution: f64,
    /// Probes at most, those that confirm aside.
    pub max_probes: u32,
}

impl Default for SearchOptions {
    fn default() -> Self {
        Self {
            start: None,
            max: None,
            hold: Duration::from_secs(60),
            settle: Duration::from_secs(10),
            confirm: Duration::from_secs(300),
            resolution: 1.05,
            max_probes: 20,
        }
    }
}

impl SearchOptions {
    /// Bounds are told by ten blocks of whole seconds.
    pub const MIN_HOLD: Duration = Duration::from_secs(10);
    pub const MIN_SETTLE: Duration = Duration::from_secs(1);
    pub const MAX_SPAN: Duration = Duration::from_secs(24 * 3_600);
    pub const RESOLUTIONS: std::ops::RangeInclusive<f64> = 1.01..=2.0;
    pub const PROBES: std::ops::RangeInclusive<u32> = 2..=100;
}

/// What a stage of a search is for; its name tells, so that a kept run can be read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchStage {
    /// The load of a probe, before it counts.
    Settle(u32),
    Probe(u32),
    /// No load, until nothing is in flight.
    Drain(u32),
    /// A probe that confirms the answer.
    Confirm(u32),
}

type Numbered = fn(u32) -> SearchStage;

// Kept runs name their stages by these words: they never change.
const WORDS: [(&str, Numbered); 4] = [
    ("Settle", SearchStage::Settle),
    ("Probe", SearchStage::Probe),
    ("Drain", SearchStage::Drain),
    ("Confirm", SearchStage::Confirm),
];

impl SearchStage {
    /// What a stage of this name is for: `Probe 3`, or `Probe 3: 400/s`; none for any other name.
    pub fn of(name: &str) -> Option<Self> {
        let (word, rest) = name.split_once(' ')?;
        let number = rest.split_once(':').map_or(rest, |(number, _)| number).parse().ok()?;
        WORDS.iter().find(|(known, _)| *known == word).map(|(_, stage)| stage(number))
    }
}

/// The name without a level: `Probe 3`.
impl std::fmt::Display for SearchStage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (word, number) = match self {
            Self::Settle(number) => ("Settle", number),
            Self::Probe(number) => ("Probe", number),
            Self::Drain(number) => ("Drain", number),
            Self::Confirm(number) => ("Confirm", number),
        };
        write!(f, "{word} {number}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_told_by_its_name_with_or_without_its_level() {
        for stage in
            [SearchStage::Settle(1), SearchStage::Probe(3), SearchStage::Drain(12), SearchStage::Confirm(9)]
        {
            assert_eq!(SearchStage::of(&stage.to_string()), Some(stage));
            assert_eq!(SearchStage::of(&format!("{stage}: 1,200/s")), Some(stage));
        }
        for other in ["Probe", "Probe three", "Probing 3", "probe 3", "Hold 50/s", "Probe 3 and more"] {
            assert_eq!(SearchStage::of(other), None, "{other}");
        }
    }
}
