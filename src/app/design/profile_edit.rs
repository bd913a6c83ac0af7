//! Edits of a load profile as points on a canvas; point `i` is the end of stage `i`. Pure.

use std::time::Duration;

use crate::model::{LoadProfile, Scenario, Shape, Stage, Window};

/// Shortest stage that a drag leaves.
pub const MIN_STAGE: Duration = Duration::from_millis(500);

/// A place on the canvas: seconds since the start, and a level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub secs: f64,
    pub level: f64,
}

/// When stage `index` starts.
pub fn stage_start(profile: &LoadProfile, index: usize) -> Duration {
    profile.stages[..index].iter().map(|stage| stage.duration).sum()
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
    profile
        .stages
        .iter()
        .map(|stage| {
            end += stage.duration;
            Point { secs: end.as_secs_f64(), level: stage.end_level }
        })
        .collect()
}

/// The highest level reached.
pub fn peak(profile: &LoadProfile) -> f64 {
    profile.stages.iter().map(|stage| stage.end_level).fold(0.0, f64::max)
}

/// Whether what lies behind a moved point moves with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behind {
    Stays,
    Moves,
}

/// Moves point `index`, never past its neighbours.
pub fn move_point(profile: &mut LoadProfile, index: usize, to: Point, behind: Behind) {
    let start = stage_start(profile, index);
    let present = profile.stages[index].duration;
    let wanted = Duration::try_from_secs_f64(to.secs.max(0.0)).unwrap_or_default();
    let mut duration = wanted.saturating_sub(start).max(MIN_STAGE.min(present));
    if behind == Behind::Stays
        && let Some(next) = profile.stages.get_mut(index + 1)
    {
        let both = present + next.duration;
        duration = duration.min(both.saturating_sub(MIN_STAGE.min(next.duration)));
        next.duration = both - duration;
    }
    let stage = &mut profile.stages[index];
    stage.duration = duration;
    stage.end_level = to.level.max(0.0);
}

/// Adds a point: within a stage it splits the stage, behind the last it adds one. Returns its index.
pub fn add_point(profile: &mut LoadProfile, at: Point) -> usize {
    let secs = Duration::try_from_secs_f64(at.secs.max(0.0)).unwrap_or_default();
    let level = at.level.max(0.0);
    let mut start = Duration::ZERO;
    for index in 0..profile.stages.len() {
        let end = start + profile.stages[index].duration;
        if secs < end {
            let name = unused_name(profile);
            let shape = profile.stages[index].shape;
            let first = (secs - start).max(MIN_STAGE).min(profile.stages[index].duration);
            profile.stages[index].duration -= first;
            profile.stages.insert(index, Stage { name, duration: first, end_level: level, shape });
            return index;
        }
        start = end;
    }
    let duration = secs.saturating_sub(start).max(MIN_STAGE);
    let name = unused_name(profile);
    profile.stages.push(Stage { name, duration, end_level: level, shape: Shape::Ramp });
    profile.stages.len() - 1
}

/// Removes a point; the stage behind it takes over its time.
pub fn remove_point(profile: &mut LoadProfile, index: usize) {
    let removed = profile.stages.remove(index);
    if let Some(next) = profile.stages.get_mut(index) {
        next.duration += removed.duration;
    }
}

/// Adds a stage like the last one at the end.
pub fn append_stage(profile: &mut LoadProfile) {
    let name = unused_name(profile);
    let (duration, end_level) =
        profile.stages.last().map_or((Duration::from_secs(30), 10.0), |last| (last.duration, last.end_level));
    profile.stages.push(Stage { name, duration, end_level, shape: Shape::Ramp });
}

/// Multiplies all levels; users stay whole.
pub fn scale_levels(profile: &mut LoadProfile, factor: f64) {
    let is_open = profile.model.is_open();
    for stage in &mut profile.stages {
        let level = stage.end_level * factor;
        stage.end_level = if is_open { level } else { level.round() };
    }
}

/// Multiplies all durations.
pub fn stretch_time(profile: &mut LoadProfile, factor: f64) {
    for stage in &mut profile.stages {
        let secs = stage.duration.as_secs_f64() * factor;
        stage.duration = Duration::from_millis((secs * 1_000.0).round() as u64);
    }
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

fn unused_name(profile: &LoadProfile) -> String {
    (profile.stages.len() + 1..)
        .map(|number| format!("Stage {number}"))
        .find(|name| profile.stages.iter().all(|stage| stage.name != *name))
        .unwrap_or_default()
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
        assert_eq!(add_point(&mut profile, Point { secs: 16.0, level: 30.0 }), 1);
        check(&profile, &[(10.0, 10.0), (16.0, 30.0), (30.0, 10.0)]);
        remove_point(&mut profile, 1);
        check(&profile, &[(10.0, 10.0), (30.0, 10.0)]);
    }

    #[test]
    fn a_point_behind_the_end_adds_a_stage_with_a_name_of_its_own() {
        let mut profile = profile(&[(10, 10.0), (20, 10.0)]);
        profile.stages[1].name = "Stage 3".to_owned();
        assert_eq!(add_point(&mut profile, Point { secs: 45.0, level: 0.0 }), 2);
        check(&profile, &[(10.0, 10.0), (30.0, 10.0), (45.0, 0.0)]);
        assert_eq!(profile.stages[2].name, "Stage 4");
    }

    #[test]
    fn scaled_users_stay_whole() {
        let mut profile = profile(&[(10, 5.0)]);
        scale_levels(&mut profile, 0.5);
        check(&profile, &[(10.0, 3.0)]);
    }
}
