//! The load profile: stages, levels, warm-up.

use super::{Findings, MAX_DURATION, MAX_LEVEL};
use crate::model::problem::shown;
use crate::model::{LoadModel, LoadProfile, Shape, Stage};

pub(super) fn check(load: &LoadProfile, findings: &mut Findings) {
    model(&load.model, findings);
    findings.at_most("load.warm_up", load.warm_up);
    findings.at_most("load.graceful_stop", load.graceful_stop);
    if load.stages.is_empty() {
        findings.error(
            "load.stages",
            "the load profile has no stage, so nothing would be sent",
            "Add a stage with name, duration and level.",
        );
        return;
    }
    if load.stages.len() > LoadProfile::MAX_STAGES {
        findings.error("load.stages", "there are more than 10,000 stages", "Merge or remove some.");
        return;
    }
    for (index, stage) in load.stages.iter().enumerate() {
        check_stage(&format!("load.stages[{index}]"), stage, load.model.is_open(), findings);
    }
    let named = load.stages.iter().enumerate();
    findings.duplicates(
        named.map(|(index, stage)| (format!("load.stages[{index}].name"), stage.name.as_str())),
        "stage",
    );
    whole(load, findings);
}

fn model(model: &LoadModel, findings: &mut Findings) {
    let LoadModel::Open { max_users, seed, .. } = model else { return };
    if *max_users == 0 || f64::from(*max_users) > MAX_LEVEL {
        findings.error(
            "load.max_users",
            format!("{max_users} is not a useful number of iterations that may be under way at once"),
            "Choose 1 to 10,000,000; 1000 is the default.",
        );
    }
    if i64::try_from(*seed).is_err() {
        findings.error("load.seed", "the seed does not fit the file", "Choose one below 2^63.");
    }
}

fn check_stage(field: &str, stage: &Stage, is_open: bool, findings: &mut Findings) {
    findings.name(format!("{field}.name"), &stage.name, "stage");
    findings.at_most(&format!("{field}.duration"), stage.duration);
    if stage.duration.is_zero() && stage.shape == Shape::Ramp {
        findings.error(
            format!("{field}.duration"),
            format!("the stage `{}` takes no time, and a ramp needs some", shown(&stage.name)),
            "Give it a duration, or set shape = \"step\" to jump to its level.",
        );
    }
    let level_field = format!("{field}.{}", if is_open { "rate" } else { "users" });
    let (what, remedy) = if is_open {
        ("arrivals per second", "Choose a rate from 0 to 10,000,000.")
    } else {
        ("virtual users", "Choose a whole number from 0 to 10,000,000.")
    };
    let level = stage.end_level;
    if !level.is_finite() || !(0.0..=MAX_LEVEL).contains(&level) {
        findings.error(level_field, format!("{level} is no possible number of {what}"), remedy);
    } else if !is_open && level.fract() != 0.0 {
        findings.error(level_field, format!("there cannot be {level} virtual users"), remedy);
    }
}

/// What only shows when the stages are seen together.
fn whole(load: &LoadProfile, findings: &mut Findings) {
    let total = load.duration();
    let has_ramp_without_time =
        load.stages.iter().any(|stage| stage.duration.is_zero() && stage.shape == Shape::Ramp);
    if total.is_zero() && !has_ramp_without_time {
        findings.error(
            "load.stages",
            "all stages together take no time",
            "Give at least one stage a duration above zero.",
        );
    } else if total > MAX_DURATION {
        findings.error("load.stages", "all stages together take more than seven days", "Shorten them.");
    } else if load.warm_up >= total && !total.is_zero() {
        findings.error(
            "load.warm_up",
            "the warm-up lasts as long as all stages together, so nothing would be judged",
            "Shorten the warm-up or lengthen the stages.",
        );
    }
    if load.stages.iter().all(|stage| stage.end_level == 0.0) {
        findings.error(
            "load.stages",
            "no stage has a level above zero, so nothing would be sent",
            "Set the users or the rate of at least one stage.",
        );
    }
}
