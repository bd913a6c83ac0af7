//! Self-checks: does the measurement describe the target, or the generator?

use crate::metrics::{Caveat, CaveatKind, RunRecord, RunTotals, Weight};

use super::checks;

/// The limits of one self-check.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    pub kind: CaveatKind,
    /// What is measured, in words.
    pub what: &'static str,
    pub weak: f64,
    pub invalid: f64,
}

impl Limit {
    /// How much a measured figure weighs; none within the limits.
    pub fn weight(&self, measured: f64) -> Option<Weight> {
        match measured {
            measured if measured > self.invalid => Some(Weight::Invalid),
            measured if measured > self.weak => Some(Weight::Weak),
            _ => None,
        }
    }
}

/// Start lag relative to the response time that it is part of.
pub const START_LAG_SHARE: Limit = Limit {
    kind: CaveatKind::StartLag,
    what: "p99 start lag ÷ median response time",
    weak: 0.05,
    invalid: 0.25,
};

/// Start lag in seconds that has to be exceeded as well.
// Timers wake up to 2 ms late at p99 without any fault of machine or run; against a target that answers
// within a millisecond the share alone would condemn every run.
pub const START_LAG_FLOOR: Limit = Limit {
    kind: CaveatKind::StartLag,
    what: "p99 start lag in seconds, to be exceeded as well",
    weak: 0.002_5,
    invalid: 0.010,
};

/// Iterations that did not start when the timetable wanted them, or started beyond it.
pub const SENT_SHARE: Limit = Limit {
    kind: CaveatKind::SentShare,
    what: "distance of iterations started ÷ due from 1",
    weak: 0.01,
    invalid: 0.05,
};

/// The generator's own use of the machine's processors.
pub const PROCESS_CPU: Limit = Limit {
    kind: CaveatKind::GeneratorCpu,
    what: "mean share of the machine's processors used by the generator",
    weak: 0.70,
    invalid: 0.90,
};

/// All use of the machine's processors.
// Only weak: a target on the same machine takes its share, and what it suffers by that shows as start lag.
pub const MACHINE_CPU: Limit = Limit {
    kind: CaveatKind::GeneratorCpu,
    what: "mean share of the generator's machine that was busy",
    weak: 0.90,
    invalid: f64::INFINITY,
};

/// Requests that ended by the timeout.
pub const CENSORED: Limit = Limit {
    kind: CaveatKind::Censored,
    what: "share of requests that ended by the timeout",
    weak: 0.0,
    invalid: f64::INFINITY,
};

/// Seconds of the run that are not in the record.
pub const SECONDS_MISSING: Limit = Limit {
    kind: CaveatKind::Journal,
    what: "seconds of the run that are not in the record",
    weak: 0.0,
    invalid: f64::INFINITY,
};

/// Requests that target and report count differently.
pub const COUNT_MISMATCH: Limit = Limit {
    kind: CaveatKind::Count,
    what: "requests counted by one side only",
    weak: 0.0,
    invalid: f64::INFINITY,
};

/// All limits in one table (SCIENCE: measurement self-checks).
pub const LIMITS: &[Limit] = &[
    START_LAG_SHARE,
    START_LAG_FLOOR,
    SENT_SHARE,
    PROCESS_CPU,
    MACHINE_CPU,
    CENSORED,
    SECONDS_MISSING,
    COUNT_MISMATCH,
];

/// How the self-checks came out.
#[derive(Clone, Debug)]
pub struct Quality {
    /// The worst of the caveats, as a word: valid, weak, invalid.
    pub standing: Standing,
    /// One row per self-check: name, measured figure, limit, standing; texts are ready to print.
    pub rows: Vec<QualityRow>,
    pub caveats: Vec<Caveat>,
}

/// One self-check with its figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QualityRow {
    pub name: String,
    pub measured: String,
    pub limit: String,
    pub standing: Standing,
}

/// How far the numbers can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Valid,
    Weak,
    Invalid,
}

impl Standing {
    pub fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Weak => "weak",
            Self::Invalid => "invalid",
        }
    }
}

impl From<Weight> for Standing {
    fn from(weight: Weight) -> Self {
        match weight {
            Weight::Note => Self::Valid,
            Weight::Weak => Self::Weak,
            Weight::Invalid => Self::Invalid,
        }
    }
}

impl Quality {
    /// What makes the measurement invalid, one sentence each.
    pub fn invalid_texts(&self) -> impl Iterator<Item = &str> {
        self.caveats
            .iter()
            .filter(|caveat| caveat.weight == Weight::Invalid)
            .map(|caveat| caveat.text.as_str())
    }
}

/// One self-check: its row where there is something to show, and what it found.
#[derive(Debug, Default)]
pub struct Finding {
    pub row: Option<QualityRow>,
    pub caveat: Option<Caveat>,
}

/// Runs all self-checks on a run.
pub fn assess(record: &RunRecord, totals: &RunTotals) -> Quality {
    let findings = checks::run_all(record, totals);
    let mut rows = Vec::new();
    let mut caveats = record.end.caveats.clone();
    for finding in findings {
        rows.extend(finding.row);
        caveats.extend(finding.caveat);
    }
    // Stable: within one weight the engine's own come first, then ours in the order of the checks.
    caveats.sort_by_key(|caveat| std::cmp::Reverse(caveat.weight));
    let standing = caveats.iter().map(|caveat| Standing::from(caveat.weight)).max();
    Quality { standing: standing.unwrap_or(Standing::Valid), rows, caveats }
}
