//! The main job in the real window: `cargo test --features inspection --test window` (needs Xvfb).

mod driver;

use driver::Window;

#[test]
fn an_analyst_does_the_main_job_in_the_window() {
    let folder = tempfile::tempdir().unwrap();
    let mut window = Window::open(&folder.path().join("library.sqlite"), &folder.path().join("shots"));
    window.screenshot("start");
}
