//! What a finding's chart shows, as plain data: which lines over which seconds, which levels, which shares.

use std::{ops::Range, time::Duration};

use crate::metrics::{PercentileInterval, RequestPhase, SecondPoint};

use super::FigureUnit;

/// What a finding's chart shows.
#[derive(Clone, Debug, PartialEq)]
pub enum EvidenceChart {
    /// Lines over time, second by second, to be read off the run's points.
    OverTime {
        seconds: Range<u32>,
        lines: Vec<TimeLine>,
        /// Moments of note, in words.
        marks: Vec<(u32, String)>,
        /// A limit in the unit of the first line, in words.
        limit: Option<(f64, String)>,
    },
    /// Latency and throughput of each level of load.
    Levels {
        shown: LevelAxis,
        levels: Vec<LevelPoint>,
        /// The level that the finding speaks of.
        marked: Option<usize>,
    },
    /// Parts beside each other, the first of which the finding speaks of.
    Shares {
        /// What the parts are: `Mean response time by step`.
        what: String,
        unit: FigureUnit,
        parts: Vec<SharePart>,
    },
}

/// What is set against what, level by level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LevelAxis {
    /// Throughput against what was asked for.
    ThroughputAtLoad,
    /// Latency against throughput.
    LatencyAtThroughput,
}

/// A line that a run's seconds make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeLine {
    P50,
    P95,
    P99,
    Longest,
    /// Users (closed) or arrivals per second (open).
    Asked,
    Sent,
    Completed,
    Errors,
    InFlight,
    MachineCpu,
    MachineMemory,
    Phase(RequestPhase),
}

/// One level of load that was held.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelPoint {
    pub name: String,
    /// Users (closed) or arrivals per second (open).
    pub asked_level: f64,
    /// Requests completed per second, with its bounds at 95 % confidence.
    pub throughput_per_sec: f64,
    pub throughput_interval: Option<(f64, f64)>,
    pub p50: Option<Duration>,
    pub p95: Option<Duration>,
    pub p95_interval: Option<PercentileInterval>,
}

/// A part of a whole, or one of several beside each other.
#[derive(Clone, Debug, PartialEq)]
pub struct SharePart {
    pub name: String,
    pub value: f64,
}

impl TimeLine {
    pub fn name(self) -> &'static str {
        match self {
            Self::P50 => "p50",
            Self::P95 => "p95",
            Self::P99 => "p99",
            Self::Longest => "longest",
            Self::Asked => "asked",
            Self::Sent => "sent",
            Self::Completed => "completed",
            Self::Errors => "failed",
            Self::InFlight => "in flight",
            Self::MachineCpu => "machine CPU",
            Self::MachineMemory => "machine memory",
            Self::Phase(phase) => phase.name(),
        }
    }

    pub fn unit(self, is_open: bool) -> FigureUnit {
        match self {
            Self::P50 | Self::P95 | Self::P99 | Self::Longest | Self::Phase(_) => FigureUnit::Seconds,
            Self::Asked if !is_open => FigureUnit::Users,
            Self::Asked | Self::Sent | Self::Completed | Self::Errors => FigureUnit::PerSecond,
            Self::InFlight => FigureUnit::Number,
            Self::MachineCpu | Self::MachineMemory => FigureUnit::Ratio,
        }
    }

    /// Its value in a second, in the unit's base; none where nothing was measured.
    pub fn at(self, point: &SecondPoint) -> Option<f64> {
        let secs = |latency: Option<Duration>| latency.map(|latency| latency.as_secs_f64());
        match self {
            Self::P50 => secs(point.p50),
            Self::P95 => secs(point.p95),
            Self::P99 => secs(point.p99),
            Self::Longest => secs(point.max),
            Self::Asked => Some(point.asked_level),
            Self::Sent => Some(point.sent_per_sec),
            Self::Completed => Some(point.completed_per_sec),
            Self::Errors => Some(point.errors_per_sec),
            Self::InFlight => Some(in_flight(point)),
            Self::MachineCpu => point.host.map(|host| host.machine_cpu_ratio),
            Self::MachineMemory => point.host.map(|host| host.memory_used_ratio),
            Self::Phase(phase) => secs(point.phase_p50[phase as usize]),
        }
    }
}

/// Requests in flight in a second: their mean, or their number at its end in runs from before that was kept.
pub(super) fn in_flight(point: &SecondPoint) -> f64 {
    point.mean_in_flight.unwrap_or(f64::from(point.n_in_flight))
}
