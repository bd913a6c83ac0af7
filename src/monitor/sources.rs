//! All kinds of sources in one: the one place that knows which probe is read by what.

use std::path::Path;

use super::exporter::ExporterSource;
use super::machine::MachineSource;
use super::postgres::PostgresSource;
use super::processes::ProcessesSource;
use super::prometheus::PrometheusSource;
use super::redis::RedisSource;
use super::source::{Begun, Ended, ProbeError, RunStretch, Source};
use crate::metrics::ClockOffset;
use crate::model::{Monitor, Probe};

/// A source of any kind.
pub(super) enum AnySource {
    Machine(Box<MachineSource>),
    Processes(Box<ProcessesSource>),
    Metrics(Box<ExporterSource>),
    Prometheus(Box<PrometheusSource>),
    Postgres(Box<PostgresSource>),
    Redis(Box<RedisSource>),
    /// Its description cannot be followed: each reading says why.
    Unusable(ProbeError),
}

/// Passes a call on to whatever source it is.
macro_rules! of_each {
    ($self:expr, $source:ident => $call:expr, $error:ident => $unusable:expr) => {
        match $self {
            AnySource::Machine($source) => $call,
            AnySource::Processes($source) => $call,
            AnySource::Metrics($source) => $call,
            AnySource::Prometheus($source) => $call,
            AnySource::Postgres($source) => $call,
            AnySource::Redis($source) => $call,
            AnySource::Unusable($error) => $unusable,
        }
    };
}

impl AnySource {
    /// The source of a monitor whose gaps are filled; relative paths start at `files_root`.
    pub fn of(monitor: &Monitor, files_root: Option<&Path>) -> Self {
        let source = match &monitor.probe {
            Probe::Machine => Ok(Self::Machine(Box::default())),
            Probe::Processes(probe) => Ok(Self::Processes(Box::new(ProcessesSource::new(probe)))),
            Probe::Metrics(probe) => {
                ExporterSource::new(probe, files_root).map(|source| Self::Metrics(Box::new(source)))
            }
            Probe::Prometheus(probe) => {
                PrometheusSource::new(probe, files_root).map(|source| Self::Prometheus(Box::new(source)))
            }
            Probe::Postgres(probe) => Ok(Self::Postgres(Box::new(PostgresSource::new(probe, files_root)))),
            Probe::Redis(probe) => Ok(Self::Redis(Box::new(RedisSource::new(probe)))),
        };
        source.unwrap_or_else(Self::Unusable)
    }
}

impl Source for AnySource {
    async fn begin(&mut self) -> Result<Begun, ProbeError> {
        of_each!(self, source => source.begin().await, error => Err(error.clone()))
    }

    async fn read(&mut self) -> Result<Vec<f64>, ProbeError> {
        of_each!(self, source => source.read().await, error => Err(error.clone()))
    }

    async fn end(&mut self, stretch: RunStretch) -> Result<Ended, ProbeError> {
        of_each!(self, source => source.end(stretch).await, error => Err(error.clone()))
    }

    fn bytes_read(&self) -> u64 {
        of_each!(self, source => source.bytes_read(), _error => 0)
    }

    fn clock(&self) -> Option<ClockOffset> {
        of_each!(self, source => source.clock(), _error => None)
    }

    fn notes(&self) -> Vec<String> {
        of_each!(self, source => source.notes(), _error => Vec::new())
    }

    fn is_read_afterwards(&self) -> bool {
        of_each!(self, source => source.is_read_afterwards(), _error => false)
    }
}
