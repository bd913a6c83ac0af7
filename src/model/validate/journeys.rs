//! Journeys: weights, pauses, and that something is sent.

use super::templates::Known;
use super::{Findings, steps};
use crate::model::problem::shown;
use crate::model::{Journey, Scenario, ThinkTime};

const MAX_JOURNEYS: usize = 200;
const MAX_STEPS: usize = 5_000;
const MAX_WEIGHT: u32 = 10_000;
/// Weights together; the plan interleaves journeys in a cycle of this length.
const MAX_TOTAL_WEIGHT: u64 = 100_000;

pub(super) fn check(scenario: &Scenario, findings: &mut Findings) {
    let journeys = &scenario.journeys;
    if journeys.is_empty() {
        findings.error(
            "journeys",
            "the scenario has no journey, so there is nothing to send",
            "Add a [[journeys]] table with at least one [[journeys.steps]].",
        );
        return;
    }
    if journeys.len() > MAX_JOURNEYS || scenario.n_steps() > MAX_STEPS {
        findings.error(
            "journeys",
            "there are more than 200 journeys or 5,000 steps",
            "Split the scenario in several files.",
        );
        return;
    }
    if !journeys.iter().any(|journey| journey.enabled) {
        findings.error(
            "journeys",
            "every journey is switched off, so there is nothing to send",
            "Switch one on: remove its line enabled = false.",
        );
    }
    if journeys.iter().map(|journey| u64::from(journey.weight)).sum::<u64>() > MAX_TOTAL_WEIGHT {
        findings.error(
            "journeys",
            "the weights add up to more than 100,000",
            "Use smaller weights in the same proportions.",
        );
    }
    for (index, journey) in journeys.iter().enumerate() {
        check_journey(&format!("journeys[{index}]"), journey, scenario, findings);
    }
    let named = journeys.iter().enumerate();
    findings.duplicates(
        named.map(|(index, journey)| (format!("journeys[{index}].name"), journey.name.as_str())),
        "journey",
    );
}

fn check_journey(field: &str, journey: &Journey, scenario: &Scenario, findings: &mut Findings) {
    findings.name(format!("{field}.name"), &journey.name, "journey");
    if !(1..=MAX_WEIGHT).contains(&journey.weight) {
        findings.error(
            format!("{field}.weight"),
            format!("a weight of {} is not possible", journey.weight),
            "Choose a whole number from 1 to 10,000, or remove the journey.",
        );
    }
    check_think_time(&format!("{field}.think_time"), &journey.think_time, findings);
    check_pacing(&format!("{field}.pacing"), journey, scenario, findings);
    if journey.steps.is_empty() {
        findings.error(
            format!("{field}.steps"),
            format!("the journey `{}` has no step", shown(&journey.name)),
            "Add a [[journeys.steps]] table with name and path.",
        );
    }
    if journey.enabled && !journey.steps.is_empty() && journey.enabled_steps().next().is_none() {
        findings.error(
            format!("{field}.steps"),
            format!("every step of the journey `{}` is switched off", shown(&journey.name)),
            "Switch one on, or switch the journey off.",
        );
    }
    let mut known = Known::of(scenario);
    for (index, step) in journey.steps.iter().enumerate() {
        steps::check(&format!("{field}.steps[{index}]"), step, scenario, &mut known, findings);
    }
    let named = journey.steps.iter().enumerate();
    findings.duplicates(
        named.map(|(index, step)| (format!("{field}.steps[{index}].name"), step.name.as_str())),
        "step of this journey",
    );
}

fn check_pacing(field: &str, journey: &Journey, scenario: &Scenario, findings: &mut Findings) {
    let Some(pacing) = journey.pacing else { return };
    findings.at_most(field, pacing);
    if pacing.is_zero() {
        findings.error(
            field,
            "iterations cannot start no time apart",
            "Choose how far apart a user's iterations are meant to start, such as 2s, or remove the line.",
        );
    } else if scenario.load.model.is_open() {
        findings.warning(
            field,
            "pacing has no effect in the open model, whose timetable starts the iterations",
            "Remove it, or set load.model = \"closed\".",
        );
    }
}

fn check_think_time(field: &str, think_time: &ThinkTime, findings: &mut Findings) {
    match think_time {
        ThinkTime::None => {}
        ThinkTime::Fixed(pause) => findings.at_most(field, *pause),
        ThinkTime::Uniform { min, max } => {
            findings.at_most(field, *max);
            if min > max {
                findings.error(
                    field,
                    "the shortest pause is longer than the longest",
                    "Write the shorter one first: { uniform = [\"500ms\", \"1500ms\"] }.",
                );
            }
        }
        ThinkTime::Normal { mean, std_dev } => {
            findings.at_most(field, *mean);
            findings.at_most(field, *std_dev);
        }
        ThinkTime::LogNormal { median, p95 } => {
            findings.at_most(field, *p95);
            if median.is_zero() || p95 < median {
                findings.error(
                    field,
                    "a log-normal pause needs a median above zero and a p95 that is not below it",
                    "Write for example { log_normal = { median = \"800ms\", p95 = \"3s\" } }.",
                );
            }
        }
    }
}
