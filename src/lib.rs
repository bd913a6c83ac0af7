//! Stagewright, a desktop performance workbench.
//!
//! The rooms and who may know whom are drawn in `ARCHITECTURE.md`; a test holds that map.

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
