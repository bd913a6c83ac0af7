//! The window: views borrow state and queue [`Command`](command::Command)s; one dispatcher obeys.

pub mod command;

use std::{path::PathBuf, process::ExitCode};

/// Opens the window and returns when it is closed.
pub fn run(library: Option<PathBuf>) -> ExitCode {
    let _ = library;
    todo!()
}
