//! The program as its users meet it: commands, exit codes, files; and the map of rooms.

mod headless;
mod launch;
mod rooms;
mod sandbox;

use std::path::Path;

/// The folder of the sources.
fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
