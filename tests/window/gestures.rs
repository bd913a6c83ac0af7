//! Every gesture of the canvas in the real window, by mouse and by keyboard alone: after each, the table, the file and
//! the planned totals agree.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use egui::{Key, Modifiers, Vec2};
use stagewright::humanize;
use stagewright::model::{LoadProfile, Plan, Stage, parse_duration, parse_scenario};

use crate::driver::{Window, turn};

/// Longest wait for a file to be written.
const PATIENCE: Duration = Duration::from_secs(20);

/// Two steps, so that requests are not iterations.
const SCENARIO: &str = "\
format = 1
name = \"Gestures\"
base_url = \"http://127.0.0.1:9\"

[load]
model = \"open\"

[[load.stages]]
name = \"Climb\"
duration = \"1m\"
rate = 50

[[load.stages]]
name = \"Hold\"
duration = \"2m\"
rate = 50

[[load.stages]]
name = \"Fall\"
duration = \"1m\"
rate = 0

[[journeys]]
name = \"Browse\"

[[journeys.steps]]
name = \"List\"
path = \"/list\"

[[journeys.steps]]
name = \"Detail\"
path = \"/detail\"
";

/// The window with a scenario whose file tells what it holds.
pub struct Sketch {
    window: Window,
    file: PathBuf,
}

#[test]
fn gestures_by_mouse_and_by_keyboard_change_table_file_and_totals_alike() {
    let _turn = turn();
    let folder = tempfile::tempdir().unwrap();
    let mut sketch = Sketch::open(folder.path());
    by_mouse(&mut sketch);
    sketch.undo_all();
    by_keyboard(&mut sketch);
    sketch.undo_all();
    two_hundred_steps_back(&mut sketch);
}

fn by_mouse(sketch: &mut Sketch) {
    let start = sketch.load();
    // Add: a click on the empty canvas, within the second stage and above its level.
    let (first, second) = (sketch.point(1), sketch.point(2));
    let between = first.lerp(second, 0.5) - Vec2::new(0.0, 20.0);
    sketch.window.click_at(between);
    let added = sketch.load_when("a stage more", |load| load.stages.len() == start.stages.len() + 1);
    assert_eq!(added.duration(), start.duration(), "a point within the profile adds no time");
    assert!(added.stages[1].end_level > 50.0);

    // Drag: time and level; the neighbours stay where they are.
    sketch.drag(2, Vec2::new(40.0, 30.0), Modifiers::NONE);
    let dragged = sketch.load_when("the drag", |load| load.stages[1].duration > added.stages[1].duration);
    assert!(dragged.stages[1].end_level < added.stages[1].end_level);
    assert_eq!(dragged.duration(), added.duration(), "what lies behind stays");

    // Shift keeps the time, Alt the level.
    sketch.drag(2, Vec2::new(60.0, -50.0), Modifiers::SHIFT);
    let lifted = sketch.load_when("the lift", |load| load.stages[1].end_level > dragged.stages[1].end_level);
    assert_eq!(durations(&lifted), durations(&dragged));
    sketch.drag(2, Vec2::new(-60.0, -50.0), Modifiers::ALT);
    let moved = sketch.load_when("the move", |load| load.stages[1].duration < lifted.stages[1].duration);
    assert_eq!(levels(&moved), levels(&lifted));

    // Ripple: what lies behind moves with it.
    sketch.window.click("Ripple");
    sketch.drag(2, Vec2::new(50.0, 0.0), Modifiers::NONE);
    let rippled = sketch.load_when("the ripple", |load| load.duration() > moved.duration());
    assert_eq!(durations(&rippled)[2..], durations(&moved)[2..]);
    sketch.window.click("Ripple");

    // Sixty frames of dragging are one step of undo.
    sketch.drag_in(3, Vec2::new(0.0, -60.0), 60);
    let long =
        sketch.load_when("the long drag", |load| load.stages[2].end_level > rippled.stages[2].end_level);
    assert_ne!(long, rippled);
    sketch.window.key(Key::Z, Modifiers::COMMAND);
    let back = sketch.load_when("one undo", |load| load.stages[2].end_level == rippled.stages[2].end_level);
    assert_eq!(back, rippled, "a drag is one step");

    // Rename: a double click on the band, and its name is written there.
    let band = sketch.window.find("Point 2").rect.center();
    let name_strip = sketch.strip_above(band - Vec2::new(30.0, 0.0));
    sketch.window.double_click_at(name_strip);
    sketch.window.type_over("Lunch break");
    sketch.load_when("the name", |load| load.stages[1].name == "Lunch break");

    // Delete: with the modifier and a click.
    let at = sketch.point(2);
    sketch.window.click_with(at, Modifiers::COMMAND);
    sketch.load_when("a stage less", |load| load.stages.len() == start.stages.len());
    sketch.window.screenshot("gestures-mouse");
}

fn by_keyboard(sketch: &mut Sketch) {
    let start = sketch.load();
    sketch.window.tab_to("Point 2");
    // Add.
    sketch.window.key(Key::Insert, Modifiers::NONE);
    let added = sketch.load_when("a stage more", |load| load.stages.len() == start.stages.len() + 1);

    // Move in time and level, by one step and by ten.
    sketch.window.tab_to("Point 2");
    sketch.window.key(Key::ArrowUp, Modifiers::NONE);
    let up = sketch.load_when("a level more", |load| load.stages[1].end_level > added.stages[1].end_level);
    let step = up.stages[1].end_level - added.stages[1].end_level;
    sketch.window.key(Key::ArrowUp, Modifiers::SHIFT);
    let far = sketch.load_when("ten levels", |load| load.stages[1].end_level > up.stages[1].end_level);
    let ten = far.stages[1].end_level - up.stages[1].end_level;
    assert!((ten / step - 10.0).abs() < 1e-6, "Shift moves ten times as far: {step} and {ten}");
    assert_eq!(durations(&far), durations(&added));
    sketch.window.key(Key::ArrowLeft, Modifiers::NONE);
    let left = sketch.load_when("less time", |load| load.stages[1].duration < far.stages[1].duration);
    assert_eq!(left.duration(), far.duration());

    // Ripple, reached by the keyboard too.
    sketch.window.tab_to("Ripple");
    sketch.window.key(Key::Space, Modifiers::NONE);
    sketch.window.tab_to("Point 2");
    sketch.window.key(Key::ArrowRight, Modifiers::SHIFT);
    let rippled = sketch.load_when("the ripple", |load| load.duration() > left.duration());
    assert_eq!(durations(&rippled)[2..], durations(&left)[2..]);
    sketch.window.tab_to("Ripple");
    sketch.window.key(Key::Space, Modifiers::NONE);

    // Rename and delete.
    sketch.window.tab_to("Point 2");
    sketch.window.key(Key::F2, Modifiers::NONE);
    sketch.window.type_over("Afternoon");
    sketch.load_when("the name", |load| load.stages[1].name == "Afternoon");
    sketch.window.tab_to("Point 2");
    sketch.window.key(Key::Delete, Modifiers::NONE);
    let less = sketch.load_when("a stage less", |load| load.stages.len() == start.stages.len());
    assert!(less.stages.iter().all(|stage| stage.name != "Afternoon"));
    sketch.window.screenshot("gestures-keyboard");
}

fn two_hundred_steps_back(sketch: &mut Sketch) {
    let before = sketch.text();
    let start = sketch.load();
    sketch.window.tab_to("Point 1");
    for _ in 0..200 {
        sketch.window.key(Key::ArrowUp, Modifiers::NONE);
    }
    let end = sketch.load_when("all steps", |load| load.stages[0].end_level > start.stages[0].end_level);
    assert_ne!(end, start);
    for _ in 0..200 {
        sketch.window.key(Key::Z, Modifiers::COMMAND);
    }
    sketch.load_when("the beginning", |load| *load == start);
    assert_eq!(sketch.text(), before, "two hundred steps back lead to the very bytes");
}

impl Sketch {
    fn open(folder: &Path) -> Self {
        let file = folder.join("gestures.toml");
        fs::write(&file, SCENARIO).unwrap();
        let shots = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("window");
        let mut window = Window::open(&folder.join("library.sqlite"), &shots);
        window.key(Key::O, Modifiers::COMMAND);
        window.fill("File path", file.to_str().unwrap());
        window.find("Point 3");
        Self { window, file }
    }

    fn point(&mut self, number: usize) -> egui::Pos2 {
        self.window.find(&format!("Point {number}")).rect.center()
    }

    fn drag(&mut self, point: usize, by: Vec2, modifiers: Modifiers) {
        let from = self.point(point);
        self.window.drag_with(from, from + by, 10, modifiers);
    }

    fn drag_in(&mut self, point: usize, by: Vec2, n_frames: usize) {
        let from = self.point(point);
        self.window.drag_with(from, from + by, n_frames, Modifiers::NONE);
    }

    /// A place in the strip of names above `at`.
    fn strip_above(&mut self, at: egui::Pos2) -> egui::Pos2 {
        let canvas = self.window.rect_starting("Load profile:");
        egui::Pos2::new(at.x, canvas.top() + 10.0)
    }

    /// Undoes everything that can be undone.
    fn undo_all(&mut self) {
        for _ in 0..60 {
            self.window.key(Key::Z, Modifiers::COMMAND);
        }
        self.load_when("the beginning", |load| *load == parse_scenario(SCENARIO).unwrap().0.load);
    }

    /// The file as it is saved now.
    fn text(&mut self) -> String {
        self.window.key(Key::S, Modifiers::COMMAND);
        fs::read_to_string(&self.file).unwrap()
    }

    fn load(&mut self) -> LoadProfile {
        self.load_when("agreement", |_| true)
    }

    /// The load profile once it is as expected, and once the file, the table and the planned totals agree on it.
    fn load_when(&mut self, what: &str, is_met: impl Fn(&LoadProfile) -> bool) -> LoadProfile {
        let since = Instant::now();
        loop {
            let scenario = parse_scenario(&self.text()).expect("what is saved is valid").0;
            let table = self.table(scenario.load.stages.len());
            let plan = Plan::new(&scenario, 1.0);
            let totals = [plan.n_planned_iterations(), plan.n_planned_requests()];
            let totals = totals.map(|total| humanize::count(total.expect("the open model plans all")));
            let agrees =
                table == rows(&scenario.load.stages) && totals.iter().all(|total| self.window.shows(total));
            if agrees && is_met(&scenario.load) {
                return scenario.load;
            }
            if since.elapsed() > PATIENCE {
                self.window.screenshot("gestures-missing");
                panic!(
                    "{what} did not come; file: {:#?}, table: {table:#?}, totals: {totals:?}",
                    scenario.load
                );
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Name, duration and level of each row of the table.
    fn table(&mut self, n_stages: usize) -> Vec<(String, Duration, f64)> {
        let widgets = self.window.widgets();
        let value = |label: String| {
            let found = widgets.iter().find(|widget| widget.label == label && widget.rect.area() > 0.0);
            found.map(|widget| widget.value.clone()).unwrap_or_default()
        };
        let row = |index: usize| {
            let number = index + 1;
            let duration = parse_duration(&value(format!("Stage {number} duration"))).unwrap_or_default();
            let level = value(format!("Stage {number} level")).replace(',', "").parse().unwrap_or(f64::NAN);
            (value(format!("Stage {number} name")), duration, level)
        };
        (0..n_stages).map(row).collect()
    }
}

fn rows(stages: &[Stage]) -> Vec<(String, Duration, f64)> {
    stages.iter().map(|stage| (stage.name.clone(), stage.duration, stage.end_level)).collect()
}

fn durations(load: &LoadProfile) -> Vec<Duration> {
    load.stages.iter().map(|stage| stage.duration).collect()
}

fn levels(load: &LoadProfile) -> Vec<f64> {
    load.stages.iter().map(|stage| stage.end_level).collect()
}
