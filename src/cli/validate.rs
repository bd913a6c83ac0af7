//! `validate`: all problems of a scenario, or what it would do.

use serde_json::{Value, json};

use crate::humanize;
use crate::model::{Plan, Problem, Scenario};

use super::{
    LibraryPlace,
    args::ValidateArgs,
    calibrate::{advice_json, advise},
    exit::{CliError, Exit},
    out::{print, print_json},
    scenario_file::{self, list_problems, refusal, severity_name},
};

/// Checks a scenario without sending anything.
pub fn validate(args: &ValidateArgs, place: LibraryPlace<'_>) -> Result<Exit, CliError> {
    let read = scenario_file::read(&args.scenario, &place.own_presets()?, &args.setup)?;
    if args.json {
        print_json(&json!({
            "valid": read.scenario.is_some(),
            "problems": read.problems.iter().map(problem_json).collect::<Vec<_>>(),
            "planned": read.scenario.as_ref().map(planned_json),
            "advice": read.scenario.as_ref().map(|scenario| advice_json(scenario, place)),
        }))?;
        return Ok(if read.scenario.is_some() { Exit::Pass } else { Exit::BadInput });
    }
    list_problems(&args.scenario, &read.problems);
    let scenario = read.scenario.ok_or_else(|| refusal(&args.scenario, &read.problems))?;
    print(&format!("valid: {}\n", planned_words(&scenario)))?;
    advise(&scenario, 1.0, place);
    Ok(Exit::Pass)
}

fn planned_words(scenario: &Scenario) -> String {
    let plan = Plan::new(scenario, 1.0);
    let mut words = format!(
        "{}, {} planned, peak {}",
        scenario.name,
        humanize::span(plan.duration()),
        humanize::level(plan.peak_level(), plan.is_open())
    );
    match (plan.n_planned_iterations(), plan.n_planned_requests()) {
        (Some(n_iterations), Some(n_requests)) => {
            let iterations = humanize::counted(n_iterations, "iteration");
            words += &format!(", {iterations} with {}", humanize::counted(n_requests, "request"));
        }
        _ => words += "; iterations depend on how fast the target answers (closed model)",
    }
    let transport = scenario.chosen_transport();
    words += &format!("\ntransport: {}, because {}", transport.kind.name(), transport.reason);
    words
}

fn planned_json(scenario: &Scenario) -> Value {
    let plan = Plan::new(scenario, 1.0);
    let transport = scenario.chosen_transport();
    json!({
        "scenario": scenario.name,
        "model": if plan.is_open() { "open" } else { "closed" },
        "duration_secs": plan.duration().as_secs_f64(),
        "peak": plan.peak_level(),
        "peak_unit": if plan.is_open() { "arrivals_per_sec" } else { "users" },
        "n_iterations": plan.n_planned_iterations(),
        "n_requests": plan.n_planned_requests(),
        "transport": transport.kind.name(),
        "transport_reason": transport.reason,
    })
}

fn problem_json(problem: &Problem) -> Value {
    json!({
        "severity": severity_name(problem.severity),
        "line": problem.line,
        "field": problem.field,
        "message": problem.message,
        "remedy": problem.remedy,
    })
}
