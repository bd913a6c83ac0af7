//! What is kept of a run.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};

use crate::model::{Metric, Plan, PlanChange, Scenario};

use super::{
    Calibration, Caveat, IntervalLoad, IntervalRow, Outcome, PercentileInterval, SecondPoint, Standing,
    StartsSample, TrafficAudit, Watched,
};

/// Identifies a run within its library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub i64);

impl std::fmt::Display for RunId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Labels such as `commit` or `build`, by key.
pub type RunLabels = BTreeMap<String, String>;

/// What is known of a run when it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct RunStart {
    pub started_at_unix_millis: i64,
    /// As run: with `--var` values in place.
    pub scenario: Scenario,
    pub time_scale: f64,
    /// Where requests really went (the sandbox's address, when it was asked for).
    pub base_url: String,
    pub labels: RunLabels,
    pub environment: Environment,
    pub engine: EngineFacts,
    /// What this machine was measured to do, if it was.
    pub calibration: Option<Calibration>,
}

impl RunStart {
    /// A run of a scenario against its own base URL, of whose machine nothing is known.
    pub fn new(scenario: Scenario, started_at_unix_millis: i64) -> Self {
        Self {
            started_at_unix_millis,
            base_url: scenario.base_url.clone(),
            scenario,
            time_scale: 1.0,
            labels: RunLabels::new(),
            environment: Environment::default(),
            engine: EngineFacts::default(),
            calibration: None,
        }
    }
}

/// The machine and program that made the load.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    pub os: String,
    pub cpu: String,
    pub n_cpus: u32,
    pub memory_bytes: u64,
    pub host_name: String,
    pub stagewright_version: String,
}

/// How the engine made the load.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineFacts {
    pub n_workers: u32,
    /// Name of the transport, such as `reqwest`.
    pub transport: String,
    /// What wakes iterations up, with its grain.
    pub timer: String,
    /// What tells when an answer came; empty in runs from before it was kept.
    #[serde(default)]
    pub arrivals: String,
    /// Why this transport, in words.
    #[serde(default)]
    pub transport_reason: String,
    /// The smallest step of the clock that was seen.
    #[serde(default)]
    pub clock_grain: Option<Duration>,
    /// Open files, connections among them, that the system allows this process.
    #[serde(default)]
    pub max_open_files: Option<u64>,
}

/// The words for a transport that takes an answer to come when it is read.
pub const ARRIVED_WHEN_READ: &str = "the time of the read";

impl EngineFacts {
    /// What told when an answer came.
    pub fn arrivals_told(&self) -> &str {
        // Before it was kept there was no other way.
        if self.arrivals.is_empty() { ARRIVED_WHEN_READ } else { &self.arrivals }
    }
}

/// The generator's machine at a moment; ratios are of all its processors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HostSample {
    /// Processor time of this process since the last sample ÷ (elapsed × processors).
    pub process_cpu_ratio: f64,
    pub machine_cpu_ratio: f64,
    pub memory_used_ratio: f64,
    /// Resident memory of this process.
    pub process_memory_bytes: u64,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Finish {
    /// Still going on in some process.
    Running,
    /// By its plan.
    Completed,
    /// Stopped early by the user; requests in flight were waited for.
    Stopped,
    /// Aborted by the user; requests in flight were given up.
    Aborted,
    /// Ended by a threshold with `abort_after`; requests in flight were given up.
    Breached,
    /// The program ended without closing the run.
    Interrupted,
}

/// What is known of a run when it ends.
#[derive(Clone, Debug, PartialEq)]
pub struct RunEnd {
    pub finish: Finish,
    /// How long load was made: the plan's duration, or less if stopped; without the drain.
    pub load_duration: Duration,
    /// Requests under way when the run was aborted or the graceful stop ran out.
    pub n_abandoned: u64,
    /// Requests that the target says it received, where it can tell.
    pub n_counted_by_target: Option<u64>,
    /// Caveats that only the engine can know.
    pub caveats: Vec<Caveat>,
    /// Starts of the open model, where they were sampled.
    pub starts: Option<StartsSample>,
}

impl RunEnd {
    /// A run that went through its plan, with nothing to be said of it.
    pub fn completed(load_duration: Duration) -> Self {
        Self {
            finish: Finish::Completed,
            load_duration,
            n_abandoned: 0,
            n_counted_by_target: None,
            caveats: Vec::new(),
            starts: None,
        }
    }
}

/// Failed requests with one signature.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorGroup {
    /// Index into [`Scenario::steps`].
    pub step: u16,
    pub outcome: Outcome,
    /// What they have in common, such as `HTTP 503` or `connection refused`.
    pub signature: String,
    pub n_errors: u64,
    pub first_seen: Duration,
    pub last_seen: Duration,
    /// The first few, bounded in number and size.
    pub exemplars: Vec<ErrorExemplar>,
}

/// One failed request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ErrorExemplar {
    pub at: Duration,
    /// Method and URL.
    pub request: String,
    /// Error text, or status and first bytes of the answer.
    pub detail: String,
    /// As it went out; none in runs from before it was kept.
    #[serde(default)]
    pub sent: Option<ExemplarText>,
    /// As it came, as far as it did.
    #[serde(default)]
    pub answer: Option<ExemplarText>,
}

/// A request or an answer as far as it is kept with an exemplar; texts are bounded and hold no secrets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExemplarText {
    /// First line and headers, one per line.
    pub head: String,
    /// The first bytes of the body, where they are text.
    pub body: String,
    /// Size of the whole body, as far as known.
    pub body_bytes: u64,
}

/// Something that happened at a moment of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Annotation {
    /// Since the start of the run.
    pub at: Duration,
    pub text: String,
}

/// What is kept of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRecord {
    pub run_id: RunId,
    /// What names the run in whichever library it lies; empty where it is not kept.
    pub identity: String,
    pub start: RunStart,
    pub end: RunEnd,
    /// How the load stood in each closed second.
    pub intervals: Vec<IntervalLoad>,
    /// All requests by segment and step. In which second they ended is told by the run's
    /// [`History`](super::History), which takes ten times the memory.
    pub rows: Vec<IntervalRow>,
    /// One point per closed second, for charts and tables.
    pub points: Arc<Vec<SecondPoint>>,
    pub error_groups: Vec<ErrorGroup>,
    /// What monitors saw.
    pub watched: Arc<Watched>,
    /// What the audit of its traffic found; none where there was none, as in a run that was cut off.
    pub audit: Option<Arc<TrafficAudit>>,
    pub annotations: Vec<Annotation>,
    /// What was changed in the plan while the run went on, in order.
    pub plan_changes: Vec<PlanChange>,
    pub tags: Vec<String>,
    pub note: String,
    pub is_baseline: bool,
}

impl RunRecord {
    /// About what it takes in memory: what grows with the run's length.
    pub fn heap_bytes(&self) -> usize {
        let row = |row: &IntervalRow| size_of::<IntervalRow>() + row.stats.heap_bytes();
        let interval = |interval: &IntervalLoad| {
            let hiccups =
                interval.load.generator.as_ref().map_or(0, |generator| generator.hiccups.heap_bytes());
            size_of::<IntervalLoad>() + interval.load.start_lag.heap_bytes() + hiccups
        };
        self.rows.iter().map(row).sum::<usize>()
            + self.intervals.iter().map(interval).sum::<usize>()
            + self.points.len() * size_of::<SecondPoint>()
            + self.watched.series.iter().map(|series| series.values.len() * size_of::<f64>()).sum::<usize>()
    }

    /// The plan that the run followed, with what was changed in it.
    pub fn plan(&self) -> Plan {
        let mut plan = Plan::new(&self.start.scenario, self.start.time_scale);
        for change in &self.plan_changes {
            plan.apply(change);
        }
        plan
    }
}

/// What a run comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    Pass,
    Fail,
    /// The measurement does not carry a verdict.
    Inconclusive,
}

impl Verdict {
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Inconclusive => "INCONCLUSIVE",
        }
    }
}

/// A run's headline numbers, kept beside it so that lists need not read its seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunDigest {
    pub verdict: Verdict,
    /// Words for the window that the numbers below cover.
    pub window: String,
    pub n_requests: u64,
    /// 95th percentile of response time, successful requests. A percentile that timeouts hide is missing.
    pub p95: Option<Duration>,
    pub throughput_per_sec: f64,
    pub error_ratio: Option<f64>,
    // None of the following in digests of before.
    #[serde(default)]
    pub mean: Option<Duration>,
    #[serde(default)]
    pub p50: Option<Duration>,
    #[serde(default)]
    pub p90: Option<Duration>,
    #[serde(default)]
    pub p99: Option<Duration>,
    /// How far the measurement can be trusted.
    #[serde(default)]
    pub quality: Option<Standing>,
    /// How sure p95 is.
    #[serde(default)]
    pub p95_interval: Option<PercentileInterval>,
    /// Where timeouts hide p95: it is longer than this.
    #[serde(default)]
    pub p95_beyond: Option<Duration>,
}

impl RunDigest {
    /// A metric in its unit; none where it was not measured, or is not kept for lists.
    pub fn metric(&self, metric: Metric) -> Option<f64> {
        let latency = match metric {
            Metric::Throughput => return Some(self.throughput_per_sec),
            Metric::ErrorShare => return self.error_ratio,
            Metric::Mean => self.mean,
            Metric::Quantile(0.5) => self.p50,
            Metric::Quantile(0.9) => self.p90,
            Metric::Quantile(0.95) => self.p95,
            Metric::Quantile(0.99) => self.p99,
            _ => None,
        };
        latency.map(|latency| latency.as_secs_f64())
    }
}
