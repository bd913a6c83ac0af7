//! Picks the face: the window when no command is given, else the headless commands.

use std::{path::PathBuf, process::ExitCode};

use mimalloc::MiMalloc;
use stagewright::cli::{self, Invocation};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match cli::parse() {
        Ok(Invocation::Window { library, frame_log }) => open_window(library, frame_log),
        Ok(Invocation::Command(request)) => cli::obey(*request),
        Err(exit_code) => exit_code,
    }
}

#[cfg(feature = "gui")]
fn open_window(library: Option<PathBuf>, frame_log: Option<PathBuf>) -> ExitCode {
    stagewright::app::run(library, frame_log)
}

#[cfg(not(feature = "gui"))]
fn open_window(_library: Option<PathBuf>, _frame_log: Option<PathBuf>) -> ExitCode {
    cli::explain_missing_window()
}
