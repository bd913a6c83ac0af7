//! Each frame of a visit as a line of CSV, for whoever measures the window.

use std::{fmt::Write as _, path::PathBuf, time::Duration};

use super::FrameCost;

/// Frames that were written down.
pub struct FrameLog {
    path: PathBuf,
    text: String,
}

impl FrameLog {
    pub fn new(path: PathBuf) -> Self {
        let text = "at_millis,main_thread_micros,painters_micros,run_under_way\n".to_owned();
        Self { path, text }
    }

    pub fn add(&mut self, at: Duration, cost: FrameCost, is_loaded: bool) {
        let (main_thread, painters) = (cost.main_thread.as_micros(), cost.painters.as_micros());
        // Writing into a string cannot fail.
        let _ = writeln!(self.text, "{},{main_thread},{painters},{is_loaded}", at.as_millis());
    }

    pub fn keep(self) -> std::io::Result<()> {
        std::fs::write(&self.path, self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_frame_is_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("frames.csv");
        let mut log = FrameLog::new(path.clone());
        let cost =
            FrameCost { main_thread: Duration::from_micros(2_100), painters: Duration::from_micros(17_300) };
        log.add(Duration::from_millis(400), cost, true);
        log.keep().unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(text.lines().nth(1), Some("400,2100,17300,true"));
    }
}
