//! Gestures on a load profile as points on a canvas; point `i` is the end of stage `i`.
//!
//! Each keeps the profile possible: stages keep their time, levels their bounds, users stay whole.

use std::time::Duration;

use super::{LoadProfile, Shape, Stage, names::plain_name};
use crate::model::{Scenario, Window};

/// Shortest stage that a drag leaves.
pub const MIN_STAGE: Duration = Duration::from_millis(500);

/// A place on the canvas: seconds since the start, and a level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub secs: f64,
    pub level: f64,
}

/// Whether what lies behind a moved point moves with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    Stays,
    Moves,
}

/// When stage `index` starts.
pub fn stage_start(profile: &LoadProfile, index: usize) -> Duration {
    profile.stages[..index].iter().fold(Duration::ZERO, |sum, stage| sum.saturating_add(stage.duration))
}

/// The level at which stage `index` starts.
pub fn start_level(profile: &LoadProfile, index: usize) -> f64 {
    match profile.stages[index].shape {
        Shape::Step => profile.stages[index].end_level,
        Shape::Ramp if index == 0 => 0.0,
        Shape::Ramp => profile.stages[index - 1].end_level,
    }
}

/// The ends of all stages.
pub fn points(profile: &LoadProfile) -> Vec<Point> {
    let mut end = Duration::ZERO;
    let point = |stage: &Stage| {
        end = end.saturating_add(stage.duration);
        Point { secs: end.as_secs_f64(), level: stage.end_level }
    };
    profile.stages.iter().map(point).collect()
}

/// The two ends of a stage on the canvas.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    pub from: Point,
    pub to: Point,
}

/// Both ends of all stages.
pub fn spans(profile: &LoadProfile) -> Vec<Span> {
    let mut before = Point { secs: 0.0, level: 0.0 };
    let span = |(stage, to): (&Stage, Point)| {
        let level = if stage.shape == Shape::Step { to.level } else { before.level };
        let from = Point { level, ..before };
        before = to;
        Span { from, to }
    };
    profile.stages.iter().zip(points(profile)).map(span).collect()
}

/// Moves point `index`, never past its neighbours.
pub fn move_point(profile: &mut LoadProfile, index: usize, to: Point, behind: Behind) {
    let present = profile.stages[index].duration;
    let room = LoadProfile::MAX_DURATION.saturating_sub(profile.duration().saturating_sub(present));
    let wanted = moment(to.secs).saturating_sub(stage_start(profile, index));
    let mut duration = wanted.max(MIN_STAGE.min(present));
    match profile.stages.get_mut(index + 1) {
        Some(next) if behind == Behind::Stays => {
            let both = present + next.duration;
            duration = duration.min(both.saturating_sub(MIN_STAGE.min(next.duration)));
            next.duration = both - duration;
        }
        _ => duration = duration.min(room.max(present)),
    }
    let level = profile.possible(to.level);
    let stage = &mut profile.stages[index];
    stage.duration = duration;
    stage.end_level = level;
}

/// Adds a point: within a stage it splits the stage, behind the last it adds one. Returns its index; none where
/// there is no room for one more.
pub fn add_point(profile: &mut LoadProfile, at: Point) -> Option<usize> {
    if profile.stages.len() >= LoadProfile::MAX_STAGES {
        return None;
    }
    let (time, end_level) = (moment(at.secs), profile.possible(at.level));
    let mut start = Duration::ZERO;
    for index in 0..profile.stages.len() {
        let whole = profile.stages[index].duration;
        if time < start + whole {
            let first = first_part(whole, time - start)?;
            let (name, shape) = (plain_name(profile), profile.stages[index].shape);
            profile.stages[index].duration -= first;
            profile.stages.insert(index, Stage { name, duration: first, end_level, shape });
            return Some(index);
        }
        start += whole;
    }
    let room = LoadProfile::MAX_DURATION.saturating_sub(start);
    let duration = (time - start).max(MIN_STAGE).min(room);
    push(profile, duration, end_level)
}

/// Adds a point half-way between point `index` and the next one, or `secs_behind_last` behind the last.
pub fn insert_behind(profile: &mut LoadProfile, index: usize, secs_behind_last: f64) -> Option<usize> {
    let from = Point {
        secs: (stage_start(profile, index) + profile.stages[index].duration).as_secs_f64(),
        level: profile.stages[index].end_level,
    };
    match profile.stages.get(index + 1) {
        Some(next) => {
            let secs = from.secs + next.duration.as_secs_f64() / 2.0;
            add_point(profile, Point { secs, level: f64::midpoint(from.level, next.end_level) })
        }
        None => add_point(profile, Point { secs: from.secs + secs_behind_last, ..from }),
    }
}

/// Removes a point; the stage behind it takes over its time.
pub fn remove_point(profile: &mut LoadProfile, index: usize) {
    let removed = profile.stages.remove(index);
    if let Some(next) = profile.stages.get_mut(index) {
        next.duration += removed.duration;
    }
}

/// Adds a stage like the last one at the end. Returns its index; none where there is no room for one more.
pub fn append_stage(profile: &mut LoadProfile) -> Option<usize> {
    let (duration, level) =
        profile.stages.last().map_or((Duration::from_secs(30), 10.0), |last| (last.duration, last.end_level));
    let room = LoadProfile::MAX_DURATION.saturating_sub(profile.duration());
    push(profile, duration.max(MIN_STAGE).min(room), level)
}

/// Renames a stage, and the windows of thresholds with it.
pub fn rename_stage(scenario: &mut Scenario, index: usize, name: String) {
    let before = std::mem::replace(&mut scenario.load.stages[index].name, name);
    let after = scenario.load.stages[index].name.clone();
    if scenario.load.stages.iter().any(|stage| stage.name == before) {
        return;
    }
    for threshold in &mut scenario.thresholds {
        if threshold.window == Window::Stage(before.clone()) {
            threshold.window = Window::Stage(after.clone());
        }
    }
}

/// Why a stage cannot have this name.
pub fn name_refusal(profile: &LoadProfile, index: usize, name: &str) -> Option<String> {
    let is_other = |(other, stage): (usize, &Stage)| other != index && stage.name == name;
    if name.trim().is_empty() {
        Some("Write a name".to_owned())
    } else if name.chars().count() > 200 {
        Some("Use at most 200 characters".to_owned())
    } else if profile.stages.iter().enumerate().any(is_other) {
        Some("Another stage has this name".to_owned())
    } else {
        None
    }
}

fn push(profile: &mut LoadProfile, duration: Duration, end_level: f64) -> Option<usize> {
    if duration.is_zero() || profile.stages.len() >= LoadProfile::MAX_STAGES {
        return None;
    }
    let name = plain_name(profile);
    profile.stages.push(Stage { name, duration, end_level, shape: Shape::Ramp });
    Some(profile.stages.len() - 1)
}

/// Where a stage is split, so that both parts keep their time; none where it is too short to be split.
fn first_part(whole: Duration, wanted: Duration) -> Option<Duration> {
    let half = whole / 2;
    let part = if half < MIN_STAGE { half } else { wanted.clamp(MIN_STAGE, whole - MIN_STAGE) };
    (!part.is_zero()).then_some(part)
}

/// A time on the canvas, on the millisecond: finer is noise of the pointer.
fn moment(secs: f64) -> Duration {
    Duration::from_millis((secs.max(0.0) * 1_000.0).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LoadModel;

    fn profile(stages: &[(u64, f64)]) -> LoadProfile {
        LoadProfile {
            model: LoadModel::Closed,
            warm_up: Duration::ZERO,
            graceful_stop: Duration::ZERO,
            stages: stages
                .iter()
                .enumerate()
                .map(|(index, (secs, level))| Stage {
                    name: format!("Stage {}", index + 1),
                    duration: Duration::from_secs(*secs),
                    end_level: *level,
                    shape: Shape::Ramp,
                })
                .collect(),
        }
    }

    fn check(profile: &LoadProfile, expected: &[(f64, f64)]) {
        let found: Vec<(f64, f64)> = points(profile).iter().map(|point| (point.secs, point.level)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_moved_point_takes_its_stage_along_and_leaves_the_end_where_it_was() {
        let mut profile = profile(&[(10, 5.0), (20, 5.0)]);
        move_point(&mut profile, 0, Point { secs: 15.0, level: 8.0 }, Behind::Stays);
        check(&profile, &[(15.0, 8.0), (30.0, 5.0)]);
    }

    #[test]
    fn a_point_never_crosses_its_neighbours() {
        let mut profile = profile(&[(10, 5.0), (20, 5.0), (10, 0.0)]);
        move_point(&mut profile, 1, Point { secs: 99.0, level: 5.0 }, Behind::Stays);
        check(&profile, &[(10.0, 5.0), (39.5, 5.0), (40.0, 0.0)]);
        move_point(&mut profile, 1, Point { secs: -7.0, level: -3.0 }, Behind::Stays);
        check(&profile, &[(10.0, 5.0), (10.5, 0.0), (40.0, 0.0)]);
    }

    #[test]
    fn a_rippling_move_takes_everything_behind_along() {
        let mut profile = profile(&[(10, 5.0), (20, 5.0)]);
        move_point(&mut profile, 0, Point { secs: 40.0, level: 5.0 }, Behind::Moves);
        check(&profile, &[(40.0, 5.0), (60.0, 5.0)]);
    }

    #[test]
    fn a_point_on_empty_canvas_splits_its_stage_and_its_removal_heals_it() {
        let mut profile = profile(&[(10, 10.0), (20, 10.0)]);
        assert_eq!(add_point(&mut profile, Point { secs: 16.0, level: 30.0 }), Some(1));
        check(&profile, &[(10.0, 10.0), (16.0, 30.0), (30.0, 10.0)]);
        remove_point(&mut profile, 1);
        check(&profile, &[(10.0, 10.0), (30.0, 10.0)]);
    }

    #[test]
    fn a_point_behind_the_end_adds_a_stage_with_a_name_of_its_own() {
        let mut profile = profile(&[(10, 10.0), (20, 10.0)]);
        profile.stages[1].name = "Stage 3".to_owned();
        assert_eq!(add_point(&mut profile, Point { secs: 45.0, level: 0.0 }), Some(2));
        check(&profile, &[(10.0, 10.0), (30.0, 10.0), (45.0, 0.0)]);
        assert_eq!(profile.stages[2].name, "Stage 4");
    }

    #[test]
    fn users_stay_whole_and_levels_within_their_bounds() {
        let mut profile = profile(&[(10, 5.0)]);
        move_point(&mut profile, 0, Point { secs: 10.0, level: 7.4 }, Behind::Stays);
        check(&profile, &[(10.0, 7.0)]);
        move_point(&mut profile, 0, Point { secs: f64::MAX, level: f64::MAX }, Behind::Stays);
        check(&profile, &[(LoadProfile::MAX_DURATION.as_secs_f64(), LoadProfile::MAX_LEVEL)]);
    }

    #[test]
    fn a_split_leaves_time_for_both_parts() {
        let mut profile = profile(&[(10, 10.0)]);
        add_point(&mut profile, Point { secs: 9.9, level: 3.0 });
        check(&profile, &[(9.5, 3.0), (10.0, 10.0)]);
        add_point(&mut profile, Point { secs: 9.9, level: 4.0 });
        check(&profile, &[(9.5, 3.0), (9.75, 4.0), (10.0, 10.0)]);
    }

    #[test]
    fn a_point_is_inserted_half_way_to_the_next() {
        let mut profile = profile(&[(10, 4.0), (20, 10.0)]);
        assert_eq!(insert_behind(&mut profile, 0, 5.0), Some(1));
        check(&profile, &[(10.0, 4.0), (20.0, 7.0), (30.0, 10.0)]);
        assert_eq!(insert_behind(&mut profile, 2, 5.0), Some(3));
        check(&profile, &[(10.0, 4.0), (20.0, 7.0), (30.0, 10.0), (35.0, 10.0)]);
    }

    #[test]
    fn a_name_is_one_of_its_own() {
        let profile = profile(&[(10, 4.0), (20, 10.0)]);
        assert!(name_refusal(&profile, 0, "Stage 2").is_some_and(|words| words.contains("Another")));
        assert!(name_refusal(&profile, 0, " ").is_some());
        assert_eq!(name_refusal(&profile, 0, "Stage 1"), None);
    }
}
