//! Eight long runs compared: what frames cost while they are read, and what looking at them costs.

use std::time::Duration;

use egui::{Event, vec2};
use stagewright::{app::command::Command, metrics::RunId};

use super::{desk::Desk, written};

const N_RUNS: u64 = 8;

/// What was found, in the order in which it was measured.
pub struct Found {
    /// From the press of the button to the frame that shows the comparison.
    pub compared: Duration,
    pub reading: Vec<Duration>,
    pub hovered: Vec<Duration>,
    pub scrolled: Vec<Duration>,
    pub sorted: Vec<Duration>,
}

pub fn measure(n_seconds: u32, n_steps: usize, n_frames: usize) -> Found {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    (0..N_RUNS).for_each(|run| written::write(folder.path(), n_seconds, n_steps, run + 1));
    let mut desk = Desk::new(folder.path());
    let runs: Vec<RunId> = (1..=N_RUNS as i64).map(RunId).collect();
    let compared = desk.time_until(Command::Compare(runs.clone()), "Sort by Run 8");
    desk.settle();
    let reading = while_reading(&mut desk, &runs);
    desk.settle_for(Duration::from_secs(3));
    let sorted = sort(&mut desk);
    let over = desk.place_of("Sort by Run 7").expect("the table has its head") + vec2(0.0, 120.0);
    let along = |frame: usize| over + vec2((frame * 7 % 200) as f32 - 100.0, (frame % 60) as f32);
    let hovered = (0..n_frames).map(|frame| desk.draw(vec![Event::PointerMoved(along(frame))])).collect();
    let scrolled = desk.scroll(over, n_frames, 60.0, (250, 400));
    Found { compared, reading, hovered, scrolled, sorted }
}

/// Frames while the same runs are compared with another of them.
fn while_reading(desk: &mut Desk, runs: &[RunId]) -> Vec<Duration> {
    let mut runs = runs.to_vec();
    runs.rotate_right(1);
    desk.obey_unsettled(Command::Compare(runs));
    let frame = |_| {
        std::thread::sleep(Duration::from_millis(5));
        desk.draw(Vec::new())
    };
    (0..60).map(frame).collect()
}

fn sort(desk: &mut Desk) -> Vec<Duration> {
    ["Sort by Run 7", "Sort by Metric"].iter().flat_map(|head| desk.time_clicks(head, 2)).collect()
}
