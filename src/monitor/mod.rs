//! Watches resources: this machine and this process.

mod host;

pub use host::{HostSampler, environment};
