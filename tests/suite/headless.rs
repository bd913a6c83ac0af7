//! The headless build has no window crate in its tree.

use std::process::Command;

use crate::project;

#[test]
fn the_headless_build_has_no_window_crate() {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--no-default-features",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--locked",
            "--offline",
        ])
        .current_dir(project())
        .output()
        .unwrap();
    let tree = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names: Vec<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(names.contains(&"tokio"), "the tree is read as it is printed");
    for window_crate in ["egui", "eframe", "winit", "glow", "glutin", "rfd", "wayland-client", "x11rb"] {
        assert!(!names.contains(&window_crate), "{window_crate} is in the headless tree");
    }
}
