//! Rows of data for `{{feeder.column}}`: reads CSV files with a header and JSON lines, and gives each iteration its row.
//!
//! Knows neither the run library nor the window; the preview there reads through the same door as a run.

mod feed;
mod json;
mod preview;
mod row;
mod scan;
mod shuffle;
mod source;
mod turns;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::{fmt, io};

pub(super) use feed::{Ends, Feed, Feeders, Shortage};
pub use preview::{FeederPreview, feeder_preview};
pub(super) use turns::Turn;

use crate::model::Feeder;

/// What is wrong with a feeder's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeederProblem {
    /// Line in the file, from 1.
    pub line: Option<u64>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

impl fmt::Display for FeederProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        write!(f, "{}. {}", self.message, self.remedy)
    }
}

fn path_of(files_root: Option<&Path>, feeder: &Feeder) -> PathBuf {
    files_root.map_or_else(|| PathBuf::from(&feeder.file), |root| root.join(&feeder.file))
}

fn unreadable(error: &io::Error) -> FeederProblem {
    FeederProblem {
        line: None,
        message: format!("the file cannot be read: {error}"),
        remedy: "Name one that exists; a relative path starts at the scenario file's folder.".to_owned(),
    }
}
