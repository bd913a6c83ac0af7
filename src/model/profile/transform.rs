//! Transforms of a whole load profile: stretch, scale, repeat, mirror, warm-up, cool-down.

use std::time::Duration;

use super::{LoadProfile, Shape, Stage, edit::start_level, generate::within_limits, names::Names};

/// A change of the whole profile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Transform {
    /// Multiplies all durations, the warm-up's too.
    StretchTime(f64),
    /// Stretches all durations so that they come to this.
    StretchTo(Duration),
    /// Multiplies all levels.
    ScaleLevel(f64),
    /// Scales all levels so that the highest is this.
    ScaleTo(f64),
    /// The profile this many times in a row.
    Repeat(u32),
    /// The same curve from its end to its start.
    Mirror,
    /// A ramp to this level before everything, counted as warm-up.
    WarmUp { duration: Duration, level: f64 },
    /// A ramp to zero behind everything.
    CoolDown { duration: Duration },
}

impl Transform {
    /// The changed profile, or why it cannot be.
    pub fn applied(self, profile: &LoadProfile) -> Result<LoadProfile, String> {
        if profile.stages.is_empty() && !matches!(self, Self::WarmUp { .. }) {
            return Err("There is no stage yet: add one first.".to_owned());
        }
        let changed = match self {
            Self::StretchTime(factor) => stretched(profile, factor)?,
            Self::StretchTo(_) | Self::Mirror if profile.duration().is_zero() => {
                return Err("The stages take no time: give one a duration first.".to_owned());
            }
            Self::StretchTo(total) => {
                let factor = total.as_secs_f64() / profile.duration().as_secs_f64();
                let mut changed = stretched(profile, factor)?;
                // Sums of rounded parts may miss what was asked for by less than a millisecond.
                let others = changed.duration();
                if let Some(last) = changed.stages.iter_mut().rev().find(|stage| !stage.duration.is_zero()) {
                    last.duration = (last.duration + total).saturating_sub(others);
                }
                changed
            }
            Self::ScaleLevel(factor) => scaled(profile, factor)?,
            Self::ScaleTo(peak) => {
                if profile.peak() == 0.0 {
                    return Err("All levels are zero, so none can be scaled to a peak.".to_owned());
                }
                scaled(profile, peak / profile.peak())?
            }
            Self::Repeat(n_times) => repeated(profile, n_times)?,
            Self::Mirror => mirrored(profile),
            Self::WarmUp { duration, level } => with_warm_up(profile, duration, level)?,
            Self::CoolDown { duration } => with_cool_down(profile, duration)?,
        };
        within_limits(&changed)?;
        Ok(changed)
    }
}

fn stretched(profile: &LoadProfile, factor: f64) -> Result<LoadProfile, String> {
    check_factor(factor)?;
    let mut changed = profile.clone();
    // The ends are scaled rather than the durations, so that rounding does not add up.
    let (mut end, mut scaled_end) = (Duration::ZERO, Duration::ZERO);
    for stage in &mut changed.stages {
        end = end.saturating_add(stage.duration);
        let next = times(end, factor)?;
        let has_time = !stage.duration.is_zero();
        stage.duration = next.saturating_sub(scaled_end);
        if has_time && stage.duration.is_zero() {
            return Err(format!("The stage {} would be left without time: stretch by more.", stage.name));
        }
        scaled_end = next;
    }
    changed.warm_up = times(changed.warm_up, factor)?;
    Ok(changed)
}

fn times(duration: Duration, factor: f64) -> Result<Duration, String> {
    let millis = duration.as_secs_f64() * factor * 1_000.0;
    if millis > LoadProfile::MAX_DURATION.as_millis() as f64 {
        return Err("All stages together would take more than seven days: stretch by less.".to_owned());
    }
    Ok(Duration::from_millis(millis.round() as u64))
}

fn check_factor(factor: f64) -> Result<(), String> {
    if factor.is_finite() && factor > 0.0 {
        return Ok(());
    }
    Err("The factor is a number above zero, such as 2 or 0.5.".to_owned())
}

fn scaled(profile: &LoadProfile, factor: f64) -> Result<LoadProfile, String> {
    check_factor(factor)?;
    if profile.peak() * factor > LoadProfile::MAX_LEVEL {
        return Err("The peak would be above 10,000,000: scale by less.".to_owned());
    }
    let mut changed = profile.clone();
    for stage in &mut changed.stages {
        // Rates are chosen figures: nine digits are more than anybody chooses, and hide the noise of the product.
        stage.end_level = profile.possible(rounded(stage.end_level * factor));
    }
    Ok(changed)
}

fn rounded(level: f64) -> f64 {
    if level == 0.0 || !level.is_finite() {
        return level;
    }
    let n_decimals = (8.0 - level.abs().log10().floor()).clamp(0.0, 12.0);
    let unit = 10_f64.powf(n_decimals);
    (level * unit).round() / unit
}

fn repeated(profile: &LoadProfile, n_times: u32) -> Result<LoadProfile, String> {
    if n_times < 2 {
        return Err("Repeat two times or more.".to_owned());
    }
    if u64::from(n_times) * profile.stages.len() as u64 > LoadProfile::MAX_STAGES as u64 {
        return Err("That makes more than 10,000 stages: repeat fewer times.".to_owned());
    }
    let mut names = Names::of(profile);
    let mut changed = profile.clone();
    for _ in 1..n_times {
        changed.stages.extend(
            profile.stages.iter().map(|stage| Stage { name: names.take(&stage.name), ..stage.clone() }),
        );
    }
    Ok(changed)
}

/// Jumps become stages without time, as a curve that is read backwards jumps before a stage, not in it.
fn mirrored(profile: &LoadProfile) -> LoadProfile {
    let mut names = Names::of(profile);
    let mut changed = LoadProfile { stages: Vec::with_capacity(profile.stages.len()), ..profile.clone() };
    let mut level = 0.0;
    for (index, stage) in
        profile.stages.iter().enumerate().rev().filter(|(_, stage)| !stage.duration.is_zero())
    {
        let (from, to) = (stage.end_level, start_level(profile, index));
        let is_held = from == to;
        if level != from && !is_held {
            let (name, duration) = (names.take(&format!("Jump before {}", stage.name)), Duration::ZERO);
            changed.stages.push(Stage { name, duration, end_level: from, shape: Shape::Step });
        }
        let shape = if is_held { Shape::Step } else { Shape::Ramp };
        changed.stages.push(Stage { end_level: to, shape, ..stage.clone() });
        level = to;
    }
    changed
}

fn with_warm_up(profile: &LoadProfile, duration: Duration, level: f64) -> Result<LoadProfile, String> {
    check_time(duration)?;
    let mut changed = profile.clone();
    let name = Names::of(profile).take("Warm-up");
    let end_level = profile.possible(level);
    changed.stages.insert(0, Stage { name, duration, end_level, shape: Shape::Ramp });
    changed.warm_up = changed.warm_up.saturating_add(duration);
    Ok(changed)
}

fn with_cool_down(profile: &LoadProfile, duration: Duration) -> Result<LoadProfile, String> {
    check_time(duration)?;
    let mut changed = profile.clone();
    let name = Names::of(profile).take("Cool-down");
    changed.stages.push(Stage { name, duration, end_level: 0.0, shape: Shape::Ramp });
    Ok(changed)
}

fn check_time(duration: Duration) -> Result<(), String> {
    if duration.is_zero() {
        return Err("A stage takes time: write a duration such as 30s.".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LoadModel;

    fn profile(stages: &[(&str, u64, f64, Shape)]) -> LoadProfile {
        LoadProfile {
            model: LoadModel::Closed,
            warm_up: Duration::ZERO,
            graceful_stop: Duration::ZERO,
            stages: stages
                .iter()
                .map(|(name, secs, end_level, shape)| Stage {
                    name: (*name).to_owned(),
                    duration: Duration::from_secs(*secs),
                    end_level: *end_level,
                    shape: *shape,
                })
                .collect(),
        }
    }

    fn check(transform: Transform, before: &LoadProfile, expected: &[(&str, f64, f64)]) {
        let changed = transform.applied(before).unwrap();
        let found: Vec<(&str, f64, f64)> = changed
            .stages
            .iter()
            .map(|stage| (stage.name.as_str(), stage.duration.as_secs_f64(), stage.end_level))
            .collect();
        assert_eq!(found, expected, "{transform:?}");
    }

    #[test]
    fn time_and_level_are_stretched_by_a_factor_or_to_a_figure() {
        let before = profile(&[("a", 10, 5.0, Shape::Ramp), ("b", 20, 10.0, Shape::Ramp)]);
        check(Transform::StretchTime(1.5), &before, &[("a", 15.0, 5.0), ("b", 30.0, 10.0)]);
        let total = Duration::from_secs(100);
        check(Transform::StretchTo(total), &before, &[("a", 33.333, 5.0), ("b", 66.667, 10.0)]);
        check(Transform::ScaleLevel(0.5), &before, &[("a", 10.0, 3.0), ("b", 20.0, 5.0)]);
        check(Transform::ScaleTo(30.0), &before, &[("a", 10.0, 15.0), ("b", 20.0, 30.0)]);
        assert!(Transform::StretchTime(0.0).applied(&before).is_err());
        assert!(Transform::ScaleLevel(1e9).applied(&before).is_err());
    }

    #[test]
    fn repeated_stages_have_names_of_their_own() {
        let before = profile(&[("a", 10, 5.0, Shape::Ramp)]);
        check(Transform::Repeat(3), &before, &[("a", 10.0, 5.0), ("a (2)", 10.0, 5.0), ("a (3)", 10.0, 5.0)]);
        assert!(Transform::Repeat(10_001).applied(&before).is_err());
    }

    #[test]
    fn a_mirrored_profile_runs_backwards_and_jumps_where_the_curve_jumps() {
        let before = profile(&[("up", 10, 5.0, Shape::Ramp), ("hold", 20, 8.0, Shape::Step)]);
        let expected = [("hold", 20.0, 8.0), ("Jump before up", 0.0, 5.0), ("up", 10.0, 0.0)];
        check(Transform::Mirror, &before, &expected);
    }

    #[test]
    fn warm_up_and_cool_down_are_stages_of_their_own() {
        let before = profile(&[("a", 10, 5.0, Shape::Ramp)]);
        let warm_up = Transform::WarmUp { duration: Duration::from_secs(30), level: 5.0 };
        check(warm_up, &before, &[("Warm-up", 30.0, 5.0), ("a", 10.0, 5.0)]);
        assert_eq!(warm_up.applied(&before).unwrap().warm_up, Duration::from_secs(30));
        let cool_down = Transform::CoolDown { duration: Duration::from_secs(20) };
        check(cool_down, &before, &[("a", 10.0, 5.0), ("Cool-down", 20.0, 0.0)]);
    }
}
