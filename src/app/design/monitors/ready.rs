//! What a new monitor starts from: one that works as it is where its service stands at its usual place.

use egui_material_icons::{MaterialIcon, icons};

use crate::{
    app::design::edit::unique_name,
    model::{
        Access, Combine, MetricReading, MetricSeries, MetricsProbe, Monitor, PostgresProbe, Probe,
        ProcessesProbe, PrometheusProbe, QuerySeries, RedisProbe, SeriesGroup, SeriesUnit,
    },
};

/// A kind of monitor to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    Machine,
    Processes,
    ExporterPage,
    Prometheus,
    Postgres,
    Redis,
}

/// A query in PromQL for a resource that most Prometheus servers with a node_exporter know.
pub struct ReadyQuery {
    pub name: &'static str,
    pub query: &'static str,
    pub unit: SeriesUnit,
    pub group: SeriesGroup,
}

/// A series of the page of a node_exporter.
pub struct ReadySeries {
    pub name: &'static str,
    metric: &'static str,
    labels: &'static [(&'static str, &'static str)],
    reading: ReadyReading,
    combine: Combine,
    unit: SeriesUnit,
    group: SeriesGroup,
}

enum ReadyReading {
    Value,
    Rate,
    Complement,
    PerValueOf(&'static str),
}

use SeriesGroup::{Disk, Memory, Network, Processor};
use SeriesUnit::{BytesPerSec, Number, PerSec, Ratio};

// SCIENCE §9, for a machine behind one Prometheus; the largest of several devices, so that each is one series.
#[rustfmt::skip]
pub const READY_QUERIES: [ReadyQuery; 11] = [
    query("CPU", r#"1 - avg(rate(node_cpu_seconds_total{mode="idle"}[1m]))"#, Ratio, Processor),
    query("CPU pressure", "max(rate(node_pressure_cpu_waiting_seconds_total[1m]))", Ratio, Processor),
    query("run queue", r#"max(node_load1) / count(node_cpu_seconds_total{mode="idle"})"#, Number, Processor),
    query("memory", "max(1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)", Ratio, Memory),
    query("memory pressure", "max(rate(node_pressure_memory_stalled_seconds_total[1m]))", Ratio, Memory),
    query("major faults", "sum(rate(node_vmstat_pgmajfault[1m]))", PerSec, Memory),
    query("disk", "max(rate(node_disk_io_time_seconds_total[1m]))", Ratio, Disk),
    query("disk queue", "max(rate(node_disk_io_time_weighted_seconds_total[1m]))", Number, Disk),
    query("network sent", r#"sum(rate(node_network_transmit_bytes_total{device!="lo"}[1m]))"#, BytesPerSec, Network),
    query("network drops", "sum(rate(node_network_receive_drop_total[1m]))", PerSec, Network),
    query("listen drops", "sum(rate(node_netstat_TcpExt_ListenDrops[1m]))", PerSec, Network),
];

#[rustfmt::skip]
pub const READY_SERIES: [ReadySeries; 7] = [
    series("CPU", "node_cpu_seconds_total", &[("mode", "idle")], ReadyReading::Complement, Combine::Mean, Ratio, Processor),
    series("run queue", "node_load1", &[], ReadyReading::Value, Combine::Sum, Number, Processor),
    series("memory available", "node_memory_MemAvailable_bytes", &[], ReadyReading::PerValueOf("node_memory_MemTotal_bytes"), Combine::Sum, Ratio, Memory),
    series("disk", "node_disk_io_time_seconds_total", &[], ReadyReading::Rate, Combine::Max, Ratio, Disk),
    series("disk queue", "node_disk_io_time_weighted_seconds_total", &[], ReadyReading::Rate, Combine::Max, Number, Disk),
    series("network sent", "node_network_transmit_bytes_total", &[], ReadyReading::Rate, Combine::Max, BytesPerSec, Network),
    series("network received", "node_network_receive_bytes_total", &[], ReadyReading::Rate, Combine::Max, BytesPerSec, Network),
];

const fn query(name: &'static str, query: &'static str, unit: SeriesUnit, group: SeriesGroup) -> ReadyQuery {
    ReadyQuery { name, query, unit, group }
}

const fn series(
    name: &'static str,
    metric: &'static str,
    labels: &'static [(&'static str, &'static str)],
    reading: ReadyReading,
    combine: Combine,
    unit: SeriesUnit,
    group: SeriesGroup,
) -> ReadySeries {
    ReadySeries { name, metric, labels, reading, combine, unit, group }
}

impl ReadyQuery {
    pub fn series(&self) -> QuerySeries {
        QuerySeries {
            name: self.name.to_owned(),
            query: self.query.to_owned(),
            unit: self.unit,
            group: self.group,
        }
    }
}

impl ReadySeries {
    pub fn series(&self) -> MetricSeries {
        let labels = self.labels.iter();
        MetricSeries {
            name: self.name.to_owned(),
            metric: self.metric.to_owned(),
            labels: labels.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            reading: match self.reading {
                ReadyReading::Value => MetricReading::Value,
                ReadyReading::Rate => MetricReading::Rate,
                ReadyReading::Complement => MetricReading::Complement,
                ReadyReading::PerValueOf(other) => MetricReading::PerValueOf(other.to_owned()),
            },
            combine: self.combine,
            unit: self.unit,
            group: self.group,
        }
    }
}

impl Start {
    pub const ALL: [Self; 6] =
        [Self::Machine, Self::Processes, Self::ExporterPage, Self::Prometheus, Self::Postgres, Self::Redis];

    pub fn of(probe: &Probe) -> Self {
        match probe {
            Probe::Machine => Self::Machine,
            Probe::Processes(_) => Self::Processes,
            Probe::Metrics(_) => Self::ExporterPage,
            Probe::Prometheus(_) => Self::Prometheus,
            Probe::Postgres(_) => Self::Postgres,
            Probe::Redis(_) => Self::Redis,
        }
    }

    /// By the file's word.
    pub fn named(kind: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|start| start.probe().kind() == kind)
    }

    /// What kind of monitor it is, on screen.
    pub fn name(self) -> &'static str {
        match self {
            Self::Machine => "This machine",
            Self::Processes => "Processes",
            Self::ExporterPage => "Exporter page",
            Self::Prometheus => "Prometheus",
            Self::Postgres => "PostgreSQL",
            Self::Redis => "Redis",
        }
    }

    /// The same within a sentence.
    pub fn object(self) -> &'static str {
        match self {
            Self::Machine => "this machine",
            Self::Processes => "processes",
            Self::ExporterPage => "an exporter page",
            Self::Prometheus => "Prometheus",
            Self::Postgres => "PostgreSQL",
            Self::Redis => "Redis",
        }
    }

    /// What it reads.
    pub fn words(self) -> &'static str {
        match self {
            Self::Machine => {
                "Processors, memory, disks and network of the machine that makes the load; the target's as well where \
                 both share one"
            }
            Self::Processes => "Processor time, memory, threads and open files of programs on this machine",
            Self::ExporterPage => {
                "Chosen figures of a page in the format of Prometheus or OpenMetrics, such as that of a node_exporter"
            }
            Self::Prometheus => "Queries in PromQL, asked once the run has ended",
            Self::Postgres => "Connections, waits, block hits and statements of a database",
            Self::Redis => "Hit share, evictions, memory and commands of a cache",
        }
    }

    pub fn icon(self) -> MaterialIcon {
        match self {
            Self::Machine => icons::ICON_COMPUTER,
            Self::Processes => icons::ICON_TERMINAL,
            Self::ExporterPage => icons::ICON_ARTICLE,
            Self::Prometheus => icons::ICON_QUERY_STATS,
            Self::Postgres => icons::ICON_DATABASE,
            Self::Redis => icons::ICON_BOLT,
        }
    }

    /// A monitor of this kind with a name of its own.
    pub fn monitor<'a>(self, taken: impl Iterator<Item = &'a str> + Clone) -> Monitor {
        let name = match self {
            Self::Machine => "machine",
            Self::Processes => "processes",
            Self::ExporterPage => "exporter",
            Self::Prometheus => "prometheus",
            Self::Postgres => "database",
            Self::Redis => "cache",
        };
        Monitor::new(unique_name(name, taken), self.probe())
    }

    fn probe(self) -> Probe {
        match self {
            Self::Machine => Probe::Machine,
            Self::Processes => Probe::Processes(ProcessesProbe { processes: vec!["stagewright".to_owned()] }),
            Self::ExporterPage => Probe::Metrics(MetricsProbe {
                url: "http://127.0.0.1:9100/metrics".to_owned(),
                access: Access::default(),
                series: READY_SERIES.iter().take(4).map(ReadySeries::series).collect(),
            }),
            Self::Prometheus => Probe::Prometheus(PrometheusProbe {
                url: "http://127.0.0.1:9090".to_owned(),
                access: Access::default(),
                queries: READY_QUERIES
                    .iter()
                    .filter(|ready| ready.unit == Ratio && !ready.name.ends_with("pressure"))
                    .map(ReadyQuery::series)
                    .collect(),
            }),
            Self::Postgres => Probe::Postgres(PostgresProbe {
                url: "postgres://postgres@127.0.0.1:5432/postgres".to_owned(),
                ..PostgresProbe::default()
            }),
            Self::Redis => {
                Probe::Redis(RedisProbe { url: "redis://127.0.0.1:6379".to_owned(), password: String::new() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_monitor_has_a_name_of_its_own_and_series_to_read() {
        for start in Start::ALL {
            let monitor = start.monitor(["machine", "database"].into_iter());
            assert!(!["machine", "database"].contains(&monitor.name.as_str()));
            assert!(monitor.enabled && !monitor.series().is_empty(), "{start:?}");
            assert_eq!(Start::of(&monitor.probe), start);
        }
        assert_eq!(Start::Machine.monitor(["machine"].into_iter()).name, "machine (2)");
    }
}
