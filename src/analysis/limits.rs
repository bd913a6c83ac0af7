//! The limits of all self-checks in one table (SCIENCE §1), each with its source or why it deviates.

use crate::metrics::{CaveatKind, Weight};

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

    /// The weight of a share that should be large: 1 − share is held against the limits.
    pub fn weight_of_shortfall(&self, share: f64) -> Option<Weight> {
        self.weight(1.0 - share - SHARE_NOISE)
    }
}

/// The last bit of 1 − 0.99 is no shortfall.
const SHARE_NOISE: f64 = 1e-12;

/// Never reached: the check only weakens.
const NEVER: f64 = f64::INFINITY;

/// Start lag relative to the response time that it is part of; SCIENCE's limits.
pub const START_LAG_SHARE: Limit = Limit {
    kind: CaveatKind::StartLag,
    what: "p99 start lag ÷ median response time",
    weak: 0.05,
    invalid: 0.25,
};

/// Start lag in seconds that has to be exceeded as well.
// SCIENCE joins 1 ms and 5 % by *or*. We ask for both: against a target that answers within a millisecond
// the share alone would condemn every run, and 1 ms of a reading of 200 ms changes nothing.
pub const START_LAG_FLOOR: Limit = Limit {
    kind: CaveatKind::StartLag,
    what: "p99 start lag in seconds, to be exceeded as well",
    weak: 0.001,
    invalid: 0.010,
};

/// How many times the median start lag of the first quarter the one of the last quarter may be.
// SCIENCE: "lag grows through the run", without a number. A generator that cannot keep up falls behind
// without end, so several-fold tells it from a quarter with one more hiccup.
pub const START_LAG_GROWTH: Limit = Limit {
    kind: CaveatKind::StartLag,
    what: "median start lag of the last quarter ÷ that of the first",
    weak: NEVER,
    invalid: 3.0,
};

/// How much the median start lag has to have grown in seconds as well.
pub const START_LAG_GROWTH_FLOOR: Limit = Limit {
    kind: CaveatKind::StartLag,
    what: "growth of the median start lag in seconds, to be exceeded as well",
    weak: NEVER,
    invalid: 0.010,
};

/// Iterations that did not start when the timetable wanted them, or started beyond it; SCIENCE's limits.
pub const SENT_SHARE: Limit = Limit {
    kind: CaveatKind::SentShare,
    what: "distance of iterations started ÷ due from 1",
    weak: 0.01,
    invalid: 0.05,
};

/// The largest distance between the gaps' distribution and the one of random arrivals; SCIENCE's limits.
// SCIENCE asks for p < 0.001 beside D > 0.03. We ask for it beside D > 0.10 too: of 50 true random gaps,
// one sample in five is that far off by chance.
pub const RANDOM_GAPS: Limit = Limit {
    kind: CaveatKind::Gaps,
    what: "Kolmogorov–Smirnov distance D of the gaps from random arrivals, with p < 0.001",
    weak: 0.03,
    invalid: 0.10,
};

/// The share of even gaps that are not as planned; SCIENCE's limits.
pub const EVEN_GAPS: Limit = Limit {
    kind: CaveatKind::Gaps,
    what: "share of gaps further than 10 % (or 100 µs) from the planned gap",
    weak: 0.01,
    invalid: 0.10,
};

/// Requests in flight against rate × service time; SCIENCE's limits, the error at the window's edges on top.
pub const LITTLES_LAW: Limit = Limit {
    kind: CaveatKind::InFlight,
    what: "difference between requests in flight and rate × service time, beyond what the edges explain",
    weak: 0.02,
    invalid: 0.10,
};

/// The generator's own use of the machine's processors; SCIENCE's limits.
pub const PROCESS_CPU: Limit = Limit {
    kind: CaveatKind::GeneratorCpu,
    what: "mean share of the machine's processors used by the generator",
    weak: 0.70,
    invalid: 0.90,
};

/// How busy the busiest worker is: SCIENCE's limits for processors, put to the one that a worker can use.
// The wait is that of the worker that waited most, so that of several workers the sum is an upper bound.
pub const WORKER_CPU: Limit = Limit {
    kind: CaveatKind::GeneratorCpu,
    what: "mean share of time that the busiest worker was on a processor or waited for one",
    weak: 0.70,
    invalid: 0.90,
};

/// All use of the machine's processors.
// Only weak: a target on the same machine takes its share, and what it suffers by that shows as start lag.
pub const MACHINE_CPU: Limit = Limit {
    kind: CaveatKind::GeneratorCpu,
    what: "mean share of the generator's machine that was busy",
    weak: 0.90,
    invalid: NEVER,
};

/// How long workers that were ready waited for a processor.
// SCIENCE names run-queue wait without a number; we take the one of pressure. Only weak: what it does to
// readings shows as start lag, hiccups and a busy worker, which have limits of their own.
pub const RUN_QUEUE: Limit = Limit {
    kind: CaveatKind::GeneratorCpu,
    what: "mean share of time that a worker was ready and had no processor",
    weak: 0.05,
    invalid: NEVER,
};

/// Pressure on the machine's processors; SCIENCE's limit.
// No more than a note where the target runs on the same machine: it takes its share, as it should.
pub const CPU_PRESSURE: Limit = Limit {
    kind: CaveatKind::GeneratorCpu,
    what: "mean share of time that some task of the machine waited for a processor",
    weak: 0.05,
    invalid: NEVER,
};

/// Hiccups of the machine: p99.9 relative to the median (weak), a percentile relative to the same one (invalid).
// SCIENCE's invalid limit is on the longest hiccup. One stall of 5 ms in a run of an hour is no news on a
// virtual machine and touches no percentile, so the longest is only shown. Ours asks percentile by percentile, and
// condemns where one that the verdict rests on is touched, or p99.9 where it rests on none: hiccups of one in a
// thousand take nothing from a verdict on p95.
pub const HICCUP_SHARE: Limit = Limit {
    kind: CaveatKind::Hiccups,
    what: "p99.9 of hiccups ÷ median response time (weak); a judged percentile of hiccups ÷ that of response time (invalid)",
    weak: 0.05,
    invalid: 0.25,
};

/// Hiccups in seconds that have to be exceeded as well.
pub const HICCUP_FLOOR: Limit = Limit {
    kind: CaveatKind::Hiccups,
    what: "these hiccups in seconds, to be exceeded as well",
    weak: 0.001,
    invalid: 0.010,
};

/// What the generator needs itself, against a target that answers at once, relative to the reading.
// SCIENCE calls more than 50 % invalid. The floor only ever adds to a reading: a limit that holds with it
// holds without it. So it weakens, with stronger words from `FLOOR_MOST` on.
pub const FLOOR: Limit = Limit {
    kind: CaveatKind::Floor,
    what: "median service time against a null target ÷ median service time",
    weak: 0.10,
    invalid: NEVER,
};

/// From here on most of the reading is the generator's own.
pub const FLOOR_MOST: Limit = Limit {
    kind: CaveatKind::Floor,
    what: "the same, from where the target is as fast as can be measured here",
    weak: 0.50,
    invalid: NEVER,
};

/// The plan's highest request rate relative to what this machine was measured to do; ours.
pub const CEILING: Limit = Limit {
    kind: CaveatKind::Ceiling,
    what: "highest planned request rate ÷ this machine's measured ceiling",
    weak: 1.0,
    invalid: NEVER,
};

/// Errors that say that descriptors or ports of the generator's machine ran out; ours.
pub const RAN_OUT: Limit = Limit {
    kind: CaveatKind::Resources,
    what: "errors because descriptors or ports of the generator's machine ran out",
    weak: 0.0,
    invalid: 0.0,
};

/// Connections relative to the open files that the system allows; ours.
pub const OPEN_FILES: Limit = Limit {
    kind: CaveatKind::Resources,
    what: "most connections open at once ÷ open files allowed",
    weak: 0.90,
    invalid: NEVER,
};

/// Jumps of the system's clock against the steady one, in seconds.
// SCIENCE: "jump or suspend". Time services correct by milliseconds all day; a second is none of theirs.
pub const CLOCK_JUMP: Limit = Limit {
    kind: CaveatKind::Clock,
    what: "largest jump of the clock in seconds",
    weak: NEVER,
    invalid: 1.0,
};

/// The smallest step of the clock in seconds; SCIENCE's limit.
pub const CLOCK_GRAIN: Limit = Limit {
    kind: CaveatKind::Clock,
    what: "smallest step of the clock in seconds",
    weak: 10e-6,
    invalid: NEVER,
};

/// Requests that ended by the timeout: any, as SCIENCE says; what they hide is printed as longer than it.
pub const CENSORED: Limit = Limit {
    kind: CaveatKind::Censored,
    what: "share of requests that ended by the timeout",
    weak: 0.0,
    invalid: NEVER,
};

/// Seconds of the run that are not in the record; ours.
pub const SECONDS_MISSING: Limit = Limit {
    kind: CaveatKind::Journal,
    what: "seconds of the run that are not in the record",
    weak: 0.0,
    invalid: NEVER,
};

/// Requests that target and report count differently; ours.
pub const COUNT_MISMATCH: Limit =
    Limit { kind: CaveatKind::Count, what: "requests counted by one side only", weak: 0.0, invalid: NEVER };

/// All limits in one table.
pub const LIMITS: &[Limit] = &[
    START_LAG_SHARE,
    START_LAG_FLOOR,
    START_LAG_GROWTH,
    START_LAG_GROWTH_FLOOR,
    SENT_SHARE,
    RANDOM_GAPS,
    EVEN_GAPS,
    LITTLES_LAW,
    PROCESS_CPU,
    WORKER_CPU,
    MACHINE_CPU,
    RUN_QUEUE,
    CPU_PRESSURE,
    HICCUP_SHARE,
    HICCUP_FLOOR,
    FLOOR,
    FLOOR_MOST,
    CEILING,
    RAN_OUT,
    OPEN_FILES,
    CLOCK_JUMP,
    CLOCK_GRAIN,
    CENSORED,
    SECONDS_MISSING,
    COUNT_MISMATCH,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_weighs_only_beyond_its_limit() {
        assert_eq!(SENT_SHARE.weight(0.01), None);
        assert_eq!(SENT_SHARE.weight(0.02), Some(Weight::Weak));
        assert_eq!(SENT_SHARE.weight(0.06), Some(Weight::Invalid));
        assert_eq!(EVEN_GAPS.weight_of_shortfall(0.99), None);
        assert_eq!(EVEN_GAPS.weight_of_shortfall(0.9), Some(Weight::Weak));
    }

    #[test]
    fn every_limit_weakens_before_it_condemns() {
        for limit in LIMITS.iter().filter(|limit| limit.weak.is_finite()) {
            assert!(limit.weak <= limit.invalid, "{}", limit.what);
        }
    }
}
