//! What is done while frames are counted.

use std::time::Duration;

use egui::{Event, Pos2, vec2};
use stagewright::{app::command::Command, model::Scenario};

use super::desk::{Desk, button};
use super::scenarios::{with_stages, with_steps};

/// Something that an analyst does, with the cost that its frames may have.
pub struct Scene {
    pub name: &'static str,
    pub limit: Duration,
    /// Does it for so many frames; returns what each cost.
    pub run: fn(usize) -> Vec<Duration>,
}

pub fn all() -> [Scene; 4] {
    [
        Scene { name: "200 stages, a point is dragged", limit: Duration::from_millis(4), run: drag_of_200 },
        Scene {
            name: "5,000 stages, a point is dragged",
            limit: Duration::from_millis(8),
            run: drag_of_5_000,
        },
        Scene {
            name: "5,000 stages, the pointer moves",
            limit: Duration::from_millis(8),
            run: hover_of_5_000,
        },
        Scene { name: "500 steps, the tree is scrolled", limit: Duration::from_millis(8), run: tree_of_500 },
    ]
}

fn drag_of_200(n_frames: usize) -> Vec<Duration> {
    drag(200, n_frames)
}

fn drag_of_5_000(n_frames: usize) -> Vec<Duration> {
    drag(5_000, n_frames)
}

/// A point in the middle of the profile is moved up and down, a step of the pointer each frame.
fn drag(n_stages: usize, n_frames: usize) -> Vec<Duration> {
    with_desk(with_stages(n_stages), |desk| {
        let at = select_the_middle(desk, n_stages);
        desk.draw(vec![Event::PointerMoved(at)]);
        desk.draw(vec![button(at, true)]);
        let costs = (0..n_frames).map(|frame| {
            let to = at + vec2(0.0, -10.0 - (frame % 120) as f32 / 2.0);
            desk.draw(vec![Event::PointerMoved(to)])
        });
        let costs = costs.collect();
        let last = at + vec2(0.0, -10.0 - ((n_frames - 1) % 120) as f32 / 2.0);
        desk.draw(vec![button(last, false)]);
        let now = desk.place_of(&format!("Point {}", n_stages / 2)).expect("the point is still there");
        assert!(now.y < at.y, "the point did not follow the pointer");
        costs
    })
}

/// Selects the point in the middle, so that it shows however crowded it is; returns where its handle is.
fn select_the_middle(desk: &mut Desk, n_stages: usize) -> Pos2 {
    let number = n_stages / 2;
    desk.obey(Command::ShowProblem(format!("load.stages[{}].duration", number - 1)));
    let label = format!("Point {number}");
    desk.place_of(&label).unwrap_or_else(|| panic!("there is no «{label}» on the canvas"))
}

fn hover_of_5_000(n_frames: usize) -> Vec<Duration> {
    with_desk(with_stages(5_000), |desk| {
        let moves = (0..n_frames).map(|frame| {
            let to = Pos2::new(200.0 + (frame % 600) as f32, 260.0 + (frame % 90) as f32);
            desk.draw(vec![Event::PointerMoved(to)])
        });
        moves.collect()
    })
}

fn tree_of_500(n_frames: usize) -> Vec<Duration> {
    with_desk(with_steps(500), |desk| {
        desk.click("Journeys");
        let over_tree = Pos2::new(300.0, 450.0);
        desk.draw(vec![Event::PointerMoved(over_tree)]);
        let scrolls = (0..n_frames).map(|frame| {
            let down = if frame % 200 < 100 { -1.0 } else { 1.0 };
            desk.draw(vec![Event::MouseWheel {
                unit: egui::MouseWheelUnit::Point,
                delta: vec2(0.0, 60.0 * down),
                phase: egui::TouchPhase::Move,
                source: egui::MouseWheelSource::Wheel,
                modifiers: egui::Modifiers::NONE,
            }])
        });
        scrolls.collect()
    })
}

/// Opens a window of its own with this scenario.
fn with_desk<T>(scenario: Scenario, scene: impl FnOnce(&mut Desk) -> T) -> T {
    let folder = tempfile::tempdir().expect("there is room for a temporary folder");
    let mut desk = Desk::new(folder.path());
    desk.obey(Command::NewScenario);
    desk.obey(Command::Edit { scenario: Box::new(scenario), step: 0 });
    scene(&mut desk)
}
