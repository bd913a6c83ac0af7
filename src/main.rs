//! Picks the face: the window when no command is given, else the headless commands.

use std::{path::PathBuf, process::ExitCode};

use mimalloc::MiMalloc;
use stagewright::cli::{self, Invocation};

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match cli::parse() {
        Ok(Invocation::Window { library }) => open_window(library),
        Ok(Invocation::Command(request)) => cli::obey(*request),
        Err(exit_code) => exit_code,
    }
}

#[cfg(feature = "gui")]
fn open_window(library: Option<PathBuf>) -> ExitCode {
    stagewright::app::run(library)
}

#[cfg(not(feature = "gui"))]
fn open_window(_library: Option<PathBuf>) -> ExitCode {
    cli::explain_missing_window()
}
