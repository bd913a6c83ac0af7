//! Thresholds: pass/fail rules on aggregates, and per-service budgets.

use std::time::Duration;

/// A pass/fail rule on an aggregate.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    pub metric: Metric,
    pub scope: Scope,
    pub window: Window,
    /// In the metric's [`Unit`].
    pub limit: f64,
    pub severity: ThresholdSeverity,
    /// Ends the run once the limit has been missed for this long without a break.
    pub abort_after: Option<Duration>,
}

/// A latency limit of one service.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    pub metric: Metric,
    /// In the metric's [`Unit`].
    pub limit: f64,
}

/// An aggregate that a limit can stand on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Metric {
    /// A quantile of response time, 0 < q < 1 (`p95` is 0.95).
    Quantile(f64),
    Mean,
    Max,
    /// Failed requests ÷ requests.
    ErrorShare,
    /// Successful requests ÷ requests.
    Availability,
    /// Requests completed per second.
    Throughput,
    /// Iterations started ÷ iterations asked for (open model).
    SentShare,
}

/// The unit of a metric's values and limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    Seconds,
    Ratio,
    PerSecond,
}

/// What a threshold covers.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    Run,
    Service(String),
    Journey(String),
    /// A step by name; several steps of one name count together.
    Step(String),
}

/// Which stretch of the run counts, by the intended start of each request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Window {
    /// The whole run, warm-up included.
    Run,
    /// After the warm-up, stages that hold their level; where none holds, all after the warm-up.
    Steady,
    /// One stage, warm-up left out.
    Stage(String),
}

/// How much a missed threshold matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThresholdSeverity {
    /// Fails the run.
    Must,
    /// Reported, does not fail the run.
    Should,
    /// For information.
    Info,
}

impl Metric {
    pub fn unit(self) -> Unit {
        match self {
            Self::Quantile(_) | Self::Mean | Self::Max => Unit::Seconds,
            Self::ErrorShare | Self::Availability | Self::SentShare => Unit::Ratio,
            Self::Throughput => Unit::PerSecond,
        }
    }

    /// Whether larger values are better, so that the limit is a minimum.
    pub fn higher_is_better(self) -> bool {
        matches!(self, Self::Availability | Self::Throughput | Self::SentShare)
    }
}

/// `p95`, `p99.9`, `mean`, `max`, `error_share`, `availability`, `throughput`, `sent_share`: the file's words.
impl std::fmt::Display for Metric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            // Ten decimals hide the binary noise of 0.999 × 100 and keep every percentile anyone writes.
            Self::Quantile(quantile) => {
                let text = format!("{:.10}", quantile * 100.0);
                write!(f, "p{}", text.trim_end_matches('0').trim_end_matches('.'))
            }
            Self::Mean => f.write_str("mean"),
            Self::Max => f.write_str("max"),
            Self::ErrorShare => f.write_str("error_share"),
            Self::Availability => f.write_str("availability"),
            Self::Throughput => f.write_str("throughput"),
            Self::SentShare => f.write_str("sent_share"),
        }
    }
}

impl std::str::FromStr for Metric {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text {
            "mean" => Self::Mean,
            "max" => Self::Max,
            "error_share" => Self::ErrorShare,
            "availability" => Self::Availability,
            "throughput" => Self::Throughput,
            "sent_share" => Self::SentShare,
            _ => {
                let percent: f64 = text
                    .strip_prefix('p')
                    .and_then(|digits| digits.replace('_', ".").parse().ok())
                    .filter(|percent| *percent > 0.0 && *percent < 100.0)
                    .ok_or_else(|| {
                        format!(
                            "`{text}` is no metric: use a percentile such as p95 or p99.9, or one of \
                             mean, max, error_share, availability, throughput, sent_share"
                        )
                    })?;
                Self::Quantile(percent / 100.0)
            }
        })
    }
}

/// `run`, `service:NAME`, `journey:NAME`, `step:NAME`: the file's words.
impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Run => f.write_str("run"),
            Self::Service(name) => write!(f, "service:{name}"),
            Self::Journey(name) => write!(f, "journey:{name}"),
            Self::Step(name) => write!(f, "step:{name}"),
        }
    }
}

impl std::str::FromStr for Scope {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "run" => Ok(Self::Run),
            Some(("service", name)) => Ok(Self::Service(name.to_owned())),
            Some(("journey", name)) => Ok(Self::Journey(name.to_owned())),
            Some(("step", name)) => Ok(Self::Step(name.to_owned())),
            _ => Err(format!("`{text}` is no scope: use run, service:NAME, journey:NAME or step:NAME")),
        }
    }
}

/// `run`, `steady`, `stage:NAME`: the file's words.
impl std::fmt::Display for Window {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Run => f.write_str("run"),
            Self::Steady => f.write_str("steady"),
            Self::Stage(name) => write!(f, "stage:{name}"),
        }
    }
}

impl std::str::FromStr for Window {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "run" => Ok(Self::Run),
            None if text == "steady" => Ok(Self::Steady),
            Some(("stage", name)) => Ok(Self::Stage(name.to_owned())),
            _ => Err(format!("`{text}` is no window: use steady, stage:NAME or run")),
        }
    }
}
