//! Headless commands.

use std::process::ExitCode;

/// Runs the command line's command.
pub fn main() -> ExitCode {
    todo!()
}
