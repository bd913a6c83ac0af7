//! The program as its users meet it: commands, exit codes, files; and the map of rooms.

mod accuracy;
mod bad;
mod calibrate;
mod capacity;
mod capsules;
mod data;
mod exit_codes;
mod findings;
mod headless;
mod interleaved;
mod interrupt;
mod kill;
mod launch;
mod monitors;
#[cfg(unix)]
mod open_files;
mod presets;
mod program;
mod queue;
mod reports;
mod road;
mod rooms;
mod runs;
mod sandbox;
mod search;
mod secrets;
mod send;
mod steering;
mod trends;
mod what_if;

use std::path::Path;

/// The folder of the sources.
fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
