//! Watches resources beside the load: this machine, its processes, exporters, Prometheus, PostgreSQL and Redis.
//!
//! All monitors of a run live on one thread of their own. A source that fails leaves gaps and a trouble in its facts;
//! it never holds up the run, nor the other sources.

mod growth;
mod host;
mod postgres;
mod redis;
mod source;
mod stream;

pub use host::{HostSampler, environment};
pub use source::ProbeError;
