//! From users to arrivals per second and back, by Little's law: users = rate × time of an iteration.

use std::time::Duration;

use super::{LoadModel, LoadProfile};

/// Turns users into the arrivals per second that as many users make when an iteration takes `iteration`.
pub fn to_open(profile: &mut LoadProfile, iteration: Duration) {
    let secs = iteration.as_secs_f64();
    if profile.model.is_open() || secs <= 0.0 {
        return;
    }
    let n_users = profile.peak();
    profile.model = LoadModel::open();
    if let LoadModel::Open { max_users, .. } = &mut profile.model {
        // Twice the users leave room for answers that come late.
        *max_users = (*max_users).max((2.0 * n_users).min(LoadProfile::MAX_LEVEL) as u32);
    }
    for index in 0..profile.stages.len() {
        let rate = three_digits(profile.stages[index].end_level / secs);
        profile.stages[index].end_level = profile.possible(rate);
    }
}

/// Turns arrivals per second into the users that are busy at that rate when an iteration takes `iteration`.
pub fn to_closed(profile: &mut LoadProfile, iteration: Duration) {
    if !profile.model.is_open() {
        return;
    }
    profile.model = LoadModel::Closed;
    for index in 0..profile.stages.len() {
        let rate = profile.stages[index].end_level;
        // Some load needs at least one user.
        let least = if rate > 0.0 { 1.0 } else { 0.0 };
        profile.stages[index].end_level = profile.possible((rate * iteration.as_secs_f64()).max(least));
    }
}

/// An estimate is not known to more than three digits.
fn three_digits(rate: f64) -> f64 {
    if rate <= 0.0 || !rate.is_finite() {
        return 0.0;
    }
    let n_decimals = (2.0 - rate.log10().floor()).clamp(0.0, 9.0);
    let unit = 10_f64.powf(n_decimals);
    (rate * unit).round() / unit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Shape, Stage};

    fn profile(model: LoadModel, levels: &[f64]) -> LoadProfile {
        let stage = |level: &f64| Stage {
            name: format!("to {level}"),
            duration: Duration::from_secs(10),
            end_level: *level,
            shape: Shape::Ramp,
        };
        let stages = levels.iter().map(stage).collect();
        LoadProfile { model, warm_up: Duration::ZERO, graceful_stop: Duration::ZERO, stages }
    }

    fn levels(profile: &LoadProfile) -> Vec<f64> {
        profile.stages.iter().map(|stage| stage.end_level).collect()
    }

    #[test]
    fn users_become_the_rate_that_they_make_and_back() {
        let mut load = profile(LoadModel::Closed, &[50.0, 3.0, 0.0, 900.0]);
        let iteration = Duration::from_millis(1_500);
        to_open(&mut load, iteration);
        assert_eq!(levels(&load), [33.3, 2.0, 0.0, 600.0]);
        assert!(matches!(load.model, LoadModel::Open { max_users: 1_800, .. }));
        to_closed(&mut load, iteration);
        assert_eq!(levels(&load), [50.0, 3.0, 0.0, 900.0]);
        assert_eq!(load.model, LoadModel::Closed);
    }

    #[test]
    fn a_little_load_keeps_one_user() {
        let mut load = profile(LoadModel::open(), &[0.1, 0.0]);
        to_closed(&mut load, Duration::from_secs(1));
        assert_eq!(levels(&load), [1.0, 0.0]);
    }
}
