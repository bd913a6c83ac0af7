//! Stagewright, a desktop performance workbench.
//!
//! The rooms and who may know whom are drawn in `ARCHITECTURE.md`; a test holds that map.

// What makes runs for tests names the rooms as tests of the whole program do, which use it too.
#[cfg(test)]
extern crate self as stagewright;

pub mod analysis;
#[cfg(feature = "gui")]
pub mod app;
pub mod cli;
pub mod engine;
pub mod humanize;
pub mod launch;
pub mod metrics;
pub mod model;
pub mod monitor;
pub mod report;
pub mod sandbox;
pub mod store;
pub mod trust;
