//! How a command ends: its exit code, and what went wrong in words.

use std::process::ExitCode;

use crate::launch::{LaunchError, ReportingError};
use crate::metrics::{HistogramError, Verdict};
use crate::sandbox::SandboxError;
use crate::store::StoreError;

/// The exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Pass = 0,
    /// A must-threshold failed.
    Fail = 1,
    /// The measurement does not carry a verdict.
    Inconclusive = 2,
    /// Bad input or usage.
    BadInput = 3,
    /// A fault of this program.
    Fault = 4,
    /// Ended by the user; the run is kept.
    Interrupted = 130,
}

/// Why a command could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// What was given cannot be used.
    #[error("{0}")]
    BadInput(String),
    /// A scenario has errors, which have been listed already.
    #[error("{0}")]
    Problems(String),
    /// The program failed, not its user.
    #[error("{0}")]
    Fault(String),
}

impl CliError {
    pub fn exit(&self) -> Exit {
        match self {
            Self::BadInput(_) | Self::Problems(_) => Exit::BadInput,
            Self::Fault(_) => Exit::Fault,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Pass => Self::Pass,
            Verdict::Fail => Self::Fail,
            Verdict::Inconclusive => Self::Inconclusive,
        }
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::BadInput(error.to_string())
    }
}

impl From<SandboxError> for CliError {
    fn from(error: SandboxError) -> Self {
        Self::BadInput(error.to_string())
    }
}

impl From<ReportingError> for CliError {
    fn from(error: ReportingError) -> Self {
        match error {
            ReportingError::Store(error) => error.into(),
            ReportingError::Texts(_) => Self::BadInput(error.to_string()),
            ReportingError::Compare(error) => error.into(),
        }
    }
}

impl From<HistogramError> for CliError {
    fn from(error: HistogramError) -> Self {
        Self::Fault(format!("the run's measurements cannot be read: {error}"))
    }
}

impl From<LaunchError> for CliError {
    fn from(error: LaunchError) -> Self {
        match error {
            LaunchError::Store(_)
            | LaunchError::Unreachable(_)
            | LaunchError::OpenFiles(_)
            | LaunchError::Secrets(_)
            | LaunchError::Search(_)
            | LaunchError::Monitor(_) => Self::BadInput(error.to_string()),
            LaunchError::Engine(refused) if refused.is_of_input() => Self::BadInput(refused.to_string()),
            LaunchError::Sandbox(_) | LaunchError::Engine(_) => Self::Fault(error.to_string()),
        }
    }
}
