//! The built-in target platform: loopback only, known delays, counts what it receives.
//!
//! Seven services answer with JSON after a delay drawn from [`SERVICES`], of which statements to a database are a part where
//! there are data to read. Three optimisations can be [switched](Switches). Any password will do, a token must be its own.
//! Beside them a [queue](QueueOptions) has a known capacity, and faults by choice. The null target answers at once, to measure generators.

use std::time::Duration;

mod access;
mod answers;
pub mod cache_manager;
mod control;
mod data;
mod database;
mod link;
mod metrics;
mod mirror;
mod null;
mod null_requests;
pub mod payload_optimizer;
mod platform;
mod probe;
mod process;
mod query_optimizer;
mod queue;
mod routes;
mod server;
mod services;
mod shop;
mod site;
mod switches;

pub use control::{
    CacheState, PayloadState, PoolState, SandboxChange, SandboxState, SlowStatement, SwitchChange,
    change_sandbox, sandbox_state,
};
pub use null::NullTarget;
pub use probe::count_received;
pub use process::{POSTGRES_VARIABLE, REDIS_VARIABLE, SandboxProcess};
pub use queue::{QueueCache, QueueFaults, QueueOptions, QueueStall, QueueTruth, ServiceTimes, SlowStart};
pub use server::{serve, serve_null};
pub use services::{SERVICES, SandboxService};
pub use switches::Switches;

/// How the sandbox behaves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SandboxOptions {
    /// 0 takes a free port.
    pub port: u16,
    /// Share of requests answered with an error, 0 to 1.
    pub error_ratio: f64,
    /// Share by which every answer takes longer, 0 to 1.
    pub slower_ratio: f64,
    pub seed: u64,
    pub queue: QueueOptions,
    pub switches: Switches,
    pub data: DataOptions,
    /// How fast the answer of a service travels to its client; at once where none is given.
    pub link_bytes_per_sec: Option<f64>,
    /// End when standard input ends: the parent is gone.
    pub exit_with_parent: bool,
}

/// Where the platform keeps its data, and how far away that is.
#[derive(Clone, Debug, PartialEq)]
pub struct DataOptions {
    /// How long each statement is on its way to the database and back.
    pub round_trip: Duration,
    /// SQLite in this process where none is given.
    pub postgres_url: Option<ServerUrl>,
    /// The cache manager's memory where none is given.
    pub redis_url: Option<ServerUrl>,
}

impl Default for DataOptions {
    fn default() -> Self {
        Self { round_trip: database::USUAL_ROUND_TRIP, postgres_url: None, redis_url: None }
    }
}

/// The URL of a server, which may hold a password and is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerUrl(String);

impl ServerUrl {
    pub fn new(url: String) -> Self {
        Self(url)
    }
}

impl std::fmt::Debug for ServerUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ServerUrl(…)")
    }
}

/// Why the sandbox cannot run.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("the sandbox cannot listen: port {0} of 127.0.0.1 is taken. Name another, or 0 for a free one")]
    PortTaken(u16),
    #[error("the sandbox cannot start: an error share of {0} is not between 0 and 1")]
    ErrorRatio(f64),
    #[error("the sandbox cannot start: slower by a share of {0} is not between 0 and 1")]
    SlowerRatio(f64),
    #[error("the sandbox cannot start: {0}")]
    Queue(&'static str),
    /// Its database or cache cannot be had.
    #[error("the sandbox cannot start: {0}")]
    Data(String),
    #[error("the sandbox cannot start: {0}")]
    Start(String),
}
