//! Whatever is done to a profile leaves one that can run, text loses only what it says, and totals are areas.

use std::time::Duration;

use proptest::prelude::*;

use super::{
    Arrivals, LoadModel, LoadProfile, Shape, Stage,
    convert::{to_closed, to_open},
    edit::{
        Behind, Point, add_point, append_stage, insert_behind, move_point, remove_point, rename_stage,
        start_level,
    },
    generate::{Generator, Pattern, Place},
    text::{self, Format},
    transform::Transform,
};
use crate::model::{Plan, Problem, Scenario, parse_scenario, validate};

const SCENARIO: &str = "format = 1\nname = \"a\"\nbase_url = \"sandbox:\"\n[load]\nmodel = \"open\"\n\
                        [[load.stages]]\nname = \"a\"\nduration = \"1s\"\nrate = 1\n\
                        [[journeys]]\nname = \"a\"\n[[journeys.steps]]\nname = \"a\"\npath = \"/\"\n";

fn scenario(load: LoadProfile) -> Scenario {
    let (scenario, _) = parse_scenario(SCENARIO).unwrap();
    Scenario { load, ..scenario }
}

/// Something that is done to a profile; indexes count modulo what there is.
#[derive(Clone, Debug)]
enum Deed {
    Move(usize, Point, Behind),
    Add(Point),
    Insert(usize),
    Remove(usize),
    Append,
    Rename(usize, String),
    Generate(Generator, usize),
    Transform(Transform),
    ToOpen,
    ToClosed,
}

fn do_deed(scenario: &mut Scenario, deed: &Deed) {
    let load = &mut scenario.load;
    let at = |index: usize| index % load.stages.len().max(1);
    match deed {
        Deed::Move(index, to, behind) => move_point(load, index % load.stages.len(), *to, *behind),
        Deed::Add(point) => drop(add_point(load, *point)),
        Deed::Insert(index) => drop(insert_behind(load, index % load.stages.len(), 10.0)),
        // The last stage and all load may go; that this cannot run is the user's to see.
        Deed::Remove(index) if load.stages.len() > 1 => remove_point(load, index % load.stages.len()),
        Deed::Remove(_) => {}
        Deed::Append => drop(append_stage(load)),
        Deed::Rename(index, name) => {
            let index = at(*index);
            if super::edit::name_refusal(load, index, name).is_none() {
                rename_stage(scenario, index, name.clone());
            }
        }
        Deed::Generate(generator, index) => {
            let place = if index % 2 == 0 { Place::Behind(at(*index)) } else { Place::InsteadOf(at(*index)) };
            let before = load.clone();
            if generator.insert(load, place).is_err() {
                assert_eq!(*load, before, "a refusal changes nothing");
            }
        }
        Deed::Transform(transform) => {
            if let Ok(changed) = transform.applied(load) {
                *load = changed;
            }
        }
        Deed::ToOpen => to_open(load, Duration::from_millis(1_300)),
        Deed::ToClosed => to_closed(load, Duration::from_millis(1_300)),
    }
}

fn point() -> impl Strategy<Value = Point> {
    (-10.0..2_000.0, -10.0..500.0).prop_map(|(secs, level)| Point { secs, level })
}

fn duration() -> impl Strategy<Value = Duration> {
    (0..600_000_u64).prop_map(Duration::from_millis)
}

fn generator() -> impl Strategy<Value = Generator> {
    (prop::sample::select(&Pattern::ALL[..]), duration(), 0.0..500.0, 0.0..500.0, 0..4_u32, 0..9_u32)
        .prop_map(|(pattern, duration, low, high, n_cycles, n_parts)| Generator {
            pattern,
            duration,
            low,
            high,
            n_cycles,
            n_parts,
        })
}

fn transform() -> impl Strategy<Value = Transform> {
    prop_oneof![
        (0.01..4.0).prop_map(Transform::StretchTime),
        duration().prop_map(Transform::StretchTo),
        (0.01..4.0).prop_map(Transform::ScaleLevel),
        (0.0..900.0).prop_map(Transform::ScaleTo),
        (0..4_u32).prop_map(Transform::Repeat),
        Just(Transform::Mirror),
        (duration(), 0.0..90.0).prop_map(|(duration, level)| Transform::WarmUp { duration, level }),
        duration().prop_map(|duration| Transform::CoolDown { duration }),
    ]
}

fn deed() -> impl Strategy<Value = Deed> {
    let behind = prop::sample::select(vec![Behind::Stays, Behind::Moves]);
    prop_oneof![
        4 => (any::<usize>(), point(), behind).prop_map(|(index, to, behind)| Deed::Move(index, to, behind)),
        3 => point().prop_map(Deed::Add),
        2 => any::<usize>().prop_map(Deed::Insert),
        2 => any::<usize>().prop_map(Deed::Remove),
        1 => Just(Deed::Append),
        1 => (any::<usize>(), "[a-z\"\\\\, :!]{0,8}").prop_map(|(index, name)| Deed::Rename(index, name)),
        2 => (generator(), any::<usize>()).prop_map(|(generator, index)| Deed::Generate(generator, index)),
        2 => transform().prop_map(Deed::Transform),
        1 => Just(Deed::ToOpen),
        1 => Just(Deed::ToClosed),
    ]
}

fn profile() -> impl Strategy<Value = LoadProfile> {
    let shape = prop::sample::select(vec![Shape::Ramp, Shape::Step]);
    let stage = (1..100_000_u64, 0..5_000_u32, shape, 0..9_u8);
    (any::<bool>(), prop::collection::vec(stage, 1..12)).prop_map(|(is_open, stages)| LoadProfile {
        model: if is_open { LoadModel::open() } else { LoadModel::Closed },
        warm_up: Duration::ZERO,
        graceful_stop: Duration::ZERO,
        stages: stages
            .into_iter()
            .enumerate()
            .map(|(index, (millis, level, shape, kind))| Stage {
                name: if kind > 4 {
                    format!("{kind}, \"{index}\" \\")
                } else {
                    format!("Stage {}", index + 1)
                },
                duration: Duration::from_millis(if shape == Shape::Step && kind == 0 { 0 } else { millis }),
                end_level: if is_open { f64::from(level) / 8.0 } else { f64::from(level) },
                shape,
            })
            .collect(),
    })
}

/// What gestures may leave on purpose: no load at all, or a warm-up longer than what is left.
fn is_the_users_own(problem: &Problem) -> bool {
    problem.message.contains("no stage has a level above zero") || problem.field == "load.warm_up"
}

/// The area under the curve by the trapezoid rule, on a grid that is fine within each stage.
fn area(profile: &LoadProfile) -> f64 {
    const N_PARTS: u32 = 500;
    let stage_area = |(index, stage): (usize, &Stage)| {
        let (from, width) = (start_level(profile, index), stage.duration.as_secs_f64() / f64::from(N_PARTS));
        let level = |part: u32| from + (stage.end_level - from) * f64::from(part) / f64::from(N_PARTS);
        (0..N_PARTS).map(|part| width * f64::midpoint(level(part), level(part + 1))).sum::<f64>()
    };
    profile.stages.iter().enumerate().map(stage_area).sum()
}

fn same_curve(one: &LoadProfile, other: &LoadProfile) -> Result<(), TestCaseError> {
    prop_assert_eq!(one.duration(), other.duration());
    let plans = [one, other].map(|load| Plan::new(&scenario(load.clone()), 1.0));
    for nth in 0..200_u32 {
        // Off the grid on which stages end, as a jump has two levels.
        let at = one.duration().mul_f64((f64::from(nth) + 0.372) / 200.0);
        let [a, b] = [plans[0].level_at(at), plans[1].level_at(at)];
        prop_assert!((a - b).abs() <= 1e-6 * a.abs().max(1.0), "{a} and {b} at {at:?}");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_done_leaves_a_profile_that_can_run(
        before in profile(),
        deeds in prop::collection::vec(deed(), 1..25),
    ) {
        let mut scenario = scenario(before);
        for deed in &deeds {
            do_deed(&mut scenario, deed);
            let errors: Vec<Problem> =
                validate(&scenario).into_iter().filter(|p| p.is_error() && !is_the_users_own(p)).collect();
            // A profile of jumps alone comes from no gesture.
            let is_all_jumps = scenario.load.duration().is_zero();
            prop_assert!(errors.is_empty() || is_all_jumps, "{deed:?}: {errors:?}");
        }
    }

    #[test]
    fn the_short_form_loses_nothing(before in profile()) {
        let written = text::write(&before, Format::Short);
        prop_assert!(written.losses.is_empty());
        let read = text::read(&written.text).map_err(TestCaseError::fail)?;
        prop_assert_eq!(read.stages, before.stages);
    }

    #[test]
    fn k6_and_csv_keep_the_curve(before in profile()) {
        let mut before = before;
        // k6 wants whole targets, and says so.
        before.stages.iter_mut().for_each(|stage| stage.end_level = stage.end_level.round());
        prop_assume!(!before.duration().is_zero());
        for format in [Format::K6, Format::Csv] {
            let written = text::write(&before, format);
            let read = text::read(&written.text).map_err(TestCaseError::fail)?;
            prop_assert_eq!(read.format, format);
            same_curve(&before, &read.applied(&before).map_err(TestCaseError::fail)?)?;
        }
    }

    #[test]
    fn no_text_makes_the_reader_fall_over(text in "[a-z0-9:,!\"'\\[\\]{}\\n ./=;-]{0,60}") {
        let _ = text::read(&text);
    }

    #[test]
    fn a_mirror_in_a_mirror_shows_the_profile_itself(before in profile()) {
        prop_assume!(!before.duration().is_zero());
        let mirrored = Transform::Mirror.applied(&before).map_err(TestCaseError::fail)?;
        prop_assert!((area(&mirrored) - area(&before)).abs() <= 1e-9 * area(&before).max(1.0));
        same_curve(&before, &Transform::Mirror.applied(&mirrored).map_err(TestCaseError::fail)?)?;
    }

    #[test]
    fn planned_totals_are_the_area_under_the_curve(before in profile()) {
        let plan = Plan::new(&scenario(before.clone()), 1.0);
        let area = area(&before);
        prop_assert!((plan.area_at(plan.duration()) - area).abs() <= 1e-6 * area.max(1.0));
        match before.model {
            LoadModel::Open { arrivals: Arrivals::Constant, .. } => {
                let planned = plan.n_planned_iterations().unwrap_or_default() as f64;
                prop_assert!((planned - area).abs() <= 0.5 + 1e-6 * area, "{planned} for {area}");
                prop_assert_eq!(plan.n_planned_requests(), plan.n_planned_iterations());
            }
            _ => prop_assert_eq!(plan.n_planned_iterations(), None),
        }
    }
}
