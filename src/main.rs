//! Picks the face: the window when nothing is asked for, else the headless commands.

use std::process::ExitCode;

fn main() -> ExitCode {
    stagewright::cli::main()
}
