//! Whatever is changed and whenever: the past stands, areas go on, starts stay in order.

use proptest::prelude::*;

use super::tests::scenario;
use super::*;
use crate::model::{PlanChange, PlanChangeKind as Kind, PresentEnd, Window};

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn plan(model: LoadModel, stages: &[(u64, f64)]) -> Plan {
    Plan::new(&scenario(model, stages, &[1]), 1.0)
}

fn poisson() -> LoadModel {
    LoadModel::Open { arrivals: Arrivals::Poisson, max_users: 10, seed: 3 }
}

fn changed(mut plan: Plan, changes: impl IntoIterator<Item = (f64, Kind)>) -> Plan {
    for (at, kind) in changes {
        plan.apply(&PlanChange { at: Duration::from_secs_f64(at), kind });
    }
    plan
}

fn stage(name: &str, seconds: u64, end_level: f64, shape: Shape) -> Stage {
    Stage { name: name.into(), duration: secs(seconds), end_level, shape }
}

/// Seconds and levels of the corners.
fn drawn(plan: &Plan) -> Vec<(f64, f64)> {
    plan.corners().iter().map(|(time, level)| (time.as_secs_f64(), *level)).collect()
}

#[test]
fn a_pause_moves_the_rest_of_the_stage_and_all_after_it() {
    let before = plan(LoadModel::open(), &[(10, 100.0), (10, 100.0)]);
    let paused = changed(before.clone(), [(4.0, Kind::Pause)]);
    assert!(paused.is_paused() && paused.load_end().is_none());
    assert_eq!([paused.level_at(secs(4)), paused.level_at(secs(400))], [0.0, 0.0]);
    assert_eq!((paused.stage_at(secs(400)), paused.area_at(secs(400))), (0, before.area_at(secs(4))));
    assert_eq!(
        paused.intended_starts().last(),
        before.intended_starts().take_while(|t| *t <= secs(4)).last()
    );
    assert_eq!(paused.n_planned_iterations(), before.n_planned_iterations());

    let resumed = changed(paused, [(9.0, Kind::Resume)]);
    let corners =
        [(0.0, 0.0), (4.0, 40.0), (4.0, 0.0), (9.0, 0.0), (9.0, 40.0), (15.0, 100.0), (25.0, 100.0)];
    assert_eq!(drawn(&resumed), corners);
    assert_eq!(resumed.load_end(), Some(secs(25)));
    let moved: Vec<_> = before
        .intended_starts()
        .map(|start| if start <= secs(4) { start } else { start + secs(5) })
        .collect();
    let apart = |(a, b): (Duration, &Duration)| a.abs_diff(*b) > Duration::from_nanos(10);
    assert!(!resumed.intended_starts().zip(&moved).any(apart));
    assert_eq!(resumed.intended_starts().count(), moved.len());
}

#[test]
fn paused_time_counts_for_no_figure() {
    let plan = changed(
        plan(LoadModel::Closed, &[(10, 10.0), (10, 10.0)]),
        [(12.0, Kind::Pause), (20.0, Kind::Resume), (22.0, Kind::Pause)],
    );
    let held = &plan.stages()[1];
    assert_eq!((held.start, held.end, held.duration(), held.holds()), (secs(10), secs(28), secs(10), true));
    let spans = [(secs(10), secs(12)), (secs(20), secs(22))];
    assert_eq!(plan.window_spans(&Window::Steady, secs(60)), spans, "stopped while paused");
    assert_eq!(plan.window_duration(&Window::Run, secs(60)), secs(14));
}

#[test]
fn a_pause_during_the_warm_up_makes_it_no_shorter() {
    let mut described = scenario(LoadModel::Closed, &[(60, 10.0)], &[1]);
    described.load.warm_up = secs(30);
    let plan = Plan::new(&described, 1.0);
    let paused = changed(plan, [(10.0, Kind::Pause)]);
    assert!(paused.segment_at(secs(35)).warm_up);
    let resumed = changed(paused, [(50.0, Kind::Resume)]);
    assert_eq!(resumed.warm_up(), secs(70));
    assert_eq!(resumed.window_duration(&Window::Steady, resumed.duration()), secs(30));
}

#[test]
fn skipping_begins_the_next_stage_with_its_own_start_level() {
    let plan = plan(LoadModel::open(), &[(10, 100.0), (10, 50.0), (10, 50.0)]);
    let skipped = changed(plan, [(3.0, Kind::SkipStage)]);
    assert_eq!(drawn(&skipped), [(0.0, 0.0), (3.0, 30.0), (3.0, 100.0), (13.0, 50.0), (23.0, 50.0)]);
    let first = &skipped.stages()[0];
    assert_eq!((first.end, first.end_level), (secs(3), 30.0));
    assert_eq!(skipped.stage_at(secs(3)), 1);
    let ended = changed(skipped, [(15.0, Kind::SkipStage)]);
    assert_eq!(ended.load_end(), Some(secs(15)));
    assert_eq!(ended.level_at(secs(15)), 0.0);
}

#[test]
fn an_extension_holds_longer_or_ramps_slower() {
    let plan = plan(LoadModel::open(), &[(10, 100.0), (10, 100.0), (10, 0.0)]);
    let extended = changed(plan, [(4.0, Kind::ExtendStage(secs(6))), (20.0, Kind::ExtendStage(secs(60)))]);
    let corners = [(0.0, 0.0), (4.0, 40.0), (16.0, 100.0), (20.0, 100.0), (86.0, 100.0), (96.0, 0.0)];
    assert_eq!(drawn(&extended), corners);
    assert_eq!(extended.stages()[1].duration(), secs(70));
    assert_eq!(extended.window_spans(&Window::Steady, extended.duration()), [(secs(16), secs(86))]);
}

#[test]
fn a_new_future_ramps_from_the_level_that_the_present_stage_reaches() {
    let plan = plan(LoadModel::Closed, &[(10, 10.0), (10, 10.0), (10, 0.0)]);
    let future = vec![
        stage("higher", 5, 30.0, Shape::Ramp),
        stage("jump", 0, 4.0, Shape::Step),
        stage("tail", 5, 4.0, Shape::Ramp),
    ];
    let replaced = changed(plan, [(4.0, Kind::ReplaceFuture(future))]);
    assert_eq!(drawn(&replaced), [(0.0, 0.0), (10.0, 10.0), (15.0, 30.0), (15.0, 4.0), (20.0, 4.0)]);
    let names: Vec<_> = replaced.stages().iter().map(|stage| stage.name.as_str()).collect();
    assert_eq!(names, ["stage 0", "higher", "jump", "tail"]);
    assert_eq!((replaced.stage_at(secs(16)), replaced.peak_users()), (3, 30));
}

fn bend(left: u64, level: f64, stages: Vec<Stage>) -> Kind {
    Kind::Redraw { present: Some(PresentEnd { left: secs(left), level }), stages }
}

#[test]
fn a_redrawn_stage_goes_straight_to_its_new_end_and_the_rest_follows() {
    let before = plan(LoadModel::open(), &[(10, 100.0), (10, 100.0), (10, 0.0)]);
    let tail = stage("tail", 5, 20.0, Shape::Ramp);
    let ramp = changed(before.clone(), [(4.0, bend(16, 200.0, vec![tail.clone()]))]);
    assert_eq!(drawn(&ramp), [(0.0, 0.0), (4.0, 40.0), (20.0, 200.0), (25.0, 20.0)]);
    assert_eq!(ramp.stage_at(secs(19)), 0);
    let hold = changed(before.clone(), [(14.0, bend(2, 10.0, vec![tail.clone()]))]);
    assert_eq!(drawn(&hold), [(0.0, 0.0), (10.0, 100.0), (14.0, 100.0), (16.0, 10.0), (21.0, 20.0)]);
    assert!(!hold.stages()[1].holds(), "no figure of a level that it left");
    let only_longer = changed(before.clone(), [(14.0, bend(60, 100.0, Vec::new()))]);
    assert!(only_longer.stages()[1].holds() && only_longer.load_end() == Some(secs(74)));
    let later = changed(before, [(4.0, Kind::Redraw { present: None, stages: vec![tail] })]);
    assert_eq!(drawn(&later), [(0.0, 0.0), (10.0, 100.0), (15.0, 20.0)]);
}

#[test]
fn a_stage_that_was_bent_back_to_where_it_began_held_nothing() {
    let plan = plan(LoadModel::Closed, &[(10, 10.0), (20, 10.0)]);
    let bent = changed(plan, [(12.0, bend(5, 30.0, Vec::new())), (14.0, bend(5, 10.0, Vec::new()))]);
    assert_eq!((bent.stages()[1].start_level, bent.stages()[1].end_level), (10.0, 10.0));
    assert!(!bent.stages()[1].holds());
    assert!(bent.peak_level() > 15.0, "it was higher on its way: {}", bent.peak_level());
}

#[test]
fn what_is_redrawn_while_paused_counts_from_the_resumption() {
    let plan = plan(LoadModel::Closed, &[(10, 10.0), (10, 20.0)]);
    let tail = vec![stage("tail", 5, 20.0, Shape::Step)];
    let paused = changed(plan, [(5.0, Kind::Pause), (8.0, bend(10, 30.0, tail))]);
    assert!(paused.is_paused());
    let resumed = changed(paused, [(20.0, Kind::Resume)]);
    let corners = [
        (0.0, 0.0),
        (5.0, 5.0),
        (5.0, 0.0),
        (8.0, 0.0),
        (20.0, 0.0),
        (20.0, 5.0),
        (30.0, 30.0),
        (30.0, 20.0),
        (35.0, 20.0),
    ];
    assert_eq!(drawn(&resumed), corners);
}

#[test]
fn a_redrawn_warm_up_stays_as_long_as_it_was() {
    let mut described = scenario(LoadModel::open(), &[(60, 10.0)], &[1]);
    described.load.warm_up = secs(30);
    let bent = changed(Plan::new(&described, 0.5), [(5.0, bend(100, 20.0, Vec::new()))]);
    assert_eq!((bent.warm_up(), bent.load_end()), (secs(15), Some(secs(105))), "its time scale is behind it");
    assert_eq!(bent.window_duration(&Window::Steady, bent.duration()), secs(90));
}

#[test]
fn waits_stand_still_in_a_pause() {
    let before = plan(LoadModel::Closed, &[(60, 10.0)]);
    assert_eq!(before.after(secs(3), secs(4)), Some(secs(7)));
    let paused = changed(before, [(5.0, Kind::Pause)]);
    assert_eq!(paused.after(secs(3), secs(1)), Some(secs(4)));
    assert_eq!([(3, 2), (3, 9), (8, 0)].map(|(from, by)| paused.after(secs(from), secs(by))), [None; 3]);
    let again = changed(paused, [(9.0, Kind::Resume), (12.0, Kind::Pause), (13.0, Kind::Resume)]);
    let after = |from, by| again.after(secs(from), secs(by)).unwrap().as_secs();
    assert_eq!([after(3, 1), after(3, 2), after(3, 4), after(3, 6), after(7, 0)], [4, 9, 11, 14, 9]);
    assert_eq!([after(9, 2), after(9, 3), after(20, 5)], [11, 13, 25]);
}

#[test]
fn what_is_changed_while_paused_begins_with_the_resumption() {
    let plan = plan(LoadModel::Closed, &[(10, 10.0), (10, 20.0)]);
    let changes = [(5.0, Kind::Pause), (8.0, Kind::SkipStage), (9.0, Kind::ExtendStage(secs(10)))];
    let paused = changed(plan, changes);
    assert!(paused.is_paused());
    assert_eq!((paused.stage_at(secs(7)), paused.stage_at(secs(100))), (0, 1));
    let resumed = changed(paused, [(12.0, Kind::Resume)]);
    let corners =
        [(0.0, 0.0), (5.0, 5.0), (5.0, 0.0), (8.0, 0.0), (9.0, 0.0), (12.0, 0.0), (12.0, 10.0), (32.0, 20.0)];
    assert_eq!(drawn(&resumed), corners);
}

#[test]
fn once_the_load_has_ended_nothing_changes_it() {
    let before = plan(LoadModel::open(), &[(10, 100.0)]);
    let extend = Kind::ExtendStage(secs(5));
    let redraw = bend(5, 3.0, Vec::new());
    for kind in [Kind::Pause, Kind::Resume, Kind::SkipStage, extend, Kind::ReplaceFuture(vec![]), redraw] {
        assert_eq!(changed(before.clone(), [(10.0, kind)]), before);
    }
}

#[test]
fn a_worker_goes_on_with_the_same_iteration_under_the_changed_plan() {
    for model in [LoadModel::open(), poisson()] {
        let before = plan(model, &[(10, 100.0), (10, 100.0)]);
        let after = changed(before.clone(), [(5.0, Kind::Pause), (7.0, Kind::Resume)]);
        let mut clock = StartClock::striped(&before, 1, 3);
        let mut starts = Vec::new();
        while let Some(start) = clock.peek(&before).filter(|start| start.intended <= secs(5)) {
            clock.advance();
            starts.push(start);
        }
        assert!(starts.len() > 30, "{}", starts.len());
        while let Some(start) = clock.next(&after) {
            starts.push(start);
        }
        let every_third: Vec<_> = (0..)
            .zip(after.intended_starts())
            .map(|(iteration, intended)| PlannedStart { iteration, intended })
            .skip(1)
            .step_by(3)
            .collect();
        assert_eq!(starts, every_third);
    }
}

#[test]
fn five_thousand_stages_are_planned_and_searched_exactly() {
    let stages: Vec<(u64, f64)> = (0..5_000).map(|index| (1 + index % 3, (index * 7 % 11) as f64)).collect();
    let plan = plan(LoadModel::open(), &stages);
    let starts: Vec<_> = plan.intended_starts().collect();
    assert_eq!(starts.len() as u64, plan.n_planned_iterations().unwrap());
    assert!(starts.is_sorted());
    let mut area = 0.0;
    for (index, stage) in plan.stages().iter().enumerate() {
        assert_eq!(plan.stage_at(stage.start), index);
        assert_eq!(usize::from(plan.segment_at(stage.start).stage), index);
        assert_eq!(plan.level_at(stage.start), stage.start_level);
        assert!((plan.area_at(stage.start) - area).abs() < 1e-6);
        area += (stage.start_level + stage.end_level) / 2.0 * stage.duration().as_secs_f64();
    }
    let closed = super::Plan::new(&scenario(LoadModel::Closed, &stages, &[1]), 1.0);
    let windows = closed.user_windows(4);
    assert!(windows.len() > 1_000 && windows.is_sorted_by(|a, b| a.end < b.start), "{}", windows.len());
    for window in &windows {
        assert_eq!(closed.user_window_after(4, (window.start + window.end) / 2), Some(*window));
    }
}

fn a_change() -> impl Strategy<Value = Kind> {
    let level = (0_u32..40).prop_map(f64::from);
    let shape = prop_oneof![Just(Shape::Ramp), Just(Shape::Step)];
    let stages = prop::collection::vec((0_u64..8_000, level.clone(), shape), 0..4);
    let stages = stages.prop_map(|stages| {
        let stage = |(index, (millis, end_level, shape)): (usize, (u64, f64, Shape))| Stage {
            duration: Duration::from_millis(millis),
            ..stage(&format!("new {index}"), 0, end_level, shape)
        };
        stages.into_iter().enumerate().map(stage).collect::<Vec<_>>()
    });
    let present = (0_u64..8_000, level)
        .prop_map(|(millis, level)| PresentEnd { left: Duration::from_millis(millis), level });
    prop_oneof![
        (prop::option::of(present), stages.clone())
            .prop_map(|(present, stages)| Kind::Redraw { present, stages }),
        Just(Kind::Pause),
        Just(Kind::Resume),
        Just(Kind::SkipStage),
        (0_u64..5_000).prop_map(|millis| Kind::ExtendStage(Duration::from_millis(millis))),
        stages.prop_map(Kind::ReplaceFuture),
    ]
}

type Stages = Vec<(u64, f64)>;
type Changes = Vec<(f64, Kind)>;

/// Random profiles of at least one stage, and changes at growing times.
fn a_run() -> impl Strategy<Value = (Stages, Changes)> {
    let stages = prop::collection::vec((1_u64..10, (0_u32..40).prop_map(f64::from)), 1..6);
    let changes = prop::collection::vec((0_u64..7_000_000, a_change()), 0..8).prop_map(|changes| {
        let mut micros = 0;
        changes
            .into_iter()
            .map(|(step, kind)| {
                micros += step;
                (micros as f64 / 1e6, kind)
            })
            .collect()
    });
    (stages, changes)
}

fn assert_the_past_stands(before: &Plan, after: &Plan, at: Duration) {
    let starts = |plan: &Plan| plan.intended_starts().take_while(|start| *start < at).collect::<Vec<_>>();
    assert_eq!(starts(before), starts(after));
    let n_moments = 200;
    for moment in (0..n_moments).map(|k| at * k / n_moments) {
        assert_eq!(before.level_at(moment), after.level_at(moment), "level at {moment:?}");
        assert_eq!(before.area_at(moment), after.area_at(moment), "area at {moment:?}");
        assert_eq!(before.segment_at(moment), after.segment_at(moment), "segment at {moment:?}");
    }
    for user in [0, 1, 7, 20] {
        let windows = |plan: &Plan| {
            let until = |w: UserWindow| (w.start < at).then(|| UserWindow { end: w.end.min(at), ..w });
            plan.user_windows(user).into_iter().filter_map(until).collect::<Vec<_>>()
        };
        assert_eq!(windows(before), windows(after), "user {user}");
    }
}

fn assert_sound(plan: &Plan) {
    let end = plan.duration();
    let (mut last_area, steps) = (0.0, 500);
    for moment in (0..=steps).map(|k| end * k / steps) {
        let (area, level) = (plan.area_at(moment), plan.level_at(moment));
        assert!(area >= last_area - 1e-9, "area falls at {moment:?}");
        let step = end.as_secs_f64() / f64::from(steps);
        assert!(area - last_area <= step * 40.0 + 1e-6, "area jumps at {moment:?}");
        assert!((-1e-9..=40.0 + 1e-9).contains(&level), "level {level} at {moment:?}");
        last_area = area;
    }
    assert!(plan.stages().windows(2).all(|pair| pair[0].end == pair[1].start));
    assert!(
        plan.pieces.windows(2).all(|pair| pair[0].end == pair[1].start && pair[0].stage <= pair[1].stage)
    );
    assert!(plan.pieces.iter().all(|piece| piece.start < piece.end));
    for (index, stage) in plan.stages().iter().enumerate() {
        let pieces = plan.pieces.iter().filter(|piece| piece.stage == index && !piece.paused);
        assert_eq!(pieces.map(|piece| piece.end - piece.start).sum::<Duration>(), stage.duration());
    }
    let starts: Vec<_> = plan.intended_starts().collect();
    assert!(starts.is_sorted());
    if matches!(plan.model(), LoadModel::Open { arrivals: Arrivals::Constant, .. }) {
        let last = plan.n_planned_before(plan.until_pause(end)).unwrap();
        assert_eq!(starts.len() as u64, last);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_changes_keep_the_past_and_leave_a_sound_plan((stages, changes) in a_run(), kind in 0..3) {
        let mut plan = plan([LoadModel::open(), poisson(), LoadModel::Closed][kind as usize].clone(), &stages);
        for (at, kind) in changes {
            let at = Duration::from_secs_f64(at);
            let before = plan.clone();
            plan.apply(&PlanChange { at, kind });
            assert_the_past_stands(&before, &plan, at);
            assert_sound(&plan);
        }
    }

    #[test]
    fn a_clock_that_follows_the_changes_starts_each_iteration_once((stages, changes) in a_run()) {
        let mut plan = plan(LoadModel::open(), &stages);
        let mut clock = StartClock::new(&plan);
        let mut seen = Vec::new();
        for (at, kind) in changes {
            let at = Duration::from_secs_f64(at);
            while let Some(start) = clock.peek(&plan).filter(|start| start.intended < at) {
                clock.advance();
                seen.push(start.intended);
            }
            plan.apply(&PlanChange { at, kind });
        }
        while let Some(start) = clock.next(&plan) {
            seen.push(start.intended);
        }
        prop_assert_eq!(seen, plan.intended_starts().collect::<Vec<_>>());
    }
}
