//! An exporter and a Prometheus of the test's own, which reads it each second; they end when dropped.

use std::fs;
use std::process::Command;

use stagewright::model::{
    Combine, MetricReading, MetricSeries, MetricsProbe, Monitor, Probe, PrometheusProbe, QuerySeries,
    SeriesGroup, SeriesUnit,
};
use tempfile::TempDir;

use super::process::{Process, free_port};

/// node_exporter at work.
pub struct Exporter {
    process: Option<Process>,
    folder: TempDir,
    port: u16,
}

/// Prometheus at work.
pub struct Prometheus {
    process: Option<Process>,
    folder: TempDir,
    port: u16,
}

impl Exporter {
    pub fn start() -> Self {
        let mut exporter = Self { process: None, folder: tempfile::tempdir().unwrap(), port: free_port() };
        exporter.start_again();
        exporter
    }

    pub fn start_again(&mut self) {
        let mut command = Command::new("prometheus-node-exporter");
        command.arg(format!("--web.listen-address=127.0.0.1:{}", self.port));
        self.process = Some(Process::start("node_exporter", &mut command, self.folder.path(), self.port));
    }

    /// Ends it without a warning.
    pub fn kill(&mut self) {
        self.process.take().unwrap().end("-KILL");
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/metrics", self.port)
    }

    /// A monitor of processors, memory and disks, as an analyst would set it up.
    pub fn monitor(&self) -> Monitor {
        let series =
            |name: &str, metric: &str, labels: &[(&str, &str)], reading, combine, unit, group| MetricSeries {
                name: name.to_owned(),
                metric: metric.to_owned(),
                labels: labels
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                    .collect(),
                reading,
                combine,
                unit,
                group,
            };
        let (ratio, processor) = (SeriesUnit::Ratio, SeriesGroup::Processor);
        let idle: &[(&str, &str)] = &[("mode", "idle")];
        let series = vec![
            series(
                "CPU",
                "node_cpu_seconds_total",
                idle,
                MetricReading::Complement,
                Combine::Mean,
                ratio,
                processor,
            ),
            series(
                "memory",
                "node_memory_MemTotal_bytes",
                &[],
                MetricReading::Value,
                Combine::Sum,
                SeriesUnit::Bytes,
                SeriesGroup::Memory,
            ),
            series(
                "switches",
                "node_context_switches_total",
                &[],
                MetricReading::Declared,
                Combine::Sum,
                SeriesUnit::PerSec,
                processor,
            ),
        ];
        let probe = MetricsProbe { url: self.url(), series, ..MetricsProbe::default() };
        Monitor::new("exporter", Probe::Metrics(probe))
    }
}

impl Prometheus {
    pub fn start(exporter: &Exporter) -> Self {
        let mut prometheus = Self { process: None, folder: tempfile::tempdir().unwrap(), port: free_port() };
        let configuration = format!(
            "global:\n  scrape_interval: 1s\n  scrape_timeout: 900ms\nscrape_configs:\n  - job_name: node\n    \
             static_configs:\n      - targets: ['127.0.0.1:{}']\n",
            exporter.port
        );
        fs::write(prometheus.folder.path().join("prometheus.yml"), configuration).unwrap();
        prometheus.start_again();
        prometheus
    }

    pub fn start_again(&mut self) {
        let mut command = Command::new("prometheus");
        command
            .current_dir(self.folder.path())
            .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data"]);
        command.arg(format!("--web.listen-address=127.0.0.1:{}", self.port));
        self.process = Some(Process::start("prometheus", &mut command, self.folder.path(), self.port));
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A monitor of the exporter's processors through this server.
    pub fn monitor(&self) -> Monitor {
        let query = |name: &str, query: &str, unit| QuerySeries {
            name: name.to_owned(),
            query: query.to_owned(),
            unit,
            group: SeriesGroup::Processor,
        };
        let queries = vec![
            query("load", "node_load1", SeriesUnit::Number),
            query("switches", "rate(node_context_switches_total[4s])", SeriesUnit::PerSec),
        ];
        Monitor::new(
            "history",
            Probe::Prometheus(PrometheusProbe { url: self.url(), queries, ..PrometheusProbe::default() }),
        )
    }
}
