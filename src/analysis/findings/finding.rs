//! A finding as data: what seems to limit, what that rests on, how sure it is, and what would tell more.

use std::ops::Range;

use crate::analysis::scope_words;
use crate::model::Scope;

use super::{EvidenceChart, Experiment, Figure, FigureKey};

/// Something that a rule found in a run. It says what limits, with evidence; causes are not known.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub rule: Rule,
    /// What it is about: the run, or a service, journey or step of it.
    pub scope: Scope,
    /// One or two plain sentences.
    pub claim: String,
    pub evidence: Evidence,
    pub confidence: Confidence,
    /// What weakens the measurement that it rests on, where that is so.
    pub rests_on: Option<String>,
    pub other_explanations: Vec<String>,
    pub next_experiment: Experiment,
    /// By it findings are ordered, the heaviest first.
    pub weight: f64,
}

impl Finding {
    /// The same for the same rule and scope in every run.
    pub fn id(&self) -> String {
        format!("{}/{}", self.rule.key(), self.scope)
    }

    /// What it is called: its rule, and what it is about where that is not the run.
    pub fn title(&self) -> String {
        match &self.scope {
            Scope::Run => self.rule.name().to_owned(),
            scope => format!("{}: {}", self.rule.name(), scope_words(scope)),
        }
    }

    /// A figure of its evidence by its key.
    pub fn figure(&self, key: FigureKey) -> Option<&Figure> {
        self.evidence.figures.iter().find(|figure| figure.key == Some(key))
    }
}

/// What was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The generator, not the target, made the numbers.
    GeneratorBound,
    /// From some moment on a good part of the requests fails.
    ErrorCliff,
    /// Failing makes users send more.
    RetryStorm,
    /// The target answers 429.
    RateLimiting,
    /// More is asked for, and no more is completed.
    ThroughputPlateau,
    /// Requests come faster than they are answered.
    QueueingOnset,
    /// A service takes longer than its budget.
    OverBudget,
    /// Latency climbs through a stage whose load stays the same.
    LatencyTrend,
    /// Latency climbs faster than load.
    LatencyKnee,
    /// A processor or memory is used up.
    ResourceCeiling,
    /// Latency spikes come in a rhythm.
    PeriodicSpikes,
    /// A held stage does not settle.
    NeverSteady,
    /// Connections are opened again and again.
    ConnectionChurn,
    /// A step's time is mostly its answer's way.
    TransferBound,
    /// One step takes most of its journey's time.
    DominatingStep,
    /// Securing connections takes a good part of the time.
    TlsShare,
    /// The first requests are slower than those that follow.
    SlowStart,
    /// A database's statement takes long, or most of its time.
    SlowStatements,
    /// One statement runs again and again for each request.
    ManyStatements,
    /// The same is asked for and answered again and again.
    CacheableAnswers,
    /// A step's answers could come in far fewer bytes.
    LargePayloads,
    /// Answers hold long lists, or statements give many rows.
    MissingPaging,
    /// Answers that have not changed are sent again, and nobody can ask whether they have.
    MissingValidators,
}

impl Rule {
    pub const ALL: [Self; 23] = [
        Self::GeneratorBound,
        Self::ErrorCliff,
        Self::RetryStorm,
        Self::RateLimiting,
        Self::ThroughputPlateau,
        Self::QueueingOnset,
        Self::OverBudget,
        Self::LatencyTrend,
        Self::LatencyKnee,
        Self::ResourceCeiling,
        Self::PeriodicSpikes,
        Self::NeverSteady,
        Self::ConnectionChurn,
        Self::TransferBound,
        Self::DominatingStep,
        Self::TlsShare,
        Self::SlowStart,
        Self::SlowStatements,
        Self::ManyStatements,
        Self::CacheableAnswers,
        Self::LargePayloads,
        Self::MissingPaging,
        Self::MissingValidators,
    ];

    /// The words for screen and report.
    pub fn name(self) -> &'static str {
        match self {
            Self::GeneratorBound => "Generator-bound",
            Self::ErrorCliff => "Error cliff",
            Self::RetryStorm => "Retry storm",
            Self::RateLimiting => "Rate limiting",
            Self::ThroughputPlateau => "Throughput plateau",
            Self::QueueingOnset => "Queueing onset",
            Self::OverBudget => "Service over budget",
            Self::LatencyTrend => "Latency trend",
            Self::LatencyKnee => "Latency knee",
            Self::ResourceCeiling => "Resource at its ceiling",
            Self::PeriodicSpikes => "Periodic spikes",
            Self::NeverSteady => "Steady state never reached",
            Self::ConnectionChurn => "Connection churn",
            Self::TransferBound => "Transfer-bound",
            Self::DominatingStep => "One step dominates",
            Self::TlsShare => "TLS share",
            Self::SlowStart => "Slow start",
            Self::SlowStatements => "Slow statements",
            Self::ManyStatements => "Many statements per request",
            Self::CacheableAnswers => "Cacheable answers",
            Self::LargePayloads => "Large payloads",
            Self::MissingPaging => "Missing paging",
            Self::MissingValidators => "Missing validators",
        }
    }

    /// The word for files; it never changes.
    pub fn key(self) -> &'static str {
        match self {
            Self::GeneratorBound => "generator-bound",
            Self::ErrorCliff => "error-cliff",
            Self::RetryStorm => "retry-storm",
            Self::RateLimiting => "rate-limiting",
            Self::ThroughputPlateau => "throughput-plateau",
            Self::QueueingOnset => "queueing-onset",
            Self::OverBudget => "over-budget",
            Self::LatencyTrend => "latency-trend",
            Self::LatencyKnee => "latency-knee",
            Self::ResourceCeiling => "resource-ceiling",
            Self::PeriodicSpikes => "periodic-spikes",
            Self::NeverSteady => "never-steady",
            Self::ConnectionChurn => "connection-churn",
            Self::TransferBound => "transfer-bound",
            Self::DominatingStep => "dominating-step",
            Self::TlsShare => "tls-share",
            Self::SlowStart => "slow-start",
            Self::SlowStatements => "slow-statements",
            Self::ManyStatements => "many-statements",
            Self::CacheableAnswers => "cacheable-answers",
            Self::LargePayloads => "large-payloads",
            Self::MissingPaging => "missing-paging",
            Self::MissingValidators => "missing-validators",
        }
    }

    /// How much what it finds matters, where all else is equal.
    // The order of severity: numbers that are not the target's, requests that fail, work that is not done, targets
    // that are missed, what gets worse, what costs time.
    pub(super) fn severity(self) -> f64 {
        match self {
            Self::GeneratorBound => 100.0,
            Self::ErrorCliff => 90.0,
            Self::RetryStorm => 85.0,
            Self::RateLimiting => 82.0,
            Self::ThroughputPlateau => 80.0,
            Self::QueueingOnset => 78.0,
            Self::OverBudget => 70.0,
            Self::LatencyTrend => 65.0,
            Self::LatencyKnee => 60.0,
            Self::ResourceCeiling => 58.0,
            Self::PeriodicSpikes => 55.0,
            Self::NeverSteady => 50.0,
            Self::ConnectionChurn => 45.0,
            Self::TransferBound => 42.0,
            Self::DominatingStep => 40.0,
            Self::TlsShare => 38.0,
            Self::SlowStart => 35.0,
            Self::SlowStatements => 44.0,
            Self::ManyStatements => 43.0,
            Self::CacheableAnswers => 34.0,
            Self::LargePayloads => 33.0,
            Self::MissingPaging => 32.0,
            Self::MissingValidators => 30.0,
        }
    }

    /// Whether what it finds is a limit; else it is something that would bring less traffic or time, and nothing presses.
    pub fn is_limit(self) -> bool {
        !matches!(
            self,
            Self::CacheableAnswers | Self::LargePayloads | Self::MissingPaging | Self::MissingValidators
        )
    }

    /// Whether a generator that cannot keep up makes the same picture.
    pub(super) fn is_also_made_by_the_generator(self) -> bool {
        matches!(
            self,
            Self::ThroughputPlateau
                | Self::QueueingOnset
                | Self::LatencyTrend
                | Self::LatencyKnee
                | Self::ResourceCeiling
                | Self::PeriodicSpikes
                | Self::NeverSteady
                | Self::SlowStart
        )
    }
}

/// What a finding stands on.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Seconds of the run that it was seen in.
    pub seconds: Range<u32>,
    /// The same in words.
    pub window: String,
    pub figures: Vec<Figure>,
    pub chart: EvidenceChart,
}

/// How sure a finding is, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Confidence {
    pub level: Level,
    /// One clause: `seen in 3 of 3 stages, far beyond what chance would make`.
    pub reason: String,
}

/// How sure something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Low,
    Medium,
    High,
}

impl Confidence {
    pub fn high(reason: impl Into<String>) -> Self {
        Self { level: Level::High, reason: reason.into() }
    }

    pub fn medium(reason: impl Into<String>) -> Self {
        Self { level: Level::Medium, reason: reason.into() }
    }

    pub fn low(reason: impl Into<String>) -> Self {
        Self { level: Level::Low, reason: reason.into() }
    }

    /// Level and reason as they are printed: `high: …`.
    pub fn text(&self) -> String {
        format!("{}: {}", self.level.name(), self.reason)
    }
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// How much of a finding's severity counts.
    pub(super) fn share(self) -> f64 {
        match self {
            Self::Low => 0.7,
            Self::Medium => 0.85,
            Self::High => 1.0,
        }
    }
}
