//! Two sides of one run: that the candidate is there, that names tell the sides apart, and that pairs fit in.

use super::{Findings, validate};
use crate::model::problem::shown;
use crate::model::{CANDIDATE_SUFFIX, Candidate, Interleave, Plan, Problem, Scenario, Step};

pub(super) fn check(scenario: &Scenario, findings: &mut Findings) {
    let Some(interleave) = &scenario.interleave else { return };
    check_candidate(&interleave.candidate, scenario, findings);
    check_names(scenario, findings);
    for (field, step) in steps(scenario) {
        if step.path.starts_with("http://") || step.path.starts_with("https://") {
            findings.warning(
                format!("{field}.path"),
                format!("the step `{}` goes to the same place on both sides", shown(&step.name)),
                "Write a path below the base URL, or put the host into a variable of each environment.",
            );
        }
    }
    check_blocks(interleave, scenario, findings);
}

fn check_candidate(candidate: &Candidate, scenario: &Scenario, findings: &mut Findings) {
    match candidate {
        Candidate::BaseUrl(base_url) => {
            findings.base_url("interleave.candidate.base_url".to_owned(), base_url);
        }
        Candidate::Environment(name) => {
            let known = scenario.environments.iter().map(|environment| environment.name.as_str());
            if known.clone().any(|known| known == name) {
                check_as_candidate(name, scenario, findings);
            } else {
                let field = "interleave.candidate.environment".to_owned();
                findings.unknown_name(field, "environment", name, known);
            }
        }
    }
}

/// What is wrong in the candidate's environment only, such as a variable that it does not define.
fn check_as_candidate(name: &str, scenario: &Scenario, findings: &mut Findings) {
    let there = Scenario {
        environment: Some(name.to_owned()),
        interleave: None,
        ..scenario.as_written().into_owned()
    };
    let known = findings.0.clone();
    let is_new = |problem: &Problem| problem.is_error() && !known.contains(problem);
    for problem in validate(&there).into_iter().filter(is_new) {
        let message = format!("in the candidate's environment `{}`, {}", shown(name), problem.message);
        findings.0.push(Problem { message, ..problem });
    }
}

/// Names that a run gives to the candidate's journeys and steps must not be there before.
fn check_names(scenario: &Scenario, findings: &mut Findings) {
    let journeys = scenario.journeys.iter().enumerate();
    let names = journeys.map(|(index, journey)| (format!("journeys[{index}]"), journey.name.as_str()));
    let names: Vec<_> =
        names.chain(steps(scenario).map(|(field, step)| (field, step.name.as_str()))).collect();
    for (field, name) in names {
        if name.ends_with(CANDIDATE_SUFFIX) {
            findings.error(
                format!("{field}.name"),
                format!("a name that ends in `{CANDIDATE_SUFFIX}` is what the candidate's side gets in an interleaved run"),
                "Give it another name.",
            );
        }
    }
}

fn check_blocks(interleave: &Interleave, scenario: &Scenario, findings: &mut Findings) {
    findings.at_most("interleave.block", interleave.block);
    if i64::try_from(interleave.seed).is_err() {
        findings.error("interleave.seed", "the seed does not fit the file", "Choose one below 2^63.");
    }
    if interleave.block < Interleave::MIN_BLOCK {
        findings.error(
            "interleave.block",
            "a block is shorter than a second, and results are kept by the second",
            "Choose one of a second or longer; 10s is the default.",
        );
    }
    if findings.0.iter().any(Problem::is_error) {
        return;
    }
    let plan = Plan::new(scenario, 1.0);
    let n_pairs = plan.block_pairs(plan.duration()).len();
    if n_pairs < Interleave::MIN_PAIRS {
        let words = match n_pairs {
            0 => "no pair of blocks fits",
            1 => "only one pair of blocks fits",
            2 => "only two pairs of blocks fit",
            3 => "only three pairs of blocks fit",
            _ => "only four pairs of blocks fit",
        };
        findings.warning(
            "interleave.block",
            format!(
                "{words} into the stages that hold their level, which is too few to tell the sides apart"
            ),
            "Hold the level longer or choose shorter blocks: five pairs are the least, ten are better.",
        );
    }
}

fn steps(scenario: &Scenario) -> impl Iterator<Item = (String, &Step)> {
    scenario.journeys.iter().enumerate().flat_map(|(journey, of)| {
        let steps = of.steps.iter().enumerate();
        steps.map(move |(index, step)| (format!("journeys[{journey}].steps[{index}]"), step))
    })
}
