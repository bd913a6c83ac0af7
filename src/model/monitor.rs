//! Monitors: what is watched beside the load, which of its series are kept, and the limits upon them.

use std::time::Duration;

/// Something that is watched once a second while a run goes on.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitor {
    /// Names it in results; unique within the scenario.
    pub name: String,
    /// Whether it is watched; one that is switched off keeps its place in the file.
    pub enabled: bool,
    pub probe: Probe,
    /// Limits on its series; each enters the verdict.
    pub limits: Vec<SeriesLimit>,
}

/// What a monitor reads, and from where. Texts may hold `{{name}}` of variables and secrets.
#[derive(Clone, Debug, PartialEq)]
pub enum Probe {
    /// The machine that makes the load, which may be the target's as well.
    Machine,
    /// Processes of that machine.
    Processes(ProcessesProbe),
    /// An exporter's page in the text format of Prometheus or OpenMetrics.
    Metrics(MetricsProbe),
    /// A Prometheus server, asked once the run has ended.
    Prometheus(PrometheusProbe),
    Postgres(PostgresProbe),
    Redis(RedisProbe),
}

/// Processes of the machine that makes the load.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProcessesProbe {
    /// Names of programs, or `pid:N`. All processes of one name count together.
    pub processes: Vec<String>,
}

/// An exporter's page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetricsProbe {
    pub url: String,
    pub access: Access,
    pub series: Vec<MetricSeries>,
}

/// Which samples of an exporter's page make up one series.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricSeries {
    /// Names it in results; unique within the monitor.
    pub name: String,
    /// The name of the samples, as they stand on the page.
    pub metric: String,
    /// Labels that a sample must have, with these values.
    pub labels: Vec<(String, String)>,
    pub reading: MetricReading,
    /// How several samples become one value.
    pub combine: Combine,
    pub unit: SeriesUnit,
    pub group: SeriesGroup,
}

/// What is made of a sample's value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum MetricReading {
    /// A rate for what the page declares a counter, the value for all else.
    #[default]
    Declared,
    /// As it stands.
    Value,
    /// Its growth per second; a counter that went backwards began anew.
    Rate,
    /// One minus the growth per second: what is left of idle time.
    Complement,
    /// The growth of this metric ÷ the growth of another with the same labels, such as a total ÷ its count.
    PerGrowthOf(String),
    /// The value ÷ that of another metric with the same labels, such as what is used ÷ what there is.
    PerValueOf(String),
}

/// How several samples become one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Combine {
    #[default]
    Sum,
    Mean,
    Max,
}

/// A Prometheus server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PrometheusProbe {
    /// Where its API stands: `/api/v1/query_range` is added.
    pub url: String,
    pub access: Access,
    pub queries: Vec<QuerySeries>,
}

/// One series by a query in PromQL, which must come to one time series.
#[derive(Clone, Debug, PartialEq)]
pub struct QuerySeries {
    /// Names it in results; unique within the monitor.
    pub name: String,
    pub query: String,
    pub unit: SeriesUnit,
    pub group: SeriesGroup,
}

/// How an HTTP endpoint is reached.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Access {
    /// Sent as `Authorization: Bearer …` where it is not empty.
    pub bearer: String,
    /// Basic authentication, where the user is not empty.
    pub user: String,
    pub password: String,
    /// A file with certificates to trust beside the system's; empty where there is none.
    pub ca: String,
}

/// A PostgreSQL server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PostgresProbe {
    /// Such as `postgres://watch@127.0.0.1:5432/app`, without the password.
    pub url: String,
    pub password: String,
    /// How many connections the application's pool holds, where it has one.
    pub pool_size: Option<u32>,
    /// From which mean time on a statement is slow.
    pub slow_statement: Option<Duration>,
}

/// A Redis server.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RedisProbe {
    /// Such as `redis://127.0.0.1:6379`, without the password.
    pub url: String,
    pub password: String,
}

/// A limit on one series of a monitor, over the run's steady stages.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesLimit {
    /// A series of the monitor by its name.
    pub series: String,
    pub statistic: SeriesStatistic,
    pub bound: Bound,
    pub severity: super::ThresholdSeverity,
}

/// What is made of a series' seconds before it is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SeriesStatistic {
    Min,
    Mean,
    /// No second of twenty lies above.
    #[default]
    P95,
    Max,
}

/// On which side of a value a series is to stay; in the unit of the series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// The unit of a series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SeriesUnit {
    /// A share: 1 is 100 %. It may go beyond where something is used more than once.
    Ratio,
    Bytes,
    BytesPerSec,
    PerSec,
    Seconds,
    /// A plain number.
    #[default]
    Number,
}

/// In which table of a report a series stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SeriesGroup {
    Processor,
    Memory,
    Disk,
    Network,
    Database,
    Cache,
    #[default]
    Other,
}

impl Monitor {
    /// The name that stands for the run's base URL in the texts of monitors, as in `{{base_url}}/metrics`.
    pub const BASE_URL: &str = "base_url";

    /// A monitor that is watched and has no limits.
    pub fn new(name: impl Into<String>, probe: Probe) -> Self {
        Self { name: name.into(), enabled: true, probe, limits: Vec::new() }
    }
}

impl PostgresProbe {
    /// From which mean time on a statement is slow where nobody says otherwise.
    pub const DEFAULT_SLOW_STATEMENT: Duration = Duration::from_millis(100);
}

impl Probe {
    /// The file's word for each kind.
    pub const KINDS: [&str; 6] = ["machine", "processes", "metrics", "prometheus", "postgres", "redis"];

    /// The file's word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Machine => "machine",
            Self::Processes(_) => "processes",
            Self::Metrics(_) => "metrics",
            Self::Prometheus(_) => "prometheus",
            Self::Postgres(_) => "postgres",
            Self::Redis(_) => "redis",
        }
    }

    /// Where it reads from, as the scenario says; empty for this machine.
    pub fn url(&self) -> &str {
        match self {
            Self::Machine | Self::Processes(_) => "",
            Self::Metrics(probe) => &probe.url,
            Self::Prometheus(probe) => &probe.url,
            Self::Postgres(probe) => &probe.url,
            Self::Redis(probe) => &probe.url,
        }
    }
}

impl Bound {
    pub fn value(self) -> f64 {
        match self {
            Self::AtMost(value) | Self::AtLeast(value) => value,
        }
    }

    pub fn holds(self, actual: f64) -> bool {
        match self {
            Self::AtMost(limit) => actual <= limit,
            Self::AtLeast(limit) => actual >= limit,
        }
    }
}

impl SeriesStatistic {
    pub const ALL: [Self; 4] = [Self::Min, Self::Mean, Self::P95, Self::Max];

    /// The file's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Min => "min",
            Self::Mean => "mean",
            Self::P95 => "p95",
            Self::Max => "max",
        }
    }
}

impl Combine {
    pub const ALL: [Self; 3] = [Self::Sum, Self::Mean, Self::Max];

    /// The file's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Mean => "mean",
            Self::Max => "max",
        }
    }
}

impl SeriesUnit {
    pub const ALL: [Self; 6] =
        [Self::Ratio, Self::Bytes, Self::BytesPerSec, Self::PerSec, Self::Seconds, Self::Number];

    /// The file's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ratio => "ratio",
            Self::Bytes => "bytes",
            Self::BytesPerSec => "bytes_per_sec",
            Self::PerSec => "per_sec",
            Self::Seconds => "seconds",
            Self::Number => "number",
        }
    }
}

impl SeriesGroup {
    pub const ALL: [Self; 7] =
        [Self::Processor, Self::Memory, Self::Disk, Self::Network, Self::Database, Self::Cache, Self::Other];

    /// The file's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Processor => "processor",
            Self::Memory => "memory",
            Self::Disk => "disk",
            Self::Network => "network",
            Self::Database => "database",
            Self::Cache => "cache",
            Self::Other => "other",
        }
    }
}
