//! The canvas by mouse and by keyboard alone; canvas, table and file say the same.

use std::time::Duration;

use egui::{Event, Key, Modifiers, PointerButton, Pos2, Vec2};
use egui_kittest::kittest::Queryable as _;

use super::{
    command::{Command, View},
    tests::{Window, start_small_run},
};
use crate::launch::KnownCalibration;
use crate::metrics::{Calibration, Finish};
use crate::model::{LoadProfile, Scenario, Shape, Stage, Threshold, format_duration, profile::edit::points};

const NAMES: [&str; 3] = ["Ramp-up", "Hold", "Ramp-down"];

fn load(window: &Window) -> &LoadProfile {
    &window.scenario().load
}

fn names(window: &Window) -> Vec<&str> {
    load(window).stages.iter().map(|stage| stage.name.as_str()).collect()
}

fn corners(window: &Window) -> Vec<(f64, f64)> {
    points(load(window)).iter().map(|point| (point.secs, point.level)).collect()
}

fn center(window: &Window, label: &str) -> Pos2 {
    window.harness.get_by_label(label).rect().center()
}

fn button(window: &mut Window, at: Pos2, pressed: bool, modifiers: Modifiers) {
    window.harness.event(Event::ModifiersChanged(modifiers));
    window.harness.event(Event::PointerButton {
        pos: at,
        button: PointerButton::Primary,
        pressed,
        modifiers,
    });
    window.harness.step();
    window.harness.event(Event::ModifiersChanged(Modifiers::NONE));
}

fn click_at(window: &mut Window, at: Pos2, modifiers: Modifiers) {
    window.harness.hover_at(at);
    window.harness.step();
    button(window, at, true, modifiers);
    button(window, at, false, modifiers);
}

fn double_click_at(window: &mut Window, at: Pos2) {
    // Earlier clicks are long ago; but the two of this one are some frames apart, which in the harness is long too.
    window.harness.run_steps(20);
    click_at(window, at, Modifiers::NONE);
    window.harness.ctx.options_mut(|options| options.input_options.max_double_click_delay = 2.0);
    button(window, at, true, Modifiers::NONE);
    button(window, at, false, Modifiers::NONE);
    window.harness.ctx.options_mut(|options| options.input_options.max_double_click_delay = 0.3);
    window.settle();
}

/// Holds a point and moves it in many frames, without letting go.
fn hold_and_move(window: &mut Window, label: &str, by: Vec2, n_frames: u16, modifiers: Modifiers) -> Pos2 {
    let from = center(window, label);
    window.harness.hover_at(from);
    window.harness.step();
    button(window, from, true, modifiers);
    for frame in 1..=n_frames {
        let at = from + by * (f32::from(frame) / f32::from(n_frames));
        window.harness.event(Event::ModifiersChanged(modifiers));
        window.harness.event(Event::PointerMoved(at));
        window.harness.step();
    }
    from + by
}

/// A place within the second stage, away from curve and points.
fn within_steady(window: &Window) -> Pos2 {
    center(window, "Point 1").lerp(center(window, "Point 2"), 0.5) + egui::vec2(0.0, 60.0)
}

/// What canvas, table, plan and written file say of the load is one thing.
fn check_agreement(window: &Window) {
    let load = load(window).clone();
    for (index, (stage, point)) in load.stages.iter().zip(points(&load)).enumerate() {
        let number = index + 1;
        let cell = |what: &str| window.field(&format!("Stage {number} {what}")).value();
        assert_eq!(cell("name").as_deref(), Some(stage.name.as_str()));
        assert_eq!(cell("duration"), Some(format_duration(stage.duration)));
        assert_eq!(cell("level"), Some(stage.end_level.to_string()));
        let label = format!("Point {number}");
        let node = window.harness.get_by_label(&label);
        let value = node.value().unwrap();
        let level = crate::humanize::level(point.level, load.model.is_open());
        assert!(value.ends_with(&level), "{value} for {level}");
    }
    let text = window.state().bench.text().unwrap();
    assert_eq!(crate::model::parse_scenario(&text).unwrap().0.load, load);
}

#[test]
fn sixty_frames_of_dragging_are_one_undo_step_and_all_sides_agree() {
    let mut window = Window::with_preset("quickstart");
    let before = load(&window).clone();
    let at = hold_and_move(&mut window, "Point 1", egui::vec2(70.0, -50.0), 60, Modifiers::NONE);
    assert_ne!(*load(&window), before, "the profile follows while the point is held");
    button(&mut window, at, false, Modifiers::NONE);
    window.settle();
    check_agreement(&window);
    window.obey(Command::Undo);
    assert_eq!(*load(&window), before);
    assert!(!window.state().bench.can_undo());
    check_agreement(&window);
}

#[test]
fn shift_keeps_the_time_of_a_dragged_point_and_alt_its_level() {
    for (modifiers, keeps_time) in [(Modifiers::SHIFT, true), (Modifiers::ALT, false)] {
        let mut window = Window::with_preset("quickstart");
        let (secs, level) = corners(&window)[0];
        let at = hold_and_move(&mut window, "Point 1", egui::vec2(60.0, -60.0), 8, modifiers);
        button(&mut window, at, false, modifiers);
        let (new_secs, new_level) = corners(&window)[0];
        assert_eq!((new_secs == secs, new_level == level), (keeps_time, !keeps_time), "{modifiers:?}");
    }
}

#[test]
fn a_rippling_drag_moves_everything_behind_it() {
    let mut window = Window::with_preset("quickstart");
    let before = load(&window).clone();
    window.click("Ripple");
    window.drag("Point 1", egui::vec2(60.0, 0.0));
    assert!(load(&window).duration() > before.duration());
    assert_eq!(load(&window).stages[1..], before.stages[1..], "what lies behind keeps its durations");
}

#[test]
fn a_point_stops_at_its_neighbour() {
    let mut window = Window::with_preset("quickstart");
    let far = center(&window, "Point 3") - center(&window, "Point 1");
    window.drag("Point 1", far + egui::vec2(40.0, 0.0));
    let corners = corners(&window);
    assert!(corners[0].0 < corners[1].0, "{corners:?}");
}

#[test]
fn escape_puts_a_dragged_point_back() {
    let mut window = Window::with_preset("quickstart");
    let before = load(&window).clone();
    let at = hold_and_move(&mut window, "Point 1", egui::vec2(70.0, -50.0), 5, Modifiers::NONE);
    assert_ne!(*load(&window), before);
    window.harness.key_press(Key::Escape);
    window.harness.step();
    window.harness.step();
    assert_eq!(*load(&window), before);
    window.harness.hover_at(at + egui::vec2(30.0, 0.0));
    window.harness.step();
    button(&mut window, at, false, Modifiers::NONE);
    window.settle();
    assert_eq!(*load(&window), before, "the point is let go of");
    assert!(!window.state().bench.can_undo());
}

#[test]
fn a_drag_beyond_the_edge_lets_the_profile_grow() {
    let mut window = Window::with_preset("quickstart");
    let before = load(&window).duration();
    let at = hold_and_move(&mut window, "Point 3", egui::vec2(400.0, 0.0), 4, Modifiers::NONE);
    let at_the_edge = load(&window).duration();
    window.harness.run_steps(20);
    let later = load(&window).duration();
    assert!(before < at_the_edge && at_the_edge < later, "{before:?} {at_the_edge:?} {later:?}");
    button(&mut window, at, false, Modifiers::NONE);
    window.settle();
    assert_eq!(load(&window).stages.len(), 3);
}

#[test]
fn a_click_adds_a_point_and_control_click_or_delete_removes_it() {
    let mut window = Window::with_preset("quickstart");
    let before = load(&window).clone();
    let at = within_steady(&window);
    click_at(&mut window, at, Modifiers::NONE);
    window.settle();
    assert_eq!(load(&window).stages.len(), 4);
    check_agreement(&window);
    click_at(&mut window, at, Modifiers::COMMAND);
    window.settle();
    assert_eq!(*load(&window), before, "the stages grow together again");
    click_at(&mut window, at, Modifiers::NONE);
    window.press(Modifiers::NONE, Key::Delete);
    assert_eq!(*load(&window), before);
}

#[test]
fn a_double_click_on_a_band_names_its_stage_in_place_and_adds_no_point() {
    let mut window = Window::with_preset("quickstart");
    assert_eq!(names(&window), NAMES);
    let mut scenario = window.scenario().clone();
    scenario.thresholds.truncate(1);
    scenario.thresholds.iter_mut().for_each(|threshold: &mut Threshold| {
        threshold.window = crate::model::Window::Stage("Hold".to_owned());
    });
    window.obey(Command::Edit { scenario: Box::new(scenario), step: 0 });
    let at = within_steady(&window);
    double_click_at(&mut window, at);
    assert_eq!(names(&window), NAMES, "the first click's point is taken back");
    window.field("Stage name").type_text("Hold it");
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(names(&window), ["Ramp-up", "Hold it", "Ramp-down"]);
    let windows: Vec<_> =
        window.scenario().thresholds.iter().map(|threshold| threshold.window.clone()).collect();
    assert_eq!(windows, [crate::model::Window::Stage("Hold it".to_owned())]);
    check_agreement(&window);
    // The strip of names does the same.
    let strip = egui::pos2(within_steady(&window).x, center(&window, "Point 1").y);
    let top = window.harness.get_by_label_contains("Load profile:").rect().top();
    double_click_at(&mut window, egui::pos2(strip.x, top + 10.0));
    window.field("Stage name").type_text("Ramp-up");
    window.settle();
    assert!(window.shows("Another stage has this name"));
    window.press(Modifiers::NONE, Key::Escape);
    assert_eq!(names(&window), ["Ramp-up", "Hold it", "Ramp-down"]);
}

#[test]
fn everything_goes_by_the_keyboard_alone() {
    let mut window = Window::with_preset("quickstart");
    window.harness.get_by_label_contains("Load profile:").focus();
    window.settle();
    window.press(Modifiers::NONE, Key::Home);
    assert!(window.harness.get_by_label("Point 1").is_focused());
    window.press(Modifiers::NONE, Key::Tab);
    assert!(window.harness.get_by_label("Point 2").is_focused(), "Tab walks the points");
    window.press(Modifiers::NONE, Key::End);
    assert!(window.harness.get_by_label("Point 3").is_focused());
    let before = corners(&window)[2];
    window.press(Modifiers::NONE, Key::ArrowRight);
    let step = corners(&window)[2].0 - before.0;
    window.press(Modifiers::SHIFT, Key::ArrowRight);
    let after = corners(&window)[2];
    assert!(step > 0.0 && (after.0 - before.0 - 11.0 * step).abs() < 1e-6, "{before:?} {after:?}");
    window.press(Modifiers::NONE, Key::ArrowUp);
    assert!(corners(&window)[2].1 > before.1);
    window.press(Modifiers::NONE, Key::Insert);
    assert_eq!(load(&window).stages.len(), 4);
    assert!(window.harness.get_by_label("Point 4").is_focused(), "the new point has the focus");
    window.press(Modifiers::NONE, Key::F2);
    window.field("Stage name").type_text("Tail");
    window.settle();
    window.press(Modifiers::NONE, Key::Enter);
    assert_eq!(names(&window)[3], "Tail");
    assert!(window.harness.get_by_label("Point 4").is_focused(), "and keeps it");
    window.press(Modifiers::NONE, Key::Delete);
    assert!(window.harness.get_by_label("Point 3").is_focused(), "its neighbour has it now");
    window.press(Modifiers::NONE, Key::R);
    window.press(Modifiers::NONE, Key::Home);
    let behind = load(&window).stages[1..].to_vec();
    window.press(Modifiers::NONE, Key::ArrowRight);
    assert_eq!(load(&window).stages[1..], behind, "R lets the move ripple");
    for _ in 0..3 {
        window.press(Modifiers::NONE, Key::Delete);
    }
    assert!(load(&window).stages.is_empty());
    window.press(Modifiers::NONE, Key::Insert);
    assert_eq!(load(&window).stages.len(), 1, "an empty canvas takes a first point");
    check_agreement(&window);
}

#[test]
fn a_profile_is_pasted_as_text_and_a_bad_text_changes_nothing() {
    let mut window = Window::with_preset("quickstart");
    window.harness.get_by_label("Point 1").focus();
    window.settle();
    window.harness.event(Event::Paste("1m:50, 3m:50, \"Peak\" 1m:100".to_owned()));
    window.settle();
    assert_eq!(corners(&window), [(60.0, 50.0), (240.0, 50.0), (300.0, 100.0)]);
    assert_eq!(names(&window)[2], "Peak");
    assert!(window.shows("Pasted 3 stages from Short form: 5 min, peak 100/s."));
    let before = load(&window).clone();
    window.harness.get_by_label("Point 1").focus();
    window.settle();
    window.harness.event(Event::Paste("1m:50, soon:3".to_owned()));
    window.settle();
    assert_eq!(*load(&window), before);
    assert!(window.shows("Nothing was pasted. Stage 2 (`soon:3`)"));
    window.obey(Command::Undo);
    assert_eq!(names(&window), NAMES, "a paste is one undo step");
}

#[test]
fn a_shape_is_previewed_and_goes_behind_the_selected_stage() {
    let mut window = Window::with_preset("quickstart");
    window.click("Select stage 2");
    window.click("Shape…");
    window.click("Staircase");
    window.fill("Steps", "4");
    window.fill("Shape duration", "40");
    assert!(window.shows("The dashed line shows what the profile would become."));
    assert_eq!(load(&window).stages.len(), 3, "nothing is changed yet");
    window.click("Insert shape");
    assert_eq!(
        names(&window),
        [
            "Ramp-up",
            "Hold",
            "Staircase 1 of 4",
            "Staircase 2 of 4",
            "Staircase 3 of 4",
            "Staircase 4 of 4",
            "Ramp-down"
        ]
    );
    check_agreement(&window);
    window.obey(Command::Undo);
    assert_eq!(names(&window), NAMES);
}

#[test]
fn transforms_change_the_whole_profile_in_one_step() {
    let mut window = Window::with_preset("quickstart");
    let before = load(&window).clone();
    window.click("Transform…");
    window.click("Stretch time…");
    window.click("To a total duration");
    window.fill("Total duration", "7m");
    window.click("Apply");
    assert_eq!(load(&window).duration(), Duration::from_secs(420));
    window.obey(Command::Undo);
    window.click("Transform…");
    window.click("Mirror in time");
    assert_eq!(names(&window), ["Ramp-down", "Hold", "Ramp-up"]);
    window.obey(Command::Undo);
    assert_eq!(*load(&window), before);
}

#[test]
fn the_text_panel_shows_the_profile_and_applies_another() {
    let mut window = Window::with_preset("quickstart");
    window.click("As text");
    let text = window.field("Profile as text").value().unwrap();
    assert_eq!(text, crate::model::profile::text::write_short(load(&window)));
    window.fill("Profile as text", "seconds,level\n0,0\n30,50\n60,0");
    assert!(window.shows("2 stages from CSV: 1 min, peak 50/s."));
    window.click("Apply text");
    assert_eq!(corners(&window), [(30.0, 50.0), (60.0, 0.0)]);
    window.click("As text");
    window.fill("Profile as text", "1m:many");
    assert!(window.shows("`many` is no level"));
    assert_eq!(corners(&window), [(30.0, 50.0), (60.0, 0.0)]);
}

#[test]
fn switching_the_model_converts_by_a_rule_in_one_step() {
    let mut window = Window::with_preset("quickstart");
    let before = load(&window).clone();
    assert!(window.shows("users = arrivals/s ×"));
    window.click("Closed: users");
    assert!(load(&window).stages.iter().all(|stage| stage.end_level.fract() == 0.0));
    assert_eq!(names(&window), NAMES);
    window.obey(Command::Undo);
    assert_eq!(*load(&window), before);
}

/// The quickstart with so many stages.
fn with_stages(window: &mut Window, n_stages: u32) {
    let scenario = window.scenario().clone();
    let stages = (0..n_stages).map(|index| Stage {
        name: format!("Part {index}"),
        duration: Duration::from_secs(10),
        end_level: f64::from(index % 17) + 1.0,
        shape: if index % 5 == 0 { Shape::Step } else { Shape::Ramp },
    });
    let load = LoadProfile { stages: stages.collect(), ..scenario.load.clone() };
    window.obey(Command::Edit {
        scenario: Box::new(Scenario { load, thresholds: Vec::new(), ..scenario }),
        step: 0,
    });
}

#[test]
fn of_five_thousand_stages_each_can_be_reached_and_few_are_drawn() {
    let mut window = Window::with_preset("quickstart");
    with_stages(&mut window, 5_000);
    let n_points = window.harness.query_all_by_label_contains("Point ").count();
    assert!((1..100).contains(&n_points), "{n_points} handles");
    let n_rows = window.harness.query_all_by_label_contains("Select stage").count();
    assert!((5..40).contains(&n_rows), "{n_rows} rows");
    window.harness.get_by_label_contains("Load profile:").focus();
    window.settle();
    window.press(Modifiers::NONE, Key::End);
    assert!(window.harness.get_by_label("Point 5000").is_focused());
    assert_eq!(window.field("Stage 5000 name").value().as_deref(), Some("Part 4999"), "its row is in sight");
    window.press(Modifiers::SHIFT, Key::Tab);
    assert!(window.harness.get_by_label("Point 4999").is_focused());
    for _ in 0..9 {
        window.press(Modifiers::NONE, Key::Plus);
    }
    let gap = center(&window, "Point 4999").x - center(&window, "Point 4998").x;
    assert!(gap > 20.0, "zoomed into, each point has room: {gap}");
    window.press(Modifiers::NONE, Key::Num0);
    let gap = center(&window, "Point 4999").x - center(&window, "Point 4998").x;
    assert!(gap < 2.0, "{gap}");
}

#[test]
fn the_band_under_the_pointer_and_its_row_light_up_together() {
    let mut window = Window::with_preset("quickstart");
    let at = within_steady(&window);
    window.harness.hover_at(at);
    window.settle();
    assert_eq!(window.state().design.hovered_stage(), Some(1));
    let row = center(&window, "Select stage 3");
    window.harness.hover_at(row);
    window.settle();
    assert_eq!(window.state().design.hovered_stage(), Some(2));
}

#[test]
fn estimates_come_from_the_last_run_and_say_so() {
    let mut window = start_small_run(1);
    assert!(!window.shows("Estimates from"));
    window.wait_for("its end", |state| !state.run_state.is_busy());
    window.wait_for("the kept run", |state| {
        state.shelf.listings().iter().any(|run| run.finish == Finish::Completed)
    });
    window.obey(Command::Show(View::Design));
    let run_id = window.state().shelf.listings()[0].run_id;
    window.wait_for("the run, read", |state| state.shelf.loaded(run_id).is_some());
    assert!(window.shows(&format!("Estimates from run {run_id}, ")));
    assert!(window.shows("per request."));
    assert!(window.shows(&format!("answers as in run {run_id}")), "the rule for switching goes by it too");
}

#[test]
fn the_ceiling_of_this_machine_is_said_in_levels() {
    let mut window = Window::with_preset("quickstart");
    let transport = crate::engine::facts(window.scenario(), None).transport;
    let calibration = Calibration { transport, requests_per_sec: 30_000.0, ..Calibration::default() };
    window.harness.state_mut().state_mut().machine.known = Some(KnownCalibration::Current(calibration));
    window.settle();
    // Three steps an iteration.
    assert!(window.shows("ceiling of this machine about 10,000/s"));
}
