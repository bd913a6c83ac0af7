//! Watches resources beside the load: this machine, its processes, exporters, Prometheus, PostgreSQL and Redis.
//!
//! All monitors of a run live on one thread of their own ([`prepare`]). A source that fails leaves gaps and a trouble in
//! its facts; it never holds up the run, nor the other sources. [`test_connection`] tries one out.

mod exporter;
mod fill;
mod growth;
mod host;
mod http;
mod machine;
mod mask;
mod postgres;
mod processes;
mod prometheus;
mod redis;
mod runner;
mod source;
mod sources;
mod stream;
mod test_connection;
#[cfg(test)]
mod testing;

pub use exporter::{FoundMetric, series_on_page};
pub use fill::filled;
pub use host::{HostSampler, environment};
pub use runner::{ReadyWatch, Wake, Watch, WatchJob, prepare};
pub use source::ProbeError;
pub use test_connection::{ConnectionTest, Trial, test_connection, test_connection_with};
